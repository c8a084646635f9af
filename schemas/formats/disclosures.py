"""Disclosures (RFC 9901, 4.2): the salted arrays that hide claims, and their digests."""

import hashlib
from collections.abc import Callable
from typing import Any

import orjson

from keys import strict_json
from keys.encoding import b64url, b64url_decode
from keys.errors import MalformedToken
from schemas.formats.errors import MalformedDisclosure, UnsupportedHashAlgorithm, WeakSalt

ClaimPath = tuple[str | int, ...]
"""Where a claim stands: member names and array positions, from the top."""
Salt = Callable[[], bytes]
"""Gives 16 random bytes or more at every call; ``lambda: secrets.token_bytes(16)``."""

DIGESTS, ELEMENT, HASH_NAME = "_sd", "...", "_sd_alg"
RESERVED = frozenset({DIGESTS, ELEMENT, HASH_NAME})
"""Names that no claim may have; ``_sd_alg`` stands at the top alone (RFC 9901, 4.1.1)."""
DEFAULT_HASH = "sha-256"
WITH_PARTS = frozenset({dict, list})
_READ_STRICTLY = WITH_PARTS | {float}
_SALT_BYTES = 16  # RFC 9901, 9.3: 128 bits
# Names of the IANA "Named Information Hash Algorithm" registry; the truncated ones and MD5 are not accepted.
_HASHES: dict[str, Callable[[bytes], Any]] = {
    DEFAULT_HASH: hashlib.sha256,
    "sha-384": hashlib.sha384,
    "sha-512": hashlib.sha512,
}


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
    return b64url(orjson.dumps(content))


def salt_texts(salt: Salt, count: int) -> list[str]:
    """Return ``count`` fresh salts as the texts that disclosures hold; raises WeakSalt under 128 bits."""
    raw = [salt() for _ in range(count)]
    shortest = min(map(len, raw), default=_SALT_BYTES)
    if shortest < _SALT_BYTES:
        raise WeakSalt(f"salt has {shortest} bytes, expected at least {_SALT_BYTES}")
    return b64url_each(raw)


def b64url_each(items: list[bytes]) -> list[str]:
    """Return each of ``items`` in base64url, as text: one encoding for all where all have one length.

    Zero bytes between them fill up each item's last group of three, and add to the text only what is cut away.
    """
    sizes = set(map(len, items))
    size = sizes.pop() if len(sizes) == 1 else 0
    if size % 3 == 0:
        return [b64url(item).decode("ascii") for item in items]
    text = b64url((b"\0" * (3 - size % 3)).join(items)).decode("ascii")
    step, length = (size + 2) // 3 * 4, (size * 4 + 2) // 3
    return [text[start : start + length] for start in range(0, step * len(items), step)]


def parse(text: str) -> list[Any]:
    """Return what ``text`` encodes: ``[salt, name, value]``, or ``[salt, value]`` for an array element.

    Raises:
        MalformedDisclosure: not base64url of a JSON array [text, text, value] or [text, value].
        DuplicateMember, TooLarge: as ``strict_json.loads``.
    """
    try:
        raw = b64url_decode(text)
        content = orjson.loads(raw)
    except (MalformedToken, orjson.JSONDecodeError) as exc:
        raise MalformedDisclosure("disclosure is not base64url of JSON") from exc
    if type(content) is list:
        count = len(content)
        if ((count == 3 and type(content[1]) is str) or count == 2) and type(content[0]) is str:
            # Only a value with parts can name a member twice, or nest; a float may have been a longer integer.
            return strict_json.loads(raw) if type(content[-1]) in _READ_STRICTLY else content
    raise MalformedDisclosure("disclosure is not an array of salt, name and value, or of salt and value")
