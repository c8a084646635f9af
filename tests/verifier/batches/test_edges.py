"""What changes between a batch or watch and its work: a purpose taken away, a batch cancelled, a list that changed."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from schemas.formats.status_list import StatusList
from tests.support.delegations import Showing
from tests.support.desk import LIST, Desk
from verifier.api.model import Owner
from verifier.batches.judging import Judging
from verifier.batches.model import Batch, Item
from verifier.batches.service import Batches, Parts
from verifier.errors import PartySuspended, PurposeNotAllowed, UnknownParty
from verifier.evidence import Evidence, StatusEvidence, UntrustedStatus
from verifier.parties.model import Access, Environment
from verifier.watches.model import Edition, NothingToWatch
from verifier.watches.service import Parts as WatchParts
from verifier.watches.service import Wanted, Watches

NOW = datetime(2026, 3, 2, 2, 30, tzinfo=UTC)
ACCESS = Access("water", Environment.LIVE)


class Nothing:
    """Every port of records, with nothing in it."""

    def __init__(self, indexes: list[int] | None = None) -> None:
        self.indexes = indexes or []
        self.editions: list[Edition] = []

    def purpose(self, access: Access, purpose_id: str) -> Any:
        raise PurposeNotAllowed("taken away")

    def find(self, owner: Owner, verification_id: str) -> Any:
        return None

    def waiting(self, batch_id: str, numbers: range) -> Any:
        return None

    def lists(self, environment: Environment) -> list[str]:
        return [LIST] if environment is Environment.LIVE else []

    def due(self, environment: Environment, uri: str, issued_at: datetime, *, limit: int) -> list[int]:
        return self.indexes

    def looked(self, environment: Environment, edition: Edition, *, now: datetime) -> int:
        self.editions.append(edition)
        return len(edition.values)


def evidence(found: StatusEvidence | UntrustedStatus | None = None) -> Evidence:
    made = Desk().evidence()
    lists = {} if found is None else {LIST: found}
    return Evidence(trust=made.trust, types=made.types, status_lists=lists)


def listed(statuses: Any) -> StatusEvidence:
    return StatusEvidence(LIST, frozenset({"i"}), NOW, None, statuses)


def watches(records: Nothing, known: Evidence) -> Watches:
    return Watches(WatchParts(records, records, lambda *_: known, lambda: NOW, lambda: "w1"))  # type: ignore[arg-type]


def batched(shown: str, purpose_id: str | None = None) -> dict[str, str]:
    """The verdict on one item, and the code of each of its checks."""
    nothing = Nothing()
    judging = Judging(nothing, nothing, lambda *_: Desk().evidence())
    batch = Batch("b1", Owner("water", Environment.LIVE), NOW, purpose_id=purpose_id)
    (found,) = judging.judge(batch, [Item("1", text=shown)], now=NOW)
    return {"verdict": found.verdict} | {each["check"]: each["code"] for each in found.checks}


def test_what_an_agent_showed_is_judged_by_its_delegation_too() -> None:
    long_ago = NOW - timedelta(minutes=20)
    assert batched(Showing(at=long_ago).shown())["verdict"] == "valid"
    over = batched(Showing(at=long_ago, until=NOW).shown())
    assert (over["verdict"], over["delegation"]) == ("invalid", "delegation_over")


def test_a_batchs_purpose_is_one_of_the_delegations_even_when_it_was_taken_away() -> None:
    named = Showing(purposes=("water.transfer",)).shown()
    assert batched(named, "water.transfer")["delegation"] == "delegation_valid"
    assert batched(Showing().shown(), "water.transfer")["delegation"] == "delegation_other_purpose"


@pytest.mark.parametrize("refused", [PurposeNotAllowed, PartySuspended, UnknownParty])
def test_what_cannot_be_compared_with_its_purpose_any_more_is_not_valid(
    refused: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def purpose(*_: object) -> Any:
        raise refused("taken away")

    monkeypatch.setattr(Nothing, "purpose", purpose)
    shown = Desk().certificate().present()
    assert batched(shown)["verdict"] == "valid"
    found = batched(shown, "water.transfer")
    assert (found["verdict"], found["request_match"]) == ("indeterminate", "purpose_not_allowed")
    assert batched("no presentation", "water.transfer")["verdict"] == "invalid"


def test_a_slice_of_a_batch_that_does_not_run_is_no_work() -> None:
    nothing = Nothing()
    judging = Judging(nothing, nothing, lambda *_: evidence())
    parts = Parts(nothing, nothing, judging, lambda: NOW, lambda: "b1")  # type: ignore[arg-type]
    Batches(parts).run("b1/0")


def test_no_place_is_nothing_to_watch() -> None:
    with pytest.raises(NothingToWatch, match="no place"):
        watches(Nothing(), evidence()).create(ACCESS, Wanted(()))


SMALL = StatusList.from_statuses({}, bits=2, size=16)


@pytest.mark.parametrize("found", [None, UntrustedStatus(LIST, "unknown_issuer_key"), listed(object())])
def test_a_list_that_is_not_known_or_not_of_that_kind_has_no_place_to_watch(found: Any) -> None:
    with pytest.raises(NothingToWatch, match="no status list"):
        watches(Nothing(), evidence(found)).create(ACCESS, Wanted(((LIST, 1),)))


def test_a_place_beyond_the_list_is_none() -> None:
    with pytest.raises(NothingToWatch):
        watches(Nothing(), evidence(listed(SMALL))).create(ACCESS, Wanted(((LIST, 4_711),), good_for=timedelta(days=1)))


@pytest.mark.parametrize("found", [None, UntrustedStatus(LIST, "unknown_issuer_key")])
def test_a_list_that_is_gone_says_nothing_of_what_is_watched(found: Any) -> None:
    records = Nothing([1])
    assert watches(records, evidence(found)).look() == 0
    assert records.editions == []


def test_what_a_shorter_list_does_not_say_is_not_guessed() -> None:
    records = Nothing([1, 4_711])
    assert watches(records, evidence(listed(SMALL))).look() == 1
    assert records.editions == [Edition(LIST, NOW, [(1, 0)])]


class Fetching:
    """Evidence without lists; the one of the desk is there once it is wanted."""

    def __init__(self) -> None:
        self.wanted: list[list[str]] = []

    def __call__(self, environment: Environment, wanted: Sequence[str] = ()) -> Evidence:
        self.wanted.append(list(wanted))
        return Desk().evidence() if wanted else evidence()


class Remembered(Nothing):
    """One verification, whose certificate was verified and named the desk's list."""

    def find(self, owner: Owner, verification_id: str) -> Any:
        places = [{"list": LIST, "index": 1}]
        return SimpleNamespace(result={"checks": [], "status_places": places, "valid_until": None}, purpose_id="")


def judged(item: Item) -> tuple[str, Fetching]:
    fetching = Fetching()
    batch = Batch("b1", Owner("water", Environment.LIVE), NOW)
    (found,) = Judging(Nothing(), Remembered(), fetching).judge(batch, [item], now=NOW)
    return found.verdict, fetching


@pytest.mark.parametrize(
    "item", [Item("1", text=Desk().certificate().present(), nonce="q7Zk"), Item("1", verification_id="v1")]
)
def test_a_list_that_a_verified_certificate_names_is_fetched_for_a_batch(item: Item) -> None:
    verdict, fetching = judged(item)
    assert (verdict, fetching.wanted) == ("valid", [[], [LIST]])


def test_a_list_that_is_only_named_in_a_batch_is_not_fetched() -> None:
    verdict, fetching = judged(Item("1", uri=LIST, index=1))
    assert (verdict, fetching.wanted) == ("indeterminate", [[]])


def test_a_list_that_a_verification_names_is_fetched_for_a_watch() -> None:
    fetching, records = Fetching(), Remembered()
    records.add = lambda made, now: made  # type: ignore[attr-defined]
    parts = WatchParts(records, records, fetching, lambda: NOW, lambda: "w1")  # type: ignore[arg-type]
    access = Access("water", Environment.LIVE, frozenset({""}))
    (watch,) = Watches(parts).create(access, Wanted(verification_id="v1"))
    assert (watch.value, fetching.wanted) == (0, [[], [LIST]])
    with pytest.raises(NothingToWatch):
        Watches(parts).create(access, Wanted(((LIST, 1),)))


def test_a_watched_list_is_fetched_when_it_is_looked_at() -> None:
    fetching, records = Fetching(), Nothing([1, 1 << 20])
    assert Watches(WatchParts(records, records, fetching, lambda: NOW, lambda: "w1")).look() == 1  # type: ignore[arg-type]
    assert fetching.wanted == [[], [LIST]]
