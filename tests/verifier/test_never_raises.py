"""Whatever comes in, a report comes out; and one changed character is never valid."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from keys import strict_json
from keys.encoding import b64url_text
from schemas.formats.cose import sign1
from schemas.order import CredentialFormat
from schemas.qr import base45, compact
from schemas.report import CHECKS, Report, Verdict
from schemas.report_texts import REASONS_BY_CHECK
from tests.support import forms
from tests.support.delegations import Showing
from tests.support.desk import LICENCE, MARKET, MARKET_KEY, NOW, Desk, forged
from verifier import Policy, presentation_digest, verify
from verifier.judging import judge
from verifier.rendering import render

DESK = Desk()
EVIDENCE = DESK.evidence()
POLICY = Policy(accepted_types=None)
BY_AGENT = Showing().shown()
SHOWN = DESK.certificate().present("business_scope")
NAMES = ("iat", "nbf", "exp", "cnf", "status", "effective_date", "expiring_date", "_sd", "_sd_alg", "vct", "...", "x")
SAID = ("iat", "exp", "cnf", "status", "vct", "_sd", "x", "purposes", "relation", "agent_name", "certificate")
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


@given(st.integers(0, len(BY_AGENT) - 1), st.sampled_from("ABCxyz019-_.~=%证"))
def test_one_changed_character_of_an_agents_text_is_never_valid(position: int, character: str) -> None:
    changed = BY_AGENT[:position] + character + BY_AGENT[position + 1 :]
    found = judge(changed, policy=POLICY, evidence=EVIDENCE, now=NOW)
    assert changed == BY_AGENT or (found.verdict is not Verdict.VALID and found.delegation is None)


@given(st.text(), st.text())
def test_any_two_texts_with_the_mark_of_an_agents_give_a_report(before: str, after: str) -> None:
    found = judge(f"{before}~~{after}", policy=POLICY, evidence=EVIDENCE, now=NOW)
    assert found.verdict is not Verdict.VALID
    assert render(found.report)


@given(st.dictionaries(st.sampled_from(SAID), JSON))
def test_whatever_a_holder_signs_as_a_delegation_gives_a_report(members: dict[str, Any]) -> None:
    shown = Showing().shown(granted=Showing().forged(**members))
    found = judge(shown, policy=POLICY, evidence=EVIDENCE, now=NOW)
    assert all(check.text.zh != check.reason for check in found.report.checks)


@given(st.dictionaries(st.sampled_from(NAMES), JSON))
def test_whatever_an_issuer_signs_gives_a_report(members: dict[str, Any]) -> None:
    header = {"alg": "ES256", "typ": "dc+sd-jwt", "kid": MARKET_KEY.public_key.kid}
    payload = {"iss": MARKET, "vct": LICENCE, "iat": int(NOW.timestamp())} | members
    assert _judged(forged(header, strict_json.dumps(payload), MARKET_KEY) + "~").verdict is not Verdict.VALID


# The other formats: a sound document with members changed, taken away or put in, signed again where it was signed.

MEMBERS = (
    "@context", "type", "issuer", "holder", "proof", "verifiableCredential", "credentialSubject", "credentialSchema",
    "credentialStatus", "validFrom", "validUntil", "id", "vc", "vp", "aud", "nonce", "iat", "nbf", "exp", "cnf",
    "status",
)  # fmt: skip
PROOF_MEMBERS = ("type", "cryptosuite", "created", "expires", "domain", "challenge", "verificationMethod", "proofValue")
CHANGES = st.dictionaries(st.sampled_from(MEMBERS), JSON | st.just(...), min_size=1, max_size=2)
PROVED = forms.bare(CredentialFormat.LDP_VC, DESK.certificate())
PRESENTED = forms.present(CredentialFormat.LDP_VC, DESK.certificate())


def _changed(document: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**document, **changes}.items() if value is not ...}


def _described(shown: str) -> None:
    report = _judged(shown)
    assert all(check.reason in REASONS_BY_CHECK[check.code] for check in report.checks), report.checks
    presentation_digest(shown)


@given(st.sampled_from([PROVED, PRESENTED]), CHANGES)
def test_whatever_a_document_with_a_proof_says_gives_a_report(text: str, changes: dict[str, Any]) -> None:
    _described(strict_json.dumps(_changed(strict_json.loads_object(text.encode()), changes)).decode())


@given(
    st.sampled_from([PROVED, PRESENTED]),
    st.dictionaries(st.sampled_from(PROOF_MEMBERS), JSON | st.just(...), min_size=1, max_size=2),
)
def test_whatever_a_proof_says_gives_a_report(text: str, changes: dict[str, Any]) -> None:
    document = strict_json.loads_object(text.encode())
    _described(strict_json.dumps(document | {"proof": _changed(document["proof"], changes)}).decode())


@given(st.sampled_from(["vp+jwt", "vc+jwt", "JWT"]), CHANGES)
def test_whatever_a_jwt_of_any_type_says_gives_a_report(typ: str, changes: dict[str, Any]) -> None:
    claims = forms.vp_claims(strict_json.loads_object(PROVED.encode()), forms.Shown())
    header = {"alg": "ES256", "typ": typ, "kid": MARKET_KEY.public_key.kid}
    for document in (claims, forms.bound_vcdm(DESK.certificate()), {"vp": claims}, {"vc": claims}):
        _described(forged(header, strict_json.dumps(_changed(document, changes)), MARKET_KEY))


@given(CHANGES)
def test_whatever_a_cose_credential_says_gives_a_report(changes: dict[str, Any]) -> None:
    document = _changed(forms.bound_vcdm(DESK.certificate()), changes)
    protected = {sign1.CONTENT_TYPE: "application/vc", sign1.TYP: "application/vc+cose"}
    _described(b64url_text(sign1.sign(strict_json.dumps(document), MARKET_KEY, protected=protected)))


@given(st.binary(max_size=60))
def test_whatever_bytes_give_a_report(data: bytes) -> None:
    _described(b64url_text(data))
    _described(compact.PREFIX + base45.encode(data))
