"""Targets of CBOR, COSE, CWT and SD-CWT, of status lists as bytes, and of what a QR code packs."""

from typing import Any

import cbor2

from keys import strict_json
from keys.errors import MalformedToken
from schemas.formats import bitstring_credential, status_cwt, status_token
from schemas.formats.bitstring import Bitstring
from schemas.formats.cose import cbor, cwt, sign1
from schemas.formats.cose.key import from_cose_key, to_cose_key
from schemas.formats.sd_cwt import claim_map, credential, kbt, labels, token
from schemas.formats.status_answer import entries_for
from schemas.formats.status_list import StatusList
from schemas.qr import animation, base45, compact
from schemas.qr import text as qr_text
from tests.fuzz.target import Form, Target, as_text, only
from tests.support import sd_cwt
from tests.support.desk import ANOTHER, LIST, MARKET, NOW, seconds

_ISSUER, _HOLDER = sd_cwt.ISSUER.public_key, sd_cwt.HOLDER.public_key
_STATUSES = StatusList.from_statuses({1: 1, 7: 2, 4711: 3}, bits=2, size=1 << 14)
_TIMES = status_token.Times(seconds(NOW), seconds(NOW) + 3600, 600)
_BITS = Bitstring.from_statuses({7: 1}, length=1 << 17)


def _sign1(data: bytes) -> bytes:
    return sign1.peek(data).verified_by(_ISSUER)


def _messages() -> list[bytes]:
    return [sign1.sign(b"payload", sd_cwt.ISSUER, protected={3: "text/plain"}, unprotected={33: b"der"})]


def _cwt(data: bytes) -> dict[Any, Any]:
    return cwt.peek(data, any_order=True).verified_by(_ISSUER)


def _cwts() -> list[bytes]:
    signed = cwt.sign({1: "iss", 4: 5.5, 6: 1, 8: {1: to_cose_key(_HOLDER)}, "x": [1]}, sd_cwt.ISSUER)
    return [signed, cbor.dumps(cbor2.CBORTag(cwt.TAG, cbor.loads_strict(signed)))]


def _sd_cwt(data: bytes) -> dict[Any, Any]:
    return token.peek(data).verified_by(_ISSUER).claims


def _is_part_of_full(_: bytes, claims: dict[Any, Any]) -> bool:
    whole = token.peek(sd_cwt.issued(sd_cwt.FIELDS, sd_cwt.FIELDS)).peek_placed().claims
    fields = claims.get(labels.FIELDS, {}).items()
    others = {key: value for key, value in claims.items() if key != labels.FIELDS}
    return fields <= whole[labels.FIELDS].items() and all(whole.get(key) == value for key, value in others.items())


def _kbt(data: bytes) -> tuple[Any, Any]:
    read = kbt.peek(data).verified_by(_ISSUER)
    return dict(read.claims), read.holder_verified()


def _signed_sd_cwt(data: bytes) -> Any:
    """An array of claims and disclosures, both as bytes, signed by the issuer whatever they say."""
    given = cbor.loads_strict(data)
    if type(given) is not list or len(given) != 2 or type(given[0]) is not bytes or type(given[1]) is not list:
        raise MalformedToken("not the shape of this target")
    shown = {labels.SD_CLAIMS: given[1]} if given[1] else {}
    signed = sign1.sign(given[0], sd_cwt.ISSUER, protected={labels.TYP: labels.TYP_SD_CWT}, unprotected=shown)
    return credential.read(token.peek(signed).verified_by(_ISSUER).claims)


def _parts_of_sd_cwt() -> list[bytes]:
    full = sd_cwt.full()
    nested = {
        labels.SUB: "s",
        labels.VCT: sd_cwt.VCT,
        labels.CNF: {1: to_cose_key(_HOLDER)},
        500: [sd_cwt.marked(1), {3: 4}],
    }
    other = token.peek(token.issue(nested, sd_cwt.ISSUER, salt=sd_cwt.numbered_salts(), protected={}))
    return [cbor.dumps([each.message.peeked_payload, list(each.disclosures)]) for each in (full, other)]


def _signed_kbt(data: bytes) -> Any:
    """The claims of a Key Binding Token, signed by the holder whatever they say."""
    header = {labels.KID: None, labels.TYP: labels.TYP_KBT, labels.KCWT: cbor.loads_strict(sd_cwt.issued())}
    signed = sign1.sign(data, sd_cwt.HOLDER, protected=header)
    return kbt.peek(signed).verified_by(_ISSUER).holder_verified()


def _status_cwt() -> bytes:
    return status_cwt.issue(
        _STATUSES, sd_cwt.ISSUER, uri=LIST, times=_TIMES, aggregation_uri="https://ecert.example/all"
    )


def _signed_status_cwt(data: bytes) -> StatusList:
    signed = sign1.sign(data, sd_cwt.ISSUER, protected={sign1.TYP: status_cwt.TYP})
    return status_cwt.parse(signed).verified_by(_ISSUER).statuses


def _bitstring_credential() -> dict[str, Any]:
    times = bitstring_credential.ListTimes(NOW, NOW, 600)
    return bitstring_credential.credential(_BITS, purpose="revocation", uri=LIST, issuer=MARKET, times=times)


def _entries() -> list[bytes]:
    entries = [entry.document() for entry in entries_for(LIST, 4711)]
    return [strict_json.dumps({"entries": entries}), strict_json.dumps({"entries": entries[0]})]


def _frames(data: bytes) -> str:
    return animation.reassemble(as_text(data).split("\n"))


def _animated() -> list[bytes]:
    import random

    noise = random.Random(5).randbytes(1_500)  # noqa: S311 - the same bytes in every run, that do not deflate
    packed = compact.deflate(noise)
    return ["\n".join(frame.text for frame in animation.split(packed)).encode()]


def _packed() -> bytes:
    return compact.deflate(sd_cwt.shown("name"))


TARGETS = (
    Target(
        "cbor",
        "schemas.formats.cose.cbor.loads_strict",
        cbor.loads_strict,
        lambda: [
            sd_cwt.issued(),
            sd_cwt.shown("name"),
            cbor.dumps([1.5, -1, None, True, b"", "证", {1: {2: [3]}}, cbor2.CBORTag(0, "x")]),
        ],
        Form.CBOR,
        lambda data, value: cbor.dumps(value) == data,
    ),
    Target(
        "cbor_any_order",
        "schemas.formats.cose.cbor.loads_strict(any_order)",
        lambda data: cbor.loads_strict(data, any_order=True),
        lambda: [sd_cwt.issued(), cbor2.dumps({"b": 1, "a": 2, 59: 1, 3: {9: 1, 1: 2}})],
        Form.CBOR,
        lambda data, value: len(cbor.dumps(value)) == len(data),
    ),
    Target(
        "cose_sign1",
        "schemas.formats.cose.sign1.peek",
        _sign1,
        _messages,
        Form.CBOR,
        lambda _, payload: payload == b"payload",
    ),
    Target("cwt", "schemas.formats.cose.cwt.peek", _cwt, _cwts, Form.CBOR, only(lambda: _cwt(_cwts()[0]))),
    Target(
        "cwt_signed",
        "schemas.formats.cose.cwt.read_claims",
        lambda data: cwt.read_claims(data, any_order=True),
        lambda: [sign1.peek(_cwts()[0]).peeked_payload or b""],
        Form.CBOR,
    ),
    Target(
        "cose_key",
        "schemas.formats.cose.key.from_cose_key",
        lambda data: from_cose_key(cbor.loads_strict(data)),
        lambda: (
            [cbor.dumps(to_cose_key(_HOLDER, compressed=yes)) for yes in (True, False)]
            + [cbor.dumps(to_cose_key(ANOTHER.public_key))]
        ),
        Form.CBOR,
    ),
    Target(
        "sd_cwt",
        "schemas.formats.sd_cwt.token.peek",
        _sd_cwt,
        lambda: [sd_cwt.issued(sd_cwt.FIELDS, sd_cwt.FIELDS)],
        Form.CBOR,
        _is_part_of_full,
    ),
    Target("sd_cwt_signed", "schemas.formats.sd_cwt.redaction.place", _signed_sd_cwt, _parts_of_sd_cwt, Form.CBOR),
    Target(
        "kbt",
        "schemas.formats.sd_cwt.kbt.peek",
        _kbt,
        lambda: [sd_cwt.shown("name", "gender")],
        Form.CBOR,
        only(lambda: _kbt(sd_cwt.shown("name", "gender"))),
    ),
    Target(
        "kbt_signed",
        "schemas.formats.sd_cwt.kbt.binding_by",
        _signed_kbt,
        lambda: [
            cbor.dumps(
                {
                    labels.AUD: sd_cwt.AUDIENCE,
                    labels.IAT: sd_cwt.NOW,
                    labels.CNONCE: b"12345678",
                    labels.EXP: sd_cwt.NOW + 9,
                }
            )
        ],
        Form.CBOR,
    ),
    Target(
        "claim_keys",
        "schemas.formats.sd_cwt.claim_map.from_keys",
        lambda data: claim_map.from_keys(sd_cwt.VCT, _map(data)),
        lambda: [cbor.dumps(claim_map.to_keys(sd_cwt.VCT, sd_cwt.FIELDS))],
        Form.CBOR,
    ),
    Target(
        "status_cwt",
        "schemas.formats.status_cwt.parse",
        lambda data: status_cwt.parse(data).verified_by(_ISSUER).statuses,
        lambda: [_status_cwt()],
        Form.CBOR,
        lambda _, statuses: statuses == _STATUSES,
    ),
    Target(
        "status_cwt_signed",
        "schemas.formats.status_cwt.read_status_list",
        _signed_status_cwt,
        lambda: [sign1.peek(_status_cwt()).peeked_payload or b""],
        Form.CBOR,
    ),
    Target(
        "status_list",
        "schemas.formats.status_list.StatusList.from_compressed",
        lambda data: StatusList.from_compressed(data, bits=2),
        lambda: [_STATUSES.compressed(), _STATUSES.compressed(quick=True)],
    ),
    Target(
        "bitstring",
        "schemas.formats.bitstring.Bitstring.from_encoded",
        lambda data: Bitstring.from_encoded(as_text(data)),
        lambda: [_BITS.encoded().encode()],
        Form.TEXT,
    ),
    Target(
        "bitstring_credential",
        "schemas.formats.bitstring_credential.read_list",
        lambda data: bitstring_credential.read_list(strict_json.loads_object(data)),
        lambda: [strict_json.dumps(_bitstring_credential())],
        Form.JSON,
    ),
    Target(
        "bitstring_entries",
        "schemas.formats.bitstring_credential.read_entries",
        lambda data: bitstring_credential.read_entries(strict_json.loads_object(data).get("entries")),
        _entries,
        Form.JSON,
    ),
    Target(
        "base45",
        "schemas.qr.base45.decode",
        lambda data: base45.decode(as_text(data)),
        lambda: [b"", b"BB8", base45.encode(_packed()).encode()],
        Form.TEXT,
        lambda data, read: base45.encode(read).encode() == data,
    ),
    Target("inflate", "schemas.qr.compact.inflate", compact.inflate, lambda: [_packed(), compact.deflate(b"")]),
    Target(
        "qr_text",
        "schemas.qr.text.decode",
        lambda data: qr_text.decode(as_text(data)),
        lambda: [
            (compact.PREFIX + base45.encode(_packed())).encode(),
            b"ecert:r/AAAAAAAAAAAAAAAAAAAAAA",
            b"a.b.c~d~e.f.g",
            *_animated()[0].split(b"\n")[:1],
        ],
        Form.TEXT,
    ),
    Target(
        "frames",
        "schemas.qr.animation.reassemble",
        _frames,
        _animated,
        Form.TEXT,
        only(lambda: _frames(_animated()[0])),
    ),
)


def _map(data: bytes) -> dict[Any, Any]:
    value = cbor.loads_strict(data)
    if type(value) is not dict:
        raise MalformedToken("not the shape of this target")
    return value
