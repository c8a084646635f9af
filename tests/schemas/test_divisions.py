"""Division codes are judged only where the operator gives a table, and only in the provinces that it covers."""

from datetime import date
from pathlib import Path

import pytest

from schemas.errors import InvalidNumber, InvalidTable
from schemas.national import DivisionTable, NumberContext, check_number
from tests.support.numbers import citizen_number

ROWS = """code,name_zh,level,parent
440000,广东省,province,
440700,江门市,prefecture,440000
440703,蓬江区,county,440700
440705,新会区,county,440700
440100,广州市,prefecture,440000
440106,天河区,county,440100
440304,福田区,county,440300
"""


@pytest.fixture
def table(tmp_path: Path) -> DivisionTable:
    path = tmp_path / "divisions.csv"
    path.write_text("\ufeff" + ROWS, encoding="utf-8")
    return DivisionTable.load(path)


def _check(division: str, table: DivisionTable) -> None:
    check_number("gb11643", citizen_number(date(1990, 3, 7), division=division), NumberContext(divisions=table))


def test_a_listed_division_passes(table: DivisionTable) -> None:
    _check("440703", table)


def test_a_former_division_of_jiangmen_passes(table: DivisionTable) -> None:
    _check("440722", table)


def test_a_province_outside_the_table_is_not_judged(table: DivisionTable) -> None:
    _check("430102", table)


def test_an_unlisted_division_is_refused(table: DivisionTable) -> None:
    with pytest.raises(InvalidNumber, match="division"):
        _check("440799", table)


def test_a_permit_for_hong_kong_residents_has_no_division(table: DivisionTable) -> None:
    _check("810000", table)


def test_the_test_county_is_accepted_where_the_operator_says_so(tmp_path: Path) -> None:
    path = tmp_path / "divisions.csv"
    path.write_text(ROWS, encoding="utf-8")
    _check("440799", DivisionTable.load(path, also=["440799"]))


def test_a_credit_code_of_the_state_has_no_county(table: DivisionTable) -> None:
    check_number("gb32100", "11100000MB0143028R", NumberContext(divisions=table))


def test_a_business_number_of_an_unlisted_division_is_refused(table: DivisionTable) -> None:
    with pytest.raises(InvalidNumber, match="division"):
        check_number("gb32100", "91440799MA5X00014T", NumberContext(divisions=table))


def test_an_address_gives_its_county(table: DivisionTable) -> None:
    assert table.county_in("广东省江门市蓬江区示例路88号") == "440703"


def test_a_county_without_its_city_is_found_when_only_one_has_the_name(table: DivisionTable) -> None:
    assert table.county_in("新会区示例镇") == "440705"


def test_an_address_without_a_county_gives_none(table: DivisionTable) -> None:
    assert table.county_in("广东省江门市示例路88号") is None


def test_an_address_that_names_two_counties_gives_none(table: DivisionTable) -> None:
    assert table.county_in("蓬江区与新会区交界") is None


@pytest.mark.parametrize(
    "text",
    [
        b"code,name\n440703,x\n",
        b"code,name_zh,parent\n",
        b"code,name_zh,parent\n4407,x,\n",
        b"",
        "code,name_zh,parent\n440703,蓬江区,440700\n".encode("gb18030"),
    ],
    ids=["column", "empty table", "short code", "empty file", "gb18030"],
)
def test_a_table_without_its_form_is_refused(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "divisions.csv"
    path.write_bytes(text)
    with pytest.raises(InvalidTable):
        DivisionTable.load(path)
