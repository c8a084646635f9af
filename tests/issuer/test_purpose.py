"""Purpose certificates and printed copies: only the purpose's fields, a status of their own, reached by every act."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from issuer.errors import OrderRefused, StateChanged, UnknownCertificate
from issuer.purpose import MAX_AHEAD, PurposeCertificates
from issuer.records import CopyMark
from schemas import types
from schemas.errors import UnknownPurpose
from schemas.formats.sd_cwt import kbt
from schemas.order import CredentialFormat, HolderId, HolderRef, Identifier, IssuedCredential
from schemas.purposes import purpose

MARK = CopyMark("江门市市场监督管理局", "办理开户 Opening an account", 30)
WEEK = timedelta(days=7)


def certificates(desk: Any) -> PurposeCertificates:
    return PurposeCertificates(desk.issuer, clock=desk.clock)


def holder_of(desk: Any, issued: Any) -> HolderRef:
    holder: HolderRef = desk.ledger.certificate(issued.identifier).intent.holders[0]
    return holder


def prefetched(desk: Any, type_id: str, purpose_id: str, *, count: int = 1, **changes: Any) -> Any:
    issued = desk.issue(type_id, **changes)
    holder = holder_of(desk, issued)
    return certificates(desk).prefetch(issued.identifier, purpose_id, holder=holder, count=count)


def read(desk: Any, credential: IssuedCredential) -> kbt.VerifiedSdCwt:
    department = types.certificate_type(credential.type_id).department
    return kbt.peek(kbt.from_text(credential.token)).verified_by(desk.key(department))


def refused(caught: pytest.ExceptionInfo[OrderRefused]) -> list[tuple[str, str]]:
    return [(problem.field, problem.rule) for problem in caught.value.problems]


def test_a_purpose_certificate_holds_the_fields_of_its_purpose_and_no_others(desk: Any) -> None:
    (credential,) = prefetched(desk, "resident_id_card", "identity").credentials
    assert set(read(desk, credential).claims) == {"name", "photo_digest", "age_over_18"}
    assert read(desk, credential).hidden == 0


def test_what_does_not_hold_of_the_person_is_left_out(desk: Any) -> None:
    child = desk.citizen("2012-08-01") | {"valid_from": "2024-05-20", "valid_to": "2029-05-20"}
    (credential,) = prefetched(desk, "resident_id_card", "identity", **child).credentials
    assert set(read(desk, credential).claims) == {"name", "photo_digest"}


def test_it_is_bound_to_the_holders_key(desk: Any) -> None:
    (credential,) = prefetched(desk, "resident_id_card", "identity").credentials
    key = read(desk, credential).cnf
    assert key is not None
    assert key.kid == credential.holder_kid


def test_it_ends_within_seven_days(desk: Any) -> None:
    (credential,) = prefetched(desk, "resident_id_card", "identity").credentials
    found = read(desk, credential)
    assert credential.expires_at - credential.issued_at == WEEK
    assert (found.iat, found.exp) == (credential.issued_at.timestamp(), credential.expires_at.timestamp())


def test_several_share_nothing_but_issuer_type_and_claims(desk: Any) -> None:
    made = prefetched(desk, "resident_id_card", "identity", count=5).credentials
    assert len({each.status for each in made}) == len({each.token for each in made}) == 5
    assert len({read(desk, each).registered[2] for each in made}) == 5  # sub


def test_they_are_delivered_to_the_wallet(desk: Any) -> None:
    issued = prefetched(desk, "resident_id_card", "identity", count=2)
    assert issued.delivered
    assert {each.credential_id for each in issued.credentials} <= desk.delivery.arrived.keys()


def test_every_act_reaches_them(desk: Any, decision: Any) -> None:
    made = prefetched(desk, "business_licence", "licence", count=2)
    desk.life_cycle.revoke(made.identifier, decision)
    for each in made.credentials:
        assert desk.ledger.status_values(each.status.uri)[each.status.index] == 1


@pytest.mark.parametrize("ctype", types.all_types(), ids=lambda ctype: ctype.id)
def test_every_type_can_be_shown_by_a_purpose_certificate(desk: Any, ctype: Any) -> None:
    (credential,) = prefetched(desk, ctype.id, "show").credentials
    assert credential.format is CredentialFormat.SD_CWT
    assert set(read(desk, credential).claims) <= set(purpose(ctype.id, "show").fields)
    assert read(desk, credential).claims


def test_one_that_was_not_signed_before_a_crash_is_signed_for_its_purpose(desk: Any) -> None:
    issued = desk.issue("resident_id_card")
    desk.ledger.add_credentials(issued.identifier, planned(desk, issued))
    assert desk.issuer.resume(min_age=timedelta(0)).signed == 1
    credential = desk.ledger.certificate(issued.identifier).credentials[-1]
    assert set(read(desk, credential).claims) == {"photo_digest", "age_over_18"}


def planned(desk: Any, issued: Any) -> Any:
    """The intent of one purpose certificate, recorded and not signed."""
    intent = desk.ledger.certificate(issued.identifier).intent
    one = replace(intent.credentials[0], format=CredentialFormat.SD_CWT, short_lived=True, purpose="age")
    return replace(intent, credentials=(replace(one, credential_id="planned"),))


def test_a_refresh_makes_no_sd_cwt_of_what_was_made_for_showing(desk: Any) -> None:
    made = prefetched(desk, "business_licence", "licence")
    certificates(desk).printed_copy(made.identifier, "licence", mark=MARK)
    refreshed = desk.issuer.refresh(made.identifier)
    assert {each.format for each in refreshed.credentials} == {CredentialFormat.SD_JWT_VC, CredentialFormat.VC_JWT}


# Refused


@pytest.mark.parametrize("count", [0, MAX_AHEAD + 1])
def test_no_more_are_fetched_than_a_week_needs(desk: Any, count: int) -> None:
    with pytest.raises(OrderRefused) as caught:
        prefetched(desk, "resident_id_card", "identity", count=count)
    assert refused(caught) == [("count", "range")]


def test_a_holder_without_a_key_gets_none(desk: Any) -> None:
    issued = desk.issue("resident_id_card")
    keyless = replace(holder_of(desk, issued), key=None)
    with pytest.raises(OrderRefused) as caught:
        certificates(desk).prefetch(issued.identifier, "identity", holder=keyless, count=1)
    assert refused(caught) == [("holder", "holder_key")]


def test_somebody_else_gets_none(desk: Any) -> None:
    issued = desk.issue("resident_id_card")
    stranger = HolderRef(HolderId("stranger"), holder_of(desk, issued).key)
    with pytest.raises(OrderRefused) as caught:
        certificates(desk).prefetch(issued.identifier, "identity", holder=stranger, count=1)
    assert refused(caught) == [("holder", "holder")]


def test_a_purpose_that_the_type_does_not_have_is_refused(desk: Any) -> None:
    with pytest.raises(UnknownPurpose):
        prefetched(desk, "resident_id_card", "licence")


def test_a_purpose_of_which_nothing_holds_is_refused(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = replace(purpose("resident_id_card", "age"), fields=("age_over_65",))
    monkeypatch.setattr("issuer.purpose.purpose", lambda *_: nothing)
    with pytest.raises(OrderRefused) as caught:
        prefetched(desk, "resident_id_card", "age")
    assert refused(caught) == [("purpose", "no_fields")]


def test_before_the_certificate_takes_effect_nothing_is_shown(desk: Any) -> None:
    issued = desk.issue("business_licence")
    desk.clock.move(-timedelta(days=365 * 20))
    holder = holder_of(desk, issued)
    intent = desk.ledger.certificate(issued.identifier).intent
    plan = certificates(desk)._plan(_wish("show"), holder)
    with pytest.raises(OrderRefused) as caught:
        plan(intent, lambda: "new")
    assert refused(caught) == [("effective_date", "not_yet")]


def _wish(purpose_id: str) -> Any:
    from issuer.purpose import _Wish

    return _Wish(purpose_id, 1)


def test_a_certificate_that_is_not_in_force_is_not_shown(desk: Any, decision: Any) -> None:
    issued = desk.issue("business_licence")
    desk.life_cycle.revoke(issued.identifier, decision)
    with pytest.raises(StateChanged):
        certificates(desk).prefetch(issued.identifier, "licence", holder=holder_of(desk, issued), count=1)


def test_a_certificate_that_is_not_there_is_not_shown(desk: Any) -> None:
    with pytest.raises(UnknownCertificate):
        certificates(desk).printed_copy(Identifier("1.2.3"), "licence", mark=MARK)


# Printed copies


def printed(desk: Any, mark: CopyMark = MARK) -> Any:
    return certificates(desk).printed_copy(desk.issue("business_licence").identifier, "licence", mark=mark)


def test_a_printed_copy_is_bound_to_nobody_and_marked(desk: Any) -> None:
    (credential,) = printed(desk).credentials
    found = read(desk, credential)
    assert found.cnf is None
    assert found.printed_copy is not None
    assert (found.printed_copy.maker, found.printed_copy.cause) == (MARK.maker, MARK.cause)
    assert found.printed_copy.expires_at == found.exp


def test_a_printed_copy_is_good_for_its_days(desk: Any) -> None:
    (credential,) = printed(desk).credentials
    assert credential.expires_at - credential.issued_at == timedelta(days=30)


def test_a_printed_copy_goes_to_no_wallet_and_waits_for_none(desk: Any) -> None:
    issued = printed(desk)
    assert issued.delivered
    assert issued.credentials[0].credential_id not in desk.delivery.arrived
    assert desk.ledger.undelivered(limit=1) == []


def test_a_revoked_licence_takes_its_printed_copies_along(desk: Any, decision: Any) -> None:
    issued = printed(desk)
    desk.life_cycle.revoke(issued.identifier, decision)
    status = issued.credentials[0].status
    assert desk.ledger.status_values(status.uri)[status.index] == 1


def test_what_no_code_on_paper_holds_is_not_signed_and_takes_no_index(desk: Any) -> None:
    scope = "".join(chr(0x4E00 + n * 7919 % 20_000) for n in range(400))
    issued = desk.issue("business_licence", business_scope=scope)
    with pytest.raises(OrderRefused) as caught:
        certificates(desk).printed_copy(issued.identifier, "licence", mark=MARK)
    assert refused(caught) == [("purpose", "size")]
    assert desk.ledger.certificate(issued.identifier).credentials == issued.credentials
    assert desk.ledger.unfinished(limit=1) == []


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        ({"maker": " "}, ("maker", "text")),
        ({"cause": "x" * 201}, ("cause", "text")),
        ({"cause": "two\nlines"}, ("cause", "text")),
        ({"days": 0}, ("days", "range")),
        ({"days": 366}, ("days", "range")),
    ],
)
def test_a_mark_that_does_not_say_all_is_refused(desk: Any, changed: dict[str, Any], wanted: tuple[str, str]) -> None:
    with pytest.raises(OrderRefused) as caught:
        printed(desk, replace(MARK, **changed))
    assert refused(caught) == [wanted]
