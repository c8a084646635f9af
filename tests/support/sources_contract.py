"""What every store of sources must do, as tests: the fake in memory and the SQL adapter run the same ones."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from schemas.order import CredentialId, HolderId, Identifier
from wallet_api.openid4vci.ports import Sources
from wallet_api.openid4vci.sources import Access, Asked, Source, SourceState

NOW = datetime(2026, 3, 2, 1, 23, 45, 678_901, tzinfo=UTC)
LATER = NOW + timedelta(minutes=10)


def a_source(holder_id: HolderId, name: str = "one", *, due: timedelta = timedelta(), **changes: object) -> Source:
    """Return a plausible source."""
    asked = Asked(holder_id, "https://i.example", "https://as.example", "card", "order-1", "kid")
    access = Access("token", True, "client", LATER, "refresh", {"card": ("order-1", "order-2")})
    made = Source(f"source-{name}", asked, SourceState.KEPT, access, NOW + due, NOW)
    return replace(made, **changes)  # type: ignore[arg-type]


class SourcesContract:
    """Needs the fixtures ``sources`` (an empty store), ``holder_id`` and ``other_id`` (holders that it knows)."""

    def test_what_was_put_comes_back_equal(self, sources: Sources, holder_id: HolderId) -> None:
        whole = {
            "credential_id": CredentialId("c"),
            "certificate": Identifier("1.2.3"),
            "transaction_id": "t",
            "reason": "r",
        }
        for source in (a_source(holder_id), a_source(holder_id, "two", **whole)):
            sources.put(source)
            assert sources.source(holder_id, source.source_id) == source

    def test_a_source_takes_the_place_of_the_one_with_its_id(self, sources: Sources, holder_id: HolderId) -> None:
        sources.put(a_source(holder_id))
        changed = a_source(holder_id, state=SourceState.OVER, reason="r")
        sources.put(changed)
        assert list(sources.of_holder(holder_id)) == [changed]

    def test_a_source_is_its_holders(self, sources: Sources, holder_id: HolderId, other_id: HolderId) -> None:
        sources.put(a_source(holder_id))
        assert sources.source(other_id, "source-one") is None
        assert list(sources.of_holder(other_id)) == []

    def test_the_last_changed_comes_first(self, sources: Sources, holder_id: HolderId) -> None:
        for number in (2, 3, 1):
            sources.put(a_source(holder_id, str(number), changed_at=NOW + timedelta(seconds=number)))
        assert [each.source_id for each in sources.of_holder(holder_id)] == ["source-3", "source-2", "source-1"]

    def test_the_longest_due_are_claimed_first(self, sources: Sources, holder_id: HolderId) -> None:
        for number in (1, 3, 2):
            sources.put(a_source(holder_id, str(number), due=-timedelta(hours=number)))
        claimed = sources.claim(now=NOW, until=LATER, limit=2)
        assert [each.source_id for each in claimed] == ["source-3", "source-2"]

    def test_what_is_claimed_is_due_again_later(self, sources: Sources, holder_id: HolderId) -> None:
        sources.put(a_source(holder_id))
        assert len(sources.claim(now=NOW, until=LATER, limit=9)) == 1
        assert list(sources.claim(now=NOW, until=LATER, limit=9)) == []
        assert len(sources.claim(now=LATER, until=LATER + timedelta(minutes=1), limit=9)) == 1

    def test_what_is_not_due_or_over_is_not_claimed(self, sources: Sources, holder_id: HolderId) -> None:
        sources.put(a_source(holder_id, "later", due=timedelta(microseconds=1)))
        sources.put(a_source(holder_id, "over", state=SourceState.OVER))
        assert list(sources.claim(now=NOW, until=LATER, limit=9)) == []
        for name in ("source-later", "source-over", "source-none"):
            assert sources.claim_one(name, now=NOW, until=LATER) is None

    def test_one_source_is_claimed_once(self, sources: Sources, holder_id: HolderId) -> None:
        sources.put(a_source(holder_id))
        mine = sources.claim_one("source-one", now=NOW, until=LATER)
        assert mine is not None
        assert mine.asked.holder_id == holder_id
        assert sources.claim_one("source-one", now=NOW, until=LATER) is None
        again = sources.claim_one("source-one", now=LATER, until=LATER + timedelta(minutes=1))
        assert again is not None

    def test_what_is_kept_is_hastened_and_nothing_else(self, sources: Sources, holder_id: HolderId) -> None:
        hour = timedelta(hours=1)
        kept = a_source(holder_id, "kept", due=hour)
        over, due = a_source(holder_id, "over", due=hour, state=SourceState.OVER), a_source(holder_id, "due", due=-hour)
        for each in (kept, over, due):
            sources.put(each)
        for name in ("source-kept", "source-over", "source-due", "source-none"):
            sources.hasten(name, now=NOW)
        found = {each.source_id: each for each in sources.of_holder(holder_id)}
        assert found == {"source-kept": replace(kept, due_at=NOW), "source-over": over, "source-due": due}

    @pytest.mark.parametrize("state", list(SourceState))
    def test_every_state_is_kept(self, sources: Sources, holder_id: HolderId, state: SourceState) -> None:
        sources.put(a_source(holder_id, state=state))
        found = sources.source(holder_id, "source-one")
        assert found is not None
        assert found.state is state
