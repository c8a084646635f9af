"""Keys as decentralized identifiers: ``did:key`` (W3C CCG did:key 0.7) and ``did:jwk``, both ways; DID documents.

``did:key`` and ``did:jwk`` are the key and nothing more; they do not say whose it is. Issuers are found in the trust
list; these forms are for holders, and for issuers only where a test mode says so (invariant 1). A document of any
other method, such as ``did:web``, is given by the caller: nothing is fetched here.
"""

from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from keys import base58, strict_json
from keys.algorithms import EC, Algorithm
from keys.encoding import b64url_decode, b64url_text
from keys.errors import MalformedKey, MalformedToken
from keys.public import PublicKey

_MAX_DID = 1_024
# Multicodec (unsigned varint) of a public key, before its bytes: ed25519-pub 0xed, p256-pub 0x1200 and on.
_CODES: dict[Algorithm, bytes] = {
    Algorithm.EDDSA: b"\xed\x01",
    Algorithm.ES256: b"\x80\x24",
    Algorithm.ES384: b"\x81\x24",
    Algorithm.ES512: b"\x82\x24",
}


def to_did_key(key: PublicKey) -> str:
    """Return the ``did:key`` of ``key``: multicodec and compressed point, in base58btc."""
    return "did:key:z" + base58.encode(to_multikey(key))


def to_multikey(key: PublicKey) -> bytes:
    """Return ``key`` as a Multikey's bytes (CID 1.0, 2.2.2): multicodec, then the compressed point."""
    x = b64url_decode(key.jwk["x"])
    if key.algorithm in EC:
        # SEC 1, 2.3.3: 2 for an even y coordinate, 3 for an odd one.
        x = bytes((2 + (b64url_decode(key.jwk["y"])[-1] & 1),)) + x
    return _CODES[key.algorithm] + x


def from_multikey(raw: bytes) -> PublicKey:
    """Return the key of a Multikey's bytes; raises MalformedKey for another kind of key or a point off its curve."""
    for algorithm, code in _CODES.items():
        if raw.startswith(code):
            return _from_raw(algorithm, raw[len(code) :])
    raise MalformedKey("identifier is not of a kind of key that is supported")


def verification_method(did: str) -> str:
    """Return the one verification method of a ``did:key`` or ``did:jwk``, which is ``did`` with its fragment.

    Raises:
        MalformedKey: an identifier of another method.
    """
    if did.startswith("did:key:"):
        return f"{did}#{did[8:]}"
    if did.startswith("did:jwk:"):
        return f"{did}#0"
    raise MalformedKey("identifier is neither did:key nor did:jwk")


def to_did_jwk(key: PublicKey) -> str:
    """Return the ``did:jwk`` of ``key``: its JWK, members in lexicographic order, in base64url."""
    return "did:jwk:" + b64url_text(strict_json.dumps(dict(sorted(key.jwk.items()))))


def from_did(did: str) -> PublicKey:
    """Return the key of a ``did:key`` or ``did:jwk``, with or without its fragment (a verification method).

    Raises:
        MalformedKey: another method, another kind of key, a point off its curve, a fragment that does not belong.
    """
    did, _, fragment = did.partition("#")
    method, _, value = did.removeprefix("did:").partition(":")
    if len(did) > _MAX_DID or not did.startswith("did:") or method not in ("key", "jwk"):
        raise MalformedKey("identifier is neither did:key nor did:jwk")
    if fragment not in ("", value if method == "key" else "0"):
        raise MalformedKey("identifier's fragment names no key of it")
    return _from_multibase(value) if method == "key" else _from_jwk(value)


def _from_jwk(value: str) -> PublicKey:
    try:
        return PublicKey.from_jwk(strict_json.loads_object(b64url_decode(value)))
    except MalformedToken as exc:
        raise MalformedKey("identifier is not a JWK in base64url") from exc


def from_document(document: Mapping[str, Any], method: str, *, purpose: str) -> PublicKey:
    """Return the key of a verification method in a controlled identifier document that the caller has and trusts.

    Args:
        document: the DID document; its ``id`` must be ``method`` without its fragment (CID 1.0, 3.3).
        purpose: the relationship that must hold the method: ``assertionMethod`` or ``authentication``.

    Raises:
        MalformedKey: the document is another's, does not give the method this purpose, or its key is not well formed.
    """
    did = method.partition("#")[0]
    if document.get("id") != did:
        raise MalformedKey("document is another identifier's")
    allowed = _listed(document, purpose)
    methods = [each for each in (*_listed(document, "verificationMethod"), *allowed) if isinstance(each, Mapping)]
    found = [each for each in methods if _absolute(each.get("id"), did) == method]
    referred = [each.get("id") if isinstance(each, Mapping) else each for each in allowed]
    if len(found) != 1 or method not in [_absolute(each, did) for each in referred]:
        raise MalformedKey(f"document gives no such verification method for {purpose}")
    if found[0].get("controller") != did:
        raise MalformedKey("verification method is controlled by another")
    jwk, multibase = found[0].get("publicKeyJwk"), found[0].get("publicKeyMultibase")
    if type(multibase) is str and jwk is None:
        return _from_multibase(multibase)
    return PublicKey.from_jwk(jwk)  # type: ignore[arg-type]  # which refuses whatever is no object


def _listed(document: Mapping[str, Any], name: str) -> list[Any]:
    value = document.get(name, [])
    return value if type(value) is list else [value]


def _absolute(name: Any, did: str) -> Any:
    return did + name if type(name) is str and name.startswith("#") else name


def _from_multibase(value: str) -> PublicKey:
    # Base58btc alone, and in its only form: no leading zero, because a multicodec starts with none.
    try:
        raw = base58.decode(value[1:]) if value.startswith("z") else b""
    except MalformedToken as exc:
        raise MalformedKey("identifier is not base58btc") from exc
    return from_multikey(raw)


def _from_raw(algorithm: Algorithm, raw: bytes) -> PublicKey:
    if algorithm not in EC:
        return PublicKey.from_jwk({"kty": "OKP", "crv": "Ed25519", "x": b64url_text(raw)})
    parameters = EC[algorithm]
    # did:key, 3.1.2: the compressed form alone, or one key would have two identifiers.
    if len(raw) != parameters.size + 1:
        raise MalformedKey("identifier holds no compressed point")
    try:
        return PublicKey(ec.EllipticCurvePublicKey.from_encoded_point(parameters.curve, raw))
    except ValueError as exc:
        raise MalformedKey("identifier holds no point of its curve") from exc
