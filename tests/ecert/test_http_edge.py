"""The edge: limits, headers, problems, log, metrics, health, documentation, pages."""

import asyncio
import io
import json
import logging
import re
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from ecert.http import upkeep
from ecert.http.app import create_app
from ecert.http.limits import Limits
from ecert.http.observe import JsonLines, configure_logging
from ecert.storage.errors import StorageUnavailable
from tests.support.ecert_world import Client, World


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """The log as it is written, at its fullest."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [handler])
    before = root.level
    root.setLevel(logging.DEBUG)
    yield stream
    root.setLevel(before)


def records(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_body_over_the_limit_is_refused_by_its_length(still_world: World) -> None:
    headers = still_world.token("counter")
    answer = still_world.client.post("/v1/verifications/present", content=b"x" * 1_048_577, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "request_too_large")


def test_a_body_over_the_limit_is_refused_without_a_length(still_world: World) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 65_536

    headers = still_world.token("counter")
    answer = still_world.client.post("/v1/verifications/present", content=chunks(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "request_too_large")


def test_too_many_headers_are_refused(still_world: World) -> None:
    headers = {f"X-Number-{number}": "1" for number in range(80)}
    assert still_world.client.get("/healthz", headers=headers).status_code == 413


@pytest.mark.parametrize("path", ["/status/%00", "/v1/orders/a%00b", "/v1/orders?after=%00", "/v1/certificates/%00"])
def test_an_address_that_holds_a_nul_is_the_callers_mistake(still_world: World, path: str) -> None:
    """PostgreSQL refuses it in any text."""
    answer = still_world.client.get(path, headers=still_world.token("preparer", department="amr"))
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed_request")
    assert answer.json()["errors"][0]["field"] in ("path", "query")


def test_a_request_that_takes_too_long_is_ended(still_world: World) -> None:
    app = create_app(still_world.container, watch=False)

    @app.get("/slow")
    async def slow() -> None:
        await asyncio.Event().wait()

    for middleware in app.user_middleware:
        if isinstance(middleware.kwargs.get("limits"), Limits):
            middleware.kwargs["limits"] = Limits(1024, 64, 0.01)
    answer = Client(app).get("/slow")
    assert (answer.status_code, answer.json()["code"]) == (503, "request_too_slow")


def test_every_answer_has_the_security_headers(still_world: World) -> None:
    for path in ("/", "/nowhere", "/v1/tokens", "/openapi.json"):
        headers = still_world.client.get(path).headers
        assert "script-src 'self'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["cache-control"]


def test_no_page_has_an_inline_script_or_style(still_world: World) -> None:
    for path in ("/", "/wallet", "/counter", "/types", "/docs"):
        page = still_world.client.get(path).text
        assert re.findall(r"<script(?! type=\"module\" src=)|<style|\sstyle=|\son[a-z]+=", page) == []


def test_an_origin_that_may_embed_is_named_and_the_old_header_left_out() -> None:
    from ecert.http.headers import security_headers

    headers = dict(security_headers("https://city.example.org"))
    assert b"frame-ancestors https://city.example.org" in headers[b"content-security-policy"]
    assert b"x-frame-options" not in headers


def test_a_request_id_of_the_caller_is_kept(still_world: World) -> None:
    answer = still_world.client.get("/healthz", headers={"X-Request-Id": "abcdef012345"})
    assert answer.headers["x-request-id"] == "abcdef012345"


def test_what_is_no_request_id_is_replaced(still_world: World) -> None:
    answer = still_world.client.get("/healthz", headers={"X-Request-Id": "bad id!"})
    assert re.fullmatch(r"[0-9a-f]{24}", answer.headers["x-request-id"])


def test_an_unknown_address_is_a_problem(still_world: World) -> None:
    answer = still_world.client.get("/nowhere")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_a_wrong_method_is_a_problem(still_world: World) -> None:
    answer = still_world.client.request("PUT", "/v1/certificates")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


def broken_app(world: World) -> Client:
    app = create_app(world.container, watch=False)

    @app.get("/broken/{number}")
    async def broken(number: str) -> None:
        raise RuntimeError(f"no such person: {number}")

    return Client(app)


def test_an_unknown_error_shows_an_incident_and_nothing_inside(still_world: World, lines: io.StringIO) -> None:
    answer = broken_app(still_world).get("/broken/440799199003070112")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "440799" not in answer.text + lines.getvalue()
    assert answer.json()["incident"] in lines.getvalue()


def test_the_log_holds_route_templates_and_no_personal_data(world: World, lines: io.StringIO) -> None:
    header = world.token("holder", holder_id=world.enterprise())
    world.client.get("/v1/wallet/history?size=1&name=陈大文", headers=header)
    credential = world.container.wallet.holdings.certificates(world.enterprise())[0].newest.credential_id
    world.client.get(f"/v1/wallet/certificates/{credential}", headers=header)
    body = {"type_id": "business_licence", "fields": ["address"], "purpose": "秘密事由"}
    world.client.post("/v1/wallet/qr", json=body, headers=header)
    text = lines.getvalue()
    routes = [record["route"] for record in records(lines) if record["event"] == "request"]
    assert routes == ["/v1/wallet/history", "/v1/wallet/certificates/{credential_id}", "/v1/wallet/qr"]
    token = header["Authorization"].removeprefix("Bearer ")
    for secret in ("陈大文", "size=1", credential, token, "秘密事由", "91440799", "示例路"):
        assert secret not in text


def test_a_foreign_loggers_words_are_left_out(lines: io.StringIO) -> None:
    logging.getLogger("sqlalchemy.engine").warning("SELECT %s", "陈大文")
    assert records(lines)[0]["event"] == "foreign"
    assert "陈大文" not in lines.getvalue()


def test_logging_is_configured_as_json_lines(lines: io.StringIO) -> None:
    configure_logging()
    (handler,) = logging.getLogger().handlers
    assert isinstance(handler.formatter, JsonLines)


def test_metrics_count_by_route_template(still_world: World) -> None:
    still_world.client.get("/status/nothing")
    text = still_world.client.get("/metrics").text
    assert 'route="/status/{list_id}",status="404"' in text
    assert "ecert_status_list_age_seconds" in text


def test_a_method_nobody_knows_is_counted_as_other(still_world: World) -> None:
    still_world.client.request("BREW", "/healthz")
    assert 'method="OTHER"' in still_world.client.get("/metrics").text


def test_metrics_survive_a_database_that_does_not_answer(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> None:
        raise StorageUnavailable("gone")

    monkeypatch.setattr(type(world.container.storage.ledger), "status_lists", gone)
    assert "ecert_status_list_age_seconds NaN" in world.client.get("/metrics").text


def test_ready_says_the_age_of_the_status_lists(world: World) -> None:
    world.clock.forward(minutes=5)
    answer = world.client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "ready": True,
        "database": True,
        "status_list_age_seconds": 300,
        "publications_pending": 0,
        "publication_lag_seconds": 0,
    }


def test_stale_status_lists_are_not_ready(world: World) -> None:
    world.clock.forward(hours=25)
    assert world.client.get("/readyz").status_code == 503


def test_a_database_that_does_not_answer_is_not_ready(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ecert.http.health.is_alive", lambda _: False)
    answer = world.client.get("/readyz")
    assert (answer.status_code, answer.json()["database"]) == (503, False)


def test_alive_is_alive(still_world: World) -> None:
    assert still_world.client.get("/healthz").json() == {"status": "ok"}


def test_upkeep_publishes_stale_lists_and_renews_the_trust_list(world: World) -> None:
    world.clock.forward(hours=25)
    assert upkeep.once(world.container) == dict.fromkeys(upkeep.rounds(world.container), True)
    assert world.client.get("/readyz").status_code == 200
    assert world.container.trust.current().version == 2


def test_the_watchman_does_rounds_until_he_is_stopped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    rounds: list[int] = []
    monkeypatch.setattr(upkeep, "once", lambda *_: rounds.append(1))

    async def live() -> None:
        app = create_app(world.container)
        async with app.router.lifespan_context(app):
            while not rounds:
                await asyncio.sleep(0)

    asyncio.run(live())
    assert rounds


def test_an_application_without_a_watchman_starts_and_stops(still_world: World) -> None:
    async def live() -> None:
        app = create_app(still_world.container, watch=False)
        async with app.router.lifespan_context(app):
            pass

    asyncio.run(live())


def test_openapi_has_a_summary_in_two_languages_for_every_operation(still_world: World) -> None:
    paths = still_world.client.get("/openapi.json").json()["paths"]
    summaries = [operation["summary"] for operations in paths.values() for operation in operations.values()]
    assert [summary for summary in summaries if not re.search(r"[\u4e00-\u9fff].* / [A-Z]|JSON", summary)] == []


def test_openapi_has_an_example_for_every_body(still_world: World) -> None:
    paths = still_world.client.get("/openapi.json").json()["paths"]
    bodies = [op["requestBody"]["content"] for ops in paths.values() for op in ops.values() if "requestBody" in op]
    assert len(bodies) > 10
    assert all(any(content.get("examples") for content in body.values()) for body in bodies)


def test_the_docs_fetch_nothing_from_elsewhere(still_world: World) -> None:
    page = still_world.client.get("/docs").text
    assert "/v1/certificates/{identifier}/revoke" in page
    assert re.findall(r'(?:src|href)="(?:https?:)?//', page) == []


@pytest.mark.parametrize("path", ["/", "/wallet", "/counter", "/types"])
def test_a_page_is_chinese_with_english_beside_it(still_world: World, path: str) -> None:
    answer = still_world.client.get(path)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert '<html lang="zh-CN">' in answer.text
    assert 'lang="en"' in answer.text


def test_the_types_page_lists_all_forty(still_world: World) -> None:
    assert still_world.client.get("/types").text.count('class="panel" id="') == 40


def test_every_asset_that_a_page_names_is_there(still_world: World) -> None:
    found: set[str] = set()
    for path in ("/wallet", "/counter", "/types"):
        found |= set(re.findall(r'"(/assets/[^"]+)"', still_world.client.get(path).text))
    assert {still_world.client.get(path).status_code for path in found} == {200}


def test_an_asset_that_is_not_there_is_not_found(still_world: World) -> None:
    assert still_world.client.get("/assets/..%2f..%2fsettings.py").status_code == 404
    assert still_world.client.get("/assets/none.js").status_code == 404


def test_a_status_list_is_served_as_its_type_with_its_ttl(still_world: World) -> None:
    uri = still_world.container.storage.ledger.status_lists()[0].uri
    for _ in range(2):
        answer = still_world.client.get(httpx.URL(uri).path)
        assert answer.headers["content-type"] == "application/statuslist+jwt"
        assert answer.headers["cache-control"] == "public, max-age=3600"
        assert answer.headers["access-control-allow-origin"] == "*"


def test_an_issuers_keys_are_published_by_name(still_world: World) -> None:
    kid = still_world.container.trust.signer("amr").public_key.kid
    keys = still_world.client.get("/issuers/amr/jwks.json").json()["keys"]
    metadata = still_world.client.get("/.well-known/jwt-vc-issuer/issuers/amr").json()
    assert [key["kid"] for key in keys] == [kid]
    assert metadata == {"issuer": still_world.container.trust.issuer_uri("amr"), "jwks": {"keys": keys}}


def test_an_issuer_nobody_knows_has_no_keys(still_world: World) -> None:
    assert still_world.client.get("/issuers/nobody/jwks.json").status_code == 404


def test_the_types_are_listed_and_shown(still_world: World) -> None:
    assert len(still_world.client.get("/v1/types").json()["types"]) == 40
    fields = still_world.client.get("/v1/types/resident_id_card").json()["fields"]
    assert {"name": "photo", "sensitive": True}.items() <= next(f for f in fields if f["name"] == "photo").items()


@pytest.mark.parametrize(
    "path",
    [
        "/types/business_licence/1",
        "/types/business_licence/1/card.zh-CN.svg",
        "/types/business_licence/1/card.en.svg",
        "/schemas/business_licence/1",
        "/schemas/business_licence/1/claims",
        "/schemas/business_licence/1/presented",
        "/contexts/business_licence/1",
    ],
)
def test_what_signed_documents_name_is_there(still_world: World, path: str) -> None:
    answer = still_world.client.get(path)
    assert answer.status_code == 200
    if answer.headers["content-type"] == "application/schema+json":
        assert answer.json()["$id"] == f"http://127.0.0.1:8440{path}"


@pytest.mark.parametrize(
    "path",
    [
        "/types/business_licence/2",
        "/types/no_such_type/1",
        "/types/business_licence/1/card.fr.svg",
        "/schemas/business_licence/1/other",
        "/v1/types/no_such_type",
    ],
)
def test_a_revision_or_a_type_nobody_has_is_not_found(still_world: World, path: str) -> None:
    assert still_world.client.get(path).status_code == 404
