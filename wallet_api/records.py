"""What a wallet keeps: holders, their keys, their credentials, and what they showed."""

from dataclasses import dataclass, field
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


class Trust(StrEnum):
    """How surely the wallet knew who asked, at that time."""

    LISTED = "listed"  # a certificate that leads to the city's anchor names it
    KEY = "key"  # it holds the key of its identifier; nobody vouches for a name
    ORIGIN = "origin"  # the browser says from which site the request came, and no more
    UNVERIFIED = "unverified"  # its own word alone


class ExchangeOutcome(StrEnum):
    """How a request ended."""

    SENT = "sent"  # it left; whether it was taken is not known
    SHARED = "shared"
    DECLINED = "declined"
    FAILED = "failed"  # the verifier did not take it, or was not reached


class Afterwards(StrEnum):
    """What a holder did about a use later on."""

    DELETION_ASKED = "deletion_asked"
    REPORTED = "reported"


@dataclass(frozen=True, slots=True)
class PartyRecord:
    """Who asked, as the wallet knew it then. ``client_id`` is what it was known by; names are empty where none is."""

    client_id: str
    trust: Trust
    name_zh: str = ""
    name_en: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True)
class ReasonRecord:
    """What it gave as its reason; empty where it gave none."""

    purpose_id: str = ""
    legal_basis_zh: str = ""
    legal_basis_en: str = ""
    retention_days: int | None = None


@dataclass(frozen=True, slots=True)
class CertificateRecord:
    """One certificate of an exchange: which fields of it were asked for and, by the outcome, shown."""

    credential_id: CredentialId
    type_id: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request over OpenID4VP and how it ended; ``afterwards`` are the holder's acts on it, oldest first."""

    party: PartyRecord
    outcome: ExchangeOutcome
    certificates: tuple[CertificateRecord, ...] = ()
    reason: ReasonRecord = ReasonRecord()
    afterwards: tuple[tuple[Afterwards, datetime], ...] = ()


@dataclass(frozen=True, slots=True)
class ActingRecord:
    """A use by an agent (授权用证), in the agent's history and in the holder's. ``other`` is the other one's name."""

    delegation_id: str
    relation: str
    as_agent: bool
    other: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ShownRecord:
    """One use in the history: when, to whom, which fields, why. Field names only, never values.

    ``exchange`` is there for a request over OpenID4VP, declined or failed ones too; then the fields above it are those
    of its first certificate, and empty when there is none. ``acting`` is there when an agent showed it.
    """

    presentation_id: str
    holder_id: HolderId
    credential_id: CredentialId
    type_id: str
    fields: tuple[str, ...]
    audience: str
    purpose: str
    channel: str  # "qr", "reference", "api", "openid4vp"
    at: datetime
    exchange: Exchange | None = None
    acting: ActingRecord | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A credential that was not kept: the row of the report that stood in the way (or ``wallet``), and its reason."""

    credential_id: CredentialId
    check: str
    reason: str
