"""Step 7 with lists in other forms: bitstring credentials as vc+jwt and with a proof, status tokens as CWT."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from keys import strict_json
from keys.signer import SoftwareSigner
from schemas.formats import bitstring_credential, data_integrity, status_cwt, vc_jwt
from schemas.formats.bitstring import Bitstring
from schemas.formats.bitstring_credential import BitstringEntry, ListTimes
from schemas.formats.data_integrity import Suite
from schemas.formats.status_answer import MESSAGES, bits_for, purpose_uri
from schemas.formats.status_list import StatusList
from schemas.formats.status_token import Times
from schemas.order import CredentialFormat
from schemas.report import Outcome, Verdict
from tests.support import forms
from tests.support.desk import CIVIL_KEY, DAY, HOUR, INDEX, LIST, MARKET, MARKET_KEY, NOW, STRANGER, Desk, seconds
from verifier import accept_status_list, verify
from verifier.evidence import Evidence, StatusEvidence, UntrustedStatus
from verifier.policy import Policy
from verifier.status_lists import MAX_DOCUMENT

PURPOSES = ("revocation", "suspension", "message")
REVOCATION = purpose_uri(LIST, "revocation")


def _document(purpose: str, statuses: Mapping[int, int], **changes: Any) -> dict[str, Any]:
    size = 2 if purpose == "message" else 1
    bits = Bitstring.from_statuses(bits_for(statuses, purpose), length=1 << 17, size=size)
    times = ListTimes(NOW - HOUR, NOW + DAY, 3600)
    messages = MESSAGES if purpose == "message" else {}
    uri = purpose_uri(LIST, purpose)
    made = bitstring_credential.credential(
        bits, purpose=purpose, uri=uri, issuer=MARKET, times=times, messages=messages
    )
    return {name: value for name, value in {**made, **changes}.items() if value is not None}


def _as_jwt(document: dict[str, Any], signer: SoftwareSigner = MARKET_KEY) -> str:
    return vc_jwt.issue(document, signer)


def _as_json(document: dict[str, Any], signer: SoftwareSigner = MARKET_KEY, **said: Any) -> str:
    method = f"{document['issuer']}#{signer.public_key.kid}"
    said = {"created": NOW - HOUR} | said
    signed = data_integrity.issue(document, signer, suite=Suite.ECDSA_JCS_2019, verification_method=method, **said)
    return strict_json.dumps(signed).decode()


def _accepted(desk: Desk, text: str | bytes, uri: str = REVOCATION) -> StatusEvidence | UntrustedStatus:
    return accept_status_list(text, uri=uri, trust=desk.trust())


def _row(desk: Desk, lists: Mapping[str, StatusEvidence | UntrustedStatus], **policy: Any) -> Any:
    known = desk.evidence()
    evidence = Evidence(trust=known.trust, types=known.types, status_lists=lists)
    shown = forms.present(CredentialFormat.LDP_VC, desk.certificate())
    report = verify(shown, policy=Policy(accepted_types=None, **policy), evidence=evidence, now=NOW)
    return report.check("status"), report


def _lists(desk: Desk, statuses: Mapping[int, int]) -> dict[str, StatusEvidence | UntrustedStatus]:
    found = {purpose_uri(LIST, purpose): _as_jwt(_document(purpose, statuses)) for purpose in PURPOSES}
    return {uri: _accepted(desk, text, uri) for uri, text in found.items()}


@pytest.mark.parametrize("write", [_as_jwt, _as_json])
def test_a_bitstring_credential_of_a_listed_issuer_is_believed(desk: Desk, write: Any) -> None:
    found = _accepted(desk, write(_document("revocation", {})))
    assert isinstance(found, StatusEvidence)
    assert (found.issuers, found.issued_at, found.expires_at) == ({MARKET}, NOW - HOUR, NOW + DAY)


@pytest.mark.parametrize("write", [_as_jwt, _as_json])
def test_one_of_a_stranger_or_a_withdrawn_key_is_not(desk: Desk, write: Any) -> None:
    document = _document("revocation", {})
    assert _accepted(desk, write(document, STRANGER)) == UntrustedStatus(REVOCATION, "unknown_issuer_key")
    desk.withdraw(MARKET_KEY)
    assert _accepted(desk, write(document)) == UntrustedStatus(REVOCATION, "key_withdrawn")


@pytest.mark.parametrize("write", [_as_jwt, _as_json])
def test_one_for_another_place_is_not(desk: Desk, write: Any) -> None:
    text = write(_document("revocation", {}, id=f"{LIST}/elsewhere"))
    assert _accepted(desk, text) == UntrustedStatus(REVOCATION, "status_list_of_another_uri")


def test_one_whose_proof_does_not_hold_is_not(desk: Desk) -> None:
    text = _as_json(_document("revocation", {})).replace('"ttl":3600000', '"ttl":9600000')
    assert _accepted(desk, text) == UntrustedStatus(REVOCATION, "invalid_signature")


def test_one_that_says_no_moment_is_not(desk: Desk) -> None:
    text = _as_jwt(_document("revocation", {}, validFrom=None))
    assert _accepted(desk, text) == UntrustedStatus(REVOCATION, "bitstring_list_invalid")


def test_the_proofs_moment_chooses_the_key_or_else_the_lists(desk: Desk) -> None:
    found = _accepted(desk, _as_json(_document("revocation", {}), created=None))
    assert isinstance(found, StatusEvidence)
    assert found.issued_at == NOW - HOUR


def test_one_signed_by_another_issuers_key_speaks_for_nobody(desk: Desk) -> None:
    found = _accepted(desk, _as_jwt(_document("revocation", {}), CIVIL_KEY))
    assert isinstance(found, StatusEvidence)
    assert found.issuers == frozenset()


def test_a_status_token_as_cwt_is_believed(desk: Desk) -> None:
    statuses = StatusList.from_statuses({INDEX: 2}, bits=2, size=1 << 16)
    times = Times(seconds(NOW - HOUR), seconds(NOW + DAY), 3600)
    data = status_cwt.issue(statuses, MARKET_KEY, uri=LIST, times=times)
    found = _accepted(desk, data, LIST)
    assert isinstance(found, StatusEvidence)
    assert found.issuers == {MARKET}
    assert _row(desk, {LIST: found})[0].reason == "suspended"


@pytest.mark.parametrize(
    ("value", "verdict", "reason"),
    [
        (0, Verdict.VALID, "status_valid"),
        (1, Verdict.INVALID, "revoked"),
        (2, Verdict.INVALID, "suspended"),
        (3, Verdict.INVALID, "replaced"),
    ],
)
def test_bitstrings_say_the_same_as_a_token(desk: Desk, value: int, verdict: Verdict, reason: str) -> None:
    row, report = _row(desk, _lists(desk, {INDEX: value} if value else {}))
    assert (report.verdict, row.reason, report.status_age_seconds) == (verdict, reason, 3600)
    if value:
        uri = purpose_uri(LIST, {1: "revocation", 2: "suspension", 3: "message"}[value])
        assert row.facts == {"list": uri, "index": INDEX, "value": value, "age_seconds": 3600}


def test_an_end_is_believed_though_another_list_is_missing(desk: Desk) -> None:
    lists = _lists(desk, {INDEX: 1})
    del lists[purpose_uri(LIST, "message")]
    assert _row(desk, lists)[0].reason == "revoked"


def test_what_one_list_does_not_say_is_unknown_though_the_others_say_valid(desk: Desk) -> None:
    lists = _lists(desk, {})
    del lists[purpose_uri(LIST, "suspension")]
    row, report = _row(desk, lists)
    assert report.verdict is Verdict.INDETERMINATE
    assert (row.reason, row.facts["list"]) == ("status_list_missing", purpose_uri(LIST, "suspension"))


def test_a_list_that_is_not_believed_is_named_with_its_reason(desk: Desk) -> None:
    lists = _lists(desk, {})
    lists[REVOCATION] = UntrustedStatus(REVOCATION, "invalid_signature")
    row, _ = _row(desk, lists)
    assert row.facts == {"list": REVOCATION, "index": INDEX, "because": "invalid_signature"}


def test_lists_of_another_issuer_do_not_speak_for_this_one(desk: Desk) -> None:
    text = _as_jwt(_document("revocation", {INDEX: 1}), CIVIL_KEY)
    assert _row(desk, {REVOCATION: _accepted(desk, text)})[0].reason == "status_list_of_another_issuer"


@pytest.mark.parametrize("uri", [LIST, REVOCATION])
def test_a_list_of_the_other_kind_is_no_answer(desk: Desk, uri: str) -> None:
    """A token where a bitstring should stand, or the other way round."""
    swapped = {LIST: REVOCATION, REVOCATION: LIST}
    token = accept_status_list(desk.status_list_token(), uri=LIST, trust=desk.trust())
    bits = _accepted(desk, _as_jwt(_document("revocation", {})))
    found = {LIST: token, REVOCATION: bits}[swapped[uri]]
    row, _ = _row(desk, {uri: found})
    assert (row.outcome, row.reason) == (Outcome.UNKNOWN, "bitstring_purpose_mismatch")


def test_a_foreign_purpose_is_read_from_its_own_list_alone(desk: Desk) -> None:
    entry = BitstringEntry("refresh", INDEX, f"{LIST}/refresh")
    document = forms.bound_vcdm(desk.certificate(), entries=(entry,))
    shown = forms.vp_data_integrity(
        data_integrity.derive(
            forms.ldp_vc(desk.certificate(), document=document), ["/credentialSubject/business_scope"]
        ),
        forms.Shown(),
    )
    report = desk.verify(shown)
    assert report.check("status").reason == "status_list_missing"
    assert report.check("status").facts == {"list": f"{LIST}/refresh", "index": INDEX}


def test_a_stale_bitstring_is_unknown(desk: Desk) -> None:
    lists = {
        uri: StatusEvidence(uri, found.issuers, NOW - timedelta(hours=26), None, found.statuses)
        for uri, found in _lists(desk, {}).items()
        if isinstance(found, StatusEvidence)
    }
    row, report = _row(desk, lists)
    assert (row.reason, report.status_age_seconds) == ("status_list_stale", 26 * 3600)


@pytest.mark.parametrize("start", ["{", "eyJ", b"\x84"], ids=["document", "token", "cwt"])
def test_a_list_over_the_limit_is_refused_before_it_is_read(
    desk: Desk, start: str | bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("verifier.status_lists.MAX_LIST", 100)
    text = start + (b"x" if isinstance(start, bytes) else "x") * 100  # type: ignore[operator]
    assert accept_status_list(text, uri=LIST, trust=desk.trust()) == UntrustedStatus(LIST, "too_large")


@pytest.mark.parametrize(
    ("more", "reason"), [(0, "malformed_token"), (1, "too_large")], ids=["at the limit", "one more"]
)
def test_a_list_as_json_is_no_longer_than_it_must_be(desk: Desk, more: int, reason: str) -> None:
    text = "{".ljust(MAX_DOCUMENT + more)
    assert accept_status_list(text, uri=LIST, trust=desk.trust()) == UntrustedStatus(LIST, reason)
