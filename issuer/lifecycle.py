"""The life cycle: suspend, reinstate, revoke, cancel, replace; each with its legal reason, officer and case number.

A decision and the statuses of all credentials of the certificate are one transaction; then the touched lists are
published. Where that fails the decision stands, and ``StatusPublisher.publish_due`` publishes it at its next round.
What an act may follow is the table of ``issuer/acts.py``.
"""

from collections.abc import Callable
from dataclasses import dataclass

from issuer.acts import Transition, state_on, transition
from issuer.errors import ActIncomplete, ActNotAllowed
from issuer.issuing import Issued, Issuer, Ports
from issuer.records import Act, ActKind, CertificateRecord, State
from issuer.status import StatusPublisher
from keys.errors import EcertError
from schemas import types
from schemas.order import Identifier, Order
from schemas.validity import day_of

_LONGEST = {"legal_reason": 200, "officer": 100, "case_number": 100, "note": 1000}
_COMPULSORY = ("legal_reason", "officer", "case_number")


@dataclass(frozen=True, slots=True)
class Decision:
    """Why, by whom and in which case an act is done; all three are compulsory, the note is not.

    ``legal_reason`` is the Chinese legal term (a revocation says 吊销 or 撤销); it holds nobody's name or number.

    Raises:
        ActIncomplete: a part is empty, too long, or holds line breaks or control characters.
    """

    legal_reason: str
    officer: str
    case_number: str
    note: str = ""

    def __post_init__(self) -> None:
        """Refuse what is incomplete; every missing part is named."""
        missing = [name for name in _COMPULSORY if not getattr(self, name).strip()]
        if missing:
            raise ActIncomplete(f"decision lacks {', '.join(missing)}")
        unfit = [name for name, longest in _LONGEST.items() if not _is_line(getattr(self, name), longest)]
        if unfit:
            raise ActIncomplete(f"decision holds no short line of text in {', '.join(unfit)}")


@dataclass(frozen=True, slots=True)
class Done:
    """What an act led to: the certificate after it (without its credentials), and the lists not published yet."""

    record: CertificateRecord
    pending: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Replaced:
    """What a replacement led to: the new certificate, and the status lists of the old one not published yet."""

    issued: Issued
    pending: tuple[str, ...] = ()


class LifeCycle:
    """The acts on issued certificates. ``replaced`` hears of the old certificate once the next one is recorded."""

    def __init__(
        self,
        ports: Ports,
        *,
        issuer: Issuer,
        publisher: StatusPublisher,
        replaced: Callable[[CertificateRecord], None] = lambda _: None,
    ) -> None:
        self._ports = ports
        self._issuer = issuer
        self._publisher = publisher
        self._replaced = replaced

    def suspend(self, identifier: Identifier, decision: Decision) -> Done:
        """Suspend (暂扣) a certificate; raises as ``act``."""
        return self.act(ActKind.SUSPEND, identifier, decision)

    def reinstate(self, identifier: Identifier, decision: Decision) -> Done:
        """Give a suspended certificate back (暂扣发还); raises as ``act``."""
        return self.act(ActKind.REINSTATE, identifier, decision)

    def revoke(self, identifier: Identifier, decision: Decision) -> Done:
        """Revoke a certificate for ever: 吊销 or 撤销, as the legal reason says; raises as ``act``."""
        return self.act(ActKind.REVOKE, identifier, decision)

    def cancel(self, identifier: Identifier, decision: Decision) -> Done:
        """Cancel (注销) a certificate for ever; raises as ``act``."""
        return self.act(ActKind.CANCEL, identifier, decision)

    def replace(self, order: Order, decision: Decision, *, proposal: str | None = None) -> Replaced:
        """Issue the certificate that replaces the one ``order.replaces`` names: same serial, next version.

        ``proposal`` names the proposal that is done by this.

        The old one's credentials become "replaced" in the transaction that records the new one's signatures.

        Raises:
            ActNotAllowed: the order replaces nothing, or what it replaces is of another type, or does not allow it.
            UnknownCertificate, StateChanged: as ``act``.
            OrderRefused: the new claims break rules; nothing is recorded.
        """
        if order.replaces is None:
            raise ActNotAllowed("replace is not allowed: the order names no certificate that it replaces")
        old = self._ports.ledger.standing(order.replaces)
        self._transition(ActKind.REPLACE, old, decision)
        if old.intent.type_id != order.type_id:
            raise ActNotAllowed("replace is not allowed: the certificates are of different types")
        issued = self._issuer.issue(order, decision=self._act(ActKind.REPLACE, order.replaces, decision, proposal))
        pending = self._publish(order.replaces)
        self._replaced(old)
        return Replaced(issued, pending)

    def act(self, kind: ActKind, identifier: Identifier, decision: Decision, *, proposal: str | None = None) -> Done:
        """Do an act (any but replace) and publish the lists that it touches.

        ``proposal`` names the proposal that is done by this.

        Raises:
            ActNotAllowed: the type or the state does not allow it; the message names act and state.
            UnknownCertificate: no certificate has this identifier.
            StateChanged: another act was quicker; nothing was done.
        """
        planned = self.check(kind, identifier, decision)
        if kind is ActKind.REPLACE:
            raise ActNotAllowed("replace is not allowed without the order for the new certificate")
        record = self._ports.ledger.apply(
            self._act(kind, identifier, decision, proposal),
            expected=planned.expected,
            new=planned.new,
            value=planned.value,
        )
        return Done(record, self._publish(identifier))

    def check(self, kind: ActKind, identifier: Identifier, decision: Decision) -> Transition:
        """Return what an act would lead to, and do nothing: a dry run; raises as ``act``."""
        return self._transition(kind, self._ports.ledger.standing(identifier), decision)

    def state(self, record: CertificateRecord) -> State:
        """Return the state of a certificate today: past its last day it is expired."""
        return state_on(
            record.state,
            certificate_type=types.certificate_type(record.intent.type_id),
            expires=record.intent.dates.expires,
            day=day_of(self._ports.clock()),
        )

    def _transition(self, kind: ActKind, record: CertificateRecord, decision: Decision) -> Transition:
        return transition(
            kind,
            state=record.state,
            certificate_type=types.certificate_type(record.intent.type_id),
            legal_reason=decision.legal_reason,
            expired=self.state(record) is State.EXPIRED,
        )

    def _act(self, kind: ActKind, identifier: Identifier, decision: Decision, proposal: str | None) -> Act:
        return Act(
            kind=kind,
            identifier=identifier,
            legal_reason=decision.legal_reason.strip(),
            officer=decision.officer.strip(),
            case_number=decision.case_number.strip(),
            at=self._ports.clock(),
            note=decision.note.strip(),
            proposal=proposal,
        )

    def _publish(self, identifier: Identifier) -> tuple[str, ...]:
        """Publish the lists of a certificate's credentials; return those where it failed."""
        pending = []
        for uri in self._ports.ledger.lists_of(identifier):
            try:
                self._publisher.publish(uri, self._ports.clock())
            except EcertError:
                # The decision is recorded and must not look undone; the watchman publishes it.
                pending.append(uri)
        return tuple(pending)


def _is_line(text: str, longest: int) -> bool:
    return len(text) <= longest and all(character.isprintable() for character in text)
