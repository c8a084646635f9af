"""Whatever a stranger sends, the answer is a refusal of the protocol: no other error gets out."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from issuer.openid4vci.answers import REFUSALS, read_form
from issuer.openid4vci.authorization.attestation import Attestation
from tests.support.oauth import TOKEN_URL, Proof, server

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
TIMES = st.sampled_from([0, -1, 253_402_300_799, 253_402_300_800, 1e300, 5e-324, True, "1"])
DESK = server()
CLAIMS = ("iss", "sub", "aud", "jti", "iat", "nbf", "exp", "cnf", "htm", "htu", "ath", "nonce", "challenge")
HEADER = ("alg", "typ", "jwk", "x5c", "kid", "crit", "jku")


def sent(form: dict[str, Any], attestation: Attestation | None = None, dpop: str | None = None) -> None:
    try:
        DESK.token(form, attestation, None if dpop is None else (dpop,))
    except REFUSALS:
        return


@given(text=st.text(max_size=200))
def test_any_text_as_a_token(text: str) -> None:
    """4.6.4 Not a JWT, in every place where one is expected."""
    sent(DESK.code_form(), dpop=text)
    sent(DESK.code_form(), Attestation((text,), (DESK.wallet.pop(),)))
    sent(DESK.code_form(), Attestation((DESK.wallet.attestation(),), (text,)))
    sent(DESK.code_form(client_assertion=text, **{"client_assertion_type": "x"}), Attestation((), ()))


@given(name=st.sampled_from(CLAIMS), value=JSON | TIMES)
def test_any_value_of_a_signed_claim(name: str, value: Any) -> None:
    """4.4.3, 4.6.4 One claim is anything at all, under a good signature."""
    changes = {name: value}
    sent(DESK.code_form(), dpop=DESK.wallet.dpop("POST", TOKEN_URL, Proof(DESK.key, claims=changes)))
    sent(DESK.code_form(), Attestation((DESK.wallet.attestation(claims=changes),), (DESK.wallet.pop(),)))
    sent(DESK.code_form(), Attestation((DESK.wallet.attestation(),), (DESK.wallet.pop(claims=changes),)))
    form = DESK.code_form(**DESK.bank_form(client_assertion=DESK.assertion(claims=changes)))
    sent(form, Attestation((), ()))


@given(name=st.sampled_from(HEADER), value=JSON)
def test_any_value_of_a_header_member(name: str, value: Any) -> None:
    """4.6.4 One member of the header is anything at all."""
    changes = {name: value}
    sent(DESK.code_form(), dpop=DESK.wallet.dpop("POST", TOKEN_URL, Proof(DESK.key, header=changes)))
    sent(DESK.code_form(), Attestation((DESK.wallet.attestation(changes),), (DESK.wallet.pop(),)))
    sent(DESK.code_form(), Attestation((DESK.wallet.attestation(),), (DESK.wallet.pop(changes),)))


@given(name=st.sampled_from(["kty", "crv", "x", "y", "alg", "use", "key_ops"]), value=JSON)
def test_any_value_of_a_member_of_a_key(name: str, value: Any) -> None:
    """4.6.4 The key in the header, or the attested one, has a member that is anything at all."""
    jwk = {**DESK.wallet.key.public_key.jwk, name: value}
    sent(DESK.code_form(), dpop=DESK.wallet.dpop("POST", TOKEN_URL, Proof(DESK.key, header={"jwk": jwk})))
    attestation = DESK.wallet.attestation(claims={"cnf": {"jwk": jwk}})
    sent(DESK.code_form(), Attestation((attestation,), (DESK.wallet.pop(),)))


@given(details=JSON, scope=st.text(max_size=50), code=st.text(max_size=50))
def test_any_value_of_a_parameter(details: Any, scope: str, code: str) -> None:
    """4.5.2, 4.5.6 Details that are any JSON, codes and scopes that are any text."""
    sent(DESK.code_form(authorization_details=json.dumps(details)))
    sent(DESK.pre_form(scope=scope, tx_code=code))
    sent(DESK.code_form(code or "x", redirect_uri=scope, code_verifier=code))
    sent(DESK.refresh_form(code, scope=scope))


@given(body=st.binary(max_size=200))
def test_any_bytes_as_a_form(body: bytes) -> None:
    """RFC 6749, 3.2: a form is read or refused."""
    try:
        read_form(body, "application/x-www-form-urlencoded")
    except REFUSALS:
        return
