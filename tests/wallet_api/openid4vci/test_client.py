"""The wallet as an OAuth client: attestation, DPoP, nonces and challenges."""

from typing import Any
from urllib.parse import parse_qsl

import pytest

from keys import jws
from keys.errors import KeyAlreadyExists, KeyNotFound
from keys.signer import Signer, SoftwareSigner
from schemas.order import HolderId
from tests.support.vci_issuer import ISSUER, answer, saying
from tests.support.vci_wallet import WALLET, ReceivingWallet
from tests.support.wallet_fakes import FakeCustody
from wallet_api.openid4vci.attestation import GOOD_FOR, WalletProvider
from wallet_api.openid4vci.client import instance_of
from wallet_api.openid4vci.errors import ServerMetadataInvalid, TokenRefused
from wallet_api.openid4vci.progress import Stage
from wallet_api.openid4vci.sources import SourceState


def token_requests(wallet: ReceivingWallet) -> list[Any]:
    return [request for request in wallet.issuer.asked if "/token" in request.url]


def test_the_attestation_is_the_providers_for_the_instance(wallet: ReceivingWallet) -> None:
    """4.4.1, 4.4.8: ``sub`` is the wallet's, the same for every holder."""
    now = wallet.town.now
    instance = SoftwareSigner.generate().public_key
    text = WalletProvider(wallet.provider, WALLET, "client").attestation(instance, now=now)
    token = jws.peek(text)
    claims = token.verified_by(wallet.provider.public_key)
    assert token.header.typ == "oauth-client-attestation+jwt"
    assert "x5c" not in token.header.parameters
    assert (claims["iss"], claims["sub"], claims["cnf"]) == (WALLET, "client", {"jwk": instance.jwk})
    assert claims["exp"] - claims["iat"] == GOOD_FOR.total_seconds()


def test_a_provider_with_a_certificate_shows_it(wallet: ReceivingWallet) -> None:
    """4.4.1"""
    provider = WalletProvider(wallet.provider.with_chain([b"der"]), WALLET, "client")
    text = provider.attestation(wallet.provider.public_key, now=wallet.town.now)
    assert jws.peek(text).header.x5c() == (b"der",)


def test_an_instance_has_other_keys_at_another_server() -> None:
    custody = FakeCustody()
    one, same, other = (instance_of(custody, HolderId("h"), server) for server in ("a", "a", "b"))
    kids = {each.public_key.kid for each in (one.key, one.dpop, other.key, other.dpop)}
    assert len(kids) == 4
    assert same.key.public_key == one.key.public_key


def test_of_two_workers_that_make_a_key_one_wins() -> None:
    class Late(FakeCustody):
        def create(self, name: str) -> Signer:
            super().create(name)
            raise KeyAlreadyExists("another was first")

    assert instance_of(Late(), HolderId("h"), "a").key.public_key
    with pytest.raises(KeyNotFound):
        FakeCustody().open("x")


def test_a_dpop_nonce_is_sent_once_more(wallet: ReceivingWallet) -> None:
    """4.6.2"""
    wallet.issuer.dpop_nonce = "nonce-1"
    assert wallet.accept().stage is Stage.RECEIVED
    assert (wallet.issuer.times("token"), wallet.issuer.times("credential")) == (2, 2)


def test_a_server_that_is_never_content_is_asked_twice(wallet: ReceivingWallet) -> None:
    wallet.issuer.lies["token"] = lambda *_: answer(400, {"error": "use_dpop_nonce"}, dpop_nonce="another")
    with pytest.raises(TokenRefused, match="use_dpop_nonce"):
        wallet.accept()
    assert wallet.issuer.times("token") == 2


@pytest.mark.parametrize("headers", [{}, {"dpop_nonce": ""}, {"dpop_nonce": "x" * 2_000}])
def test_a_server_that_wants_a_nonce_and_gives_none_is_asked_once(wallet: ReceivingWallet, headers: Any) -> None:
    wallet.issuer.lies["token"] = lambda *_: answer(400, {"error": "use_dpop_nonce"}, **headers)
    with pytest.raises(TokenRefused):
        wallet.accept()
    assert wallet.issuer.times("token") == 1


def test_another_challenge_is_answered(wallet: ReceivingWallet) -> None:
    """4.4.6"""
    challenges: list[str] = []

    def once_more(request: Any, honest: Any) -> Any:
        pop = jws.peek(request.headers["OAuth-Client-Attestation-PoP"]).peek_claims()
        challenges.append(pop["challenge"])
        if len(challenges) == 1:
            wallet.issuer.pre_authorized = "pre-1"
            return answer(400, {"error": "use_attestation_challenge"}, oauth_client_attestation_challenge="challenge-1")
        return honest

    wallet.issuer.lies["token"] = once_more
    assert wallet.accept().stage is Stage.RECEIVED
    assert len(challenges) == 2


@pytest.mark.parametrize("lie", [saying(attestation_challenge=None), lambda *_: answer(500)])
def test_a_challenge_endpoint_that_gives_none(wallet: ReceivingWallet, lie: Any) -> None:
    wallet.issuer.lies["challenge"] = lie
    with pytest.raises(ServerMetadataInvalid, match="challenge"):
        wallet.accept()


def free(wallet: ReceivingWallet, **changes: Any) -> None:
    """Make the server one that looks at no client authentication."""
    wallet.issuer._instance = lambda request: "anybody"  # type: ignore[method-assign]
    wallet.issuer.lies["oauth-authorization-server"] = saying(**changes)


def test_a_public_client_gives_its_name_alone(wallet: ReceivingWallet) -> None:
    free(wallet, token_endpoint_auth_methods_supported=["none"])
    assert wallet.accept().stage is Stage.RECEIVED
    (request,) = token_requests(wallet)
    assert "OAuth-Client-Attestation" not in request.headers
    assert dict(parse_qsl(request.body.decode()))["client_id"] == f"{WALLET}/client"


def test_an_anonymous_client_gives_no_name_anywhere(wallet: ReceivingWallet) -> None:
    """4.8.3: the key proof has no ``iss`` then."""
    free(
        wallet,
        **{"token_endpoint_auth_methods_supported": None, "pre-authorized_grant_anonymous_access_supported": True},
    )
    assert wallet.accept().stage is Stage.RECEIVED
    (request,) = token_requests(wallet)
    assert b"client_id" not in request.body
    asked = next(each for each in wallet.issuer.asked if each.url.endswith("/credential"))
    proof = asked.body.decode().partition('"jwt":["')[2].partition('"')[0]
    assert "iss" not in jws.peek(proof, embedded_jwk=True).peek_claims()
    assert wallet.only_source().access.client_id is None


def test_a_server_with_another_client_authentication_is_none_for_us(wallet: ReceivingWallet) -> None:
    free(wallet, token_endpoint_auth_methods_supported=["client_secret_basic"])
    with pytest.raises(ServerMetadataInvalid, match="client authentication"):
        wallet.accept()


def test_a_server_without_dpop_gives_a_bearer_token(wallet: ReceivingWallet) -> None:
    wallet.issuer.lies["oauth-authorization-server"] = saying(dpop_signing_alg_values_supported=None)
    wallet.issuer._dpop = lambda request: "nobody"  # type: ignore[method-assign]
    wallet.issuer.lies["token"] = saying(token_type="bearer")
    wallet.issuer._access = lambda request: None  # type: ignore[method-assign]
    assert wallet.accept().stage is Stage.RECEIVED
    asked = next(each for each in wallet.issuer.asked if each.url.endswith("/credential"))
    assert asked.headers["Authorization"].startswith("Bearer ")
    assert "DPoP" not in asked.headers


def test_the_address_in_a_dpop_proof_has_no_query(wallet: ReceivingWallet) -> None:
    """RFC 9449, 4.2"""
    wallet.issuer.lies["oauth-authorization-server"] = saying(token_endpoint=f"{ISSUER}/token?tenant=1")
    with pytest.raises(AssertionError):
        wallet.accept()  # the fake compares with the whole address
    (request,) = token_requests(wallet)
    assert jws.peek(request.headers["DPoP"], embedded_jwk=True).peek_claims()["htu"] == f"{ISSUER}/token"


def test_a_token_that_ended_is_told_in_the_header_alone(wallet: ReceivingWallet) -> None:
    wallet.issuer.lies["credential"] = lambda *_: answer(401, None, www_authenticate='DPoP error="invalid_token"')
    (result,) = wallet.accept().results
    assert (result.state, result.reason) == (SourceState.ASKED, "credential_request_refused:invalid_token")


def test_a_server_without_dpop_gets_no_thumbprint_at_the_login(wallet: ReceivingWallet) -> None:
    wallet.issuer.lies["oauth-authorization-server"] = saying(dpop_signing_alg_values_supported=None)
    wallet.accept(wallet.issuer.offer(grants={}))
    (pushed,) = wallet.issuer.pushed.values()
    assert not {"dpop_jkt", "issuer_state"} & set(pushed)
