"""Keys as decentralized identifiers: ``did:key`` (W3C CCG did:key 0.7) and ``did:jwk``, both ways.

Such an identifier is the key and nothing more; it does not say whose it is. Issuers are found in the trust list; these
forms are for holders, and for issuers only where a test mode says so (DESIGN.md, 7.1).
"""

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from keys import strict_json
from keys.algorithms import EC, Algorithm
from keys.encoding import b64url_decode, b64url_text
from keys.errors import MalformedKey, MalformedToken
from keys.public import PublicKey

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
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
    loaded = serialization.load_der_public_key(key.spki())
    if isinstance(loaded, ec.EllipticCurvePublicKey):
        raw = loaded.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint)
    else:
        raw = b64url_decode(key.jwk["x"])
    return "did:key:z" + _base58(_CODES[key.algorithm] + raw)


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


def _from_multibase(value: str) -> PublicKey:
    raw = _unbase58(value[1:]) if value.startswith("z") else b""
    for algorithm, code in _CODES.items():
        if raw.startswith(code):
            return _from_raw(algorithm, raw[len(code) :])
    raise MalformedKey("identifier is not of a kind of key that is supported")


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


def _base58(data: bytes) -> str:
    number, digits = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        digits = _BASE58[digit] + digits
    return digits  # no leading zero bytes to write: a multicodec starts with none


def _unbase58(text: str) -> bytes:
    number = 0
    for character in text:
        digit = _BASE58.find(character)
        if digit < 0:
            raise MalformedKey("identifier is not base58btc")
        number = number * 58 + digit
    if text.startswith("1"):
        raise MalformedKey("identifier is not base58btc in its only form")
    return number.to_bytes((number.bit_length() + 7) // 8, "big")
