"""The city's PKI: a root, made once and kept apart, and one signing certificate for each key of an issuing department.

    root = create_root(root_signer, name="示例市电子证照根证书", now=now)
    certificate = issue_signing_certificate(root_signer, root, request, now=now)
    certificate = issue_request_certificate(root_signer, root, request, host="wallet.example", now=now)

Certificates are DER; ``keys.chain`` reads them. A leaf is never self-signed: its key is another one than the root's.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.x509.oid import NameOID

from keys.chain import SIGNING_EKU, check_authority, load_certificate, verify_chain
from keys.errors import InvalidChain, KeysError
from keys.fields import is_text
from keys.public import PublicKey
from keys.request_chain import REQUEST_EKU
from keys.signer import SoftwareSigner

__all__ = [
    "SIGNING_EKU",
    "CertificateFacts",
    "SigningRequest",
    "create_root",
    "describe",
    "issue_request_certificate",
    "issue_signing_certificate",
    "verify_chain",
]

ROOT_YEARS = 20
SIGNING_DAYS = 730
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_MAX_NAME = 64  # RFC 5280, appendix A.1: ub-common-name, ub-organization-name


@dataclass(frozen=True, slots=True)
class SigningRequest:
    """What a department's signing certificate says: its key, its name, its credit code (GB 32100), its ``iss``."""

    public_key: PublicKey
    office: str
    credit_code: str
    issuer: str


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """What a person wants to know of a certificate; times are aware UTC, ``uris`` are those of subjectAltName."""

    subject: str
    issuer: str
    serial: int
    not_before: datetime
    not_after: datetime
    kid: str
    authority: bool
    uris: tuple[str, ...]


def create_root(
    signer: SoftwareSigner,
    *,
    name: str,
    now: datetime,
    years: int = ROOT_YEARS,
    serial: Callable[[], int] = x509.random_serial_number,
) -> bytes:
    """Return the root's self-signed certificate (DER), valid for ``years`` of 365 days from ``now``.

    It signs signing certificates and revocation lists and nothing else: path length 0, keyCertSign and cRLSign.

    Raises:
        KeysError: the name is empty or longer than 64 characters.
    """
    subject = x509.Name([_attribute(NameOID.COUNTRY_NAME, "CN"), _attribute(NameOID.ORGANIZATION_NAME, name)])
    own = _key_identifier(signer.public_key)
    builder = _builder(subject, subject, signer.public_key, _period(now, 365 * years), serial())
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(authority=True), critical=True)
    builder = builder.add_extension(own, critical=False)
    return signer.sign_certificate(builder)


def issue_signing_certificate(
    root_signer: SoftwareSigner,
    root: bytes,
    request: SigningRequest,
    *,
    now: datetime,
    days: int = SIGNING_DAYS,
    serial: Callable[[], int] = x509.random_serial_number,
) -> bytes:
    """Return a signing certificate (DER) for ``request``, valid for ``days`` from ``now``.

    Key usage digitalSignature, critical; extended key usage ``SIGNING_EKU``; the issuer's URI in subjectAltName; the
    office's name as O, its credit code as serialNumber.

    Raises:
        InvalidChain: ``root`` is no CA, not of ``root_signer``, or not valid as long as the new one would be.
        KeysError: the key is the root's own, or a name or the URI is not one.
    """
    return _leaf(root_signer, root, request, purpose=SIGNING_EKU, host="", dated=(now, days, serial()))


def issue_request_certificate(
    root_signer: SoftwareSigner,
    root: bytes,
    request: SigningRequest,
    *,
    host: str,
    now: datetime,
    days: int = SIGNING_DAYS,
) -> bytes:
    """Return the certificate of a key that signs a relying party's request objects (OpenID4VP 1.0, 5.9.3).

    As a signing certificate, but with ``REQUEST_EKU``; ``request.issuer`` is the party's URI, ``host`` the DNS name
    that its requests come from, left out where it is an address.

    Raises:
        InvalidChain, KeysError: as ``issue_signing_certificate``.
    """
    dated = (now, days, x509.random_serial_number())
    return _leaf(root_signer, root, request, purpose=REQUEST_EKU, host=host, dated=dated)


def is_dns_name(host: str) -> bool:
    """Tell whether a host is a name, in small letters, that a certificate can hold: no IP address."""
    labels = host.split(".")
    return len(host) <= 253 and all(map(_LABEL.fullmatch, labels)) and not labels[-1].isdigit()


def _leaf(
    root_signer: SoftwareSigner,
    root: bytes,
    request: SigningRequest,
    *,
    purpose: x509.ObjectIdentifier,
    host: str,
    dated: tuple[datetime, int, int],
) -> bytes:
    now, days, serial = dated
    period = _period(now, days)
    authority = _authority(root, root_signer.public_key, period)
    if request.public_key == root_signer.public_key:
        raise KeysError("signing certificate is for the root's own key, expected another one")
    if not is_text(request.issuer, 1024) or not request.issuer.isascii() or ":" not in request.issuer:
        raise KeysError("issuer is not an absolute URI in ASCII")
    names: list[x509.GeneralName] = [x509.UniformResourceIdentifier(request.issuer)]
    if is_dns_name(host):
        names.append(x509.DNSName(host))
    subject = x509.Name(
        [
            _attribute(NameOID.COUNTRY_NAME, "CN"),
            _attribute(NameOID.ORGANIZATION_NAME, request.office),
            _attribute(NameOID.SERIAL_NUMBER, request.credit_code),
        ]
    )
    builder = _builder(subject, authority.subject, request.public_key, period, serial)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(authority=False), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
    builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    builder = builder.add_extension(_key_identifier(request.public_key), critical=False)
    above = x509.AuthorityKeyIdentifier(_key_identifier(root_signer.public_key).digest, None, None)
    builder = builder.add_extension(above, critical=False)
    return root_signer.sign_certificate(builder)


def describe(der: bytes) -> CertificateFacts:
    """Return what stands in a certificate, unverified; raises InvalidChain for what is none of ours."""
    certificate = load_certificate(der)
    uris: tuple[str, ...] = ()
    authority = False
    for extension in certificate.extensions:
        if isinstance(extension.value, x509.SubjectAlternativeName):
            uris = tuple(extension.value.get_values_for_type(x509.UniformResourceIdentifier))
        elif isinstance(extension.value, x509.BasicConstraints):
            authority = extension.value.ca
    return CertificateFacts(
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        serial=certificate.serial_number,
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        kid=PublicKey.from_certificate(certificate).kid,
        authority=authority,
        uris=uris,
    )


def _period(now: datetime, days: int) -> tuple[datetime, datetime]:
    start = now.astimezone(UTC).replace(microsecond=0)
    # RFC 5280, 4.1.2.5: notAfter is the last second that is still in.
    return start, start + timedelta(days=days) - timedelta(seconds=1)


def _authority(root: bytes, key: PublicKey, period: tuple[datetime, datetime]) -> x509.Certificate:
    certificate = load_certificate(root)
    check_authority(certificate)
    if PublicKey.from_certificate(certificate) != key:
        raise InvalidChain("root certificate is not for the root's key")
    start, end = period
    if start < certificate.not_valid_before_utc or certificate.not_valid_after_utc < end:
        limits = f"{certificate.not_valid_before_utc} to {certificate.not_valid_after_utc}"
        raise InvalidChain(f"root is valid from {limits}, the certificate would be from {start} to {end}")
    return certificate


def _attribute(oid: x509.ObjectIdentifier, value: str) -> x509.NameAttribute[str]:
    if not is_text(value, _MAX_NAME):
        raise KeysError(f"name in a certificate is not a text of 1 to {_MAX_NAME} characters")
    return x509.NameAttribute(oid, value)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: PublicKey, period: tuple[datetime, datetime], serial: int
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).serial_number(serial)
    return builder.public_key(_loaded(key)).not_valid_before(period[0]).not_valid_after(period[1])


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _key_identifier(key: PublicKey) -> x509.SubjectKeyIdentifier:
    return x509.SubjectKeyIdentifier.from_public_key(_loaded(key))


def _loaded(key: PublicKey) -> CertificatePublicKeyTypes:
    return cast(CertificatePublicKeyTypes, serialization.load_der_public_key(key.spki()))
