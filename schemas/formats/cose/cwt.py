"""CBOR Web Tokens (RFC 8392) in COSE_Sign1: the claims, and the kinds of the registered ones.

    token = cwt.peek(data)
    claims = token.verified_by(key)

When the moments are judged is the caller's policy.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cbor2

from keys.public import PublicKey
from keys.signer import Signer
from schemas.formats.claims import is_number
from schemas.formats.cose import cbor, sign1
from schemas.formats.cose.errors import CwtClaimInvalid

TAG = 61
ISS, SUB, AUD, EXP, NBF, IAT, CTI, CNF = range(1, 9)
STATUS = 65_535
"""The claim that refers to a status list (Token Status List, 6.3)."""
_NAMES = {ISS: "iss", SUB: "sub", AUD: "aud", EXP: "exp", NBF: "nbf", IAT: "iat", CTI: "cti"}


@dataclass(frozen=True, slots=True)
class UnverifiedCwt:
    """A token whose signature nobody has checked yet."""

    message: sign1.UnverifiedSign1
    any_order: bool = False

    def peek_claims(self) -> dict[Any, Any]:
        """Return the claims, unverified; raises as ``verified_by`` but for the signature."""
        return read_claims(self.message.peeked_payload or b"", any_order=self.any_order)

    def verified_by(self, key: PublicKey, *, external_aad: bytes = b"") -> dict[Any, Any]:
        """Return the claims if ``key`` signed them.

        Raises:
            InvalidSignature, AlgorithmNotAllowed, CosePayloadDetached: as ``UnverifiedSign1.verified_by``.
            CborError, CwtClaimInvalid: as ``read_claims``.
        """
        return read_claims(self.message.verified_by(key, external_aad=external_aad), any_order=self.any_order)


def sign(
    claims: Mapping[Any, Any],
    signer: Signer,
    *,
    protected: Mapping[int | str, Any] = sign1.NO_HEADER,
    unprotected: Mapping[int | str, Any] = sign1.NO_HEADER,
) -> bytes:
    """Return the token of ``claims`` as a tagged COSE_Sign1, without the CWT tag; raises as ``sign1.sign``, and:

    CwtClaimInvalid: a registered claim that a reader would refuse.
    """
    check_claims(claims)
    return sign1.sign(cbor.dumps(dict(claims)), signer, protected=protected, unprotected=unprotected)


def peek(data: bytes, *, max_bytes: int = cbor.MAX_BYTES, any_order: bool = False) -> UnverifiedCwt:
    """Take a token apart without believing it, with or without the CWT tag around it; raises as ``sign1.peek``.

    ``any_order`` takes claims in any order: RFC 8392 does not ask for deterministic encoding.
    """
    item = cbor.loads_strict(data, max_bytes=max_bytes)
    if type(item) is cbor2.CBORTag and item.tag == TAG:
        item = item.value
    return UnverifiedCwt(sign1.from_item(item), any_order)


def read_claims(payload: bytes, *, any_order: bool = False, max_bytes: int = cbor.MAX_BYTES) -> dict[Any, Any]:
    """Return the claims of a payload; raises CborError, and CwtClaimInvalid as ``check_claims``."""
    claims = cbor.loads_strict(payload, any_order=any_order, max_bytes=max_bytes)
    if type(claims) is not dict:
        raise CwtClaimInvalid("claims are not a map")
    check_claims(claims)
    return claims


def check_claims(claims: Mapping[Any, Any]) -> None:
    """Return if the registered claims that are there are of their kinds (RFC 8392, 3.1); raises CwtClaimInvalid."""
    for label in (ISS, SUB):
        if label in claims and (type(claims[label]) is not str or not claims[label]):
            raise CwtClaimInvalid(f"{_NAMES[label]} is no text")
    for label in (EXP, NBF, IAT):
        if label in claims and not is_number(claims[label]):
            raise CwtClaimInvalid(f"{_NAMES[label]} is no number of seconds")
    if CTI in claims and type(claims[CTI]) is not bytes:
        raise CwtClaimInvalid("cti is not bytes")
    if AUD in claims and not _is_audience(claims[AUD]):
        raise CwtClaimInvalid("aud is neither text nor an array of texts")


def _is_audience(value: Any) -> bool:
    audiences = value if type(value) is list else [value]
    return bool(audiences) and all(type(item) is str for item in audiences)
