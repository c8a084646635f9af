"""TLS of the server itself: 1.2 and 1.3 with AEAD suites alone (RFC 9325, 4.2; FAPI 2.0, 5.2.1), and a CA of one's own.

For real a proxy or a load balancer ends TLS. Where there is none, a counter's camera and a wallet on another device
still need HTTPS: ``ecert tls`` makes a small local CA and a certificate by it.
"""

import ipaddress
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CIPHERS = "ECDHE+AESGCM"
CA_DAYS, SERVER_DAYS = 1_825, 397
"""397 days are the most that browsers take."""
_NAME = "江门市电子证照本地 CA Local CA"


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """Return the context of a server with this certificate chain and key (PEM).

    Raises:
        OSError, ssl.SSLError: a file cannot be read, or is none.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
    context.load_cert_chain(certificate, key)
    return context


@dataclass(frozen=True, slots=True)
class LocalTls:
    """PEM files: the CA's certificate to install on devices, the server's chain, the server's private key."""

    ca: bytes
    certificate: bytes
    key: bytes = field(repr=False)


def make_local_tls(hosts: Sequence[str], *, now: datetime) -> LocalTls:
    """Return a new CA and a certificate by it for ``hosts`` (names or addresses).

    The CA's key is thrown away: it signs this one certificate and can sign no other.

    Raises:
        ValueError: there is no host, or one that is no name.
    """
    if not hosts:
        raise ValueError("a certificate names at least one host")
    ca_key, server_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    begins = now - timedelta(hours=1)
    named = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _NAME)])
    ca = (
        _builder(named, named, ca_key, (begins, begins + timedelta(days=CA_DAYS)))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(ca=True), critical=True)
        .sign(ca_key, hashes.SHA256())
    )
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0][:64])])
    server = (
        _builder(subject, named, server_key, (begins, begins + timedelta(days=SERVER_DAYS)))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(ca=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_host(each) for each in hosts]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = server_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return LocalTls(ca.public_bytes(pem), server.public_bytes(pem), private)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, period: tuple[datetime, datetime]
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(period[0])
        .not_valid_after(period[1])
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca,
        key_cert_sign=ca,
        crl_sign=ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _host(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
