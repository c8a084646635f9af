"""c_nonce values: ours, in time, once."""

import secrets
from datetime import datetime, timedelta

import pytest

from issuer.openid4vci.credentials.nonces import ProofNonces
from issuer.openid4vci.errors import InvalidNonce
from tests.support.key_proofs import ISSUER, NOW
from tests.support.protocol_state import MemoryState


def nonces(secret: bytes = bytes(32)) -> ProofNonces:
    return ProofNonces(secret, MemoryState(), secrets.token_bytes)


def made(ours: ProofNonces, now: datetime = NOW) -> str:
    return ours.fresh(ISSUER, now=now)


def test_a_nonce_of_ours_holds_for_five_minutes() -> None:
    """4.8.1 Lifetime."""
    ours = nonces()
    ours.check([made(ours)], issuer=ISSUER, now=NOW)
    ours.check([made(ours), made(ours)], issuer=ISSUER, now=NOW + timedelta(seconds=299))


def test_a_nonce_is_url_safe_and_new_every_time() -> None:
    """4.8.1 A fresh nonce per request."""
    ours = nonces()
    assert made(ours).replace("-", "a").replace("_", "a").isalnum()
    assert made(ours) != made(ours)


@pytest.mark.parametrize("past", [timedelta(minutes=5, seconds=1), timedelta(days=1), timedelta(seconds=-61)])
def test_a_nonce_that_is_too_old_or_of_a_time_to_come_is_refused(past: timedelta) -> None:
    """4.8.5 d A nonce that has expired."""
    ours = nonces()
    with pytest.raises(InvalidNonce, match="has ended"):
        ours.check([made(ours, NOW - past)], issuer=ISSUER, now=NOW)


@pytest.mark.parametrize("nonce", ["", "no base64url", "YWJj", "0b9dd4a1-2b5c-4b7e-8a34-d1c6a5c3b0f1", "A" * 54])
def test_a_nonce_of_nobody_is_refused(nonce: str) -> None:
    """2.8 A random UUID as nonce; 4.8.5 d a nonce unknown."""
    ours = nonces()
    with pytest.raises(InvalidNonce, match="none of this issuer's"):
        ours.check([made(ours), nonce], issuer=ISSUER, now=NOW)


def test_a_nonce_of_another_issuer_is_refused() -> None:
    """4.8.1 A nonce is of one credential issuer."""
    ours = nonces()
    with pytest.raises(InvalidNonce, match="none of this issuer's"):
        ours.check([made(ours)], issuer="https://ecert.example/issuers/psb", now=NOW)


def test_a_nonce_by_another_key_is_refused() -> None:
    with pytest.raises(InvalidNonce, match="none of this issuer's"):
        nonces().check([made(nonces(b"1" * 32))], issuer=ISSUER, now=NOW)


def test_a_nonce_is_spent_once() -> None:
    """4.8.1 Single use; section 9, 9 a reused nonce: remembered for as long as it could be good."""
    ours = nonces()
    ahead = made(ours, NOW + timedelta(seconds=59))
    ours.spend([ahead], now=NOW)
    with pytest.raises(InvalidNonce, match="used before"):
        ours.spend([made(ours), ahead], now=NOW + timedelta(minutes=5, seconds=59))


def test_the_secret_is_not_shown() -> None:
    assert "secret" not in repr(nonces())
