"""The issuing use case: in this order, once, and resumable after a crash between any two steps."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from issuer import Issued, Profile, ProfileConfig, Rules
from issuer.errors import (
    ActNotAllowed,
    AlreadySigned,
    IssuerError,
    OrderRefused,
    RoundIncomplete,
    RowKeyConflict,
    StateChanged,
)
from issuer.prepare import Prepared
from issuer.records import ActKind, RecordedIntent, State
from issuer.signing import Desk as SigningDesk
from issuer.signing import Ticket, sign
from keys import jws
from schemas.formats.sd_jwt import SdJwt
from schemas.national import parse_identifier
from schemas.order import HolderId, HolderRef, Identifier, IssuedCredential

MINUTE = timedelta(minutes=1)


class Crash(BaseException):
    """The process ends here."""


@pytest.fixture
def crash(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let the process end when a port is called, before or after the call did its work."""

    def arrange(port: Any, method: str, *, after: bool = False) -> Callable[[], None]:
        work = getattr(port, method)

        def end(*args: Any, **kwargs: Any) -> None:
            if after:
                work(*args, **kwargs)
            raise Crash

        monkeypatch.setattr(port, method, end)
        return lambda: monkeypatch.setattr(port, method, work)

    return arrange


def prepared(desk: Any, *row_keys: str | None) -> list[Prepared]:
    return [desk.issuer.prepare(desk.order(row_key=key)) for key in row_keys]


def test_an_issued_certificate_is_in_the_ledger(desk: Any) -> None:
    issued = desk.issue()
    record = desk.ledger.certificate(issued.identifier)
    assert (record.state, record.credentials) == (State.ISSUED, issued.credentials)


def test_an_issued_certificate_is_in_the_wallets(desk: Any) -> None:
    issued = desk.issue()
    assert tuple(desk.delivery.arrived.values()) == issued.credentials
    assert issued.delivered
    assert desk.ledger.undelivered(limit=1) == []


def test_an_identifier_has_its_serial_and_the_first_version(desk: Any) -> None:
    parts = parse_identifier(desk.issue().identifier)
    assert (parts.serial, parts.version) == ("S0000000000000000001", 1)


def test_a_serial_that_is_taken_is_drawn_again(desk: Any) -> None:
    serials = iter(["TAKEN", "TAKEN", "FREE1"])
    desk.randomness = replace(desk.randomness, serial=lambda: next(serials))
    first, second = desk.issue(), desk.issue()
    assert [parse_identifier(each.identifier).serial for each in (first, second)] == ["TAKEN", "FREE1"]


def test_every_credential_has_a_status_of_its_own(desk: Any) -> None:
    issued = desk.issue("marriage_certificate")
    in_tokens = [
        SdJwt.parse(each.token).peek_claims()["status"]["status_list"]
        for each in issued.credentials
        if each.format == "dc+sd-jwt"
    ]
    recorded = [
        {"idx": each.status.index, "uri": each.status.uri} for each in issued.credentials if each.format == "dc+sd-jwt"
    ]
    assert in_tokens == recorded
    assert len({each.status for each in issued.credentials}) == len(issued.credentials) == 6


def test_a_certificate_of_two_people_goes_to_both(desk: Any) -> None:
    issued = desk.issue("marriage_certificate")
    assert {each.holder_id for each in issued.credentials} == {"holder-1", "holder-2"}


def test_two_numbers_of_one_holder_get_one_set_of_credentials(desk: Any) -> None:
    desk.directory.resolve = lambda *_: HolderRef(HolderId("the-same"), None)
    assert len(desk.order("marriage_certificate").holders) == 1


def test_the_department_signs_with_its_key(desk: Any) -> None:
    (credential, *_) = desk.issue().credentials
    SdJwt.parse(credential.token).verified_by(desk.key("amr"))


def test_a_row_key_that_comes_again_gives_the_same_certificate(desk: Any) -> None:
    first, second = desk.issue(row_key="R-1"), desk.issue(row_key="R-1")
    assert (second.identifier, second.credentials) == (first.identifier, first.credentials)
    assert (first.repeated, second.repeated) == (False, True)


def test_a_row_key_with_another_content_is_refused(desk: Any) -> None:
    desk.issue(row_key="R-1")
    with pytest.raises(RowKeyConflict):
        desk.issue(row_key="R-1", name="江门市示例另一家有限公司")


def test_a_row_key_twice_in_one_batch_gives_one_certificate(desk: Any) -> None:
    first, second = desk.issuer.issue_all(prepared(desk, "R-1", "R-1"))
    assert (first.identifier, first.repeated, second.repeated) == (second.identifier, False, True)
    assert len(desk.delivery.arrived) == 2


def test_many_orders_are_two_transactions(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    for name in ("record_intents", "record_issued"):
        work = getattr(desk.ledger, name)
        monkeypatch.setattr(desk.ledger, name, lambda each, work=work: (calls.append(len(each)), work(each))[1])
    desk.issuer.issue_all(prepared(desk, *[None] * 20))
    assert calls == [20, 20]


def test_an_empty_batch_is_nothing(desk: Any) -> None:
    assert desk.issuer.issue_all([]) == []


def test_an_intent_is_recorded_before_a_key_is_touched(desk: Any, crash: Any) -> None:
    crash(desk.keys, "signer")
    with pytest.raises(Crash):
        desk.issue()
    assert len(desk.ledger.unfinished(limit=10)) == 1


STEPS = [
    ("ledger", "record_intents", False, 0),
    ("ledger", "record_intents", True, 1),
    ("keys", "signer", False, 1),
    ("ledger", "record_issued", False, 1),
    ("ledger", "record_issued", True, 1),
    ("delivery", "deliver", False, 1),
    ("delivery", "deliver", True, 1),
    ("ledger", "mark_delivered", False, 1),
]


@pytest.mark.parametrize(("port", "method", "after", "left"), STEPS)
def test_after_a_crash_every_recorded_intent_is_issued_and_delivered(
    desk: Any, crash: Any, port: str, method: str, after: bool, left: int
) -> None:
    restart = crash(getattr(desk, port), method, after=after)
    with pytest.raises(Crash):
        desk.issue(row_key="R-1")
    restart()
    desk.clock.move(MINUTE)
    desk.issuer.resume()
    assert len(desk.delivery.arrived) == 2 * left
    assert (desk.ledger.unfinished(limit=1), desk.ledger.undelivered(limit=1)) == ([], [])


@pytest.mark.parametrize(("port", "method", "after", "left"), STEPS)
def test_after_a_crash_the_same_order_gives_one_certificate(
    desk: Any, crash: Any, port: str, method: str, after: bool, left: int
) -> None:
    restart = crash(getattr(desk, port), method, after=after)
    with pytest.raises(Crash):
        desk.issue(row_key="R-1")
    restart()
    issued = desk.issue(row_key="R-1")
    desk.clock.move(MINUTE)
    desk.issuer.resume()
    assert len(desk.ledger._certificates) == 1
    assert issued.repeated is bool(left)
    assert desk.delivery.arrived == {each.credential_id: each for each in issued.credentials}


def test_resuming_tells_what_it_did(desk: Any, crash: Any) -> None:
    restart = crash(desk.keys, "signer")
    with pytest.raises(Crash):
        desk.issue()
    restart()
    desk.clock.move(MINUTE)
    done = desk.issuer.resume()
    assert (done.signed, done.delivered, done.refused) == (1, 2, 0)


def test_a_department_whose_key_is_gone_is_in_no_other_intents_way(desk: Any, crash: Any, monkeypatch: Any) -> None:
    restart = crash(desk.keys, "signer")
    for type_id in ("business_licence", "marriage_certificate"):
        with pytest.raises(Crash):
            desk.issue(type_id)
    restart()
    signer = desk.keys.signer

    def broken(department: str) -> Any:
        if department == "amr":
            raise IssuerError("key cannot be used")
        return signer(department)

    monkeypatch.setattr(desk.keys, "signer", broken)
    desk.clock.move(MINUTE)
    with pytest.raises(RoundIncomplete):
        desk.issuer.resume()
    (left,) = desk.ledger.unfinished(limit=9)
    assert (left.intent.department, desk.ledger.undelivered(limit=9)) == ("amr", [])
    assert {each.type_id for each in desk.delivery.arrived.values()} == {"marriage_certificate"}
    monkeypatch.setattr(desk.keys, "signer", signer)
    assert desk.issuer.resume().signed == 1


def test_a_young_intent_is_left_to_whoever_is_issuing_it(desk: Any, crash: Any) -> None:
    restart = crash(desk.keys, "signer")
    with pytest.raises(Crash):
        desk.issue()
    restart()
    desk.clock.move(MINUTE / 2)
    assert desk.issuer.resume().signed == 0


def test_an_intent_whose_last_day_has_passed_is_not_signed_any_more(desk: Any, crash: Any) -> None:
    restart = crash(desk.keys, "signer")
    with pytest.raises(Crash):
        desk.issue(term_to="2026-03-02")
    restart()
    desk.issue()
    desk.clock.move(timedelta(days=1))
    done = desk.issuer.resume()
    assert (done.signed, done.refused) == (0, 1)


def outrun(desk: Any) -> list[Sequence[IssuedCredential]]:
    """Let somebody else's signatures be recorded just before each of the desk's; return theirs."""
    work = desk.ledger.record_issued
    quicker: list[Sequence[IssuedCredential]] = []

    def raced(issued: Sequence[tuple[Identifier, Sequence[IssuedCredential]]]) -> set[Identifier]:
        ((identifier, credentials),) = issued
        quicker.append(tuple(replace(each, token="quicker") for each in credentials))
        work([(identifier, quicker[-1])])
        late: set[Identifier] = work(issued)
        return late

    desk.ledger.record_issued = raced
    return quicker


def test_of_two_signatures_the_first_recorded_one_is_delivered(desk: Any, crash: Any) -> None:
    """Two processes issue the same unfinished row; the slower one delivers what the quicker one recorded."""
    restart = crash(desk.keys, "signer")
    with pytest.raises(Crash):
        desk.issue(row_key="R-1")
    restart()
    quicker = outrun(desk)
    issued = desk.issue(row_key="R-1")
    assert issued.credentials == quicker[0]
    assert tuple(desk.delivery.arrived.values()) == quicker[0]


def test_of_ones_own_intent_too_the_signature_leaves_that_the_ledger_has(desk: Any) -> None:
    """Another process takes up an intent that was recorded just now, between its record and its signature."""
    quicker = outrun(desk)
    assert desk.issue().credentials == quicker[0]
    assert tuple(desk.delivery.arrived.values()) == quicker[0]


def test_of_further_credentials_too_the_signature_leaves_that_the_ledger_has(desk: Any) -> None:
    first = desk.issue()
    quicker = outrun(desk)
    assert desk.issuer.refresh(first.identifier).credentials == quicker[0]
    assert set(quicker[0]) <= set(desk.delivery.arrived.values())


def test_wallets_that_cannot_be_reached_lose_nothing(desk: Any) -> None:
    desk.delivery.failing = IssuerError("no way")
    issued = desk.issue()
    assert not issued.delivered
    assert desk.issuer.resume().delivered == 0
    desk.delivery.failing = None
    assert desk.issuer.resume().delivered == 2
    assert len(desk.delivery.arrived) == 2


def test_a_ticket_is_redeemed_once(desk: Any) -> None:
    (recorded,) = desk.ledger.record_intents([desk.issuer.prepare(desk.order()).intent])
    ticket = Ticket(recorded)
    with_key = SigningDesk(
        desk.keys.signer("amr"), desk.keys.issuer_uri("amr"), desk.rules.profile, desk.randomness.salt
    )
    assert len(sign(ticket, with_key, now=desk.clock())) == 2
    with pytest.raises(AlreadySigned):
        sign(ticket, with_key, now=desk.clock())


def test_what_the_ledger_knows_as_signed_is_not_signed_again(desk: Any) -> None:
    issued = desk.issue()
    record = desk.ledger.certificate(issued.identifier)
    with pytest.raises(AlreadySigned):
        Ticket(RecordedIntent(record.intent, (), record.credentials)).redeem()


def test_a_preview_records_nothing(desk: Any) -> None:
    desk.issuer.prepare(desk.order())
    assert desk.ledger.unfinished(limit=1) == []


def test_claims_are_looked_at_without_a_holder(desk: Any) -> None:
    assert desk.issuer.problems("business_licence", desk.claims()) == ()
    assert [each.field for each in desk.issuer.problems("business_licence", desk.claims(name=None))] == ["name"]
    assert desk.directory.holders == {}


def test_an_order_that_replaces_needs_a_decision(desk: Any) -> None:
    order = replace(desk.order(), replaces=desk.issue().identifier)
    with pytest.raises(ActNotAllowed):
        desk.issuer.issue(order)


def test_a_row_key_does_not_show_the_number(desk: Any) -> None:
    key = desk.issuer.row_key("resident_id_card", "440799199003070112")
    assert key == desk.issuer.row_key("resident_id_card", "440799199003070112")
    assert "4407" not in key
    desk.randomness = replace(desk.randomness, digest_key=bytes(31) + b"\1")
    assert key != desk.issuer.row_key("resident_id_card", "440799199003070112")


def refreshed(desk: Any, issued: Issued, **arguments: Any) -> Issued:
    again: Issued = desk.issuer.refresh(issued.identifier, **arguments)
    return again


def test_a_refresh_gives_new_credentials_of_the_same_certificate(desk: Any) -> None:
    first = desk.issue()
    desk.clock.move(timedelta(days=200))
    second = refreshed(desk, first)
    assert second.identifier == first.identifier
    assert len({each.status for each in first.credentials + second.credentials}) == 4
    assert desk.ledger.certificate(first.identifier).credentials == first.credentials + second.credentials


def test_a_refresh_does_not_move_the_legal_dates(desk: Any) -> None:
    first = desk.issue()
    desk.clock.move(timedelta(days=200))
    claims = [SdJwt.parse(each.credentials[0].token).peek_claims() for each in (first, refreshed(desk, first))]
    names = ("issue_date", "effective_date", "certificate_identifier", "certificate_version")
    assert [claims[0][name] for name in names] == [claims[1][name] for name in names]
    assert claims[1]["iat"] - claims[0]["iat"] == 200 * 24 * 3600


def test_a_refresh_computes_derived_claims_anew(desk: Any) -> None:
    """Someone turns 65 on 2026-08-01."""
    first = desk.issue("elderly_preferential_card", **desk.citizen("1961-08-01"))
    desk.clock.move(timedelta(days=200))
    before, after = (
        {name for name in SdJwt.parse(each.credentials[0].token).peek_claims() if name.startswith("age_over")}
        for each in (first, refreshed(desk, first))
    )
    assert after - before == {"age_over_65"}


def test_a_refresh_binds_to_the_present_key(desk: Any) -> None:
    first = desk.issue()
    desk.directory = type(desk.directory)()
    holders = desk.order().holders
    claims = SdJwt.parse(refreshed(desk, first, holders=holders).credentials[0].token).peek_claims()
    assert claims["cnf"] == {"jwk": holders[0].key.jwk}


def test_what_a_register_said_is_not_signed_again(desk: Any) -> None:
    first = desk.issue("housing_fund_certificate")
    short = [each for each in refreshed(desk, first).credentials if each.short_lived]
    assert all("has_loan" not in SdJwt.parse(each.token).peek_claims() for each in short)


def test_what_a_register_says_today_is_signed(desk: Any) -> None:
    first = desk.issue("housing_fund_certificate")
    (short,) = [each for each in refreshed(desk, first, facts={"has_loan": True}).credentials if each.short_lived]
    assert SdJwt.parse(short.token).peek_claims()["has_loan"] is True


def test_a_marriage_said_to_be_over_stays_so(desk: Any) -> None:
    first = desk.issue("marriage_certificate", is_married=False)
    short = [each for each in refreshed(desk, first).credentials if each.short_lived]
    assert {SdJwt.parse(each.token).peek_claims()["is_married"] for each in short} == {False}


def test_a_refresh_is_finished_after_a_crash(desk: Any, crash: Any) -> None:
    first = desk.issue()
    restart = crash(desk.keys, "signer")
    with pytest.raises(Crash):
        refreshed(desk, first)
    restart()
    desk.clock.move(MINUTE)
    desk.issuer.resume()
    assert len(desk.ledger.certificate(first.identifier).credentials) == 4
    assert len(desk.delivery.arrived) == 4


def test_a_revoked_certificate_is_not_refreshed(desk: Any, decision: Any) -> None:
    issued = desk.issue()
    desk.life_cycle.act(ActKind.REVOKE, issued.identifier, decision)
    with pytest.raises(StateChanged):
        refreshed(desk, issued)


def test_a_certificate_that_has_ended_is_not_refreshed(desk: Any) -> None:
    issued = desk.issue(term_to="2026-03-05")
    desk.clock.move(timedelta(days=4))
    with pytest.raises(OrderRefused, match="expired"):
        refreshed(desk, issued)


def test_a_replaced_certificates_further_credentials_are_still_possible_for_the_new_one(
    desk: Any, decision: Any
) -> None:
    old = desk.issue(row_key="R-1")
    order = replace(desk.order(row_key="R-2", name="江门市示例新名有限公司"), replaces=old.identifier)
    new = desk.life_cycle.replace(order, decision).issued
    assert refreshed(desk, new).identifier == new.identifier


@pytest.mark.parametrize("switch", [False, True])
def test_the_chain_stands_in_the_header_when_the_profile_says_so(make_desk: Any, switch: bool) -> None:
    """A chain does not fit a QR code, so it is off by default."""
    desk = make_desk(rules=Rules(Profile.of(ProfileConfig(x5c=switch))))
    signer = desk.keys.signer("amr").with_chain([b"leaf", b"intermediate"])
    desk.keys.signer = lambda _: signer
    headers = [jws.peek(each.token.split("~")[0]).header for each in desk.issue().credentials]
    assert [header.x5c() for header in headers] == [(b"leaf", b"intermediate") if switch else ()] * 2


def test_a_credential_that_a_wallet_refuses_is_in_nobodys_way(desk: Any) -> None:
    desk.delivery.failing = IssuerError("no way")
    refused, others = desk.issue(), desk.issue("resident_id_card")
    desk.delivery.failing = None
    arrive = desk.delivery.deliver

    def choosy(credentials: Any) -> None:
        if any(each.credential_id == refused.credentials[0].credential_id for each in credentials):
            raise IssuerError("this one not")
        arrive(credentials)

    desk.delivery.deliver = choosy
    assert desk.issuer.resume().delivered == len(refused.credentials) + len(others.credentials) - 1
    assert [each.credential_id for each in desk.ledger.undelivered(limit=9)] == [refused.credentials[0].credential_id]


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
@pytest.mark.parametrize("name", ["term_from", "term_to", "issue_date"])
def test_a_day_at_the_end_of_the_calendar_is_a_problem_of_its_field(desk: Any, name: str, day: str) -> None:
    found = desk.issuer.problems("business_licence", desk.claims(**{name: day}))
    assert (name, "date") in [(each.field, each.rule) for each in found] or name not in desk.claims()
