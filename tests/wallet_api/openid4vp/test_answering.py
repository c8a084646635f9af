"""A holder answers a request, or does not."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from keys import jws, strict_json
from keys.algorithms import Algorithm
from keys.encoding import b64url_decode
from keys.signer import SoftwareSigner
from schemas.openid4vp import transaction_data
from schemas.openid4vp.client_id import ClientId, Prefix
from schemas.openid4vp.errors import InvalidPresentationRequest
from schemas.openid4vp.request import ResponseMode
from schemas.order import CredentialFormat, CredentialId
from schemas.report import Outcome
from tests.support.desk import NOW, Desk
from tests.support.vci_wallet import run
from tests.support.vp_wallet import NONCE, ORIGIN, RESPONSE_URI, STATE, AskedWallet, answered, query
from wallet_api.errors import UnknownHolder
from wallet_api.openid4vci.ports import HttpRequest, HttpResponse
from wallet_api.openid4vp.answering import Progress, Stage
from wallet_api.openid4vp.errors import (
    ChoiceInvalid,
    PresentationNotTaken,
    RequestGone,
    SignatureInvalid,
    VerifierUnverified,
)
from wallet_api.openid4vp.incoming import DcApiCall
from wallet_api.records import ExchangeOutcome, Trust

FORMATS = (CredentialFormat.SD_JWT_VC, CredentialFormat.JWT_VC_JSON, CredentialFormat.LDP_VC)
each_format = pytest.mark.parametrize("form", FORMATS)


def outcome(wallet: AskedWallet) -> ExchangeOutcome:
    (record,) = wallet.town.wallets.shown(wallet.holder_id, limit=9)
    assert record.exchange is not None
    return record.exchange.outcome


@each_format
@pytest.mark.parametrize("mode", [ResponseMode.DIRECT_POST, ResponseMode.DIRECT_POST_JWT])
def test_a_verifier_finds_nothing_wrong_with_what_is_shared(
    wallet: AskedWallet, form: CredentialFormat, mode: ResponseMode
) -> None:
    wallet.hold(form)
    wallet.ask(query("business_scope", form=form), response_mode=mode)
    done = wallet.share(wallet.open())
    assert (done.stage, done.sent.redirect_uri) == (Stage.SHARED, f"{ORIGIN}/done?code=1")
    came = wallet.verifier.received()
    assert came.state == STATE
    (presentation,) = came.presentations["licence"]
    assert isinstance(presentation, dict) is (form is CredentialFormat.LDP_VC)
    text = presentation if isinstance(presentation, str) else strict_json.dumps(presentation).decode()
    report = Desk().verify(text, audience=str(wallet.client_id), nonce=NONCE)
    assert [check for check in report.checks if check.outcome is Outcome.FAILED] == []
    assert "business_scope" in report.accepted_claims()
    assert ("legal_representative" in report.accepted_claims()) is (form is CredentialFormat.JWT_VC_JSON)
    assert outcome(wallet) is ExchangeOutcome.SHARED


@each_format
def test_a_device_signs_what_is_shared(wallet: AskedWallet, form: CredentialFormat) -> None:
    device = SoftwareSigner.generate(Algorithm.ES256)
    wallet.holder = wallet.town.registered_device(wallet.holder, device)
    wallet.hold(form)
    wallet.ask(query("business_scope", form=form))
    opened = wallet.open()
    waiting = wallet.share(opened)
    assert (waiting.stage, wallet.verifier.posts) == (Stage.SIGNATURE, [])
    (one,) = waiting.to_sign
    assert (one.id, one.kid, one.algorithm) == ("licence.0", device.public_key.kid, "ES256")
    text = one.signing_input.encode() if one.encoding == "text" else b64url_decode(one.signing_input)
    done = run(wallet.answering.sign(wallet.holder_id, opened.request_id, {one.id: device.sign(text)}))
    assert done.stage is Stage.SHARED
    (presentation,) = wallet.verifier.received().presentations["licence"]
    shown = presentation if isinstance(presentation, str) else strict_json.dumps(presentation).decode()
    report = Desk().verify(shown, audience=str(wallet.client_id), nonce=NONCE)
    assert [check for check in report.checks if check.outcome is Outcome.FAILED] == []


def with_device(wallet: AskedWallet) -> tuple[SoftwareSigner, Progress]:
    device = SoftwareSigner.generate(Algorithm.ES256)
    wallet.holder = wallet.town.registered_device(wallet.holder, device)
    wallet.hold()
    wallet.ask()
    return device, wallet.share(wallet.open())


@pytest.mark.parametrize("flaw", ["none", "another name", "another key", "more"])
def test_signatures_that_do_not_fit_are_refused_and_may_be_made_again(wallet: AskedWallet, flaw: str) -> None:
    device, waiting = with_device(wallet)
    (one,) = waiting.to_sign
    right = device.sign(one.signing_input.encode())
    wrong = {
        "none": {},
        "another name": {"licence.1": right},
        "another key": {one.id: SoftwareSigner.generate().sign(one.signing_input.encode())},
        "more": {one.id: right, "licence.1": right},
    }[flaw]
    with pytest.raises(SignatureInvalid):
        run(wallet.answering.sign(wallet.holder_id, waiting.request_id, wrong))
    assert wallet.verifier.posts == []
    assert run(wallet.answering.sign(wallet.holder_id, waiting.request_id, {one.id: right})).stage is Stage.SHARED


def test_signatures_come_too_late_after_two_minutes(wallet: AskedWallet) -> None:
    device, waiting = with_device(wallet)
    wallet.town.later(seconds=121)
    with pytest.raises(RequestGone):
        run(wallet.answering.sign(wallet.holder_id, waiting.request_id, {}))
    del device


def test_what_waits_for_a_decision_takes_no_signatures(wallet: AskedWallet) -> None:
    wallet.hold()
    wallet.ask()
    opened = wallet.open()
    with pytest.raises(RequestGone):
        run(wallet.answering.sign(wallet.holder_id, opened.request_id, {}))
    assert wallet.share(opened).stage is Stage.SHARED


def test_the_holder_declines_and_the_verifier_hears_it(wallet: AskedWallet) -> None:
    wallet.hold()
    wallet.ask()
    done = wallet.decline(wallet.open())
    assert done.stage is Stage.DECLINED
    assert wallet.verifier.posts == [{"state": STATE, "error": "access_denied"}]
    assert outcome(wallet) is ExchangeOutcome.DECLINED


def test_a_verifier_that_is_down_does_not_keep_the_holder_from_declining(wallet: AskedWallet) -> None:
    wallet.hold()
    wallet.ask()
    opened = wallet.open()
    wallet.verifier.down = True
    assert wallet.decline(opened).stage is Stage.DECLINED


def test_who_holds_nothing_can_decline_and_not_share(wallet: AskedWallet) -> None:
    wallet.ask()
    opened = wallet.open()
    assert not opened.weighed.answerable
    with pytest.raises(ChoiceInvalid):
        wallet.share(opened)
    assert wallet.decline(opened).stage is Stage.DECLINED
    (record,) = wallet.town.wallets.shown(wallet.holder_id, limit=9)
    assert (record.credential_id, record.type_id, record.fields) == ("", "", ())


def test_a_request_is_answered_once(wallet: AskedWallet) -> None:
    wallet.hold()
    wallet.ask()
    opened = wallet.open()
    wallet.share(opened)
    for again in (wallet.share, wallet.decline):
        with pytest.raises(RequestGone):
            again(opened)
    assert len(wallet.verifier.posts) == 1


def test_nobody_answers_anothers_request(wallet: AskedWallet) -> None:
    wallet.hold()
    wallet.ask()
    opened = wallet.open()
    wallet.holder = wallet.town.citizen("440799198811230220")
    with pytest.raises(RequestGone):
        wallet.share(opened)


def test_nobody_who_is_no_holder_opens_a_request(wallet: AskedWallet) -> None:
    wallet.ask()
    wallet.holder = replace(wallet.holder, holder_id="nobody")  # type: ignore[arg-type]
    with pytest.raises(UnknownHolder):
        wallet.open()


def test_a_request_waits_a_quarter_of_an_hour(wallet: AskedWallet) -> None:
    wallet.hold()
    wallet.ask()
    opened = wallet.open()
    assert opened.expires_at == wallet.town.now + timedelta(minutes=15)
    wallet.town.later(minutes=15)
    with pytest.raises(RequestGone):
        wallet.share(opened)


@pytest.mark.parametrize("status", [400, 302, 500, 201])
def test_what_is_not_taken_is_in_the_history_as_failed(wallet: AskedWallet, status: int) -> None:
    wallet.hold()
    wallet.ask()
    wallet.verifier.answer = answered({"error": "invalid_request"}, status)
    with pytest.raises(PresentationNotTaken):
        wallet.share(wallet.open())
    assert outcome(wallet) is ExchangeOutcome.FAILED


def test_a_verifier_that_goes_away_is_in_the_history_as_failed(wallet: AskedWallet) -> None:
    wallet.hold()
    wallet.ask()
    opened = wallet.open()
    wallet.verifier.down = True
    with pytest.raises(PresentationNotTaken):
        wallet.share(opened)
    assert outcome(wallet) is ExchangeOutcome.FAILED


def test_a_presentation_is_in_the_history_before_it_leaves(wallet: AskedWallet) -> None:
    wallet.hold()
    wallet.ask()
    seen = []
    opened = wallet.open()
    send = wallet.verifier.send

    async def watched(request: HttpRequest) -> HttpResponse:
        seen.append(outcome(wallet))
        return await send(request)

    wallet.verifier.send = watched  # type: ignore[method-assign]
    wallet.share(opened)
    assert seen == [ExchangeOutcome.SENT]


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"{}", None),
        (b"no json", None),
        (b'{"redirect_uri": "https://bank.example/done#response_code=7"}', "https://bank.example/done#response_code=7"),
        (b'{"redirect_uri": "javascript:alert(1)"}', None),
        (b'{"redirect_uri": "http://bank.example/done"}', None),
        (b'{"redirect_uri": 7}', None),
    ],
)
def test_the_browser_goes_only_to_an_https_address(wallet: AskedWallet, body: bytes, where: str | None) -> None:
    wallet.hold()
    wallet.ask()
    wallet.verifier.answer = replace(wallet.verifier.answer, body=body)
    assert wallet.share(wallet.open()).sent.redirect_uri == where


def test_the_history_keeps_who_when_what_and_why(wallet: AskedWallet) -> None:
    wallet.hold()
    wallet.ask()
    wallet.share(wallet.open())
    (record,) = wallet.town.wallets.shown(wallet.holder_id, limit=9)
    assert (record.audience, record.channel, record.at) == (str(wallet.client_id), "openid4vp", NOW)
    assert record.purpose == "企业开户 Opening a company account"
    assert record.exchange is not None
    assert record.exchange.party.trust is Trust.LISTED
    assert (record.exchange.party.name_zh, record.exchange.party.name_en) == ("示例银行股份有限公司", "Example Bank")
    assert record.exchange.reason.retention_days == 1825
    (certificate,) = record.exchange.certificates
    assert {"business_scope", "legal_representative"} <= set(certificate.fields)
    assert "陈大文" not in repr(record)


def test_a_purpose_that_is_not_stated_is_said_so(wallet: AskedWallet) -> None:
    wallet.hold()
    wallet.ask(verifier_info=())
    wallet.decline(wallet.open())
    (record,) = wallet.town.wallets.shown(wallet.holder_id, limit=9)
    assert record.purpose == "没有登记的用证事由 No registered purpose"


def test_an_unverified_verifier_gets_nothing_unless_the_holder_accepts_it(wallet: AskedWallet) -> None:
    wallet.hold()
    wallet.ask()
    opened = wallet.open(wallet.unsigned_link())
    assert opened.weighed.party.trust is Trust.UNVERIFIED
    with pytest.raises(VerifierUnverified):
        wallet.share(opened)
    assert wallet.verifier.posts == []
    assert wallet.share(opened, accept_unverified=True).stage is Stage.SHARED
    (presentation,) = wallet.verifier.received().presentations["licence"]
    assert isinstance(presentation, str)
    binding = jws.peek(presentation.rpartition("~")[2]).peek_claims()
    assert binding["aud"] == str(ClientId(Prefix.REDIRECT_URI, RESPONSE_URI))


def test_an_unverified_verifier_does_not_hear_that_the_holder_declined(wallet: AskedWallet) -> None:
    wallet.hold()
    wallet.ask()
    assert wallet.decline(wallet.open(wallet.unsigned_link())).stage is Stage.DECLINED
    assert wallet.verifier.posts == []
    assert outcome(wallet) is ExchangeOutcome.DECLINED


@pytest.mark.parametrize("mode", [ResponseMode.DC_API, ResponseMode.DC_API_JWT])
@pytest.mark.parametrize("signed", [True, False])
def test_a_browser_carries_the_answer(wallet: AskedWallet, mode: ResponseMode, signed: bool) -> None:
    wallet.hold()
    request = wallet.ask(response_mode=mode)
    call = DcApiCall("openid4vp-v1-signed", {"request": wallet.verifier.signed(request)}, ORIGIN)
    if not signed:
        call = DcApiCall("openid4vp-v1-unsigned", request.claims(), ORIGIN)
    opened = wallet.open(call)
    assert opened.weighed.party.trust is (Trust.LISTED if signed else Trust.ORIGIN)
    done = wallet.share(opened, accept_unverified=not signed)
    assert done.sent.dc_api is not None
    assert wallet.verifier.asked == []
    wallet.verifier.posts.append({name: _text(value) for name, value in done.sent.dc_api.items()})
    came = wallet.verifier.received()
    assert came.state is None
    (presentation,) = came.presentations["licence"]
    assert isinstance(presentation, str)
    assert jws.peek(presentation.rpartition("~")[2]).peek_claims()["aud"] == f"origin:{ORIGIN}"
    assert outcome(wallet) is ExchangeOutcome.SENT


def _text(value: object) -> str:
    return value if isinstance(value, str) else strict_json.dumps(value).decode()


def test_a_browser_carries_the_word_that_the_holder_declined(wallet: AskedWallet) -> None:
    request = wallet.ask(response_mode=ResponseMode.DC_API)
    opened = wallet.open(DcApiCall("openid4vp-v1-signed", {"request": wallet.verifier.signed(request)}, ORIGIN))
    assert wallet.decline(opened).sent.dc_api == {"error": "access_denied"}


def test_what_the_holder_authorises_is_hashed_into_the_key_binding(wallet: AskedWallet) -> None:
    wallet.hold()
    entry = transaction_data.authorisation(["licence"], subject_zh="开立基本户", subject_en="Open an account")
    wallet.ask(transaction_data=(entry.encoded,))
    opened = wallet.open()
    assert [each.subject_zh for each in opened.weighed.transactions] == ["开立基本户"]
    wallet.share(opened)
    (presentation,) = wallet.verifier.received().presentations["licence"]
    assert isinstance(presentation, str)
    claims = jws.peek(presentation.rpartition("~")[2]).peek_claims()
    assert transaction_data.check_hashes([("licence", claims)], [entry]) is None


def test_a_key_that_cannot_be_encrypted_to_is_refused_before_anything_leaves(wallet: AskedWallet) -> None:
    wallet.hold()
    request = wallet.ask(response_mode=ResponseMode.DIRECT_POST_JWT)
    assert request.metadata is not None
    bad = {**wallet.verifier.decryption.jwk, "x": "AAAA"}
    wallet.ask(response_mode=ResponseMode.DIRECT_POST_JWT, metadata=replace(request.metadata, keys=(bad,)))
    with pytest.raises(InvalidPresentationRequest, match="cannot be encrypted to"):
        wallet.share(wallet.open())
    assert wallet.verifier.posts == []
    assert outcome(wallet) is ExchangeOutcome.FAILED


def test_the_holder_chooses_among_certificates(wallet: AskedWallet) -> None:
    first, second = wallet.hold(number=1), wallet.hold(number=2, issued_at=NOW - timedelta(days=900))
    wallet.ask()
    opened = wallet.open()
    (asked,) = opened.weighed.asked
    assert [each.credential_id for each in asked.options] == [first.credential_id, second.credential_id]
    chosen = asked.options[1].credential_id
    wallet.share(opened, chosen={"licence": (chosen,)})
    (record,) = wallet.town.wallets.shown(wallet.holder_id, limit=9)
    assert record.credential_id == chosen


def test_several_are_shared_where_several_may_be(wallet: AskedWallet) -> None:
    first, second = wallet.hold(number=1), wallet.hold(number=2)
    wallet.ask(query("business_scope", multiple=True))
    wallet.share(wallet.open(), chosen={"licence": (first.credential_id, second.credential_id)})
    assert len(wallet.verifier.received().presentations["licence"]) == 2


@pytest.mark.parametrize(
    "chosen",
    [
        {},
        {"licence": ()},
        {"other": (CredentialId("licence-dc+sd-jwt-1"),)},
        {"licence": (CredentialId("nothing"),)},
        {"licence": (CredentialId("licence-dc+sd-jwt-1"), CredentialId("licence-dc+sd-jwt-2"))},
        {"licence": (CredentialId("licence-dc+sd-jwt-1"), CredentialId("licence-dc+sd-jwt-1"))},
    ],
)
def test_a_choice_that_does_not_answer_is_refused_and_the_request_waits(
    wallet: AskedWallet, chosen: dict[str, tuple[CredentialId, ...]]
) -> None:
    wallet.hold(number=1)
    wallet.hold(number=2)
    wallet.ask()
    opened = wallet.open()
    with pytest.raises(ChoiceInvalid):
        wallet.share(opened, chosen=chosen)
    assert wallet.verifier.posts == []
    assert wallet.share(opened).stage is Stage.SHARED


def failing(*_: Any) -> None:
    raise RuntimeError("storage is away")


def test_a_request_waits_on_when_nothing_has_left(wallet: AskedWallet, monkeypatch: pytest.MonkeyPatch) -> None:
    """The history cannot be written, for once."""
    wallet.hold()
    wallet.ask()
    opened = wallet.open()
    for act in (wallet.share, wallet.decline):
        with monkeypatch.context() as patched:
            patched.setattr(wallet.town.wallets, "add_shown", failing)
            with pytest.raises(RuntimeError):
                act(opened)
    assert wallet.verifier.posts == []
    assert wallet.share(opened).stage is Stage.SHARED


def test_what_has_left_is_in_the_history_as_shared_when_the_answer_comes_late(
    wallet: AskedWallet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time for the holder's own request is over while the verifier answers."""
    wallet.hold()
    wallet.ask()
    opened = wallet.open()
    send = wallet.verifier.send

    async def late() -> None:
        go_on = asyncio.Event()

        async def slow(request: HttpRequest) -> HttpResponse:
            answer = await send(request)
            await go_on.wait()
            return answer

        monkeypatch.setattr(wallet.verifier, "send", slow)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await wallet.answering.share(wallet.holder_id, opened.request_id)
        assert outcome(wallet) is ExchangeOutcome.SENT
        go_on.set()
        async with asyncio.timeout(5):
            while outcome(wallet) is ExchangeOutcome.SENT:
                await asyncio.sleep(0.01)

    run(late())
    assert outcome(wallet) is ExchangeOutcome.SHARED
    with pytest.raises(RequestGone):
        wallet.share(opened)
