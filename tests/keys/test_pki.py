"""The city's PKI: what its certificates say, and what it does not issue."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from cryptography import x509

from keys.algorithms import Algorithm
from keys.chain import SIGNING_EKU, load_certificate
from keys.errors import InvalidChain, KeysError
from keys.pki import SigningRequest, create_root, describe, issue_signing_certificate, verify_chain
from keys.signer import SoftwareSigner
from tests.support.keys import DAY, ISSUER, NOW

ROOT = SoftwareSigner.generate()
ROOT_CERTIFICATE = create_root(ROOT, name="示例市电子证照根证书", now=NOW)
SIGNER = SoftwareSigner.generate()
REQUEST = SigningRequest(SIGNER.public_key, "示例市民政局", "11440799MB2D00000X", ISSUER)
LEAF = issue_signing_certificate(ROOT, ROOT_CERTIFICATE, REQUEST, now=NOW, days=100)


def extension(der: bytes, kind: type[x509.ExtensionType]) -> x509.Extension[x509.ExtensionType]:
    return load_certificate(der).extensions.get_extension_for_class(kind)


@pytest.mark.parametrize("root_algorithm", Algorithm)
@pytest.mark.parametrize("algorithm", Algorithm)
def test_what_is_issued_verifies_under_the_root(root_algorithm: Algorithm, algorithm: Algorithm) -> None:
    root, signer = SoftwareSigner.generate(root_algorithm), SoftwareSigner.generate(algorithm)
    top = create_root(root, name="root", now=NOW)
    leaf = issue_signing_certificate(root, top, replace(REQUEST, public_key=signer.public_key), now=NOW)
    assert verify_chain([leaf], anchors=[top], issuer=ISSUER, at=NOW) == signer.public_key


def test_the_root_signs_certificates_and_revocation_lists_only() -> None:
    usage = extension(ROOT_CERTIFICATE, x509.KeyUsage)
    assert usage.critical
    assert usage.value == x509.KeyUsage(False, False, False, False, False, True, True, False, False)


def test_the_root_allows_no_ca_below_it() -> None:
    constraints = extension(ROOT_CERTIFICATE, x509.BasicConstraints)
    assert (constraints.critical, constraints.value) == (True, x509.BasicConstraints(ca=True, path_length=0))


def test_the_leaf_signs_documents_only() -> None:
    usage = extension(LEAF, x509.KeyUsage)
    assert usage.critical
    assert usage.value == x509.KeyUsage(True, False, False, False, False, False, False, False, False)


def test_the_leaf_has_our_purpose_and_no_other() -> None:
    assert extension(LEAF, x509.ExtendedKeyUsage).value == x509.ExtendedKeyUsage([SIGNING_EKU])


def test_the_purpose_is_an_arc_of_a_uuid() -> None:
    assert SIGNING_EKU.dotted_string == f"2.25.{0x1C4666FCA2BD450F98452919B16E53AD}"


def test_the_leaf_points_to_the_key_above() -> None:
    above = extension(LEAF, x509.AuthorityKeyIdentifier).value
    own = extension(ROOT_CERTIFICATE, x509.SubjectKeyIdentifier).value
    assert isinstance(above, x509.AuthorityKeyIdentifier)
    assert isinstance(own, x509.SubjectKeyIdentifier)
    assert above.key_identifier == own.digest


def test_a_certificate_is_described() -> None:
    facts = describe(LEAF)
    assert (facts.kid, facts.authority, facts.uris) == (SIGNER.public_key.kid, False, (ISSUER,))
    assert facts.subject == "2.5.4.5=11440799MB2D00000X,O=示例市民政局,C=CN"
    assert facts.issuer == describe(ROOT_CERTIFICATE).subject
    assert (facts.not_before, facts.not_after) == (NOW, NOW + 100 * DAY - timedelta(seconds=1))


def test_the_root_is_described_as_an_authority() -> None:
    assert (describe(ROOT_CERTIFICATE).authority, describe(ROOT_CERTIFICATE).uris) == (True, ())


def test_the_serial_number_may_be_given() -> None:
    assert describe(create_root(ROOT, name="root", now=NOW, serial=lambda: 7)).serial == 7


def test_times_are_utc_whatever_zone_is_given() -> None:
    there = datetime(2026, 3, 1, 16, 0, 0, 5, tzinfo=timezone(timedelta(hours=8)))
    assert describe(create_root(ROOT, name="root", now=there)).not_before == datetime(2026, 3, 1, 8, tzinfo=UTC)


def test_the_roots_own_key_gets_no_signing_certificate() -> None:
    with pytest.raises(KeysError, match="root's own key"):
        issue_signing_certificate(ROOT, ROOT_CERTIFICATE, replace(REQUEST, public_key=ROOT.public_key), now=NOW)


def test_a_certificate_does_not_outlive_the_root() -> None:
    with pytest.raises(InvalidChain, match="root is valid"):
        issue_signing_certificate(ROOT, ROOT_CERTIFICATE, REQUEST, now=NOW + 365 * 20 * DAY - 99 * DAY, days=100)


def test_a_certificate_may_end_with_the_root() -> None:
    now = NOW + 365 * 20 * DAY - 100 * DAY
    assert describe(issue_signing_certificate(ROOT, ROOT_CERTIFICATE, REQUEST, now=now, days=100))


def test_a_certificate_does_not_start_before_the_root() -> None:
    with pytest.raises(InvalidChain, match="root is valid"):
        issue_signing_certificate(ROOT, ROOT_CERTIFICATE, REQUEST, now=NOW - DAY)


def test_a_name_of_64_chinese_characters_fits() -> None:
    request = replace(REQUEST, office="局" * 64)
    assert describe(issue_signing_certificate(ROOT, ROOT_CERTIFICATE, request, now=NOW)).kid == SIGNER.public_key.kid


def test_a_root_of_another_key_issues_nothing() -> None:
    with pytest.raises(InvalidChain, match="not for the root's key"):
        issue_signing_certificate(SIGNER, ROOT_CERTIFICATE, REQUEST, now=NOW)


def test_a_leaf_issues_nothing() -> None:
    other = SoftwareSigner.generate()
    with pytest.raises(InvalidChain, match="not a CA's"):
        issue_signing_certificate(SIGNER, LEAF, replace(REQUEST, public_key=other.public_key), now=NOW)


@pytest.mark.parametrize("issuer", ["", "no-scheme", "https://例.example", "a:" + "b" * 1024])
def test_an_issuer_that_is_no_uri_is_refused(issuer: str) -> None:
    with pytest.raises(KeysError, match="URI"):
        issue_signing_certificate(ROOT, ROOT_CERTIFICATE, replace(REQUEST, issuer=issuer), now=NOW)


@pytest.mark.parametrize("office", ["", "局" * 65, "a\nb"])
def test_an_office_that_is_no_name_is_refused(office: str) -> None:
    with pytest.raises(KeysError, match="1 to 64 characters"):
        issue_signing_certificate(ROOT, ROOT_CERTIFICATE, replace(REQUEST, office=office), now=NOW)
