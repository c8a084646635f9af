"""Issuing: check, record the intent, sign once, record the result, deliver (STYLE, practice 6).

1. prepare: every order is checked and drafted; what is wrong is refused before anything is recorded
2. record the intents: identifiers, claims and status indexes are durable before a key is touched
3. sign each of them once
4. record the signatures: from here on the certificates exist
5. deliver to the wallets, and note what arrived

After a crash between any two of them ``resume`` goes on from what the ledger has.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from issuer.claims import reorderable
from issuer.delivering import Courier
from issuer.destinations import is_for_showing, pushed
from issuer.documents import Document
from issuer.errors import ActNotAllowed, OrderRefused, Problem, ProfileRefused, RoundIncomplete, StateChanged
from issuer.ports import Clock, Delivery, HolderDirectory, Ledger, SigningKeys
from issuer.prepare import (
    MAX_VERSION,
    Numbering,
    Prepared,
    Rules,
    check_drafts,
    claim_problems,
    drafts,
    prepare,
    type_of,
)
from issuer.profile import Profile
from issuer.randomness import Randomness
from issuer.records import Act, CertificateRecord, CredentialIntent, Intent, RecordedIntent, State
from issuer.signing import Desk, Ticket, sign
from keys.errors import EcertError
from schemas.catalogue import TypeId
from schemas.holders import holders_of
from schemas.national import parse_identifier
from schemas.order import CredentialFormat, HolderId, HolderRef, Identifier, IssuedCredential, Order
from schemas.validation import normalise

_BATCH = 500
Plan = Callable[[Intent, Callable[[], str]], tuple[CredentialIntent, ...]]
"""Which further credentials to make of a certificate's intent; the second argument gives new credential ids."""
_STRANGER = Problem("holder", "holder", "不是该证照的持证主体", "the holder is none of the certificate's")
_NOBODY = HolderRef(HolderId("nobody"), None)  # stands in for the holders while claims are only looked at


@dataclass(frozen=True, slots=True)
class Ports:
    """What an issuer works with; ``ecert`` supplies it."""

    ledger: Ledger
    keys: SigningKeys
    delivery: Delivery
    clock: Clock


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate with its signed credentials.

    ``repeated``: the row key was known, and these are the credentials of the first time. ``delivered`` is false when
    the wallets could not be reached; ``Issuer.resume`` tries again.
    """

    identifier: Identifier
    credentials: tuple[IssuedCredential, ...]
    repeated: bool = False
    delivered: bool = True


@dataclass(frozen=True, slots=True)
class Resumed:
    """What ``Issuer.resume`` did: certificates signed, credentials delivered, intents that can no longer be signed."""

    signed: int
    delivered: int
    refused: int


class Issuer:
    """The issuing use case; one object for all departments and types."""

    def __init__(self, ports: Ports, *, rules: Rules, randomness: Randomness) -> None:
        self._ports = ports
        self._rules = rules
        self._random = randomness
        self._courier = Courier(ports.ledger, ports.delivery)

    @property
    def profile(self) -> Profile:
        """The profile that new certificates follow."""
        return self._rules.profile

    def with_formats(self, names: Sequence[str]) -> "Issuer":
        """Return an issuer that signs new certificates in these formats instead of the profile's.

        Raises:
            ProfileRefused: a format does not exist, or is named twice, or none is named.
        """
        rules = replace(self._rules, profile=self._rules.profile.with_formats(names))
        return Issuer(self._ports, rules=rules, randomness=self._random)

    def order_for(
        self, type_id: str, claims: Mapping[str, Any], directory: HolderDirectory, *, row_key: str | None = None
    ) -> Order:
        """Return the order for these claims, its holders found by the type's rules; no holder is made for bad claims.

        Raises:
            OrderRefused: the claims break rules, or name no holder.
        """
        kind = type_of(TypeId(type_id))
        ordered = normalise(kind, claims)
        problems = claim_problems(kind, ordered, now=self._ports.clock(), divisions=self._rules.divisions)
        if problems:
            raise OrderRefused(problems)
        found = (directory.resolve(each.code_type, each.code, each.name) for each in holders_of(kind, ordered))
        holders = tuple({holder.holder_id: holder for holder in found}.values())
        return Order(kind.id, holders, ordered, row_key)

    def problems(self, type_id: str, claims: Mapping[str, Any]) -> tuple[Problem, ...]:
        """Return everything for which an order with these claims would be refused; no holder is made or looked up."""
        try:
            self.prepare(Order(TypeId(type_id), (_NOBODY,), claims))
        except OrderRefused as refusal:
            return refusal.problems
        return ()

    def row_key(self, type_id: str, *numbers: str) -> str:
        """Return the row key of a certificate's numbers: a keyed hash, the same whenever they come again."""
        return self._digest("row", type_id, *numbers)

    def prepare(self, order: Order, *, decision: Act | None = None) -> Prepared:
        """Check an order and draft its credentials (step 1); nothing is recorded, so it serves as a preview too.

        Raises:
            OrderRefused: with every problem.
            ActNotAllowed: an order that replaces a certificate without a decision to do so.
        """
        if (order.replaces is None) != (decision is None):
            raise ActNotAllowed("replace is not allowed without a decision, nor a decision without what it replaces")
        kind = type_of(order.type_id)
        made = prepare(
            order,
            rules=self._rules,
            issuer=self._ports.keys.issuer_uri(kind.department),
            numbering=self._numbering(order),
            now=self._ports.clock(),
        )
        digest = self._digest(order.type_id, made.ordered, sorted(holder.holder_id for holder in order.holders))
        return replace(made, intent=replace(made.intent, row_digest=digest, decision=decision))

    def issue(self, order: Order, *, decision: Act | None = None) -> Issued:
        """Issue one certificate; raises as ``prepare`` and ``issue_all``."""
        return self.issue_all([self.prepare(order, decision=decision)])[0]

    def issue_all(self, prepared: Sequence[Prepared]) -> list[Issued]:
        """Issue prepared orders together: one transaction for the intents, one for the signatures.

        Raises:
            RowKeyConflict: a row key was used for another content; nothing of the batch is issued.
            StateChanged: a certificate to be replaced is not issued any more; nothing of the batch is issued.
            StatusListFull: no status index is left; nothing of the batch is issued.
            ProfileRefused: a department's key cannot sign a format of the profile; nothing of the batch is issued.
        """
        return self._issue_all(self._with_free_serials(prepared))

    def issue_planned(self, order: Order, plan: Plan, *, before: Callable[[], object] | None = None) -> Issued:
        """Issue one certificate with the credentials that ``plan`` makes of its intent, instead of the profile's.

        A certificate of a known row key comes back as it is (``repeated``): ``further`` adds to it. ``before`` is
        called once every check has passed, before anything is recorded.

        Raises:
            OrderRefused, ProfileRefused: the order, or a credential of the plan.
            RowKeyConflict, StatusListFull: as ``issue_all``.
        """
        (made,) = self._with_free_serials([self.prepare(order)])
        intent = replace(made.intent, credentials=plan(made.intent, self._random.credential_id))
        issuer = self._ports.keys.issuer_uri(intent.department)
        check_drafts(intent, profile=self._rules.profile, issuer=issuer, now=self._ports.clock())
        self._check_suites([intent])
        if before is not None:
            before()
        return self._issue_all([replace(made, intent=intent)])[0]

    def _issue_all(self, prepared: Sequence[Prepared]) -> list[Issued]:
        self._check_suites(each.intent for each in prepared)
        # Step 2. From here on a crash leaves a record of what was planned.
        recorded = self._ports.ledger.record_intents([each.intent for each in prepared])
        tickets = {each.intent.identifier: Ticket(each) for each in recorded if not each.issued}
        # Steps 3 and 4.
        signed = self._sign_and_record(list(tickets.values()))
        # Step 5.
        delivered = self._courier.deliver(pushed(recorded, signed))
        return [
            Issued(
                identifier=each.intent.identifier,
                credentials=signed.get(each.intent.identifier, each.issued),
                repeated=each.intent.identifier != wanted.intent.identifier,
                delivered=delivered or each.intent.identifier not in signed,
            )
            for each, wanted in zip(recorded, prepared, strict=True)
        ]

    def resume(self, *, min_age: timedelta = timedelta(minutes=1)) -> Resumed:
        """Finish what a crash left: sign unfinished intents, deliver what no wallet has.

        Intents younger than ``min_age`` are left to whoever is issuing them right now. Whoever does the same work at
        the same time does no harm: the first signature recorded is the one that is delivered.

        Raises:
            RoundIncomplete: some intents could not be signed (a department's key is gone); all others were taken up.
        """
        failures: list[EcertError] = []
        signed, refused = self._resume_signing(min_age, failures)
        delivered = 0
        while waiting := self._ports.ledger.undelivered(limit=_BATCH):
            arrived = self._courier.deliver_most(waiting)
            if not arrived:
                break
            delivered += arrived
        if failures:
            raise RoundIncomplete(failures) from failures[0]
        return Resumed(signed, delivered, refused)

    def refresh(
        self,
        identifier: Identifier,
        *,
        holders: Sequence[HolderRef] | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> Issued:
        """Issue new credentials, with new status indexes, for a certificate in force.

        ``holders`` bring their present keys (otherwise those of the last time are used); ``facts`` are what registers
        say today (``is_mortgaged`` …): what they said last time is not signed again.

        Raises:
            UnknownCertificate, StateChanged (it is not issued), OrderRefused (it has ended, ``facts`` are wrong).
        """
        record = _in_force(self._ports.ledger.certificate(identifier))
        intent = self._refreshed(record, tuple(holders or record.intent.holders), facts or {}).intent
        return self._add(intent)

    def further(
        self,
        identifier: Identifier,
        plan: Plan,
        *,
        holders: Sequence[HolderRef] = (),
        check: Callable[[Document], None] | None = None,
    ) -> Issued:
        """Issue the credentials that ``plan`` makes of the certificate's intent of today and of new credential ids.

        ``holders`` bring their present keys; the others keep those of the last time. ``check`` raises for a draft that
        would be of no use, before anything is recorded.

        Raises:
            UnknownCertificate, StateChanged (it is not issued), OrderRefused (it has ended, a holder is not one of it).
        """
        # Its credentials are not asked for: there may be many, and none of them says what a further one holds.
        record = _in_force(self._ports.ledger.standing(identifier))
        present = {holder.holder_id: holder for holder in record.intent.holders}
        if not present.keys() >= {holder.holder_id for holder in holders}:
            raise OrderRefused([_STRANGER])
        present |= {holder.holder_id: holder for holder in holders}
        # The lints have seen every claim in the profile's formats; a plan only picks from them.
        intent = self._refreshed(record, tuple(present.values()), {}).intent
        intent = replace(intent, credentials=plan(intent, self._random.credential_id))
        if check is not None:
            issuer = self._ports.keys.issuer_uri(intent.department)
            for draft in drafts(intent, profile=self._rules.profile, issuer=issuer, now=self._ports.clock()):
                check(draft)
        return self._add(intent)

    def _add(self, intent: Intent) -> Issued:
        self._check_suites([intent])
        recorded = self._ports.ledger.add_credentials(intent.identifier, intent)
        signed = self._sign_and_record([Ticket(recorded)])
        return Issued(
            intent.identifier, signed[intent.identifier], delivered=self._courier.deliver(pushed([recorded], signed))
        )

    def _check_suites(self, intents: Iterable[Intent]) -> None:
        # Before anything is recorded: what is recorded must be signable.
        linked = (each for each in intents if any(one.format is CredentialFormat.LDP_VC for one in each.credentials))
        for department in {each.department for each in linked}:
            self._rules.profile.suite_for(self._ports.keys.signer(department).public_key.algorithm)

    def _numbering(self, order: Order) -> Numbering:
        if order.replaces is None:
            return Numbering(self._random.serial(), 1, self._random.credential_id)
        # GB/T 36904: a changed or renewed certificate keeps the serial and raises the version.
        replaced = parse_identifier(order.replaces)
        if replaced.version >= MAX_VERSION:
            raise ActNotAllowed(f"replace is not allowed: version {MAX_VERSION} is the last one")
        return Numbering(replaced.serial, replaced.version + 1, self._random.credential_id)

    def _with_free_serials(self, prepared: Sequence[Prepared]) -> list[Prepared]:
        serials = [_serial(each) for each in prepared if each.order.replaces is None]
        taken = self._ports.ledger.serial_taken(serials)
        return [self.prepare(each.order) if _serial(each) in taken else each for each in prepared]

    def _refreshed(
        self, record: CertificateRecord, holders: tuple[HolderRef, ...], facts: Mapping[str, Any]
    ) -> Prepared:
        old = record.intent
        kind = type_of(old.type_id)
        now = self._ports.clock()
        parts = parse_identifier(old.identifier)
        claims = reorderable(kind, old.claims) | dict(facts)
        # Whatever was asked for beside the profile's formats stays with the certificate.
        asked = (each.format for each in record.credentials if not is_for_showing(each))
        formats = dict.fromkeys((*self._rules.profile.formats, *asked))
        made = prepare(
            Order(old.type_id, holders, claims, old.row_key, old.replaces),
            rules=replace(self._rules, profile=self._rules.profile.with_formats(formats)),
            issuer=self._ports.keys.issuer_uri(old.department),
            numbering=Numbering(parts.serial, parts.version, self._random.credential_id, old.dates),
            now=now,
        )
        return replace(made, intent=replace(made.intent, row_digest=old.row_digest, decision=old.decision))

    def _sign_and_record(self, tickets: Sequence[Ticket]) -> dict[Identifier, tuple[IssuedCredential, ...]]:
        now = self._ports.clock()
        signed = {
            each.recorded.intent.identifier: sign(each, self._desk(each.recorded.intent.department), now=now)
            for each in tickets
        }
        late = self._ports.ledger.record_issued(list(signed.items())) if signed else ()
        for identifier in late:
            # Somebody else finished this intent: their signature is kept, so it is theirs that leaves.
            signed[identifier] = self._as_recorded(signed[identifier])
        return signed

    def _resume_signing(self, min_age: timedelta, failures: list[EcertError]) -> tuple[int, int]:
        signed: int = 0
        passed: set[Identifier] = set()
        while True:
            waiting = self._ripe(min_age, without=passed)
            if not waiting:
                return signed, len(passed) - len(failures)
            for recorded in waiting:
                identifier = recorded.intent.identifier
                try:
                    self._sign_and_record([Ticket(recorded)])
                    signed += 1
                except (StateChanged, OrderRefused, ProfileRefused):
                    # What it replaces was revoked in between, its last day has passed, or the department's new key
                    # cannot sign the format: it stays a record.
                    passed.add(identifier)
                except EcertError as failure:
                    passed.add(identifier)
                    failures.append(failure)

    def _ripe(self, min_age: timedelta, *, without: set[Identifier]) -> list[RecordedIntent]:
        latest: datetime = self._ports.clock() - min_age
        waiting = self._ports.ledger.unfinished(limit=_BATCH + len(without))
        return [each for each in waiting if each.intent.planned_at <= latest and each.intent.identifier not in without]

    def _as_recorded(self, signed: tuple[IssuedCredential, ...]) -> tuple[IssuedCredential, ...]:
        wanted = {credential.credential_id for credential in signed}
        record = self._ports.ledger.certificate(signed[0].identifier)
        return tuple(credential for credential in record.credentials if credential.credential_id in wanted)

    def _desk(self, department: str) -> Desk:
        keys = self._ports.keys
        return Desk(keys.signer(department), keys.issuer_uri(department), self._rules.profile, self._random.salt)

    def _digest(self, *parts: Any) -> str:
        text = json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.blake2b(text.encode(), key=self._random.digest_key, digest_size=32).hexdigest()


def _in_force(record: CertificateRecord) -> CertificateRecord:
    if record.state is not State.ISSUED:
        raise StateChanged(f"certificate is {record.state}, expected {State.ISSUED}")
    return record


def _serial(prepared: Prepared) -> str:
    return parse_identifier(prepared.intent.identifier).serial
