"""What a wallet keeps: holders, their keys, their credentials, and what they showed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from keys.public import PublicKey
from schemas.order import CredentialId, HolderId, IssuedCredential


class HolderKind(StrEnum):
    """A natural person (自然人) or an organisation (法人和其他组织)."""

    NATURAL_PERSON = "natural_person"
    LEGAL_ENTITY = "legal_entity"


class KeyPlace(StrEnum):
    """Where a holder's private key lives."""

    DEVICE = "device"
    CUSTODY = "custody"


@dataclass(frozen=True, slots=True)
class Holder:
    """A holder: an opaque id; the name and the number are decrypted only for the holder's own eyes."""

    holder_id: HolderId
    kind: HolderKind
    code_type: str
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class HolderKey:
    """A holder's key: the public half, and where the private one lives (``store_name`` for custody)."""

    holder_id: HolderId
    key: PublicKey
    place: KeyPlace
    store_name: str | None


@dataclass(frozen=True, slots=True)
class Holding:
    """A credential in a wallet."""

    credential: IssuedCredential
    received_at: datetime


@dataclass(frozen=True, slots=True)
class ShownRecord:
    """One presentation in the history: when, to whom, which fields, why. Field names only, never values."""

    presentation_id: str
    holder_id: HolderId
    credential_id: CredentialId
    type_id: str
    fields: tuple[str, ...]
    audience: str
    purpose: str
    channel: str  # "qr", "reference", "api"
    at: datetime


@dataclass(frozen=True, slots=True)
class Refusal:
    """A credential that was not kept: the row of the report that stood in the way (or ``wallet``), and its reason."""

    credential_id: CredentialId
    check: str
    reason: str
