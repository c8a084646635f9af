"""National numbers: published values pass, and what a check character promises to find is found."""

from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from schemas.errors import InvalidNumber, UnknownRule
from schemas.national import NumberContext, build_identifier, check_number, parse_identifier
from schemas.national.rules import RULES
from tests.support.numbers import (
    DIVISION,
    citizen_number,
    citizen_numbers,
    credit_codes,
    food_numbers,
    mod_11_10,
    vins,
)

TODAY = NumberContext(today=date(2019, 6, 18))

PUBLISHED = [
    ("gb11643", "11010519491231002X"),  # printed in GB 11643
    ("gb11643", "810000198806150006"),
    *(
        ("gb32100", code)
        for code in (
            "11100000000013338W",
            "11100000MB03271699",
            "11100000MB0143028R",
            "11100000MB0341032Y",
            "11220000013544541J",
            "11430000006122244L",
            "12110000400777687U",
            "91130200699229617X",
            "11330105002500287C",
            "11370800MB28559184",
        )
    ),
    ("gb11714", "MB0143028"),
    ("gb16735_vin", "1M8GDM9AXKP042788"),  # the textbook's
    *(
        ("jy_mod11_10", code)
        for code in ("JY11108071215650", "JY11105050876919", "JY24406060163781", "JY14403030012013")
    ),
    *(("sc_mod11_10", code) for code in ("SC10341147101351", "SC10432062101169", "SC10644200003332")),
    *(
        ("gbt36904", f"1.2.156.3005.2.{rest}")
        for rest in (
            "11100000000013338W011.11430000006122244L.20230000403.001.U",
            "11100000000013338W011.11430000006122244L.20230000403.002.S",
            "11100000000013338W009.11330105002500287C.2025052201.002.0",
            "11100000MB03271699022.340100.000000016.001.9",
            "11100000000013338W087.11370800MB28559184.37080001202411010001.001.3",
        )
    ),
    ("gbt37346", "440799001001GB00001F00010001"),
    ("gbt37346", "440799001001GB00001W00000000"),
    ("luhn", "6200000000000005"),
    ("marriage_certificate", "BJ440799-2019-000123"),
    ("divorce_certificate", "BL440799-2019-000045"),
    ("birth_certificate", "T440000000"),
    ("physician_qualification", "200544110440799198009090582"),
    ("pollutant_permit", "91440799MA5X00022M001P"),
    ("pollutant_permit", "H94407990000000000001V"),
    ("gb11643_prefix", "44079919851120035343"),
    ("gb11643_prefix", "44079919851120035343B1"),
    ("business_number", "44079900000001" + mod_11_10("44079900000001")),
    ("business_number", "10000000000001" + mod_11_10("10000000000001")),
]

WRONG = [
    ("gb11643", "110105194912310021", "check_character"),
    ("gb11643", "11010519491331002X", "date"),
    ("gb11643", "11010518491231002X", "date"),
    ("gb11643", "11010519491231002x", "form"),
    ("gb11643", "１1010519491231002X", "form"),
    ("gb11643", "11010519491231002X\n", "form"),
    ("gb11643", citizen_number(date(2019, 6, 19)), "future"),
    ("gb32100", "11100000000013339W", "check_character"),
    ("gb32100", "9144079900000000I0", "form"),
    ("gb32100", "91440799MA5X00015T", "check_character"),
    ("gb32100", "91440799MA5X00015X", "organisation_code"),
    ("gb11714", "MB0143029", "check_character"),
    ("gb16735_vin", "1M8GDM9A0KP042788", "check_character"),
    ("gb16735_vin", "1M8GDM9AXKPO42788", "form"),
    ("jy_mod11_10", "JY11108071215651", "check_character"),
    ("jy_mod11_10", "JY41108071215650", "form"),
    ("sc_mod11_10", "SC10341147101352", "check_character"),
    ("gbt36904", "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.V", "check_character"),
    ("gbt36904", "1.2.156.3005.3.11100000000013338W011.11430000006122244L.20230000403.001.U", "form"),
    ("gbt37346", "440799001001GB00001W00010001", "fixture"),
    ("gbt37346", "440799001001KB00001F00010001", "form"),
    ("luhn", "6200000000000006", "check_character"),
    ("luhn", "620000000000000", "form"),
    ("marriage_certificate", "L440799-2019-000123", "form"),
    ("marriage_certificate", "J440799-1948-000123", "year"),
    ("divorce_certificate", "L440799-2020-000045", "future"),
    ("birth_certificate", "U440000000", "future"),
    ("physician_qualification", "200544110440799198009090583", "check_character"),
    ("pollutant_permit", "91440799MA5X00021M001P", "check_character"),
    ("gb11643_prefix", "44079919851120035383", "form"),
    ("gb11643_prefix", "44079919851120035243", "check_character"),
    ("business_number", "440799000000010", "check_character"),
]


@pytest.mark.parametrize(("rule", "number"), PUBLISHED)
def test_a_right_number_passes(rule: str, number: str) -> None:
    check_number(rule, number, TODAY)


@pytest.mark.parametrize(("rule", "number", "reason"), WRONG)
def test_a_wrong_number_is_refused_with_its_reason(rule: str, number: str, reason: str) -> None:
    with pytest.raises(InvalidNumber) as caught:
        check_number(rule, number, TODAY)
    assert (caught.value.rule, caught.value.reason) == (rule, reason)


@pytest.mark.parametrize(("rule", "number", "reason"), WRONG)
def test_an_error_never_holds_the_number(rule: str, number: str, reason: str) -> None:
    with pytest.raises(InvalidNumber) as caught:
        check_number(rule, number, TODAY)
    assert number[-6:] not in str(caught.value)


def test_every_rule_has_a_right_and_a_wrong_number() -> None:
    assert {rule for rule, _ in PUBLISHED} == {rule for rule, _, _ in WRONG} == set(RULES)


def test_an_unknown_rule_is_a_flaw_of_the_data() -> None:
    with pytest.raises(UnknownRule):
        check_number("gb1", "1")


def _refused(rule: str, number: str) -> bool:
    try:
        check_number(rule, number)
    except InvalidNumber:
        return True
    return False


def _with_digit(number: str, place: int, digit: str) -> str:
    return number[:place] + digit + number[place + 1 :]


@given(citizen_numbers)
def test_every_generated_citizen_number_passes(number: str) -> None:
    check_number("gb11643", number)


@given(citizen_numbers, st.integers(0, 16), st.sampled_from("0123456789"))
def test_one_changed_digit_of_a_citizen_number_is_refused(number: str, place: int, digit: str) -> None:
    assume(number[place] != digit)
    assert _refused("gb11643", _with_digit(number, place, digit))


@given(citizen_numbers, st.integers(0, 15))
def test_swapped_neighbours_in_a_citizen_number_are_refused(number: str, place: int) -> None:
    assume(number[place] != number[place + 1])
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert _refused("gb11643", swapped)


@given(credit_codes)
def test_every_generated_credit_code_passes(code: str) -> None:
    check_number("gb32100", code)


@given(credit_codes, st.integers(2, 16), st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"))
def test_one_changed_character_of_a_credit_code_is_refused(code: str, place: int, character: str) -> None:
    assume(code[place] != character)
    assert _refused("gb32100", _with_digit(code, place, character))


@given(vins)
def test_every_generated_vin_passes(number: str) -> None:
    check_number("gb16735_vin", number)


@given(vins, st.integers(0, 16), st.sampled_from("0123456789"))
def test_one_changed_digit_of_a_vin_is_refused(number: str, place: int, digit: str) -> None:
    # A letter has the value of a digit (X of 7), so only digits are told apart, and the check's own place.
    assume((number[place].isdigit() or place == 8) and number[place] != digit)
    assert _refused("gb16735_vin", _with_digit(number, place, digit))


@given(food_numbers, st.integers(2, 15), st.sampled_from("0123456789"))
def test_one_changed_digit_of_a_food_licence_is_refused(number: str, place: int, digit: str) -> None:
    assume(number[place] != digit)
    assert _refused("jy_mod11_10", _with_digit(number, place, digit))


@given(credit_codes, credit_codes, st.from_regex(r"[0-9A-Z]{4,32}", fullmatch=True), st.integers(1, 999))
def test_an_identifier_is_read_as_it_was_built(kind: str, issuer: str, serial: str, version: int) -> None:
    text = build_identifier(f"{kind}001", issuer_code=issuer, serial=serial, version=version)
    parts = parse_identifier(text)
    assert (parts.type_code, parts.issuer_code, parts.serial, parts.version, parts.text) == (
        f"{kind}001",
        issuer,
        serial,
        version,
        text,
    )


@given(st.from_regex(r"[0-9A-Z]{20}", fullmatch=True), st.integers(0, 19), st.sampled_from("0123456789ABCDEF"))
def test_one_changed_character_of_an_identifier_is_refused(serial: str, place: int, character: str) -> None:
    assume(serial[place] != character)
    text = build_identifier("11440799MB2X00012C001", issuer_code="11440799MB2X00012C", serial=serial, version=1)
    assert _refused("gbt36904", text.replace(serial, _with_digit(serial, place, character)))


@pytest.mark.parametrize("version", [0, 1000])
def test_a_version_outside_three_digits_is_refused(version: int) -> None:
    with pytest.raises(InvalidNumber):
        build_identifier("11440799MB2X00012C001", issuer_code=DIVISION, serial="0001", version=version)


def test_a_serial_in_lower_case_is_not_written() -> None:
    with pytest.raises(InvalidNumber):
        build_identifier("11440799MB2X00012C001", issuer_code=DIVISION, serial="abcd", version=1)
