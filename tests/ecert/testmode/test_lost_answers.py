"""An answer that was verified is not lost when its keeping is interrupted."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest

from ecert.http import upkeep
from ecert.storage import SqlVerifications
from ecert.storage.errors import StorageBusy
from tests.ecert.testmode.test_http import ANSWER, ask, key, post
from tests.support.ecert_world import World
from tests.support.parties import OPERATOR, water


@pytest.mark.parametrize(("outcome", "status"), [("valid", "answered"), ("decline", "declined")])
def test_an_answer_that_could_not_be_kept_is_kept_later(
    world: World, monkeypatch: pytest.MonkeyPatch, outcome: str, status: str
) -> None:
    world.container.storage.parties.add(water(), by=OPERATOR, now=world.clock())
    header = key(world, "test")
    asked = ask(world, header)
    with monkeypatch.context() as patch:

        def busy(self: Any, verification_id: str, ended: Mapping[str, Any], *, now: datetime) -> bool:
            raise StorageBusy("database was locked for too long")

        patch.setattr(SqlVerifications, "end", busy)
        post(world, ANSWER, header, verification=asked["id"], outcome=outcome)
    world.clock.forward(minutes=7)
    for _ in range(2):
        assert all(upkeep.once(world.container).values())
    found = world.client.get(f"/v1/verifications/{asked['id']}", headers=header).json()
    assert found["status"] == status
    assert found["verdict"] == ("valid" if status == "answered" else None)
    state = world.container.storage.protocol.get("openid4vp", asked["id"], now=world.clock())
    assert state is not None
    assert not (state["result"] or {}).get("credentials")
