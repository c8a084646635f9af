"""JSON Web Signature, compact serialization (RFC 7515): sign, peek, verify.

    token = jws.peek(text)               # UnverifiedJws: enough to choose a key, nothing more
    claims = token.verified_by(key)      # the payload's object, or InvalidSignature

``alg`` and ``kid`` are written from the key. ``peek`` refuses what no token of ours may hold: ``alg`` none or unknown,
``jku``, ``x5u``, ``crit``, ``b64``, and a ``jwk`` where no proof of possession is expected.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from keys import strict_json
from keys.algorithms import is_supported
from keys.encoding import b64url, b64url_decode
from keys.errors import AlgorithmNotAllowed, ForbiddenHeader, MalformedToken, TooLarge
from keys.public import PublicKey
from keys.signer import Signer

MAX_TOKEN = 131_072  # bytes; a certificate with a portrait of 20 kB stays under half of it
_MAX_HEADER = 16_384  # bytes; a chain of three certificates stays under half of it
_MAX_KEPT = 4_096  # bytes of a header that is remembered; a chain of two certificates stays under it
_NEVER_FOLLOWED = ("jku", "x5u", "crit", "b64")


def sign(
    payload: bytes,
    signer: Signer,
    *,
    typ: str,
    x5c: bool = False,
    kid: bool = True,
    extra: tuple[tuple[str, str], ...] = (),
) -> str:
    """Return the compact JWS over ``payload``.

    ``typ`` is always explicit (RFC 8725, 3.11). ``x5c`` puts the signer's chain into the header, ``kid=False`` leaves
    the key's name out (key binding), ``extra`` adds header members such as ``cty``.

    Raises:
        ForbiddenHeader: ``extra`` names a member that is written from the key.
    """
    key = signer.public_key
    head = _encoded_header(key.algorithm.value, key.kid if kid else "", typ, signer.chain if x5c else (), extra)
    signing_input = head + b64url(payload)
    return (signing_input + b"." + b64url(signer.sign(signing_input))).decode("ascii")


def peek(text: str, *, max_bytes: int = MAX_TOKEN, embedded_jwk: bool = False) -> "UnverifiedJws":
    """Take ``text`` apart without believing any of it.

    Raises:
        TooLarge: longer than ``max_bytes``.
        MalformedToken: not three base64url parts with a JSON object as header.
        ForbiddenHeader: a header parameter that is never followed.
        AlgorithmNotAllowed: ``alg`` is ``none``, an HMAC, or unknown.
    """
    if len(text) > max_bytes:
        raise TooLarge(f"token has {len(text)} characters, limit {max_bytes}")
    try:
        raw = text.encode("ascii")
        head, payload, signature = raw.split(b".")
    except ValueError as exc:
        raise MalformedToken("token is not three parts of base64url") from exc
    header = _kept_header(head) if len(head) <= _MAX_KEPT else _parsed_header(head)
    if "jwk" in header.parameters and not embedded_jwk:
        raise ForbiddenHeader("header holds an embedded key, which gives no trust")
    return UnverifiedJws(header, b64url_decode(payload), raw[: len(head) + 1 + len(payload)], b64url_decode(signature))


@dataclass(frozen=True, slots=True)
class Header:
    """A protected header; ``parameters`` holds every member, the named fields included."""

    alg: str
    typ: str | None
    kid: str | None
    parameters: Mapping[str, Any]

    def x5c(self) -> tuple[bytes, ...]:
        """Return the certificates of ``x5c`` (RFC 7515, 4.1.6: standard base64, DER, leaf first), or none.

        Raises:
            MalformedToken: ``x5c`` is not a list of base64 texts.
        """
        value = self.parameters.get("x5c", [])
        if type(value) is not list:
            raise MalformedToken("x5c is not a list of base64 certificates")
        try:
            return tuple(base64.b64decode(item, validate=True) for item in value)
        except (TypeError, ValueError) as exc:
            raise MalformedToken("x5c is not a list of base64 certificates") from exc


@dataclass(frozen=True, slots=True)
class UnverifiedJws:
    """A token whose signature nobody has checked yet: use it to find the key, then call ``verified_by``."""

    header: Header
    peeked_payload: bytes
    signing_input: bytes
    signature: bytes

    def peek_claims(self) -> dict[str, Any]:
        """Return the payload's object, unverified; raises as ``strict_json.loads_object``."""
        return strict_json.loads_object(self.peeked_payload)

    def verified_by(self, key: PublicKey) -> dict[str, Any]:
        """Return the payload's object.

        Raises:
            AlgorithmNotAllowed: ``alg`` is not one that ``key`` allows.
            InvalidSignature: not signed by ``key``.
            MalformedToken: the payload is no JSON object, or names a member twice.
        """
        return strict_json.loads_object(self.payload_verified_by(key))

    def payload_verified_by(self, key: PublicKey) -> bytes:
        """Return the payload's bytes; raises as ``verified_by`` but for the JSON."""
        if self.header.alg not in key.accepted:
            raise AlgorithmNotAllowed(f"token says alg {self.header.alg}, the key allows {key.algorithm}")
        key.verify(self.signature, self.signing_input)
        return self.peeked_payload


@lru_cache(maxsize=1024)
def _encoded_header(
    alg: str, kid: str, typ: str, chain: tuple[bytes, ...], extra: tuple[tuple[str, str], ...]
) -> bytes:
    header: dict[str, Any] = {"alg": alg, "typ": typ}
    if kid:
        header["kid"] = kid
    if chain:
        header["x5c"] = [base64.b64encode(der).decode("ascii") for der in chain]
    if not header.keys().isdisjoint(name for name, _ in extra):
        raise ForbiddenHeader("extra header members name one that the key decides")
    return b64url(strict_json.dumps(header | dict(extra))) + b"."


def _parsed_header(encoded: bytes) -> Header:
    if len(encoded) > _MAX_HEADER:
        raise TooLarge(f"header has {len(encoded)} characters, limit {_MAX_HEADER}")
    parameters = strict_json.loads_object(b64url_decode(encoded))
    for name in _NEVER_FOLLOWED:
        if name in parameters:
            raise ForbiddenHeader(f"header holds {name}, which is never followed")
    alg, typ, kid = (parameters.get(name) for name in ("alg", "typ", "kid"))
    if not is_supported(alg):
        raise AlgorithmNotAllowed("token says an alg that no key of ours allows")
    if type(typ) not in (str, type(None)) or type(kid) not in (str, type(None)):
        raise MalformedToken("header's typ or kid is no text")
    return Header(str(alg), typ, kid, MappingProxyType(parameters))


# Anyone can fill it: few entries and short ones, because a header takes up to twenty times its length once parsed.
_kept_header = lru_cache(maxsize=128)(_parsed_header)
