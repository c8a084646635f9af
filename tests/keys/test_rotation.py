"""Rotation and withdrawal: a new key signs, the old one verifies in its time, a withdrawn one is told."""

from datetime import datetime

import pytest

from keys import jws
from keys.algorithms import Algorithm
from keys.anchor import Anchor
from keys.errors import KeyNotFound, KeyStoreError, UnknownIssuerKey
from keys.pki import create_root
from keys.rotation import Department, KeyVersion, Root, current, rotate, trusted_keys, versions
from keys.signer import SoftwareSigner
from keys.store import KeyStore
from keys.trust import TrustedKey, TrustEntry, TrustList, Withdrawal, read_trust_list, write_trust_list
from tests.support.keys import DAY, ISSUER, NOW, MemoryBlobs

VCT = "urn:ecert:marriage_certificate:1"
CIVIL = Department("issuing/civil-affairs", "示例市民政局", "11440799MB2D00000X", ISSUER)
ROOT_SIGNER = SoftwareSigner.generate()
ROOT = Root(ROOT_SIGNER, create_root(ROOT_SIGNER, name="示例市电子证照根证书", now=NOW - 100 * DAY))
ANCHOR = SoftwareSigner.generate()


@pytest.fixture
def store() -> KeyStore:
    return KeyStore(MemoryBlobs(), "passphrase", work=16)


def turned(store: KeyStore, now: datetime, days: int = 100) -> KeyVersion:
    return rotate(store, CIVIL, ROOT, now=now, days=days)


def listed(*keys: TrustedKey, anchors: tuple[bytes, ...] = (), withdrawn: tuple[Withdrawal, ...] = ()) -> TrustList:
    entry = TrustEntry(ISSUER, "示例", "Example", (), frozenset({VCT}), NOW - 1000 * DAY, None, keys, anchors)
    trust = TrustList(1, NOW, NOW + DAY, {ISSUER: entry}, {item.kid: item for item in withdrawn})
    return read_trust_list(write_trust_list(trust, ANCHOR), Anchor((ANCHOR.public_key,)))


def test_the_first_version_is_number_one(store: KeyStore) -> None:
    assert turned(store, NOW).number == 1
    assert store.names() == ["issuing/civil-affairs/1"]


def test_the_new_key_signs(store: KeyStore) -> None:
    turned(store, NOW - 90 * DAY)
    new = turned(store, NOW)
    assert (new.number, current(store, CIVIL.name).public_key) == (2, new.signer.public_key)


def test_ten_comes_after_nine(store: KeyStore) -> None:
    numbers = [turned(store, NOW).number for _ in range(11)]
    assert numbers == [version.number for version in versions(store, CIVIL.name)] == list(range(1, 12))


def test_a_version_that_a_crash_left_unfinished_is_finished(store: KeyStore) -> None:
    left = store.create("issuing/civil-affairs/1")
    assert versions(store, CIVIL.name) == ()
    assert turned(store, NOW).signer.public_key == left.public_key
    assert store.names() == ["issuing/civil-affairs/1"]


def test_names_that_are_no_versions_are_passed_over(store: KeyStore) -> None:
    for name in ("issuing/civil-affairs/01", "issuing/civil-affairs/x", "issuing/civil-affairs2/9"):
        store.create(name)
    assert turned(store, NOW).number == 1


def test_without_a_version_nothing_signs(store: KeyStore) -> None:
    with pytest.raises(KeyNotFound):
        current(store, CIVIL.name)


def test_the_algorithm_may_change_with_the_version(store: KeyStore) -> None:
    turned(store, NOW)
    new = rotate(store, CIVIL, ROOT, now=NOW, algorithm=Algorithm.EDDSA)
    assert new.signer.public_key.algorithm is Algorithm.EDDSA


def test_old_and_new_verify_each_in_its_time(store: KeyStore) -> None:
    old, new = turned(store, NOW - 90 * DAY), turned(store, NOW)
    trust = listed(*trusted_keys(versions(store, CIVIL.name), now=NOW))
    for version, at in ((old, NOW - 50 * DAY), (old, NOW), (new, NOW)):
        token = jws.peek(jws.sign(b"{}", version.signer, typ="t"))
        key = trust.key_for(ISSUER, vct=VCT, kid=token.header.kid, chain=(), at=at)
        assert token.verified_by(key) == {}


@pytest.mark.parametrize(("number", "at"), [(1, NOW + 10 * DAY), (2, NOW - DAY)])
def test_neither_verifies_outside_its_certificates_time(store: KeyStore, number: int, at: datetime) -> None:
    turned(store, NOW - 90 * DAY)
    turned(store, NOW)
    found = versions(store, CIVIL.name)
    with pytest.raises(UnknownIssuerKey, match="not in use"):
        listed(*trusted_keys(found, now=NOW)).key_for(
            ISSUER, vct=VCT, kid=found[number - 1].signer.public_key.kid, chain=(), at=at
        )


def test_the_old_key_stays_listed_while_what_it_signed_may_be_valid(store: KeyStore) -> None:
    turned(store, NOW - 90 * DAY)
    turned(store, NOW, days=1000)
    found = versions(store, CIVIL.name)
    counts = [len(trusted_keys(found, now=NOW + days * DAY)) for days in (11, 375, 376)]
    assert counts == [2, 2, 1]


def test_a_chain_to_a_listed_ca_verifies_without_a_listed_key(store: KeyStore) -> None:
    signer = turned(store, NOW).signer
    token = jws.peek(jws.sign(b"{}", signer, typ="t", x5c=True))
    trust = listed(anchors=(ROOT.certificate,))
    key = trust.key_for(ISSUER, vct=VCT, kid=token.header.kid, chain=token.header.x5c(), at=NOW)
    assert key == signer.public_key


def test_a_chain_without_kid_verifies(store: KeyStore) -> None:
    signer = turned(store, NOW).signer
    key = listed(anchors=(ROOT.certificate,)).key_for(ISSUER, vct=VCT, kid=None, chain=signer.chain, at=NOW)
    assert key == signer.public_key


def test_a_chain_is_no_use_where_no_ca_is_listed(store: KeyStore) -> None:
    signer, other = turned(store, NOW).signer, turned(store, NOW)
    with pytest.raises(UnknownIssuerKey, match="no such key"):
        listed(other.trusted()).key_for(ISSUER, vct=VCT, kid=None, chain=signer.chain, at=NOW)


def test_a_chain_that_is_refused_says_why(store: KeyStore) -> None:
    signer = turned(store, NOW).signer
    with pytest.raises(UnknownIssuerKey, match="chain is refused: chain is valid from"):
        listed(anchors=(ROOT.certificate,)).key_for(ISSUER, vct=VCT, kid=None, chain=signer.chain, at=NOW - DAY)


def test_a_chain_does_not_carry_another_kid(store: KeyStore) -> None:
    signer = turned(store, NOW).signer
    with pytest.raises(UnknownIssuerKey, match="thumbprint"):
        listed(anchors=(ROOT.certificate,)).key_for(ISSUER, vct=VCT, kid="a" * 43, chain=signer.chain, at=NOW)


def test_a_listed_period_stands_over_a_certificates(store: KeyStore) -> None:
    signer = turned(store, NOW - 50 * DAY).signer
    trust = listed(TrustedKey(signer.public_key, NOW - 50 * DAY, NOW - DAY), anchors=(ROOT.certificate,))
    for kid in (signer.public_key.kid, None):
        with pytest.raises(UnknownIssuerKey, match="not in use"):
            trust.key_for(ISSUER, vct=VCT, kid=kid, chain=signer.chain, at=NOW)


def test_a_withdrawn_key_is_told_whatever_its_token_says(store: KeyStore) -> None:
    signer = turned(store, NOW - 50 * DAY).signer
    withdrawal = Withdrawal(signer.public_key.kid, NOW, "密钥泄露 key compromised")
    trust = listed(anchors=(ROOT.certificate,), withdrawn=(withdrawal,))
    token = jws.peek(jws.sign(b"{}", signer, typ="t", x5c=True, kid=False))
    key = trust.key_for(ISSUER, vct=VCT, kid=token.header.kid, chain=token.header.x5c(), at=NOW - 40 * DAY)
    assert trust.withdrawal(key.kid) == withdrawal


def test_a_chain_of_another_key_is_not_kept(store: KeyStore) -> None:
    one, two = turned(store, NOW), turned(store, NOW)
    with pytest.raises(KeyStoreError, match="not for the key"):
        store.set_chain("issuing/civil-affairs/1", two.signer.chain)
    assert store.open("issuing/civil-affairs/1").chain == one.signer.chain


def test_a_chain_may_be_taken_away(store: KeyStore) -> None:
    turned(store, NOW)
    assert store.set_chain("issuing/civil-affairs/1", ()).chain == ()
