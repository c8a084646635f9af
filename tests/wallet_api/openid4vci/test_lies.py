"""What an issuer can say wrong, one flaw each: nothing of it is kept, and the reason is told."""

from dataclasses import replace
from typing import Any

import pytest

from keys.signer import SoftwareSigner
from schemas.formats import sd_jwt_vc
from schemas.formats.sd_jwt import SdJwt
from schemas.report import Check, Outcome
from tests.support.vci_issuer import CARD, answer, broken, members_of, saying
from tests.support.vci_wallet import ReceivingWallet, run
from tests.support.wallet_fakes import MARRIAGE, example_claims, identifier_of
from wallet_api.openid4vci.configurations import Configuration
from wallet_api.openid4vci.errors import (
    CredentialResponseInvalid,
    DeviceSignatureInvalid,
    ReceiveError,
    TokenRefused,
    TokenResponseInvalid,
)
from wallet_api.openid4vci.incoming import credential_of
from wallet_api.openid4vci.progress import Progress, Stage
from wallet_api.openid4vci.sources import SourceState


def refused(wallet: ReceivingWallet) -> str:
    """Accept, and return the reason why nothing was kept."""
    progress: Progress = wallet.accept()
    assert wallet.holdings() == []
    assert progress.stage is Stage.FAILED
    (result,) = progress.results
    assert (result.state, result.credential_id) == (SourceState.OVER, None)
    assert result.reason is not None
    return result.reason


# --- the credential


def test_a_signature_by_another_key(wallet: ReceivingWallet) -> None:
    wallet.issuer.signer = SoftwareSigner.generate()
    assert refused(wallet) == "credential_not_kept:signature:signature_invalid"
    assert wallet.issuer.notified == [("n-1", "credential_failure")]


def test_a_credential_bound_to_another_key(wallet: ReceivingWallet) -> None:
    """4.13.3"""
    wallet.issuer.bound_to = SoftwareSigner.generate().public_key
    assert refused(wallet) == "credential_not_kept:wallet:holder_key_mismatch"


def test_a_credential_of_another_type(wallet: ReceivingWallet) -> None:
    """4.13.2: the verifier says which type it is, and it is not the one that was asked for."""
    wallet.town.check.type_id = MARRIAGE
    assert refused(wallet) == "credential_not_kept:wallet:type_mismatch"


def test_a_credential_of_another_format(wallet: ReceivingWallet) -> None:
    wallet.town.check.format = "jwt_vc_json"
    assert refused(wallet) == "credential_not_kept:wallet:format_mismatch"


def test_a_credential_that_was_revoked(wallet: ReceivingWallet) -> None:
    wallet.town.check.rows = (Check("status", Outcome.FAILED, "revoked"),)
    assert refused(wallet) == "credential_not_kept:status:revoked"


def changed_token(wallet: ReceivingWallet, **changes: Any) -> str:
    """A token by the right issuer whose payload says something else; a value of None takes a claim out."""
    holder = wallet.holder
    claims = example_claims(wallet.issuer.type_id) | {"certificate_identifier": wallet.issuer.serial} | changes
    made = wallet.town.credential(holder, claims={n: v for n, v in claims.items() if v is not None})
    return made.token


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"iss": "https://city.example/issuers/amr"}, "another issuer"),
        ({"iss": 7}, "another issuer"),
        ({"certificate_identifier": None}, "certificate_identifier"),
        ({"certificate_identifier": 7}, "certificate_identifier"),
        ({"exp": "never"}, "format"),
        ({"exp": 2**62}, "format"),
        ({"status": {"other": 1}}, "format"),
    ],
)
def test_a_credential_with_one_claim_wrong(wallet: ReceivingWallet, changes: dict[str, Any], says: str) -> None:
    token = changed_token(wallet, **changes)
    wallet.issuer.lies["credential"] = saying(credentials=[{"credential": token}])
    assert refused(wallet) == "credential_response_invalid"
    assert wallet.issuer.notified == [("n-1", "credential_failure")]
    with pytest.raises(CredentialResponseInvalid, match=says):
        credential_of(token, asked=wallet.only_source().asked, configuration=configuration(wallet))


def configuration(wallet: ReceivingWallet) -> Configuration:
    return run(wallet.parts.discovery.issuer("https://city.example/issuers/psb")).configurations[CARD]


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "a.b.c~", "~", "{}"])
def test_a_text_that_is_no_credential(wallet: ReceivingWallet, token: str) -> None:
    wallet.issuer.lies["credential"] = saying(credentials=[{"credential": token}])
    assert refused(wallet) == "credential_response_invalid"


# --- the credential response


@pytest.mark.parametrize(
    "lie",
    [
        saying(credentials=None),
        saying(credentials=[]),
        saying(credentials="x"),
        saying(credentials=[7]),
        saying(credentials=[{"credential": 7}]),
        saying(credentials=[{"credential": "x" * 300_000}]),
        saying(transaction_id="t"),
        saying(notification_id=7),
        saying(notification_id="n" * 3_000),
        saying(credentials=None, transaction_id="t"),
        saying(credentials=None, transaction_id="t", interval="soon"),
        saying(credentials=None, transaction_id="t", interval=True),
        saying(credentials=None, transaction_id="t", interval=0),
        saying(credentials=None, transaction_id="", interval=5),
        lambda *_: answer(200, []),
        lambda _, honest: replace(honest, headers={"content-type": "text/html"}),
    ],
)
def test_a_credential_response_that_breaks_a_rule(wallet: ReceivingWallet, lie: Any) -> None:
    """4.8.7"""
    wallet.issuer.lies["credential"] = lie
    assert refused(wallet) == "credential_response_invalid"


def test_more_credentials_than_proofs(wallet: ReceivingWallet) -> None:
    """4.8.10"""

    def twice(request: Any, honest: Any) -> Any:
        del request
        (one,) = members_of(honest)["credentials"]
        return answer(200, {"credentials": [one, one]})

    wallet.issuer.lies["credential"] = twice
    assert refused(wallet) == "credential_response_invalid"


@pytest.mark.parametrize(
    "word", ["credential_request_denied", "unknown_credential_configuration", "invalid_credential_request"]
)
def test_an_issuer_that_says_no_for_good(wallet: ReceivingWallet, word: str) -> None:
    wallet.issuer.lies["credential"] = lambda *_: answer(400, {"error": word, "error_description": "陈大文"})
    assert refused(wallet) == f"credential_request_refused:{word}"


def test_an_issuer_that_says_no_for_now_is_asked_again_later(wallet: ReceivingWallet) -> None:
    wallet.issuer.lies["credential"] = lambda *_: answer(503)
    (result,) = wallet.accept().results
    assert (result.state, result.reason) == (SourceState.ASKED, "credential_request_refused:unknown_error")


def test_an_issuer_that_never_likes_a_nonce_is_asked_twice(wallet: ReceivingWallet) -> None:
    wallet.issuer.lies["credential"] = lambda *_: answer(400, {"error": "invalid_nonce"})
    (result,) = wallet.accept().results
    assert result.reason == "credential_request_refused:invalid_nonce"
    assert wallet.issuer.times("credential") == 2


@pytest.mark.parametrize(
    "lie", [saying(c_nonce=None), saying(c_nonce=7), saying(c_nonce="x" * 2_000), lambda *_: answer(500)]
)
def test_a_nonce_endpoint_that_gives_none(wallet: ReceivingWallet, lie: Any) -> None:
    """4.8.1"""
    wallet.issuer.lies["nonce"] = lie
    assert refused(wallet) == "credential_response_invalid"


def test_without_refresh_token_a_lost_answer_is_lost(wallet: ReceivingWallet) -> None:
    wallet.issuer.lies = {"token": saying(refresh_token=None), "credential": broken}
    assert refused(wallet) == "protocol_http_failed"


# --- what was deferred


def deferred(wallet: ReceivingWallet, lie: Any) -> Progress:
    wallet.issuer.deferrals = 1
    progress = wallet.accept()
    wallet.issuer.lies["deferred_credential"] = lie
    wallet.town.later(seconds=10)
    return run(wallet.receiver.progress(wallet.holder_id, progress.receiving_id))


@pytest.mark.parametrize("word", ["invalid_transaction_id", "credential_request_denied"])
def test_a_deferred_credential_may_be_refused_for_good(wallet: ReceivingWallet, word: str) -> None:
    """4.10.2"""
    done = deferred(wallet, lambda *_: answer(400, {"error": word}))
    assert (done.stage, done.results[0].reason) == (Stage.FAILED, f"credential_request_refused:{word}")


def test_a_deferred_answer_of_another_transaction(wallet: ReceivingWallet) -> None:
    done = deferred(wallet, lambda *_: answer(202, {"transaction_id": "other", "interval": 5}))
    assert done.results[0].reason == "credential_response_invalid"


def test_a_server_that_is_down_for_a_while_is_asked_again(wallet: ReceivingWallet) -> None:
    assert deferred(wallet, broken).stage is Stage.DEFERRED
    wallet.issuer.lies.clear()
    wallet.town.later(minutes=6)
    assert wallet.round() == 1
    assert len(wallet.holdings()) == 1


def test_an_issuer_that_defers_must_say_where(wallet: ReceivingWallet) -> None:
    """4.1.3"""
    wallet.issuer.lies["openid-credential-issuer"] = saying(deferred_credential_endpoint=None)
    assert deferred(wallet, broken).results[0].reason == "credential_response_invalid"


# --- the token response


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"token_type": "Bearer"}, "token_type"),
        ({"token_type": None}, "token_type"),
        ({"access_token": None}, "access_token"),
        ({"access_token": "two\nlines"}, "access_token"),
        ({"access_token": "陈"}, "access_token"),
        ({"access_token": "x" * 9_000}, "access_token"),
        ({"expires_in": 0}, "expires_in"),
        ({"expires_in": "300"}, "expires_in"),
        ({"expires_in": True}, "expires_in"),
        ({"refresh_token": 7}, "refresh_token"),
        ({"authorization_details": {}}, "array"),
        ({"authorization_details": [7]}, "array"),
        ({"authorization_details": [{"type": "openid_credential"}]}, "configuration"),
        (
            {"authorization_details": [{"type": "openid_credential", "credential_configuration_id": CARD}]},
            "identifiers",
        ),
    ],
)
def test_a_token_response_that_breaks_a_rule(wallet: ReceivingWallet, changes: dict[str, Any], says: str) -> None:
    """4.5.1, 4.5.2"""
    wallet.issuer.lies["token"] = saying(**changes)
    with pytest.raises(TokenResponseInvalid, match=says):
        wallet.accept()
    assert wallet.issuer.times("credential") == 0


@pytest.mark.parametrize("identifiers", [[], ["a", "a"], [7], "a", ["x"] * 60])
def test_credential_identifiers_are_different_texts(wallet: ReceivingWallet, identifiers: Any) -> None:
    entry = {"type": "openid_credential", "credential_configuration_id": CARD, "credential_identifiers": identifiers}
    wallet.issuer.lies["token"] = saying(authorization_details=[entry])
    with pytest.raises(TokenResponseInvalid, match="identifiers"):
        wallet.accept()


def test_a_configuration_twice_in_the_details(wallet: ReceivingWallet) -> None:
    entry = {"type": "openid_credential", "credential_configuration_id": CARD, "credential_identifiers": ["a"]}
    wallet.issuer.lies["token"] = saying(authorization_details=[entry, entry])
    with pytest.raises(TokenResponseInvalid, match="twice"):
        wallet.accept()


def test_details_of_another_type_are_passed_over(wallet: ReceivingWallet) -> None:
    wallet.issuer.lies["token"] = saying(authorization_details=[{"type": "payment"}])
    assert wallet.accept().stage is Stage.RECEIVED


def test_a_token_response_without_json(wallet: ReceivingWallet) -> None:
    wallet.issuer.lies["token"] = lambda *_: answer(200, [])
    with pytest.raises(TokenResponseInvalid, match="JSON"):
        wallet.accept()


def test_a_token_without_a_stated_life_is_used_at_once(wallet: ReceivingWallet) -> None:
    wallet.issuer.lies["token"] = saying(expires_in=None)
    assert wallet.accept().stage is Stage.RECEIVED


def test_a_refusal_names_the_word_of_the_standard_alone(wallet: ReceivingWallet) -> None:
    wallet.issuer.lies["token"] = lambda *_: answer(400, {"error": "440799199003070112"})
    with pytest.raises(TokenRefused, match="unknown_error") as caught:
        wallet.accept()
    assert "4407" not in str(caught.value)


def test_no_refusal_tells_a_secret(wallet: ReceivingWallet) -> None:
    wallet.issuer.lies["token"] = saying(token_type="Bearer")
    with pytest.raises(ReceiveError) as caught:
        wallet.accept()
    assert "pre-1" not in str(caught.value) + repr(caught.value)


def test_another_certificate_may_come_of_one_source(wallet: ReceivingWallet) -> None:
    wallet.accept()
    wallet.issuer.serial = identifier_of("20260001", 2)
    run(wallet.receiver.fetch_again(wallet.holder_id, wallet.only_source()))
    assert wallet.only_source().certificate == wallet.issuer.serial


def test_a_configuration_that_is_offered_no_more_cannot_be_fetched_again(wallet: ReceivingWallet) -> None:
    wallet.accept()
    wallet.town.later(minutes=6)
    wallet.issuer.lies["openid-credential-issuer"] = saying(credential_configurations_supported={})
    done = run(wallet.receiver.fetch_again(wallet.holder_id, wallet.only_source()))
    assert done.results[0].reason == "configuration_not_supported"
    assert wallet.only_source().state is SourceState.KEPT


@pytest.mark.parametrize("missing", ["exp", "status"])
def test_a_credential_without_an_end_or_a_status(wallet: ReceivingWallet, missing: str) -> None:
    wallet.issuer.lies["credential"] = saying(credentials=[{"credential": bare(wallet, missing)}])
    assert refused(wallet) == "credential_response_invalid"


def bare(wallet: ReceivingWallet, missing: str) -> str:
    """A credential by the right issuer that lacks one registered claim."""
    payload = SdJwt.parse_issued(changed_token(wallet)).peek_claims()
    del payload[missing]
    return sd_jwt_vc.issue(payload, [], wallet.town.issuer, salt=lambda: b"s" * 16).text()


def test_a_credential_without_a_notification_id_is_kept(wallet: ReceivingWallet) -> None:
    wallet.issuer.lies["credential"] = saying(notification_id=None)
    assert wallet.accept().stage is Stage.RECEIVED
    assert wallet.issuer.notified == []


def test_a_device_key_is_never_signed_with_here(wallet: ReceivingWallet) -> None:
    wallet.accept()
    device = wallet.with_device()
    source = wallet.only_source()
    bound = replace(source, asked=replace(source.asked, kid=device.public_key.kid))
    with pytest.raises(DeviceSignatureInvalid, match="device"):
        run(wallet.fetching.by_custody(bound))


def test_without_a_refresh_token_nothing_is_fetched_again(wallet: ReceivingWallet) -> None:
    wallet.issuer.lies["token"] = saying(refresh_token=None)
    wallet.accept()
    with pytest.raises(TokenRefused, match="refresh token"):
        run(wallet.receiver.fetch_again(wallet.holder_id, wallet.only_source()))
