"""The endpoints of all departments: metadata, nonce, limits, access; and the same over HTTP."""

import secrets
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI

from issuer.openid4vci.answers import error_answer
from issuer.openid4vci.credentials.encryption import EncryptedMessages
from issuer.openid4vci.credentials.routes import router
from issuer.openid4vci.credentials.signed_metadata import SignedMetadata
from issuer.openid4vci.errors import InvalidRequest, InvalidToken, TooManyRequests
from issuer.openid4vci.nonces import Nonces
from keys import jwe, jws, strict_json
from keys.algorithms import Algorithm
from keys.jwe import DecryptionKey
from schemas.errors import UnknownDepartment
from tests.support.credential_world import ISSUER, LICENCE, CertifiedKeys, CredentialWorld
from tests.support.ecert_world import Client
from tests.support.issuer_metadata_rules import faults

METADATA = "/.well-known/openid-credential-issuer/issuers/amr"
WALLET = DecryptionKey.derive(bytes(32), "wallet")
WANTED = {"jwk": {name: WALLET.jwk[name] for name in ("kty", "crv", "x", "y", "alg")}, "enc": "A256GCM"}


class InlineEdge:
    """Runs what waits at once."""

    async def run(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)


def client(world: CredentialWorld) -> Client:
    app = FastAPI()
    app.include_router(router(world.services, InlineEdge()))
    return Client(app)


def test_the_metadata_are_json_for_everybody(world: CredentialWorld) -> None:
    """4.1.1 200, application/json; 4.1.5 the rules; computed from the public URL, not from the Host header."""
    answer = client(world).get(METADATA, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json()["credential_issuer"] == ISSUER
    assert faults(answer.json()) == []
    assert answer.headers["content-language"] == "zh-CN, en"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["vary"] == "Accept, Accept-Language"


def test_the_metadata_come_in_the_readers_language(world: CredentialWorld) -> None:
    """Section 7, 12.2.2: Accept-Language and Content-Language."""
    answer = client(world).get(METADATA, headers={"Accept-Language": "zh-Hans, fr;q=0.5"})
    assert answer.headers["content-language"] == "zh-CN"
    assert [each["locale"] for each in answer.json()["display"]] == ["zh-CN"]


def test_the_metadata_follow_a_new_key(world: CredentialWorld) -> None:
    """4.1.5 credential_signing_alg_values_supported is that of the present key; made once for each."""

    def algorithms() -> list[str]:
        offered = client(world).get(METADATA).json()["credential_configurations_supported"]
        return list(offered[LICENCE]["credential_signing_alg_values_supported"])

    assert [algorithms(), algorithms(), len(world.services.made)] == [["ES256"], ["ES256"], 1]
    world.desk.keys.use(Algorithm.EDDSA)
    world.desk.keys.rotate("amr")
    assert [algorithms(), len(world.services.made)] == [["EdDSA"], 2]


def test_the_metadata_are_not_signed_where_nobody_signs_them(world: CredentialWorld) -> None:
    """2.2 Returning application/json is allowed."""
    answer = client(world).get(METADATA, headers={"Accept": "application/jwt"})
    assert answer.headers["content-type"] == "application/json"


def test_the_metadata_are_signed_for_who_asks(make_world: Callable[..., CredentialWorld]) -> None:
    """4.1.6 application/jwt; all parameters as claims."""
    world = make_world(signs=SignedMetadata(CertifiedKeys()))
    answer = client(world).get(METADATA, headers={"Accept": "application/jwt", "Accept-Language": "en"})
    assert answer.headers["content-type"] == "application/jwt"
    token = jws.peek(answer.text, max_bytes=200_000)
    plain = client(world).get(METADATA).json()
    claims = token.peek_claims()
    assert token.header.typ == "openidvci-issuer-metadata+jwt"
    assert {name: claims[name] for name in plain} == plain
    assert claims["sub"] == ISSUER


def test_encryption_stands_in_the_metadata(make_world: Callable[..., CredentialWorld]) -> None:
    """4.1.5 credential_request_encryption and credential_response_encryption."""
    answer = client(make_world(messages=EncryptedMessages(bytes(32)))).get(METADATA)
    assert faults(answer.json()) == []
    assert "credential_request_encryption" in answer.json()


def test_an_encrypted_request_gets_an_encrypted_answer(make_world: Callable[..., CredentialWorld]) -> None:
    """4.9.1, 4.9.2 and 4.9.4: 200 is a JWE, a deferred answer that still waits is JSON."""
    world = make_world(messages=EncryptedMessages(bytes(32)))
    key = client(world).get(METADATA).json()["credential_request_encryption"]["jwks"]["keys"][0]

    def sealed(members: dict[str, Any]) -> dict[str, Any]:
        members = members | {"credential_response_encryption": WANTED}
        token = jwe.encrypt(strict_json.dumps(members), to=key, enc="A128GCM", compressed=False)
        return {"content": token, "headers": {"Content-Type": "application/jwt"}}

    answer = client(world).post("/issuers/amr/credential", **sealed(world.asking()))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/jwt")
    assert b"credentials" in jwe.decrypt(answer.text, keys=[WALLET]).plaintext
    world.entitlements.orders.clear()
    world.entitlements.add("order-2", world.order, ready=False)
    answer = client(world).post("/issuers/amr/credential", **sealed(world.asking()))
    transaction = strict_json.loads_object(jwe.decrypt(answer.text, keys=[WALLET]).plaintext)
    again = {"transaction_id": transaction["transaction_id"]}
    answer = client(world).post("/issuers/amr/deferred_credential", **sealed(again))
    assert (answer.status_code, answer.headers["content-type"]) == (202, "application/json")
    world.entitlements.make_ready("order-2")
    answer = client(world).post("/issuers/amr/deferred_credential", **sealed(again))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/jwt")


def test_an_error_is_never_encrypted(make_world: Callable[..., CredentialWorld]) -> None:
    """4.8.6 400 as application/json, even where the answer would have been encrypted."""
    world = make_world(messages=EncryptedMessages(bytes(32)))
    key = world.services.options.messages.metadata("amr")["credential_request_encryption"]["jwks"]["keys"][0]
    members = world.asking(proofs=...) | {"credential_response_encryption": WANTED}
    token = jwe.encrypt(strict_json.dumps(members), to=key, enc="A128GCM", compressed=False)
    answer = client(world).post("/issuers/amr/credential", content=token, headers={"Content-Type": "application/jwt"})
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/json")
    assert answer.json()["error"] == "invalid_proof"


def test_the_nonce_endpoint_gives_a_nonce_that_nobody_keeps(world: CredentialWorld) -> None:
    """4.8.1 Unauthenticated POST with an empty body: 200 JSON, no-store, one member."""
    answer = client(world).post("/issuers/amr/nonce")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json().keys() == {"c_nonce"}
    assert not world.state.kept


def test_the_nonce_endpoint_gives_a_dpop_nonce_where_one_is_demanded(
    make_world: Callable[..., CredentialWorld],
) -> None:
    """4.8.1 DPoP-Nonce beside the c_nonce (HAIP 4); 4.6.2."""
    nonces = Nonces(bytes(32), "dpop", secrets.token_bytes)
    world = make_world(dpop_nonces=nonces)
    answer = client(world).post("/issuers/amr/nonce")
    assert nonces.is_good(answer.headers["dpop-nonce"], world.desk.clock())
    assert "dpop-nonce" not in client(make_world()).post("/issuers/amr/nonce").headers


def test_a_key_that_no_suite_fits_offers_no_linked_data(world: CredentialWorld) -> None:
    """4.1.5 What cannot be issued is not offered."""
    world.desk.keys.use(Algorithm.ES512)
    offered = client(world).get(METADATA).json()["credential_configurations_supported"]
    assert {each["format"] for each in offered.values()} == {"dc+sd-jwt", "jwt_vc_json"}


def test_a_whole_exchange_over_http(world: CredentialWorld) -> None:
    """2.3 nonce, credential, notification: 200, 204, no-store."""
    http = client(world)
    nonce = http.post("/issuers/amr/nonce").json()["c_nonce"]
    headers = {"Authorization": "DPoP token", "DPoP": "proof"}
    answer = http.post("/issuers/amr/credential", json=world.asking(proofs=world.proofs(nonce=nonce)), headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.headers["cache-control"] == "no-store"
    told = {"notification_id": answer.json()["notification_id"], "event": "credential_accepted"}
    answer = http.post("/issuers/amr/notification", json=told, headers=headers)
    assert (answer.status_code, answer.content) == (204, b"")
    assert [(list(asked.authorization), list(asked.dpop)) for asked, _ in world.access.asked] == [
        (["DPoP token"], ["proof"])
    ] * 2


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept": "application/json;charset=utf-8", "Accept-Charset": "utf-8"},
        {"Accept": "application/json, application/jwt, */*;q=0.1"},
        {"x-fapi-customer-ip-address": "2001:db8::1"},
    ],
)
def test_headers_of_other_profiles_change_nothing(world: CredentialWorld, headers: dict[str, str]) -> None:
    """2.4 Alternate Accept headers and an IPv6 customer address."""
    answer = client(world).post("/issuers/amr/credential", json=world.asking(), headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")


def test_every_dpop_and_authorization_field_is_seen(world: CredentialWorld) -> None:
    """4.6.4 Two DPoP headers: the check sees both."""
    headers = [("DPoP", "a"), ("DPoP", "b"), ("Authorization", "DPoP x"), ("Authorization", "DPoP y")]
    client(world).post("/issuers/amr/credential", json=world.asking(), headers=headers)
    ((asked, _),) = world.access.asked
    assert (list(asked.dpop), list(asked.authorization)) == (["a", "b"], ["DPoP x", "DPoP y"])


@pytest.mark.parametrize("endpoint", ["credential", "deferred_credential", "notification"])
def test_an_access_token_in_the_query_is_never_taken(world: CredentialWorld, endpoint: str) -> None:
    """2.21 and 4.6.5 Token in the query: 400, and nobody asks what it stands for."""
    for headers in ({}, {"Authorization": "DPoP token"}):
        answer = client(world).post(f"/issuers/amr/{endpoint}?access_token=x", json={}, headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert not world.access.asked


@pytest.mark.parametrize("endpoint", ["credential", "deferred_credential", "notification"])
def test_a_token_that_does_not_hold_is_answered_before_the_body_is_read(world: CredentialWorld, endpoint: str) -> None:
    """4.8.6 401 with WWW-Authenticate: DPoP error="invalid_token"."""
    world.access.refuses = InvalidToken("access token is unknown")
    answer = client(world).post(f"/issuers/amr/{endpoint}", content=b"no json")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
    assert 'DPoP error="invalid_token"' in answer.headers["www-authenticate"]


def test_a_malformed_body_is_answered_in_the_words_of_its_endpoint(world: CredentialWorld) -> None:
    """4.8.6 and 4.10.3 error is of the endpoint's list."""
    found = {
        endpoint: client(world).post(f"/issuers/amr/{endpoint}", content=b"no json").json()["error"]
        for endpoint in ("credential", "deferred_credential", "notification")
    }
    assert found == {
        "credential": "invalid_credential_request",
        "deferred_credential": "invalid_credential_request",
        "notification": "invalid_notification_request",
    }


@pytest.mark.parametrize("endpoint", ["credential", "deferred_credential", "notification"])
def test_who_asks_too_often_is_told_to_wait(world: CredentialWorld, endpoint: str) -> None:
    """invariant 8: a limit for each holder, 429 with Retry-After."""
    world.limits.refused.add("credential")
    answer = client(world).post(f"/issuers/amr/{endpoint}", json={})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "30")
    assert world.limits.hits == [("credential", f"holder {world.holder_id}")]


def test_nonces_have_a_limit_for_each_address(world: CredentialWorld) -> None:
    world.limits.refused.add("nonce")
    with pytest.raises(TooManyRequests):
        world.services.nonce("amr", address="192.0.2.1")
    assert world.limits.hits == [("nonce", "address 192.0.2.1")]


@pytest.mark.parametrize("department", ["nobody", "tax"])
def test_a_department_that_issues_nothing_has_no_endpoint(world: CredentialWorld, department: str) -> None:
    """Section 9, 4: missing metadata is 404, which the application makes of this error."""
    for call in (
        lambda: world.services.metadata(department, accept=None, accept_language=None),
        lambda: world.services.nonce(department, address=""),
        lambda: world.services.credential(department, world.incoming({})),
    ):
        with pytest.raises(UnknownDepartment):
            call()


def test_a_request_from_nowhere_has_an_address_all_the_same(world: CredentialWorld) -> None:
    app = FastAPI()
    app.include_router(router(world.services, InlineEdge()))

    async def nowhere(scope: Any, receive: Any, send: Any) -> None:
        await app(scope | {"client": None}, receive, send)

    assert Client(nowhere).post("/issuers/amr/nonce").status_code == 200  # type: ignore[arg-type]
    assert world.limits.hits == [("nonce", "address unknown")]


def test_secrets_of_the_options_are_not_shown(world: CredentialWorld) -> None:
    assert "nonce_key" not in repr(world.services.options)


def test_an_invalid_request_is_the_word_of_the_bearer_specification() -> None:
    assert error_answer(InvalidRequest("x")).status == 400
