"""Tokens that another implementation signs (PyJWT) are taken: a client needs nothing of ours."""

import uuid
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from issuer.openid4vci.authorization.attestation import Attestation
from keys.public import PublicKey
from tests.support.oauth import ISSUER, TOKEN_URL, WALLET, Server, server

KEYS: dict[str, Any] = {
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "ES384": ec.generate_private_key(ec.SECP384R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate(),
}


@pytest.fixture
def desk() -> Server:
    return server()


@pytest.mark.parametrize("alg", KEYS)
def test_a_client_that_signs_by_pyjwt_gets_tokens(desk: Server, alg: str) -> None:
    """4.4.1, 4.6 Attestation's proof of possession and DPoP proof by PyJWT."""
    key, now = KEYS[alg], desk.wallet.seconds()
    public = dict(PublicKey(key.public_key()).jwk)
    attestation = desk.wallet.attestation(claims={"cnf": {"jwk": public}})
    pop = jwt.encode(
        {"iss": WALLET, "aud": ISSUER, "jti": str(uuid.uuid4()), "iat": now},
        key,
        algorithm=alg,
        headers={"typ": "oauth-client-attestation-pop+jwt"},
    )
    dpop = jwt.encode(
        {"jti": str(uuid.uuid4()), "htm": "POST", "htu": TOKEN_URL, "iat": now},
        key,
        algorithm=alg,
        headers={"typ": "dpop+jwt", "jwk": public},
    )
    assert desk.token(desk.code_form(), Attestation((attestation,), (pop,)), (dpop,))["access_token"]
