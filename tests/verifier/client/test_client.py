"""The client, sync and async alike: what it asks, how it reads answers, when it tries again."""

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.support.api_server import BATCH, CHECK, RESULT, SUMMARY, WATCH, FakeServer, answer, problem
from verifier.client import ApiProblem, AsyncClient, Client, NotReached, StillWaiting, calls, models

Drive = Callable[..., Any]


def synchronous(server: FakeServer, method: str, *args: Any, **kwargs: Any) -> Any:
    with server.client() as client:
        made = getattr(client, method)(*args, **kwargs)
        return list(made) if inspect.isgenerator(made) else made


def asynchronous(server: FakeServer, method: str, *args: Any, **kwargs: Any) -> Any:
    async def drive() -> Any:
        async with server.async_client() as client:
            made = getattr(client, method)(*args, **kwargs)
            return [each async for each in made] if inspect.isasyncgen(made) else await made

    return asyncio.run(drive())


@pytest.fixture(params=[synchronous, asynchronous], ids=["sync", "async"])
def drive(request: pytest.FixtureRequest) -> Drive:
    return request.param  # type: ignore[no-any-return]


def test_both_clients_have_the_same_methods() -> None:
    def names(kind: type) -> dict[str, list[str]]:
        found = inspect.getmembers(kind, inspect.isfunction)
        return {name: list(inspect.signature(each).parameters) for name, each in found if not name.startswith("_")}

    assert names(Client) == names(AsyncClient)


def test_a_verification_is_begun_with_a_key_of_its_own(drive: Drive) -> None:
    code = {"svg": "data:image/svg+xml;base64,QQ==", "png": "https://ecert.example/x"}
    server = FakeServer([answer(SUMMARY | {"link": "openid4vp://?x", "qr": code, "session": "s"}, 201)])
    made = drive(server, "create", "water.account-opening", reference="order-17", flow="same_device")
    assert (made.id, made.link, made.qr_svg, made.session) == ("8Yq0", "openid4vp://?x", code["svg"], "s")
    assert made.verification.reference == "order-17"
    assert made.digital_credential_requests == ()
    request = server.asked[0]
    assert (request.method, request.url.path) == ("POST", "/v1/verifications")
    assert request.headers["authorization"] == "Bearer test_k"
    assert len(request.headers["idempotency-key"]) >= 8
    assert server.body() == {"purpose": "water.account-opening", "reference": "order-17", "flow": "same_device"}


def test_a_result_is_read_with_its_reasons(drive: Drive) -> None:
    ended = SUMMARY | {"status": "answered", "verdict": "invalid", "ended_at": "2026-03-02T09:42:03Z"}
    server = FakeServer([answer(ended | {"result": RESULT, "has_receipt": True})])
    found = drive(server, "get", "8Yq0", session="s", response_code="c")
    assert found.has_ended
    assert not found.is_valid
    assert found.has_receipt
    assert found.result.reasons == (models.check(CHECK),)
    assert (found.result.reasons[0].text_zh, found.result.reasons[0].evidence["index"]) == ("已吊销", 7)
    assert server.asked[0].headers["verification-session"] == "s"
    assert server.asked[0].url.params["response_code"] == "c"


def test_what_was_disclosed_is_found_by_its_type(drive: Drive) -> None:
    shown = [{"id": "one", "type_id": "resident_id_card", "issuer": "i", "claims": {"name": "示例"}}]
    result = {"verdict": "valid", "verified_at": "…", "checks": [], "credentials": shown}
    server = FakeServer([answer(SUMMARY | {"status": "answered", "verdict": "valid", "result": result})])
    found = drive(server, "get", "8Yq0")
    assert found.is_valid
    assert found.claims("resident_id_card") == {"name": "示例"}
    assert "示例" not in repr(found)
    with pytest.raises(KeyError):
        found.claims("driving_licence")
    with pytest.raises(KeyError):
        models.verification(SUMMARY).claims("resident_id_card")


def test_a_list_goes_on_over_its_pages(drive: Drive) -> None:
    pages = [
        answer({"verifications": [SUMMARY, SUMMARY], "next_cursor": "AAE"}),
        answer({"verifications": [SUMMARY], "next_cursor": None}),
    ]
    server = FakeServer(list(pages))
    assert len(drive(server, "list", status="waiting")) == 3
    assert [dict(each.url.params) for each in server.asked] == [
        {"status": "waiting", "limit": "100"},
        {"status": "waiting", "limit": "100", "cursor": "AAE"},
    ]


def test_waiting_looks_less_and_less_often(drive: Drive) -> None:
    waits, ended = answer(SUMMARY), answer(SUMMARY | {"status": "declined"})
    server = FakeServer([waits, waits, waits, ended])
    assert drive(server, "wait", "8Yq0").status == "declined"
    assert server.pauses == [1.0, 1.5, 2.25]
    assert calls.next_poll(9.0) == calls.POLL_LONGEST


def test_waiting_ends(drive: Drive) -> None:
    server = FakeServer([answer(SUMMARY)])
    with pytest.raises(StillWaiting):
        drive(server, "wait", "8Yq0", seconds=4.0)
    assert server.monotonic() <= 4.0


def test_a_text_in_hand_goes_with_its_options(drive: Drive) -> None:
    server = FakeServer([answer({"verdict": "invalid", "id": "v", "result": RESULT})])
    found = drive(server, "present", "eyJ…", purpose="water.transfer", nonce="n", audience="a", types=["passport"])
    assert (found.verdict, found.id, found.result.verdict, found.frame) == ("invalid", "v", "invalid", None)
    assert server.body() == {
        "text": "eyJ…",
        "purpose": "water.transfer",
        "nonce": "n",
        "audience": "a",
        "types": ["passport"],
    }


def test_who_acts_for_the_holder_is_read(drive: Drive) -> None:
    said = {
        "agent_name": "示例二",
        "relation": "agent",
        "purposes": ["water.transfer"],
        "since": "2026-03-02T09:41:17Z",
        "until": "2026-04-02T09:41:17Z",
        "sentence_zh": "…",
        "later": 1,
    }
    server = FakeServer([answer({"verdict": "valid", "delegation": said}), answer({"verdict": "valid"})])
    found = drive(server, "present", "eyJ…").delegation
    assert (found.agent_name, found.relation, found.purposes) == ("示例二", "agent", ("water.transfer",))
    assert (found.until - found.since).days == 31
    assert (found.sentence_zh, found.sentence_en) == ("…", "")
    assert "示例二" not in repr(found)
    assert drive(server, "present", "eyJ…").delegation is None


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\x89PNG\r\n", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"%PDF-1.7", "application/pdf"),
        (b"?", "application/octet-stream"),
    ],
)
def test_pictures_and_pdf_go_as_they_are(drive: Drive, data: bytes, kind: str) -> None:
    server = FakeServer([answer({"frame": {"text": "ZK2/1:…", "number": 1, "count": 2}}, 202)])
    found = drive(server, "present", data)
    assert (found.verdict, found.result, found.frame["number"]) == (None, None, 1)
    assert (server.asked[0].headers["content-type"], server.asked[0].content) == (kind, data)


def test_a_receipt_is_a_text(drive: Drive) -> None:
    server = FakeServer([httpx.Response(200, content=b"eyJ.a.b")])
    assert drive(server, "receipt", "a/b") == "eyJ.a.b"
    assert server.asked[0].url.raw_path == b"/v1/verifications/a%2Fb/receipt"


def test_a_small_batch_goes_in_one_request(drive: Drive) -> None:
    server = FakeServer([answer(BATCH, 202)])
    made = drive(server, "create_batch", [{"id": "1", "verification": "v"}], reference="r")
    assert (made.id, made.has_ended) == ("b1", False)
    assert server.body() == {"reference": "r", "items": [{"id": "1", "verification": "v"}], "open": False}


def test_a_large_batch_goes_in_several_and_the_last_one_closes_it(drive: Drive) -> None:
    server = FakeServer([answer(BATCH, 202)])
    items = [{"id": str(number), "verification": "v"} for number in range(1_200)]
    drive(server, "create_batch", items)
    assert [each.url.path for each in server.asked] == ["/v1/batches", *["/v1/batches/b1/items"] * 2]
    assert [server.body(number)["open"] for number in range(3)] == [True, True, False]
    assert [server.body(number).get("offset") for number in range(3)] == [None, 500, 1_000]
    assert [each["id"] for number in range(3) for each in server.body(number)["items"]] == [
        str(n) for n in range(1_200)
    ]


def test_portions_are_cut_by_size_too() -> None:
    heavy = {"id": "1", "text": "x" * 400_000}
    assert [len(each) for each in calls.portions([heavy] * 3)] == [1, 1, 1]
    assert list(calls.portions([])) == [[]]


def test_a_batch_is_waited_for_and_its_outcomes_are_read(drive: Drive) -> None:
    server = FakeServer([answer(BATCH), answer(BATCH | {"state": "done", "ended_at": "2026-03-02T09:42:03Z"})])
    assert drive(server, "wait_batch", "b1").ended_at is not None
    item = {"id": "1", "verdict": "invalid", "checks": [CHECK]}
    server = FakeServer([answer({"results": [item], "next_cursor": None})])
    (found,) = drive(server, "batch_results", "b1")
    assert (found.id, found.verdict, found.checks[0].code) == ("1", "invalid", "revoked")
    server = FakeServer([answer(BATCH | {"state": "cancelled"})])
    assert drive(server, "cancel_batch", "b1").has_ended
    assert server.asked[0].url.path == "/v1/batches/b1/cancel"


def test_places_are_watched_and_let_go(drive: Drive) -> None:
    server = FakeServer([answer({"watches": [WATCH]}, 201)])
    (made,) = drive(server, "watch", (WATCH["list"], 7), reference="r", days=30)
    assert (made.index, made.value) == (7, 0)
    assert server.body() == {"places": [{"list": WATCH["list"], "index": 7}], "reference": "r", "days": 30}
    drive(server, "watch", verification="v")
    assert server.body() == {"verification": "v"}
    server = FakeServer([answer({"watches": [WATCH], "next_cursor": None})])
    assert drive(server, "watches") == [made]
    server = FakeServer([httpx.Response(204)])
    assert drive(server, "remove_watch", "w1") is None
    assert (server.asked[0].method, server.asked[0].url.path) == ("DELETE", "/v1/watches/w1")


def test_a_refusal_has_its_code(drive: Drive) -> None:
    server = FakeServer([problem(422, "over_asking")])
    with pytest.raises(ApiProblem) as caught:
        drive(server, "create", "water.account-opening")
    found = caught.value
    assert (found.status, found.problem, found.request_id, found.retry_after) == (422, "over_asking", "r1", None)
    assert found.errors == ({"field": "purpose"},)
    assert str(found) == "422 over_asking: the fact"
    assert len(server.asked) == 1


def test_too_many_and_busy_are_waited_for_as_the_server_says(drive: Drive) -> None:
    server = FakeServer([problem(429, "too_many_requests", retry_after="7"), problem(503, "busy"), answer(SUMMARY)])
    assert drive(server, "get", "8Yq0").id == "8Yq0"
    assert server.pauses == [7.0, 1.0]


def test_a_retried_creation_has_the_same_idempotency_key(drive: Drive) -> None:
    server = FakeServer([httpx.ReadTimeout("lost"), answer(SUMMARY, 201)])
    drive(server, "create", "water.account-opening")
    assert len({each.headers["idempotency-key"] for each in server.asked}) == 1
    assert len(server.asked) == 2


def test_a_server_that_asks_for_an_hour_is_told_to_the_caller(drive: Drive) -> None:
    server = FakeServer([problem(429, "too_many_requests", retry_after="3600")])
    with pytest.raises(ApiProblem) as caught:
        drive(server, "get", "8Yq0")
    assert (caught.value.retry_after, server.pauses) == (3600, [])


def test_nobody_there_is_tried_five_times(drive: Drive) -> None:
    server = FakeServer([httpx.ConnectError("down")])
    with pytest.raises(NotReached):
        drive(server, "get", "8Yq0")
    assert (len(server.asked), server.pauses) == (5, [0.5, 1.0, 2.0, 4.0])


def test_what_was_shown_is_not_shown_again_when_its_answer_is_lost(drive: Drive) -> None:
    server = FakeServer([httpx.ReadTimeout("lost")])
    with pytest.raises(NotReached):
        drive(server, "present", "eyJ…")
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "said",
    [
        lambda: httpx.Response(200, content=b"no JSON"),
        lambda: httpx.Response(200, json={"id": "8Yq0"}),
        lambda: httpx.Response(200, json=SUMMARY | {"created_at": "yesterday"}),
        lambda: httpx.Response(302, headers={"location": "https://other.example"}),
        lambda: httpx.Response(502, content=b"<html>"),
    ],
)
def test_an_answer_that_is_not_the_apis_is_no_answer(drive: Drive, said: Callable[[], httpx.Response]) -> None:
    with pytest.raises(NotReached):
        drive(FakeServer([said()]), "get", "8Yq0")
