"""One cell: what a spreadsheet damaged is refused with a word that says so; what is certain is undone."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuer.bulk.cells import claim_of, lost_digits, trimmed
from issuer.errors import Problem
from schemas.catalogue import Disclosure, Field, Kind


def a_field(kind: Kind, **rules: Any) -> Field:
    return Field("some_field", "某项", "Some field", kind, Disclosure.SELECTIVE, None, **rules)


NUMBER = a_field(Kind.STRING, check="gb11643")
CODE = a_field(Kind.STRING, pattern=r"^\d{12}$")
TEXT = a_field(Kind.STRING)
GENDER = {"男": "1", "女": "2", "1": "1", "2": "2"}
KINSHIP = {"本人": "01", "户主": "02", "01": "01", "02": "02"}


def claim(field: Field, text: str, labels: dict[str, str] | None = None) -> Any:
    return claim_of(field, text, labels=labels or {})


@pytest.mark.parametrize(
    ("field", "text", "labels", "value"),
    [
        (NUMBER, "440799199003070112", {}, "440799199003070112"),
        (CODE, "000000000012", {}, "000000000012"),
        (TEXT, "12.0", {}, "12.0"),
        (TEXT, "粤A12E34", {}, "粤A12E34"),
        (a_field(Kind.STRING, pattern=r"^\d\.\d+E\+\d+$"), "4.4E+17", {}, "4.4E+17"),
        (a_field(Kind.ENUM), "男", GENDER, "1"),
        (a_field(Kind.ENUM), "2", GENDER, "2"),
        (a_field(Kind.ENUM), "其它", GENDER, "其它"),
        (a_field(Kind.ENUM), "7", GENDER, "7"),
        (a_field(Kind.DATE), "2019-03-01", {}, "2019-03-01"),
        (a_field(Kind.DATE), "2019/3/1", {}, "2019-03-01"),
        (a_field(Kind.DATE), "2019.03.01", {}, "2019-03-01"),
        (a_field(Kind.DATE), "20190301", {}, "2019-03-01"),
        (a_field(Kind.DATE), "2019年3月1日", {}, "2019-03-01"),
        (a_field(Kind.DATE), "2019-03-01 00:00:00", {}, "2019-03-01"),
        (a_field(Kind.DATE), "1/3/2019", {}, "1/3/2019"),
        (a_field(Kind.DATE_OR_LONG_TERM), "长期", {}, "长期"),
        (a_field(Kind.MONTH), "2019/5", {}, "2019-05"),
        (a_field(Kind.MONTH), "201905", {}, "2019-05"),
        (a_field(Kind.MONTH), "2019年5月", {}, "2019-05"),
        (a_field(Kind.MONTH), "May", {}, "May"),
        (a_field(Kind.DATETIME), "2019/3/1 8:05", {}, "2019-03-01T08:05+08:00"),
        (a_field(Kind.DATETIME), "2019-03-01T08:05+08:00", {}, "2019-03-01T08:05+08:00"),
        (a_field(Kind.DATETIME), "morning", {}, "morning"),
        (a_field(Kind.INTEGER), "-12", {}, -12),
        (a_field(Kind.DECIMAL), "1200.50", {}, "1200.50"),
        (a_field(Kind.BOOLEAN), "是", {}, True),
        (a_field(Kind.BOOLEAN), "FALSE", {}, False),
        (a_field(Kind.IMAGE), "data:image/png;base64,AA==", {}, "data:image/png;base64,AA=="),
        (a_field(Kind.ARRAY), '["C1", {"a": 1}]', {}, ["C1", {"a": 1}]),
    ],
)
def test_a_whole_cell_becomes_its_claim(field: Field, text: str, labels: dict[str, str], value: Any) -> None:
    assert claim(field, text, labels) == value


@pytest.mark.parametrize(
    ("field", "text", "labels", "rule"),
    [
        (NUMBER, "4.40799E+17", {}, "spreadsheet_scientific"),
        (NUMBER, "4.40799e17", {}, "spreadsheet_scientific"),
        (TEXT, "4E+17", {}, "spreadsheet_scientific"),
        (a_field(Kind.ENUM), "1E+00", GENDER, "spreadsheet_scientific"),
        (a_field(Kind.DATE), "2.0190301E+7", {}, "spreadsheet_scientific"),
        (a_field(Kind.DECIMAL), "1.2E+9", {}, "spreadsheet_scientific"),
        (NUMBER, "440799199003070112.0", {}, "spreadsheet_decimal"),
        (CODE, "120000000000.00", {}, "spreadsheet_decimal"),
        (a_field(Kind.ENUM), "1.0", GENDER, "spreadsheet_decimal"),
        (a_field(Kind.INTEGER), "3.0", {}, "spreadsheet_decimal"),
        (CODE, "12000000000", {}, "spreadsheet_leading_zeros"),
        (a_field(Kind.ENUM), "1", KINSHIP, "spreadsheet_leading_zeros"),
        (a_field(Kind.DATE), "43525", {}, "spreadsheet_date_serial"),
        (a_field(Kind.DATETIME), "43525.3368", {}, "spreadsheet_date_serial"),
        (a_field(Kind.MONTH), "43525", {}, "spreadsheet_date_serial"),
        (a_field(Kind.INTEGER), "1,200", {}, "integer"),
        (a_field(Kind.BOOLEAN), "maybe", {}, "boolean"),
        (a_field(Kind.ARRAY), "C1;C2", {}, "json"),
        (a_field(Kind.ARRAY), '{"a": 1}', {}, "json"),
        (a_field(Kind.ARRAY), '[{"a": 1, "a": 2}]', {}, "json"),
    ],
)
def test_a_damaged_cell_is_refused_with_the_word_for_it(
    field: Field, text: str, labels: dict[str, str], rule: str
) -> None:
    found = claim(field, text, labels)
    assert isinstance(found, Problem)
    assert (found.field, found.rule) == ("some_field", rule)


def test_the_word_for_a_damaged_number_does_not_hold_it() -> None:
    found = claim(NUMBER, "4.41234E+17")
    assert "4.41234" not in found.message_zh + found.message_en


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("  甲 ", "甲"),
        ("\u3000甲\u00a0\t", "甲"),
        ('="0012"', "0012"),
        ("'440799199003070112", "440799199003070112"),
        ("'t Hooft", "'t Hooft"),
        ("", ""),
    ],
)
def test_blanks_and_marks_that_keep_a_text_are_taken_off(raw: str, text: str) -> None:
    assert trimmed(raw) == text


def test_a_number_cut_to_fifteen_digits_is_told_from_a_wrong_one() -> None:
    cut, wrong = lost_digits(NUMBER, "440799199003070000"), lost_digits(NUMBER, "440799199003070113")
    assert (cut and cut.rule, wrong) == ("spreadsheet_precision", None)


@given(st.sampled_from(Kind), st.text(st.characters(codec="utf-8"), min_size=1, max_size=40))
def test_any_text_becomes_a_claim_or_a_problem(kind: Kind, text: str) -> None:
    found = claim(a_field(kind, pattern=r"^\d{12}$"), trimmed(text) or "x", KINSHIP)
    assert found is not None
