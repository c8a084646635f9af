"""Chains of those who sign requests: one that is right, and every rule broken by itself."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from keys.chain import SIGNING_EKU, load_certificate, verify_chain
from keys.errors import InvalidChain, KeysError
from keys.pki import SigningRequest, create_root, is_dns_name, issue_request_certificate
from keys.public import PublicKey
from keys.request_chain import REQUEST_EKU, verify_request_chain
from keys.signer import SoftwareSigner
from tests.support.keys import CA_USAGE, DAY, NOW, Chain

PARTY = "https://verifier.example/parties/water"
ROOT, SIGNER = SoftwareSigner.generate(), SoftwareSigner.generate()
TOP = create_root(ROOT, name="示例市电子证照根证书", now=NOW)
REQUEST = SigningRequest(SIGNER.public_key, "示例市自来水公司", "91440799MA00000000", PARTY)
PURPOSE = x509.ExtendedKeyUsage([REQUEST_EKU])
_GOOD = Chain.good()
GOOD = replace(_GOOD, leaf=_GOOD.leaf.having(PURPOSE), middle=_GOOD.middle.lacking(x509.ExtendedKeyUsage))
OTHER = ec.generate_private_key(ec.SECP256R1())


def issued(host: str = "verifier.example") -> bytes:
    return issue_request_certificate(ROOT, TOP, REQUEST, host=host, now=NOW)


def verified(chain: Chain) -> PublicKey:
    return verify_request_chain(chain.ders, anchors=[chain.root.der()], at=NOW)


def test_what_is_issued_verifies_under_the_root() -> None:
    assert verify_request_chain([issued()], anchors=[TOP], at=NOW) == SIGNER.public_key


@pytest.mark.parametrize(
    ("host", "names"),
    [("verifier.example", ["verifier.example"]), ("127.0.0.1", []), ("::1", []), ("Verifier.example", []), ("", [])],
)
def test_the_leaf_names_the_party_and_a_host_that_has_a_name(host: str, names: list[str]) -> None:
    san = load_certificate(issued(host)).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert san.get_values_for_type(x509.UniformResourceIdentifier) == [PARTY]
    assert san.get_values_for_type(x509.DNSName) == names


@pytest.mark.parametrize("host", ["a" * 64 + ".example", "-a.example", "a..example", ".".join(["abcdefgh"] * 30)])
def test_what_no_certificate_can_hold_is_no_host(host: str) -> None:
    assert not is_dns_name(host)


def test_it_asks_and_signs_no_certificates() -> None:
    usage = load_certificate(issued()).extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert usage == PURPOSE
    with pytest.raises(InvalidChain, match="extended key usage of signing"):
        verify_chain([issued()], anchors=[TOP], issuer=PARTY, at=NOW)


def test_the_roots_own_key_asks_nobody() -> None:
    with pytest.raises(KeysError, match="root's own key"):
        issue_request_certificate(ROOT, TOP, replace(REQUEST, public_key=ROOT.public_key), host="", now=NOW)


def test_a_good_chain_gives_the_leafs_key() -> None:
    assert verified(GOOD) == PublicKey(GOOD.leaf.key.public_key())


FLAWS: dict[str, tuple[Callable[[Chain], Chain], str]] = {
    "leaf is a CA": (
        lambda c: replace(c, leaf=c.leaf.having(x509.BasicConstraints(ca=True, path_length=0))),
        "leaf is a CA",
    ),
    "leaf may not sign": (lambda c: replace(c, leaf=c.leaf.having(CA_USAGE)), "digitalSignature"),
    "leaf does not say that it may": (lambda c: replace(c, leaf=c.leaf.lacking(x509.KeyUsage)), "digitalSignature"),
    "leaf signs certificates": (
        lambda c: replace(c, leaf=c.leaf.having(x509.ExtendedKeyUsage([SIGNING_EKU]))),
        "request certificates",
    ),
    "leaf has no purpose": (lambda c: replace(c, leaf=c.leaf.lacking(x509.ExtendedKeyUsage)), "request certificates"),
    "leaf names nobody": (
        lambda c: replace(c, leaf=c.leaf.lacking(x509.SubjectAlternativeName)),
        "names no relying party",
    ),
    "leaf names a host alone": (
        lambda c: replace(c, leaf=c.leaf.having(x509.SubjectAlternativeName([x509.DNSName("a.example")]))),
        "names no relying party",
    ),
    "leaf is signed by another key": (lambda c: replace(c, leaf=replace(c.leaf, by=OTHER)), "not signed by"),
    "leaf is too old": (lambda c: replace(c, leaf=replace(c.leaf, end=NOW - DAY)), "valid from"),
}


@pytest.mark.parametrize("flaw", FLAWS)
def test_every_rule_refuses_by_itself(flaw: str) -> None:
    broken, reason = FLAWS[flaw]
    with pytest.raises(InvalidChain, match=reason):
        verified(broken(GOOD))


def test_the_anchor_does_not_stand_in_the_chain() -> None:
    with pytest.raises(InvalidChain, match="anchor itself"):
        verify_request_chain([issued(), TOP], anchors=[TOP], at=NOW)
