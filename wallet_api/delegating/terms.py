"""What a holder asks for when it delegates, checked before anything is signed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from schemas.catalogue import TypeId
from schemas.formats.delegation import MAX_PURPOSES, MAX_TEXT, Relation
from schemas.types import certificate_type
from wallet_api.delegating.errors import TermsInvalid, TypeNotDelegable
from wallet_api.presenting import checked_purpose
from wallet_api.selection import Wanted

PERIOD = timedelta(days=366)
"""The longest delegation; a verifier refuses a longer one."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody by number and name; the name may be empty where the number alone is asked for."""

    code_type: str
    code: str = field(repr=False)
    name: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """The certificate and fields, for whom, as what, for which purposes, until when.

    Without ``agent`` who asks is the agent, without ``holder`` the holder.
    """

    wanted: Wanted
    agent: Person | None
    relation: Relation
    purposes: tuple[str, ...] = field(repr=False)
    until: datetime
    holder: Person | None = None


def checked_purposes(purposes: Sequence[str]) -> tuple[str, ...]:
    """Return the purposes as they are signed, each once.

    Raises:
        PurposeInvalid: one is no line of text.
        TermsInvalid: none, or more than ``MAX_PURPOSES``.
    """
    if not 0 < len(purposes) <= MAX_PURPOSES:
        raise TermsInvalid(f"{len(purposes)} purposes are named, expected 1 to {MAX_PURPOSES}")
    return tuple(dict.fromkeys(checked_purpose(each) for each in purposes))


def checked_end(until: datetime, *, since: datetime, certificate_ends: datetime) -> datetime:
    """Return the end in whole seconds; raises TermsInvalid for one in the past, too far, or after the certificate's."""
    if not since < until <= since + PERIOD:
        raise TermsInvalid(f"it ends at a time that is not within {PERIOD.days} days from now")
    if until > certificate_ends:
        raise TermsInvalid("it would run longer than the certificate itself")
    return until.replace(microsecond=0)


def check_type(type_id: TypeId, relation: Relation) -> None:
    """Refuse a type that is not used by others; raises TypeNotDelegable."""
    ctype = certificate_type(type_id)
    may = ctype.guardian_may_hold if relation is Relation.GUARDIAN else ctype.delegable
    if not may:
        raise TypeNotDelegable("certificates of this type are not used by others in this way")


def is_name(text: str) -> bool:
    """Tell whether a name can stand in a delegation."""
    return 0 < len(text) <= MAX_TEXT and text.isprintable()
