"""Lists of issuers elsewhere: fetched once for all, believed by the trust list alone, refreshed, kept within bounds."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import wait
from datetime import timedelta

import pytest

from ecert.elsewhere import keeping
from ecert.elsewhere import lists as lists_module
from schemas.formats import status_cwt
from schemas.formats.status_list import StatusList
from schemas.formats.status_token import Times
from tests.support.desk import BASE, DAY, HOUR, LIST, MARKET_KEY, NOW, OTHER_LIST, STRANGER, seconds
from tests.support.elsewhere import Elsewhere
from verifier.evidence import UnreachedStatus, UntrustedStatus
from wallet_api.openid4vci.errors import AddressRefused, HttpFailed
from wallet_api.openid4vci.ports import HttpRequest, HttpResponse


def test_a_list_is_fetched_when_it_is_wanted_and_not_again(elsewhere: Elsewhere) -> None:
    elsewhere.sign()
    assert elsewhere.lists.known().documents == {}
    first = elsewhere.wanted()
    assert list(first.documents) == [LIST]
    assert elsewhere.wanted() == first
    assert len(elsewhere.server.asked) == 1


def test_the_request_says_which_list_and_nothing_of_who_asks(elsewhere: Elsewhere) -> None:
    elsewhere.sign()
    elsewhere.wanted()
    (request,) = elsewhere.server.asked
    assert (request.method, request.url, request.body) == ("GET", LIST, b"")
    assert set(request.headers) == {"Accept", "User-Agent"}
    assert request.headers["Accept"].startswith("application/statuslist+jwt, ")


def test_a_cwt_is_a_list_as_well(elsewhere: Elsewhere) -> None:
    statuses = StatusList.from_statuses({}, bits=2, size=1 << 16)
    times = Times(seconds(NOW), seconds(NOW + DAY), 3600)
    token = status_cwt.issue(statuses, MARKET_KEY, uri=LIST, times=times)
    elsewhere.server.serve(token, media="application/statuslist+cwt")
    assert elsewhere.wanted().documents == {LIST: token}


Flaw = Callable[[Elsewhere], None]


def _expired(world: Elsewhere) -> None:
    world.desk.status_exp = NOW
    world.sign()


def _of_a_withdrawn_key(world: Elsewhere) -> None:
    world.desk.withdraw(MARKET_KEY)
    world.sign()


def _not_base64(world: Elsewhere) -> None:
    world.server.serve(world.desk.status_list_token().rpartition(".")[0] + ".!!!!")


UNBELIEVED: dict[str, tuple[Flaw, str]] = {
    "another signer": (lambda world: world.sign(signer=STRANGER), "unknown_issuer_key"),
    "another sub": (lambda world: world.sign(uri=OTHER_LIST), "status_list_of_another_uri"),
    "a withdrawn key": (_of_a_withdrawn_key, "key_withdrawn"),
    "expired": (_expired, "status_list_expired"),
    "a signature that is not base64": (_not_base64, "malformed_token"),
    "no token": (lambda world: world.server.serve(b"\xff\xfe\x00"), "malformed_token"),
}


@pytest.mark.parametrize(("flaw", "reason"), UNBELIEVED.values(), ids=list(UNBELIEVED))
def test_a_list_with_a_flaw_is_not_believed(elsewhere: Elsewhere, flaw: Flaw, reason: str) -> None:
    flaw(elsewhere)
    known = elsewhere.wanted()
    assert (known.documents, known.failures) == ({}, {LIST: UntrustedStatus(LIST, reason)})


UNREACHED = {
    "no such list": (HttpResponse(404), "no_such_list"),
    "an error": (HttpResponse(500), "refused"),
    "a redirect": (HttpResponse(302, {"location": f"{BASE}/other"}), "refused"),
    "a page": (HttpResponse(200, {"content-type": "text/html"}, b"<html>"), "wrong_media_type"),
    "nobody, too late or too much": (HttpFailed("server took more than 5.0 s"), "unreachable"),
    "a private address": (AddressRefused("host has an address that is not public"), "address_refused"),
    "no host name": (UnicodeError("label too long"), "unreachable"),
}


@pytest.mark.parametrize(("answer", "reason"), UNREACHED.values(), ids=list(UNREACHED))
def test_a_list_that_cannot_be_had_is_named_with_the_reason(
    elsewhere: Elsewhere, answer: HttpResponse | Exception, reason: str
) -> None:
    elsewhere.server.answers[LIST] = answer
    assert elsewhere.wanted().failures == {LIST: UnreachedStatus(LIST, reason)}


@pytest.mark.parametrize(
    "uri",
    [
        f"{LIST}#me",
        "https://me@other.example/1",
        "https://me:word@other.example/1",
        "https:///1",
        "https://other.example:99999/1",
        "urn:status:1",
        "https://other.example/" + "1" * 2_048,
    ],
)
def test_an_address_that_could_carry_something_along_is_not_asked(elsewhere: Elsewhere, uri: str) -> None:
    assert elsewhere.wanted(uri).failures == {uri: UnreachedStatus(uri, "address_refused")}
    assert elsewhere.server.asked == []


def test_our_own_lists_are_not_fetched(elsewhere: Elsewhere) -> None:
    known = elsewhere.wanted("https://here.example/status/1")
    assert (known.failures, elsewhere.server.asked) == ({}, [])


# --- one fetch, pauses


def slow(world: Elsewhere) -> threading.Event:
    """Let the server answer only when the event is set."""
    go, send = threading.Event(), world.server.send

    async def waiting(request: HttpRequest) -> HttpResponse:
        await asyncio.to_thread(go.wait, 10)
        return await send(request)

    world.server.send = waiting  # type: ignore[method-assign]
    return go


def test_many_who_wait_are_served_by_one_fetch(elsewhere: Elsewhere) -> None:
    elsewhere.sign()
    go = slow(elsewhere)
    flights = [flight for _ in range(20) for flight in elsewhere.lists.ask([LIST, LIST])]
    go.set()
    wait(flights, timeout=10)
    assert len(set(flights)) == 1
    assert (len(elsewhere.server.asked), list(elsewhere.lists.known().documents)) == (1, [LIST])


def test_a_slow_server_holds_nobody_up_for_longer_than_is_allowed(
    elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists_module, "WAIT", 0.05)
    elsewhere.sign()
    go = slow(elsewhere)
    try:
        assert elsewhere.wanted().documents == {}
        asyncio.run(elsewhere.lists.wait_async([LIST]))
        assert elsewhere.lists.known().documents == {}
    finally:
        go.set()
    assert list(elsewhere.settled().documents) == [LIST]


def test_no_more_threads_stand_still_than_may(elsewhere: Elsewhere) -> None:
    elsewhere.sign()
    go = slow(elsewhere)
    for _ in range(4):
        elsewhere.lists._waiting.acquire()
    assert elsewhere.wanted().documents == {}, "it did not wait, though the server is slow"
    go.set()
    assert list(elsewhere.settled().documents) == [LIST]


def test_without_a_thread_it_waits_as_well(elsewhere: Elsewhere) -> None:
    elsewhere.sign()
    asyncio.run(elsewhere.lists.wait_async([LIST]))
    assert list(elsewhere.lists.known().documents) == [LIST]


def test_after_a_failure_nobody_asks_for_a_while(elsewhere: Elsewhere) -> None:
    elsewhere.wanted()
    elsewhere.forward(seconds=29)
    elsewhere.wanted()
    assert len(elsewhere.server.asked) == 1
    elsewhere.sign()
    elsewhere.forward(seconds=1)
    assert (list(elsewhere.wanted().documents), len(elsewhere.server.asked)) == ([LIST], 2)


def test_a_server_that_is_silent_is_asked_for_none_of_its_lists(elsewhere: Elsewhere) -> None:
    elsewhere.server.answers[LIST] = HttpFailed("server was not reached")
    elsewhere.wanted()
    known = elsewhere.wanted(OTHER_LIST, "https://third.example/1")
    assert known.failures[OTHER_LIST] == UnreachedStatus(OTHER_LIST, "unreachable")
    assert [each.url for each in elsewhere.server.asked] == [LIST, "https://third.example/1"]
    elsewhere.forward(seconds=30)
    elsewhere.wanted(OTHER_LIST)
    assert elsewhere.server.asked[-1].url == OTHER_LIST


def test_so_many_lists_are_fetched_at_once_and_no_more(elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists_module, "MAX_FLIGHTS", 2)
    go = slow(elsewhere)
    assert len(elsewhere.lists.ask([f"{BASE}/{number}" for number in range(5)])) == 2
    go.set()
    elsewhere.settled()


def test_failures_that_are_remembered_have_a_limit(elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists_module, "MAX_FAILURES", 2)
    for number in range(4):
        elsewhere.wanted(f"{BASE}/{number}")
    assert len(elsewhere.lists.known().failures) == 2


# --- age


def test_a_list_is_refreshed_in_the_background_before_it_is_too_old(elsewhere: Elsewhere) -> None:
    elsewhere.sign()
    before = elsewhere.wanted().documents[LIST]
    elsewhere.forward(minutes=44)
    assert (elsewhere.settled().documents[LIST], len(elsewhere.server.asked)) == (before, 1)
    elsewhere.forward(minutes=2)
    elsewhere.sign()
    assert elsewhere.lists.known().documents[LIST] == before
    assert elsewhere.settled().documents[LIST] != before


def test_a_list_past_its_ttl_is_wanted_anew(elsewhere: Elsewhere) -> None:
    elsewhere.sign()
    elsewhere.wanted()
    elsewhere.forward(hours=1)
    assert elsewhere.lists.known().documents == {}
    elsewhere.sign()
    assert (list(elsewhere.wanted().documents), len(elsewhere.server.asked)) == ([LIST], 2)


def test_what_nobody_has_wanted_for_a_day_is_left_alone(elsewhere: Elsewhere) -> None:
    for hours in (0, *(0.8 for _ in range(31))):
        elsewhere.forward(hours=hours)
        elsewhere.sign()
        if hours == 0:
            elsewhere.wanted()
        elsewhere.lists.known()
        elsewhere.settled()
    assert elsewhere.now > NOW + DAY
    asked = len(elsewhere.server.asked)
    elsewhere.forward(minutes=50)
    elsewhere.lists.known()
    elsewhere.settled()
    assert len(elsewhere.server.asked) == asked
    assert asked > 20


def test_a_list_that_cannot_be_refreshed_stays_until_its_end_and_not_longer(elsewhere: Elsewhere) -> None:
    elsewhere.desk.status_exp = NOW + 3 * HOUR
    elsewhere.sign()
    first = elsewhere.wanted().documents
    elsewhere.server.answers[LIST] = HttpFailed("server was not reached")
    elsewhere.forward(hours=2)
    assert elsewhere.lists.known().documents == {}, "it is over its ttl, so that it is asked for first"
    assert elsewhere.wanted() == lists_module.Known(first, {})
    elsewhere.forward(minutes=59, seconds=59)
    assert elsewhere.wanted().documents == first
    elsewhere.forward(seconds=31)
    assert elsewhere.wanted().failures == {LIST: UnreachedStatus(LIST, "unreachable")}


def test_a_list_that_is_older_than_the_one_before_is_not_taken(elsewhere: Elsewhere) -> None:
    """Who serves an old list, still in time, would take back a revocation."""
    elsewhere.sign()
    old = elsewhere.server.answers[LIST]
    elsewhere.forward(minutes=10)
    elsewhere.desk.statuses[4711] = 1
    elsewhere.sign()
    newer = elsewhere.wanted().documents
    elsewhere.server.answers[LIST] = old
    elsewhere.forward(hours=1)
    assert elsewhere.wanted().documents == newer


@pytest.mark.parametrize(
    ("ttl", "good_for"),
    [(None, HOUR), (1, timedelta(minutes=1)), (600, timedelta(minutes=10)), (86_400, HOUR)],
)
def test_a_ttl_is_followed_within_limits(elsewhere: Elsewhere, ttl: int | None, good_for: timedelta) -> None:
    statuses = StatusList.from_statuses({}, bits=2, size=1 << 16)
    times = Times(seconds(NOW), None, ttl)
    elsewhere.server.serve(
        status_cwt.issue(statuses, MARKET_KEY, uri=LIST, times=times), media="application/statuslist+cwt"
    )
    elsewhere.wanted()
    kept = elsewhere.lists._kept.get(LIST)
    assert kept is not None
    assert kept.fresh_until == NOW + good_for
    assert kept.ends_at == NOW + DAY


# --- bounds


def test_lists_that_are_kept_have_a_limit_of_number(elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MAX_LISTS", 2)
    for number in range(3):
        uri = f"{BASE}/{number}"
        elsewhere.server.serve(elsewhere.desk.status_list_token(uri=uri), uri)
        elsewhere.forward(seconds=1)
        known = elsewhere.wanted(uri)
    assert list(known.documents) == [f"{BASE}/1", f"{BASE}/2"], "the one that was wanted longest ago has gone"


def test_lists_that_are_kept_have_a_limit_of_bytes(elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MAX_KEPT", 1)
    for uri in (LIST, OTHER_LIST):
        elsewhere.server.serve(elsewhere.desk.status_list_token(uri=uri), uri)
        known = elsewhere.wanted(uri)
    assert list(known.documents) == [OTHER_LIST], "the newest one stays, whatever it weighs"


def test_an_error_that_nobody_expected_is_logged_and_stops_nothing(
    elsewhere: Elsewhere, caplog: pytest.LogCaptureFixture
) -> None:
    elsewhere.server.answers[LIST] = RuntimeError("nobody expected this")
    assert elsewhere.wanted() == lists_module.Known({}, {})
    assert [record.getMessage() for record in caplog.records] == ["internal_error"]
    elsewhere.sign()
    assert list(elsewhere.wanted().documents) == [LIST]


def test_when_it_is_closed_nothing_more_is_fetched(elsewhere: Elsewhere) -> None:
    elsewhere.lists.close()
    assert elsewhere.lists._pool._shutdown
