"""The setting of the rate limits."""

import pytest

from ecert.errors import InvalidSettings
from ecert.rate_rules import DEFAULT_TEXT, DEFAULTS, RateRule, rate_rules
from ecert.settings import load


def test_the_default_text_says_the_defaults() -> None:
    assert rate_rules(DEFAULT_TEXT) == rate_rules("") == DEFAULTS
    assert load({}).rate_limits == DEFAULTS


def test_a_rule_that_is_named_changes_and_the_others_stay() -> None:
    rules = load({"ECERT_RATE_LIMITS": "token=100/60, nonce=1/86400,"}).rate_limits
    assert (rules["token"], rules["nonce"]) == (RateRule(100, 60), RateRule(1, 86_400))
    assert {name: rule for name, rule in rules.items() if name not in ("token", "nonce")} == {
        name: rule for name, rule in DEFAULTS.items() if name not in ("token", "nonce")
    }


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("token", "rule=count/seconds"),
        ("token=60", "rule=count/seconds"),
        ("token=-1/60", "rule=count/seconds"),
        ("token=60/60;nonce=1/1", "rule=count/seconds"),
        ("tokens=60/60", "did you mean token"),
        ("qqqqqqqq=60/60", "expected one of token, nonce"),
        ("token=60/60,token=60/60", "rule token once"),
        ("token=0/60", "a count from 1"),
        ("token=60/0", "seconds from 1"),
        ("token=1000001/60", "a count from 1 to 1000000"),
        ("token=60/86401", "seconds from 1 to 86400"),
    ],
)
def test_a_text_that_breaks_a_rule_says_which(text: str, fact: str) -> None:
    with pytest.raises(InvalidSettings, match="ECERT_RATE_LIMITS: expected ") as refused:
        load({"ECERT_RATE_LIMITS": text})
    assert fact in str(refused.value)
