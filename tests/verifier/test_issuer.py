"""Steps 2 and 3: a signature counts only from a key that the trust list gives to that issuer, type and time."""

from dataclasses import replace
from datetime import timedelta

import pytest

from keys import jws
from keys.kept import token_digest
from keys.pki import SigningRequest, create_root, issue_signing_certificate
from keys.signer import SoftwareSigner
from keys.trust import TrustedKey
from schemas.report import Verdict
from tests.support.desk import (
    ANCHOR,
    CIVIL,
    CIVIL_KEY,
    DAY,
    HOLDER,
    HOUR,
    MARKET,
    MARKET_KEY,
    MARRIAGE,
    NOW,
    STRANGER,
    Desk,
    forged,
    with_payload,
)
from verifier import Policy, verify


def test_an_issuer_that_is_not_listed_is_refused(desk: Desk) -> None:
    shown = desk.certificate(issuer="https://ecert.example/issuers/nobody").present()
    assert desk.flaws(shown) == [("issuer", "unknown_issuer")]


def test_a_key_that_is_not_listed_is_refused(desk: Desk) -> None:
    assert desk.flaws(desk.certificate(signer=STRANGER).present()) == [("issuer", "unknown_issuer_key")]


def test_a_key_of_another_issuer_is_refused(desk: Desk) -> None:
    assert desk.flaws(desk.certificate(signer=CIVIL_KEY).present()) == [("issuer", "unknown_issuer_key")]


def test_an_issuer_may_not_issue_another_ones_type(desk: Desk) -> None:
    shown = desk.certificate(vct=MARRIAGE).present()
    assert desk.flaws(shown) == [("issuer", "issuer_not_entitled")]


def test_an_issuer_of_last_year_may_not_issue_today(desk: Desk) -> None:
    desk.entry_changes["not_after"] = NOW - 60 * DAY
    assert desk.flaws(desk.certificate().present()) == [("issuer", "issuer_not_entitled")]


def test_a_key_outside_its_period_is_refused(desk: Desk) -> None:
    desk.entry_changes["keys"] = (TrustedKey(MARKET_KEY.public_key, NOW - HOUR),)
    assert desk.flaws(desk.certificate().present()) == [("issuer", "unknown_issuer_key")]


def test_a_key_whose_period_has_ended_still_verifies_what_it_signed(desk: Desk) -> None:
    ended = TrustedKey(MARKET_KEY.public_key, NOW - 365 * DAY, NOW - DAY)
    desk.entry_changes["keys"] = (ended, TrustedKey(STRANGER.public_key, NOW - DAY))
    desk.status_signer = STRANGER
    assert desk.flaws(desk.certificate().present()) == []


def test_a_chain_of_the_signers_own_making_gives_no_trust(desk: Desk) -> None:
    signer = STRANGER.with_chain([b"not a certificate"])
    assert desk.flaws(desk.certificate(signer=signer, x5c=True).present()) == [("issuer", "unknown_issuer_key")]


def test_a_certificate_that_is_broken_inside_gives_a_report(desk: Desk) -> None:
    """Anyone can send one, and it is read before any signature."""
    root = create_root(ANCHOR, name="示例市电子证照根证书", now=NOW - DAY)
    request = SigningRequest(STRANGER.public_key, "示例局", "91440700MA4UT8Q00X", MARKET)
    leaf = issue_signing_certificate(ANCHOR, root, request, now=NOW - DAY, days=30)
    desk.entry_changes["anchors"] = (root,)
    signer = STRANGER.with_chain([leaf.replace("示例局".encode(), b"\xff" * 9)])
    assert desk.flaws(desk.certificate(signer=signer, x5c=True).present()) == [("issuer", "unknown_issuer_key")]


def test_a_chain_that_is_no_base64_is_refused(desk: Desk) -> None:
    header = {"alg": "ES256", "typ": "dc+sd-jwt", "x5c": ["*"]}
    token = forged(header, b'{"iss":"x","vct":"y","iat":1}', STRANGER)
    assert desk.flaws(token + "~") == [("issuer", "malformed_token")]


@pytest.mark.parametrize("iat", [NOW - 300 * DAY, NOW - HOUR])
def test_a_withdrawn_keys_certificates_are_refused_whatever_their_date(desk: Desk, iat: object) -> None:
    desk.withdraw(MARKET_KEY)
    assert desk.flaws(desk.certificate(iat=iat).present()) == [("issuer", "key_withdrawn")]


def test_a_withdrawn_keys_certificate_is_kept_by_its_digest(desk: Desk) -> None:
    new = SoftwareSigner.generate()
    desk.entry_changes["keys"] = tuple(TrustedKey(s.public_key, NOW - 365 * DAY) for s in (MARKET_KEY, new))
    desk.status_signer = new
    certificate = desk.certificate()
    issued = certificate.sd_jwt()
    desk.withdraw(MARKET_KEY)
    desk.keep(MARKET_KEY, token_digest(issued.issuer_jwt))
    report = desk.verify(issued.text(), require_key_binding=False)
    assert report.verdict is Verdict.VALID
    assert report.check("issuer").reason == "key_withdrawn_but_kept"


def test_another_certificate_of_a_withdrawn_key_is_not_kept(desk: Desk) -> None:
    desk.withdraw(MARKET_KEY)
    desk.keep(MARKET_KEY, token_digest("another"))
    assert desk.flaws(desk.certificate().present()) == [("issuer", "key_withdrawn")]


def test_a_tampered_claim_breaks_the_signature(desk: Desk) -> None:
    good = desk.certificate().sd_jwt()
    changed = with_payload(good.issuer_jwt, MARKET_KEY, registration_division="440799")
    shown = ".".join([*changed.split(".")[:2], good.issuer_jwt.split(".")[2]]) + "~"
    assert desk.flaws(shown) == [("signature", "invalid_signature")]


def test_a_stranger_who_names_the_issuers_key_is_refused(desk: Desk) -> None:
    header = {"alg": "ES256", "typ": "dc+sd-jwt", "kid": MARKET_KEY.public_key.kid}
    payload = jws.peek(desk.certificate().sd_jwt().issuer_jwt).peeked_payload
    assert desk.flaws(forged(header, payload, STRANGER) + "~") == [("signature", "invalid_signature")]


def test_the_key_decides_the_algorithm(desk: Desk) -> None:
    header = {"alg": "EdDSA", "typ": "dc+sd-jwt", "kid": MARKET_KEY.public_key.kid}
    payload = jws.peek(desk.certificate().sd_jwt().issuer_jwt).peeked_payload
    assert desk.flaws(forged(header, payload, MARKET_KEY) + "~") == [("signature", "algorithm_not_allowed")]


def test_a_failed_signature_leaves_issuer_passed_and_the_rest_unreached(desk: Desk) -> None:
    token = desk.certificate().sd_jwt().issuer_jwt
    report = desk.verify(token[:-8] + "AAAAAAAA~")
    assert [check.reason for check in report.checks[:5]] == [
        "well_formed",
        "issuer_listed",
        "invalid_signature",
        "not_reached",
        "not_reached",
    ]
    assert report.issuer is None


def test_a_trust_list_past_its_update_is_unknown(desk: Desk) -> None:
    desk.trust_next = NOW - timedelta(seconds=1)
    assert desk.flaws(desk.certificate().present()) == [("issuer", "trust_list_stale")]


def test_a_pack_past_its_update_is_unknown_and_the_rest_is_judged(desk: Desk) -> None:
    desk.pack_next = NOW - timedelta(seconds=1)
    report = desk.verify(desk.certificate().present())
    assert report.verdict is Verdict.INDETERMINATE
    assert report.check("issuer").reason == "pack_stale"
    assert report.check("status").reason == "status_valid"


def test_evidence_without_an_end_is_always_fresh(desk: Desk) -> None:
    evidence = replace(desk.evidence(), next_update=None)
    report = verify(desk.certificate().present(), policy=Policy(accepted_types=None), evidence=evidence, now=NOW)
    assert report.verdict is Verdict.VALID


def test_a_holder_is_no_issuer(desk: Desk) -> None:
    assert desk.flaws(desk.certificate(signer=HOLDER).present()) == [("issuer", "unknown_issuer_key")]


def test_each_issuer_issues_its_own_type(desk: Desk) -> None:
    shown = desk.certificate(issuer=CIVIL, signer=CIVIL_KEY, vct=MARRIAGE).present()
    assert desk.flaws(shown) == [("status", "status_list_of_another_issuer")]
    assert desk.verify(desk.certificate(issuer=MARKET).present()).verdict is Verdict.VALID
