"""Numbers of bodies: credit codes, organisation codes, business numbers, pollutant permits."""

from schemas.errors import InvalidNumber
from schemas.national.context import NumberContext, known_division, match, require

_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_CREDIT_CODE = r"[1-9ANY][1-9](\d{6})([0-9A-HJ-NP-RTUW-Y]{9})[0-9A-HJ-NP-RTUW-Y]"


def gb32100(number: str, context: NumberContext) -> None:
    """Unified social credit code (统一社会信用代码): registrar, kind, division, organisation code, MOD 31 check.

    The organisation code inside must check by GB 11714 as well.
    """
    from stdnum.cn import uscc

    found = match("gb32100", _CREDIT_CODE, number)
    require(uscc.calc_check_digit(number[:17]) == number[17], "gb32100", "check_character")
    require(organisation_check(found[2][:8]) == found[2][8], "gb32100", "organisation_code")
    # 100000: bodies registered by the State (GB 32100, 4.3).
    if found[1] != "100000":
        known_division("gb32100", found[1], context)


def gb11714(number: str, context: NumberContext) -> None:
    """Organisation code (组织机构代码): eight characters and a check character."""
    match("gb11714", r"[0-9A-Z]{8}[0-9X]", number)
    require(organisation_check(number[:8]) == number[8], "gb11714", "check_character")


def organisation_check(body: str) -> str:
    """Return the check character of an organisation code's eight characters (GB 11714, weighted sum modulo 11)."""
    total = sum(int(character, 36) * weight for character, weight in zip(body, _WEIGHTS, strict=True))
    return "0123456789X"[-total % 11]


def business_number(number: str, context: NumberContext) -> None:
    """Business number of before 2015 (注册号): 15 digits, GB/T 17710, MOD 11,10; the first six are the division."""
    from stdnum.iso7064 import mod_11_10

    found = match("business_number", r"(\d{6})\d{9}", number)
    require(mod_11_10.is_valid(number), "business_number", "check_character")
    if found[1] != "100000":
        known_division("business_number", found[1], context)


def pollutant_permit(number: str, context: NumberContext) -> None:
    """Pollutant permit (HJ 608): credit code, three digits, one character; H9 begins it where a unit has no code."""
    found = match("pollutant_permit", r"([0-9A-Z]{18})\d{3}[0-9A-Z]", number)
    if found[1].startswith("H9"):
        return
    try:
        gb32100(found[1], context)
    except InvalidNumber as error:
        raise InvalidNumber("pollutant_permit", error.reason) from None
