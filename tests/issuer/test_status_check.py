"""Reconciling: a sound list, and for each fault a list that has that fault alone."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from issuer.records import ActKind, State
from issuer.status import PublicationPolicy, StatusPublisher
from issuer.status_check import CREDENTIALS, FORMS, Checker, Fault, ListReport
from issuer.status_forms import Edition, signed_forms
from keys import jws, strict_json
from keys.public import PublicKey
from keys.signer import SoftwareSigner
from tests.support.issuer_fakes import FakeKeys, FixedClock, UnsafeLedgerWarning, UnsafeMemoryLedger
from tests.support.ledger_contract import an_act, an_intent, identifier_of, issued

NOW = FixedClock()()


@dataclass
class Desk:
    """A ledger with a published list, and what a verifier gets of it."""

    ledger: UnsafeMemoryLedger
    keys: FakeKeys = field(default_factory=FakeKeys)
    served: dict[str, bytes | None] = field(default_factory=dict)

    @property
    def uri(self) -> str:
        return self.ledger.status_lists()[0].uri

    @property
    def publisher(self) -> StatusPublisher:
        return StatusPublisher(self.ledger, self.keys)

    def documents(self, uri: str, form: str) -> bytes | None:
        """Return what is served: what the ledger has, unless the test put something in its place."""
        if form in self.served:
            return self.served[form]
        found = self.ledger.document(uri, form)
        return None if found is None else found.body

    def find_key(self, department: str) -> Callable[[str], PublicKey | None]:
        known = self.keys.signer(department).public_key
        return lambda kid: known if kid == known.kid else None

    def check(self, now: datetime = NOW) -> ListReport:
        (report,) = Checker(self.ledger, self.documents, self.find_key, PublicationPolicy()).check_all(now)
        return report

    def faults(self, now: datetime = NOW) -> dict[str, str]:
        """Return form → fault."""
        return {finding.form: str(finding.fault) for finding in self.check(now).findings}

    def suspend(self) -> None:
        act = an_act(ActKind.SUSPEND, identifier_of("A1"))
        self.ledger.apply(act, expected=State.ISSUED, new=State.SUSPENDED, value=2)

    def forms(self, signer: SoftwareSigner | None = None, **changes: object) -> dict[str, bytes]:
        """Return the forms of an edition that differs from the published one in ``changes``."""
        edition: dict[str, object] = {
            "uri": self.uri,
            "issuer": self.keys.issuer_uri("amr"),
            "size": 2**20,
            "issued_at": NOW,
            "expires_at": NOW + timedelta(hours=24),
            "ttl": timedelta(hours=1),
            "values": {},
        }
        return signed_forms(Edition(**edition | changes), signer or self.keys.signer("amr"))  # type: ignore[arg-type]


@pytest.fixture
def desk() -> Desk:
    with pytest.warns(UnsafeLedgerWarning):
        made = Desk(UnsafeMemoryLedger())
    issued(made.ledger, an_intent("A1"))
    made.publisher.publish(made.uri, NOW)
    return made


def test_a_list_that_was_just_published_is_sound(desk: Desk) -> None:
    desk.suspend()
    desk.publisher.publish(desk.uri, NOW)
    report = desk.check(NOW + timedelta(minutes=5))
    assert (report.sound, report.findings, report.sequence) == (True, (), 2)
    assert (report.age, report.waiting) == (timedelta(minutes=5) - timedelta(seconds=1), 0)


def test_a_list_that_was_never_published_lacks_every_form(desk: Desk) -> None:
    issued(desk.ledger, an_intent("B1", department="mca"))
    reports = Checker(desk.ledger, desk.documents, desk.find_key, PublicationPolicy()).check_all(NOW)
    assert [finding.form for finding in reports[1].findings] == list(FORMS)
    assert reports[1].age is None


def test_a_decision_that_is_not_published_makes_every_form_that_says_it_different(desk: Desk) -> None:
    desk.suspend()
    report = desk.check()
    assert (report.waiting, report.sound) == (1, False)
    told = {"jwt", "cwt", "suspension.jwt", "suspension.json", "message.jwt", "message.json"}
    assert desk.faults() == dict.fromkeys(told, "different")


def test_a_decision_that_waits_for_too_long_is_late(desk: Desk) -> None:
    desk.suspend()
    assert Fault.LATE not in [finding.fault for finding in desk.check(NOW + timedelta(hours=1)).findings]
    assert desk.faults(NOW + timedelta(hours=1, seconds=1))[""] == "late"


def test_a_late_decision_of_another_list_is_not_this_lists_fault(desk: Desk) -> None:
    issued(desk.ledger, an_intent("B1", department="mca"))
    desk.suspend()
    reports = Checker(desk.ledger, desk.documents, desk.find_key, PublicationPolicy()).check_all(
        NOW + timedelta(hours=2)
    )
    assert [any(each.fault is Fault.LATE for each in report.findings) for report in reports] == [True, False]


@pytest.mark.parametrize("form", FORMS)
def test_a_form_that_is_not_served_is_missing(desk: Desk, form: str) -> None:
    desk.served[form] = None
    assert desk.faults() == {form: "missing"}


@pytest.mark.parametrize("form", FORMS)
def test_a_form_signed_by_a_stranger_is_not_verified(desk: Desk, form: str) -> None:
    desk.served[form] = desk.forms(SoftwareSigner.generate())[form]
    (finding,) = desk.check().findings
    assert (finding.form, finding.fault, finding.detail) == (form, "unreadable", "unknown_issuer_key")


@pytest.mark.parametrize("form", FORMS)
def test_a_form_that_is_no_document_is_not_verified(desk: Desk, form: str) -> None:
    desk.served[form] = b"\xff"
    assert desk.faults() == {form: "unreadable"}


def test_a_token_without_a_key_is_not_verified(desk: Desk) -> None:
    payload = strict_json.dumps({"sub": desk.uri})
    desk.served["jwt"] = jws.sign(payload, desk.keys.signer("amr"), typ="statuslist+jwt", kid=False).encode()
    assert desk.faults() == {"jwt": "unreadable"}


@pytest.mark.parametrize("form", [form for form in CREDENTIALS if form.endswith(".jwt")])
def test_a_credential_of_another_type_is_not_verified(desk: Desk, form: str) -> None:
    desk.served[form] = jws.sign(b"{}", desk.keys.signer("amr"), typ="vp+jwt").encode()
    (finding,) = desk.check().findings
    assert finding.detail == "wrong_type"


@pytest.mark.parametrize("form", FORMS)
def test_a_form_of_another_list_is_elsewhere(desk: Desk, form: str) -> None:
    desk.served[form] = desk.forms(uri="https://ecert.example/status/other")[form]
    assert desk.faults() == {form: "elsewhere"}


@pytest.mark.parametrize("form", FORMS)
def test_a_form_that_says_more_than_the_ledger_is_different(desk: Desk, form: str) -> None:
    desk.served[form] = desk.forms(values={0: 1, 1: 2})[form]
    assert desk.faults() == {form: "different"}


@pytest.mark.parametrize("form", FORMS[1:])
def test_a_form_of_an_earlier_moment_is_of_another_edition(desk: Desk, form: str) -> None:
    desk.served[form] = desk.forms(issued_at=NOW - timedelta(minutes=1))[form]
    assert desk.faults() == {form: "another_edition"}


def test_forms_past_their_end_are_expired(desk: Desk) -> None:
    assert desk.faults(NOW + timedelta(hours=24)) == dict.fromkeys(FORMS, "expired")


def test_a_token_without_an_end_does_not_expire(desk: Desk) -> None:
    from schemas.formats import status_token
    from schemas.formats.status_list import StatusList
    from schemas.formats.status_token import Times

    statuses = StatusList.from_statuses({}, bits=2, size=2**20)
    times = Times(int(NOW.timestamp()), None, None)
    desk.served["jwt"] = status_token.issue(statuses, desk.keys.signer("amr"), uri=desk.uri, times=times).encode()
    assert "jwt" not in desk.faults(NOW + timedelta(hours=24))
