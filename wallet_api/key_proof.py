"""The proof that a device holds the key that it registers.

challenge                                                      from the wallet: sealed, good for 5 minutes, one use
JWS  {"alg", "typ": "ecert-key-proof+jwt", "jwk": {...}}       signed by the key that is proved
     {"nonce": <challenge>, "aud": <wallet's URL>, "iat": <seconds>}
"""

from datetime import datetime, timedelta
from typing import Any

from keys import jws
from keys.errors import KeysError
from keys.public import PublicKey
from wallet_api.errors import KeyProofInvalid

TYP = "ecert-key-proof+jwt"
CHALLENGE_GOOD_FOR = timedelta(minutes=5)
_MAX_PROOF = 8_192  # characters; a proof of a P-384 key stays under a quarter of it
_AHEAD = 60  # seconds; a phone's clock may be that much fast


def proved_key(proof: str, *, audience: str, now: datetime) -> tuple[PublicKey, str]:
    """Return the key that ``proof`` proves, and the challenge that it answers; the caller judges the challenge.

    Raises:
        KeyProofInvalid: not of the form above, not signed by the key it embeds, for another audience, or not of now.
    """
    try:
        token = jws.peek(proof, max_bytes=_MAX_PROOF, embedded_jwk=True)
        embedded = token.header.parameters.get("jwk")
        key = PublicKey.from_jwk(embedded if isinstance(embedded, dict) else {})
        claims = token.verified_by(key)
    except KeysError as exc:
        raise KeyProofInvalid(f"key proof is not accepted: {exc}") from exc
    if token.header.typ != TYP:
        raise KeyProofInvalid(f"key proof has another typ, expected {TYP}")
    _check(claims, audience=audience, now=now)
    return key, claims["nonce"]


def _check(claims: dict[str, Any], *, audience: str, now: datetime) -> None:
    if claims.get("aud") != audience:
        raise KeyProofInvalid("key proof is made for another audience")
    iat = claims.get("iat")
    if type(iat) is not int:
        raise KeyProofInvalid("key proof has no iat in whole seconds")
    age = now.timestamp() - iat
    if not -_AHEAD <= age <= CHALLENGE_GOOD_FOR.total_seconds():
        raise KeyProofInvalid(f"key proof is {int(age)} s old, at most {int(CHALLENGE_GOOD_FOR.total_seconds())} s")
    if type(claims.get("nonce")) is not str:
        raise KeyProofInvalid("key proof names no nonce")
