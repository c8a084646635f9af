"""Limits of SD-JWT, VC-JOSE-COSE, CBOR, SD-CWT, status lists and what a QR code packs."""

from functools import cache
from typing import Any

import cbor2

from keys import jws, strict_json
from keys.errors import TooLarge
from schemas.formats import (
    bitstring_credential,
    delegation,
    key_binding,
    sd_jwt_json,
    status_token,
    vc_jwt,
)
from schemas.formats.bitstring import Bitstring
from schemas.formats.cose import cbor
from schemas.formats.pack import MAX_PACK, TYP, PackContent, read_pack
from schemas.formats.sd_cwt import kbt, redaction
from schemas.formats.sd_jwt import SdJwt
from schemas.formats.sd_jwt_process import process
from schemas.formats.status_list import StatusList
from schemas.qr import animation, compact
from tests.limits.case import Case
from tests.limits.keys_cases import PINNED
from tests.limits.keys_cases import token as jws_token
from tests.support.delegations import Showing
from tests.support.desk import ANCHOR, HOLDER, LIST, Certificate, Desk
from verifier import Policy, accept_status_list
from verifier.documents import open_document

_SD_JWT = Certificate().sd_jwt().text()
_DESK = Desk()
_POLICY = Policy(accepted_types=None)


def _disclosed(count: int) -> str:
    return "~".join([_SD_JWT.partition("~")[0], *(["WyJhIiwiYiJd"] * count), ""])


def _nested_claims(levels: int) -> dict[str, Any]:
    value: Any = 1
    for _ in range(levels):
        value = {"a": value}
    return value  # type: ignore[no-any-return]


def _general(count: int) -> bytes:
    issued = SdJwt.parse(_SD_JWT)
    document = strict_json.loads_object(sd_jwt_json.general(issued))
    first, *_ = document["signatures"]
    more = {"protected": first["protected"], "signature": first["signature"]}
    return strict_json.dumps(document | {"signatures": [first, *[more] * (count - 1)]})


def _bound(size: int) -> SdJwt:
    return SdJwt.parse(_SD_JWT).with_key_binding(jws_token(size))


def _entries(count: int) -> list[dict[str, Any]]:
    entry = {"type": "BitstringStatusListEntry", "statusPurpose": "revocation", "statusListIndex": "1"}
    return [entry | {"statusListCredential": LIST}] * count


def _levels(count: int) -> bytes:
    return b"\x81" * count + b"\x01"


def _items(count: int) -> bytes:
    return cbor.dumps([0] * (count - 1))


def _disclosures(count: int) -> tuple[bytes, ...]:
    return tuple(cbor2.dumps([bytes(16), number, number]) for number in range(count))


def _place(given: tuple[bytes, ...]) -> Any:
    return redaction.place({1: "iss"}, given)


def _deep_claims(levels: int) -> dict[Any, Any]:
    value: Any = 1
    for _ in range(levels):
        value = {1: value}
    return value  # type: ignore[no-any-return]


def _statuses(size: int) -> bytes:
    return StatusList.from_statuses({}, bits=8, size=size).compressed(quick=True)


@cache
def _content() -> dict[str, Any]:
    return strict_json.loads_object(jws.peek(_DESK.pack_text(), max_bytes=MAX_PACK).peeked_payload)


def _pack(**changed: Any) -> str:
    return jws.sign(strict_json.dumps(_content() | changed), ANCHOR, typ=TYP)


def _read_pack(text: str) -> PackContent:
    return read_pack(text, PINNED)


def _is_believed(text: str | bytes) -> None:
    found = accept_status_list(text, uri=LIST, trust=_DESK.trust())
    if getattr(found, "reason", "") == "too_large":
        raise TooLarge("as the evidence says")


def _types(count: int) -> dict[str, Any]:
    label = {"id": "business_licence", "zh": "营业执照", "en": "Business licence"}
    return {"digest": "x", "types": {f"urn:x:{n}": label for n in range(count)}}


def _deflated(size: int) -> bytes:
    return compact.deflate(bytes(size))


CASES = (
    Case(
        "verifier.policy.Policy.max_bytes",
        "too_large",
        lambda size: f"{_SD_JWT}".ljust(size, "A"),
        lambda text: open_document(text, max_bytes=_POLICY.max_bytes),
    ),
    Case("verifier.status_lists.MAX_LIST", "too_large", lambda size: b"\x84".ljust(size), _is_believed),
    Case("verifier.status_lists.MAX_DOCUMENT", "too_large", lambda size: "{".ljust(size), _is_believed),
    Case(
        "schemas.formats.sd_jwt.MAX_BYTES",
        "malformed_sd_jwt",
        lambda size: _SD_JWT.ljust(size, "A"),
        SdJwt.parse,
        "limit",
    ),
    Case("schemas.formats.sd_jwt.MAX_DISCLOSURES", "too_many_disclosures", _disclosed, SdJwt.parse),
    Case(
        "schemas.formats.sd_jwt_process.MAX_DEPTH",
        "nested_too_deep",
        lambda levels: _nested_claims(levels + 1),  # the payload itself is none of them
        lambda claims: process(claims, ()),
    ),
    Case(
        "schemas.formats.delegation.MAX_BYTES",
        "delegation_malformed",
        lambda size: Showing().shown().ljust(size, "A"),
        delegation.parse,
        "limit",
    ),
    Case(
        "schemas.formats.delegation.MAX_PURPOSES",
        "delegation_malformed",
        lambda size: Showing(purposes=("x",) * size).unregistered(),
        lambda grant: delegation.prepare(grant, HOLDER.public_key),
    ),
    Case(
        "schemas.formats.delegation.MAX_TEXT",
        "delegation_malformed",
        lambda size: Showing(purposes=("x" * size,)).unregistered(),
        lambda grant: delegation.prepare(grant, HOLDER.public_key),
    ),
    Case("schemas.formats.sd_jwt_json.MAX_SIGNATURES", "malformed_sd_jwt", _general, sd_jwt_json.parse, "signatures"),
    Case(
        "schemas.formats.key_binding.MAX_BYTES",
        "key_binding_malformed",
        _bound,
        lambda shown: key_binding.verified_by(shown, HOLDER.public_key),
        "well-formed",
        taken=False,
    ),
    Case("schemas.formats.vc_jwt.MAX_BYTES", "too_large", jws_token, vc_jwt.parse, taken=False),
    Case(
        "schemas.formats.cose.cbor.MAX_BYTES",
        "cbor_too_large",
        lambda size: cbor.dumps(bytes(size - 5)),
        cbor.loads_strict,
    ),
    Case("schemas.formats.cose.cbor.MAX_DEPTH", "cbor_too_deep", _levels, cbor.loads_strict),
    Case("schemas.formats.cose.cbor.MAX_ITEMS", "cbor_too_many_items", _items, cbor.loads_strict),
    Case("schemas.formats.sd_cwt.token.MAX_BYTES", "too_large", bytes, kbt.peek, taken=False),
    Case(
        "schemas.formats.sd_cwt.redaction.MAX_DISCLOSURES",
        "malformed_disclosure",
        _disclosures,
        _place,
        "disclosures, limit",
        taken=False,
    ),
    Case(
        "schemas.formats.sd_cwt.labels.MAX_LEVELS",
        "nested_too_deep",
        _deep_claims,
        lambda claims: redaction.place(claims, ()),
    ),
    Case("schemas.formats.status_token.MAX_TOKEN", "too_large", jws_token, status_token.parse, taken=False),
    Case(
        "schemas.formats.status_list.MAX_BYTES",
        "status_list_too_large",
        _statuses,
        lambda data: StatusList.from_compressed(data, bits=8),
    ),
    Case(
        "schemas.formats.bitstring.MAX_TEXT",
        "status_list_too_large",
        lambda size: "u".ljust(size, "A"),
        Bitstring.from_encoded,
        "characters",
        taken=False,
    ),
    Case(
        "schemas.formats.bitstring.MAX_BYTES",
        "status_list_too_large",
        lambda size: Bitstring.from_statuses({}, length=size * 8).encoded(),
        Bitstring.from_encoded,
    ),
    Case(
        "schemas.formats.bitstring.MAX_SIZE",
        "status_bits_invalid",
        lambda size: size,
        lambda size: Bitstring(bytes(16_384), size=size),
    ),
    Case(
        "schemas.formats.bitstring_credential.MAX_ENTRIES",
        "bitstring_entry_invalid",
        _entries,
        bitstring_credential.read_entries,
        "more than",
    ),
    Case("schemas.formats.pack.MAX_PACK", "too_large", jws_token, _read_pack, taken=False),
    Case(
        "schemas.formats.pack.MAX_DOCUMENT",
        "malformed_pack",
        lambda size: _pack(trust_list="A" * size),
        _read_pack,
        "trust_list",
        stand_in=20_000,
    ),
    Case(
        "schemas.formats.pack.MAX_STATUS_LISTS",
        "malformed_pack",
        lambda size: _pack(status_lists={f"urn:x:{n}": "x" for n in range(size)}),
        _read_pack,
    ),
    Case(
        "schemas.formats.pack.MAX_KEPT",
        "malformed_pack",
        lambda size: _pack(kept={f"k{n}": "x" for n in range(size)}),
        _read_pack,
    ),
    Case(
        "schemas.formats.pack.MAX_TYPES",
        "malformed_pack",
        lambda size: _pack(catalogue=_types(size)),
        _read_pack,
    ),
    Case("schemas.qr.compact.MAX_INFLATED", "inflated_too_large", _deflated, compact.inflate),
    Case(
        "schemas.qr.animation.MAX_FRAME_TEXT",
        "frame_refused",
        lambda size: f"{animation.Frame(b'idid', 1, 2, b'x' * 8).text}".ljust(size, "0"),
        animation.read,
        "is no frame",
        taken=False,
    ),
)
