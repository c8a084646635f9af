"""The stand-in for development: fictional people alone, and it says what it is."""

import asyncio
import warnings
from datetime import date

import pytest

from ecert.identity.unsafe import FORM, UnsafeDevelopmentProofing, UnsafeIdentityWarning
from issuer.openid4vci.errors import IdentityRefused
from issuer.openid4vci.ports import AssuranceLevel, Identity, Login
from tests.support.numbers import citizen_number, credit_code

LOGIN = Login("https://ecert.example/identity/callback", AssuranceLevel.REAL_NAME)
NUMBER = citizen_number(date(1990, 1, 1))


@pytest.fixture
def proofing() -> UnsafeDevelopmentProofing:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnsafeIdentityWarning)
        return UnsafeDevelopmentProofing()


def finish(proofing: UnsafeDevelopmentProofing, **changes: str) -> Identity:
    parameters = {"username": NUMBER, "name": "陈示例", "level": "presence"} | changes
    return asyncio.run(proofing.finish(parameters, LOGIN))


def test_it_warns_when_it_is_made() -> None:
    with pytest.warns(UnsafeIdentityWarning, match="never in production"):
        UnsafeDevelopmentProofing()


def test_it_shows_a_form_here(proofing: UnsafeDevelopmentProofing) -> None:
    begun = asyncio.run(proofing.begin(LOGIN))
    assert (begun.form, begun.location) == (FORM, None)


def test_a_fictional_person_logs_in(proofing: UnsafeDevelopmentProofing) -> None:
    assert finish(proofing) == Identity("111", NUMBER, "陈示例", AssuranceLevel.PRESENCE)


def test_a_fictional_enterprise_logs_in_at_the_level_that_it_chose(proofing: UnsafeDevelopmentProofing) -> None:
    number = credit_code("MA000000")
    found = finish(proofing, username=f" {number.lower()} ", name="示例公司", level="real_name")
    assert found == Identity("001", number, "示例公司", AssuranceLevel.REAL_NAME)


@pytest.mark.parametrize(
    "changes",
    [
        {"username": citizen_number(date(1990, 1, 1), division="440703")},
        {"username": credit_code("MA000000", division="440703")},
        {"username": NUMBER[:-1] + ("0" if NUMBER[-1] != "0" else "1")},
        {"username": ""},
        {"username": "440799"},
        {"name": ""},
        {"name": "陈\n示例"},
        {"name": "x" * 101},
        {"level": "king"},
        {"level": ""},
    ],
)
def test_whoever_is_not_fictional_or_says_too_little_is_refused(
    proofing: UnsafeDevelopmentProofing, changes: dict[str, str]
) -> None:
    with pytest.raises(IdentityRefused):
        finish(proofing, **changes)
