"""A holder's own credentials as bytes: the names of their fields, their claims, and a presentation without signature.

They were checked when they were received, so they are read here without a key. Nothing is decided by it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from keys import jws
from keys.public import PublicKey
from schemas.formats import key_binding
from schemas.formats.key_binding import PreparedKeyBinding
from schemas.formats.sd_jwt import SdJwt
from schemas.order import CredentialFormat, IssuedCredential

# What the formats need (RFC 7519, 4.1; SD-JWT VC, 2.2.2; RFC 9901, 4.1): in every presentation, and no field of a type.
_OF_THE_FORMAT = frozenset(
    {"iss", "sub", "aud", "iat", "nbf", "exp", "jti", "cnf", "vct", "vct#integrity", "aka_vcts", "status"}
) | {"_sd", "_sd_alg"}


@dataclass(frozen=True, slots=True)
class FieldNames:
    """The fields of an SD-JWT VC: those that the holder chooses, and those that come along (in the issuer's order)."""

    selective: frozenset[str]
    always: tuple[str, ...]


def field_names(token: str) -> FieldNames:
    """Return the names of the fields in an issued SD-JWT VC; raises as ``SdJwt.parse`` for a broken one."""
    issued = SdJwt.parse_issued(token)
    in_the_clear = issued.issuer_jws.peek_claims()
    selective = issued.peek_claims().keys() - in_the_clear.keys()
    return FieldNames(frozenset(selective), tuple(name for name in in_the_clear if name not in _OF_THE_FORMAT))


def good_from(credential: IssuedCredential) -> datetime:
    """Return the moment from which a credential is good: its issue, or the later ``nbf`` of a certificate to come."""
    not_before = jws.peek(credential.token.partition("~")[0]).peek_claims().get("nbf", 0)
    return max(credential.issued_at, datetime.fromtimestamp(not_before, UTC))


def claims_of(credential: IssuedCredential) -> dict[str, Any]:
    """Return every claim of a credential, in each format under the same names."""
    if credential.format is CredentialFormat.SD_JWT_VC:
        return SdJwt.parse_issued(credential.token).peek_claims()
    subject: dict[str, Any] = jws.peek(credential.token).peek_claims()["credentialSubject"]
    return subject


def unsigned(
    token: str, fields: Iterable[str], *, nonce: str, audience: str, at: datetime, key: PublicKey
) -> PreparedKeyBinding:
    """Return the presentation of ``fields`` that lacks the holder's signature; the same input gives the same bytes.

    Raises:
        UnknownClaimPath: a field does not stand in the credential.
    """
    presented = SdJwt.parse_issued(token).present([(name,) for name in fields])
    return key_binding.prepare(presented, key, audience=audience, nonce=nonce, iat=int(at.timestamp()))
