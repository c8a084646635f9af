"""Status lists over HTTP: forms, caching, history, aggregation; who fetched is nobody's business, that it was is."""

import gzip
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import httpx
import pytest

from ecert.http import statuses, upkeep
from ecert.sightings import Sightings
from issuer.lifecycle import Decision
from issuer.records import ActKind, PublishedList
from issuer.status import StatusPublisher
from keys import strict_json
from keys.public import PublicKey
from schemas.formats import data_integrity, status_cwt, status_token, vc_jwt
from schemas.formats.bitstring_credential import read_list
from schemas.formats.status_answer import entries_for, value_of
from schemas.order import IssuedCredential
from tests.support.ecert_world import World

JWT, CWT = "application/statuslist+jwt", "application/statuslist+cwt"
DECISION = Decision("吊销", officer="O-17", case_number="示例-2026-0042")


def credential(world: World) -> IssuedCredential:
    return world.container.storage.ledger.certificate(world.licence()).credentials[0]


def revoke(world: World) -> None:
    world.container.life.act(ActKind.REVOKE, world.licence(), DECISION)


def key(world: World) -> PublicKey:
    return world.container.trust.signer("amr").public_key


def get(world: World, path: str = "", *, method: str = "GET", **headers: str) -> httpx.Response:
    """Ask for the licence's status list; header names with ``_`` for ``-``."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return world.client.request(method, httpx.URL(credential(world).status.uri).path + path, headers=named)


def test_a_list_is_a_jwt_unless_something_else_is_asked_for(still_world: World) -> None:
    answer = get(still_world)
    assert (answer.status_code, answer.headers["content-type"]) == (200, JWT)
    token = status_token.parse(answer.text).verified_by(key(still_world))
    assert token.uri == credential(still_world).status.uri


def test_a_list_is_a_cwt_when_it_is_asked_for(still_world: World) -> None:
    answer = get(still_world, accept=CWT)
    assert (answer.status_code, answer.headers["content-type"]) == (200, CWT)
    in_jwt = status_token.parse(get(still_world).text).verified_by(key(still_world))
    assert status_cwt.parse(answer.content).verified_by(key(still_world)) == in_jwt


def test_another_form_is_not_acceptable(still_world: World) -> None:
    answer = get(still_world, accept="text/html")
    assert (answer.status_code, answer.json()["code"]) == (406, "not_acceptable")


def test_an_answer_may_be_kept_by_anybody_for_its_ttl(still_world: World) -> None:
    headers = get(still_world).headers
    assert headers["cache-control"] == "public, max-age=3600"
    assert headers["access-control-allow-origin"] == "*"
    assert headers["last-modified"] == "Mon, 02 Mar 2026 09:41:17 GMT"
    assert headers["vary"] == "accept, accept-encoding"


def test_an_answer_is_not_kept_past_its_expiry(world: World) -> None:
    world.clock.forward(hours=23, minutes=50)
    assert get(world).headers["cache-control"] == "public, max-age=600"
    world.clock.forward(hours=1)
    assert get(world).headers["cache-control"] == "public, max-age=0"


@pytest.mark.parametrize("form", [JWT, CWT])
def test_a_client_that_has_the_list_is_told_so(still_world: World, form: str) -> None:
    first = get(still_world, accept=form)
    again = get(still_world, accept=form, if_none_match=first.headers["etag"])
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert "cache-control" in again.headers


def test_a_client_that_has_it_by_date_is_told_so(still_world: World) -> None:
    again = get(still_world, if_modified_since=get(still_world).headers["last-modified"])
    assert again.status_code == 304


def test_each_form_has_an_etag_of_its_own(still_world: World) -> None:
    tags = {get(still_world, accept=form, accept_encoding="identity").headers["etag"] for form in (JWT, CWT)}
    tags.add(get(still_world, accept_encoding="gzip").headers["etag"])
    assert len(tags) == 3


def test_a_new_edition_has_a_new_etag(world: World) -> None:
    first = get(world).headers["etag"]
    world.clock.forward(minutes=5)
    revoke(world)
    statuses_known_no_more(world)
    assert get(world, if_none_match=first).status_code == 200


def statuses_known_no_more(world: World) -> None:
    """Forget what was asked a moment ago: another application over the same installation has asked nothing yet."""
    from ecert.http.app import create_app
    from tests.support.ecert_world import Client

    world.client = Client(create_app(world.container, watch=False))


def test_a_token_is_zipped_for_those_who_ask(still_world: World) -> None:
    plain, zipped = get(still_world, accept_encoding="identity"), get(still_world, accept_encoding="gzip")
    assert zipped.headers["content-encoding"] == "gzip"
    assert zipped.content == plain.content  # the client has unzipped it
    assert int(zipped.headers["content-length"]) < int(plain.headers["content-length"])


def test_a_cwt_is_compressed_already(still_world: World) -> None:
    assert "content-encoding" not in get(still_world, accept=CWT, accept_encoding="gzip").headers


def test_what_gzip_does_not_make_smaller_is_sent_as_it_is(world: World) -> None:
    found = world.container.storage.ledger.document(credential(world).status.uri, "jwt")
    assert found is not None
    short = statuses.Served.of(type(found)(found.uri, "jwt", b"ab", found.issued_at, found.expires_at, 1))
    assert short.zipped is None
    full = statuses.Served.of(found)
    assert full.zipped is not None
    assert gzip.decompress(full.zipped) == found.body


@pytest.mark.parametrize("path", ["", "/revocation"])
def test_a_head_tells_the_size_and_sends_nothing(still_world: World, path: str) -> None:
    full, head = get(still_world, path, accept_encoding="identity"), None
    head = get(still_world, path, method="HEAD", accept_encoding="identity")
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-length", "content-type", "etag", "last-modified"):
        assert head.headers[name] == full.headers[name]


def test_an_unknown_list_is_not_found(still_world: World) -> None:
    answer = still_world.client.get("/status/nothing")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_status_list")


# bitstring credentials


def test_a_bitstring_list_is_json_with_an_embedded_proof(still_world: World) -> None:
    answer = get(still_world, "/revocation")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/vc")
    document = strict_json.loads_object(answer.content)
    method = document["proof"]["verificationMethod"]
    assert method == f"{still_world.container.trust.issuer_uri('amr')}#{key(still_world).kid}"
    verified = data_integrity.verify(document, lambda _: key(still_world))
    assert read_list(verified.document).purposes == ("revocation",)


def test_a_bitstring_list_is_a_vc_jwt_when_it_is_asked_for(still_world: World) -> None:
    answer = get(still_world, "/suspension", accept="application/vc+jwt")
    assert answer.headers["content-type"] == "application/vc+jwt"
    verified = vc_jwt.parse(answer.text).verified_by(key(still_world))
    assert read_list(verified.document).purposes == ("suspension",)


def test_a_revocation_is_seen_in_both_kinds_of_lists(world: World) -> None:
    revoke(world)
    index = credential(world).status.index
    assert status_token.parse(get(world).text).verified_by(key(world)).statuses[index] == 1
    entries = entries_for(credential(world).status.uri, index)
    lists = [read_list(get(world, f"/{entry.purpose}").json()) for entry in entries]
    assert value_of(entry.look_up(found) for entry, found in zip(entries, lists, strict=True)) == 1


def test_a_list_for_another_purpose_is_not_found(still_world: World) -> None:
    assert get(still_world, "/recall").json()["code"] == "not_found"


def test_an_unknown_bitstring_list_has_the_error_of_its_standard(still_world: World) -> None:
    answer = still_world.client.get("/status/nothing/revocation")
    assert answer.status_code == 404
    assert answer.json()["type"] == "https://www.w3.org/ns/credentials/status-list#STATUS_RETRIEVAL_ERROR"


def test_a_list_that_an_older_program_published_has_no_further_forms_yet(world: World) -> None:
    uri = credential(world).status.uri
    newest = world.container.storage.ledger.published(uri)
    assert newest is not None
    old = PublishedList(uri, "token", newest.issued_at, newest.expires_at, newest.sequence + 1)
    world.container.storage.ledger.record_published(old)
    assert (get(world).text, get(world, accept=CWT).status_code) == ("token", 406)


# history


def ask_then(world: World, ago: timedelta, parameter: str = "time") -> httpx.Response:
    then = world.clock() - ago
    value = str(int(then.timestamp())) if parameter == "time" else then.isoformat().replace("+", "%2B")
    return get(world, f"?time={value}" if parameter == "time" else f"/revocation?timestamp={value}")


def test_a_moment_of_the_past_is_answered_with_the_list_of_then(world: World) -> None:
    index = credential(world).status.index
    world.clock.forward(hours=2)
    revoke(world)
    world.clock.forward(hours=2)
    found = [
        status_token.parse(ask_then(world, timedelta(hours=hours)).text).verified_by(key(world)).statuses[index]
        for hours in (0, 2, 3)
    ]
    assert found == [1, 1, 0]


def test_a_moment_of_the_past_is_answered_with_the_bitstring_of_then(world: World) -> None:
    index = credential(world).status.index
    world.clock.forward(hours=2)
    revoke(world)
    found = [read_list(ask_then(world, timedelta(hours=hours), "timestamp").json()).bits[index] for hours in (0, 1)]
    assert found == [1, 0]


def test_an_answer_about_the_past_may_be_kept_though_it_is_over(world: World) -> None:
    world.clock.forward(days=2)
    world.container.publish_due()
    answer = ask_then(world, timedelta(days=2))
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "public, max-age=3600")


def test_a_moment_to_come_is_answered_while_the_list_holds(world: World) -> None:
    assert ask_then(world, timedelta(hours=-23)).headers["cache-control"] == "public, max-age=3600"
    assert ask_then(world, timedelta(hours=-24)).status_code == 404


@pytest.mark.parametrize(
    ("parameter", "code"), [("time", "status_history_missing"), ("timestamp", "status_retrieval_error")]
)
def test_a_time_before_the_list_is_not_found(still_world: World, parameter: str, code: str) -> None:
    answer = ask_then(still_world, timedelta(hours=1), parameter)
    assert (answer.status_code, answer.json()["code"]) == (404, code)


@pytest.mark.parametrize(
    "query",
    [
        *("?time=now", "?time=-1", "?time=", "?time=1.5", "?time=999999999999", "?time=1&time=2", "?time=%D9%A3"),
        *("/revocation?timestamp=now", "/revocation?timestamp=2026-03-02"),
        "/revocation?timestamp=2026-13-02T00:00:00Z",
        "/revocation?timestamp=2026-03-02T00:00:00Z&timestamp=2026-03-02T00:00:00Z",
    ],
)
def test_a_moment_that_is_none_is_refused(still_world: World, query: str) -> None:
    answer = get(still_world, query)
    assert (answer.status_code, answer.json()["code"]) == (400, "status_time_invalid")


def test_editions_past_the_history_are_gone(world: World) -> None:
    world.clock.forward(days=31)
    assert all(upkeep.once(world.container).values())
    assert ask_then(world, timedelta(days=31)).status_code == 404
    assert get(world).status_code == 200


# aggregation and meaning


def test_an_issuers_lists_are_listed_where_its_tokens_say(still_world: World) -> None:
    token = status_token.parse(get(still_world).text).verified_by(key(still_world))
    assert token.aggregation_uri is not None
    answer = still_world.client.get(httpx.URL(token.aggregation_uri).path)
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {"status_lists": [token.uri]}


def test_an_unknown_issuer_lists_nothing(still_world: World) -> None:
    assert still_world.client.get("/issuers/nobody/status-lists").status_code == 404


def test_the_statuses_have_words_in_two_languages(still_world: World) -> None:
    found = still_world.client.get("/status-messages").json()["statuses"]
    assert [each["message"] for each in found] == ["valid", "revoked", "suspended", "replaced"]
    assert all(each["zh"] and each["en"] for each in found)


def test_a_list_is_published_beside_the_loop_that_answers(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A million entries take a tenth of a second and more: nobody else waits for it."""
    threads: list[threading.Thread] = []
    publish = StatusPublisher.publish

    def noted(self: StatusPublisher, uri: str, now: datetime) -> PublishedList:
        threads.append(threading.current_thread())
        return publish(self, uri, now)

    monkeypatch.setattr(StatusPublisher, "publish", noted)
    body = {"legal_reason": "吊销", "officer": "O-17", "case_number": "示例-2026-0042"}
    header = world.token("revoker", department="amr")
    answer = world.client.post(f"/v1/certificates/{world.licence()}/revoke", json=body, headers=header)
    assert answer.status_code == 200
    assert threading.main_thread() not in threads
    assert len(threads) == 1


# seen, pending, late


def step(world: World) -> str:
    (entry,) = world.container.storage.ledger.outbox_of(world.licence())
    return entry.step


def fetch(world: World) -> None:
    get(world)


def fetch_again(world: World) -> None:
    get(world, if_none_match="*")


def fetch_bits(world: World) -> None:
    get(world, "/message")


@pytest.mark.parametrize("way", [fetch, fetch_again, fetch_bits])
def test_a_decision_is_seen_once_its_list_was_fetched(world: World, way: Callable[[World], None]) -> None:
    revoke(world)
    way(world)
    assert step(world) == "published"
    upkeep.once(world.container)
    assert step(world) == "seen"


def test_a_decision_is_seen_once_its_list_is_in_a_pack(world: World) -> None:
    revoke(world)
    world.container.packs.build()
    assert step(world) == "seen"


def test_a_head_shows_nobody_anything(world: World) -> None:
    revoke(world)
    get(world, method="HEAD")
    upkeep.once(world.container)
    assert step(world) == "published"


def test_what_was_written_is_not_written_again(world: World) -> None:
    revoke(world)
    sightings = Sightings(world.container.storage.ledger, world.clock)
    uri = credential(world).status.uri
    for _ in range(2):
        sightings.note(uri, 9)
        sightings.note(uri, 8)
    assert [sightings.flush(), sightings.flush()] == [1, 0]
    sightings.note(uri, 9)
    assert sightings.flush() == 0


def unpublished(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Revoke while publishing is impossible."""
    from issuer.errors import PublicationConflict

    def busy(*_: object) -> PublishedList:
        raise PublicationConflict("busy")

    with monkeypatch.context() as patch:
        patch.setattr(StatusPublisher, "publish", busy)
        revoke(world)


def test_a_certificate_says_that_its_revocation_is_pending(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    unpublished(world, monkeypatch)
    header = world.token("auditor")
    found = world.client.get(f"/v1/certificates/{world.licence()}", headers=header).json()["publication"]
    assert found["pending"] is True
    (decision,) = found["decisions"]
    assert (decision["step"], decision["value"], decision["list"]) == ("asked", 1, credential(world).status.uri)
    world.container.publish_due()
    found = world.client.get(f"/v1/certificates/{world.licence()}", headers=header).json()["publication"]
    assert (found["pending"], found["decisions"][0]["step"]) == (False, "published")


def test_a_decision_that_waits_for_too_long_is_an_alarm(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    unpublished(world, monkeypatch)
    world.clock.forward(hours=1)
    assert world.client.get("/readyz").status_code == 200
    world.clock.forward(seconds=1)
    answer = world.client.get("/readyz")
    assert (answer.status_code, answer.json()["publication_lag_seconds"]) == (503, 3601)
    assert "ecert_publication_lag_seconds 3601.0" in world.client.get("/metrics").text
    upkeep.once(world.container)
    assert world.client.get("/readyz").json()["publication_lag_seconds"] == 0
