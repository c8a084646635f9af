"""The JSON Web Tokens that a client signs, some with the key that they prove in the header (RFC 9449, 4.2)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from keys import strict_json
from keys.encoding import b64url, b64url_text
from keys.public import PublicKey
from keys.signer import Signer


def signing_input(key: PublicKey, header: Mapping[str, Any], claims: Mapping[str, Any]) -> bytes:
    """Return what ``key`` has to sign; ``alg`` is written from the key."""
    members = {"alg": key.algorithm.value, **header}
    return b64url(strict_json.dumps(members)) + b"." + b64url(strict_json.dumps(claims))


def completed(signed: bytes, signature: bytes) -> str:
    """Return the compact JWS of what was signed and its signature."""
    return f"{signed.decode('ascii')}.{b64url_text(signature)}"


def sign(signer: Signer, header: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
    """Return the compact JWS by ``signer``."""
    text = signing_input(signer.public_key, header, claims)
    return completed(text, signer.sign(text))


def seconds(moment: datetime) -> int:
    """Return a moment as NumericDate."""
    return int(moment.timestamp())
