"""The watchman's rounds take away what has expired."""

from datetime import timedelta
from typing import Any

from sqlalchemy import text

from ecert.http import upkeep
from ecert.orders import order_parts
from issuer.orders.desk import Wish
from keys.errors import KeysError
from schemas.audit import Doer
from tests.support.ecert_world import World


def counted(world: World, table: str) -> int:
    with world.container.storage.database.read() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())  # noqa: S608 - a test's own


def test_a_department_whose_key_is_gone_holds_up_no_other_ones_lists(world: World, monkeypatch: Any) -> None:
    container = world.container
    container.publish_due()
    first, *others = container.storage.ledger.status_lists()
    signer = container.trust.signer

    def broken(department: str) -> Any:
        if department == first.department:
            raise KeysError("key cannot be used")
        return signer(department)

    monkeypatch.setattr(container.trust, "signer", broken)
    world.clock.forward(hours=2)
    assert upkeep.once(container)["publish"] is False
    ages = {row.department: container.storage.ledger.published(row.uri).issued_at for row in [first, *others]}
    assert {department for department, at in ages.items() if at < world.clock()} == {first.department}
    assert {each.department for each in others} - {first.department}


def test_a_round_removes_expired_protocol_state_and_rate_windows(world: World) -> None:
    storage, now = world.container.storage, world.clock()
    storage.protocol.put("code", "k", {}, expires_at=now + timedelta(seconds=45))
    storage.protocol.put("access_token", "k", {}, expires_at=now + timedelta(hours=1))
    storage.rate_limits.hit("token", "192.0.2.1", now=now)
    assert all(upkeep.once(world.container).values())
    assert (counted(world, "protocol_state"), counted(world, "rate_windows")) == (2, 1)
    world.clock.forward(seconds=120)
    assert all(upkeep.once(world.container).values())
    assert (counted(world, "protocol_state"), counted(world, "rate_windows")) == (1, 0)


def test_a_round_forgets_the_claims_of_orders_that_ended(world: World) -> None:
    desk, by = order_parts(world.container).desk, Doer("officer-1", "preparer")
    order = desk.hand_in(Wish("business_licence", world.claims("business_licence")), by=by).order
    desk.withdraw(order.order_id, by=by, reason="")
    world.clock.forward(days=90)
    assert all(upkeep.once(world.container).values())
    assert desk.order(order.order_id).claims
    world.clock.forward(seconds=1)
    assert all(upkeep.once(world.container).values())
    assert desk.order(order.order_id).claims == {}
