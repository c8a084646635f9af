"""Certificate chains: one that is right, and every rule broken by itself."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from keys.chain import MAX_CHAIN, SIGNING_EKU, find_path, load_certificate, verify_chain
from keys.errors import InvalidChain, MalformedKey
from keys.public import PublicKey
from tests.support.keys import CA_USAGE, DAY, ISSUER, LEAF_USAGE, NOW, Chain, Draft

GOOD = Chain.good()
OTHER = ec.generate_private_key(ec.SECP256R1())


def verified(chain: Chain) -> PublicKey:
    return verify_chain(chain.ders, anchors=[chain.root.der()], issuer=ISSUER, at=NOW)


def test_a_good_chain_gives_the_leafs_key() -> None:
    assert verified(GOOD) == PublicKey(GOOD.leaf.key.public_key())


def test_the_anchor_may_stand_at_the_end_of_the_chain() -> None:
    root = GOOD.root.der()
    assert verify_chain((*GOOD.ders, root), anchors=[root], issuer=ISSUER, at=NOW)


def test_a_leaf_may_stand_right_under_the_anchor() -> None:
    leaf = replace(GOOD.leaf, issuer="root", by=GOOD.root.key)
    assert verify_chain([leaf.der()], anchors=[GOOD.root.der()], issuer=ISSUER, at=NOW)


def test_of_two_anchors_of_one_name_the_one_that_signed_is_found() -> None:
    renewed = replace(GOOD.root, key=OTHER, by=OTHER)
    assert verify_chain(GOOD.ders, anchors=[renewed.der(), GOOD.root.der()], issuer=ISSUER, at=NOW)


def test_the_path_says_when_all_of_it_is_valid() -> None:
    chain = replace(GOOD, middle=replace(GOOD.middle, start=NOW - DAY), leaf=replace(GOOD.leaf, end=NOW + DAY))
    path = find_path(chain.ders, (chain.root.der(),), ISSUER)
    assert (path.not_before, path.not_after) == (NOW - DAY, NOW + DAY)


@pytest.mark.parametrize("role", ["leaf", "middle", "root"])
@pytest.mark.parametrize("offset", [-11, 11], ids=["before", "after"])
def test_each_certificate_has_to_be_valid_at_the_time(role: str, offset: int) -> None:
    draft: Draft = getattr(GOOD, role)
    moved = replace(GOOD, **{role: replace(draft, start=draft.start - offset * DAY, end=draft.end - offset * DAY)})
    with pytest.raises(InvalidChain, match="valid from"):
        verified(moved)


def test_the_last_second_is_in() -> None:
    assert verify_chain(GOOD.ders, anchors=[GOOD.root.der()], issuer=ISSUER, at=GOOD.leaf.end)


FLAWS: dict[str, tuple[Callable[[Chain], Chain], str]] = {
    "leaf is a CA": (
        lambda c: replace(c, leaf=c.leaf.having(x509.BasicConstraints(ca=True, path_length=0))),
        "leaf is a CA",
    ),
    "leaf is self-signed": (
        lambda c: replace(c, leaf=replace(c.leaf, issuer="leaf", by=c.leaf.key)),
        "self-signed",
    ),
    "leaf has no key usage": (lambda c: replace(c, leaf=c.leaf.lacking(x509.KeyUsage)), "digitalSignature"),
    "leaf may not sign documents": (lambda c: replace(c, leaf=c.leaf.having(CA_USAGE)), "digitalSignature"),
    "leaf has no extended key usage": (
        lambda c: replace(c, leaf=c.leaf.lacking(x509.ExtendedKeyUsage)),
        "extended key",
    ),
    "leaf is for web servers": (
        lambda c: replace(c, leaf=c.leaf.having(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]))),
        "extended key usage",
    ),
    "leaf may do anything": (
        lambda c: replace(c, leaf=c.leaf.having(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE]))),
        "extended key usage",
    ),
    "leaf names no issuer": (lambda c: replace(c, leaf=c.leaf.lacking(x509.SubjectAlternativeName)), "subjectAltName"),
    "leaf names another issuer": (
        lambda c: replace(c, leaf=c.leaf.having(_names(x509.UniformResourceIdentifier(ISSUER + "/x")))),
        "subjectAltName",
    ),
    "leaf names the issuer as a host": (
        lambda c: replace(c, leaf=c.leaf.having(_names(x509.DNSName("ecert.example")))),
        "subjectAltName",
    ),
    "leaf is signed by another key": (
        lambda c: replace(c, leaf=replace(c.leaf, by=OTHER)),
        "not signed by the one above",
    ),
    "leaf's issuer is another name": (
        lambda c: replace(c, leaf=replace(c.leaf, issuer="else")),
        "not signed by the one above",
    ),
    "CA is signed by another key": (
        lambda c: replace(c, middle=replace(c.middle, by=OTHER)),
        "not signed by the one above",
    ),
    "CA's issuer is no anchor": (lambda c: replace(c, middle=replace(c.middle, issuer="else")), "no trust anchor"),
    "CA is none": (
        lambda c: replace(c, middle=c.middle.having(x509.BasicConstraints(ca=False, path_length=None))),
        "not a CA's",
    ),
    "CA has no basic constraints": (lambda c: replace(c, middle=c.middle.lacking(x509.BasicConstraints)), "not a CA's"),
    "CA may not sign certificates": (lambda c: replace(c, middle=c.middle.having(LEAF_USAGE)), "keyCertSign"),
    "CA has no key usage": (lambda c: replace(c, middle=c.middle.lacking(x509.KeyUsage)), "keyCertSign"),
    "CA is for other purposes": (
        lambda c: replace(c, middle=c.middle.having(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]))),
        "other purposes",
    ),
    "root allows no CA below": (
        lambda c: replace(c, root=c.root.having(x509.BasicConstraints(ca=True, path_length=0))),
        "allows 0 CAs below it, chain has 1",
    ),
    "root is no CA": (lambda c: replace(c, root=c.root.lacking(x509.BasicConstraints)), "not a CA's"),
    "an extension that is critical is unknown": (
        lambda c: replace(c, leaf=c.leaf.having(x509.UnrecognizedExtension(SIGNING_EKU, b"\x05\x00"))),
        "critical extension",
    ),
    "CA constrains names": (
        lambda c: replace(
            c, middle=c.middle.having(x509.NameConstraints([x509.DNSName("a.example")], None), critical=False)
        ),
        "critical extension",
    ),
    "SHA-224": (lambda c: replace(c, leaf=replace(c.leaf, digest=hashes.SHA224())), "hash"),
}


def _names(*names: x509.GeneralName) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName(names)


@pytest.mark.parametrize("flaw", FLAWS)
def test_one_flaw_is_refused(flaw: str) -> None:
    change, fact = FLAWS[flaw]
    with pytest.raises(InvalidChain, match=fact):
        verified(change(GOOD))


def test_an_extension_that_is_not_critical_may_be_unknown() -> None:
    extension = x509.UnrecognizedExtension(SIGNING_EKU, b"\x05\x00")
    assert verified(replace(GOOD, leaf=GOOD.leaf.having(extension, critical=False)))


def test_a_leaf_without_basic_constraints_is_no_ca() -> None:
    assert verified(replace(GOOD, leaf=GOOD.leaf.lacking(x509.BasicConstraints)))


def test_a_ca_for_our_purpose_is_taken() -> None:
    assert verified(replace(GOOD, middle=GOOD.middle.having(x509.ExtendedKeyUsage([SIGNING_EKU]))))


def test_an_anchor_that_did_not_sign_is_none() -> None:
    with pytest.raises(InvalidChain, match="not signed by the one above"):
        verify_chain(GOOD.ders, anchors=[replace(GOOD.root, key=OTHER, by=OTHER).der()], issuer=ISSUER, at=NOW)


def test_two_anchors_of_one_name_that_did_not_sign_are_none() -> None:
    anchors = [replace(GOOD.root, key=OTHER, by=OTHER).der() for _ in range(2)]
    with pytest.raises(InvalidChain, match="no trust anchor"):
        verify_chain(GOOD.ders, anchors=anchors, issuer=ISSUER, at=NOW)


def test_without_anchors_nothing_is_trusted() -> None:
    with pytest.raises(InvalidChain, match="no trust anchor"):
        verify_chain(GOOD.ders, anchors=[], issuer=ISSUER, at=NOW)


def test_an_anchor_alone_is_no_chain() -> None:
    root = GOOD.root.der()
    with pytest.raises(InvalidChain, match="leaf is a CA"):
        verify_chain([root], anchors=[root], issuer=ISSUER, at=NOW)


@pytest.mark.parametrize("length", [0, MAX_CHAIN + 1])
def test_a_chain_has_its_limits(length: int) -> None:
    with pytest.raises(InvalidChain, match=f"{length} certificates"):
        verify_chain(GOOD.ders[:1] * length, anchors=[GOOD.root.der()], issuer=ISSUER, at=NOW)


@pytest.mark.parametrize(("der", "fact"), [(b"", "well formed"), (b"\x30\x00", "well formed"), (b"0" * 8193, "limit")])
def test_what_is_no_certificate_is_refused(der: bytes, fact: str) -> None:
    with pytest.raises(InvalidChain, match=fact):
        load_certificate(der)


def test_a_certificate_with_bytes_after_it_is_refused() -> None:
    with pytest.raises(InvalidChain, match="well formed"):
        load_certificate(GOOD.leaf.der() + b"\0")


def test_an_rsa_key_is_refused() -> None:
    draft = replace(GOOD.leaf, key=rsa.generate_private_key(65537, 2048))
    with pytest.raises(InvalidChain, match="not supported"):
        load_certificate(draft.der())


def test_a_key_on_the_sm2_curve_is_refused() -> None:
    p256, sm2 = bytes.fromhex("06082a8648ce3d030107"), bytes.fromhex("06082a811ccf5501822d")
    certificate = x509.load_der_x509_certificate(GOOD.leaf.der().replace(p256, sm2))
    with pytest.raises(MalformedKey, match="not well formed"):
        PublicKey.from_certificate(certificate)


MANGLED: dict[str, Callable[[bytes], bytes]] = {
    "a version that does not exist": lambda der: der.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x1e", 1),
    "a subject that is no text": lambda der: der.replace(b"\x0c\x04leaf", b"\x03\x04leaf"),
    "an issuer that is no text": lambda der: der.replace(b"\x0c\x06middle", b"\x01\x06middle"),
    "an issuer that is not UTF-8": lambda der: der.replace(b"\x0c\x06middle", b"\x0c\x06mid\xff\xfee"),
    "a name of a kind that is not read": lambda der: der.replace(b"\x86\x2bhttps", b"\xa3\x2bhttps"),
}


@pytest.mark.parametrize("mangle", MANGLED.values(), ids=MANGLED)
def test_a_certificate_that_is_broken_inside_is_refused_and_nothing_else_happens(
    mangle: Callable[[bytes], bytes],
) -> None:
    """A stranger sends it, and no signature was looked at yet."""
    good = GOOD.leaf.der()
    der = mangle(good)
    assert der != good
    with pytest.raises(InvalidChain, match="well formed"):
        verify_chain([der], anchors=[GOOD.root.der()], issuer=ISSUER, at=NOW)
