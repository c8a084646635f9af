"""The ledger's records: what is planned, what was signed, what was decided."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any

from schemas.catalogue import TypeId
from schemas.order import (
    CredentialFormat,
    CredentialId,
    HolderRef,
    Identifier,
    IssuedCredential,
    LegalDates,
    StatusRef,
)

MAX_IN_FORCE = 2_000
"""Credentials of one certificate in one format that are in force: each takes a status index for ever, and an act on the
certificate reaches all of them. It is five a day for a year."""


class State(StrEnum):
    """Where a certificate stands; the comment is the code of the national list of construction certificates."""

    PREPARED = "prepared"  # 00 制证中
    ISSUED = "issued"  # 01 有效
    SUSPENDED = "suspended"  # 02 暂扣
    REVOKED = "revoked"  # 03 撤销, 07 吊销
    CANCELLED = "cancelled"  # 04 注销
    REPLACED = "replaced"  # 变更, 延续
    EXPIRED = "expired"  # 05 失效


class StatusValue(IntEnum):
    """The value in a status list of 2 bits (ADR 7; Token Status List, 7.1 for 0, 1 and 2)."""

    VALID = 0
    INVALID = 1
    SUSPENDED = 2
    REPLACED = 3


class ActKind(StrEnum):
    """What an officer can do to an issued certificate."""

    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    REVOKE = "revoke"
    CANCEL = "cancel"
    REPLACE = "replace"


@dataclass(frozen=True, slots=True)
class Act:
    """A decision on a certificate: who, when, by which legal reason, in which case.

    ``proposal`` names the one that a second officer confirmed.
    """

    kind: ActKind
    identifier: Identifier
    legal_reason: str  # the Chinese legal term, for example 吊销
    officer: str
    case_number: str
    at: datetime
    note: str = ""
    proposal: str | None = None


@dataclass(frozen=True, slots=True)
class CopyMark:
    """What makes a printed copy one (加注件): who makes it, why, and for how many days it is good."""

    maker: str
    cause: str
    days: int


@dataclass(frozen=True, slots=True)
class CredentialIntent:
    """One credential that will be signed.

    ``purpose`` names a purpose of the type (``schemas.purposes``): the credential holds its fields alone, all in the
    clear. With ``copy`` it is a printed copy, bound to no key; one without a purpose holds its face. ``fetched``:
    its holder's wallet fetches it (OpenID4VCI), so it is never delivered, and its signature carries the issuer's chain.
    """

    credential_id: CredentialId
    format: CredentialFormat
    holder: HolderRef
    short_lived: bool
    purpose: str | None = None
    copy: CopyMark | None = None
    fetched: bool = False


@dataclass(frozen=True, slots=True)
class Intent:
    """What will be signed, recorded before it is. ``claims`` are complete: given, derived and common ones."""

    identifier: Identifier
    version: int
    type_id: TypeId
    revision: int
    department: str
    holders: tuple[HolderRef, ...]
    claims: Mapping[str, Any]
    dates: LegalDates
    credentials: tuple[CredentialIntent, ...]
    planned_at: datetime
    row_key: str | None = None
    row_digest: str | None = None  # SHA-256 of the order's claims: the same key with another content is refused
    replaces: Identifier | None = None
    decision: Act | None = (
        None  # the act (replace) on the certificate that this one replaces, recorded with the signature
    )


@dataclass(frozen=True, slots=True)
class RecordedIntent:
    """An intent in the ledger, with the status index of each credential (same order as ``intent.credentials``).

    ``issued`` is empty until the signatures are recorded; when the order's ``row_key`` was known before, ``intent``
    and ``issued`` are those of the first time.
    """

    intent: Intent
    statuses: tuple[StatusRef, ...]
    issued: tuple[IssuedCredential, ...] = ()


@dataclass(frozen=True, slots=True)
class CertificateRecord:
    """A certificate as the ledger has it (claims decrypted)."""

    intent: Intent
    state: State
    credentials: tuple[IssuedCredential, ...]
    acts: tuple[Act, ...]


@dataclass(frozen=True, slots=True)
class StatusListRow:
    """One status list: whose, where, how many entries, how many indexes are taken."""

    uri: str
    department: str
    size: int
    taken: int


@dataclass(frozen=True, slots=True)
class PublishedList:
    """An edition of a status list; ``token`` is what a GET of ``uri`` answers.

    ``documents`` are the other forms of the same statuses by name (``issuer.status``), published with the token or not
    at all; ``covers`` the outbox entries that they say; ``content`` a digest of the statuses, equal for equal ones. A
    ledger takes them and gives back none of them with the token.
    """

    uri: str
    token: str = field(repr=False)
    issued_at: datetime
    expires_at: datetime
    sequence: int
    documents: Mapping[str, bytes] = field(default_factory=dict, compare=False, repr=False)
    covers: tuple[int, ...] = field(default=(), compare=False, repr=False)
    content: str = field(default="", compare=False, repr=False)
