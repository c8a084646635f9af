"""Keys in custody are attested by the wallet server (OpenID4VCI 1.0, appendix D); keys in devices are not."""

import base64

import pytest

from keys import jws
from keys.algorithms import Algorithm
from keys.public import PublicKey
from keys.signer import SoftwareSigner
from tests.support.vci_issuer import CARD
from tests.support.vci_wallet import WALLET, ReceivingWallet, run
from wallet_api.openid4vci.attestation import GOOD_FOR, WalletProvider
from wallet_api.openid4vci.configurations import read_configuration
from wallet_api.openid4vci.errors import HolderKeyNotSupported
from wallet_api.openid4vci.progress import Stage


def test_a_type_that_wants_attested_keys_is_received_with_a_key_in_custody(wallet: ReceivingWallet) -> None:
    """4.8.4: the issuer checks who attests, of which key, for which nonce."""
    wallet.issuer.wants_attestation = True
    assert wallet.accept().stage is Stage.RECEIVED


def test_a_type_that_wants_none_gets_none(wallet: ReceivingWallet) -> None:
    wallet.accept()
    request = next(each for each in wallet.issuer.asked if each.url.endswith("/credential"))
    assert b"key_attestation" not in base64.b64decode(request.body.split(b'"jwt":["')[1].split(b".")[0] + b"==")


def test_a_key_in_a_device_is_attested_by_nobody(wallet: ReceivingWallet) -> None:
    wallet.issuer.wants_attestation = True
    wallet.with_device()
    with pytest.raises(HolderKeyNotSupported, match="attested"):
        wallet.accept()
    assert wallet.issuer.times("token") == 0  # the code is not spent


def test_a_device_that_came_later_does_not_get_an_attestation(wallet: ReceivingWallet) -> None:
    wallet.issuer.wants_attestation = True
    wallet.accept()
    wallet.with_device()
    wallet.town.later(minutes=10)
    with pytest.raises(HolderKeyNotSupported, match="attested"):
        run(wallet.receiver.fetch_again(wallet.holder_id, wallet.only_source()))
    assert wallet.issuer.times("credential") == 1


def test_an_attestation_names_no_level() -> None:
    """D.2: none of ours has been evaluated."""
    wallet = ReceivingWallet()
    signer, key = SoftwareSigner.generate(Algorithm.ES256), SoftwareSigner.generate().public_key
    provider = WalletProvider(signer, WALLET, f"{WALLET}/client")
    token = jws.peek(provider.key_attestation(key, nonce="n", now=wallet.town.now))
    claims = token.verified_by(signer.public_key)
    assert set(claims) == {"iss", "iat", "exp", "attested_keys", "nonce"}
    assert [PublicKey.from_jwk(jwk) for jwk in claims["attested_keys"]] == [key]
    assert claims["exp"] - claims["iat"] == GOOD_FOR.total_seconds()
    assert (token.header.typ, token.header.kid) == ("key-attestation+jwt", signer.public_key.kid)
    unasked = jws.peek(provider.key_attestation(key, nonce=None, now=wallet.town.now))
    assert "nonce" not in unasked.peek_claims()


def test_a_configuration_says_that_keys_must_be_attested() -> None:
    wallet = ReceivingWallet()
    for wanted in (False, True):
        wallet.issuer.wants_attestation = wanted
        found = read_configuration(CARD, wallet.issuer.metadata()["credential_configurations_supported"][CARD])
        assert found is not None
        assert found.attested is wanted
