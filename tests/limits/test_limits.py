"""Every limit: an input of that size is not refused for its size, and one that is larger by one is."""

import pytest

from tests.limits import (
    data_cases,
    documents_cases,
    formats_cases,
    keys_cases,
    openid4vp_cases,
    parties_cases,
    protocol_cases,
)
from tests.limits.case import Case, value_of

_MODULES = (
    data_cases,
    keys_cases,
    formats_cases,
    documents_cases,
    protocol_cases,
    openid4vp_cases,
    parties_cases,
)
CASES = tuple(case for module in _MODULES for case in module.CASES)


@pytest.mark.parametrize("case", CASES, ids=[case.constant for case in CASES])
def test_the_limit_itself_is_within_and_one_more_is_not(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    if case.stand_in:
        monkeypatch.setattr(case.constant, case.stand_in)
    assert (case.refused(case.limit), case.refused(case.limit + 1)) == ("", case.code)


def test_no_limit_has_two_cases() -> None:
    assert len({case.constant for case in CASES}) == len(CASES)


def test_the_value_of_a_constant_that_is_not_there_is_an_error() -> None:
    with pytest.raises(LookupError):
        value_of("nothing.AT_ALL")
