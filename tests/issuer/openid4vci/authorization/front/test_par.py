"""Pushed authorization requests (RFC 9126): taken, and refused flaw by flaw."""

import json
from datetime import timedelta
from typing import Any

import pytest

from issuer.openid4vci.answers import Form
from issuer.openid4vci.authorization.client_auth import Client, Method
from issuer.openid4vci.authorization.front.requests import AuthorizationRequest, Place, read
from issuer.openid4vci.authorization.policy import Policy
from issuer.openid4vci.errors import InvalidClient, TooManyRequests
from issuer.openid4vci.grants import Kind
from keys.encoding import b64url_decode
from keys.signer import SoftwareSigner
from schemas.order import HolderId
from tests.support.authorization_front import (
    CHALLENGE,
    CLIENT,
    ISSUER,
    LICENCE,
    OTHER,
    QUERIED,
    REDIRECT,
    Front,
    refusal,
)
from tests.support.key_proofs import signed

JSON_FORM = "business_licence.jwt_vc_json"


@pytest.fixture
def front() -> Front:
    return Front()


def kept(front: Front, request_uri: str) -> AuthorizationRequest:
    value = front.state.get(Kind.PUSHED_REQUEST, request_uri, now=front.clock())
    assert value is not None
    return AuthorizationRequest.of(value["request"])


def proof(front: Front, signer: SoftwareSigner, **changes: Any) -> dict[str, str]:
    """Return the header field with a DPoP proof for the PAR endpoint."""
    now = int(front.clock().timestamp())
    claims = {"jti": f"dpop-{len(front.state.kept)}", "htm": "POST", "htu": f"{ISSUER}/par", "iat": now} | changes
    header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": dict(signer.public_key.jwk)}
    return {"DPoP": signed(signer, header, claims)}


def detail(**changes: Any) -> str:
    whole = {"type": "openid_credential", "credential_configuration_id": LICENCE, "locations": [ISSUER]} | changes
    return json.dumps([{name: value for name, value in whole.items() if value is not ...}])


def test_a_request_is_kept_and_answered_as_rfc_9126_says(front: Front) -> None:
    """4.3.1 201, JSON, a request_uri of more than 96 bits, expires_in from 5 to 600."""
    answer = front.push()
    assert (answer.status_code, answer.headers["content-type"]) == (201, "application/json")
    assert answer.headers["cache-control"] == "no-store"
    assert set(answer.json()) == {"request_uri", "expires_in"}
    assert answer.json()["expires_in"] == 90
    prefix, _, random = answer.json()["request_uri"].rpartition(":")
    assert prefix == "urn:ietf:params:oauth:request_uri"
    assert len(b64url_decode(random)) == 32


def test_what_was_asked_is_what_is_kept(front: Front) -> None:
    """4.3.3 response_type, redirect_uri, PKCE, scope and state are kept as they came."""
    assert kept(front, front.request_uri()) == AuthorizationRequest(
        department="amr",
        client_id=CLIENT,
        redirect_uri=REDIRECT,
        code_challenge=CHALLENGE,
        configuration_ids=(LICENCE,),
        identified=False,
        state="af0ifjsldkj",
    )


def test_unknown_parameters_are_ignored(front: Front) -> None:
    """2.3, 4.3.3 random parameters and resource do no harm."""
    assert front.push(resource=ISSUER, foo="bar", nonce="1", prompt="login").status_code == 201


def test_a_client_that_does_not_authenticate_is_refused(front: Front) -> None:
    """4.3.1 the client authenticates as at the token endpoint."""
    assert refusal(front.push(client_assertion=..., client_assertion_type=...)) == (401, "invalid_client")


def test_a_client_id_of_another_client_is_refused(front: Front) -> None:
    """4.3.1 client_id is the client that authenticated."""
    answer = front.send("POST", "/issuers/amr/par", data=front.form() | {"client_id": OTHER})
    assert refusal(answer) == (401, "invalid_client")


def test_an_anonymous_client_has_no_authorization_request() -> None:
    """4.3.1 anonymous access is for pre-authorized codes alone."""
    with pytest.raises(InvalidClient):
        read(Form({}), client=Client(None, Method.NONE), place=Place("amr", ISSUER), proof_jkt=None)


def test_the_client_id_in_the_form_is_the_clients() -> None:
    """4.4.2 a client_id that is present is the client's."""
    from issuer.openid4vci.errors import InvalidRequest

    with pytest.raises(InvalidRequest, match="client_id"):
        read(
            Form({"client_id": OTHER}),
            client=Client(CLIENT, Method.ATTESTATION),
            place=Place("amr", ISSUER),
            proof_jkt=None,
        )


FLAWS: list[tuple[str, dict[str, Any], str]] = [
    ("3.16, 3.19 no redirect_uri", {"redirect_uri": ...}, "invalid_request"),
    ("3.17 an unregistered redirect_uri", {"redirect_uri": f"{REDIRECT}/random"}, "invalid_request"),
    ("4.3.3 the query of the redirect_uri is significant", {"redirect_uri": f"{REDIRECT}?a=b"}, "invalid_request"),
    ("3.20 response_type code id_token", {"response_type": "code id_token"}, "unsupported_response_type"),
    ("3.21 response_type token", {"response_type": "token"}, "unsupported_response_type"),
    ("4.3.3 no response_type", {"response_type": ...}, "invalid_request"),
    ("4.3.4 response_mode fragment", {"response_mode": "fragment"}, "invalid_request"),
    ("3.33 request_uri in the form", {"request_uri": "urn:example:1"}, "invalid_request"),
    ("3.33 request in the form", {"request": "e30.e30."}, "invalid_request"),
    ("3.35 no code_challenge", {"code_challenge": ...}, "invalid_request"),
    ("3.35 neither challenge nor method", {"code_challenge": ..., "code_challenge_method": ...}, "invalid_request"),
    ("3.38 method plain", {"code_challenge_method": "plain"}, "invalid_request"),
    ("3.38 no method, which means plain", {"code_challenge_method": ...}, "invalid_request"),
    ("3.35 a challenge that is no SHA-256", {"code_challenge": "too-short"}, "invalid_request"),
    ("4.3.3 neither scope nor authorization_details", {"scope": ...}, "invalid_request"),
    ("4.5.7 a scope that is not known", {"scope": "openid"}, "invalid_scope"),
    ("4.5.7 a scope of another issuer", {"scope": "resident_id_card.dc+sd-jwt"}, "invalid_scope"),
    ("3.8 dpop_jkt that is no thumbprint", {"dpop_jkt": "x"}, "invalid_request"),
    ("3.14 a state that is far too long", {"state": "x" * 2049}, "invalid_request"),
    ("4.3.3 a state that is not ASCII", {"state": "状态"}, "invalid_request"),
]


@pytest.mark.parametrize(("row", "flaw", "error"), FLAWS, ids=[row for row, _, _ in FLAWS])
def test_a_flaw_is_refused(front: Front, row: str, flaw: dict[str, Any], error: str) -> None:
    """Section 3 and 4.3.3, one row a case."""
    assert refusal(front.push(**flaw)) == (400, error), row
    assert not [kind for kind, _ in front.state.kept if kind == Kind.PUSHED_REQUEST]


def test_a_parameter_twice_is_refused(front: Front) -> None:
    """4.3.3 RFC 6749, 3.1: no parameter stands twice."""
    body = "&".join(f"{name}={value}" for name, value in {"state": "a"}.items()) + "&state=b"
    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = front.send("POST", "/issuers/amr/par", content=body, headers=headers)
    assert refusal(answer) == (400, "invalid_request")


def test_a_body_that_is_no_form_is_refused(front: Front) -> None:
    """4.3.1 PAR is a form."""
    assert refusal(front.send("POST", "/issuers/amr/par", json={})) == (400, "invalid_request")


def test_another_method_is_an_error(front: Front) -> None:
    """3.34 PUT is 405."""
    assert front.send("PUT", "/issuers/amr/par").status_code == 405


def test_an_unknown_department_is_not_found(front: Front) -> None:
    answer = front.send("POST", "/issuers/nobody/par", data=front.form())
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_department")


def test_a_long_state_is_kept(front: Front) -> None:
    """3.14 a state of 1000 characters works."""
    assert kept(front, front.request_uri(state="s" * 1000)).state == "s" * 1000


def test_a_request_without_state_is_kept_without(front: Front) -> None:
    """3.3 state is optional."""
    assert kept(front, front.request_uri(state=...)).state is None


def test_unknown_scope_values_beside_a_known_one_are_ignored(front: Front) -> None:
    """4.3.3 OpenID4VCI 1.0, 5.1.2: unknown values are ignored, each known one counts once."""
    found = kept(front, front.request_uri(scope=f"openid {LICENCE} {JSON_FORM} {LICENCE}"))
    assert (found.configuration_ids, found.identified) == ((LICENCE, JSON_FORM), False)


def test_authorization_details_name_configurations_too(front: Front) -> None:
    """4.5.2 the rar variant; unknown members do no harm (OpenID4VCI 1.0, 5.1.1)."""
    found = kept(front, front.request_uri(scope=..., authorization_details=detail(extra=1)))
    assert (found.configuration_ids, found.identified) == ((LICENCE,), True)


def test_scope_and_authorization_details_are_read_each_by_itself(front: Front) -> None:
    """4.5.2 OpenID4VCI 1.0, 5.1.2: both in one request."""
    found = kept(front, front.request_uri(scope=JSON_FORM, authorization_details=detail()))
    assert (found.configuration_ids, found.identified) == ((LICENCE, JSON_FORM), True)


def test_a_scope_that_names_nothing_takes_nothing_from_authorization_details(front: Front) -> None:
    """4.5.2 an unknown scope is ignored beside authorization details."""
    assert kept(front, front.request_uri(scope="openid", authorization_details=detail())).identified


@pytest.mark.parametrize(
    "given",
    [
        detail(type="payment"),
        detail(credential_configuration_id="unknown"),
        detail(credential_configuration_id=...),
        detail(locations=["https://elsewhere.example"]),
        "[]",
        "{}",
        "[",
    ],
)
def test_authorization_details_with_a_flaw_are_refused(front: Front, given: str) -> None:
    """4.5.2 another type, configuration or location; no list."""
    answer = front.push(scope=..., authorization_details=given)
    assert refusal(answer) == (400, "invalid_authorization_details")


def test_a_proof_binds_the_code_to_its_key(front: Front) -> None:
    """3.11 a DPoP proof at PAR."""
    key = SoftwareSigner.generate()
    request_uri = front.push(headers=proof(front, key)).json()["request_uri"]
    assert kept(front, request_uri).dpop_jkt == key.public_key.kid


def test_dpop_jkt_binds_the_code_to_the_key(front: Front) -> None:
    """3.12 dpop_jkt at PAR."""
    kid = SoftwareSigner.generate().public_key.kid
    assert kept(front, front.request_uri(dpop_jkt=kid)).dpop_jkt == kid


def test_a_proof_and_dpop_jkt_of_the_same_key_are_taken(front: Front) -> None:
    """3.8 both, and they agree."""
    key = SoftwareSigner.generate()
    answer = front.push(headers=proof(front, key), dpop_jkt=key.public_key.kid)
    assert answer.status_code == 201


def test_a_proof_of_another_key_than_dpop_jkt_is_refused(front: Front) -> None:
    """3.8 both, and they differ."""
    other = SoftwareSigner.generate().public_key.kid
    answer = front.push(headers=proof(front, SoftwareSigner.generate()), dpop_jkt=other)
    assert refusal(answer) == (400, "invalid_dpop_proof")


@pytest.mark.parametrize("skew", [-10, 10])
def test_a_proof_of_ten_seconds_ago_or_ahead_is_taken(front: Front, skew: int) -> None:
    """3.6, 3.7 clock skew at PAR."""
    now = int(front.clock().timestamp())
    assert front.push(headers=proof(front, SoftwareSigner.generate(), iat=now + skew)).status_code == 201


def test_a_proof_for_another_address_is_refused(front: Front) -> None:
    """4.6.4 `htu` is that of PAR."""
    answer = front.push(headers=proof(front, SoftwareSigner.generate(), htu=f"{ISSUER}/token"))
    assert refusal(answer) == (400, "invalid_dpop_proof")


def test_a_proof_twice_is_refused(front: Front) -> None:
    """4.6.4 a used jti."""
    header = proof(front, SoftwareSigner.generate())
    assert front.push(headers=header).status_code == 201
    assert refusal(front.push(headers=header)) == (400, "invalid_dpop_proof")


def test_a_proof_without_a_nonce_is_asked_for_one_before_anything_counts_as_used() -> None:
    """4.6.2, 4.4.4 use_dpop_nonce at PAR; the same assertion may come again."""
    front = Front(policy=Policy(dpop_nonces=True))
    key, form = SoftwareSigner.generate(), front.form()
    asked = front.send("POST", "/issuers/amr/par", data=form, headers=proof(front, key))
    assert refusal(asked) == (400, "use_dpop_nonce")
    headers = proof(front, key, nonce=asked.headers["dpop-nonce"])
    assert front.send("POST", "/issuers/amr/par", data=form, headers=headers).status_code == 201


def test_a_client_and_an_address_that_ask_too_often_are_refused(front: Front) -> None:
    """Issue 4, operations: the rule par counts the address and the client."""
    assert front.push().status_code == 201
    assert front.limits.hits == [("par", "address 127.0.0.1"), ("par", f"client {CLIENT}")]
    front.limits.refused.add("par")
    answer = front.push()
    assert (refusal(answer), answer.headers["retry-after"]) == ((429, TooManyRequests.error), "30")


def test_the_offers_issuer_state_is_kept(front: Front) -> None:
    """4.12.4, 4.3.3 issuer_state of an offer."""
    state = front.offer(HolderId("holder-1"), LICENCE)
    assert kept(front, front.request_uri(issuer_state=state)).issuer_state == state


def test_an_unknown_issuer_state_is_ignored(front: Front) -> None:
    """4.3.3 one that nobody here gave out."""
    assert kept(front, front.request_uri(issuer_state="injected")).issuer_state is None


def test_an_issuer_state_of_another_issuer_is_refused(front: Front) -> None:
    """4.3.3 it must be the same department's."""
    state = front.offer(HolderId("holder-1"), LICENCE, department="psb")
    assert refusal(front.push(issuer_state=state)) == (400, "invalid_request")


def test_two_requests_have_two_addresses(front: Front) -> None:
    """4.3.1 nothing is given out twice."""
    assert front.request_uri() != front.request_uri(OTHER)


def test_the_redirect_uri_of_another_client_is_kept_with_its_query(front: Front) -> None:
    """2.5 a redirect_uri with a query of its own."""
    assert kept(front, front.request_uri(OTHER)).redirect_uri == QUERIED


def test_a_request_is_gone_when_a_login_cannot_need_it_any_more(front: Front) -> None:
    """4.3.7 the state forgets it."""
    request_uri = front.request_uri()
    front.clock.move(timedelta(minutes=11, seconds=30))
    assert front.state.get(Kind.PUSHED_REQUEST, request_uri, now=front.clock()) is None
