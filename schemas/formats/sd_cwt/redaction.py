"""Redacting claims and putting disclosures back into their places (draft-ietf-spice-sd-cwt, 4, 7.2 and 9).

    redacted = redact({CBORTag(58, 501): "ABCD", 502: [CBORTag(58, 1), 2], CBORTag(62, 1): None}, salt=salt)
    placed = place(redacted.claims, redacted.disclosures)

What is to be redacted is marked as the draft marks it before issuing: tag 58 around a key or an element, tag 62 for a
decoy. The Redacted Claim Hash is over the disclosure as a byte string, its CBOR header included.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cbor2 import CBORSimpleValue, CBORTag

from schemas.formats.cose import cbor
from schemas.formats.disclosures import Salt
from schemas.formats.errors import (
    ClaimAlreadyPresent,
    DigestTwice,
    DisclosureTwice,
    DisclosureUnreferenced,
    MalformedDigests,
    MalformedDisclosure,
    NestedTooDeep,
    NeverSelective,
    WeakSalt,
    WrongDisclosureKind,
)
from schemas.formats.sd_cwt.errors import ClaimKeyRefused, RedactionTagRefused
from schemas.formats.sd_cwt.labels import (
    MAX_LEVELS,
    NEVER_REDACTED,
    REDACTED_ELEMENT,
    REDACTED_KEYS,
    SALT_BYTES,
    TO_BE_DECOY,
    TO_BE_REDACTED,
)

MAX_DISCLOSURES = 200
_MAX_KEY = 255  # bytes of a text key
_DIGEST_BYTES = 32


@dataclass(frozen=True, slots=True)
class Redacted:
    """What the issuer signs, and every disclosure for the holder, those of the decoys included."""

    claims: dict[Any, Any] = field(repr=False)
    disclosures: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Disclosed:
    """One disclosure taken apart: ``parts`` are [value, key], [value] for an element, none for a decoy."""

    raw: bytes = field(repr=False)
    parts: tuple[Any, ...] = field(repr=False)


def digest(disclosure: bytes) -> bytes:
    """Return the Redacted Claim Hash of a disclosure."""
    return hashlib.sha256(cbor.dumps(disclosure)).digest()


def read(disclosure: Any) -> Disclosed:
    """Return what a disclosure says.

    Raises:
        MalformedDisclosure: no byte string of an array of salt, value and key, of salt and value, or of a salt.
        CborError: the bytes are not one deterministic CBOR item.
    """
    content = cbor.loads_strict(disclosure, max_depth=MAX_LEVELS + 1) if type(disclosure) is bytes else None
    if type(content) is not list or not 1 <= len(content) <= 3:
        raise MalformedDisclosure("disclosure is not a byte string of an array of one to three items")
    if type(content[0]) is not bytes or len(content[0]) != SALT_BYTES:
        raise MalformedDisclosure(f"disclosure does not begin with a salt of {SALT_BYTES} bytes")
    if len(content) == 3 and not _is_key(content[2]):
        raise MalformedDisclosure("disclosure names a claim by neither integer nor text")
    return Disclosed(disclosure, tuple(content[1:]))


def digests_of(claims: Any) -> list[Any]:
    """Return the digests that stand in a claims map itself; raises MalformedDigests when they are no array."""
    found: Any = [value for key, value in claims.items() if _is_mark(key)] if type(claims) is dict else []
    digests = found[0] if found else []
    if type(digests) is not list:
        raise MalformedDigests("redacted_claim_keys is not an array")
    return digests


def _is_mark(key: Any) -> bool:
    # For Python simple(59) equals 59, which is a claim.
    return type(key) is CBORSimpleValue and key == REDACTED_KEYS


# Redacting


def redact(marked: Mapping[Any, Any], *, salt: Salt) -> Redacted:
    """Return ``marked`` with every marked claim and element replaced by its hash; inner ones first.

    Raises:
        WeakSalt: a salt has not exactly 128 bits, or comes twice.
        NeverSelective: a claim that must stand in the clear is marked.
        ClaimKeyRefused: a key is of another kind.
    """
    work = _Redaction(salt)
    claims = work.map(marked, top=True)
    return Redacted(claims, tuple(work.disclosures))


@dataclass(slots=True)
class _Redaction:
    salt: Salt
    disclosures: list[bytes] = field(default_factory=list)
    salts: set[bytes] = field(default_factory=set)

    def value(self, value: Any) -> Any:
        if type(value) is dict:
            return self.map(value, top=False)
        return [self.element(item) for item in value] if type(value) is list else value

    def map(self, marked: Mapping[Any, Any], *, top: bool) -> dict[Any, Any]:
        result: dict[Any, Any] = {}
        digests: list[bytes] = []
        for key, value in marked.items():
            if not isinstance(key, CBORTag):
                result[_checked(key)] = self.value(value)
            elif key.tag == TO_BE_DECOY:
                digests.append(self.hide())
            else:
                digests.append(self.hide(self.value(value), _redactable(key, marked, top=top)))
        if digests:
            if REDACTED_KEYS in result:  # for Python simple(59) and 59 are one key
                raise ClaimKeyRefused("a map with redacted claims holds the key 59")
            # The order in which claims were marked must not show (SD-JWT has the same rule: RFC 9901, 4.2.4.1).
            result[REDACTED_KEYS] = sorted(digests)
        return result

    def element(self, item: Any) -> Any:
        if not isinstance(item, CBORTag) or item.tag not in (TO_BE_REDACTED, TO_BE_DECOY):
            return self.value(item)
        hidden = self.hide() if item.tag == TO_BE_DECOY else self.hide(self.value(item.value))
        return CBORTag(REDACTED_ELEMENT, hidden)

    def hide(self, *parts: Any) -> bytes:
        salt = self.salt()
        if len(salt) != SALT_BYTES or salt in self.salts:
            raise WeakSalt(f"salt has {len(salt)} bytes or comes twice, expected {SALT_BYTES} new ones")
        self.salts.add(salt)
        disclosure = cbor.dumps([salt, *parts])
        self.disclosures.append(disclosure)
        return digest(disclosure)


def _redactable(marker: CBORTag, marked: Mapping[Any, Any], *, top: bool) -> Any:
    if marker.tag != TO_BE_REDACTED or marker.value in marked:
        raise ClaimKeyRefused("a key is tagged by another tag than 58 and 62, or stands there untagged as well")
    if top and marker.value in NEVER_REDACTED:
        raise NeverSelective(f"claim {marker.value} must stand in the clear")
    return _checked(marker.value)


def _checked(key: Any) -> Any:
    if not _is_key(key):
        raise ClaimKeyRefused(f"a key is neither an integer nor a text of at most {_MAX_KEY} bytes")
    return key


def _is_key(key: Any) -> bool:
    return type(key) is int or (type(key) is str and 0 < len(key.encode("utf-8", "replace")) <= _MAX_KEY)


# Placing


@dataclass(frozen=True, slots=True)
class Placed:
    """The Validated Disclosed Claims Set, and how many digests nobody disclosed (decoys among them)."""

    claims: dict[Any, Any] = field(repr=False)
    hidden: int


def place(payload: dict[Any, Any], disclosures: Sequence[bytes]) -> Placed:
    """Return the claims with every disclosure in its place and everything undisclosed left out.

    Raises:
        DisclosureError: a subclass for each rule that is broken.
        NeverSelective: a disclosure brings a claim that must stand in the clear.
        ClaimKeyRefused: a key is of another kind.
        NestedTooDeep: more than ``MAX_LEVELS`` levels.
    """
    if len(disclosures) > MAX_DISCLOSURES:
        raise MalformedDisclosure(f"there are {len(disclosures)} disclosures, limit {MAX_DISCLOSURES}")
    by_digest = {digest(raw): read(raw) for raw in disclosures}
    if len(by_digest) != len(disclosures):
        raise DisclosureTwice("a disclosure is sent more than once")
    walk = _Placing(by_digest)
    claims = walk.map(payload, level=1)
    missing = len(by_digest.keys() - walk.seen)
    if missing:
        raise DisclosureUnreferenced(f"{missing} of {len(disclosures)} disclosures are referred to by no digest")
    return Placed(claims, len(walk.seen) - len(by_digest))


@dataclass(slots=True)
class _Placing:
    """One pass over the payload. Digests seen are remembered, whether or not a disclosure answers them."""

    by_digest: dict[bytes, Disclosed]
    seen: set[bytes] = field(default_factory=set)

    def value(self, value: Any, level: int) -> Any:
        if type(value) is dict:
            return self.map(value, level)
        if type(value) is list:
            return self.array(value, level)
        if isinstance(value, CBORTag):
            if value.tag in (REDACTED_ELEMENT, TO_BE_REDACTED, TO_BE_DECOY):
                raise RedactionTagRefused(f"tag {value.tag} stands where it must not")
            return CBORTag(value.tag, self.value(value.value, _deeper(level)))
        return value

    def map(self, value: dict[Any, Any], level: int) -> dict[Any, Any]:
        inner = _deeper(level)
        result = {_checked(key): self.value(item, inner) for key, item in value.items() if not _is_mark(key)}
        for one in digests_of(value):
            self.disclose(one, result, level)
        return result

    def disclose(self, one: Any, target: dict[Any, Any], level: int) -> None:
        found = self.answer(one)
        if found is None or not found.parts:  # not disclosed, or a decoy
            return
        if len(found.parts) != 2:
            raise WrongDisclosureKind("a map refers to a disclosure of an array's element")
        value, key = found.parts
        if level == 1 and key in NEVER_REDACTED:
            raise NeverSelective(f"claim {key} must stand in the clear")
        if key in target:
            raise ClaimAlreadyPresent("a disclosure brings a claim that already stands at its level")
        target[key] = self.value(value, _deeper(level))

    def array(self, value: list[Any], level: int) -> list[Any]:
        inner = _deeper(level)
        result = []
        for item in value:
            if not isinstance(item, CBORTag) or item.tag != REDACTED_ELEMENT:
                result.append(self.value(item, inner))
                continue
            found = self.answer(item.value)
            if found is None or not found.parts:
                continue
            if len(found.parts) != 1:
                raise WrongDisclosureKind("an array's element refers to a disclosure of a map's claim")
            result.append(self.value(found.parts[0], inner))
        return result

    def answer(self, one: Any) -> Disclosed | None:
        if type(one) is not bytes or len(one) != _DIGEST_BYTES:
            raise MalformedDigests(f"a digest is not {_DIGEST_BYTES} bytes")
        if one in self.seen:
            raise DigestTwice("a digest is met more than once")
        self.seen.add(one)
        return self.by_digest.get(one)


def _deeper(level: int) -> int:
    if level > MAX_LEVELS:
        raise NestedTooDeep(f"claims nest deeper than {MAX_LEVELS} levels")
    return level + 1
