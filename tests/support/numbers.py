"""Generators of fictional numbers with right check characters: county code 440799, which no list assigns."""

from datetime import date

from hypothesis import strategies as st

from schemas.national.organisations import organisation_check
from schemas.national.things import vin_check

DIVISION = "440799"
_CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def mod_11_2(body: str) -> str:
    """Return the check character of 17 digits (GB 11643), written apart from the library that the rule uses."""
    return "10X98765432"[sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(body)) % 11]


def mod_11_10(body: str) -> str:
    """Return the check digit of ISO 7064 MOD 11,10."""
    rest = 10
    for digit in body:
        rest = ((rest + int(digit)) % 10 or 10) * 2 % 11
    return str((11 - rest) % 10)


def citizen_number(born: date, sequence: int = 1, division: str = DIVISION) -> str:
    """Return a fictional citizen number."""
    body = f"{division}{born:%Y%m%d}{sequence:03}"
    return body + mod_11_2(body)


def credit_code(organisation: str, kind: str = "91", division: str = DIVISION) -> str:
    """Return a fictional credit code around eight characters of an organisation code."""
    body = f"{kind}{division}{organisation}{organisation_check(organisation)}"
    total = sum(_CREDIT.index(character) * pow(3, place, 31) for place, character in enumerate(body))
    return body + _CREDIT[-total % 31]


def vin(body: str) -> str:
    """Return a vehicle identification number from 16 characters: the check goes to the ninth place."""
    return body[:8] + vin_check(body[:8] + "0" + body[8:]) + body[8:]


citizen_numbers = st.builds(
    citizen_number, st.dates(date(1900, 1, 1), date(2019, 6, 18)), st.integers(min_value=1, max_value=999)
)
"""Fictional citizen numbers of persons born before 2019-06-19."""
credit_codes = st.builds(
    credit_code,
    st.text(alphabet=_CREDIT, min_size=8, max_size=8),
    st.sampled_from(["91", "92", "93", "51", "52", "11", "12"]),
)
"""Fictional credit codes."""
vins = st.builds(vin, st.text(alphabet="0123456789ABCDEFGHJKLMNPRSTUVWXYZ", min_size=16, max_size=16))
"""Fictional vehicle identification numbers."""
food_numbers = st.from_regex(r"[1-3]440799[0-9]{6}", fullmatch=True).map(lambda body: f"JY{body}{mod_11_10(body)}")
"""Fictional food business licence numbers."""
