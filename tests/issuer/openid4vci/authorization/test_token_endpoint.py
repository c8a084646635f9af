"""The token endpoint: rows 4.5, 4.6.6 and 4.7 of the checklist, and section 3 where it speaks of tokens."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from issuer.errors import IssuerError
from issuer.openid4vci.authorization.attestation import Attestation
from issuer.openid4vci.authorization.codes import CODE_LIFE, family_of, spend_code
from issuer.openid4vci.authorization.policy import Policy
from issuer.openid4vci.authorization.pre_authorized import MAX_TRIES
from issuer.openid4vci.errors import (
    InvalidAuthorizationDetails,
    InvalidClient,
    InvalidClientAttestation,
    InvalidDpopProof,
    InvalidGrant,
    InvalidRequest,
    InvalidScope,
    InvalidToken,
    OAuthError,
    TooManyRequests,
    UnsupportedGrantType,
    UseDpopNonce,
)
from issuer.openid4vci.grants import Grant, Kind
from issuer.openid4vci.ports import Entitlement
from issuer.openid4vci.tx_codes import seal_tx_code
from keys.signer import SoftwareSigner
from schemas.errors import UnknownDepartment
from tests.support.oauth import (
    BANK,
    DEPARTMENT,
    GRANT,
    HOLDER,
    ISSUER,
    LICENCE,
    LICENCE_JWT,
    NOBODY,
    TOKEN_URL,
    Instance,
    Proof,
    Server,
    changed,
    server,
)

OTHER = SoftwareSigner.generate()
IDENTIFIED = replace(GRANT, identified=True)
TX_CODE = seal_tx_code("493536", input_mode="numeric", salt="salt")


@pytest.fixture
def desk() -> Server:
    return server()


def refused(desk: Server, error: type[OAuthError], reason: str, form: dict[str, Any], **how: Any) -> OAuthError:
    """Send a request that is refused, and return the error; the answer is 400, or 401 for a client."""
    with pytest.raises(error, match=reason) as caught:
        desk.token(form, **how)
    assert caught.value.status == (401 if isinstance(caught.value, InvalidClient | InvalidClientAttestation) else 400)
    return caught.value


def works(desk: Server, token: str) -> bool:
    """Tell whether an access token opens the credential endpoint."""
    try:
        desk.services.access.grant(desk.protected(token), department=DEPARTMENT)
    except InvalidToken:
        return False
    return True


def test_a_code_gives_tokens(desk: Server) -> None:
    """4.5.1 ``access_token``, ``token_type`` DPoP, ``expires_in``, ``refresh_token``; no ``id_token``; 3.1."""
    response = desk.token(desk.code_form())
    assert (response["token_type"], response["expires_in"]) == ("DPoP", 600)
    assert set(response) == {"access_token", "token_type", "expires_in", "refresh_token", "scope"}
    assert response["scope"] == f"{LICENCE} {LICENCE_JWT}"
    assert works(desk, response["access_token"])


def test_tokens_are_random_and_never_the_same(desk: Server) -> None:
    """4.5.1 256 bits of randomness each."""
    response, another = desk.token(desk.code_form()), desk.token(desk.code_form())
    found = {answer[name] for answer in (response, another) for name in ("access_token", "refresh_token")}
    assert len(found) == 4
    assert {len(token) for token in found} == {43}


def test_parameters_that_nobody_knows_are_ignored(desk: Server) -> None:
    """2.3, 9.5 Unknown parameters, ``resource`` and ``user_pin`` do no harm; a ``scope`` beside a code is one."""
    assert desk.token(desk.code_form(resource=ISSUER, user_pin="1", x="y", scope="openid"))


def test_a_registered_client_gets_tokens_for_its_code(desk: Server) -> None:
    """4.5.1, 1.1 ``private_key_jwt`` at the token endpoint."""
    form = desk.code_form(desk.code(client_id=BANK), **desk.bank_form())
    assert desk.token(form, NOBODY)["refresh_token"]


# The code


def test_a_code_expires_after_45_seconds(desk: Server) -> None:
    """4.3.6, 3.26 An old code: 400 ``invalid_grant``."""
    code = desk.code()
    desk.clock.forward(seconds=CODE_LIFE.total_seconds())
    refused(desk, InvalidGrant, "unknown or has expired", desk.code_form(code))


def test_an_unknown_code_is_refused(desk: Server) -> None:
    """4.5.6 400 ``invalid_grant``."""
    refused(desk, InvalidGrant, "unknown or has expired", desk.code_form("made-up"))


def test_a_code_is_another_clients(desk: Server) -> None:
    """3.22, 3.24 A code of one client with another's authentication: 400 ``invalid_grant``."""
    refused(desk, InvalidGrant, "another client's", desk.code_form(**desk.bank_form()), attestation=NOBODY)


@pytest.mark.parametrize("uri", [None, "https://wallets.example/back", "https://evil.example/"])
def test_the_redirect_uri_is_the_one_of_the_request(desk: Server, uri: str | None) -> None:
    """4.3.6 Bound to ``redirect_uri``, its query included."""
    refused(desk, InvalidGrant, "redirect_uri", desk.code_form(redirect_uri=uri))


@pytest.mark.parametrize("verifier", [None, "w" * 43, "v" * 42, "v" * 129, "ü" * 43])
def test_the_code_verifier_is_the_one_of_the_challenge(desk: Server, verifier: str | None) -> None:
    """3.36, 3.37 A missing or wrong PKCE verifier: 400 ``invalid_grant`` in both cases."""
    refused(desk, InvalidGrant, "code_verifier", desk.code_form(code_verifier=verifier))


def test_a_code_bound_to_a_dpop_key_works_with_it(desk: Server) -> None:
    """3.11, 3.12 The key of PAR."""
    assert desk.token(desk.code_form(desk.code(dpop_jkt=desk.key.public_key.kid)))


def test_a_code_bound_to_another_dpop_key_is_refused(desk: Server) -> None:
    """3.9, 3.10, 4.6.6 Another key at the token endpoint: 400 ``invalid_grant``."""
    refused(desk, InvalidGrant, "another DPoP key", desk.code_form(desk.code(dpop_jkt=OTHER.public_key.kid)))


def test_a_code_of_another_department_is_refused(desk: Server) -> None:
    """4.3.6 Each department is a server of its own."""
    grant = Grant("psb", HOLDER, ("resident_id_card.dc+sd-jwt",))
    refused(desk, InvalidGrant, "another issuer's", desk.code_form(desk.code(grant)))


def test_what_is_refused_leaves_the_code_as_it_was(desk: Server) -> None:
    """4.3.6 Somebody who has a code alone cannot burn it."""
    code = desk.code()
    refused(desk, InvalidGrant, "code_verifier", desk.code_form(code, code_verifier="w" * 43))
    assert desk.token(desk.code_form(code))


def test_a_code_used_twice_ends_its_tokens(desk: Server) -> None:
    """3.25, 4.3.6 400 ``invalid_grant``, and the first access and refresh tokens are revoked."""
    code = desk.code()
    first = desk.token(desk.code_form(code))
    desk.clock.forward(seconds=1)
    refused(desk, InvalidGrant, "used before", desk.code_form(code))
    assert not works(desk, first["access_token"])
    refused(desk, InvalidGrant, "refresh token is unknown", desk.refresh_form(first["refresh_token"]))


def test_a_code_used_twice_at_once_ends_the_tokens_of_both(desk: Server) -> None:
    """3.25 The second use falls between keeping the first one's tokens and marking the code."""
    code = desk.code()
    desk.token(desk.code_form(code))
    tokens = [place for place in desk.state.kept if place[0] in (Kind.ACCESS_TOKEN, Kind.REFRESH_TOKEN)]
    assert len(tokens) == 2
    with pytest.raises(InvalidGrant, match="used before"):
        spend_code(desk.state, code, now=desk.clock())
    assert not set(tokens) & set(desk.state.kept)


def test_a_code_that_expires_while_it_is_used_gives_nothing(desk: Server) -> None:
    """4.3.6 Nothing is handed out for a code that is not there any more."""
    with pytest.raises(InvalidGrant, match="used before"):
        spend_code(desk.state, "gone", now=desk.clock())


def test_a_family_that_is_ended_while_it_is_refreshed_gets_no_new_token(
    desk: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """3.25 A replayed code ends every token of its family, those that are made at the same moment too."""
    code, put = desk.code(), desk.state.put
    refresh = desk.token(desk.code_form(code))["refresh_token"]

    def outrun(kind: str, *args: Any, **more: Any) -> None:
        if kind == Kind.ACCESS_TOKEN:
            desk.services.book.end_family(family_of(code))
        put(kind, *args, **more)

    monkeypatch.setattr(desk.state, "put", outrun)
    refused(desk, InvalidGrant, "was ended", desk.refresh_form(refresh))
    assert [kind for kind, _ in desk.state.kept if kind == Kind.ACCESS_TOKEN] == []


def test_another_code_has_another_family(desk: Server) -> None:
    """3.25 Only the tokens of that code are ended."""
    code = desk.code()
    first, second = desk.token(desk.code_form(code)), desk.token(desk.code_form())
    assert desk.services.book.end_family(family_of(code)) == 2
    assert not works(desk, first["access_token"])
    assert works(desk, second["access_token"])


# Client and proof


def test_a_request_without_a_client_is_refused(desk: Server) -> None:
    """4.5.6 401 ``invalid_client``."""
    refused(desk, InvalidClient, "not authenticated", desk.code_form(), attestation=NOBODY)


def test_a_request_without_a_proof_is_refused(desk: Server) -> None:
    """3.23, 4.6.1 400 ``invalid_dpop_proof``."""
    refused(desk, InvalidDpopProof, "0 DPoP proofs", desk.code_form(), dpop=())


def test_a_proof_for_another_endpoint_is_refused(desk: Server) -> None:
    """4.6.4 ``htu`` of the PAR endpoint."""
    proof = desk.wallet.dpop("POST", f"{ISSUER}/par", Proof(desk.key))
    refused(desk, InvalidDpopProof, "htu", desk.code_form(), dpop=(proof,))


def test_a_proof_is_used_once(desk: Server) -> None:
    """4.6.4 ``jti`` replay at the token endpoint."""
    proof = desk.wallet.dpop("POST", TOKEN_URL, Proof(desk.key))
    desk.token(desk.code_form(), dpop=(proof,))
    refused(desk, InvalidDpopProof, "used before", desk.code_form(), dpop=(proof,))


@pytest.mark.parametrize("claims", [{"iat": -10}, {"iat": 10}, {"nbf": 0, "exp": 300}])
def test_skew_and_extra_times_are_tolerated(desk: Server, claims: dict[str, int]) -> None:
    """3.5, 3.6, 3.7, 4.6.3 At the token endpoint."""
    moved = {name: desk.wallet.seconds() + offset for name, offset in claims.items()}
    assert desk.token(desk.code_form(), dpop=(desk.wallet.dpop("POST", TOKEN_URL, Proof(desk.key, claims=moved)),))


def test_after_a_nonce_was_asked_for_the_same_client_proof_is_taken() -> None:
    """4.4.4 The DPoP nonce is asked for before the client's ``jti`` is remembered; 4.6.2."""
    desk = server(Policy(dpop_nonces=True))
    form, attestation = desk.code_form(), desk.wallet.attested()
    nonce = refused(desk, UseDpopNonce, "nonce", form, attestation=attestation).headers["DPoP-Nonce"]
    proof = desk.wallet.dpop("POST", TOKEN_URL, Proof(desk.key, claims={"nonce": nonce}))
    assert desk.token(form, attestation, (proof,))


def test_an_unknown_grant_type_is_refused(desk: Server) -> None:
    """RFC 6749, 5.2 ``unsupported_grant_type``."""
    refused(desk, UnsupportedGrantType, "not supported", {"grant_type": "password"})


@pytest.mark.parametrize("name", ["grant_type", "code"])
def test_a_missing_parameter_is_named(desk: Server, name: str) -> None:
    """4.5.6 400 ``invalid_request``."""
    refused(desk, InvalidRequest, f"parameter {name} is missing", changed(desk.code_form(), {name: None}))


def test_an_unknown_department_has_no_token_endpoint(desk: Server) -> None:
    """An unknown department is a problem of its own."""
    with pytest.raises(UnknownDepartment):
        desk.services.token("nobody", desk.request({}))


# Authorization details


def details(*ids: str, **more: Any) -> str:
    return json.dumps([{"type": "openid_credential", "credential_configuration_id": name, **more} for name in ids])


def test_details_name_the_credentials_that_wait(desk: Server) -> None:
    """4.5.2 Each entry with ``type``, ``credential_configuration_id`` and ``credential_identifiers``, nothing more."""
    desk.waiting.orders.append(Entitlement("o.2", "business_licence", False))
    desk.waiting.orders.append(Entitlement("o-3", "food_business_licence", True))
    response = desk.token(desk.code_form(desk.code(IDENTIFIED)))
    assert response["authorization_details"] == [
        {
            "type": "openid_credential",
            "credential_configuration_id": name,
            "credential_identifiers": [f"o-1.{form}", f"o.2.{form}"],
        }
        for name, form in ((LICENCE, "dc+sd-jwt"), (LICENCE_JWT, "jwt_vc_json"))
    ]
    assert "scope" not in response


def test_without_details_asked_for_none_are_given(desk: Server) -> None:
    """4.5.3, 9.7 No ``authorization_details`` unless asked for."""
    assert "authorization_details" not in desk.token(desk.code_form())


def test_details_may_be_asked_for_at_the_token_endpoint(desk: Server) -> None:
    """4.5.2 OpenID4VCI 1.0, 6.1: a part of what was granted."""
    asked = details(LICENCE, locations=[ISSUER], claims=[{"path": ["enterprise_name"]}])
    response = desk.token(desk.code_form(authorization_details=asked))
    (entry,) = response["authorization_details"]
    assert entry["credential_configuration_id"] == LICENCE
    granted = desk.services.access.grant(desk.protected(response["access_token"]), department=DEPARTMENT)
    assert granted.grant == replace(GRANT, configuration_ids=(LICENCE,), order_ids=("o-1",), identified=True)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "text is not JSON"),
        ("[]", "a list of 1 to 64"),
        ("{}", "a list of 1 to 64"),
        (json.dumps([{}] * 65), "a list of 1 to 64"),
        ("[1]", "another type"),
        ('[{"type": "payment"}]', "another type"),
        ('[{"type": "openid_credential"}]', "no credential configuration"),
        (details("unknown.dc+sd-jwt"), "no credential configuration"),
        (details(LICENCE, locations=["https://elsewhere.example"]), "another location"),
        (details(LICENCE, locations=ISSUER), "another location"),
        (details("business_licence.ldp_vc"), "beyond what was granted"),
    ],
)
def test_details_that_do_not_fit_are_refused(desk: Server, text: str, reason: str) -> None:
    """4.5.2 RFC 9396, 5: 400 ``invalid_authorization_details``; the code is not used up."""
    code = desk.code()
    refused(desk, InvalidAuthorizationDetails, reason, desk.code_form(code, authorization_details=text))
    assert desk.token(desk.code_form(code))


def test_a_configuration_for_which_nothing_waits_is_left_out(desk: Server) -> None:
    """4.5.2 ``credential_identifiers`` is never empty."""
    grant = replace(IDENTIFIED, configuration_ids=("food_business_licence.dc+sd-jwt", LICENCE))
    (entry,) = desk.token(desk.code_form(desk.code(grant)))["authorization_details"]
    assert entry["credential_configuration_id"] == LICENCE


def test_when_nothing_waits_any_more_there_is_no_token(desk: Server) -> None:
    """4.5.2 Nothing to name."""
    desk.waiting.orders.clear()
    refused(desk, InvalidGrant, "nothing waits", desk.code_form(desk.code(IDENTIFIED)))


def test_a_grant_that_names_orders_reaches_no_others(desk: Server) -> None:
    """4.5.2 The offer's order alone."""
    desk.waiting.orders.append(Entitlement("o-2", "business_licence", True))
    grant = replace(IDENTIFIED, order_ids=("o-2",), configuration_ids=(LICENCE,))
    (entry,) = desk.token(desk.code_form(desk.code(grant)))["authorization_details"]
    assert entry["credential_identifiers"] == ["o-2.dc+sd-jwt"]


# Refreshing


def test_a_refresh_takes_a_new_dpop_key_and_binds_the_new_token_to_it(desk: Server) -> None:
    """4.7.1, 4.7.2 The refresh token is bound to the instance, not to the DPoP key; it is not rotated (4.7.4)."""
    token = desk.token(desk.code_form())["refresh_token"]
    desk.key = OTHER
    response = desk.token(desk.refresh_form(token))
    assert set(response) == {"access_token", "token_type", "expires_in", "scope"}
    assert response["token_type"] == "DPoP"
    assert works(desk, response["access_token"])
    assert desk.token(desk.refresh_form(token))


def test_identifiers_stay_the_same_when_a_token_is_refreshed(desk: Server) -> None:
    """4.5.2, 4.7.2 Also when a newer order waits by then."""
    first = desk.token(desk.code_form(desk.code(IDENTIFIED)))
    desk.waiting.orders.insert(0, Entitlement("o-2", "business_licence", True))
    response = desk.token(desk.refresh_form(first["refresh_token"]))
    assert response["authorization_details"] == first["authorization_details"]


def test_a_refresh_may_ask_for_less(desk: Server) -> None:
    """RFC 6749, 6: a part of the scope; the refresh token keeps all of it."""
    token = desk.token(desk.code_form())["refresh_token"]
    assert desk.token(desk.refresh_form(token, scope=LICENCE_JWT))["scope"] == LICENCE_JWT
    assert desk.token(desk.refresh_form(token))["scope"] == f"{LICENCE} {LICENCE_JWT}"


@pytest.mark.parametrize(
    ("scope", "reason"), [("openid", "no credential of this issuer"), ("business_licence.ldp_vc", "beyond")]
)
def test_a_refresh_may_not_ask_for_more(desk: Server, scope: str, reason: str) -> None:
    """4.5.7 400 ``invalid_scope``."""
    token = desk.token(desk.code_form())["refresh_token"]
    refused(desk, InvalidScope, reason, desk.refresh_form(token, scope=scope))


def test_a_refresh_without_a_client_is_refused(desk: Server) -> None:
    """4.7.3 401 ``invalid_client``."""
    token = desk.token(desk.code_form())["refresh_token"]
    refused(desk, InvalidClient, "not authenticated", desk.refresh_form(token), attestation=NOBODY)


def test_a_refresh_by_another_instance_is_refused(desk: Server) -> None:
    """4.4.7, 4.7.3 The same ``sub`` with another ``cnf`` key: 400 ``invalid_grant``."""
    token = desk.token(desk.code_form())["refresh_token"]
    other = Instance(desk.clock, desk.wallet.attester, desk.wallet.chain)
    refused(desk, InvalidGrant, "another instance", desk.refresh_form(token), attestation=other.attested())


def test_a_refresh_by_another_client_is_refused(desk: Server) -> None:
    """4.7.3 The refresh token of the other client: 400 ``invalid_grant``."""
    token = desk.token(desk.code_form())["refresh_token"]
    form = desk.refresh_form(token, **desk.bank_form())
    refused(desk, InvalidGrant, "another client's", form, attestation=NOBODY)


def test_a_refresh_without_a_proof_is_refused(desk: Server) -> None:
    """4.7.3 Without DPoP: 400 ``invalid_dpop_proof``."""
    token = desk.token(desk.code_form())["refresh_token"]
    refused(desk, InvalidDpopProof, "0 DPoP proofs", desk.refresh_form(token), dpop=())


def test_a_refresh_token_of_another_department_is_refused(desk: Server) -> None:
    """4.7.3 Each department is a server of its own."""
    token = desk.token(desk.code_form())["refresh_token"]
    found = desk.state.kept[Kind.REFRESH_TOKEN, token]
    grant = {**found.value["grant"], "department": "psb"}
    desk.state.put(Kind.REFRESH_TOKEN, token, {**found.value, "grant": grant}, expires_at=found.expires_at)
    refused(desk, InvalidGrant, "another issuer's", desk.refresh_form(token))


def test_a_refresh_token_lives_for_90_days_after_its_last_use(desk: Server) -> None:
    """4.7 An old one: 400 ``invalid_grant``."""
    desk.wallet.chain, desk.wallet.attester = (), SoftwareSigner.generate()
    attester = desk.services.clients._known.attesters.find("https://wallets.example")
    desk.services.clients._known.attesters.entries["https://wallets.example"] = replace(
        attester, anchors=(), keys=(desk.wallet.attester.public_key,)
    )
    token = desk.token(desk.code_form())["refresh_token"]
    for _ in range(5):  # a year, in which it does not lie idle for long
        desk.clock.forward(days=89)
        assert desk.token(desk.refresh_form(token))
    desk.clock.forward(days=90)
    refused(desk, InvalidGrant, "refresh token is unknown", desk.refresh_form(token))


# Pre-authorized codes


def test_a_pre_authorized_code_gives_tokens(desk: Server) -> None:
    """4.5.4 With client authentication and DPoP as configured."""
    response = desk.token(desk.pre_form())
    assert response["refresh_token"]
    assert works(desk, response["access_token"])


def test_a_pre_authorized_code_is_used_once(desk: Server) -> None:
    """4.5.5 A second use: 400 ``invalid_grant``."""
    code = desk.pre_authorized()
    desk.token(desk.pre_form(code))
    refused(desk, InvalidGrant, "was used or has expired", desk.pre_form(code))


def test_a_pre_authorized_code_expires(desk: Server) -> None:
    """4.5.5 An old code: 400 ``invalid_grant``."""
    code = desk.pre_authorized()
    desk.clock.forward(hours=1)
    refused(desk, InvalidGrant, "was used or has expired", desk.pre_form(code))


def test_a_pre_authorized_code_that_goes_while_it_is_used_gives_nothing(desk: Server) -> None:
    """4.5.5 Of two uses at once one gets tokens."""
    code = desk.pre_authorized()
    taken = desk.state.change
    desk.state.change = lambda *args, **kwargs: desk.state.take(*args[:2], **kwargs) and None  # type: ignore[method-assign]
    refused(desk, InvalidGrant, "was used or has expired", desk.pre_form(code))
    desk.state.change = taken  # type: ignore[method-assign]


def test_the_right_transaction_code_is_taken(desk: Server) -> None:
    """4.5.4 ``tx_code`` when the offer asked for one."""
    assert desk.token(desk.pre_form(desk.pre_authorized(TX_CODE), tx_code="493536"))


def test_a_missing_transaction_code_is_an_invalid_request(desk: Server) -> None:
    """4.5.5 Missing ``tx_code``: 400 ``invalid_request``; it is no try."""
    code = desk.pre_authorized(TX_CODE)
    for _ in range(MAX_TRIES + 1):
        refused(desk, InvalidRequest, "a transaction code is expected", desk.pre_form(code))
    assert desk.token(desk.pre_form(code, tx_code="493536"))


def test_an_unexpected_transaction_code_is_an_invalid_request(desk: Server) -> None:
    """4.5.5 Unexpected ``tx_code``: 400 ``invalid_request``; the code is not used up."""
    code = desk.pre_authorized()
    refused(desk, InvalidRequest, "no transaction code is expected", desk.pre_form(code, tx_code="1"))
    assert desk.token(desk.pre_form(code))


@pytest.mark.parametrize("wrong", ["493537", "49353", "４９３５３６", "x"])
def test_a_wrong_transaction_code_is_an_invalid_grant(desk: Server, wrong: str) -> None:
    """4.5.5 Wrong ``tx_code``: 400 ``invalid_grant``; the right one is taken afterwards."""
    code = desk.pre_authorized(TX_CODE)
    refused(desk, InvalidGrant, "transaction code is wrong", desk.pre_form(code, tx_code=wrong))
    assert desk.token(desk.pre_form(code, tx_code="493536"))


def test_after_five_wrong_transaction_codes_the_code_is_dead(desk: Server) -> None:
    """4.5.5 Tries are limited (OpenID4VCI 1.0, 13.6): then even the right one is refused."""
    code = desk.pre_authorized(TX_CODE)
    for _ in range(MAX_TRIES):
        refused(desk, InvalidGrant, "transaction code is wrong", desk.pre_form(code, tx_code="0"))
    refused(desk, InvalidGrant, "was used or has expired", desk.pre_form(code, tx_code="493536"))


def test_four_wrong_transaction_codes_are_forgiven(desk: Server) -> None:
    """4.5.5 The last try may be the right one."""
    code = desk.pre_authorized(TX_CODE)
    for _ in range(MAX_TRIES - 1):
        refused(desk, InvalidGrant, "transaction code is wrong", desk.pre_form(code, tx_code="0"))
    assert desk.token(desk.pre_form(code, tx_code="493536"))


def test_a_pre_authorized_code_outlives_tokens_that_could_not_be_kept(desk: Server) -> None:
    """The holder would have to go back to the office for another."""
    code, put = desk.pre_authorized(TX_CODE), desk.state.put

    def busy(kind: str, *args: Any, **more: Any) -> None:
        if kind == Kind.ACCESS_TOKEN:
            raise IssuerError("storage is busy")
        put(kind, *args, **more)

    desk.state.put = busy  # type: ignore[method-assign]
    with pytest.raises(IssuerError):
        desk.token(desk.pre_form(code, tx_code="493536"))
    desk.state.put = put  # type: ignore[method-assign]
    assert desk.token(desk.pre_form(code, tx_code="493536"))
    refused(desk, InvalidGrant, "was used or has expired", desk.pre_form(code, tx_code="493536"))


def test_of_two_uses_of_a_pre_authorized_code_at_once_one_gets_tokens(
    desk: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, take = desk.pre_authorized(), desk.state.take
    others: list[dict[str, Any]] = []

    def outrun(*args: Any, **more: Any) -> Any:
        monkeypatch.setattr(desk.state, "take", take)
        others.append(desk.token(desk.pre_form(code)))
        return take(*args, **more)

    monkeypatch.setattr(desk.state, "take", outrun)
    refused(desk, InvalidGrant, "was used or has expired", desk.pre_form(code))
    assert works(desk, others[0]["access_token"])
    kept = [key for kind, key in desk.state.kept if kind == Kind.ACCESS_TOKEN]
    assert kept == [others[0]["access_token"]]


def test_nobody_is_refused_where_anonymous_access_is_off(desk: Server) -> None:
    """4.5.5 Anonymous client where not allowed: ``invalid_client``."""
    refused(desk, InvalidClient, "not authenticated", desk.pre_form(), attestation=NOBODY)


def test_nobody_gets_an_access_token_where_anonymous_access_is_on() -> None:
    """4.5.5, 4.2.6 Anonymous: no refresh token, which could be bound to nobody."""
    desk = server(Policy(anonymous=True))
    response = desk.token(desk.pre_form(), NOBODY)
    assert "refresh_token" not in response
    granted = desk.services.access.grant(desk.protected(response["access_token"]), department=DEPARTMENT)
    assert (granted.client_id, granted.instance_kid, granted.jkt) == (None, None, desk.key.public_key.kid)


@pytest.mark.parametrize("kind", ["code", "refresh"])
def test_anonymous_access_is_for_pre_authorized_codes_alone(kind: str) -> None:
    """4.5.5 A code and a refresh token need a client."""
    desk = server(Policy(anonymous=True))
    form = desk.code_form() if kind == "code" else desk.refresh_form(desk.token(desk.code_form())["refresh_token"])
    refused(desk, InvalidClient, "not authenticated", form, attestation=NOBODY)


def test_a_broken_attestation_does_not_make_somebody_anonymous() -> None:
    """4.5.5 Who says who they are has to prove it."""
    desk = server(Policy(anonymous=True))
    refused(desk, InvalidClientAttestation, "exactly one", desk.pre_form(), attestation=Attestation(("x",), ()))


def test_a_pre_authorized_code_may_ask_for_less(desk: Server) -> None:
    """4.5.7 ``scope``; unknown values do no harm."""
    assert desk.token(desk.pre_form(scope=f"openid {LICENCE}"))["scope"] == LICENCE


def test_a_pre_authorized_code_may_ask_for_details(desk: Server) -> None:
    """4.5.2 OpenID4VCI 1.0, 6.1: ``authorization_details`` in the token request."""
    response = desk.token(desk.pre_form(authorization_details=details(LICENCE)))
    assert response["authorization_details"][0]["credential_identifiers"] == ["o-1.dc+sd-jwt"]


def test_a_mistake_in_the_scope_does_not_use_the_code_up(desk: Server) -> None:
    """4.5.7 400 ``invalid_scope``; then the code still works."""
    code = desk.pre_authorized()
    refused(desk, InvalidScope, "no credential", desk.pre_form(code, scope="x"))
    assert desk.token(desk.pre_form(code))


def test_a_pre_authorized_code_of_another_department_is_refused(desk: Server) -> None:
    """4.5.5 Each department is a server of its own; the code is not used up."""
    code = desk.pre_authorized(grant=replace(GRANT, department="psb"))
    refused(desk, InvalidGrant, "another issuer's", desk.pre_form(code))
    assert (Kind.PRE_AUTHORIZED_CODE, code) in desk.state.kept


# Limits


def test_requests_are_counted_by_address_and_by_instance(desk: Server) -> None:
    """Issue 4, operations: ``token`` by address and client; all instances of a wallet do not share one limit."""
    desk.token(desk.code_form())
    assert desk.limits.hits == [
        ("token", "address 192.0.2.7"),
        ("token", f"client wallets.example {desk.wallet.key.public_key.kid}"),
    ]


def test_a_pre_authorized_code_is_counted_by_itself(desk: Server) -> None:
    """13.6 Guessing a transaction code; what is counted is a digest, no code."""
    code = desk.pre_authorized()
    desk.token(desk.pre_form(code))
    assert desk.limits.hits[-1] == ("pre_authorized_code", family_of(code))
    assert all(code not in subject for _, subject in desk.limits.hits)


@pytest.mark.parametrize("rule", ["token", "pre_authorized_code"])
def test_who_asks_too_often_is_told_when_to_come_again(desk: Server, rule: str) -> None:
    """Issue 4, operations: 429 with ``Retry-After``; the code is not used up."""
    code = desk.pre_authorized()
    desk.limits.refused.add(rule)
    with pytest.raises(TooManyRequests) as caught:
        desk.token(desk.pre_form(code))
    assert (caught.value.status, caught.value.headers) == (429, {"Retry-After": "30"})
    desk.limits.refused.clear()
    assert desk.token(desk.pre_form(code))


def test_an_access_token_lives_for_ten_minutes(desk: Server) -> None:
    """4.5.1 ``expires_in`` is true."""
    token = desk.token(desk.code_form())["access_token"]
    desk.clock.forward(seconds=599)
    assert works(desk, token)
    desk.clock.forward(seconds=1)
    assert not works(desk, token)


def test_the_policy_of_a_server_left_alone_is_the_documented_one() -> None:
    """docs/operations.md"""
    assert Policy() == Policy(False, False, False, timedelta(minutes=10), timedelta(days=90))
