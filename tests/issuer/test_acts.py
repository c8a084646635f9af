"""Which acts a certificate allows: every act, from every state, with and without the national code that it needs."""

from dataclasses import replace
from datetime import date

import pytest

from issuer.acts import REVOCATION_TERMS, Transition, state_on, transition
from issuer.errors import ActNotAllowed
from issuer.records import ActKind, State, StatusValue
from schemas import types
from schemas.catalogue import CertificateType

LICENCE = replace(types.certificate_type("business_licence"), states=frozenset({"01", "02", "03", "04", "05", "07"}))
REASONS = {ActKind.REVOKE: "吊销"}
ALLOWED = {
    (ActKind.SUSPEND, State.ISSUED): (State.SUSPENDED, StatusValue.SUSPENDED, "02"),
    (ActKind.REINSTATE, State.SUSPENDED): (State.ISSUED, StatusValue.VALID, "01"),
    (ActKind.REVOKE, State.ISSUED): (State.REVOKED, StatusValue.INVALID, "07"),
    (ActKind.REVOKE, State.SUSPENDED): (State.REVOKED, StatusValue.INVALID, "07"),
    (ActKind.CANCEL, State.ISSUED): (State.CANCELLED, StatusValue.INVALID, "04"),
    (ActKind.CANCEL, State.SUSPENDED): (State.CANCELLED, StatusValue.INVALID, "04"),
    (ActKind.REPLACE, State.ISSUED): (State.REPLACED, StatusValue.REPLACED, "05"),
}
REFUSED = [(kind, state) for kind in ActKind for state in State if (kind, state) not in ALLOWED]


def decide(
    kind: ActKind,
    state: State = State.ISSUED,
    *,
    kind_of: CertificateType = LICENCE,
    reason: str | None = None,
    expired: bool = False,
) -> Transition:
    legal_reason = REASONS.get(kind, "依申请") if reason is None else reason
    return transition(kind, state=state, certificate_type=kind_of, legal_reason=legal_reason, expired=expired)


def without(*codes: str) -> CertificateType:
    return replace(LICENCE, states=LICENCE.states - set(codes))


@pytest.mark.parametrize(("kind", "state"), ALLOWED)
def test_an_act_that_state_and_type_allow_leads_on(kind: ActKind, state: State) -> None:
    assert decide(kind, state) == Transition(state, *ALLOWED[kind, state])


@pytest.mark.parametrize(("kind", "state"), REFUSED)
def test_an_act_that_the_state_does_not_allow_names_act_and_state(kind: ActKind, state: State) -> None:
    with pytest.raises(ActNotAllowed, match=f"{kind} is not allowed: the certificate is {state}"):
        decide(kind, state)


@pytest.mark.parametrize(
    ("kind", "state", "codes"),
    [
        (ActKind.SUSPEND, State.ISSUED, ("02",)),
        (ActKind.REINSTATE, State.SUSPENDED, ("02",)),
        (ActKind.REVOKE, State.ISSUED, ("07",)),
        (ActKind.CANCEL, State.ISSUED, ("04",)),
        (ActKind.REPLACE, State.ISSUED, ("04", "05")),
    ],
)
def test_an_act_that_the_type_does_not_know_is_refused(kind: ActKind, state: State, codes: tuple[str, ...]) -> None:
    with pytest.raises(ActNotAllowed, match=f"{kind} is not allowed: type business_licence"):
        decide(kind, state, kind_of=without(*codes))


@pytest.mark.parametrize(("term", "code"), REVOCATION_TERMS.items())
def test_the_legal_term_of_a_revocation_gives_its_national_code(term: str, code: str) -> None:
    assert decide(ActKind.REVOKE, reason=f"{term}营业执照").national_code == code


@pytest.mark.parametrize("reason", ["违法经营", "撤销或者吊销"])
def test_a_revocation_that_is_neither_of_the_two_is_refused(reason: str) -> None:
    with pytest.raises(ActNotAllowed, match="either 撤销 or 吊销"):
        decide(ActKind.REVOKE, reason=reason)


def test_a_type_that_knows_only_one_revocation_refuses_the_other() -> None:
    with pytest.raises(ActNotAllowed):
        decide(ActKind.REVOKE, kind_of=without("03"), reason="撤销")


def test_a_replaced_certificate_is_cancelled_where_the_type_does_not_know_void() -> None:
    assert decide(ActKind.REPLACE, kind_of=without("05")).national_code == "04"


def test_a_snapshot_is_not_replaced() -> None:
    with pytest.raises(ActNotAllowed):
        decide(ActKind.REPLACE, kind_of=types.certificate_type("social_insurance_certificate"))


def test_an_expired_certificate_is_not_suspended() -> None:
    with pytest.raises(ActNotAllowed, match="suspend is not allowed: the certificate is expired"):
        decide(ActKind.SUSPEND, expired=True)


@pytest.mark.parametrize("kind", [ActKind.REVOKE, ActKind.CANCEL, ActKind.REPLACE])
def test_an_expired_certificate_is_still_revoked_cancelled_and_replaced(kind: ActKind) -> None:
    assert decide(kind, expired=True).expected is State.ISSUED


@pytest.mark.parametrize("certificate_type", types.all_types(), ids=lambda kind: kind.id)
def test_every_type_can_end_before_its_time(certificate_type: CertificateType) -> None:
    ends = {"03", "04", "07"} & certificate_type.states
    assert ends, "no act would ever reach it"


@pytest.mark.parametrize("state", [State.ISSUED, State.SUSPENDED])
def test_past_its_last_day_a_certificate_is_expired(state: State) -> None:
    last = date(2026, 3, 2)
    states = [state_on(state, certificate_type=LICENCE, expires=last, day=date(2026, 3, day)) for day in (2, 3)]
    assert states == [state, State.EXPIRED]


def test_a_long_term_certificate_does_not_expire() -> None:
    assert state_on(State.ISSUED, certificate_type=LICENCE, expires=None, day=date(2099, 1, 1)) is State.ISSUED


def test_a_type_that_does_not_know_void_does_not_expire() -> None:
    state = state_on(State.ISSUED, certificate_type=without("05"), expires=date(2020, 1, 1), day=date(2026, 1, 1))
    assert state is State.ISSUED


def test_a_revoked_certificate_stays_revoked_past_its_last_day() -> None:
    state = state_on(State.REVOKED, certificate_type=LICENCE, expires=date(2020, 1, 1), day=date(2026, 1, 1))
    assert state is State.REVOKED
