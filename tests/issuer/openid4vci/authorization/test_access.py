"""Access tokens at a protected endpoint: rows 2.5, 2.21, 3.4 and 4.6 of the checklist."""

from typing import Any

import pytest

from issuer.openid4vci.authorization.policy import Policy
from issuer.openid4vci.errors import AccessError, InvalidToken, InvalidTokenProof, UseTokenNonce
from issuer.openid4vci.grants import TokenGrant
from keys.signer import SoftwareSigner
from tests.support.oauth import CREDENTIAL_URL, DEPARTMENT, GRANT, WALLET, Proof, Server, server

OTHER = SoftwareSigner.generate()


@pytest.fixture
def desk() -> Server:
    return server()


@pytest.fixture
def token(desk: Server) -> str:
    return str(desk.token(desk.code_form())["access_token"])


def granted(desk: Server, token: str, made: Proof | None = None, **changes: Any) -> TokenGrant:
    return desk.services.access.grant(desk.protected(token, made, **changes), department=DEPARTMENT)


def refused(desk: Server, error: type[AccessError], reason: str, token: str, **changes: Any) -> AccessError:
    with pytest.raises(error, match=reason) as caught:
        granted(desk, token, **changes)
    assert caught.value.status == 401
    assert caught.value.headers["WWW-Authenticate"].startswith(f'DPoP error="{caught.value.error}"')
    return caught.value


def test_a_token_with_its_keys_proof_says_what_it_stands_for(desk: Server, token: str) -> None:
    """4.6.1 Bound by ``cnf.jkt``."""
    found = granted(desk, token)
    assert (found.grant, found.client_id, found.jkt) == (GRANT, WALLET, desk.key.public_key.kid)
    assert found.instance_kid == desk.wallet.key.public_key.kid


@pytest.mark.parametrize("scheme", ["dPOp", "dpop", "DPOP"])
def test_the_scheme_may_be_in_any_case(desk: Server, token: str, scheme: str) -> None:
    """3.4, 4.6.5 ``Authorization`` scheme in inverted case."""
    assert granted(desk, token, authorization=(f"{scheme} {token}",))


@pytest.mark.parametrize(
    "fields",
    [(), ("",), ("Bearer {}",), ("DPoP",), ("DPoP {} {}",), ("{}",), ("DPoP {}", "DPoP {}"), ("DPoP ü",)],
)
def test_what_is_no_token_of_this_scheme_is_refused(desk: Server, token: str, fields: tuple[str, ...]) -> None:
    """4.6.4 ``Bearer`` scheme; 2.21 no ``Authorization`` field, the token elsewhere."""
    shown = tuple(text.replace("{}", token) for text in fields)
    refused(desk, InvalidToken, "request has no access token", token, authorization=shown)


def test_an_unknown_token_is_refused(desk: Server, token: str) -> None:
    """OpenID4VCI 1.0, 8.3.1.1 ``invalid_token``."""
    refused(desk, InvalidToken, "unknown, was ended", token, authorization=("DPoP made-up",))


def test_a_token_of_another_department_is_refused(desk: Server, token: str) -> None:
    """Each department is an issuer of its own."""
    with pytest.raises(InvalidToken, match="unknown"):
        desk.services.access.grant(desk.protected(token), department="psb")


def test_a_refresh_token_is_no_access_token(desk: Server) -> None:
    """RFC 6749, 1.5."""
    refused(desk, InvalidToken, "unknown", desk.token(desk.code_form())["refresh_token"])


def test_a_token_with_another_keys_proof_is_refused(desk: Server, token: str) -> None:
    """2.5, 3.1, 4.6.4 Another key than the bound one."""
    refused(desk, InvalidTokenProof, "another key", token, made=Proof(OTHER))


@pytest.mark.parametrize("count", [0, 2])
def test_a_request_has_exactly_one_proof(desk: Server, token: str, count: int) -> None:
    """4.6.4 No ``DPoP`` field, two ``DPoP`` fields."""
    proofs = tuple(desk.wallet.dpop("POST", CREDENTIAL_URL, Proof(desk.key), token=token) for _ in range(count))
    refused(desk, InvalidTokenProof, f"{count} DPoP proofs", token, dpop=proofs)


def test_a_proof_is_of_this_token(desk: Server, token: str) -> None:
    """4.6.4 ``ath`` of another token, and none."""
    another = str(desk.token(desk.code_form())["access_token"])
    for shown in (another, None):
        proof = desk.wallet.dpop("POST", CREDENTIAL_URL, Proof(desk.key), token=shown)
        refused(desk, InvalidTokenProof, "ath", token, dpop=(proof,))


def test_a_proof_is_used_once(desk: Server, token: str) -> None:
    """4.6.4 A used ``jti``."""
    proof = desk.protected(token).dpop
    granted(desk, token, dpop=proof)
    refused(desk, InvalidTokenProof, "used before", token, dpop=proof)


def test_after_every_refusal_a_correct_proof_still_works(desk: Server, token: str) -> None:
    """4.6.4 The last step of ``dpop-negative-tests``."""
    refused(desk, InvalidTokenProof, "htm", token, made=Proof(desk.key, claims={"htm": "PUT"}))
    assert granted(desk, token)


def test_a_nonce_is_asked_for_where_nonces_are_on() -> None:
    """4.6.2, 9.6 401 ``use_dpop_nonce`` with the challenge and ``DPoP-Nonce``."""
    desk = server(Policy(dpop_nonces=True))
    nonce = {"nonce": desk.services.dpop.nonces.fresh(desk.clock())}  # type: ignore[union-attr]
    proof = desk.wallet.dpop("POST", desk.services.tokens.issuer_uri("amr") + "/token", Proof(desk.key, claims=nonce))
    token = str(desk.token(desk.code_form(), dpop=(proof,))["access_token"])
    asked = refused(desk, UseTokenNonce, "nonce", token)
    assert granted(desk, token, Proof(desk.key, claims={"nonce": asked.headers["DPoP-Nonce"]}))
