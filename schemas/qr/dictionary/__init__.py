"""Preset dictionaries of the packing ``ZK1:``, released by id and never changed: ``<id>.json``.

A dictionary holds byte strings that codes have in common (RFC 1951 refers back to them). A reader needs every one that
was ever released; a writer takes the newest. ``schemas.generate.qr_dictionary`` releases the next one.
"""

import base64
import hashlib
from functools import cache
from importlib.resources import files

import orjson

from schemas.qr.errors import UnknownDictionary

NEWEST = 1
"""The id that is written; every id from 1 to it can be read."""
MAX_BYTES = 24_576
"""Of a dictionary: with 8 kB of content it stays within the window of 32 kB that DEFLATE looks back."""


@cache
def dictionary(number: int) -> bytes:
    """Return the dictionary of that id.

    Raises:
        UnknownDictionary: none was released under it, or this program is older.
    """
    if not 1 <= number <= NEWEST:
        raise UnknownDictionary(f"dictionary {number} is not known, the newest is {NEWEST}")
    released = orjson.loads((files(__name__) / f"{number}.json").read_bytes())
    return base64.b64decode(released["data"])


def digest(number: int) -> str:
    """Return the SHA-256 of a dictionary in hexadecimal; raises UnknownDictionary."""
    return hashlib.sha256(dictionary(number)).hexdigest()
