"""Step 1: what is not well formed is refused before anything is believed."""

import hashlib
import hmac
from typing import Any

import pytest

from keys import strict_json
from keys.encoding import b64url
from keys.errors import EcertError
from schemas.formats import key_binding
from schemas.formats.sd_jwt import SdJwt
from schemas.report import Outcome, Verdict
from tests.support.desk import ANOTHER, HOLDER, MARKET_KEY, NOW, Desk, flaws, forged, seconds, with_payload

GOOD_HEADER = {"alg": "ES256", "typ": "dc+sd-jwt", "kid": MARKET_KEY.public_key.kid}


def _payload(desk: Desk) -> bytes:
    certificate = desk.certificate()
    return strict_json.dumps({"vct": certificate.vct, **certificate.registered(), **certificate.claims})


def _with_header(desk: Desk, **changes: Any) -> str:
    header = {name: value for name, value in {**GOOD_HEADER, **changes}.items() if value is not None}
    return _shown(forged(header, _payload(desk), MARKET_KEY))


def _shown(issuer_jwt: str) -> str:
    """The holder binds whatever the issuer's part is, so that it is the only flaw."""
    bare = SdJwt(issuer_jwt)
    try:
        return key_binding.bind(bare, HOLDER, audience="urn:ecert:counter", nonce="q7Zk", iat=seconds(NOW)).text()
    except EcertError:  # a part that cannot even be peeked has no hash to bind
        return bare.text()


def test_the_forged_form_is_otherwise_in_order(desk: Desk) -> None:
    assert desk.flaws(_with_header(desk)) == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"alg": "none"}, "algorithm_not_allowed"),
        ({"alg": "HS256"}, "algorithm_not_allowed"),
        ({"alg": "RS256"}, "algorithm_not_allowed"),
        ({"alg": None}, "algorithm_not_allowed"),
        ({"crit": ["exp"], "exp": 1}, "forbidden_header"),
        ({"crit": ["urn:unknown"]}, "forbidden_header"),
        ({"b64": False}, "forbidden_header"),
        ({"jku": "https://attacker.example/keys"}, "forbidden_header"),
        ({"x5u": "https://attacker.example/chain"}, "forbidden_header"),
        ({"jwk": dict(ANOTHER.public_key.jwk)}, "forbidden_header"),
        ({"typ": "JWT"}, "wrong_type"),
        ({"typ": "vc+sd-jwt"}, "vc_model_invalid"),
        ({"typ": None}, "wrong_type"),
        ({"kid": 7}, "malformed_token"),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else value,
)
def test_a_header_that_must_not_be_is_refused(desk: Desk, changes: dict[str, Any], reason: str) -> None:
    assert desk.flaws(_with_header(desk, **changes)) == [("format", reason)]


def test_an_unsigned_token_is_refused(desk: Desk) -> None:
    head = b64url(strict_json.dumps({**GOOD_HEADER, "alg": "none"}))
    token = (head + b"." + b64url(_payload(desk)) + b".").decode()
    assert desk.flaws(token + "~") == [("format", "algorithm_not_allowed")]


def test_an_hmac_with_the_public_key_as_secret_is_refused(desk: Desk) -> None:
    signing_input = b64url(strict_json.dumps({**GOOD_HEADER, "alg": "HS256"})) + b"." + b64url(_payload(desk))
    mac = hmac.new(MARKET_KEY.public_key.spki(), signing_input, hashlib.sha256).digest()
    token = (signing_input + b"." + b64url(mac)).decode()
    assert desk.flaws(token + "~") == [("format", "algorithm_not_allowed")]


@pytest.mark.parametrize("text", ["", "x", "a.b", "a.b.c", "~", "a~b", "证照", "ecert:r/AAECAwQFBgcICQoLDA0ODw"])
def test_other_text_is_no_certificate(desk: Desk, text: str) -> None:
    assert [code for code, _ in desk.flaws(text)] == ["format"]


def test_a_truncated_code_is_refused_wherever_it_was_cut(desk: Desk) -> None:
    shown = desk.certificate().present("business_scope")
    for length in range(0, len(shown), 37):
        assert desk.verify(shown[:length]).verdict is Verdict.INVALID


def test_an_oversized_presentation_is_refused_unread(desk: Desk) -> None:
    assert desk.flaws("a" * 131_073) == [("format", "too_large")]


def test_too_many_disclosures_are_refused_unread(desk: Desk) -> None:
    token = desk.certificate().sd_jwt().issuer_jwt
    assert desk.flaws(token + "~" + "YQ~" * 513) == [("format", "too_many_disclosures")]


def test_json_that_is_nested_too_deep_is_refused(desk: Desk) -> None:
    deep: Any = 1
    for _ in range(40):
        deep = [deep]
    token = forged(GOOD_HEADER, strict_json.dumps({"iss": "x", "deep": deep}), MARKET_KEY)
    assert desk.flaws(token + "~") == [("format", "too_large")]


@pytest.mark.parametrize("part", ["payload", "header", "nested"])
def test_a_member_that_stands_twice_is_refused(desk: Desk, part: str) -> None:
    payload, header = _payload(desk), strict_json.dumps(GOOD_HEADER)
    if part == "payload":
        payload = payload[:-1] + b',"iss":"https://attacker.example"}'
    elif part == "nested":
        payload = payload[:-1] + b',"address":{"city":1,"city":2}}'
    else:
        header = header[:-1] + b',"alg":"ES256"}'
    signing_input = b64url(header) + b"." + b64url(payload)
    token = (signing_input + b"." + b64url(MARKET_KEY.sign(signing_input))).decode()
    assert desk.flaws(token + "~") == [("format", "duplicate_member")]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iss": None}, "registered_claim_invalid"),
        ({"iss": 7}, "registered_claim_invalid"),
        ({"iat": None}, "registered_claim_invalid"),
        ({"iat": "yesterday"}, "registered_claim_invalid"),
        ({"iat": -1}, "registered_claim_invalid"),
        ({"iat": 1e300}, "registered_claim_invalid"),
        ({"vct": None}, "vct_invalid"),
        ({"vct": ["urn:ecert:business_licence:1"]}, "vct_invalid"),
        ({"exp": "2099"}, "registered_claim_invalid"),
        ({"status": {}}, "status_claim_invalid"),
        ({"status": {"status_list": {"idx": -1, "uri": "u"}}}, "status_claim_invalid"),
    ],
    ids=str,
)
def test_a_registered_claim_that_is_malformed_is_refused(desk: Desk, changes: dict[str, Any], reason: str) -> None:
    token = with_payload(desk.certificate().sd_jwt().issuer_jwt, MARKET_KEY, **changes)
    assert desk.flaws(_shown(token)) == [("format", reason)]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"@context": ["https://www.w3.org/2018/credentials/v1"]}, "vc_model_invalid"),
        ({"vc": {}}, "vc_claim_forbidden"),
        ({"iss": "https://attacker.example"}, "vc_claims_conflict"),
        ({"credentialSchema": None}, "vct_invalid"),
        ({"credentialSchema": {"id": 7}}, "vct_invalid"),
        ({"credentialSchema": {"id": "https://ecert.example/schemas/business_licence/0"}}, "vct_invalid"),
        ({"iat": None, "validFrom": None}, "registered_claim_invalid"),
        ({"status": {"status_list": {}}}, "status_claim_invalid"),
    ],
    ids=str,
)
def test_a_vc_jwt_that_breaks_its_model_is_refused(desk: Desk, changes: dict[str, Any], reason: str) -> None:
    token = with_payload(desk.certificate().vc_jwt(), MARKET_KEY, **changes)
    assert desk.flaws(token, require_key_binding=False) == [("format", reason)]


def test_a_status_token_is_no_certificate(desk: Desk) -> None:
    assert desk.flaws(desk.status_list_token()) == [("format", "wrong_type")]


def test_past_a_failed_gate_nothing_is_reached_or_repeated(desk: Desk) -> None:
    report = desk.verify(_with_header(desk, alg="none"))
    assert flaws(report) == [("format", "algorithm_not_allowed")]
    assert {(check.outcome, check.reason) for check in report.checks[1:]} == {(Outcome.SKIPPED, "not_reached")}
    assert (report.issuer, report.vct, report.type_id, report.format) == (None, None, None, None)
