"""Numbers of persons and of what happens to them: citizen numbers, civil registrations, practitioners."""

from schemas.errors import InvalidNumber
from schemas.national.context import NumberContext, known_division, match, real_date, real_year, require

PERMIT_ADDRESSES = frozenset({"810000", "820000", "830000"})
"""Address codes of residence permits for Hong Kong, Macao and Taiwan residents (国办发〔2018〕81号)."""
_MIN_BIRTH_YEAR = 1850


def gb11643(number: str, context: NumberContext) -> None:
    """Citizen number (公民身份号码): division, birth date, sequence, check character of ISO 7064 MOD 11-2."""
    from stdnum.iso7064 import mod_11_2

    found = match("gb11643", r"([1-9]\d{5})(\d{8})\d{3}[\dX]", number)
    born = real_date("gb11643", found[2], context)
    require(born.year >= _MIN_BIRTH_YEAR, "gb11643", "date")
    require(mod_11_2.is_valid(number), "gb11643", "check_character")
    if found[1] not in PERMIT_ADDRESSES:
        known_division("gb11643", found[1], context)


def gb11643_prefix(number: str, context: NumberContext) -> None:
    """Disabled person certificate: citizen number, category, level, and B with its count for a replacement."""
    found = match("gb11643_prefix", r"(\d{17}[\dX])[1-7][1-4](B[1-9])?", number)
    _inner("gb11643_prefix", found[1], context)


def physician_qualification(number: str, context: NumberContext) -> None:
    """Physician qualification: year, province, level, category (9 digits), then the citizen number."""
    found = match("physician_qualification", r"(\d{4})\d{2}[12]\d{2}(\d{17}[\dX])", number)
    real_year("physician_qualification", found[1], context)
    _inner("physician_qualification", found[2], context)


def _inner(rule: str, citizen_number: str, context: NumberContext) -> None:
    try:
        gb11643(citizen_number, context)
    except InvalidNumber as error:
        raise InvalidNumber(rule, error.reason) from None


def marriage_certificate(number: str, context: NumberContext) -> None:
    """Marriage certificate: J (BJ for a replacement), division, year, serial."""
    _registration("marriage_certificate", "J", number, context)


def divorce_certificate(number: str, context: NumberContext) -> None:
    """Divorce certificate: L (BL for a replacement), division, year, serial."""
    _registration("divorce_certificate", "L", number, context)


def _registration(rule: str, letter: str, number: str, context: NumberContext) -> None:
    found = match(rule, rf"B?{letter}(\d{{6}})-(\d{{4}})-\d{{6}}", number)
    known_division(rule, found[1], context)
    real_year(rule, found[2], context)


def birth_certificate(number: str, context: NumberContext) -> None:
    """Birth medical certificate: the letter of the printing year, the province, seven digits."""
    found = match("birth_certificate", r"([A-Z])\d{9}", number)
    year = birth_certificate_year(found[1])
    require(context.today is None or year <= context.today.year, "birth_certificate", "future")


def birth_certificate_year(letter: str) -> int:
    """Return the year that a birth certificate's letter stands for: T is 2019, X is 2023."""
    return 2000 + ord(letter) - ord("A")
