"""c_nonce values: ours, in time, once."""

from datetime import datetime, timedelta

import pytest

from issuer.openid4vci.credentials.nonces import LIFETIME, Nonces
from issuer.openid4vci.errors import InvalidNonce
from tests.support.key_proofs import ISSUER, NOW
from tests.support.protocol_state import MemoryState

RANDOM = bytes(range(16))


def nonces() -> Nonces:
    return Nonces(bytes(32), MemoryState())


def made(ours: Nonces, now: datetime = NOW) -> str:
    return ours.issue(ISSUER, now=now, random=RANDOM)


def test_a_nonce_of_ours_holds_for_five_minutes() -> None:
    """4.8.1 Lifetime."""
    ours = nonces()
    whole = NOW.replace(microsecond=0)
    assert ours.check(made(ours), issuer=ISSUER, now=NOW) == whole + LIFETIME
    assert ours.check(made(ours), issuer=ISSUER, now=NOW + timedelta(seconds=299)) == whole + LIFETIME
    assert timedelta(minutes=5) == LIFETIME


def test_a_nonce_is_url_safe_and_differs_by_its_random_part() -> None:
    """4.8.1 A fresh nonce per request."""
    ours = nonces()
    assert made(ours).replace("-", "a").replace("_", "a").isalnum()
    assert made(ours) != ours.issue(ISSUER, now=NOW, random=bytes(16))


@pytest.mark.parametrize("past", [timedelta(minutes=5), timedelta(days=1), timedelta(seconds=-61)])
def test_a_nonce_that_is_too_old_or_of_a_time_to_come_is_refused(past: timedelta) -> None:
    """4.8.5 d A nonce that has expired."""
    ours = nonces()
    with pytest.raises(InvalidNonce, match="has ended"):
        ours.check(made(ours, NOW - past), issuer=ISSUER, now=NOW)


def test_clocks_of_our_machines_may_differ() -> None:
    ours = nonces()
    assert ours.check(made(ours, NOW + timedelta(seconds=59)), issuer=ISSUER, now=NOW)


@pytest.mark.parametrize(
    "nonce", ["", "no base64url", "YWJj", "0b9dd4a1-2b5c-4b7e-8a34-d1c6a5c3b0f1", "A" * 54, "B" * 10_000]
)
def test_a_nonce_of_nobody_is_refused(nonce: str) -> None:
    """2.8 A random UUID as nonce; 4.8.5 d a nonce unknown."""
    with pytest.raises(InvalidNonce, match="none of this issuer's"):
        nonces().check(nonce, issuer=ISSUER, now=NOW)


def test_a_nonce_of_another_issuer_is_refused() -> None:
    with pytest.raises(InvalidNonce, match="none of this issuer's"):
        nonces().check(made(nonces()), issuer="https://ecert.example/issuers/psb", now=NOW)


def test_a_nonce_by_another_key_is_refused() -> None:
    other = Nonces(b"1" * 32, MemoryState())
    with pytest.raises(InvalidNonce, match="none of this issuer's"):
        nonces().check(made(other), issuer=ISSUER, now=NOW)


def test_a_nonce_is_spent_once() -> None:
    """4.8.1 Single use; section 9, 9 a reused nonce."""
    ours = nonces()
    ours.spend([made(ours)], issuer=ISSUER, now=NOW)
    with pytest.raises(InvalidNonce, match="used before"):
        ours.spend([made(ours)], issuer=ISSUER, now=NOW)


def test_nothing_is_spent_where_one_of_several_does_not_hold() -> None:
    ours = nonces()
    with pytest.raises(InvalidNonce, match="none of this issuer's"):
        ours.spend([made(ours), "zzzz"], issuer=ISSUER, now=NOW)
    ours.spend([made(ours)], issuer=ISSUER, now=NOW)


def test_the_key_is_not_shown() -> None:
    assert "key" not in repr(nonces())
