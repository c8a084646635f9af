"""Chains of attesters: one that is right, and every rule broken by itself."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from keys.attester_chain import verify_attester_chain
from keys.errors import InvalidChain
from keys.public import PublicKey
from tests.support.keys import CA_USAGE, DAY, NOW, Chain

GOOD = Chain.good()
OTHER = ec.generate_private_key(ec.SECP256R1())
PLAIN = replace(GOOD, leaf=replace(GOOD.leaf, extensions=()))


def verified(chain: Chain) -> PublicKey:
    return verify_attester_chain(chain.ders, anchors=[chain.root.der()], at=NOW)


@pytest.mark.parametrize("chain", [GOOD, PLAIN], ids=["a full leaf", "a leaf without extensions"])
def test_a_good_chain_gives_the_leafs_key(chain: Chain) -> None:
    assert verified(chain) == PublicKey(chain.leaf.key.public_key())


def test_a_ca_may_be_for_purposes_of_its_own() -> None:
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
    assert verified(replace(GOOD, middle=GOOD.middle.having(usage)))


def test_a_leaf_may_stand_right_under_the_anchor() -> None:
    leaf = replace(PLAIN.leaf, issuer="root", by=GOOD.root.key)
    assert verify_attester_chain([leaf.der()], anchors=[GOOD.root.der()], at=NOW)


FLAWS: dict[str, tuple[Callable[[Chain], Chain], str]] = {
    "leaf is a CA": (
        lambda c: replace(c, leaf=c.leaf.having(x509.BasicConstraints(ca=True, path_length=0))),
        "leaf is a CA",
    ),
    "leaf is self-signed": (lambda c: replace(c, leaf=replace(c.leaf, issuer="leaf", by=c.leaf.key)), "self-signed"),
    "leaf may not sign": (lambda c: replace(c, leaf=c.leaf.having(CA_USAGE)), "may not sign"),
    "middle is no CA": (lambda c: replace(c, middle=c.middle.lacking(x509.BasicConstraints)), "not a CA"),
    "leaf is signed by another key": (lambda c: replace(c, leaf=replace(c.leaf, by=OTHER)), "not signed by"),
    "leaf is too old": (lambda c: replace(c, leaf=replace(c.leaf, end=NOW - DAY)), "valid from"),
}


@pytest.mark.parametrize("flaw", FLAWS)
def test_a_chain_with_one_flaw_is_refused_for_it(flaw: str) -> None:
    change, reason = FLAWS[flaw]
    with pytest.raises(InvalidChain, match=reason):
        verified(change(GOOD))


def test_the_anchor_may_not_stand_in_the_chain() -> None:
    root = GOOD.root.der()
    with pytest.raises(InvalidChain, match="anchor itself"):
        verify_attester_chain((*GOOD.ders, root), anchors=[root], at=NOW)


def test_a_pinned_leaf_is_no_chain() -> None:
    alone = replace(GOOD.leaf, issuer="leaf", by=GOOD.leaf.key).der()
    with pytest.raises(InvalidChain, match="anchor itself"):
        verify_attester_chain([alone], anchors=[alone], at=NOW)


@pytest.mark.parametrize("chain", [(), (b"no certificate",)])
def test_what_is_no_chain_is_refused(chain: tuple[bytes, ...]) -> None:
    with pytest.raises(InvalidChain):
        verify_attester_chain(chain, anchors=[GOOD.root.der()], at=NOW)


def test_a_chain_under_an_unknown_anchor_is_refused() -> None:
    stranger = replace(GOOD.root, subject="stranger", issuer="stranger")
    with pytest.raises(InvalidChain, match="no trust anchor"):
        verify_attester_chain(GOOD.ders, anchors=[stranger.der()], at=NOW)
