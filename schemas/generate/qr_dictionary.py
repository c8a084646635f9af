"""The preset dictionary of QR codes, built from the type data: field keys, URIs, issuers, code lists, set phrases.

``python -c "from schemas.generate import qr_dictionary; qr_dictionary.main()"`` releases what it builds under the next
id, if the newest one differs; then raise ``schemas.qr.dictionary.NEWEST``. A released file is never written again.

What stands in almost every code comes last: DEFLATE writes a near reference in fewer bits than a far one.
"""

import base64
import hashlib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import orjson

from schemas import types
from schemas.catalogue import CertificateType, Field, Kind
from schemas.formats.cose import cbor
from schemas.formats.sd_cwt import claim_map, labels
from schemas.qr import dictionary

_HOST = "https://ecert.example"
_MARK = bytes(range(0x80, 0xA0))  # 32 bytes that stand for what nobody can foresee, and are cut out
_EPOCH = 1_790_000_000  # a moment of 2026: the first bytes of moments stay the same for years


def build() -> bytes:
    """Return the dictionary of the present type data."""
    parts: list[bytes] = [term.encode() for term in _words()]
    for ctype in types.all_types():
        parts += _of_type(ctype)
    parts += _frame(types.certificate_type("resident_id_card"))
    return b"".join(dict.fromkeys(parts))


def _words() -> Iterator[str]:
    listed = orjson.loads((files(dictionary.__name__) / "phrases.json").read_bytes())
    yield from listed["scope_terms"]
    for values in types.code_lists().values():
        yield from (label for label in values.values.values() if len(label) > 2)
    yield from listed["phrases"]
    for prefix in listed["prefixes"]:
        yield from (prefix + division for division in listed["divisions"])
        yield prefix


def _of_type(ctype: CertificateType) -> list[bytes]:
    """The claims of a type but for what differs from person to person, in the order in which a code has them."""
    department = types.department(ctype.department)
    known = {
        "certificate_version": "001",
        "issuing_authority_name": ctype.issuer_zh,
        "issuing_authority_code": department.credit_code,
        "area_code": department.credit_code[2:8],
        "holder_code_type": "111" if ctype.holder_kind == "natural_person" else "001",
    }
    names = {key: name for name, key in _keyed(ctype)}
    fields = b"".join(
        cbor.dumps(key) + (cbor.dumps(known[name]) if name in known else _head(ctype, name))
        for key, name in sorted(names.items(), key=lambda item: cbor.dumps(item[0]))
    )
    return [fields, *_payload(ctype)]


def _keyed(ctype: CertificateType) -> list[tuple[str, int]]:
    names = [field.name for field in types.credential_fields(ctype.id) if field.kind is not Kind.IMAGE]
    return [(name, claim_map.key_of(ctype.vct, name)) for name in names]


def _head(ctype: CertificateType, name: str) -> bytes:
    """What every value of a field begins with: the head of its text, its digest, its date; true for a boolean."""
    field = next(each for each in types.credential_fields(ctype.id) if each.name == name)
    if field.kind is Kind.BOOLEAN:
        return b"\xf5"
    return b"" if field.example is None else _first_byte(ctype, field)


def _first_byte(ctype: CertificateType, field: Field) -> bytes:
    written = claim_map.to_keys(ctype.vct, {field.name: field.example})
    encoded = cbor.dumps(next(iter(written.values())))
    return encoded[:2] if encoded[0] & 31 == 24 else encoded[:1]


def _payload(ctype: CertificateType) -> list[bytes]:
    base = f"{_HOST}/issuers/{ctype.department}"
    claims: dict[int, Any] = {
        labels.ISS: base,
        labels.EXP: _EPOCH,
        labels.IAT: _EPOCH,
        labels.CNF: {labels.COSE_KEY: {1: 2, -1: 1, -2: _MARK, -3: True}},
        labels.VCT: ctype.vct,
    }
    return [cbor.dumps(claims).replace(_MARK, b"")[1:]]


def _frame(ctype: CertificateType) -> list[bytes]:
    """What surrounds the claims: headers, status reference, redactions, the holder's proof."""
    status = {labels.STATUS: {"status_list": {"idx": 300_000, "uri": f"{_HOST}/status/" + "x" * 22}}}
    reference = cbor.dumps(status)[1:].replace(b"x" * 22, b"")
    redacted = cbor.dumps({labels.REDACTED_KEYS: [_MARK] * 12})[1:].replace(_MARK, b"")
    proof = cbor.dumps({labels.AUD: "urn:ecert:counter", labels.IAT: _EPOCH})
    inner = cbor.dumps({labels.ALG: -7, labels.KID: _MARK, labels.TYP: labels.TYP_SD_CWT})
    outer = cbor.dumps({labels.ALG: -7, labels.KCWT: 0})[:-1]
    typ = cbor.dumps({labels.TYP: labels.TYP_KBT})[1:]
    claims = b"".join(_payload(ctype)) + reference + cbor.dumps(labels.FIELDS)
    disclosure = cbor.dumps({labels.SD_CLAIMS: [cbor.dumps([_MARK[:16], "x" * 18, 1])]})
    cut = inner.replace(_MARK, b"")
    ends = [redacted, disclosure.replace(_MARK[:16], b"").replace(b"x" * 18, b""), b"\x82\x50", b"\x83\x50"]
    message = b"\xd2\x84\x59\x01" + outer + b"\xd2\x84\x58" + bytes((len(inner),)) + cut + b"\xa0\x59\x01"
    return [*ends, claims, typ + b"\xa0\x58" + bytes((len(proof),)) + proof + b"\x58\x40", message]


def main() -> None:
    """Release the next dictionary, if the type data give another one than the newest."""
    data = build()
    folder = Path(dictionary.__file__).parent
    numbers = sorted(int(path.stem) for path in folder.glob("[0-9]*.json"))
    if numbers and base64.b64decode(orjson.loads((folder / f"{numbers[-1]}.json").read_bytes())["data"]) == data:
        return
    number = (numbers[-1] if numbers else 0) + 1
    released = {
        "id": number,
        "sha256": hashlib.sha256(data).hexdigest(),
        "bytes": len(data),
        "data": base64.b64encode(data).decode("ascii"),
    }
    (folder / f"{number}.json").write_bytes(orjson.dumps(released, option=orjson.OPT_INDENT_2) + b"\n")
