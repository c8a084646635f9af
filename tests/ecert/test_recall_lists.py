"""Recall lists as they are signed and served."""

from datetime import timedelta

import pytest

from ecert.recall_lists import TTL, SignedRecalls
from ecert.storage.delegations import RecallListRow
from keys.signer import SoftwareSigner
from schemas.formats import status_token
from tests.support.ecert_world import StillClock, World

URI = "https://ecert.example/wallet/status/1"
SIGNER = SoftwareSigner.generate()


class Rows:
    """What the database says; ``asked`` counts."""

    def __init__(self) -> None:
        self.recalled: frozenset[int] = frozenset()
        self.asked = 0

    def recall_lists(self) -> list[RecallListRow]:
        self.asked += 1
        return [RecallListRow(URI, 64, self.recalled)]


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def rows() -> Rows:
    return Rows()


@pytest.fixture
def recalls(rows: Rows, clock: StillClock) -> SignedRecalls:
    return SignedRecalls(rows, SIGNER, clock=clock, monotonic=lambda: clock.now.timestamp())  # type: ignore[arg-type]


def values(token: str) -> list[int]:
    statuses = status_token.parse(token).verified_by(SIGNER.public_key).statuses
    return [index for index in range(64) if statuses[index]]


def test_a_token_says_what_was_recalled(recalls: SignedRecalls, rows: Rows, clock: StillClock) -> None:
    rows.recalled = frozenset({4, 63})
    token = recalls.tokens()[URI]
    read = status_token.parse(token).verified_by(SIGNER.public_key)
    assert (read.uri, values(token)) == (URI, [4, 63])
    assert read.times.iat == int(clock.now.timestamp())
    assert read.times.exp == read.times.iat + 86_400
    assert read.times.ttl == TTL.total_seconds()


def test_the_database_is_asked_at_most_every_two_seconds(recalls: SignedRecalls, rows: Rows, clock: StillClock) -> None:
    first = recalls.tokens()
    clock.forward(seconds=1.9)
    assert recalls.tokens() == first
    assert rows.asked == 1
    clock.forward(seconds=0.2)
    assert recalls.tokens() == first  # it says the same, and is young
    assert rows.asked == 2


def test_a_recall_of_this_process_is_seen_at_once(recalls: SignedRecalls, rows: Rows) -> None:
    recalls.tokens()
    rows.recalled = frozenset({7})
    assert values(recalls.tokens()[URI]) == []
    recalls.invalidate()
    assert values(recalls.tokens()[URI]) == [7]


def test_a_recall_while_the_database_is_asked_is_not_passed_over(recalls: SignedRecalls, rows: Rows) -> None:
    def recalled_meanwhile() -> list[RecallListRow]:
        del rows.recall_lists  # type: ignore[method-assign]
        before = rows.recall_lists()
        rows.recalled = frozenset({7})
        recalls.invalidate()
        return before

    rows.recall_lists = recalled_meanwhile  # type: ignore[method-assign]
    assert values(recalls.tokens()[URI]) == []
    assert values(recalls.tokens()[URI]) == [7]


def test_a_list_is_signed_anew_before_half_its_ttl_is_over(recalls: SignedRecalls, clock: StillClock) -> None:
    first = recalls.lists()[URI]
    clock.forward(seconds=TTL.total_seconds() / 2 - 2)
    assert recalls.lists()[URI] == first
    clock.forward(seconds=2)
    again = recalls.lists()[URI]
    assert again.issued_at - first.issued_at == TTL / 2
    assert again.expires_at - again.issued_at == timedelta(hours=24)


class TestServed:
    """Over HTTP, for everybody."""

    def test_a_list_that_is_not_there(self, world: World) -> None:
        for name in ("1", "x", "9" * 40):
            answer = world.client.get(f"/wallet/status/{name}")
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")

    def test_one_that_is(self, world: World) -> None:
        place = world.container.storage.delegations.take_place()
        answer = world.client.get("/wallet/status/1")
        assert answer.headers["content-type"] == "application/statuslist+jwt"
        assert answer.headers["cache-control"] == "public, max-age=3600"
        anchor = world.container.installation.anchor.keys[0]
        read = status_token.parse(answer.text).verified_by(anchor)
        assert (read.uri, read.statuses[place.index]) == (place.uri, 0)
        again = world.client.get("/wallet/status/1", headers={"if-none-match": answer.headers["etag"]})
        assert again.status_code == 304
        assert world.client.request("HEAD", "/wallet/status/1").content == b""

    def test_in_no_other_form(self, world: World) -> None:
        world.container.storage.delegations.take_place()
        answer = world.client.get("/wallet/status/1", headers={"accept": "application/statuslist+cwt"})
        assert (answer.status_code, answer.json()["code"]) == (406, "not_acceptable")
