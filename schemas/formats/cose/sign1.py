"""COSE_Sign1 (RFC 9052, 4.2): sign, peek, verify.

    message = sign1.peek(data)                # UnverifiedSign1: enough to choose a key, nothing more
    payload = message.verified_by(key)        # the payload's bytes, or InvalidSignature

The algorithm is the key's. ``peek`` refuses what no message of ours may hold: an unknown ``alg``, ``crit``, ``x5u``,
and labels in the unprotected header that only a signature gives meaning to. ``kid`` and ``x5chain`` select a key and
give no trust.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import cbor2

from keys.errors import AlgorithmNotAllowed
from keys.public import PublicKey
from keys.signer import Signer
from schemas.formats.cose import cbor
from schemas.formats.cose.errors import CoseHeaderForbidden, CosePayloadDetached, CosePayloadTwice, MalformedCose
from schemas.formats.cose.key import ACCEPTED, ALGORITHMS, is_supported

TAG = 18
ALG, CRIT, CONTENT_TYPE, KID, TYP, X5CHAIN, X5U = 1, 2, 3, 4, 16, 33, 35
MAX_BYTES = cbor.MAX_BYTES
_NEVER_FOLLOWED = (CRIT, X5U)
_ONLY_PROTECTED = (ALG, CONTENT_TYPE, TYP)  # RFC 9596, 2 for typ; the others decide how the payload is read
_KEPT_BYTES = 512
NO_HEADER: Mapping[Any, Any] = MappingProxyType({})
"""A header without parameters."""


@dataclass(frozen=True, slots=True)
class Header:
    """Both headers of a message; ``kid`` and ``x5chain`` may stand in either, the rest of the fields is protected.

    ``protected`` and ``unprotected`` hold every parameter by its label, the named fields included.
    """

    alg: int
    typ: str | int | None
    content_type: str | int | None
    kid: bytes | None
    x5chain: tuple[bytes, ...]
    protected: Mapping[Any, Any]
    unprotected: Mapping[Any, Any]


@dataclass(frozen=True, slots=True)
class UnverifiedSign1:
    """A message whose signature nobody has checked yet: use it to find the key, then call ``verified_by``.

    ``protected_bytes`` is the protected header as it was signed; ``peeked_payload`` is None where it is detached.
    """

    header: Header
    protected_bytes: bytes
    peeked_payload: bytes | None
    signature: bytes

    def verified_by(self, key: PublicKey, *, payload: bytes | None = None, external_aad: bytes = b"") -> bytes:
        """Return the payload's bytes; ``payload`` is what was detached.

        Raises:
            AlgorithmNotAllowed: ``alg`` is not one that ``key`` allows.
            InvalidSignature: not signed by ``key``, or over another payload or other external data.
            CosePayloadDetached: neither message nor caller has the payload.
            CosePayloadTwice: both have.
        """
        if self.header.alg not in ACCEPTED[key.algorithm]:
            raise AlgorithmNotAllowed(f"message says alg {self.header.alg}, the key allows {key.algorithm}")
        if self.peeked_payload is not None and payload is not None:
            raise CosePayloadTwice("message carries its payload, and another one was given")
        signed = payload if self.peeked_payload is None else self.peeked_payload
        if signed is None:
            raise CosePayloadDetached("message carries no payload, and none was given")
        key.verify(self.signature, sig_structure(self.protected_bytes, external_aad, signed))
        return signed


def sign(
    payload: bytes,
    signer: Signer,
    *,
    protected: Mapping[int | str, Any] = NO_HEADER,
    unprotected: Mapping[int | str, Any] = NO_HEADER,
    detached: bool = False,
    external_aad: bytes = b"",
) -> bytes:
    """Return the tagged COSE_Sign1 over ``payload`` in deterministic encoding.

    ``alg`` is written from the key, and so is ``kid`` (the thumbprint's text), unless ``protected`` brings another one
    or None for none. ``chain_of`` gives the value of ``x5chain``.

    Raises:
        CoseHeaderForbidden: a header that ``peek`` would refuse.
        CborNotWritable: a header has no deterministic form.
    """
    key = signer.public_key
    header: dict[int | str, Any] = {KID: key.kid.encode("ascii")}
    header |= protected
    if ALG in header:
        raise CoseHeaderForbidden("headers name alg, which the key decides")
    header[ALG] = ALGORITHMS[key.algorithm]
    if header[KID] is None:
        del header[KID]
    _check_headers(header, unprotected)
    encoded = cbor.dumps(header)
    signature = signer.sign(sig_structure(encoded, external_aad, payload))
    return cbor.dumps(cbor2.CBORTag(TAG, [encoded, dict(unprotected), None if detached else payload, signature]))


def chain_of(signer: Signer) -> bytes | list[bytes]:
    """Return the value of ``x5chain`` (RFC 9360, 2) for a signer with certificates: one alone, or several in order."""
    return signer.chain[0] if len(signer.chain) == 1 else list(signer.chain)


def peek(data: bytes, *, max_bytes: int = MAX_BYTES) -> UnverifiedSign1:
    """Take ``data`` apart without believing any of it; with or without its tag.

    Raises:
        CborError: a subclass, for bytes that are not one item in deterministic encoding.
        MalformedCose: not the four parts of a COSE_Sign1, or a header of the wrong form.
        CoseHeaderForbidden: a header parameter that is never followed, or stands where nothing protects it.
        AlgorithmNotAllowed: ``alg`` is absent or unknown.
    """
    return from_item(cbor.loads_strict(data, max_bytes=max_bytes))


def from_item(item: Any) -> UnverifiedSign1:
    """As ``peek``, for a message that was read already, such as one inside another message's header."""
    parts = item.value if type(item) is cbor2.CBORTag and item.tag == TAG else item
    if type(parts) is not list or len(parts) != 4:
        raise MalformedCose("item is not the four parts of a COSE_Sign1")
    encoded, unprotected, payload, signature = parts
    if type(encoded) is not bytes or type(unprotected) is not dict or type(signature) is not bytes:
        raise MalformedCose("a part of the COSE_Sign1 is of the wrong kind")
    if type(payload) not in (bytes, type(None)):
        raise MalformedCose("payload is neither bytes nor null")
    protected = _kept_protected(encoded) if len(encoded) <= _KEPT_BYTES else _protected(encoded)
    _check_headers(protected, unprotected)
    return UnverifiedSign1(_header(protected, unprotected), encoded, payload, signature)


def sig_structure(protected: bytes, external_aad: bytes, payload: bytes) -> bytes:
    """Return what is signed (RFC 9052, 4.4)."""
    return cbor2.dumps(["Signature1", protected, external_aad, payload])


def _protected(encoded: bytes) -> Mapping[Any, Any]:
    value = cbor.loads_strict(encoded) if encoded else {}
    if type(value) is not dict:
        raise MalformedCose("protected header is not a map")
    return MappingProxyType(value)


_kept_protected = lru_cache(maxsize=512)(_protected)


def _check_headers(protected: Mapping[Any, Any], unprotected: Mapping[Any, Any]) -> None:
    if not all(type(label) in (int, str) for label in (*protected, *unprotected)):
        raise MalformedCose("a label is neither integer nor text")
    for label in _NEVER_FOLLOWED:
        if label in protected or label in unprotected:
            raise CoseHeaderForbidden(f"a header holds label {label}, which is never followed")
    for label in _ONLY_PROTECTED:
        if label in unprotected:
            raise CoseHeaderForbidden(f"unprotected header holds label {label}")
    if not unprotected.keys().isdisjoint(protected):  # RFC 9052, 3
        raise CoseHeaderForbidden("a label stands in both headers")


def _header(protected: Mapping[Any, Any], unprotected: Mapping[Any, Any]) -> Header:
    alg = protected.get(ALG)
    if not is_supported(alg):
        raise AlgorithmNotAllowed("message says an alg that no key of ours allows")
    typ, content_type = protected.get(TYP), protected.get(CONTENT_TYPE)
    if not all(type(value) in (str, int, type(None)) for value in (typ, content_type)):
        raise MalformedCose("typ or content type is neither text nor number")
    kid = protected.get(KID, unprotected.get(KID))
    if type(kid) not in (bytes, type(None)):
        raise MalformedCose("kid is not bytes")
    chain = _chain(protected.get(X5CHAIN, unprotected.get(X5CHAIN, [])))
    return Header(alg, typ, content_type, kid, chain, protected, MappingProxyType(unprotected))  # type: ignore[arg-type]


def _chain(value: Any) -> tuple[bytes, ...]:
    # RFC 9360, 2: one certificate as bytes, or an array of two or more.
    certificates = [value] if type(value) is bytes else value
    if type(certificates) is not list or not all(type(item) is bytes for item in certificates):
        raise MalformedCose("x5chain is neither a certificate nor an array of them")
    return tuple(certificates)
