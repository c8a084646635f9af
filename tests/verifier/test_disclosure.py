"""Step 4: every disclosure has exactly one place in what the issuer signed."""

import hashlib

from keys import strict_json
from keys.encoding import b64url_text
from schemas.formats import key_binding
from schemas.formats.sd_jwt import SdJwt
from tests.support.desk import HOLDER, MARKET_KEY, NOW, Desk, seconds, with_payload


def _bound(shown: SdJwt) -> str:
    return key_binding.bind(shown, HOLDER, audience="urn:ecert:counter", nonce="q7Zk", iat=seconds(NOW)).text()


def _disclosure(*content: object) -> str:
    return b64url_text(strict_json.dumps(list(content)))


def test_a_disclosure_that_the_issuer_never_signed_is_refused(desk: Desk) -> None:
    issued = desk.certificate().sd_jwt()
    extra = _disclosure("c2FsdHNhbHRzYWx0c2FsdA", "is_bank", True)
    shown = SdJwt(issued.issuer_jwt, (*issued.disclosures, extra))
    assert desk.flaws(_bound(shown)) == [("disclosure", "disclosure_unreferenced")]


def test_a_disclosure_with_another_value_is_refused(desk: Desk) -> None:
    issued = desk.certificate(selective=frozenset({"registered_capital"})).sd_jwt()
    richer = _disclosure("AAAAAAAAAAAAAAAAAAAAAA", "registered_capital", "9000000")
    assert desk.flaws(_bound(SdJwt(issued.issuer_jwt, (richer,)))) == [("disclosure", "disclosure_unreferenced")]


def test_a_disclosure_sent_twice_is_refused(desk: Desk) -> None:
    issued = desk.certificate().sd_jwt()
    shown = SdJwt(issued.issuer_jwt, (*issued.disclosures, issued.disclosures[0]))
    assert desk.flaws(_bound(shown)) == [("disclosure", "disclosure_twice")]


def test_a_disclosure_added_after_the_holder_signed_is_refused(desk: Desk) -> None:
    certificate = desk.certificate()
    shown, proof = certificate.present("registration_division").rsplit("~", 1)
    extra = next(text for text in certificate.sd_jwt().disclosures if text not in shown)
    assert desk.flaws(f"{shown}~{extra}~{proof}") == [("holder_binding", "sd_hash_mismatch")]


def test_a_disclosure_removed_after_the_holder_signed_is_refused(desk: Desk) -> None:
    token, first, _second, proof = desk.certificate().present("registration_division", "business_scope").split("~")
    assert desk.flaws(f"{token}~{first}~{proof}") == [("holder_binding", "sd_hash_mismatch")]


def test_disclosures_in_another_order_are_refused(desk: Desk) -> None:
    token, first, second, proof = desk.certificate().present("registration_division", "business_scope").split("~")
    assert desk.flaws(f"{token}~{second}~{first}~{proof}") == [("holder_binding", "sd_hash_mismatch")]


def test_leaving_a_field_out_before_signing_is_the_holders_right(desk: Desk) -> None:
    assert desk.flaws(desk.certificate().present("registration_division")) == []


def test_a_digest_that_stands_twice_is_refused(desk: Desk) -> None:
    issued = desk.certificate().sd_jwt()
    digests = issued.issuer_jws.peek_claims()["_sd"]
    token = with_payload(issued.issuer_jwt, MARKET_KEY, _sd=[*digests, digests[0]])
    assert desk.flaws(_bound(SdJwt(token))) == [("disclosure", "digest_twice")]


def test_a_disclosure_that_is_no_json_is_refused(desk: Desk) -> None:
    issued = desk.certificate(selective=frozenset({"registration_division"})).sd_jwt()
    text = b64url_text(b"[1, 2")
    digest = _digest(text)
    token = with_payload(issued.issuer_jwt, MARKET_KEY, _sd=[digest])
    assert desk.flaws(_bound(SdJwt(token, (text,)))) == [("disclosure", "malformed_disclosure")]


def test_a_disclosure_that_names_a_member_twice_is_refused(desk: Desk) -> None:
    text = b64url_text(b'["c2FsdA","address",{"city":1,"city":2}]')
    token = with_payload(desk.certificate().sd_jwt().issuer_jwt, MARKET_KEY, _sd=[_digest(text)])
    assert desk.flaws(_bound(SdJwt(token, (text,)))) == [("disclosure", "duplicate_member")]


def test_a_disclosure_that_repeats_an_open_field_is_refused(desk: Desk) -> None:
    text = _disclosure("c2FsdA", "expiring_date", "2099-12-31")
    token = with_payload(desk.certificate().sd_jwt().issuer_jwt, MARKET_KEY, _sd=[_digest(text)])
    assert desk.flaws(_bound(SdJwt(token, (text,)))) == [("disclosure", "claim_already_present")]


def test_a_date_that_the_holder_could_hide_is_refused(desk: Desk) -> None:
    text = _disclosure("c2FsdA", "nbf", 1)
    token = with_payload(desk.certificate().sd_jwt().issuer_jwt, MARKET_KEY, _sd=[_digest(text)])
    assert desk.flaws(_bound(SdJwt(token, (text,)))) == [("disclosure", "never_selective")]


def test_another_digest_algorithm_than_those_accepted_is_refused(desk: Desk) -> None:
    token = with_payload(desk.certificate().sd_jwt().issuer_jwt, MARKET_KEY, _sd_alg="md5")
    assert desk.flaws(token + "~") == [("disclosure", "unsupported_sd_alg")]


def test_claims_that_nest_too_deep_are_refused(desk: Desk) -> None:
    inner = "x"
    disclosures: list[str] = []
    value: object = inner
    for depth in range(40):
        text = _disclosure(f"salt{depth}", "deeper", value)
        disclosures.append(text)
        value = {"_sd": [_digest(text)]}
    token = with_payload(desk.certificate().sd_jwt().issuer_jwt, MARKET_KEY, _sd=[_digest(disclosures[-1])])
    assert desk.flaws(_bound(SdJwt(token, tuple(disclosures)))) == [("disclosure", "nested_too_deep")]


def _digest(text: str) -> str:
    return b64url_text(hashlib.sha256(text.encode("ascii")).digest())
