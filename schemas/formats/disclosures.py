"""Disclosures (RFC 9901, 4.2): the salted arrays that hide claims, and their digests."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from keys import strict_json
from keys.encoding import b64url, b64url_decode
from keys.errors import DuplicateMember, MalformedToken, TooLarge
from schemas.formats.errors import MalformedDisclosure, UnsupportedHashAlgorithm, WeakSalt

ClaimPath = tuple[str | int, ...]
"""Where a claim stands: member names and array positions, from the top."""
Salt = Callable[[], bytes]
"""Gives 16 random bytes or more at every call; ``lambda: secrets.token_bytes(16)``."""

DIGESTS, ELEMENT, HASH_NAME = "_sd", "...", "_sd_alg"
RESERVED = frozenset({DIGESTS, ELEMENT})
DEFAULT_HASH = "sha-256"
_SALT_BYTES = 16  # RFC 9901, 9.3: 128 bits
# Names of the IANA "Named Information Hash Algorithm" registry; the truncated ones and MD5 are not accepted.
_HASHES: dict[str, Callable[[bytes], Any]] = {
    DEFAULT_HASH: hashlib.sha256,
    "sha-384": hashlib.sha384,
    "sha-512": hashlib.sha512,
}


@dataclass(frozen=True, slots=True)
class Disclosure:
    """One disclosure taken apart; ``name`` is None for an array element."""

    name: str | None
    value: Any


def hash_function(name: Any) -> Callable[[bytes], Any]:
    """Return the constructor of the hash that ``_sd_alg`` names.

    Raises:
        UnsupportedHashAlgorithm: it is not one of sha-256, sha-384, sha-512.
    """
    function = _HASHES.get(name) if type(name) is str else None
    if function is None:
        raise UnsupportedHashAlgorithm(f"_sd_alg is not one of {', '.join(_HASHES)}")
    return function


def path_text(path: ClaimPath) -> str:
    """Return ``path`` for a message: names and positions with dots between; it never holds a claim's value."""
    return ".".join(map(str, path))


def encode(content: list[Any]) -> bytes:
    """Return the disclosure of ``[salt, name, value]`` or ``[salt, value]``: base64url of its JSON."""
    return b64url(strict_json.dumps(content))


def salt_text(salt: Salt) -> str:
    """Return a fresh salt as the text that a disclosure holds; raises WeakSalt under 128 bits."""
    raw = salt()
    if len(raw) < _SALT_BYTES:
        raise WeakSalt(f"salt has {len(raw)} bytes, expected at least {_SALT_BYTES}")
    return b64url(raw).decode("ascii")


def parse(text: str) -> Disclosure:
    """Return the disclosure that ``text`` encodes.

    Raises:
        MalformedDisclosure: not base64url of a JSON array [text, text, value] or [text, value].
        DuplicateMember, TooLarge: as ``strict_json.loads``.
    """
    try:
        content = strict_json.loads(b64url_decode(text))
    except (DuplicateMember, TooLarge):
        raise
    except MalformedToken as exc:
        raise MalformedDisclosure("disclosure is not base64url of JSON") from exc
    if type(content) is list and content and type(content[0]) is str:
        if len(content) == 3 and type(content[1]) is str:
            return Disclosure(content[1], content[2])
        if len(content) == 2:
            return Disclosure(None, content[1])
    raise MalformedDisclosure("disclosure is not an array of salt, name and value, or of salt and value")
