"""A holder receives: every way from an offer to a certificate in the wallet."""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from keys import jws
from keys.errors import EcertError
from keys.signer import SoftwareSigner
from schemas.order import HolderId
from tests.support.vci_issuer import CARD, ISSUER, PRE_AUTHORIZED, answer, broken, members_of, saying
from tests.support.vci_wallet import WALLET, ReceivingWallet, run
from wallet_api.errors import UnknownHolder
from wallet_api.openid4vci.authorization import Came
from wallet_api.openid4vci.errors import (
    AuthorizationResponseInvalid,
    ConfigurationNotSupported,
    DeviceSignatureInvalid,
    HolderKeyNotSupported,
    HttpFailed,
    IssuerNotTrusted,
    OfferGone,
    OfferInvalid,
    ReceivingGone,
    ServerMetadataInvalid,
    TokenRefused,
    TokenResponseInvalid,
    TxCodeInvalid,
)
from wallet_api.openid4vci.ports import HttpRequest, HttpResponse
from wallet_api.openid4vci.progress import Acceptance, Progress, Stage
from wallet_api.openid4vci.sources import SourceState

LOGIN: dict[str, Any] = {"authorization_code": {"issuer_state": "state of the issuer"}}
SOMEBODY_ELSE = HolderId("somebody else")


class StillBusy(EcertError):
    """As storage raises it: no error of receiving."""


def test_a_preview_shows_who_offers_what(wallet: ReceivingWallet) -> None:
    preview = wallet.preview()
    assert (preview.trusted, preview.issuer, preview.needs_login) == (True, ISSUER, False)
    assert preview.name_zh == "示例市公安局（信任名录）"
    (configuration,) = preview.configurations
    assert (configuration.name_zh, configuration.name_en) == ("居民身份证", "Identity card")
    assert [(each.label_zh, each.label_en) for each in configuration.fields] == [("姓名", "Name")]


def test_a_preview_sends_nothing_but_questions_for_metadata(wallet: ReceivingWallet) -> None:
    wallet.preview()
    assert [urlsplit(request.url).path for request in wallet.issuer.asked] == [
        "/.well-known/openid-credential-issuer/issuers/psb"
    ]


def test_a_preview_counts_what_cannot_be_held(wallet: ReceivingWallet) -> None:
    offer = wallet.issuer.offer(credential_configuration_ids=[CARD, "other.mso_mdoc"])
    assert wallet.preview(offer).unsupported == 1


def test_a_preview_is_for_a_holder(wallet: ReceivingWallet) -> None:
    with pytest.raises(UnknownHolder):
        run(wallet.receiver.preview(SOMEBODY_ELSE, wallet.link()))


def test_a_pre_authorized_code_brings_the_certificate_in_one_step(wallet: ReceivingWallet) -> None:
    progress = wallet.accept()
    assert progress.stage is Stage.RECEIVED
    (held,) = wallet.holdings()
    assert held.credential.credential_id == progress.results[0].credential_id
    assert (held.credential.identifier, held.credential.type_id) == (wallet.issuer.serial, "resident_id_card")
    assert held.credential.holder_kid == wallet.holder.key.kid  # type: ignore[union-attr]
    assert not held.credential.short_lived
    assert wallet.issuer.notified == [("n-1", "credential_accepted")]


def test_the_source_is_kept_with_its_refresh_token(wallet: ReceivingWallet) -> None:
    wallet.accept()
    source = wallet.only_source()
    assert (source.state, source.asked.issuer, source.access.refresh_token) == (SourceState.KEPT, ISSUER, "refresh-1")
    assert "refresh-1" not in repr(source)


def test_the_key_proof_is_made_for_this_issuer_by_the_holders_key(wallet: ReceivingWallet) -> None:
    """4.8.3"""
    wallet.accept()
    body = members_of(next(each for each in wallet.issuer.asked if each.url.endswith("/credential")))
    token = jws.peek(body["proofs"]["jwt"][0], embedded_jwk=True)
    assert (token.header.typ, token.header.parameters["jwk"]) == (
        "openid4vci-proof+jwt",
        wallet.holder.key.jwk,  # type: ignore[union-attr]
    )
    claims = token.peek_claims()
    assert (claims["iss"], claims["aud"]) == (f"{WALLET}/client", ISSUER)


def test_an_issuer_without_jwk_binding_gets_a_did_key(wallet: ReceivingWallet) -> None:
    metadata = wallet.issuer.metadata()
    entry = metadata["credential_configurations_supported"][CARD]
    entry["cryptographic_binding_methods_supported"] = ["did:key"]
    wallet.issuer.lies["openid-credential-issuer"] = lambda *_: answer(200, metadata)
    assert wallet.accept().stage is Stage.RECEIVED


def test_an_issuer_without_nonce_endpoint_gets_none(wallet: ReceivingWallet) -> None:
    wallet.issuer.lies["openid-credential-issuer"] = saying(nonce_endpoint=None)
    wallet.issuer.lies["credential"] = lambda request, _: answer(
        200 if "nonce" not in _proof_claims(request) else 500, {"transaction_id": "t", "interval": 1}
    )
    wallet.issuer._credential = lambda request: answer(200)  # type: ignore[method-assign]
    assert wallet.accept().stage is Stage.DEFERRED


def _proof_claims(request: Any) -> dict[str, Any]:
    return jws.peek(members_of(request)["proofs"]["jwt"][0], embedded_jwk=True).peek_claims()


def test_credential_identifiers_are_asked_for_where_the_token_names_them(wallet: ReceivingWallet) -> None:
    """4.5.2"""
    wallet.issuer.identified = True
    assert wallet.accept().stage is Stage.RECEIVED
    assert wallet.only_source().asked.identifier == "order-1.dc+sd-jwt"


def test_a_token_that_reaches_something_else_is_refused(wallet: ReceivingWallet) -> None:
    details = [{"type": "openid_credential", "credential_configuration_id": "other", "credential_identifiers": ["x"]}]
    wallet.issuer.lies["token"] = saying(authorization_details=details)
    with pytest.raises(TokenResponseInvalid, match="reaches"):
        wallet.accept()


def test_an_offer_is_accepted_once(wallet: ReceivingWallet) -> None:
    preview = wallet.preview()
    run(wallet.receiver.accept(wallet.holder_id, preview.offer_id, Acceptance()))
    with pytest.raises(OfferGone):
        run(wallet.receiver.accept(wallet.holder_id, preview.offer_id, Acceptance()))
    assert len(wallet.holdings()) == 1


def test_another_holders_offer_is_not_there(wallet: ReceivingWallet) -> None:
    preview = wallet.preview()
    other = wallet.town.citizen("440799199003070139", "李示例").holder_id
    with pytest.raises(OfferGone):
        run(wallet.receiver.accept(other, preview.offer_id, Acceptance()))
    assert run(wallet.receiver.accept(wallet.holder_id, preview.offer_id, Acceptance())).stage is Stage.RECEIVED


def test_a_declined_offer_is_gone_and_nobody_is_told(wallet: ReceivingWallet) -> None:
    preview = wallet.preview()
    before = len(wallet.issuer.asked)
    run(wallet.receiver.decline(wallet.holder_id, preview.offer_id))
    run(wallet.receiver.decline(wallet.holder_id, preview.offer_id))
    assert len(wallet.issuer.asked) == before
    with pytest.raises(OfferGone):
        run(wallet.receiver.accept(wallet.holder_id, preview.offer_id, Acceptance()))


def test_an_offer_that_lies_too_long_is_gone(wallet: ReceivingWallet) -> None:
    preview = wallet.preview()
    wallet.town.later(minutes=16)
    with pytest.raises(OfferGone):
        run(wallet.receiver.accept(wallet.holder_id, preview.offer_id, Acceptance()))


def test_an_issuer_that_is_not_listed_is_shown_and_refused(wallet: ReceivingWallet) -> None:
    """Nothing leaves the wallet for it: no code, no transaction code, no key."""
    wallet.trust.listed.clear()
    preview = wallet.preview()
    assert (preview.trusted, preview.name_zh) == (False, "示例市公安局")
    with pytest.raises(IssuerNotTrusted):
        run(wallet.receiver.accept(wallet.holder_id, preview.offer_id, Acceptance()))
    assert wallet.issuer.times("token") == 0


def test_a_transaction_code_goes_with_the_code(wallet: ReceivingWallet) -> None:
    """4.5.4"""
    wallet.issuer.tx_code = "4931"
    assert wallet.preview().tx_code.length == 4
    assert wallet.accept(tx_code="4931").stage is Stage.RECEIVED


@pytest.mark.parametrize("code", [None, "493", "abcd"])
def test_a_transaction_code_of_another_form_is_not_sent(wallet: ReceivingWallet, code: str | None) -> None:
    """4.5.5"""
    wallet.issuer.tx_code = "4931"
    with pytest.raises(TxCodeInvalid):
        wallet.accept(tx_code=code)
    assert wallet.issuer.times("token") == 0


def test_a_transaction_code_that_nobody_asked_for_is_not_sent(wallet: ReceivingWallet) -> None:
    with pytest.raises(TxCodeInvalid):
        wallet.accept(tx_code="4931")


def test_a_wrong_transaction_code_leaves_the_offer_for_another_try(wallet: ReceivingWallet) -> None:
    wallet.issuer.tx_code = "4931"
    preview = wallet.preview()
    with pytest.raises(TokenRefused, match="invalid_grant"):
        run(wallet.receiver.accept(wallet.holder_id, preview.offer_id, Acceptance(tx_code="1111")))
    progress = run(wallet.receiver.accept(wallet.holder_id, preview.offer_id, Acceptance(tx_code="4931")))
    assert progress.stage is Stage.RECEIVED


@pytest.mark.parametrize("chosen", [("other",), (CARD, "other"), ("other.mso_mdoc",), ()])
def test_what_is_not_offered_or_not_held_cannot_be_chosen(wallet: ReceivingWallet, chosen: tuple[str, ...]) -> None:
    offer = wallet.issuer.offer(credential_configuration_ids=[CARD, "other.mso_mdoc"])
    with pytest.raises(ConfigurationNotSupported):
        wallet.accept(offer, configuration_ids=chosen)


def test_what_can_be_held_is_taken_from_an_offer_of_more(wallet: ReceivingWallet) -> None:
    offer = wallet.issuer.offer(credential_configuration_ids=[CARD, "other.mso_mdoc"])
    assert [result.configuration_id for result in wallet.accept(offer).results] == [CARD]


def test_an_offer_of_grants_that_nobody_knows_is_refused(wallet: ReceivingWallet) -> None:
    with pytest.raises(OfferInvalid, match="grant"):
        wallet.accept(wallet.issuer.offer(grants={"urn:example": {}}))


def test_a_key_that_the_issuer_does_not_take_is_said_before_anything_is_sent(wallet: ReceivingWallet) -> None:
    metadata = wallet.issuer.metadata()
    jwt = metadata["credential_configurations_supported"][CARD]["proof_types_supported"]["jwt"]
    jwt["proof_signing_alg_values_supported"] = ["EdDSA"]
    wallet.issuer.lies["openid-credential-issuer"] = lambda *_: answer(200, metadata)
    with pytest.raises(HolderKeyNotSupported):
        wallet.accept()
    assert wallet.issuer.times("token") == 0


def test_an_offer_that_names_a_server_of_nobody_is_refused(wallet: ReceivingWallet) -> None:
    """Mix-up: the code would go to whoever made the offer."""
    grant = {"pre-authorized_code": "pre-1", "authorization_server": "https://evil.example"}
    with pytest.raises(ServerMetadataInvalid):
        wallet.accept(wallet.issuer.offer(grants={PRE_AUTHORIZED: grant}))


def test_the_server_that_the_issuer_names_may_be_chosen(wallet: ReceivingWallet) -> None:
    grant = {"pre-authorized_code": "pre-1", "authorization_server": ISSUER}
    assert wallet.accept(wallet.issuer.offer(grants={PRE_AUTHORIZED: grant})).stage is Stage.RECEIVED


# --- the device's key


def begin_with_device(wallet: ReceivingWallet) -> tuple[SoftwareSigner, Progress]:
    device = wallet.with_device()
    return device, wallet.accept()


def signatures(device: SoftwareSigner, progress: Progress) -> dict[str, bytes]:
    return {each.id: device.sign(each.signing_input.encode()) for each in progress.to_sign}


def test_a_device_signs_and_the_certificate_is_bound_to_its_key(wallet: ReceivingWallet) -> None:
    device, progress = begin_with_device(wallet)
    assert (progress.stage, progress.kid) == (Stage.SIGNATURE, device.public_key.kid)
    assert wallet.issuer.times("credential") == 0
    assert run(wallet.receiver.progress(wallet.holder_id, progress.receiving_id)) == progress
    given = signatures(device, progress)
    done = run(wallet.receiver.sign(wallet.holder_id, progress.receiving_id, given))
    assert done.stage is Stage.RECEIVED
    assert wallet.holdings()[0].credential.holder_kid == device.public_key.kid


def test_a_signature_of_another_key_is_refused_and_may_be_given_again(wallet: ReceivingWallet) -> None:
    device, progress = begin_with_device(wallet)
    wrong = signatures(SoftwareSigner.generate(), progress)
    with pytest.raises(DeviceSignatureInvalid):
        run(wallet.receiver.sign(wallet.holder_id, progress.receiving_id, wrong))
    assert wallet.issuer.times("credential") == 0
    given = signatures(device, progress)
    assert run(wallet.receiver.sign(wallet.holder_id, progress.receiving_id, given)).stage is Stage.RECEIVED


def test_signatures_are_one_for_each_text(wallet: ReceivingWallet) -> None:
    _, progress = begin_with_device(wallet)
    with pytest.raises(DeviceSignatureInvalid, match="one for each"):
        run(wallet.receiver.sign(wallet.holder_id, progress.receiving_id, {}))


def test_signatures_are_given_once(wallet: ReceivingWallet) -> None:
    device, progress = begin_with_device(wallet)
    given = signatures(device, progress)
    run(wallet.receiver.sign(wallet.holder_id, progress.receiving_id, given))
    with pytest.raises(ReceivingGone):
        run(wallet.receiver.sign(wallet.holder_id, progress.receiving_id, given))


def test_another_holder_cannot_sign(wallet: ReceivingWallet) -> None:
    device, progress = begin_with_device(wallet)
    with pytest.raises(ReceivingGone):
        run(wallet.receiver.sign(SOMEBODY_ELSE, progress.receiving_id, signatures(device, progress)))


def test_a_nonce_that_was_over_when_the_device_signed_is_a_failure(wallet: ReceivingWallet) -> None:
    device, progress = begin_with_device(wallet)
    wallet.issuer.nonces.clear()
    done = run(wallet.receiver.sign(wallet.holder_id, progress.receiving_id, signatures(device, progress)))
    assert done.results[0].reason == "credential_request_refused:invalid_nonce"


# --- the login in a browser


def log_in(wallet: ReceivingWallet, **grants: Any) -> tuple[Progress, dict[str, str]]:
    progress = wallet.accept(wallet.issuer.offer(grants=grants or LOGIN))
    assert progress.stage is Stage.BROWSER
    assert progress.url is not None
    return progress, wallet.issuer.log_in(progress.url)


def test_a_login_brings_the_certificate(wallet: ReceivingWallet) -> None:
    progress, came = log_in(wallet)
    assert run(wallet.receiver.progress(wallet.holder_id, progress.receiving_id)).url == progress.url
    done = run(wallet.receiver.finish_login(wallet.holder_id, Came(**came)))
    assert (done.stage, done.receiving_id) == (Stage.RECEIVED, progress.receiving_id)
    assert run(wallet.receiver.progress(wallet.holder_id, progress.receiving_id)) == done


def test_the_browser_carries_nothing_but_the_pushed_request(wallet: ReceivingWallet) -> None:
    """4.3.2, 4.3.3, 4.12.4"""
    progress = wallet.accept(wallet.issuer.offer(grants=LOGIN))
    assert set(dict(parse_qsl(urlsplit(progress.url or "").query))) == {"client_id", "request_uri"}
    (pushed,) = wallet.issuer.pushed.values()
    assert pushed["issuer_state"] == "state of the issuer"
    assert pushed["redirect_uri"] == f"{WALLET}/wallet/callback"
    assert (pushed["scope"], pushed["response_type"]) == (CARD, "code")


def test_without_par_the_request_stands_in_the_address(wallet: ReceivingWallet) -> None:
    changes = {"pushed_authorization_request_endpoint": None, "authorization_endpoint": f"{ISSUER}/authorize?tenant=1"}
    wallet.issuer.lies["oauth-authorization-server"] = saying(**changes)
    progress = wallet.accept(wallet.issuer.offer(grants=LOGIN))
    given = dict(parse_qsl(urlsplit(progress.url or "").query))
    assert (given["tenant"], given["code_challenge_method"]) == ("1", "S256")


def test_without_scope_the_details_say_what_is_wanted(wallet: ReceivingWallet) -> None:
    metadata = wallet.issuer.metadata()
    del metadata["credential_configurations_supported"][CARD]["scope"]
    wallet.issuer.lies["openid-credential-issuer"] = lambda *_: answer(200, metadata)
    wallet.accept(wallet.issuer.offer(grants=LOGIN))
    (pushed,) = wallet.issuer.pushed.values()
    assert "scope" not in pushed
    assert f'"locations":["{ISSUER}"]' in pushed["authorization_details"]


def test_without_scope_and_details_there_is_no_way_to_ask(wallet: ReceivingWallet) -> None:
    metadata = wallet.issuer.metadata()
    del metadata["credential_configurations_supported"][CARD]["scope"]
    wallet.issuer.lies["openid-credential-issuer"] = lambda *_: answer(200, metadata)
    wallet.issuer.lies["oauth-authorization-server"] = saying(authorization_details_types_supported=None)
    with pytest.raises(ServerMetadataInvalid, match="scope"):
        wallet.accept(wallet.issuer.offer(grants=LOGIN))


def test_a_server_without_authorization_endpoint_has_no_login(wallet: ReceivingWallet) -> None:
    wallet.issuer.lies["oauth-authorization-server"] = saying(authorization_endpoint=None)
    with pytest.raises(ServerMetadataInvalid, match="authorization endpoint"):
        wallet.accept(wallet.issuer.offer(grants=LOGIN))


@pytest.mark.parametrize("lie", [lambda *_: answer(400, {"error": "invalid_request"}), lambda *_: answer(500)])
def test_a_pushed_request_may_be_refused(wallet: ReceivingWallet, lie: Any) -> None:
    wallet.issuer.lies["par"] = lie
    with pytest.raises(TokenRefused):
        wallet.accept(wallet.issuer.offer(grants=LOGIN))


def test_a_pushed_request_without_request_uri_is_none(wallet: ReceivingWallet) -> None:
    wallet.issuer.lies["par"] = saying(request_uri=None)
    with pytest.raises(TokenResponseInvalid, match="request_uri"):
        wallet.accept(wallet.issuer.offer(grants=LOGIN))


def test_a_state_serves_once(wallet: ReceivingWallet) -> None:
    """Replay."""
    _, came = log_in(wallet)
    run(wallet.receiver.finish_login(wallet.holder_id, Came(**came)))
    with pytest.raises(AuthorizationResponseInvalid, match="state"):
        run(wallet.receiver.finish_login(wallet.holder_id, Came(**came)))


def test_another_holders_state_is_not_theirs(wallet: ReceivingWallet) -> None:
    """Session fixation: whoever began the login is not who came back from it."""
    _, came = log_in(wallet)
    other = wallet.town.citizen("440799199003070139", "李示例").holder_id
    with pytest.raises(AuthorizationResponseInvalid):
        run(wallet.receiver.finish_login(other, Came(**came)))
    assert run(wallet.receiver.finish_login(wallet.holder_id, Came(**came))).stage is Stage.RECEIVED


def test_a_state_that_lies_too_long_is_over(wallet: ReceivingWallet) -> None:
    _, came = log_in(wallet)
    wallet.town.later(minutes=16)
    with pytest.raises(AuthorizationResponseInvalid):
        run(wallet.receiver.finish_login(wallet.holder_id, Came(**came)))


@pytest.mark.parametrize("iss", ["https://evil.example", f"{ISSUER}/", None])
def test_an_answer_of_another_server_is_refused(wallet: ReceivingWallet, iss: str | None) -> None:
    """4.3.4: mix-up (RFC 9207). The code goes nowhere."""
    _, came = log_in(wallet)
    with pytest.raises(AuthorizationResponseInvalid, match="iss"):
        run(wallet.receiver.finish_login(wallet.holder_id, replace(Came(**came), iss=iss)))
    assert wallet.issuer.times("token") == 0


def test_a_server_that_promises_no_iss_may_leave_it_out(wallet: ReceivingWallet) -> None:
    wallet.issuer.lies["oauth-authorization-server"] = saying(authorization_response_iss_parameter_supported=None)
    _, came = log_in(wallet)
    done = run(wallet.receiver.finish_login(wallet.holder_id, replace(Came(**came), iss=None)))
    assert done.stage is Stage.RECEIVED


def test_a_holder_may_say_no_at_the_login(wallet: ReceivingWallet) -> None:
    """4.3.5"""
    _, came = log_in(wallet)
    refused = Came(came["state"], iss=ISSUER, error="access_denied")
    with pytest.raises(TokenRefused, match="access_denied"):
        run(wallet.receiver.finish_login(wallet.holder_id, refused))


@pytest.mark.parametrize("code", [None, "", "x" * 5_000])
def test_an_answer_without_code_is_none(wallet: ReceivingWallet, code: str | None) -> None:
    _, came = log_in(wallet)
    with pytest.raises(AuthorizationResponseInvalid, match="code"):
        run(wallet.receiver.finish_login(wallet.holder_id, Came(came["state"], code, ISSUER)))


def test_a_code_of_another_login_is_refused(wallet: ReceivingWallet) -> None:
    """PKCE: an injected code does not fit the verifier of this login."""
    _, mine = log_in(wallet)
    _, theirs = log_in(wallet)
    with pytest.raises(TokenRefused, match="invalid_grant"):
        run(wallet.receiver.finish_login(wallet.holder_id, Came(mine["state"], theirs["code"], ISSUER)))


# --- later


def test_a_deferred_credential_comes_when_it_is_asked_for_again(wallet: ReceivingWallet) -> None:
    """4.10.1, 4.10.2"""
    wallet.issuer.deferrals = 2
    progress = wallet.accept()
    assert progress.stage is Stage.DEFERRED

    def look() -> Progress:
        return run(wallet.receiver.progress(wallet.holder_id, progress.receiving_id))

    assert look().stage is Stage.DEFERRED
    assert wallet.issuer.times("deferred_credential") == 0  # not before the interval
    wallet.town.later(seconds=6)
    assert look().stage is Stage.DEFERRED
    wallet.town.later(seconds=6)
    assert look().stage is Stage.RECEIVED
    assert wallet.issuer.times("deferred_credential") == 2
    assert len(wallet.holdings()) == 1


def test_the_access_token_is_renewed_for_a_credential_that_comes_late(wallet: ReceivingWallet) -> None:
    wallet.issuer.deferrals = 1
    progress = wallet.accept()
    wallet.town.later(hours=1)
    assert run(wallet.receiver.progress(wallet.holder_id, progress.receiving_id)).stage is Stage.RECEIVED


def test_a_receiving_is_its_holders(wallet: ReceivingWallet) -> None:
    progress = wallet.accept()
    with pytest.raises(ReceivingGone):
        run(wallet.receiver.progress(SOMEBODY_ELSE, progress.receiving_id))


def test_a_notification_that_fails_does_no_harm(wallet: ReceivingWallet) -> None:
    wallet.issuer.lies["notification"] = broken
    assert wallet.accept().stage is Stage.RECEIVED


def test_an_issuer_without_notifications_gets_none(wallet: ReceivingWallet) -> None:
    wallet.issuer.lies["openid-credential-issuer"] = saying(notification_endpoint=None)
    assert wallet.accept().stage is Stage.RECEIVED
    assert wallet.issuer.notified == []


def test_the_same_credential_is_kept_once(wallet: ReceivingWallet) -> None:
    first = {}

    def same(request: Any, honest: Any) -> Any:
        del request
        return first.setdefault("answer", honest)

    wallet.issuer.lies["credential"] = same
    wallet.accept()
    wallet.issuer.pre_authorized = "pre-2"
    wallet.accept()
    assert len(wallet.holdings()) == 1


def test_a_nonce_that_was_over_is_asked_for_once_more(wallet: ReceivingWallet) -> None:
    wallet.issuer.lies["nonce"] = lambda _, honest: (
        honest if wallet.issuer.times("nonce") > 1 else answer(200, {"c_nonce": "old"})
    )
    assert wallet.accept().stage is Stage.RECEIVED
    assert wallet.issuer.times("credential") == 2


def test_an_answer_that_is_lost_is_asked_for_again_by_upkeep(wallet: ReceivingWallet) -> None:
    wallet.issuer.lies["credential"] = broken
    progress = wallet.accept()
    assert (progress.stage, progress.results[0].reason) == (Stage.DEFERRED, "protocol_http_failed")
    wallet.issuer.lies.clear()
    wallet.town.later(hours=10)
    assert wallet.round() == 1
    assert run(wallet.receiver.progress(wallet.holder_id, progress.receiving_id)).stage is Stage.RECEIVED


def test_metadata_that_cannot_be_had_leave_the_offer(wallet: ReceivingWallet) -> None:
    preview = wallet.preview()
    wallet.issuer.lies["oauth-authorization-server"] = broken
    with pytest.raises(HttpFailed):
        run(wallet.receiver.accept(wallet.holder_id, preview.offer_id, Acceptance()))
    wallet.issuer.lies.clear()
    assert run(wallet.receiver.accept(wallet.holder_id, preview.offer_id, Acceptance())).stage is Stage.RECEIVED


def test_a_holder_without_a_key_is_told_so(wallet: ReceivingWallet) -> None:
    preview = wallet.preview()
    wallet.town.wallets._keys.clear()
    with pytest.raises(ConfigurationNotSupported, match="no key"):
        run(wallet.receiver.accept(wallet.holder_id, preview.offer_id, Acceptance()))


def test_a_holder_fetches_again_without_a_new_offer(wallet: ReceivingWallet) -> None:
    wallet.accept()
    wallet.town.later(days=1)
    again = run(wallet.receiver.fetch_again(wallet.holder_id, wallet.only_source()))
    assert again.stage is Stage.RECEIVED
    assert len(wallet.holdings()) == 2
    assert len(wallet.sources.kept) == 1


def test_a_device_signs_what_is_fetched_again(wallet: ReceivingWallet) -> None:
    wallet.accept()
    device = wallet.with_device()
    again = run(wallet.receiver.fetch_again(wallet.holder_id, wallet.only_source()))
    assert again.stage is Stage.SIGNATURE
    done = run(wallet.receiver.sign(wallet.holder_id, again.receiving_id, signatures(device, again)))
    assert done.stage is Stage.RECEIVED
    assert {each.credential.holder_kid for each in wallet.holdings()} >= {device.public_key.kid}


def slow_at(wallet: ReceivingWallet, path: str, monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """The issuer's answer under ``path`` waits for the event."""
    send, go_on = wallet.issuer.send, asyncio.Event()

    async def slow(request: HttpRequest) -> HttpResponse:
        if urlsplit(request.url).path.endswith(path):
            await go_on.wait()
        return await send(request)

    monkeypatch.setattr(wallet.issuer, "send", slow)
    return go_on


async def cut_off(work: Coroutine[Any, Any, Any]) -> None:
    """The time for the holder's request is over before the work is."""
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await work


def test_an_offer_waits_on_when_the_issuer_was_too_slow(
    wallet: ReceivingWallet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was spent, and nobody has to go to the office again."""
    offer_id = wallet.preview().offer_id
    slow_at(wallet, "/.well-known/oauth-authorization-server/issuers/psb", monkeypatch)
    run(cut_off(wallet.receiver.accept(wallet.holder_id, offer_id, Acceptance())))
    monkeypatch.undo()
    assert run(wallet.receiver.accept(wallet.holder_id, offer_id, Acceptance())).stage is Stage.RECEIVED


def test_an_offer_waits_on_when_the_wallet_cannot_go_on(
    wallet: ReceivingWallet, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(_: HolderId) -> None:
        raise StillBusy("storage is busy")

    offer_id = wallet.preview().offer_id
    monkeypatch.setattr(wallet.town.wallets, "present_key", busy)
    with pytest.raises(StillBusy):
        run(wallet.receiver.accept(wallet.holder_id, offer_id, Acceptance()))
    monkeypatch.undo()
    assert run(wallet.receiver.accept(wallet.holder_id, offer_id, Acceptance())).stage is Stage.RECEIVED


def test_what_a_code_brings_is_kept_when_the_answer_comes_late(
    wallet: ReceivingWallet, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def late() -> None:
        go_on = slow_at(wallet, "/token", monkeypatch)
        await cut_off(wallet.receiver.accept(wallet.holder_id, offer_id, Acceptance()))
        go_on.set()
        async with asyncio.timeout(5):
            while not wallet.holdings():
                await asyncio.sleep(0.01)

    offer_id = wallet.preview().offer_id
    run(late())
    assert wallet.only_source().state is SourceState.KEPT
