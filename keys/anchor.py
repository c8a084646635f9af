"""The trust anchor: the few public keys that a verifier pins, and the documents that only they may sign."""

from dataclasses import dataclass
from typing import Any

from keys import jws, strict_json
from keys.errors import MalformedKey, UnexpectedType, UnknownAnchor
from keys.public import PublicKey

MAX_ANCHOR_BYTES = 65_536
MAX_ANCHOR_KEYS = 16  # the present key and the next one; the rest is room


@dataclass(frozen=True, slots=True)
class Anchor:
    """The pinned keys: one, or two while the anchor changes. One of them signs trust list, pack and kept list."""

    keys: tuple[PublicKey, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.keys) <= MAX_ANCHOR_KEYS:
            raise MalformedKey(f"anchor has {len(self.keys)} keys, expected 1 to {MAX_ANCHOR_KEYS}")
        if len(set(self.keys)) != len(self.keys):
            raise MalformedKey("anchor holds the same key twice")

    @classmethod
    def from_json(cls, raw: bytes) -> "Anchor":
        """Return the anchor of a JWK or a JWK Set (RFC 7517, 4 and 5).

        Every key of a set must be one that we know: a pinned key that is passed over would be a surprise later.

        Raises:
            MalformedKey: no public key of ours, a private key, none or more than ``MAX_ANCHOR_KEYS``, one twice.
            MalformedToken: no JSON object, or a member twice.
        """
        if len(raw) > MAX_ANCHOR_BYTES:
            raise MalformedKey(f"anchor has {len(raw)} bytes, limit {MAX_ANCHOR_BYTES}")
        value = strict_json.loads_object(raw)
        members = value.get("keys", [value])
        if type(members) is not list or not all(type(member) is dict for member in members):
            raise MalformedKey("anchor is neither a JWK nor a JWK Set")
        return cls(tuple(PublicKey.from_jwk(member) for member in members[: MAX_ANCHOR_KEYS + 1]))

    def to_json(self) -> bytes:
        """Return a JWK for one key, a JWK Set for more; each names ``kid``, ``alg`` and ``use``."""
        members = [key.jwk | {"kid": key.kid, "alg": key.algorithm.value, "use": "sig"} for key in self.keys]
        return strict_json.dumps(members[0] if len(members) == 1 else {"keys": members})

    def payload(self, text: str, *, typ: str, max_bytes: int = jws.MAX_TOKEN) -> dict[str, Any]:
        """Return the payload's object of a document that one of these keys signed as ``typ``.

        Raises:
            UnexpectedType: the header's ``typ`` is another one, so a pack is never taken for a trust list.
            UnknownAnchor: ``kid`` names none of the pinned keys (an InvalidSignature).
            InvalidSignature: not signed by the key that ``kid`` names.
            MalformedToken, AlgorithmNotAllowed: as ``jws.peek``.
        """
        token = jws.peek(text, max_bytes=max_bytes)
        if token.header.typ != typ:
            raise UnexpectedType(f"document's typ is not {typ}")
        for key in self.keys:
            if key.kid == token.header.kid:
                return token.verified_by(key)
        raise UnknownAnchor("document is signed by a key that is not pinned")
