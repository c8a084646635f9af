"""Steps 8 and 9: the holder's own key, for this counter, just now, once."""

from datetime import timedelta
from typing import Any

import pytest

from keys import jws, strict_json
from keys.encoding import b64url_text
from schemas.report import Outcome, Verdict
from tests.support.desk import ANOTHER, HOLDER, NOW, Certificate, Desk, forged, p256
from verifier import presentation_digest

SECOND = timedelta(seconds=1)
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def _with_proof(certificate: Certificate, *, header: dict[str, Any] | None = None, **claims: Any) -> str:
    """The presentation with a key binding that the holder's key signed, but whose content differs."""
    shown, proof = certificate.present().rsplit("~", 1)
    content = {**jws.peek(proof).peek_claims(), **claims}
    body = strict_json.dumps({name: value for name, value in content.items() if value is not None})
    return f"{shown}~{forged({'alg': 'ES256', 'typ': 'kb+jwt', **(header or {})}, body, HOLDER)}"


def test_the_holder_key_of_someone_else(desk: Desk) -> None:
    """The certificate is right, and the presentation is signed by another wallet."""
    assert desk.flaws(desk.certificate().present(holder=p256(99))) == [
        ("holder_binding", "key_binding_signature_invalid")
    ]


def test_a_holder_key_of_another_algorithm(desk: Desk) -> None:
    shown = desk.certificate().present(holder=ANOTHER)
    assert desk.flaws(shown) == [("holder_binding", "key_binding_algorithm_refused")]


def test_a_certificate_without_the_holders_signature_is_refused(desk: Desk) -> None:
    shown = desk.certificate().present().rsplit("~", 1)[0] + "~"
    report = desk.verify(shown)
    assert report.verdict is Verdict.INVALID
    assert report.check("holder_binding").reason == "key_binding_missing"
    assert report.check("presentation").reason == "no_key_binding"


def test_a_vc_jwt_cannot_prove_its_holder(desk: Desk) -> None:
    assert desk.flaws(desk.certificate().vc_jwt()) == [("holder_binding", "key_binding_missing")]


def test_a_certificate_bound_to_no_key_cannot_be_confirmed(desk: Desk) -> None:
    report = desk.verify(desk.certificate(holder=None).present())
    assert report.verdict is Verdict.INDETERMINATE
    assert report.check("holder_binding").reason == "holder_key_missing"


def test_a_certificate_bound_to_no_key_is_in_order_where_nobody_shows_it(desk: Desk) -> None:
    token = desk.certificate(holder=None).sd_jwt().text()
    assert desk.flaws(token, require_key_binding=False) == []


@pytest.mark.parametrize("cnf", [{"kid": "1"}, {"jwk": {"kty": "oct", "k": "AAAA"}}, "x", {"jwk": {"kty": "EC"}}])
def test_a_holder_key_that_is_not_supported_is_refused(desk: Desk, cnf: object) -> None:
    shown = desk.certificate(holder=None, extra={"cnf": cnf}).present()
    assert desk.flaws(shown) == [("holder_binding", "holder_key_unsupported")]


def test_the_key_that_the_caller_knows_must_be_the_one(desk: Desk) -> None:
    token = desk.certificate().sd_jwt().text()
    key = HOLDER.public_key
    assert desk.flaws(token, require_key_binding=False, holder_key=key) == []
    other = ANOTHER.public_key
    assert desk.flaws(token, require_key_binding=False, holder_key=other) == [("holder_binding", "holder_key_other")]


def test_a_certificate_bound_to_no_key_is_not_bound_to_the_callers(desk: Desk) -> None:
    token = desk.certificate(holder=None).sd_jwt().text()
    flaws = desk.flaws(token, require_key_binding=False, holder_key=HOLDER.public_key)
    assert flaws == [("holder_binding", "holder_key_missing")]


def test_a_proof_is_judged_even_where_none_is_asked_for(desk: Desk) -> None:
    shown = desk.certificate().present(holder=p256(99))
    assert desk.flaws(shown, require_key_binding=False) == [("holder_binding", "key_binding_signature_invalid")]


@pytest.mark.parametrize(
    ("header", "claims", "reason"),
    [
        ({"typ": "JWT"}, {}, "key_binding_wrong_type"),
        ({"alg": "none"}, {}, "key_binding_algorithm_refused"),
        ({"jku": "https://attacker.example"}, {}, "key_binding_malformed"),
        ({}, {"nonce": None}, "key_binding_claim_invalid"),
        ({}, {"aud": ["urn:ecert:counter"]}, "key_binding_claim_invalid"),
        ({}, {"iat": "now"}, "key_binding_claim_invalid"),
        ({}, {"sd_hash": "AAAA"}, "sd_hash_mismatch"),
    ],
)
def test_a_proof_that_is_malformed_is_refused(
    desk: Desk, header: dict[str, Any], claims: dict[str, Any], reason: str
) -> None:
    shown = _with_proof(desk.certificate(), header=header, **claims)
    assert desk.flaws(shown) == [("holder_binding", reason)]


def test_a_presentation_for_someone_else_is_refused(desk: Desk) -> None:
    shown = desk.certificate().present(audience="https://bank.example")
    assert desk.flaws(shown) == [("presentation", "audience_mismatch")]


def test_a_verifier_may_have_its_own_audience_and_nonce(desk: Desk) -> None:
    shown = desk.certificate().present(audience="https://bank.example", nonce="n-1")
    assert desk.flaws(shown, audience="https://bank.example", nonce="n-1") == []


def test_an_answer_to_another_request_is_refused(desk: Desk) -> None:
    shown = desk.certificate().present(nonce="n-1")
    assert desk.flaws(shown, nonce="n-2") == [("presentation", "nonce_mismatch")]


@pytest.mark.parametrize(("age", "flaws"), [(60, []), (61, [("presentation", "presentation_too_old")])])
def test_a_screenshot_is_refused_after_60_seconds(desk: Desk, age: int, flaws: list[tuple[str, str]]) -> None:
    assert desk.flaws(desk.certificate().present(at=NOW - age * SECOND)) == flaws


@pytest.mark.parametrize(("ahead", "flaws"), [(10, []), (11, [("presentation", "presentation_in_future")])])
def test_a_holders_clock_may_be_10_seconds_ahead(desk: Desk, ahead: int, flaws: list[tuple[str, str]]) -> None:
    assert desk.flaws(desk.certificate().present(at=NOW + ahead * SECOND)) == flaws


def test_the_proofs_own_dates_count(desk: Desk) -> None:
    now = int(NOW.timestamp())
    assert desk.flaws(_with_proof(desk.certificate(), exp=now)) == [("presentation", "presentation_too_old")]
    assert desk.flaws(_with_proof(desk.certificate(), nbf=now + 1)) == [("presentation", "presentation_in_future")]
    assert desk.flaws(_with_proof(desk.certificate(), exp=now + 1, nbf=now)) == []


def test_a_presentation_shown_before_is_refused(desk: Desk) -> None:
    shown = desk.certificate().present()
    digest = presentation_digest(shown)
    assert digest is not None
    assert desk.flaws(shown) == []
    desk.seen.add(digest)
    assert desk.flaws(shown) == [("presentation", "presentation_replayed")]


def test_the_report_names_what_to_remember_of_a_presentation_that_passed(desk: Desk) -> None:
    shown = desk.certificate().present()
    assert desk.verify(shown).shown == presentation_digest(shown)


def test_the_report_names_nothing_to_remember_of_one_that_did_not(desk: Desk) -> None:
    assert desk.verify(desk.certificate().present(audience="https://elsewhere.example")).shown is None
    assert desk.verify(desk.certificate().vc_jwt()).shown is None
    assert desk.verify("x").shown is None


def test_a_fresh_presentation_of_the_same_certificate_is_no_replay(desk: Desk) -> None:
    digest = presentation_digest(desk.certificate().present())
    assert digest is not None
    desk.seen.add(digest)
    assert desk.flaws(desk.certificate().present(nonce="another")) == []


def test_a_replay_with_the_signatures_twin_is_refused(desk: Desk) -> None:
    """(r, n - s) is as good a signature as (r, s), and anyone can make it."""
    shown = desk.certificate().present()
    digest = presentation_digest(shown)
    assert digest is not None
    desk.seen.add(digest)
    head, _, signature = shown.rpartition(".")
    raw = jws.peek(shown.rsplit("~", 1)[1]).signature
    twin = raw[:32] + (P256_ORDER - int.from_bytes(raw[32:], "big")).to_bytes(32, "big")
    replay = f"{head}.{b64url_text(twin)}"
    assert replay != f"{head}.{signature}"
    assert desk.flaws(replay) == [("presentation", "presentation_replayed")]


def test_all_that_is_wrong_with_a_presentation_is_told(desk: Desk) -> None:
    shown = desk.certificate().present(audience="x", at=NOW - 61 * SECOND)
    row = desk.verify(shown, nonce="another").check("presentation")
    assert row.reason == "audience_mismatch"
    assert row.facts == {"age_seconds": 61, "also": "nonce_mismatch,presentation_too_old"}


def test_past_the_gates_every_rule_runs(desk: Desk) -> None:
    desk.statuses[4711] = 1
    certificate = desk.certificate(exp=NOW)
    shown = certificate.present(audience="x")
    assert desk.flaws(shown, accepted_types=frozenset()) == [
        ("type", "type_not_accepted"),
        ("validity", "expired"),
        ("status", "revoked"),
        ("presentation", "audience_mismatch"),
    ]


def test_a_presentation_without_a_proof_has_no_digest(desk: Desk) -> None:
    certificate = desk.certificate()
    assert presentation_digest(certificate.sd_jwt().text()) is None
    assert presentation_digest(certificate.vc_jwt()) is None


def test_a_proof_that_does_not_hold_leaves_the_presentation_unchecked(desk: Desk) -> None:
    row = desk.verify(desk.certificate().present(holder=p256(99), audience="x")).check("presentation")
    assert (row.outcome, row.reason) == (Outcome.SKIPPED, "no_key_binding")
