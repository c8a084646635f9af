"""Which credential can show what the holder chose. Pure: candidates, the wish and the moment come in.

The newest certificate of the type is meant unless the holder names one. Of its credentials the standard one is taken; a
short-lived one only when a chosen field stands in nothing else (an unstable derived claim).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from schemas.catalogue import TypeId
from schemas.order import CredentialFormat, CredentialId, Identifier
from wallet_api.errors import FieldNotInCertificate, NoCredentialForFields, RequestInvalid

MAX_FIELDS = 200  # the largest type has fewer than 40
_FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the holder chose to show: some fields of one certificate, named by exactly one of the three ways.

    ``format`` is one that somebody asked for; without it, and without a credential of choice, what discloses by choice
    is meant, by SD-JWT VC or in a code by SD-CWT. A format without choice shows all that it holds.
    """

    fields: tuple[str, ...] = ()
    type_id: TypeId | None = None
    identifier: Identifier | None = field(default=None, repr=False)
    credential_id: CredentialId | None = None
    format: CredentialFormat | None = None

    def __post_init__(self) -> None:
        ways = [way for way in (self.type_id, self.identifier, self.credential_id) if way is not None]
        if len(ways) != 1:
            raise RequestInvalid(
                f"a certificate is named in {len(ways)} ways, expected one: type, identifier, credential"
            )
        if len(self.fields) > MAX_FIELDS:
            raise RequestInvalid(f"{len(self.fields)} fields are chosen, at most {MAX_FIELDS}")
        if not all(_FIELD_NAME.fullmatch(name) for name in self.fields):
            # Not repeated: what is no field's name could be anything, a person's number included.
            raise RequestInvalid("a chosen field has a name that no field can have")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A credential that can be shown: what it is, and the names of the fields it holds."""

    credential_id: CredentialId
    identifier: Identifier = field(repr=False)
    type_id: TypeId
    short_lived: bool
    issued_at: datetime
    good_from: datetime
    expires_at: datetime
    selective: frozenset[str]
    always: tuple[str, ...]
    compact: bool = False
    """Whether it is an SD-CWT, which a code holds packed."""
    used: bool = False
    """Whether it was shown before; a purpose certificate is shown once."""

    @property
    def for_purpose(self) -> bool:
        """Whether it is a purpose certificate: it discloses all that it holds."""
        return self.compact and not self.selective

    def in_force(self, now: datetime) -> bool:
        """Tell whether it is good at ``now``."""
        return self.good_from <= now < self.expires_at


@dataclass(frozen=True, slots=True)
class Selection:
    """The credential to present, the fields to disclose (in the order chosen), and those that come along."""

    candidate: Candidate
    disclosed: tuple[str, ...]
    always: tuple[str, ...]

    @property
    def shown(self) -> tuple[str, ...]:
        """Every field that the other side sees."""
        return self.disclosed + self.always


def version_of(identifier: Identifier) -> int:
    """Return the version that a GB/T 36904 identifier ends with (``…<version>.<check character>``); 0 for none."""
    parts = identifier.split(".")
    return int(parts[-2]) if len(parts) > 1 and parts[-2].isdecimal() else 0


def lineage_of(identifier: Identifier) -> str:
    """Return what all versions of one certificate share: the identifier without version and check character."""
    return identifier.rsplit(".", 2)[0]


def select(candidates: Sequence[Candidate], wanted: Wanted, *, now: datetime) -> Selection:
    """Return what to present for ``wanted`` at ``now``.

    Raises:
        NoCredentialForFields: the wallet holds no such certificate, or what could show the fields is over.
        FieldNotInCertificate: a chosen field stands in no credential of the certificate; the message names it.
    """
    asked_for = wanted.format is not None or wanted.credential_id is not None
    named = _named([one for one in candidates if asked_for or not one.compact], wanted, now)
    fields = tuple(dict.fromkeys(wanted.fields))
    _refuse_unknown(fields, named)
    able = [one for one in named if one.selective.union(one.always).issuperset(fields)]
    good = [one for one in able if one.in_force(now)]
    if not good:
        raise NoCredentialForFields(_why_none(fields, named, now))
    chosen = max(good, key=lambda one: (not one.short_lived, one.issued_at, one.expires_at, one.credential_id))
    return Selection(chosen, tuple(name for name in fields if name in chosen.selective), chosen.always)


def select_for_code(
    candidates: Sequence[Candidate], wanted: Wanted, *, now: datetime, open_fields: Iterable[str]
) -> Selection:
    """Return what to show in a code: a purpose certificate, or else a full SD-CWT, or else what ``select`` returns.

    A purpose certificate is taken when it was not shown before and holds no field beyond the chosen ones and
    ``open_fields`` (what the type shows always): a shorter code is no reason to show more. Raises as ``select``.
    """
    fields = tuple(dict.fromkeys(wanted.fields))
    may_show = {*fields, *open_fields}
    named = _named(candidates, wanted, now)
    able = [
        one
        for one in named
        if one.compact
        and one.in_force(now)
        and one.selective.union(one.always).issuperset(fields)
        and not (one.for_purpose and (one.used or not may_show.issuperset(one.always)))
    ]
    if not able:
        return select(candidates, wanted, now=now)
    # Among purpose certificates the one that ends first; of full ones the newest.
    ends = min if any(one.for_purpose for one in able) else max
    chosen = ends(able, key=lambda one: (not one.for_purpose, one.expires_at, one.credential_id))
    return Selection(chosen, tuple(name for name in fields if name in chosen.selective), chosen.always)


def _named(candidates: Sequence[Candidate], wanted: Wanted, now: datetime) -> list[Candidate]:
    """Return the credentials of the certificate that is meant, never of two certificates."""
    if wanted.credential_id is not None:
        found = [one for one in candidates if one.credential_id == wanted.credential_id]
    elif wanted.identifier is not None:
        found = [one for one in candidates if one.identifier == wanted.identifier]
    else:
        found = _newest([one for one in candidates if one.type_id == wanted.type_id], now)
    if not found:
        raise NoCredentialForFields("the wallet holds no credential of this certificate that discloses selectively")
    return found


def _newest(candidates: Sequence[Candidate], now: datetime) -> list[Candidate]:
    """Return the credentials of the certificate issued last, one in force before one that is over or still to come.

    Of a certificate's versions only the highest counts. A refreshed credential does not make its certificate newer.
    """
    highest: dict[str, int] = {}
    began: dict[Identifier, datetime] = {}
    for one in candidates:
        lineage = lineage_of(one.identifier)
        highest[lineage] = max(highest.get(lineage, 0), version_of(one.identifier))
        began[one.identifier] = min(began.get(one.identifier, one.issued_at), one.issued_at)
    current = [one for one in candidates if version_of(one.identifier) == highest[lineage_of(one.identifier)]]
    in_force = [one for one in current if one.in_force(now)]
    names = {one.identifier for one in in_force or current}
    latest = max(names, key=lambda identifier: (began[identifier], identifier), default=None)
    return [one for one in current if one.identifier == latest]


def _refuse_unknown(fields: Iterable[str], named: Sequence[Candidate]) -> None:
    held = {name for one in named for name in (*one.selective, *one.always)}
    for name in fields:
        if name not in held:
            raise FieldNotInCertificate(f"field {name} does not stand in this certificate")


def _why_none(fields: Sequence[str], named: Sequence[Candidate], now: datetime) -> str:
    if all(one.expires_at <= now for one in named):
        return "every credential of this certificate has expired"
    if all(now < one.good_from for one in named):
        return "this certificate is not in force yet"
    lacking = sorted(
        set(fields).difference(*(one.selective.union(one.always) for one in named if now < one.expires_at))
    )
    about = f"the fields {', '.join(lacking)}" if lacking else "these fields together"
    return f"no credential in force now shows {about}: fetch a new one"
