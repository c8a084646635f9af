"""The operations of the share interface, over ports. What is answered was recorded before, for holder and auditor."""

import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any, Protocol

from ecert.access import Actor
from ecert.copies import MadeCopy
from ecert.errors import NotPermitted
from ecert.share import elements
from ecert.share.errors import ShareLinkGone
from ecert.share.grants import Grants, Operation, Permission
from ecert.share.uses import Duty, Use
from issuer.records import CertificateRecord, CopyMark
from schemas.audit import AuditEvent, Doer
from schemas.catalogue import CertificateType, TypeId
from schemas.holders import holders_of
from schemas.order import HolderId, Identifier
from schemas.text import same_name
from schemas.types import certificate_type
from schemas.validity import day_of
from verifier.parties.model import Environment
from wallet_api.records import Holder, ShownRecord

LINK_LIFETIME = timedelta(minutes=10)
CHANNEL = "share"
_KIND = "share_link"


class Answer(IntEnum):
    """The verdicts of verifyCertInfo."""

    VALID = 0
    NOT_ACTIVE = 1
    SUSPENDED = 2
    NO_LONGER_VALID = 3
    NOT_ENOUGH = 4
    NO_RECORD = 5
    NOTHING_GIVEN = 6
    PARTLY_WRONG = 7


class Ledger(Protocol):
    """Where certificates are read."""

    def certificate(self, identifier: Identifier) -> CertificateRecord:
        """Return a certificate; raises UnknownCertificate."""

    def held_by(self, holder_id: HolderId, type_id: TypeId) -> list[Identifier]:
        """Return the certificates of a type that a holder has, the newest first."""


class Holders(Protocol):
    """Where holders are found and their history is written."""

    def find_holder(self, code_type: str, code: str) -> Holder | None:
        """Return the holder with this number."""

    def add_shown(self, record: ShownRecord) -> None:
        """Remember a use."""


class Links(Protocol):
    """What one-time links stand for."""

    def put(self, kind: str, key: str, value: Mapping[str, Any], *, expires_at: datetime) -> None:
        """Keep a value."""

    def take(self, kind: str, key: str, *, now: datetime) -> Mapping[str, Any] | None:
        """Return a value and remove it: one caller gets it."""


class Trail(Protocol):
    """The audit trail."""

    def record(self, *events: AuditEvent) -> None:
        """Append events."""


class Maker(Protocol):
    """What makes annotated copies."""

    def make(self, identifier: Identifier, mark: CopyMark) -> MadeCopy:
        """Return the file of a copy."""


@dataclass(frozen=True, slots=True)
class ShareParts:
    """What the operations need. ``name_of`` names a relying party (zh) by its id, or repeats the id; ``audit_key``
    is the key of the hashes in the audit trail."""

    ledger: Ledger
    holders: Holders
    links: Links
    trail: Trail
    copies: Maker
    state_of: Callable[[Identifier], str]
    name_of: Callable[[str], str]
    clock: Callable[[], datetime]
    grants: Grants
    audit_key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Facts:
    """What somebody says of a certificate, to be compared; empty where nothing is said."""

    holder: str = field(default="", repr=False)
    holder_code: str = field(default="", repr=False)
    number: str = field(default="", repr=False)
    fields: Mapping[str, Any] = field(default_factory=dict, repr=False)


class Share:
    """The share interface for one installation."""

    def __init__(self, parts: ShareParts) -> None:
        self._parts = parts

    def query(self, actor: Actor, type_id: str, holder: tuple[str, str], cause: str) -> list[dict[str, Any]]:
        """Return identifier and state of each certificate of a type that a holder has (queryCert).

        ``holder`` is code type and code. Raises NotPermitted, ShareNotPermitted, UnknownType.
        """
        use = _use(actor, Operation.QUERY, cause)
        self._permission(use, certificate_type(type_id))
        found = []
        for record in self._held(type_id, holder):
            self._record(use, record, ("certificate_identifier",))
            code, word = elements.STATES[self._parts.state_of(record.intent.identifier)]
            found.append({"certificate_identifier": record.intent.identifier, "status": code, "status_name": word})
        if not found:
            self._nothing(use, type_id, holder)
        return found

    def data(self, actor: Actor, identifier: Identifier, cause: str) -> dict[str, Any]:
        """Return a certificate's data (queryCertInfo); raises UnknownCertificate, NotPermitted, ShareNotPermitted."""
        return self._data(_use(actor, Operation.DATA, cause), self._reachable(actor, Operation.DATA, identifier))

    def duty(self, actor: Actor, type_id: str, holder: tuple[str, str], cause: str, duty: Duty) -> list[dict[str, Any]]:
        """Return a holder's certificates of a type with their data, looked up by duty (依职能查验)."""
        use = _use(actor, Operation.DUTY, cause, duty)
        self._permission(use, certificate_type(type_id))
        found = [self._data(use, record) for record in self._held(type_id, holder)]
        if not found:
            self._nothing(use, type_id, holder)
        return found

    def verify(self, actor: Actor, type_id: str, facts: Facts, code_type: str, cause: str) -> Answer:
        """Compare what is said with what there is (verifyCertInfo); a number of the holder alone is not enough.

        Raises NotPermitted, ShareNotPermitted, UnknownType.
        """
        use, ctype = _use(actor, Operation.VERIFY, cause), certificate_type(type_id)
        permission = self._permission(use, ctype)
        if not (facts.holder or facts.holder_code or facts.number or facts.fields):
            return Answer.NOTHING_GIVEN
        asked = code_type, facts.holder_code
        answer, records = self._looked_up(permission, type_id, facts, asked)
        if answer is not None:
            self._nothing(use, type_id, asked)
            return answer
        for record in records:
            if _matches(ctype, record.intent.claims, facts):
                self._record(use, record, tuple(sorted(facts.fields)) or ("certificate_identifier",))
                return self._standing(record)
        self._record(use, records[0], ("certificate_identifier",))
        return Answer.PARTLY_WRONG

    def _looked_up(
        self, permission: Permission, type_id: str, facts: Facts, asked: tuple[str, str]
    ) -> tuple[Answer | None, list[CertificateRecord]]:
        if not facts.holder_code or not (facts.holder or facts.number or facts.fields):
            return Answer.NOT_ENOUGH, []
        if not facts.fields.keys() <= permission.fields:
            return Answer.PARTLY_WRONG, []
        records = list(self._held(type_id, asked))
        return (None if records else Answer.NO_RECORD), records

    def link(self, actor: Actor, identifier: Identifier, cause: str, days: int) -> tuple[str, datetime]:
        """Return the secret of a link to a copy, good once and for ten minutes, and its end (downloadUrl)."""
        self._reachable(actor, Operation.COPY, identifier)
        secret, expires_at = secrets.token_urlsafe(32), self._parts.clock() + LINK_LIFETIME
        kept = {
            "identifier": identifier,
            "cause": cause,
            "days": days,
            "token": actor.doer.actor,
            "role": actor.doer.role,
            "caller": caller_of(actor),
        }
        self._parts.links.put(_KIND, secret, kept, expires_at=expires_at)
        return secret, expires_at

    def file(self, secret: str) -> MadeCopy:
        """Return the copy behind a link, once.

        Raises:
            ShareLinkGone: it was used, is too old, or never was.
            StateChanged, OrderRefused, CopyWriterMissing: as ``Copies.make``.
        """
        kept = self._parts.links.take(_KIND, secret, now=self._parts.clock())
        if kept is None:
            raise ShareLinkGone("link was used, is older than ten minutes, or never was")
        identifier, maker = Identifier(kept["identifier"]), self._parts.name_of(kept["caller"])
        record = self._parts.ledger.certificate(identifier)
        made = self._parts.copies.make(identifier, CopyMark(maker, kept["cause"], kept["days"]))
        use = Use(Doer(kept["token"], kept["role"]), kept["caller"], Operation.COPY, kept["cause"])
        self._record(use, record, made.fields)
        return made

    def fields(self, actor: Actor, type_id: str) -> list[dict[str, Any]]:
        """Return the fields of a type that the caller may ask for (getCertRemarkInfo)."""
        ctype = certificate_type(type_id)
        return elements.described(ctype, self._permission(_use(actor, Operation.DATA), ctype).fields)

    def _permission(self, use: Use, ctype: CertificateType) -> Permission:
        return self._parts.grants.permission(use.caller, ctype, use.operation)

    def _reachable(self, actor: Actor, operation: Operation, identifier: Identifier) -> CertificateRecord:
        record = self._parts.ledger.certificate(identifier)
        self._permission(_use(actor, operation), certificate_type(record.intent.type_id))
        return record

    def _held(self, type_id: str, holder: tuple[str, str]) -> Iterator[CertificateRecord]:
        found = self._parts.holders.find_holder(*holder)
        if found is not None:
            for identifier in self._parts.ledger.held_by(found.holder_id, TypeId(type_id)):
                yield self._parts.ledger.certificate(identifier)

    def _data(self, use: Use, record: CertificateRecord) -> dict[str, Any]:
        ctype, claims = certificate_type(record.intent.type_id), record.intent.claims
        permission = self._permission(use, ctype)
        state = self._parts.state_of(record.intent.identifier)
        answer = elements.elements_of(ctype, claims, state=state, fields=permission.fields)
        self._record(use, record, tuple(answer["extend_info"]))
        return answer

    def _standing(self, record: CertificateRecord) -> Answer:
        state = self._parts.state_of(record.intent.identifier)
        if state == "suspended":
            return Answer.SUSPENDED
        if state == "issued":
            begun = record.intent.dates.effective <= day_of(self._parts.clock())
            return Answer.VALID if begun else Answer.NOT_ACTIVE
        return Answer.NOT_ACTIVE if state == "prepared" else Answer.NO_LONGER_VALID

    def _record(self, use: Use, record: CertificateRecord, fields: tuple[str, ...]) -> None:
        """Write the use into the history of every holder, and into the audit trail."""
        parts, intent, now = self._parts, record.intent, self._parts.clock()
        first = {each.holder_id: each.credential_id for each in reversed(record.credentials)}
        for holder in intent.holders:
            if holder.holder_id in first:
                parts.holders.add_shown(
                    ShownRecord(
                        presentation_id=secrets.token_urlsafe(16),
                        holder_id=holder.holder_id,
                        credential_id=first[holder.holder_id],
                        type_id=intent.type_id,
                        fields=fields,
                        audience=parts.name_of(use.caller),
                        purpose=use.cause,
                        channel=CHANNEL,
                        at=now,
                    )
                )
        parts.trail.record(use.found(record, now=now))

    def _nothing(self, use: Use, type_id: str, holder: tuple[str, str]) -> None:
        parts = self._parts
        parts.trail.record(use.found_nothing(type_id, holder, key=parts.audit_key, now=parts.clock()))


def _use(actor: Actor, operation: Operation, cause: str = "", duty: Duty | None = None) -> Use:
    if actor.access is not None and actor.access.environment is not Environment.LIVE:
        raise NotPermitted("a key of the test environment reaches no certificate")
    if actor.access is not None and actor.access.purposes is not None:
        raise NotPermitted("a key or token that is limited to purposes reaches no certificate")
    return Use(actor.doer, caller_of(actor), operation, cause, duty)


def caller_of(actor: Actor) -> str:
    """Return the name of a caller in the grants: a relying party's id, or the id of an API token."""
    return actor.token_id if actor.access is None else actor.access.party_id


def _matches(ctype: CertificateType, claims: Mapping[str, Any], facts: Facts) -> bool:
    if facts.number and claims.get(ctype.number_field) != facts.number:
        return False
    if facts.holder:
        names = [each.name for each in holders_of(ctype, claims) if each.code == facts.holder_code]
        if not any(same_name(name, facts.holder) for name in names):
            return False
    return all(claims.get(name) == value for name, value in facts.fields.items())
