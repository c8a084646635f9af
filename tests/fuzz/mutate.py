"""Changing a seed by a script of bytes: the same script makes the same change, whoever wrote it.

Hypothesis draws scripts and shrinks them, libFuzzer's mutator makes them of its random number. A change is made where
it hurts: a member twice, another type, a number too long, a part of another seed, and below all that any bytes.
"""

import json
from collections.abc import Sequence
from typing import Any

import cbor2

from keys.encoding import b64url_decode, b64url_text
from keys.errors import KeysError
from schemas.formats.cose import cbor
from schemas.formats.errors import FormatError
from tests.fuzz.target import Form

LONGEST = 200_000  # bytes of what comes out: above the limit of most decoders


class Script:
    """A source of small numbers; it ends in zeros."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._at = 0

    def below(self, count: int) -> int:
        """Return a number from 0 to ``count`` - 1."""
        if count <= 1:
            return 0
        width = 1 if count <= 256 else 2 if count <= 65_536 else 3
        taken = self._raw[self._at : self._at + width]
        self._at += width
        return int.from_bytes(taken, "big") % count

    def pick(self, items: Sequence[Any]) -> Any:
        """Return one of ``items``."""
        return items[self.below(len(items))]


def mutate(form: Form, seeds: Sequence[bytes], script: bytes) -> bytes:
    """Return one of ``seeds`` with one to three changes."""
    choices = Script(script)
    data = choices.pick(seeds)
    for _ in range(1 + choices.below(3)):
        data = _change(form, data, choices.pick(seeds), choices)
    return data[:LONGEST]


def _change(form: Form, data: bytes, other: bytes, choices: Script) -> bytes:
    structured = choices.below(4) != 0
    if structured and form is Form.JSON:
        return _json(data, choices)
    if structured and form is Form.JWT:
        return _jwt(data, other, choices)
    if structured and form is Form.CBOR:
        return _cbor(data, choices)
    return _bytes(data, other, choices, _TEXTS if form in (Form.TEXT, Form.JWT, Form.JSON) else _BINARY)


# Bytes

_TEXTS = (
    b"~",
    b".",
    b"=",
    b" ",
    b"\x00",
    b"%",
    b"A" * 4_000,
    b"z",
    b"\xff",
    "证".encode(),
    b'"',
    b"{",
    b"[" * 1_000,
    b"\n",
    b"_",
    b"-",
)
_BINARY = (
    *(
        b"\x9f",
        b"\xbf",
        b"\xff",
        b"\x5f",
        b"\x7f",
        b"\x1f",
        b"\xf8\x1f",
        b"\xf8\x3b",
        b"\xfb\x7f\xf0\x00\x00\x00\x00\x00\x00",
    ),
    *(
        b"\x9b" + b"\xff" * 8,
        b"\x5b\x00\x00\x00\x00\xff\xff\xff\xff",
        b"\xbb" + b"\x00" * 7 + b"\xff",
        b"\xc2\x42\x01\x00",
    ),
    *(
        b"\xd8\x3c",
        b"\xd8\x3e",
        b"\xd2",
        b"\x81" * 40,
        b"\xc6" * 40,
        b"\x00" * 300,
        b"\xa2\x00\x00\x00\x00",
        b"\x18\x00",
    ),
)


def _bytes(data: bytes, other: bytes, choices: Script, tokens: Sequence[bytes]) -> bytes:
    at = choices.below(len(data) + 1)
    before, after = data[:at], data[at:]
    length = 1 + choices.below(64)
    kind = choices.below(7)
    if kind == 1:  # cut short
        return before
    new = {
        0: lambda: bytes((after[0] ^ 1 << choices.below(8),)) + after[1:] if after else b"",
        2: lambda: after[length:],
        3: lambda: after[:length] * (2 + choices.below(200)) + after[length:],
        4: lambda: other[choices.below(len(other) + 1) :],
        5: lambda: choices.pick(tokens) + after,
        6: lambda: bytes((choices.below(256),)) + after[1:],
    }[kind]()
    return before + bytes(new)


# JSON


class _Object(list[list[Any]]):
    """A JSON object as pairs, so that a member can stand there twice."""


class _Raw(str):
    """JSON text that is put in as it is."""


_LITERALS = (
    *("null", "true", "-1", "0", "-0", "1.5", "1e999", "1E400", "1e-999", "9007199254740993", "18446744073709551616"),
    *("1" * 400, "1" * 5_000, "-9223372036854775809", "253402300800", "253402300799", "1e15", "0.1", "1798767000"),
    *(
        '""',
        '"a"',
        '"\\ud800"',
        '"\\u0000"',
        '"\\u202e"',
        '"' + "a" * 5_000 + '"',
        '"' + "1" * 5_000 + '"',
        '"证"',
        '"𠮷"',
    ),
    *(
        "[]",
        "{}",
        "[[]]",
        "[null]",
        "[{}]",
        "[" * 40 + "]" * 40,
        '{"a":' * 40 + "1" + "}" * 40,
        "[0" + ",0" * 2_000 + "]",
    ),
    *(
        '{"@id":"a:b"}',
        '{"@value":"x","@language":"zz-Z"}',
        '{"@value":1}',
        '{"@list":[]}',
        '{"@set":["x"]}',
        '{"@graph":[]}',
    ),
    *(
        '{"@context":{}}',
        '{"@context":null}',
        '{"@context":{"t":"a:b"},"t":1}',
        '{"@type":"@json","@value":{}}',
        '"@type"',
    ),
    *(
        '"_:b0"',
        '"a:b"',
        '"urn:x:y"',
        '"https://www.w3.org/ns/credentials/v2"',
        '"https://w3id.org/security/data-integrity/v2"',
    ),
    *(
        '"2026-01-01T00:00:00Z"',
        '"9999-12-31T23:59:59.999999-23:59"',
        '"0001-01-01T00:00:00+23:59"',
        '"2026-02-30T00:00:00Z"',
    ),
    *(
        '{"...":"x"}',
        '{"_sd":["x"]}',
        '{"_sd":[]}',
        '"data:application/vc+jwt,a.b.c"',
        '"did:key:z1"',
        '"did:jwk:e30"',
        '"none"',
    ),
    *(
        '{"jwk":{}}',
        '{"kty":"EC","crv":"P-256","x":"","y":""}',
        '{"kty":"OKP","crv":"Ed25519","x":"AA"}',
        '"HS256"',
        '"ES512"',
    ),
)
_NAMES = (
    *(
        "@context",
        "@id",
        "@type",
        "@value",
        "@graph",
        "id",
        "type",
        "proof",
        "_sd",
        "_sd_alg",
        "...",
        "cnf",
        "status",
        "vct",
    ),
    *(
        "iss",
        "exp",
        "nbf",
        "iat",
        "aud",
        "crit",
        "jku",
        "x5c",
        "jwk",
        "vc",
        "vp",
        "issuer",
        "verifiableCredential",
        "",
        "__proto__",
    ),
)


def _json(data: bytes, choices: Script) -> bytes:
    try:
        tree = json.loads(data, object_pairs_hook=lambda pairs: _Object([list(pair) for pair in pairs]))
        root = [tree]
        places = list(_places(root))
        holder, key = choices.pick(places)
        _change_at(holder, key, places, choices)
        return _written(root[0]).encode("utf-8", "surrogatepass")
    except (ValueError, LookupError, RecursionError):
        return _bytes(data, data, choices, _TEXTS)


def _places(holder: Any) -> Any:
    """Give each value's container and key; of an object's member the pair."""
    for key, value in enumerate(holder):
        if isinstance(holder, _Object):
            yield holder[key], 1
            value = value[1]
        else:
            yield holder, key
        if isinstance(value, list):
            yield from _places(value)


def _change_at(holder: Any, key: int, places: list[Any], choices: Script) -> None:
    value = holder[key]
    kind = choices.below(8)
    if kind == 1 and isinstance(value, _Object):
        value.append([choices.pick([*_NAMES, *(pair[0] for pair in value)]), _Raw(choices.pick(_LITERALS))])
    elif kind == 2 and isinstance(value, list) and value:
        value.insert(choices.below(len(value)), value[choices.below(len(value))])
    elif kind == 3 and isinstance(value, list) and value:
        del value[choices.below(len(value))]
    elif kind == 4:
        other, place = choices.pick(places)
        holder[key] = _Raw(_written(other[place]))
    elif kind == 5:
        depth = 1 + choices.below(40)
        holder[key] = _Raw("[" * depth + _written(value) + "]" * depth)
    elif kind == 6 and isinstance(value, _Object) and value:
        choices.pick(value)[0] = choices.pick(_NAMES)
    elif kind == 7 and isinstance(value, str):
        raw = _bytes(value.encode("utf-8", "surrogatepass"), b"", choices, _TEXTS)
        holder[key] = raw.decode("utf-8", "replace")
    else:
        holder[key] = _Raw(choices.pick(_LITERALS))


def _written(value: Any) -> str:
    if isinstance(value, _Raw):
        return value
    if isinstance(value, _Object):
        return "{" + ",".join(f"{json.dumps(name)}:{_written(item)}" for name, item in value) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_written, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


# Compact JWTs with disclosures


def _jwt(data: bytes, other: bytes, choices: Script) -> bytes:
    segments = data.split(b"~")
    number = choices.below(len(segments))
    kind = choices.below(6)
    if kind == 0:
        del segments[number]
    elif kind == 1:
        segments.insert(number, choices.pick(segments))
    elif kind == 2:
        segments.insert(number, choices.pick(other.split(b"~")))
    else:
        parts = segments[number].split(b".")
        place = choices.below(len(parts))
        parts[place] = _inside(parts[place], choices)
        segments[number] = b".".join(parts)
    return b"~".join(segments)


def _inside(part: bytes, choices: Script) -> bytes:
    try:
        decoded = b64url_decode(part)
    except KeysError:
        return _bytes(part, part, choices, _TEXTS)
    changed = _json(decoded, choices) if decoded[:1] in b"{[" and decoded else _bytes(decoded, b"", choices, _BINARY)
    return b64url_text(changed).encode()


# CBOR

_VALUES = (
    *(
        0,
        -1,
        2**63,
        2**64 - 1,
        -(2**64),
        253_402_300_800,
        True,
        None,
        b"",
        b"\x00" * 16,
        b"x" * 5_000,
        "",
        "a",
        "a" * 5_000,
        "证",
    ),
    *(
        [],
        {},
        [[]],
        {1: 2},
        {"a": {}},
        [0] * 300,
        1.5,
        float("nan"),
        float("inf"),
        cbor2.undefined,
        cbor2.CBORSimpleValue(59),
    ),
    *(
        cbor2.CBORTag(60, b"x" * 32),
        cbor2.CBORTag(58, 1),
        cbor2.CBORTag(62, None),
        cbor2.CBORTag(18, []),
        cbor2.CBORTag(61, 1),
    ),
    *(
        cbor2.CBORTag(2, b"\x01" * 3_000),
        cbor2.CBORTag(4, [2**60, 1]),
        cbor2.CBORTag(5, [2**60, 1]),
        cbor2.CBORTag(35, "("),
    ),
    *(
        cbor2.CBORTag(0, "x"),
        cbor2.CBORTag(1, 2**62),
        cbor2.CBORTag(28, [1]),
        cbor2.CBORTag(29, 0),
        cbor2.CBORTag(256, ["a"]),
    ),
)
_KEYS = (
    *range(-4, 9),
    11,
    13,
    15,
    16,
    17,
    33,
    35,
    39,
    58,
    59,
    60,
    170,
    171,
    65_533,
    65_534,
    65_535,
    -70_001,
    -70_002,
    "a",
    "lst",
    "bits",
    1 << 20_000,
    cbor2.CBORSimpleValue(3),
)


def _cbor(data: bytes, choices: Script, depth: int = 0) -> bytes:
    try:
        tree = [cbor.loads_strict(data, any_order=True)]
        holder, key = choices.pick(list(_items(tree)))
        _change_item(holder, key, choices, depth)
        return cbor2.dumps(tree[0], canonical=choices.below(4) != 0)
    except (cbor2.CBORError, ValueError, TypeError, LookupError, RecursionError, OverflowError, FormatError):
        return _bytes(data, data, choices, _BINARY)


def _items(holder: Any) -> Any:
    for key, value in list(holder.items()) if isinstance(holder, dict) else enumerate(holder):
        yield holder, key
        if isinstance(value, cbor2.CBORTag) and isinstance(value.value, list | dict):
            value = value.value
        if isinstance(value, list | dict):
            yield from _items(value)


def _change_item(holder: Any, key: Any, choices: Script, depth: int) -> None:
    value = holder[key]
    kind = choices.below(8)
    if isinstance(value, bytes) and len(value) > 3 and depth < 3 and kind < 5:
        holder[key] = _cbor(value, choices, depth + 1)
    elif kind == 1 and isinstance(value, dict):
        value[choices.pick(_KEYS)] = choices.pick(_VALUES)
    elif kind == 2 and isinstance(value, list) and value:
        value.insert(choices.below(len(value)), choices.pick(value))
    elif kind == 3:
        holder.pop(key)
    elif kind == 4:
        holder[key] = [value]
    elif kind == 5:
        holder[key] = cbor2.CBORTag(choices.pick((18, 58, 60, 61, 62, 2, 0, 24)), value)
    elif kind == 6 and isinstance(value, bytes | str) and value:
        holder[key] = value[: choices.below(len(value))]
    else:
        holder[key] = choices.pick(_VALUES)
