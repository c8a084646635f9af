"""Legal dates: bands, first and later periods, printed days, leap years, and the moment a day ends."""

from dataclasses import replace
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.catalogue import CertificateType
from schemas.errors import NoLegalDate, UnknownRule
from schemas.examples import example_claims
from schemas.order import LegalDates
from schemas.types import all_types, certificate_type
from schemas.validity import (
    add_months,
    add_years,
    birthday,
    day_of,
    end_by_rule,
    end_of_day,
    exceeds_rule,
    legal_dates,
    start_by,
)

ISSUED = date(2019, 6, 18)


def _end(type_id: str, start: date, claims: dict[str, Any] | None = None, **options: Any) -> date | None:
    return end_by_rule(certificate_type(type_id), claims or {}, start, **options)


@pytest.mark.parametrize(
    ("born", "expected"),
    [
        ("2003-06-19", date(2024, 6, 18)),  # the day before the 16th birthday: 5 years
        ("2003-06-18", date(2029, 6, 18)),  # the 16th birthday: 10 years
        ("1993-06-19", date(2029, 6, 18)),
        ("1993-06-18", date(2039, 6, 18)),  # the 26th birthday: 20 years
        ("1973-06-19", date(2039, 6, 18)),
        ("1973-06-18", None),  # the 46th birthday: 长期
    ],
)
def test_an_identity_card_lasts_by_the_age_at_issue(born: str, expected: date | None) -> None:
    assert _end("resident_id_card", ISSUED, {"birth_date": born}) == expected


def test_without_a_birth_date_an_identity_card_has_no_end() -> None:
    with pytest.raises(NoLegalDate):
        _end("resident_id_card", ISSUED)


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        ("2019-06-18", date(2025, 6, 18)),
        ("2013-06-18", date(2029, 6, 18)),
        ("2003-06-18", None),
        ("2003-06-19", date(2029, 6, 18)),
    ],
)
def test_a_driving_licence_lasts_six_then_ten_years_then_for_ever(first: str, expected: date | None) -> None:
    assert _end("driving_licence", ISSUED, {"first_issue_date": first}) == expected


@pytest.mark.parametrize(("beds", "years"), [(0, 5), (99, 5), (100, 15), (500, 15)])
def test_a_medical_institution_lasts_by_its_beds(beds: int, years: int) -> None:
    assert _end("medical_institution_licence", ISSUED, {"beds": beds}) == date(2019 + years, 6, 17)


def test_without_beds_a_medical_institution_has_no_end() -> None:
    with pytest.raises(NoLegalDate):
        _end("medical_institution_licence", ISSUED)


def test_a_first_pollutant_permit_lasts_three_years() -> None:
    assert _end("pollutant_discharge_permit", ISSUED) == date(2022, 6, 17)


def test_a_renewed_pollutant_permit_lasts_five_years() -> None:
    assert _end("pollutant_discharge_permit", ISSUED, renewal=True) == date(2024, 6, 17)


def test_a_snapshot_lasts_ninety_days_after_its_day() -> None:
    assert _end("housing_fund_certificate", ISSUED) == date(2019, 9, 16)


@pytest.mark.parametrize(
    "type_id",
    ["household_register", "real_estate_ownership_certificate", "fertility_service_certificate", "construction_permit"],
)
def test_what_has_no_period_is_long_term(type_id: str) -> None:
    assert _end(type_id, ISSUED) is None


@pytest.mark.parametrize("type_id", ["vehicle_licence", "special_equipment_registration", "business_licence"])
def test_a_date_that_no_rule_gives_must_be_printed(type_id: str) -> None:
    with pytest.raises(NoLegalDate):
        legal_dates(certificate_type(type_id), {}, ISSUED)


def test_a_licence_for_years_ends_on_the_day_before() -> None:
    assert _end("food_business_licence", date(2019, 6, 10)) == date(2024, 6, 9)


@pytest.mark.parametrize("type_id", ["food_business_licence", "hk_macao_resident_permit"])
def test_a_period_from_29_february_ends_on_28_february(type_id: str) -> None:
    assert _end(type_id, date(2020, 2, 29)) == date(2025, 2, 28)


def test_a_year_from_1_march_ends_on_29_february() -> None:
    assert _end("residence_permit", date(2019, 3, 1)) == date(2020, 2, 29)


@pytest.mark.parametrize("ctype", all_types(), ids=lambda ctype: ctype.id)
def test_the_dates_of_every_example_are_found(ctype: CertificateType) -> None:
    dates = legal_dates(ctype, example_claims(ctype), ISSUED)
    assert dates.issued <= dates.effective <= (dates.expires or date.max)


def test_the_printed_dates_win_over_the_rule() -> None:
    claims = {"issue_date": "2019-02-20", "valid_from": "2019-03-01", "valid_to": "2020-12-31"}
    dates = legal_dates(certificate_type("labour_dispatch_licence"), claims, ISSUED)
    assert dates == LegalDates(date(2019, 2, 20), date(2019, 3, 1), date(2020, 12, 31))


def test_without_printed_dates_the_day_of_issue_begins_the_period() -> None:
    dates = legal_dates(certificate_type("labour_dispatch_licence"), {}, ISSUED)
    assert dates == LegalDates(ISSUED, ISSUED, date(2022, 6, 17))


def test_long_term_has_no_end() -> None:
    claims = {"term_to": "长期"}
    assert legal_dates(certificate_type("business_licence"), claims, ISSUED).expires is None


def test_a_date_that_is_none_is_refused() -> None:
    with pytest.raises(NoLegalDate):
        legal_dates(certificate_type("business_licence"), {"term_to": "2019-02-30"}, ISSUED)


def test_an_unknown_validity_rule_is_a_flaw_of_the_data() -> None:
    odd = replace(certificate_type("business_licence"), validity=MappingProxyType({"rule": "moon"}))
    with pytest.raises(UnknownRule):
        end_by_rule(odd, {}, ISSUED)


@pytest.mark.parametrize(
    ("extensions", "expected"), [(0, date(2019, 8, 6)), (2, date(2020, 2, 6)), (9, date(2020, 2, 6))]
)
def test_works_begin_within_three_months_and_two_extensions(extensions: int, expected: date) -> None:
    assert start_by(certificate_type("construction_permit"), date(2019, 5, 6), extensions=extensions) == expected


def test_other_types_have_no_window_to_begin() -> None:
    assert start_by(certificate_type("business_licence"), ISSUED) is None


EXCEEDING: list[tuple[str, dict[str, Any], bool]] = [
    ("labour_dispatch_licence", {"valid_from": "2019-03-20", "valid_to": "2022-03-19"}, False),
    ("labour_dispatch_licence", {"valid_from": "2019-03-20", "valid_to": "2022-03-20"}, False),
    ("labour_dispatch_licence", {"valid_from": "2019-03-20", "valid_to": "2022-03-21"}, True),
    ("labour_dispatch_licence", {"valid_from": "2019-03-20"}, False),
    ("labour_dispatch_licence", {"valid_to": "2099-03-20"}, False),
    ("social_security_card", {"issue_date": "2017-10-12", "valid_to": "长期"}, False),
    ("social_security_card", {"issue_date": "2017-10-12", "valid_to": "2027-10-13"}, True),
    ("presale_permit", {"valid_from": "2019-06-01", "valid_to": "2029-06-01"}, False),
    ("resident_id_card", {"valid_from": "2019-06-01", "valid_to": "2029-06-01"}, False),
    ("resident_id_card", {"birth_date": "1950-01-01", "valid_from": "2019-06-01", "valid_to": "长期"}, False),
    ("driving_licence", {"valid_from": "2019-06-01", "valid_to": "2099-06-01"}, False),
]


@pytest.mark.parametrize(("type_id", "claims", "expected"), EXCEEDING)
def test_a_printed_end_beyond_the_rule_is_noticed(type_id: str, claims: dict[str, Any], expected: bool) -> None:
    assert exceeds_rule(certificate_type(type_id), claims) is expected


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2019, 1, 31), 1, date(2019, 2, 28)),
        (date(2019, 12, 31), 2, date(2020, 2, 29)),
        (date(2019, 12, 1), 0, date(2019, 12, 1)),
        (date(2019, 11, 30), 1, date(2019, 12, 30)),
        (date(2019, 11, 30), 13, date(2020, 12, 30)),
    ],
)
def test_months_end_on_the_corresponding_day(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)), st.integers(0, 120))
def test_a_birthday_is_never_before_the_corresponding_day(born: date, age: int) -> None:
    assert birthday(born, age) >= add_years(born, age)


def test_who_is_born_on_29_february_is_older_on_1_march() -> None:
    assert (birthday(date(2004, 2, 29), 14), birthday(date(2004, 2, 29), 16)) == (date(2018, 3, 1), date(2020, 2, 29))


def test_a_day_ends_at_midnight_in_shanghai() -> None:
    assert end_of_day(date(2019, 12, 31)) == datetime(2019, 12, 31, 16, 0, tzinfo=UTC)


def test_an_evening_in_utc_is_the_next_day_in_shanghai() -> None:
    assert day_of(datetime(2019, 12, 31, 16, 0, tzinfo=UTC)) == date(2020, 1, 1)


def test_an_afternoon_in_utc_is_the_same_day_in_shanghai() -> None:
    assert day_of(datetime(2019, 12, 31, 15, 59, tzinfo=UTC)) == date(2019, 12, 31)
