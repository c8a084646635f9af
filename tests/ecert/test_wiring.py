"""The composition root: opening, refusing, resuming, evidence, delivery."""

import asyncio
import time
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ecert.access import Actor, Role
from ecert.storage import migrate
from ecert.storage.engine import connect
from ecert.storage.errors import SchemaNotCurrent
from ecert.wiring import open_container
from issuer.records import PublishedList
from keys.passphrase import DevelopmentPassphraseWarning
from tests.support.ecert_world import ENVIRON, World, settings_of
from wallet_api.errors import CredentialRefused
from wallet_api.receiving import Receiving


def test_without_a_passphrase_it_warns(tmp_path: Path) -> None:
    with pytest.warns(DevelopmentPassphraseWarning), open_container(settings_of(tmp_path), environ={}):
        pass


def test_a_new_database_gets_its_schema(tmp_path: Path) -> None:
    with open_container(settings_of(tmp_path), environ=ENVIRON) as container:
        assert migrate.current(container.storage.database.engine) == migrate.head()


def test_a_database_of_another_revision_is_not_touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_container(settings_of(tmp_path), environ=ENVIRON):
        pass
    monkeypatch.setattr(migrate, "head", lambda: "later")
    with pytest.raises(SchemaNotCurrent), open_container(settings_of(tmp_path), environ=ENVIRON):
        pass


def test_the_home_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    home = tmp_path / "new"
    with open_container(settings_of(home), environ=ENVIRON):
        pass
    assert home.stat().st_mode & 0o777 == 0o700


def test_keys_can_stand_in_the_database(tmp_path: Path) -> None:
    """As with PostgreSQL, over SQLite: no key directory is made."""
    engine = connect(f"sqlite:///{tmp_path}/x.db")
    migrate.upgrade(engine)
    engine.dispose()

    class InDatabase(type(settings_of(tmp_path))):  # type: ignore[misc]
        keys_in_database = True

    settings = settings_of(tmp_path, DATABASE_URL=f"sqlite:///{tmp_path}/x.db")
    fields = {name: getattr(settings, name) for name in settings.__dataclass_fields__}
    with open_container(InDatabase(**fields), environ=ENVIRON) as container:
        kid = container.trust.signer("amr").public_key.kid
    with open_container(InDatabase(**fields), environ=ENVIRON) as container:
        assert container.trust.signer("amr").public_key.kid == kid
    assert not (tmp_path / "keys").exists()


def test_a_table_of_divisions_is_loaded(tmp_path: Path) -> None:
    table = tmp_path / "divisions.csv"
    table.write_text("code,name_zh,level,parent\n440000,广东省,province,\n440700,江门市,city,440000\n", "utf-8")
    with open_container(settings_of(tmp_path / "home", DIVISIONS=str(table)), environ=ENVIRON):
        pass


def test_what_no_wallet_has_is_delivered_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def offline(*_: object) -> None:
        raise CredentialRefused([])

    with monkeypatch.context() as patch:
        patch.setattr(Receiving, "deliver", offline)
        order = world.container.issuer.order_for(
            "business_licence", world.claims(business_scope="示例。"), world.container.wallet.holders
        )
        assert not world.container.issuer.issue(order).delivered
    assert world.container.resume().delivered == 2


def test_evidence_is_kept_for_a_moment_and_what_was_seen_for_seventy_seconds(world: World) -> None:
    source = world.container.evidence
    assert source.fresh() is None
    source.gather()
    evidence = source.fresh()
    assert evidence is not None
    source.remember("digest")
    assert evidence.seen == {"digest"}, "whoever holds the evidence already sees it"
    world.clock.forward(seconds=70)
    assert source.fresh() is evidence
    assert evidence.seen == set()
    source.invalidate()
    assert source.fresh() is None


def test_an_act_while_evidence_is_gathered_is_not_passed_over(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    source, published = world.container.evidence, world.container.packs.published

    def meanwhile() -> list[PublishedList]:
        before = published()
        source.invalidate()
        return before

    with monkeypatch.context() as patch:
        patch.setattr(world.container.packs, "published", meanwhile)
        source.gather()
    assert source.fresh() is None
    source.gather()
    assert source.fresh() is not None


class Slow(OrderedDict[str, datetime]):
    """A memory in which looking takes a while."""

    def values(self) -> Any:
        found = list(super().values())
        time.sleep(0.05)
        return found


def test_of_threads_at_once_none_forgets_what_is_not_old(world: World) -> None:
    source, now = world.container.evidence, world.clock()
    source.gather()
    source._seen = Slow(old=now, young=now + timedelta(seconds=60))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: source.fresh(), range(4)))
    assert list(source._seen) == ["young"]


def test_publishing_when_nothing_is_due_leaves_the_evidence(world: World) -> None:
    world.container.evidence.gather()
    assert world.container.publish_due() == []
    assert world.container.evidence.fresh() is not None


def test_a_pack_version_never_falls(world: World) -> None:
    first = world.container.packs.build().version
    assert world.container.packs.build().version == first + 1
    world.clock.forward(days=-1)
    assert world.container.packs.build().version == first + 2


def test_the_middleware_lets_other_protocols_through(world: World) -> None:
    from ecert.http.auth import Authenticate
    from ecert.http.limits import LimitRequests, Limits
    from ecert.http.metrics import Metrics
    from ecert.http.observe import Observe
    from ecert.problems import Problems

    passed: list[str] = []

    async def app(scope: dict[str, str], receive: object, send: object) -> None:
        del receive, send
        passed.append(scope["type"])

    stack = Observe(
        Problems(LimitRequests(Authenticate(app, find=lambda _: None), limits=Limits(1, 1, 1))), metrics=Metrics()
    )
    asyncio.run(stack({"type": "lifespan"}, None, None))
    assert passed == ["lifespan"]


def test_a_token_is_believed_for_ten_seconds_and_the_memory_is_bounded(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ecert.http.auth import Authenticate

    monkeypatch.setattr("ecert.http.auth._MAX_KNOWN", 1)
    asked: list[str] = []
    now = 0.0

    def find(token: str) -> Actor | None:
        asked.append(token)
        return Actor(token, Role.COUNTER)

    async def app(scope: object, receive: object, send: object) -> None:
        del scope, receive, send

    middleware = Authenticate(app, find=find, clock=lambda: now)

    def ask(token: str) -> None:
        scope = {"type": "http", "headers": [(b"authorization", b"Bearer " + token.encode())]}
        asyncio.run(middleware(scope, None, None))

    ask("a")
    ask("a")
    ask("b")
    assert (asked, list(middleware.known)) == (["a", "b"], ["b"])
    now = 10.0
    ask("b")
    assert asked == ["a", "b", "b"]
