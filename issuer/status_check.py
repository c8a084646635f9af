"""Reconciling: does everything that is served say what the ledger says? A comparison, and nothing is changed by it.

For each list: every form is there, signed by the department, of the list's own URI, in force, and says the ledger's
values; all forms are of one edition; no decision waits for longer than ``ttl``. What stands in a form is believed only
by its signature, as a stranger would.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from issuer.outbox import Snapshot
from issuer.ports import StatusStore
from issuer.records import StatusListRow
from issuer.status import PublicationPolicy
from issuer.status_forms import BITS, CWT, JWT, name_of
from keys import jws, strict_json
from keys.errors import EcertError, UnknownIssuerKey
from keys.public import PublicKey
from schemas.formats import data_integrity, status_cwt, status_token, vc_jwt
from schemas.formats.bitstring import Bitstring
from schemas.formats.bitstring_credential import MESSAGE, PURPOSES, BitstringList, read_list
from schemas.formats.errors import WrongType
from schemas.formats.status_answer import bits_for, purpose_uri
from schemas.formats.status_list import StatusList
from schemas.formats.status_token import StatusToken

TOKENS = (JWT, CWT)
CREDENTIALS = tuple(name_of(purpose, form) for purpose in PURPOSES for form in ("jwt", "json"))
FORMS = (*TOKENS, *CREDENTIALS)
"""The names of what is served for one list."""
Documents = Callable[[str, str], bytes | None]
"""URI of a list and name of a form → the bytes that a verifier gets; None: there is no such form."""
FindKey = Callable[[str], PublicKey | None]
"""``kid`` → the issuer's key with this name; None: the issuer has no such key."""


class Fault(StrEnum):
    """What can be wrong with one form of a list, or with the list."""

    MISSING = "missing"  # never published, or not in this form
    UNREADABLE = "unreadable"  # not signed by the issuer, or malformed
    ELSEWHERE = "elsewhere"  # it names another list
    EXPIRED = "expired"
    DIFFERENT = "different"  # it does not say what the ledger says
    ANOTHER_EDITION = "another_edition"  # issued at another moment than the token
    LATE = "late"  # a decision waits for longer than ttl


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: of a form, or of the list as a whole (``form`` empty); ``detail`` is an error's code or a number."""

    fault: Fault
    form: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ListReport:
    """What was found of one list."""

    row: StatusListRow
    sequence: int
    age: timedelta | None
    waiting: int
    findings: tuple[Finding, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong and nothing waits."""
        return not self.findings and not self.waiting


@dataclass(frozen=True, slots=True)
class Checker:
    """Checks the lists of a store; ``find_key`` gives a department's key by ``kid``, ``documents`` what is served."""

    store: StatusStore
    documents: Documents
    find_key: Callable[[str], FindKey]
    policy: PublicationPolicy

    def check_all(self, now: datetime) -> list[ListReport]:
        """Return a report on each list."""
        return [self.check(row, now) for row in self.store.status_lists()]

    def check(self, row: StatusListRow, now: datetime) -> ListReport:
        """Return a report on one list."""
        snapshot = self.store.snapshot(row.uri)
        newest = self.store.published(row.uri)
        late = self.store.waiting().lag(now) > self.policy.ttl and bool(snapshot.waiting)
        findings = [*self._forms(row, snapshot, now), *([Finding(Fault.LATE)] if late else [])]
        age = None if newest is None else now - newest.issued_at
        return ListReport(row, snapshot.sequence, age, len(snapshot.waiting), tuple(findings))

    def _forms(self, row: StatusListRow, snapshot: Snapshot, now: datetime) -> Iterator[Finding]:
        find_key = self.find_key(row.department)
        issued: datetime | None = None
        for form in FORMS:
            body = self.documents(row.uri, form)
            if body is None:
                yield Finding(Fault.MISSING, form)
                continue
            try:
                said = _READERS[form](body, find_key)
            except EcertError as exc:
                yield Finding(Fault.UNREADABLE, form, exc.code)
                continue
            issued = issued or said.issued_at
            fault = _fault(said, form, row, snapshot, (issued, now))
            if fault is not None:
                yield Finding(fault, form)


@dataclass(frozen=True, slots=True)
class _Said:
    uri: str | None
    issued_at: datetime | None
    expires_at: datetime | None
    packed: bytes


def _fault(
    said: _Said, form: str, row: StatusListRow, snapshot: Snapshot, moments: tuple[datetime | None, datetime]
) -> Fault | None:
    issued, now = moments
    purpose = form.partition(".")[0]
    if said.uri != (row.uri if form in TOKENS else purpose_uri(row.uri, purpose)):
        return Fault.ELSEWHERE
    if said.expires_at is not None and said.expires_at <= now:
        return Fault.EXPIRED
    if said.packed != _expected(form, row, snapshot.values):
        return Fault.DIFFERENT
    return None if said.issued_at == issued else Fault.ANOTHER_EDITION


def _expected(form: str, row: StatusListRow, values: Mapping[int, int]) -> bytes:
    if form in TOKENS:
        return StatusList.from_statuses(values, bits=BITS, size=row.size).packed
    purpose = form.partition(".")[0]
    size = BITS if purpose == MESSAGE else 1
    return Bitstring.from_statuses(bits_for(values, purpose), length=row.size, size=size).packed


def _key(find_key: FindKey, kid: Any) -> PublicKey:
    found = find_key(kid) if type(kid) is str else None
    if found is None:
        raise UnknownIssuerKey("form is signed by no key of its issuer")
    return found


def _jwt(body: bytes, find_key: FindKey) -> _Said:
    token = status_token.parse(_text(body))
    return _of_token(token.verified_by(_key(find_key, token.issuer_jws.header.kid)))


def _cwt(body: bytes, find_key: FindKey) -> _Said:
    token = status_cwt.parse(body)
    kid = token.message.header.kid
    return _of_token(token.verified_by(_key(find_key, None if kid is None else kid.decode("utf-8", "replace"))))


def _vc_jwt(body: bytes, find_key: FindKey) -> _Said:
    # A list may be longer than any certificate that ``vc_jwt.parse`` reads.
    token = jws.peek(_text(body), max_bytes=status_token.MAX_TOKEN)
    if token.header.typ != vc_jwt.TYP:
        raise WrongType(f"typ is not {vc_jwt.TYP}")
    return _of_list(read_list(token.verified_by(_key(find_key, token.header.kid))))


def _with_proof(body: bytes, find_key: FindKey) -> _Said:
    document = strict_json.loads_object(body)

    def resolve(method: str) -> PublicKey:
        return _key(find_key, method.rpartition("#")[2])

    return _of_list(read_list(data_integrity.verify(document, resolve).document))


def _text(body: bytes) -> str:
    return body.decode("ascii", "replace")


def _of_token(token: StatusToken) -> _Said:
    exp = token.times.exp
    expires = None if exp is None else datetime.fromtimestamp(exp, UTC)
    return _Said(token.uri, datetime.fromtimestamp(token.times.iat, UTC), expires, token.statuses.packed)


def _of_list(found: BitstringList) -> _Said:
    return _Said(found.id, found.valid_from, found.valid_until, found.bits.packed)


_READERS: Mapping[str, Callable[[bytes, FindKey], _Said]] = {
    JWT: _jwt,
    CWT: _cwt,
    **{name: _vc_jwt if name.endswith(".jwt") else _with_proof for name in CREDENTIALS},
}
