"""Whatever comes in, a report comes out; and one changed character is never valid."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from keys import strict_json
from schemas.report import CHECKS, Report, Verdict
from tests.support.desk import LICENCE, MARKET, MARKET_KEY, NOW, Desk, forged
from verifier import Policy, verify
from verifier.rendering import render

DESK = Desk()
EVIDENCE = DESK.evidence()
POLICY = Policy(accepted_types=None)
SHOWN = DESK.certificate().present("business_scope")
NAMES = ("iat", "nbf", "exp", "cnf", "status", "effective_date", "expiring_date", "_sd", "_sd_alg", "vct", "...", "x")
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
    | st.sampled_from([253_402_300_799, "9999-12-31", "0001-01-01", "长期", MARKET, LICENCE]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
    max_leaves=6,
)


def _judged(shown: str) -> Report:
    report = verify(shown, policy=POLICY, evidence=EVIDENCE, now=NOW)
    assert tuple(check.code for check in report.checks) == CHECKS
    assert render(report)
    return report


@given(st.text())
def test_any_text_gives_a_report_that_is_not_valid(text: str) -> None:
    assert _judged(text).verdict is not Verdict.VALID


@given(st.integers(0, len(SHOWN) - 1), st.sampled_from("ABCxyz019-_.~=%证"))
def test_one_changed_character_is_never_valid(position: int, character: str) -> None:
    changed = SHOWN[:position] + character + SHOWN[position + 1 :]
    assert changed == SHOWN or _judged(changed).verdict is not Verdict.VALID


@given(st.dictionaries(st.sampled_from(NAMES), JSON))
def test_whatever_an_issuer_signs_gives_a_report(members: dict[str, Any]) -> None:
    header = {"alg": "ES256", "typ": "dc+sd-jwt", "kid": MARKET_KEY.public_key.kid}
    payload = {"iss": MARKET, "vct": LICENCE, "iat": int(NOW.timestamp())} | members
    assert _judged(forged(header, strict_json.dumps(payload), MARKET_KEY) + "~").verdict is not Verdict.VALID
