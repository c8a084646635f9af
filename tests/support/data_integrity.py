"""W3C's vectors for Data Integrity, keys out of their key pairs, and a signer whose ECDSA signatures come again."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from keys import base58
from keys.public import PublicKey
from schemas.formats.jsonld.contexts import Contexts
from tests.support.vectors import W3C

ECDSA = W3C / "vc-di-ecdsa" / "TestVectors"

CITIZENSHIP = "https://w3id.org/citizenship/v4rc1"
_CTZN, _SCHEMA = "https://w3id.org/citizenship#", "https://schema.org/"
_DATED = "http://www.w3.org/2001/XMLSchema#dateTime"
_CLASSES = (
    "PermanentResidentCardCredential PermanentResidentCard PermanentResident EmployablePerson "
    "EmploymentAuthorizationDocumentCredential EmploymentAuthorizationDocument"
)
_OWN = "lprCategory lprNumber birthCountry commuterClassification permanentResidentCard employmentAuthorizationDocument"
_GENERAL = "Person identifier familyName givenName additionalName gender"
_CITIZENSHIP_CONTEXT: Mapping[str, Any] = {
    "@context": {
        **{name: _CTZN + name for name in f"{_CLASSES} {_OWN}".split()},
        **{name: _SCHEMA + name for name in _GENERAL.split()},
        "image": {"@id": f"{_SCHEMA}image", "@type": "@id"},
        "birthDate": {"@id": f"{_SCHEMA}birthDate", "@type": _DATED},
        "residentSince": {"@id": f"{_CTZN}residentSince", "@type": _DATED},
    }
}
"""What the published documents need of a context that we do not ship, written down from their published N-Quads."""


class WithCitizenship(Contexts):
    """The contexts on board and that one."""

    def document(self, url: str) -> Mapping[str, Any]:
        """Return a context document."""
        return _CITIZENSHIP_CONTEXT if url == CITIZENSHIP else super().document(url)


CONTEXTS = WithCitizenship()


def read(path: Path) -> Any:
    """Return a JSON file's value."""
    return json.loads(path.read_bytes())


def one(folder: Path, start: str) -> Path:
    """Return the one file of a folder whose name starts so."""
    (found,) = (path for path in folder.iterdir() if path.name.startswith(start))
    return found


class RepeatableSigner:
    """An ECDSA key out of a Multikey secret that signs by RFC 6979, as the vectors do."""

    chain: tuple[bytes, ...] = ()

    def __init__(self, secret: str) -> None:
        raw = base58.decode(secret[1:])
        curve: ec.EllipticCurve = {b"\x86\x26": ec.SECP256R1(), b"\x87\x26": ec.SECP384R1()}[raw[:2]]
        digest = hashes.SHA256() if curve.key_size == 256 else hashes.SHA384()
        self._key = ec.derive_private_key(int.from_bytes(raw[2:], "big"), curve)
        self._scheme = ec.ECDSA(digest, deterministic_signing=True)
        self._size = curve.key_size // 8
        self.public_key = PublicKey(self._key.public_key())

    def sign(self, payload: bytes) -> bytes:
        """Return r ‖ s, the same for the same payload."""
        numbers = decode_dss_signature(self._key.sign(payload, self._scheme))
        return b"".join(number.to_bytes(self._size, "big") for number in numbers)


def pair(name: str) -> RepeatableSigner:
    """Return the signer of a published key pair: ``p256KeyPair`` or ``p384KeyPair``."""
    return RepeatableSigner(read(ECDSA / f"{name}.json")["secretKeyMultibase"])
