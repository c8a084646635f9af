"""Certificate chains: from a signing certificate to a trust anchor (RFC 5280, 6, as far as a city's PKI uses it).

What a chain must be, in the order of the checks:

1. one to ``MAX_CHAIN`` certificates, leaf first; the anchor itself may stand at the end and is then passed over;
2. keys, signature algorithms and critical extensions that we know, no name constraints;
3. a leaf that is no CA, is not self-signed, signs documents (key usage digitalSignature, ``SIGNING_EKU``) and names the
   issuer as a URI in its subjectAltName;
4. above it CAs only (basic constraints, keyCertSign, path length, no other purpose), each the signer of the one below;
5. every certificate, the anchor included, valid at the moment asked for.

``build_path`` holds what other chains have in common with these: rules 1, 2, 4 and 5 (``keys.attester_chain``).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature as _OpenSslSaysNo
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtensionOID

from keys.errors import InvalidChain, MalformedKey
from keys.public import PublicKey

SIGNING_EKU = x509.ObjectIdentifier("2.25.37583933483716993142225815039684531117")
"""Extended key usage "signs electronic certificates (电子证照)".

An arc of the project's own, made from the random UUID 1c4666fc-a2bd-450f-9845-2919b16e53ad (ITU-T X.667, 7): no
registry has to be asked, and no other purpose can have it.
"""

MAX_CHAIN = 5
MAX_CERTIFICATE = 8_192  # bytes of DER; a signing certificate has about 800
_KNOWN_CRITICAL = frozenset(
    {
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
    }
)
_HASHES = (hashes.SHA256, hashes.SHA384, hashes.SHA512)
# What ``cryptography`` raises for bytes that are no certificate, or one that it does not read.
_NO_CERTIFICATE = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
    MalformedKey,
)

_Extension = TypeVar("_Extension", bound=x509.ExtensionType)


@dataclass(frozen=True, slots=True)
class Path:
    """A chain that leads to an anchor: the leaf's key, and the time in which every certificate of it is valid."""

    key: PublicKey
    not_before: datetime
    not_after: datetime


def verify_chain(chain: Sequence[bytes], *, anchors: Sequence[bytes], issuer: str, at: datetime) -> PublicKey:
    """Return the key of the leaf of ``chain`` (DER, leaf first), which speaks for ``issuer`` at ``at``.

    Raises:
        InvalidChain: a rule of this module's docstring is broken; the message names it.
    """
    path = find_path(tuple(chain), tuple(anchors), issuer)
    check_time(path, at)
    return path.key


# A department's chain comes with every one of its documents: what does not depend on the time is checked once.
@lru_cache(maxsize=1024)
def find_path(chain: tuple[bytes, ...], anchors: tuple[bytes, ...], issuer: str) -> Path:
    """Return what ``chain`` proves at any time: rules 1 to 4; raises InvalidChain."""
    if len(chain) > 1 and chain[-1] in anchors:
        chain = chain[:-1]
    return build_path(chain, anchors, check_leaf=lambda leaf: _check_leaf(leaf, issuer), purpose=SIGNING_EKU)


def build_path(
    chain: tuple[bytes, ...],
    anchors: tuple[bytes, ...],
    *,
    check_leaf: Callable[[x509.Certificate], None],
    purpose: x509.ObjectIdentifier | None,
) -> Path:
    """Return what ``chain``, leaf first and without the anchor, proves at any time.

    ``check_leaf`` raises for a leaf that is not right for its use (``check_end`` does what every use needs); a CA with
    extended key usages must have ``purpose`` among them, None being any.

    Raises:
        InvalidChain: rule 1, 2 or 4 of this module's docstring is broken, or ``check_leaf`` says so.
    """
    if not 1 <= len(chain) <= MAX_CHAIN:
        raise InvalidChain(f"chain has {len(chain)} certificates, expected 1 to {MAX_CHAIN}")
    path = [load_certificate(der) for der in chain]
    check_leaf(path[0])
    path.append(_anchor_of(path[-1], anchors))
    for below, (child, parent) in enumerate(pairwise(path)):
        check_authority(parent, below=below, purpose=purpose)
        _check_link(child, parent)
    starts, ends = zip(*((cert.not_valid_before_utc, cert.not_valid_after_utc) for cert in path), strict=True)
    return Path(PublicKey.from_certificate(path[0]), max(starts), min(ends))


def check_time(path: Path, at: datetime) -> None:
    """Return if every certificate of the path is valid ``at`` that moment (rule 5); raises InvalidChain."""
    if not path.not_before <= at <= path.not_after:
        raise InvalidChain(f"chain is valid from {path.not_before} to {path.not_after}, asked for {at}")


def check_end(leaf: x509.Certificate) -> None:
    """Return if ``leaf`` is an end entity's certificate, signed by another key; raises InvalidChain."""
    constraints = _extension(leaf, x509.BasicConstraints)
    if constraints is not None and constraints.ca:
        raise InvalidChain("leaf is a CA certificate")
    if leaf.issuer == leaf.subject:
        raise InvalidChain("leaf is self-signed")


def load_certificate(der: bytes) -> x509.Certificate:
    """Return the certificate of ``der``, of a form that we take (rule 2).

    Raises:
        InvalidChain: no certificate, too large, or with a key, a signature or an extension that we do not know.
    """
    if len(der) > MAX_CERTIFICATE:
        raise InvalidChain(f"certificate has {len(der)} bytes, limit {MAX_CERTIFICATE}")
    try:
        certificate = x509.load_der_x509_certificate(der)
        extensions = list(certificate.extensions)
        algorithm = certificate.signature_hash_algorithm
        PublicKey.from_certificate(certificate)
        _read_all(certificate)
    except _NO_CERTIFICATE as exc:
        raise InvalidChain("certificate is not well formed, or of a kind that is not supported") from exc
    if algorithm is not None and not isinstance(algorithm, _HASHES):
        raise InvalidChain("certificate is signed with a hash that is not supported")
    for extension in extensions:
        if extension.oid == ExtensionOID.NAME_CONSTRAINTS or (
            extension.critical and extension.oid not in _KNOWN_CRITICAL
        ):
            raise InvalidChain("certificate has a critical extension that is not supported")
    return certificate


def check_authority(
    certificate: x509.Certificate, *, below: int = 0, purpose: x509.ObjectIdentifier | None = SIGNING_EKU
) -> None:
    """Return if ``certificate`` may sign certificates with ``below`` CAs between it and a leaf (rule 4).

    Raises:
        InvalidChain: no CA, no keyCertSign, a path length under ``below``, or an EKU for other purposes.
    """
    constraints = _extension(certificate, x509.BasicConstraints)
    if constraints is None or not constraints.ca:
        raise InvalidChain("certificate above the leaf is not a CA's")
    if constraints.path_length is not None and constraints.path_length < below:
        raise InvalidChain(f"certificate allows {constraints.path_length} CAs below it, chain has {below}")
    usage = _extension(certificate, x509.KeyUsage)
    if usage is None or not usage.key_cert_sign:
        raise InvalidChain("CA certificate lacks key usage keyCertSign")
    purposes = _extension(certificate, x509.ExtendedKeyUsage)
    if purposes is not None and purpose is not None and purpose not in purposes:
        raise InvalidChain("CA certificate is for other purposes")


def _read_all(certificate: x509.Certificate) -> tuple[object, ...]:
    # Names and times are parsed when they are asked for: what is wrong with them comes to light here, and not later.
    return certificate.subject, certificate.issuer, certificate.not_valid_before_utc, certificate.not_valid_after_utc


def _check_leaf(leaf: x509.Certificate, issuer: str) -> None:
    check_end(leaf)
    usage = _extension(leaf, x509.KeyUsage)
    if usage is None or not usage.digital_signature:
        raise InvalidChain("leaf lacks key usage digitalSignature")
    purposes = _extension(leaf, x509.ExtendedKeyUsage)
    if purposes is None or SIGNING_EKU not in purposes:
        raise InvalidChain("leaf lacks the extended key usage of signing certificates")
    names = _extension(leaf, x509.SubjectAlternativeName)
    if names is None or issuer not in names.get_values_for_type(x509.UniformResourceIdentifier):
        raise InvalidChain("leaf does not name the issuer as a URI in subjectAltName")


def _anchor_of(last: x509.Certificate, anchors: tuple[bytes, ...]) -> x509.Certificate:
    named = [anchor for anchor in map(load_certificate, anchors) if anchor.subject == last.issuer]
    for anchor in named:
        if len(named) == 1 or _issued(last, anchor):
            return anchor
    raise InvalidChain("chain leads to no trust anchor")


def _check_link(child: x509.Certificate, parent: x509.Certificate) -> None:
    if not _issued(child, parent):
        raise InvalidChain("certificate is not signed by the one above it")


def _issued(child: x509.Certificate, parent: x509.Certificate) -> bool:
    try:
        child.verify_directly_issued_by(parent)
    except (ValueError, TypeError, _OpenSslSaysNo, UnsupportedAlgorithm):
        return False
    return True


def _extension(certificate: x509.Certificate, kind: type[_Extension]) -> _Extension | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None
