"""The offices: every department, a tree from the province to the village, credit codes that check."""

import pytest

from schemas.errors import UnknownOffice
from schemas.national import check_number
from schemas.offices import Level, all_offices, chain, office, offices_of
from schemas.types import departments

ORDER = list(Level)
DIGITS = {Level.PROVINCE: 6, Level.CITY: 6, Level.COUNTY: 6, Level.TOWN: 9, Level.VILLAGE: 12}


def test_every_department_is_the_citys_office_of_its_id() -> None:
    for each in departments():
        found = office(each.id)
        assert (found.level, found.department, found.credit_code) == (Level.CITY, each.id, each.credit_code)
        assert (found.name_zh, found.name_en) == (each.name_zh, each.name_en)
        assert offices_of(each.id)[0] == found


def test_there_are_offices_of_every_level() -> None:
    assert {each.level for each in all_offices()} == set(Level)


def test_every_office_stands_below_its_parent_and_in_its_division() -> None:
    for each in all_offices():
        assert len(each.division) == DIGITS[each.level]
        for lower, upper in zip(chain(each.id), chain(each.id)[1:], strict=False):
            assert ORDER.index(upper.level) == ORDER.index(lower.level) - 1
            assert upper.department in (lower.department, None)
            kept = {Level.PROVINCE: 2, Level.CITY: 4}.get(upper.level, len(upper.division))
            assert lower.division[:kept] == upper.division[:kept]


def test_the_highest_office_has_nobody_above_it() -> None:
    assert {chain(each.id)[-1].level for each in all_offices()} == {Level.PROVINCE}


def test_every_credit_code_checks_and_is_of_one_office() -> None:
    codes = [each.credit_code for each in all_offices()]
    for code in codes:
        check_number("gb32100", code)
    assert len(set(codes)) == len(codes)


def test_an_unknown_office_is_refused() -> None:
    with pytest.raises(UnknownOffice):
        office("nowhere")
    assert offices_of("nowhere") == ()
