"""Answers in every format and every way, and what ends a transaction: one answer, time, refusal, another's hands."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from keys import strict_json
from keys.encoding import b64url_text
from keys.signer import SoftwareSigner
from keys.trust import TrustedKey
from schemas.formats import data_integrity, key_binding
from schemas.formats.data_integrity import Suite
from schemas.formats.vc_jose_cose import jwt_vc_json
from schemas.openid4vp.errors import InvalidPresentationResponse
from schemas.openid4vp.metadata import ClientMetadata
from schemas.openid4vp.response import Response
from schemas.openid4vp.transaction_data import authorisation, hash_claims
from schemas.order import CredentialFormat
from tests.support import forms
from tests.support.delegations import Showing
from tests.support.desk import ANOTHER, HOLDER, MARRIAGE, NOW, STRANGER, seconds
from tests.support.forms import SHOWN, Shown
from tests.support.vp_verifier import SD_JWT_QUERY, Heard, Verifier, parsed, query, w3c_query
from verifier.errors import PresentationRefused, TransactionNotWaiting, UnknownTransaction
from verifier.openid4vp import answers, judging
from verifier.openid4vp.requests import Begun
from verifier.openid4vp.transactions import Flow, State, Transaction
from verifier.pipeline import verify

ORIGIN = "https://bank.example"


@pytest.fixture
def verifier() -> Verifier:
    return Verifier()


def to(verifier: Verifier, begun: Begun) -> Shown:
    transaction = begun.transaction
    return Shown(HOLDER, verifier.now, transaction.audience, transaction.request.nonce)


def verdict(transaction: Transaction) -> Any:
    assert transaction.result is not None
    return transaction.result["verdict"]


def claims(transaction: Transaction) -> Mapping[str, Any]:
    assert transaction.result is not None
    (credential,) = transaction.result["credentials"]
    found: Mapping[str, Any] = credential["claims"]
    return found


# Formats


def jwt_vp(verifier: Verifier, begun: Begun) -> str:
    """B.1.3.1.5: a JWT with a ``vp``, around a JWT with a ``vc``."""
    shown = to(verifier, begun)
    document = {
        "@context": ["https://www.w3.org/2018/credentials/v1"],
        "type": ["VerifiablePresentation"],
        "verifiableCredential": [forms.old_jwt(verifier.desk.certificate())],
    }
    said = {"vp": document, "aud": shown.audience, "nonce": shown.nonce, "iat": seconds(shown.at)}
    return jwt_vc_json.issue_presentation(said, HOLDER)


def test_a_jwt_vc_json_is_accepted(verifier: Verifier) -> None:
    begun = verifier.begin(w3c_query("jwt_vc_json"))
    answered = verifier.answer(begun, jwt_vp(verifier, begun))
    assert claims(answered.transaction)[SHOWN] == "示例食品销售和餐饮服务"


def ldp_vp(verifier: Verifier, begun: Begun, suite: Suite, around: Suite) -> Any:
    """B.1.3.2.5: a presentation with a proof of its own, by challenge and domain."""
    credential = forms.ldp_vc(verifier.desk.certificate(), suite=suite)
    if suite is Suite.ECDSA_SD_2023:
        credential = data_integrity.derive(credential, [f"/credentialSubject/{SHOWN}"])
    return parsed(forms.vp_data_integrity(credential, to(verifier, begun), suite=around))


@pytest.mark.parametrize("suite", [Suite.ECDSA_RDFC_2019, Suite.ECDSA_JCS_2019, Suite.ECDSA_SD_2023])
@pytest.mark.parametrize("around", [Suite.ECDSA_RDFC_2019, Suite.ECDSA_JCS_2019])
def test_an_ldp_vc_is_accepted(verifier: Verifier, suite: Suite, around: Suite) -> None:
    begun = verifier.begin(w3c_query("ldp_vc"))
    answered = verifier.answer(begun, ldp_vp(verifier, begun, suite, around))
    assert claims(answered.transaction)[SHOWN] == "示例食品销售和餐饮服务"
    assert ("legal_representative" in claims(answered.transaction)) is (suite is not Suite.ECDSA_SD_2023)


@pytest.mark.parametrize("suite", [Suite.EDDSA_RDFC_2022, Suite.EDDSA_JCS_2022])
@pytest.mark.parametrize("around", [Suite.EDDSA_RDFC_2022, Suite.EDDSA_JCS_2022])
def test_an_ldp_vc_by_edwards_keys_is_accepted(verifier: Verifier, suite: Suite, around: Suite) -> None:
    issuing = SoftwareSigner(ed25519.Ed25519PrivateKey.from_private_bytes(b"\x33" * 32))
    verifier.desk.entry_changes = {"keys": (TrustedKey(issuing.public_key, NOW - timedelta(days=365)),)}
    verifier.desk.status_signer = issuing
    begun = verifier.begin(w3c_query("ldp_vc"))
    credential = forms.ldp_vc(verifier.desk.certificate(signer=issuing, holder=ANOTHER), suite=suite)
    shown = replace(to(verifier, begun), holder=ANOTHER)
    answered = verifier.answer(begun, forms.vp_data_integrity(credential, shown, suite=around))
    assert claims(answered.transaction)[SHOWN] == "示例食品销售和餐饮服务"


@pytest.mark.parametrize("form", [CredentialFormat.JWT_VC_JSON, CredentialFormat.LDP_VC])
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"audience": "x509_hash:other"}, "audience_mismatch"),
        ({"nonce": "b3RoZXI"}, "nonce_mismatch"),
        ({"at": NOW - timedelta(days=365)}, "presentation_too_old"),
        ({"at": NOW + timedelta(days=365)}, "presentation_in_future"),
        ({"holder": STRANGER}, "key_binding_signature_invalid"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_formats_of_the_w3c_are_bound_too(
    verifier: Verifier, form: CredentialFormat, changes: dict[str, Any], reason: str
) -> None:
    begun = verifier.begin(w3c_query(form.value))
    with pytest.raises(PresentationRefused, match=f"holder: {reason}"):
        verifier.answer(begun, verifier.shown(begun, form, **changes))
    assert verdict(verifier.stored(begun)) == "invalid"


# What was asked for


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        (SD_JWT_QUERY | {"meta": {"vct_values": [MARRIAGE]}}, "mismatch"),
        (SD_JWT_QUERY | {"claims": [{"path": ["legal_representative"]}]}, "mismatch"),
        (SD_JWT_QUERY | {"claims": [{"path": [SHOWN], "values": ["另一范围"]}]}, "mismatch"),
        (w3c_query("ldp_vc"), "mismatch"),
        (SD_JWT_QUERY | {"trusted_authorities": [{"type": "aki", "values": ["AAAA"]}]}, "mismatch"),
    ],
    ids=["another type", "another claim", "another value", "another format", "another authority"],
)
def test_what_was_not_asked_for_is_refused(verifier: Verifier, query: dict[str, Any], reason: str) -> None:
    begun = verifier.begin(query)
    with pytest.raises(PresentationRefused, match=f"request_match: {reason}"):
        verifier.answer(begun, verifier.shown(begun))
    assert verifier.stored(begun).result is not None


def test_an_agents_text_answers_no_request(verifier: Verifier) -> None:
    """A request is answered by a holder: who acts for one shows it at a counter, or in hand."""
    begun = verifier.begin()
    transaction = begun.transaction
    showing = Showing(audience=transaction.audience, nonce=transaction.request.nonce)
    with pytest.raises(PresentationRefused, match="format: malformed_sd_jwt"):
        verifier.answer(begun, showing.shown())
    assert verdict(verifier.stored(begun)) == "invalid"


def test_an_answer_to_what_was_not_asked_is_refused(verifier: Verifier) -> None:
    begun = verifier.begin()
    shown = verifier.shown(begun)
    with pytest.raises(PresentationRefused, match="request_match: unknown_id"):
        verifier.answer(begun, shown, other=(shown,))


def test_what_was_not_asked_for_or_comes_after_a_flaw_is_not_looked_at(
    verifier: Verifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has the link may answer, and verifying costs more than sending."""
    looked: list[str] = []

    def counted(text: str, **rules: Any) -> Any:
        looked.append(text)
        return verify(text, **rules)

    monkeypatch.setattr("verifier.openid4vp.judging.verify", counted)
    begun = verifier.begin(SD_JWT_QUERY | {"multiple": True})
    with pytest.raises(PresentationRefused, match="unknown_id"):
        verifier.answer(begun, verifier.shown(begun), other=tuple("junk" for _ in range(40)))
    assert looked == []
    again = verifier.begin(SD_JWT_QUERY | {"multiple": True})
    with pytest.raises(PresentationRefused, match="format"):
        verifier.answer(again, *("junk" for _ in range(40)))
    assert looked == ["junk"]


def test_one_is_not_answered_by_two(verifier: Verifier) -> None:
    begun = verifier.begin()
    with pytest.raises(PresentationRefused, match="request_match: several"):
        verifier.answer(begun, verifier.shown(begun), verifier.shown(begun))
    several = verifier.begin(SD_JWT_QUERY | {"multiple": True})
    assert verdict(verifier.answer(several, verifier.shown(several), verifier.shown(several)).transaction) == "valid"


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The presentations that were verified."""
    seen: list[str] = []

    def counting(text: str, **given: Any) -> Any:
        seen.append(text)
        return verify(text, **given)

    monkeypatch.setattr(judging, "verify", counting)
    return seen


@pytest.mark.parametrize(
    ("presentations", "reason"),
    [
        ({"not-asked": ["x"] * 50}, "unknown_id"),
        ({"licence": ["x"] * 50}, "several"),
        ({"licence": ["x"]}, "missing"),
        ({"licence": ["x"], "second": [{}]}, "mismatch"),
        ({"licence": ["x"], "second": [' {"@context": []}']}, "mismatch"),
        ({"licence": ["x"], "second": ["x"], "third": ["{}"]}, "mismatch"),
    ],
)
def test_what_cannot_be_an_answer_is_not_verified(
    verifier: Verifier, verified: list[str], presentations: dict[str, Any], reason: str
) -> None:
    optional = {"credential_sets": [{"options": [["licence", "second"]]}, {"options": [["third"]], "required": False}]}
    asked = query(SD_JWT_QUERY, SD_JWT_QUERY | {"id": "second"}, w3c_query("ldp_vc") | {"id": "third"}, **optional)
    begun = verifier.begin(query=asked)
    response = Response({name: tuple(each) for name, each in presentations.items()}, verifier.state_of(begun))
    with pytest.raises(PresentationRefused, match=f"request_match: {reason}"):
        posted(verifier, begun, verifier.fields(begun, response))
    assert verified == []
    assert verdict(verifier.stored(begun)) == "invalid"


def test_after_the_first_flaw_nothing_more_is_verified(verifier: Verifier, verified: list[str]) -> None:
    begun = verifier.begin(SD_JWT_QUERY | {"multiple": True})
    good = verifier.shown(begun)
    with pytest.raises(PresentationRefused, match="format"):
        verifier.answer(begun, good, *["a~b~"] * 20)
    assert verified == [good, "a~b~"]


def test_a_part_that_is_required_may_not_be_missing(verifier: Verifier) -> None:
    begun = verifier.begin(SD_JWT_QUERY, SD_JWT_QUERY | {"id": "second"})
    with pytest.raises(PresentationRefused, match="request_match: missing"):
        verifier.answer(begun, verifier.shown(begun))


def test_of_two_presentations_one_flaw_refuses_both(verifier: Verifier) -> None:
    begun = verifier.begin(SD_JWT_QUERY, SD_JWT_QUERY | {"id": "second"})
    with pytest.raises(PresentationRefused, match="holder: nonce_mismatch"):
        verifier.answer(begun, verifier.shown(begun), second=(verifier.shown(begun, nonce="b3RoZXI"),))
    assert verifier.stored(begun).result["credentials"] == []  # type: ignore[index]  # it has ended


def test_without_holder_binding_the_certificate_alone_is_enough(verifier: Verifier) -> None:
    begun = verifier.begin(SD_JWT_QUERY | {"require_cryptographic_holder_binding": False})
    bare = verifier.desk.certificate().sd_jwt().present([(SHOWN,)]).text()
    assert verdict(verifier.answer(begun, bare).transaction) == "valid"
    strict = verifier.begin()
    with pytest.raises(PresentationRefused, match="holder: key_binding_missing"):
        verifier.answer(strict, bare)


@pytest.mark.parametrize("text", ["", "x", "a~b~", "ZK1:ABC"])
def test_what_is_no_presentation_is_refused(verifier: Verifier, text: str) -> None:
    begun = verifier.begin()
    with pytest.raises(PresentationRefused, match="format: "):
        verifier.answer(begun, text)


# Transaction data


ENTRY = authorisation(["licence"], subject_zh="办理用水开户", subject_en="Opening a water account", reference="A-1")
OTHER = authorisation(["licence"], subject_zh="转让", subject_en="Transfer")


def authorised(verifier: Verifier, begun: Begun, *entries: Any) -> str:
    shown = to(verifier, begun)
    chosen = verifier.desk.certificate().sd_jwt().present([(SHOWN,)])
    prepared = key_binding.prepare(
        chosen,
        HOLDER.public_key,
        audience=shown.audience,
        nonce=shown.nonce,
        iat=seconds(shown.at),
        extra=hash_claims(list(entries)),
    )
    return prepared.completed(HOLDER.sign(prepared.signing_input)).text()


def test_a_matter_that_was_authorised_is_accepted(verifier: Verifier) -> None:
    begun = verifier.begin(transaction_data=(ENTRY.encoded,))
    assert begun.transaction.request.claims()["transaction_data"] == [ENTRY.encoded]
    assert verdict(verifier.answer(begun, authorised(verifier, begun, ENTRY)).transaction) == "valid"


@pytest.mark.parametrize(
    ("entries", "reason"), [((), "transaction_data_missing"), ((OTHER,), "transaction_data_mismatch")]
)
def test_a_matter_that_was_not_authorised_is_refused(verifier: Verifier, entries: tuple[Any, ...], reason: str) -> None:
    begun = verifier.begin(transaction_data=(ENTRY.encoded,))
    with pytest.raises(PresentationRefused, match=f"request_match: {reason}"):
        verifier.answer(begun, authorised(verifier, begun, *entries))


def test_a_format_that_cannot_authorise_is_refused(verifier: Verifier) -> None:
    entry = authorisation(["licence", "old"], subject_zh="开户", subject_en="Opening")
    sets = {"credential_sets": [{"options": [["licence"], ["old"]]}]}
    asked = query(SD_JWT_QUERY, SD_JWT_QUERY | {"id": "old"}, **sets)
    begun = verifier.begin(query=asked, transaction_data=(entry.encoded,))
    with pytest.raises(PresentationRefused, match="request_match: mismatch"):
        verifier.answer(begun, old=(jwt_vp(verifier, begun),))


# Reading


def posted(verifier: Verifier, begun: Begun, fields: Mapping[str, Any]) -> Any:
    return verifier.answers.answer(begun.transaction.transaction_id, fields)


def test_what_cannot_be_read_leaves_the_transaction_waiting(verifier: Verifier) -> None:
    begun = verifier.begin()
    shown = Response({"licence": (verifier.shown(begun),)}, "another-state")
    other = verifier.begin()
    flaws: dict[str, Mapping[str, Any]] = {
        "malformed": {},
        "malformed_token": {"response": "a.b"},
        "state": verifier.fields(begun, shown),
        "decryption_failed": verifier.fields(other, shown),
    }
    for reason, fields in flaws.items():
        with pytest.raises(InvalidPresentationResponse) as refused:
            posted(verifier, begun, fields)
        assert refused.value.reason == reason
    with pytest.raises(InvalidPresentationResponse) as refused:
        posted(verifier, begun, {"response": 7})
    assert refused.value.reason == "malformed"
    assert verifier.stored(begun).state is State.WAITING
    assert verdict(verifier.answer(begun, verifier.shown(begun)).transaction) == "valid"


def test_an_answer_in_the_clear_to_an_encrypted_request_is_refused(verifier: Verifier) -> None:
    begun = verifier.begin()
    shown = Response({"licence": (verifier.shown(begun),)}, verifier.state_of(begun))
    with pytest.raises(InvalidPresentationResponse):
        posted(verifier, begun, shown.form())


def test_a_refusal_needs_the_state_too(verifier: Verifier) -> None:
    begun = verifier.begin()
    with pytest.raises(InvalidPresentationResponse, match="another request"):
        posted(verifier, begun, {"error": "access_denied"})
    assert verifier.stored(begun).state is State.WAITING


def test_an_answer_too_large_to_be_kept_is_refused(verifier: Verifier, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = verifier.begin()
    monkeypatch.setattr(answers, "MAX_KEPT", 1_000)
    with pytest.raises(InvalidPresentationResponse) as refused:
        verifier.answer(begun, verifier.shown(begun))
    assert refused.value.reason == "too_large"
    assert verifier.stored(begun).state is State.WAITING
    monkeypatch.undo()
    assert verdict(verifier.answer(begun, verifier.shown(begun)).transaction) == "valid"


def test_what_was_asked_with_takes_no_room_from_what_came(verifier: Verifier, monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [
        authorisation(["licence"], subject_zh="文" * 500, subject_en="x" * 500, reference=str(number))
        for number in range(3)
    ]
    begun = verifier.begin(transaction_data=tuple(each.encoded for each in entries))
    monkeypatch.setattr(answers, "MAX_KEPT", len(strict_json.dumps(begun.transaction.document())))
    ended = verifier.answer(begun, authorised(verifier, begun, *entries)).transaction
    assert verdict(ended) == "valid"
    assert (ended.request.transaction_data, ended.request.query) == ((), begun.transaction.request.query)


# Ends


def test_each_transaction_is_answered_once(verifier: Verifier) -> None:
    begun = verifier.begin()
    shown = verifier.shown(begun)
    verifier.answer(begun, shown)
    for again in (shown, verifier.shown(begun)):
        with pytest.raises(TransactionNotWaiting):
            verifier.answer(begun, again)
    assert [each.state for each in verifier.heard.ends] == [State.ANSWERED]


def test_a_presentation_that_does_not_hold_ends_the_transaction(verifier: Verifier) -> None:
    begun = verifier.begin()
    with pytest.raises(PresentationRefused):
        verifier.answer(begun, verifier.shown(begun, nonce="b3RoZXI"))
    with pytest.raises(TransactionNotWaiting):
        verifier.answer(begun, verifier.shown(begun))
    assert [verdict(each) for each in verifier.heard.ends] == ["invalid"]


class Slow(Verifier):
    """Another worker, over the same state: while it judges, something else happens."""

    def __init__(self, other: Verifier, meanwhile: Callable[[], Any]) -> None:
        super().__init__(state=other.state, heard=other.heard)
        self.meanwhile = [meanwhile]

    def evidence(self, wanted: Any = ()) -> Any:
        while self.meanwhile:
            self.meanwhile.pop()()
        return super().evidence(wanted)


def test_of_two_answers_at_once_the_second_is_not_judged(verifier: Verifier, verified: list[str]) -> None:
    begun = verifier.begin()
    shown = verifier.shown(begun)

    def second() -> None:
        with pytest.raises(TransactionNotWaiting, match="being answered"):
            verifier.answer(begun, shown)

    answered = Slow(verifier, second).answer(begun, shown)
    assert verifier.stored(begun).response_code == answered.transaction.response_code
    assert verified == [shown]


def test_an_answer_that_takes_too_long_to_be_judged_is_overtaken(verifier: Verifier) -> None:
    begun = verifier.begin()
    shown, found = verifier.shown(begun), []

    def second() -> None:
        verifier.now += timedelta(seconds=30)
        found.append(verifier.answer(begun, shown))

    with pytest.raises(TransactionNotWaiting, match="was answered"):
        Slow(verifier, second).answer(begun, shown)
    assert verifier.stored(begun).response_code == found[0].transaction.response_code
    assert len(verifier.heard.ends) == 1


def test_a_transaction_that_is_forgotten_meanwhile_is_answered_by_nobody(verifier: Verifier) -> None:
    begun = verifier.begin()

    class Forgetting(Verifier):
        def evidence(self, wanted: Any = ()) -> Any:
            self.state.kept.clear()
            return super().evidence()

    with pytest.raises(UnknownTransaction):
        Forgetting(state=verifier.state).answer(begun, verifier.shown(begun))


def test_after_its_time_a_transaction_is_over(verifier: Verifier) -> None:
    begun = verifier.begin()
    verifier.now += timedelta(minutes=5)
    assert verifier.stored(begun).state is State.EXPIRED
    with pytest.raises(TransactionNotWaiting):
        verifier.answer(begun, verifier.shown(begun))
    with pytest.raises(TransactionNotWaiting):
        verifier.requests.request_object(begun.transaction.transaction_id)
    verifier.now += timedelta(hours=1)
    with pytest.raises(UnknownTransaction):
        verifier.stored(begun)


def test_a_presentation_of_one_transaction_is_none_of_another(verifier: Verifier) -> None:
    first, second = verifier.begin(), verifier.begin()
    with pytest.raises(PresentationRefused, match="holder: nonce_mismatch"):
        verifier.answer(second, verifier.shown(first))
    assert verifier.stored(first).state is State.WAITING


def test_a_response_encrypted_for_another_transaction_is_not_read(verifier: Verifier) -> None:
    first, second = verifier.begin(), verifier.begin()
    response = Response({"licence": (verifier.shown(second),)}, verifier.state_of(second))
    with pytest.raises(InvalidPresentationResponse) as refused:
        posted(verifier, second, verifier.fields(first, response))
    assert refused.value.reason == "decryption_failed"


def test_nobody_is_told_before_the_transaction_has_ended() -> None:
    class Looking(Heard):
        def ended(self, transaction: Transaction, *, now: Any) -> None:
            super().ended(transaction, now=now)
            kept.append(verifier.requests.transaction(transaction.transaction_id).state)

    kept: list[State] = []
    verifier = Verifier(heard=Looking())
    begun = verifier.begin()
    verifier.answer(begun, verifier.shown(begun))
    assert kept == [State.ANSWERED]


def test_what_was_told_is_kept_without_what_was_disclosed(verifier: Verifier) -> None:
    begun = verifier.begin()
    answered = verifier.answer(begun, verifier.shown(begun))
    assert answered.transaction.result is not None
    assert answered.transaction.result["credentials"]
    assert verifier.stored(begun).result == {**answered.transaction.result, "credentials": []}


# The Digital Credentials API


def by_browser(verifier: Verifier, **more: Any) -> Begun:
    return verifier.begin(flow=Flow.DC_API, origin=ORIGIN, **more)


@pytest.mark.parametrize("encrypted", [True, False], ids=["dc_api.jwt", "dc_api"])
def test_a_browser_carries_request_and_response(verifier: Verifier, encrypted: bool) -> None:
    begun = by_browser(verifier, encrypted=encrypted)
    assert begun.transaction.audience == f"origin:{ORIGIN}"
    answered = verifier.answer(begun, verifier.shown(begun))
    assert verdict(answered.transaction) == "valid"


def test_over_the_dc_api_the_client_id_is_no_audience(verifier: Verifier) -> None:
    begun = by_browser(verifier)
    with pytest.raises(PresentationRefused, match="holder: audience_mismatch"):
        verifier.answer(begun, verifier.shown(begun, audience=str(begun.transaction.request.client_id)))


def test_an_error_over_the_dc_api_has_no_state(verifier: Verifier) -> None:
    begun = by_browser(verifier)
    assert posted(verifier, begun, {"error": "access_denied"}).transaction.state is State.DECLINED


def test_a_key_for_encryption_is_not_needed_to_decline(verifier: Verifier) -> None:
    begun = verifier.begin(encrypted=False)
    assert begun.transaction.request.metadata == ClientMetadata(formats=begun.transaction.request.metadata.formats)  # type: ignore[union-attr]
    declined = posted(verifier, begun, {"error": "access_denied", "state": verifier.state_of(begun)})
    assert declined.transaction.error == "access_denied"


def test_what_is_kept_of_a_response_code_is_its_digest(verifier: Verifier) -> None:
    begun = verifier.begin()
    answered = verifier.answer(begun, verifier.shown(begun))
    code = answered.redirect_uri.partition("response_code=")[2]
    assert answered.transaction.response_code == b64url_text(hashlib.sha256(code.encode()).digest())
    assert code not in str(verifier.state.kept)
