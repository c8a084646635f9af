"""What a department orders, what an issuer hands over: the values that pass between issuer, wallet and storage."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NewType

from keys.public import PublicKey
from schemas.catalogue import TypeId

HolderId = NewType("HolderId", str)
"""An opaque random id of a holder (持证主体); never a national number."""
Identifier = NewType("Identifier", str)
"""A certificate's national identifier 电子证照标识 (GB/T 36904), check character included."""
CredentialId = NewType("CredentialId", str)
"""An opaque random id of one credential."""


class CredentialFormat(StrEnum):
    """How a credential is signed; the values are the media type names of the formats."""

    SD_JWT_VC = "dc+sd-jwt"
    VC_JWT = "vc+jwt"
    LDP_VC = "ldp_vc"  # VCDM 2.0 with a Data Integrity proof; OpenID4VCI's name of it
    JWT_VC_JSON = "jwt_vc_json"  # VCDM 1.1 in a JWT's vc claim; OpenID4VCI's name of it
    VC_SD_JWT = "vc+sd-jwt"  # VCDM 2.0 as SD-JWT (VC-JOSE-COSE)
    VC_COSE = "vc+cose"
    SD_CWT = "sd+cwt"


@dataclass(frozen=True, slots=True)
class HolderRef:
    """One holder of a certificate and the key to bind credentials to (``cnf``), when the holder has one."""

    holder_id: HolderId
    key: PublicKey | None


@dataclass(frozen=True, slots=True)
class Order:
    """A department's wish: this certificate, with these claims, for these holders.

    ``row_key`` makes it idempotent within the department: the same key gives the same certificate. ``replaces`` names
    the certificate that this one supersedes: the serial stays, the version rises by one.
    """

    type_id: TypeId
    holders: tuple[HolderRef, ...]
    claims: Mapping[str, Any]
    row_key: str | None = None
    replaces: Identifier | None = None


@dataclass(frozen=True, slots=True)
class LegalDates:
    """The dates of a certificate: days of Asia/Shanghai, the last one inclusive; ``expires`` None is 长期."""

    issued: date
    effective: date
    expires: date | None


@dataclass(frozen=True, slots=True)
class StatusRef:
    """Where a credential's status stands: the list's URI and the index in it (Token Status List, 6.2)."""

    uri: str
    index: int


@dataclass(frozen=True, slots=True)
class IssuedCredential:
    """One signed document of a certificate, on its way to its holder. ``token`` carries personal data.

    ``holder_kid`` names the holder key that it is bound to (``cnf``), None when it is bound to none.
    """

    credential_id: CredentialId
    identifier: Identifier
    type_id: TypeId
    holder_id: HolderId
    format: CredentialFormat
    short_lived: bool
    holder_kid: str | None
    token: str
    issued_at: datetime
    expires_at: datetime
    status: StatusRef
