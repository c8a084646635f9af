"""Numbers of things and licences: vehicles, real property, food licences, bank cards."""

from schemas.national.context import NumberContext, known_division, match, require

_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
# ISO 3779: A..H are 1..8, J..N 1..5, P 7, R 9, S..Z 2..9; I, O and Q are not used.
_VIN_VALUES = dict(zip("0123456789ABCDEFGHJKLMNPRSTUVWXYZ", map(int, "012345678912345678123457923456789"), strict=True))


def gb16735_vin(number: str, context: NumberContext) -> None:
    """Vehicle identification number (GB 16735, ISO 3779): 17 characters, the ninth checks the others."""
    match("gb16735_vin", r"[0-9A-HJ-NPR-Z]{17}", number)
    require(vin_check(number) == number[8], "gb16735_vin", "check_character")


def vin_check(number: str) -> str:
    """Return the ninth character that fits the sixteen others (weighted sum modulo 11, 10 is X)."""
    total = sum(_VIN_VALUES[character] * weight for character, weight in zip(number, _VIN_WEIGHTS, strict=True))
    return "0123456789X"[total % 11]


def jy_mod11_10(number: str, context: NumberContext) -> None:
    """Food business licence: JY, kind of operator, division, six digits, check digit (MOD 11,10)."""
    found = match("jy_mod11_10", r"JY([1-3](\d{6})\d{7})", number)
    _food("jy_mod11_10", found[1], found[2], context)


def sc_mod11_10(number: str, context: NumberContext) -> None:
    """Food production licence: SC, food or additive category, division, four digits, check digit (MOD 11,10)."""
    found = match("sc_mod11_10", r"SC([12]\d{2}(\d{6})\d{5})", number)
    _food("sc_mod11_10", found[1], found[2], context)


def _food(rule: str, digits: str, division: str, context: NumberContext) -> None:
    from stdnum.iso7064 import mod_11_10

    require(mod_11_10.is_valid(digits), rule, "check_character")
    known_division(rule, division, context)


def gbt37346(number: str, context: NumberContext) -> None:
    """Real property unit number (GB/T 37346): county, cadastral areas, parcel feature, sequence, fixture."""
    found = match("gbt37346", r"(\d{6})\d{6}[GJZ][ABSXCDEFGHWY]\d{5}([FLQW])(\d{8})", number)
    # W: the parcel has no fixture, then its number is eight zeros.
    require(found[2] != "W" or found[3] == "00000000", "gbt37346", "fixture")
    known_division("gbt37346", found[1], context)


def luhn(number: str, context: NumberContext) -> None:
    """Bank card number: 16 to 19 digits with the Luhn check digit (ISO/IEC 7812-1)."""
    from stdnum import luhn as algorithm

    match("luhn", r"\d{16,19}", number)
    require(algorithm.is_valid(number), "luhn", "check_character")
