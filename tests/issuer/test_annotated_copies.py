"""Annotated copies: the whole certificate for the file, and what its code shows; one mark, nobody's key."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from issuer.errors import OrderRefused
from issuer.purpose import PurposeCertificates
from issuer.records import CopyMark
from schemas import types
from schemas.formats.sd_cwt import kbt
from schemas.purposes import purpose

MARK = CopyMark("江门市市场监督管理局", "办理开户 Opening an account", 30)


def copied(desk: Any, type_id: str, purpose_id: str = "show", mark: CopyMark = MARK, **changes: Any) -> Any:
    made = PurposeCertificates(desk.issuer, clock=desk.clock)
    return made.annotated_copy(desk.issue(type_id, **changes).identifier, purpose_id, mark=mark)


def read(desk: Any, credential: Any) -> kbt.VerifiedSdCwt:
    department = types.certificate_type(credential.type_id).department
    return kbt.peek(kbt.from_text(credential.token)).verified_by(desk.key(department))


@pytest.mark.parametrize("ctype", types.all_types(), ids=lambda ctype: ctype.id)
def test_the_whole_holds_what_the_code_shows_and_more(desk: Any, ctype: Any) -> None:
    whole, code = (read(desk, each) for each in copied(desk, ctype.id).credentials)
    assert code.claims.items() <= whole.claims.items()
    assert set(code.claims) <= set(purpose(ctype.id, "show").fields)
    assert "certificate_identifier" in whole.claims
    assert (whole.hidden, whole.cnf, code.cnf) == (0, None, None)
    assert whole.printed_copy == code.printed_copy is not None


def test_what_is_registered_and_not_printed_stands_in_no_copy(desk: Any) -> None:
    whole, _ = (read(desk, each) for each in copied(desk, "business_licence").credentials)
    assert "legal_representative" in whole.claims
    assert "legal_representative_id_number" not in whole.claims


def test_each_has_a_status_of_its_own_that_every_act_reaches(desk: Any, decision: Any) -> None:
    issued = copied(desk, "business_licence")
    desk.life_cycle.revoke(issued.identifier, decision)
    assert len({each.status for each in issued.credentials}) == 2
    for each in issued.credentials:
        assert desk.ledger.status_values(each.status.uri)[each.status.index] == 1


def test_one_that_was_not_signed_before_a_crash_is_a_copy_afterwards(desk: Any) -> None:
    issued = copied(desk, "business_licence")
    intent = desk.ledger.certificate(issued.identifier).intent
    one = replace(intent.credentials[0], format=issued.credentials[0].format, copy=MARK, credential_id="planned")
    desk.ledger.add_credentials(issued.identifier, replace(intent, credentials=(one,)))
    assert desk.issuer.resume(min_age=timedelta(0)).signed == 1
    assert read(desk, desk.ledger.certificate(issued.identifier).credentials[-1]).printed_copy is not None


@pytest.mark.parametrize(
    ("changed", "wanted"), [({"maker": " "}, ("maker", "text")), ({"days": 366}, ("days", "range"))], ids=str
)
def test_a_copy_without_a_whole_mark_is_refused(desk: Any, changed: Any, wanted: tuple[str, str]) -> None:
    with pytest.raises(OrderRefused) as caught:
        copied(desk, "business_licence", mark=replace(MARK, **changed))
    assert [(each.field, each.rule) for each in caught.value.problems] == [wanted]


def test_what_no_code_on_paper_holds_is_not_copied(desk: Any) -> None:
    scope = "".join(chr(0x4E00 + n * 7919 % 20_000) for n in range(400))
    with pytest.raises(OrderRefused) as caught:
        copied(desk, "business_licence", "licence", business_scope=scope)
    assert [(each.field, each.rule) for each in caught.value.problems] == [("purpose", "size")]
