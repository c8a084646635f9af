"""What the audit trail says of acts on orders, offers, keys, tokens and offices: who did what to which, when.

Decisions on certificates have a form of their own (``issuer.records.Act``) and stand in the same trail. An event holds
identifiers that mean nothing outside the installation (an order's, a token's, a holder's opaque one), never a number, a
name or an address of a person.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

Detail = str | int | bool

_ACT = re.compile(r"[a-z][a-z_]{0,39}")
_ID = re.compile(r"[!-~]{1,128}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
MAX_DETAILS = 16
MAX_TEXT = 200
"""Characters of one detail: a reason, not a letter."""


class Subject(StrEnum):
    """What an act was done to."""

    CERTIFICATE = "certificate"  # by ``issuer.records.Act`` alone
    ORDER = "order"
    OFFER = "offer"
    PROPOSAL = "proposal"  # an act on a certificate that a second officer confirms
    KEY = "key"
    TOKEN = "token"  # noqa: S105 - a kind
    OFFICE = "office"
    PARTY = "party"  # a relying party
    DELEGATION = "delegation"


class AuditAct(StrEnum):
    """What was done. Another word may stand in an event; these are the ones that are used."""

    PREPARED = "prepared"
    APPROVED = "approved"
    DECLINED = "declined"
    OFFER_MADE = "offer_made"
    OFFER_WITHDRAWN = "offer_withdrawn"
    CLAIMED = "claimed"
    MADE = "made"
    CHANGED = "changed"
    REVOKED = "revoked"
    GRANTED = "granted"
    RECALLED = "recalled"
    REPORTED = "reported"  # a holder reports a relying party


@dataclass(frozen=True, slots=True)
class Doer:
    """Who acts: a token's id, an officer's, a holder's opaque one, or ``system``; and in which role."""

    actor: str
    role: str


SYSTEM = Doer("system", "system")
"""The program itself: at its first start, by its watchman, in a demonstration."""


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One act, checked when it is made.

    Raises:
        ValueError: a part is not of the form that it must have, which is the caller's mistake: details, for example,
            are at most ``MAX_DETAILS``, and a text among them has at most ``MAX_TEXT`` characters.
    """

    subject: Subject
    subject_id: str
    act: str
    by: Doer
    at: datetime
    department: str = ""
    details: Mapping[str, Detail] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        if self.subject is Subject.CERTIFICATE:
            raise ValueError("acts on certificates are recorded by the ledger")
        for name, pattern, text in (
            ("subject_id", _ID, self.subject_id),
            ("act", _ACT, self.act),
            ("actor", _ID, self.by.actor),
            ("role", _ACT, self.by.role),
            ("department", _ID, self.department or "-"),
        ):
            if not pattern.fullmatch(text):
                raise ValueError(f"{name} of an audit event is not of the form {pattern.pattern}")
        if self.at.utcoffset() is None:
            raise ValueError("moment of an audit event has no time zone")
        _check_details(self.details)


def _check_details(details: Mapping[str, object]) -> None:
    if len(details) > MAX_DETAILS:
        raise ValueError(f"audit event has {len(details)} details, at most {MAX_DETAILS} are kept")
    for name, value in details.items():
        if not _NAME.fullmatch(name):
            raise ValueError(f"detail of an audit event has a name that is not of the form {_NAME.pattern}")
        if isinstance(value, str):
            if len(value) > MAX_TEXT:
                raise ValueError(f"detail {name} has {len(value)} characters, at most {MAX_TEXT} are kept")
        elif not isinstance(value, int) or not -(2**53) < value < 2**53:
            raise ValueError(f"detail {name} is neither a text, a number of 53 bits, nor yes or no")


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One entry of the trail as it is read: an event, or a decision on a certificate in the same words."""

    sequence: int
    subject: Subject
    subject_id: str
    act: str
    by: Doer
    at: datetime
    department: str
    details: Mapping[str, Detail]
    digest: bytes
