"""Values that leave the wallet and come back: sealed with HMAC-SHA-256, so that the wallet need not keep them.

A seal belongs to one use (``label``) and ends at a second. Sealed content can be read by whoever carries it; it cannot
be changed, prolonged, or used for something else.
"""

import hashlib
import hmac
from datetime import datetime
from typing import Any

from keys import strict_json
from keys.encoding import b64url_decode, b64url_text
from keys.errors import KeysError
from wallet_api.errors import WalletError

_MAX_TEXT = 32_768  # characters; the longest handle names every field of a type and stays under a quarter of it


class SealBroken(WalletError):
    """The text was not sealed here for this use, or its time is over."""

    code = "seal_broken"


class Sealer:
    """Seals with one secret of at least 32 bytes."""

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        if len(secret) < 32:
            raise ValueError(f"secret has {len(secret)} bytes, at least 32 are needed")
        self._secret = secret

    def seal(self, label: str, content: dict[str, Any], *, until: datetime) -> str:
        """Return ``content`` (JSON) sealed for ``label`` until ``until``: two parts of base64url."""
        body = b64url_text(strict_json.dumps({"until": int(until.timestamp()), "content": content}))
        return f"{body}.{b64url_text(self._mac(label, body))}"

    def open(self, label: str, text: str, *, now: datetime) -> dict[str, Any]:
        """Return the content of ``text``; raises SealBroken."""
        body, _, mac = text.partition(".")
        if len(text) > _MAX_TEXT or not hmac.compare_digest(self._mac(label, body), _decoded(mac)):
            raise SealBroken("text was not sealed here for this use")
        # Sealed by us, so its form is known.
        sealed = strict_json.loads_object(b64url_decode(body))
        if now.timestamp() >= sealed["until"]:
            raise SealBroken("text was sealed for a time that is over")
        content: dict[str, Any] = sealed["content"]
        return content

    def _mac(self, label: str, body: str) -> bytes:
        # NUL stands in no label, so no label and body join to another pair's bytes.
        return hmac.digest(self._secret, f"{label}\0{body}".encode("utf-8", "surrogatepass"), hashlib.sha256)


def _decoded(mac: str) -> bytes:
    try:
        return b64url_decode(mac)
    except KeysError:
        return b""
