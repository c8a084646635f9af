"""Steps 5 and 6: the type that is wanted, and every date that must hold."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schemas.report import Verdict
from tests.support.desk import HOUR, LICENCE, MARRIAGE, NOW, Desk

SECOND = timedelta(seconds=1)


def _at(desk: Desk, moment: datetime) -> Desk:
    """The same counter at another time, with data of that time."""
    desk.now = moment
    desk.status_iat = desk.pack_issued = moment - HOUR
    desk.status_exp = desk.pack_next = desk.trust_next = moment + HOUR
    return desk


def test_an_accepted_type_passes(desk: Desk) -> None:
    assert desk.flaws(desk.certificate().present(), accepted_types=frozenset({LICENCE})) == []


def test_another_type_than_the_one_asked_for_is_refused(desk: Desk) -> None:
    flaws = desk.flaws(desk.certificate().present(), accepted_types=frozenset({MARRIAGE}))
    assert flaws == [("type", "type_not_accepted")]


def test_no_accepted_type_accepts_none(desk: Desk) -> None:
    flaws = desk.flaws(desk.certificate().present(), accepted_types=frozenset())
    assert flaws == [("type", "type_not_accepted")]


def test_a_type_that_the_offline_data_does_not_know_is_unknown(desk: Desk) -> None:
    later = "urn:ecert:business_licence:2"
    desk.entry_changes["types"] = frozenset({LICENCE, later})
    report = desk.verify(desk.certificate(vct=later).present())
    assert report.verdict is Verdict.INDETERMINATE
    assert report.check("type").reason == "type_unknown"
    assert (report.vct, report.type_id) == (later, None)


def test_it_has_expired_from_exp_on(desk: Desk) -> None:
    assert desk.flaws(desk.certificate(exp=NOW + SECOND).present()) == []
    assert desk.flaws(desk.certificate(exp=NOW).present()) == [("validity", "expired")]


def test_the_last_day_counts_to_its_end_in_jiangmen(desk: Desk) -> None:
    end = datetime(2026, 3, 31, 16, tzinfo=UTC)  # midnight after 31 March in Jiangmen
    certificate = desk.certificate(exp=None).saying(expiring_date="2026-03-31")
    shown = certificate.present(at=end - SECOND)
    assert _at(desk, end - SECOND).flaws(shown) == []
    assert _at(desk, end).flaws(shown) == [("validity", "expired")]


def test_an_expired_row_names_the_last_day(desk: Desk) -> None:
    certificate = desk.certificate().saying(expiring_date="2025-12-31")
    assert desk.verify(certificate.present()).check("validity").facts == {"ended": "2025-12-31"}


def test_the_first_day_counts_from_midnight_in_jiangmen(desk: Desk) -> None:
    start = datetime(2026, 3, 31, 16, tzinfo=UTC)
    shown = desk.certificate().saying(effective_date="2026-04-01").present(at=start - SECOND)
    assert _at(desk, start).flaws(shown) == []
    assert _at(desk, start - SECOND).flaws(shown) == [("validity", "not_yet_valid")]


def test_a_later_nbf_is_not_yet(desk: Desk) -> None:
    shown = desk.certificate(extra={"nbf": int(NOW.timestamp()) + 1}).present()
    assert desk.flaws(shown) == [("validity", "not_yet_valid")]


def test_an_issue_time_in_the_future_is_refused(desk: Desk) -> None:
    assert desk.flaws(desk.certificate(iat=NOW + HOUR).present()) == [("validity", "issued_in_future")]


def test_a_leeway_bears_with_clocks(desk: Desk) -> None:
    shown = desk.certificate(iat=NOW + 5 * SECOND, exp=NOW - 5 * SECOND, extra={"nbf": int(NOW.timestamp()) + 5})
    assert desk.flaws(shown.present(), leeway=10 * SECOND) == []


def test_long_term_has_no_end(desk: Desk) -> None:
    assert desk.flaws(desk.certificate(exp=None).saying(expiring_date="长期").present()) == []


def test_without_any_date_there_is_no_end(desk: Desk) -> None:
    certificate = desk.certificate(exp=None).saying(expiring_date=None, effective_date=None)
    assert desk.flaws(certificate.present()) == []


@pytest.mark.parametrize("value", ["2026-02-30", "31.12.2026", "20261231", "2026-W10-1", 20261231, ["2026-12-31"]])
@pytest.mark.parametrize("name", ["effective_date", "expiring_date"])
def test_a_date_that_is_none_is_refused(desk: Desk, name: str, value: Any) -> None:
    assert desk.flaws(desk.certificate().saying(**{name: value}).present()) == [("validity", "dates_malformed")]


@pytest.mark.parametrize("value", ["0001-01-01", "9999-12-31"])
def test_a_date_at_the_edge_of_the_calendar_is_judged(desk: Desk, value: str) -> None:
    report = desk.verify(desk.certificate().saying(expiring_date=value).present())
    assert report.check("validity").reason in ("expired", "dates_malformed", "in_force")


def test_the_dates_of_a_vc_jwt_are_its_own(desk: Desk) -> None:
    token = desk.certificate(exp=None).vc_jwt(validUntil="2026-03-02T02:30:00Z")
    assert desk.flaws(token, require_key_binding=False) == [("validity", "expired")]
    token = desk.certificate().vc_jwt(validFrom="2026-03-02T02:30:01Z")
    assert desk.flaws(token, require_key_binding=False) == [("validity", "not_yet_valid")]


@pytest.mark.parametrize("leeway", [timedelta(0), timedelta(days=1)])
def test_the_last_second_of_the_calendar_is_a_date_like_any_other(desk: Desk, leeway: timedelta) -> None:
    last = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert desk.flaws(desk.certificate(exp=last).present(), leeway=leeway) == []
    assert desk.flaws(desk.certificate(extra={"nbf": int(last.timestamp())}).present(), leeway=leeway) == [
        ("validity", "dates_malformed")
    ]


@pytest.mark.parametrize("leeway", [timedelta(0), timedelta(days=1)])
def test_an_end_at_the_beginning_of_the_calendar_gives_a_report(desk: Desk, leeway: timedelta) -> None:
    first = "0001-01-01T00:00:00Z"
    shown = desk.certificate(exp=None).vc_jwt(validFrom=first, validUntil=first)
    assert desk.flaws(shown, require_key_binding=False, leeway=leeway) == [("validity", "dates_malformed")]
