"""Legal days are days of Asia/Shanghai; signed times are full hours."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from issuer.moments import credential_end, full_hour, start_of

ISSUED_AT = datetime(2026, 3, 2, 1, tzinfo=UTC)
YEAR = timedelta(days=365)


def test_a_day_begins_at_midnight_in_shanghai() -> None:
    assert start_of(date(2026, 3, 2)) == datetime(2026, 3, 1, 16, tzinfo=UTC)


@given(st.integers(min_value=0, max_value=2**32))
def test_an_hour_holds_its_moment(seconds: int) -> None:
    moment = datetime.fromtimestamp(seconds, UTC)
    assert timedelta(0) <= moment - full_hour(moment) < timedelta(hours=1)


def test_a_credential_ends_with_the_legal_last_day() -> None:
    end = credential_end(ISSUED_AT, last_day=date(2026, 3, 5), changes=[], longest=YEAR)
    assert end == datetime(2026, 3, 5, 16, tzinfo=UTC)


def test_a_credential_ends_when_a_derived_claim_changes() -> None:
    end = credential_end(ISSUED_AT, last_day=date(2026, 3, 9), changes=[date(2026, 3, 5)], longest=YEAR)
    assert end == datetime(2026, 3, 4, 16, tzinfo=UTC)


def test_a_long_term_certificates_credential_ends_after_a_year() -> None:
    assert credential_end(ISSUED_AT, last_day=None, changes=[], longest=YEAR) == ISSUED_AT + YEAR
