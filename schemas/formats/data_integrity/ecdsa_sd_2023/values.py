"""Proof values of ecdsa-sd-2023 as bytes: a header, then CBOR of five components (VC DI ECDSA, 3.5.2 to 3.5.8)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import cbor2

from keys import did
from keys.encoding import b64url_decode, b64url_text
from keys.errors import MalformedKey
from keys.public import PublicKey
from schemas.formats.cose import cbor
from schemas.formats.cose.errors import CborError
from schemas.formats.data_integrity import multibase
from schemas.formats.data_integrity.errors import (
    SdBaseSignatureMalformed,
    SdComponentsWrong,
    SdHeaderWrong,
    SdHmacKeyMalformed,
    SdLabelMapMalformed,
    SdMandatoryIndexesMalformed,
    SdMandatoryPointersMalformed,
    SdNotCbor,
    SdPublicKeyMalformed,
    SdSignaturesMalformed,
    SelectiveDisclosureError,
)
from schemas.formats.data_integrity.multibase import Base

BASE_HEADER = b"\xd9\x5d\x00"
DERIVED_HEADER = b"\xd9\x5d\x01"
SIGNATURE = 64
HMAC = 32
_MAX_ITEMS = 4_096
_MAX_CHARACTERS = 1_000_000


@dataclass(frozen=True, slots=True)
class BaseValue:
    """What the issuer gives the holder.

    ``public_key`` is multikey bytes: multicodec p256-pub and the compressed point; it verifies ``signatures``, one for
    each statement that is not mandatory, in canonical order. Whoever knows ``hmac_key`` can name all blank nodes.
    """

    base_signature: bytes
    public_key: bytes
    hmac_key: bytes
    signatures: tuple[bytes, ...]
    mandatory_pointers: tuple[str, ...]

    def text(self) -> str:
        """Return the proof value."""
        components = [
            self.base_signature,
            self.public_key,
            self.hmac_key,
            list(self.signatures),
            list(self.mandatory_pointers),
        ]
        return multibase.encode(BASE_HEADER + cbor2.dumps(components), Base.BASE64URL)

    @classmethod
    def parse(cls, text: str) -> "BaseValue":
        """Return the components of a base proof value; each that is malformed has its own error."""
        signature, key, hmac_key, signatures, pointers = _components(text, BASE_HEADER)
        _require(_is_bytes(signature, SIGNATURE), SdBaseSignatureMalformed, "base signature is not 64 bytes")
        _check_key(key)
        _require(_is_bytes(hmac_key, HMAC), SdHmacKeyMalformed, "HMAC key is not 32 bytes")
        _check_signatures(signatures)
        _require(_all(pointers, lambda item: type(item) is str), SdMandatoryPointersMalformed, "a pointer is no text")
        return cls(signature, key, hmac_key, tuple(signatures), tuple(pointers))


@dataclass(frozen=True, slots=True)
class DerivedValue:
    """What the holder shows.

    ``labels`` leads from the canonical name of a blank node of the shown document (``c14n0``) to the one under which it
    was signed; ``mandatory_indexes`` says which of its statements, in canonical order, the base signature covers.
    """

    base_signature: bytes
    public_key: bytes
    signatures: tuple[bytes, ...]
    labels: Mapping[str, str]
    mandatory_indexes: tuple[int, ...]

    def text(self) -> str:
        """Return the proof value; the label map is written by number (3.5.5)."""
        labels = sorted(
            (int(name.removeprefix("c14n")), b64url_decode(label[1:])) for name, label in self.labels.items()
        )
        components = [
            self.base_signature,
            self.public_key,
            list(self.signatures),
            dict(labels),
            list(self.mandatory_indexes),
        ]
        return multibase.encode(DERIVED_HEADER + cbor2.dumps(components), Base.BASE64URL)

    @classmethod
    def parse(cls, text: str) -> "DerivedValue":
        """Return the components of a derived proof value; each that is malformed has its own error (3.5.8)."""
        signature, key, signatures, labels, indexes = _components(text, DERIVED_HEADER)
        _require(_is_bytes(signature, SIGNATURE), SdBaseSignatureMalformed, "base signature is not 64 bytes")
        _check_key(key)
        _check_signatures(signatures)
        _require(_is_label_map(labels), SdLabelMapMalformed, "label map does not lead from integers to 32 bytes each")
        _require(_is_rising(indexes), SdMandatoryIndexesMalformed, "mandatory indexes are no rising integers")
        named = {f"c14n{number}": f"u{b64url_text(digest)}" for number, digest in labels.items()}
        return cls(signature, key, tuple(signatures), named, tuple(indexes))


def is_base(text: str) -> bool:
    """Tell whether a proof value says that it is a base proof; it may still be malformed."""
    return text.startswith("u2V0A")  # the header's 24 bits in base64url


def public_key(multikey: bytes) -> PublicKey:
    """Return the key of multikey bytes; raises SdPublicKeyMalformed."""
    try:
        key = did.from_multikey(multikey)
    except MalformedKey:
        raise SdPublicKeyMalformed("public key is no point of P-256") from None
    return key


def _components(text: str, header: bytes) -> list[Any]:
    if len(text) > _MAX_CHARACTERS:
        raise SdNotCbor(f"proofValue has {len(text)} characters, limit {_MAX_CHARACTERS}")
    data = multibase.decode(text, Base.BASE64URL)
    if data[:3] != header:
        raise SdHeaderWrong(f"proofValue does not start with the bytes {header.hex()}")
    components = _loads(data[3:])
    if type(components) is not list or len(components) != 5:
        raise SdComponentsWrong("proofValue holds no array of five components")
    return components


def _loads(data: bytes) -> Any:
    try:
        # Not by cbor2's own reading of tags: a date or a big integer is no component, whatever its number means. The
        # order of a map's keys is left to the writer (RFC 8949, 3.1).
        return cbor.loads_strict(data, max_bytes=_MAX_CHARACTERS, max_items=5 * _MAX_ITEMS, any_order=True)
    except CborError:
        raise SdNotCbor("proofValue is not one item of CBOR in its shortest form") from None


def _check_key(key: Any) -> None:
    _require(_is_bytes(key, 35) and key[:2] == b"\x80\x24", SdPublicKeyMalformed, "public key is no P-256 multikey")


def _check_signatures(signatures: Any) -> None:
    _require(
        _all(signatures, lambda item: _is_bytes(item, SIGNATURE)), SdSignaturesMalformed, "a signature is not 64 bytes"
    )


def _is_label_map(labels: Any) -> bool:
    return (
        type(labels) is dict
        and len(labels) <= _MAX_ITEMS
        and all(type(number) is int and number >= 0 for number in labels)
        and all(_is_bytes(digest, HMAC) for digest in labels.values())
        and len(set(labels.values())) == len(labels)
    )


def _is_rising(indexes: Any) -> bool:
    if not _all(indexes, lambda item: type(item) is int and item >= 0):
        return False
    return all(before < after for before, after in pairwise(indexes))


def _all(items: Any, accepts: Callable[[Any], bool]) -> bool:
    return type(items) is list and len(items) <= _MAX_ITEMS and all(accepts(item) for item in items)


def _is_bytes(value: Any, size: int) -> bool:
    return type(value) is bytes and len(value) == size


def _require(holds: bool, error: type[SelectiveDisclosureError], text: str) -> None:
    if not holds:
        raise error(text)
