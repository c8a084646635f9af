"""Which act a certificate allows: acts x states x the states that its type knows. A table, and nothing else.

=========  ==================  ==========================  =========  =====
act        from                the type must know          to         value
=========  ==================  ==========================  =========  =====
suspend    issued              02 暂扣                     suspended  2
reinstate  suspended           02                          issued     0
revoke     issued, suspended   03 for 撤销, 07 for 吊销    revoked    1
cancel     issued, suspended   04 注销                     cancelled  1
replace    issued              05 失效 or else 04 注销     replaced   3
=========  ==================  ==========================  =========  =====

- 撤销 (the grant was wrong) and 吊销 (a penalty) both look back and both lead to ``revoked``; the legal reason must say
  which of the two it is, because a type may know only one of them.
- A replaced certificate is void in the national list: 05 where the type knows it, otherwise 04, as real property
  registers do. A snapshot (参保证明 …) states facts at a day: it expires and is issued anew; nothing replaces it.
- A suspended certificate is not replaced, or a suspension could be shaken off. It can be revoked and cancelled.
- Expiry (05) is no act: it is the day after the last one. An expired certificate can still be revoked (that looks
  back), cancelled (行政许可法 70: not renewed in time) and replaced (换领), but not suspended.
"""

from dataclasses import dataclass
from datetime import date

from issuer.errors import ActNotAllowed
from issuer.records import ActKind, State, StatusValue
from schemas.catalogue import CertificateType

REVOCATION_TERMS = {"撤销": "03", "吊销": "07"}
"""The two legal terms of a revocation and their codes in the national list of construction certificates."""


@dataclass(frozen=True, slots=True)
class Transition:
    """What an allowed act leads to: the state before, the state after, the status value, the national code."""

    expected: State
    new: State
    value: StatusValue
    national_code: str


@dataclass(frozen=True, slots=True)
class _Row:
    sources: frozenset[State]
    new: State
    value: StatusValue


_TABLE = {
    ActKind.SUSPEND: _Row(frozenset({State.ISSUED}), State.SUSPENDED, StatusValue.SUSPENDED),
    ActKind.REINSTATE: _Row(frozenset({State.SUSPENDED}), State.ISSUED, StatusValue.VALID),
    ActKind.REVOKE: _Row(frozenset({State.ISSUED, State.SUSPENDED}), State.REVOKED, StatusValue.INVALID),
    ActKind.CANCEL: _Row(frozenset({State.ISSUED, State.SUSPENDED}), State.CANCELLED, StatusValue.INVALID),
    ActKind.REPLACE: _Row(frozenset({State.ISSUED}), State.REPLACED, StatusValue.REPLACED),
}


def transition(
    kind: ActKind, *, state: State, certificate_type: CertificateType, legal_reason: str, expired: bool
) -> Transition:
    """Return what ``kind`` leads to.

    Raises:
        ActNotAllowed: the type, the state or the legal reason does not allow it; the message names act and state.
    """
    row = _TABLE[kind]
    if state not in row.sources or (expired and kind is ActKind.SUSPEND):
        now = State.EXPIRED if expired and state in row.sources else state
        raise ActNotAllowed(f"{kind} is not allowed: the certificate is {now}")
    code = _national_code(kind, certificate_type, legal_reason)
    if code is None:
        raise ActNotAllowed(f"{kind} is not allowed: type {certificate_type.id} does not know it (state {state})")
    return Transition(state, row.new, row.value, code)


def state_on(state: State, *, certificate_type: CertificateType, expires: date | None, day: date) -> State:
    """Return the state on ``day`` (Asia/Shanghai): an issued or suspended certificate past its last day is expired.

    A type that does not know 05 does not expire: its date ends a right beside it (the land use term of a house).
    """
    if expires is None or day <= expires or "05" not in certificate_type.states:
        return state
    return State.EXPIRED if state in (State.ISSUED, State.SUSPENDED) else state


def _national_code(kind: ActKind, certificate_type: CertificateType, legal_reason: str) -> str | None:
    if kind is ActKind.REVOKE:
        return _known(certificate_type, _revocation_code(legal_reason))
    if kind is ActKind.REPLACE:
        return _replaced_code(certificate_type)
    if kind is ActKind.CANCEL:
        return _known(certificate_type, "04")
    suspended = _known(certificate_type, "02")
    return "01" if suspended and kind is ActKind.REINSTATE else suspended


def _known(certificate_type: CertificateType, code: str) -> str | None:
    return code if code in certificate_type.states else None


def _revocation_code(legal_reason: str) -> str:
    named = [code for term, code in REVOCATION_TERMS.items() if term in legal_reason]
    if len(named) != 1:
        raise ActNotAllowed("revoke is not allowed: the legal reason must say either 撤销 or 吊销")
    return named[0]


def _replaced_code(certificate_type: CertificateType) -> str | None:
    if certificate_type.validity.get("rule") == "snapshot":
        return None
    return _known(certificate_type, "05") or _known(certificate_type, "04")
