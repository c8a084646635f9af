"""The worst input that we know of each decoder: found by fuzzing or by reading what a loop costs; all made here.

Each is within the decoder's limits where it can be, so that it costs what an input may cost; the others are refused by
a limit, and show that it stands before the work.
"""

import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import cbor2
from PIL import Image, ImageDraw

from keys import strict_json
from keys.encoding import b64url_text
from schemas.formats import data_integrity
from schemas.formats.bitstring import Bitstring
from schemas.formats.data_integrity import ProofOptions, Suite
from schemas.formats.status_list import StatusList
from schemas.qr import base45, compact
from tests.limits import worst_openid4vp
from tests.support import forms
from tests.support.desk import MARKET, MARKET_KEY, NOW, Certificate
from verifier.status_lists import MAX_DOCUMENT

V2 = "https://www.w3.org/ns/credentials/v2"
_HTTP = 131_072  # characters of a presentation (verifier.policy.Policy.max_bytes)


@dataclass(frozen=True)
class Worst:
    """One input: the fuzz target (tests/fuzz) that reads it, and the code by which it is refused, or nothing."""

    name: str
    target: str
    error: str
    make: Callable[[], bytes]


def _token_of_deep_header() -> bytes:
    inner = ",".join(["[]"] * 3_900)
    header = b64url_text(b'{"alg":"ES256","x":[%s]}' % inner.encode())
    return f"{header}.".ljust(_HTTP - 1, "A").encode() + b"."


def _long_header() -> bytes:
    return b"A" * 16_388 + b".AA.AA"


def _json_with_blanks() -> bytes:
    return b"[" + b"[] ," * ((_HTTP - 4) // 4) + b"[]]"


def _base58() -> bytes:
    return b"z" * 4_096


def _base45() -> bytes:
    return base45.encode(b"\xff" * 87_000).encode()[:_HTTP]


def _bomb() -> bytes:
    return compact.deflate(bytes(10_000_000))


def _cbor() -> bytes:
    return cbor2.dumps([{}] * 16_383)[:262_144]


def _cbor_map() -> bytes:
    return cbor2.dumps({number: 0 for number in range(8_191)}, canonical=True)


def _disclosures() -> bytes:
    made = [f"d{number}" for number in range(512)]
    return strict_json.dumps(
        {
            "payload": {"vct": "urn:ecert:business_licence:1", "iat": 1, "_sd": [f"#{n}" for n in range(512)]},
            "disclosures": [["salt", name, {"_sd": [], "x": [[[]]] * 20}] for name in made],
        }
    )


def _sd_cwt() -> bytes:
    disclosures = [cbor2.dumps([bytes(16), bytes(200), 1_000 + number]) for number in range(200)]
    claims = {1: "iss", 11: "urn:x", 59: [sha256(each).digest() for each in disclosures]}
    return cbor2.dumps([cbor2.dumps(claims, canonical=True), disclosures])


def _status_bomb() -> bytes:
    return StatusList.from_statuses({}, bits=8, size=64 << 20).compressed(quick=True)


def _bitstring() -> bytes:
    return Bitstring.from_statuses({}, length=64 << 20).encoded().encode()


def _json_list() -> bytes:
    return b'{"proof":[' + b"[] ," * ((MAX_DOCUMENT - 14) // 4) + b"[]]}"


def _longer_json_list() -> bytes:
    return b"{".ljust(MAX_DOCUMENT + 1)


def _poison() -> bytes:
    return "".join(f"_:n{a} <urn:p> _:n{b} .\n" for a in range(10) for b in range(10) if a != b).encode()


def _said(**members: Any) -> bytes:
    return strict_json.dumps({"@context": [V2], "type": ["VerifiableCredential"], "issuer": MARKET, **members})


def _types() -> bytes:
    return _said(credentialSubject={"id": "urn:x:1", "type": ["VerifiableCredential"] * 5_000})


def _pairs() -> bytes:
    return _said(credentialSubject={"id": "urn:x:1", "https://a.example/p": [f"{n:08d}" for n in range(990)]})


def _many_members() -> bytes:
    inner = {f"https://a.example/{n}": [str(m) for m in range(60)] for n in range(240)}
    return _said(credentialSubject={"id": "urn:x:1", **inner})


def _too_many_contexts() -> bytes:
    return _embedded_contexts(600)


def _embedded_contexts(count: int = 500) -> bytes:
    nodes = [{"@context": V2, "id": f"urn:x:{n}", "https://a.example/p": "x"} for n in range(count)]
    return _said(credentialSubject={"id": "urn:x:1", "https://a.example/p": nodes})


def _inline_terms() -> bytes:
    terms = {f"t{n}": {"@id": f"urn:x:{n}", "@context": {}} for n in range(900)}
    values = {f"t{n}": {"https://a.example/p": {"https://a.example/p": "x"}} for n in range(900)}
    return strict_json.dumps(
        {
            "@context": [V2, terms],
            "type": ["VerifiableCredential"],
            "issuer": MARKET,
            "credentialSubject": {"id": "urn:x:1", **values},
        }
    )


def _blank_nodes() -> bytes:
    return _said(credentialSubject=[{"https://a.example/p": {"https://a.example/p": "x"}} for _ in range(900)])


def _chained() -> bytes:
    """Six proofs, each of another document: what all before it signed is canonicalized anew."""
    claims = {f"https://a.example/{n}": str(n) for n in range(1_500)}
    document = forms.bound_vcdm(Certificate()) | {"credentialSubject": {"id": "urn:x:1", **claims}}
    names = [f"urn:uuid:{number:08d}-1111-4111-8111-111111111111" for number in range(7)]
    for before, name in zip([None, *names], names, strict=False):
        said = ProofOptions(previous_proof=(before,) if before else (), id=name)
        document = data_integrity.issue(
            document,
            MARKET_KEY,
            suite=Suite.ECDSA_RDFC_2019,
            verification_method=f"{MARKET}#{MARKET_KEY.public_key.kid}",
            created=NOW,
            options=said,
        )
    return strict_json.dumps(document)


def _six_proofs() -> bytes:
    document = strict_json.loads_object(_chained())
    return strict_json.dumps(document | {"proof": document["proof"][:6]})


def _alike() -> bytes:
    """Two nodes that differ by nothing, each with a graph of a thousand statements."""
    pairs = ((node, value) for node in range(2) for value in range(1_000))
    return "".join(f'_:s{node} <urn:x:p> "{value}" _:g{node} .\n' for node, value in pairs).encode()


def _corner_marks() -> bytes:
    """What looks like the corners of thousands of QR codes, each of one pixel a module."""
    mark = Image.new("L", (8, 8), 255)
    pen = ImageDraw.Draw(mark)
    for start, end, colour in ((0, 6, 0), (1, 5, 255), (2, 4, 0)):
        pen.rectangle((start, start, end, end), fill=colour)
    picture = Image.new("L", (1_500, 1_500), 255)
    for x in range(0, 1_500, 8):
        for y in range(0, 1_500, 8):
            picture.paste(mark, (x, y))
    out = io.BytesIO()
    picture.save(out, format="PNG")
    return out.getvalue()


def _one_scan_more() -> bytes:
    return _scans(65)


def _scans(count: int = 64) -> bytes:
    """A progressive JPEG of 49 million pixels: every scan goes through all of them again."""
    tables = b"".join(
        b"\xff\xc4\x00\x14" + bytes([kind, 1, *[0] * 15, symbol]) for kind, symbol in ((0, 0), (0x10, 0xE0))
    )
    head = b"\xff\xd8\xff\xdb\x00\x43\x00" + bytes([1] * 64)
    head += b"\xff\xc2" + struct.pack(">HBHHBBBB", 11, 8, 7_000, 7_000, 1, 1, 0x11, 0) + tables
    first = b"\xff\xda\x00\x08\x01\x01\x00\x00\x00\x00" + bytes(875 * 875 // 8 + 1)
    run = "0" + format(32_767 - 16_384, "014b")
    bits = run * (875 * 875 // 32_767 + 1)
    length = -(-len(bits) // 8)
    coded = int(bits.ljust(length * 8, "1"), 2).to_bytes(length, "big").replace(b"\xff", b"\xff\0")
    scans = [b"\xff\xda\x00\x08\x01\x01\x00" + bytes([1 + n % 63] * 2) + b"\0" + coded for n in range(count - 1)]
    return head + first + b"".join(scans) + b"\xff\xd9"


def _deep_colours() -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    packing = zlib.compressobj(9)
    rows = b"".join([packing.compress(bytes(4 * 7_000 + 1)) for _ in range(7_000)]) + packing.flush()
    head = struct.pack(">IIBBBBB", 7_000, 7_000, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def _heaped_claims() -> bytes:
    return strict_json.dumps({"name": "a" + "\u0301\u0316" * 40_000})


def _heaped_purpose() -> bytes:
    return strict_json.dumps({"nonce": "n", "audience": "urn:x", "purpose": "a" + "\u0301\u0316" * 40_000})


WORST = {
    worst.name: worst
    for worst in (
        Worst("keys.jws", "jws", "invalid_signature", _token_of_deep_header),
        Worst("keys.strict_json", "strict_json", "", _json_with_blanks),
        Worst("keys.base58", "base58", "", _base58),
        Worst("SD-JWT", "sd_jwt_signed", "", _disclosures),
        Worst("CBOR", "cbor", "", _cbor_map),
        Worst("CBOR, any order", "cbor_any_order", "", _cbor_map),
        Worst("SD-CWT", "sd_cwt_signed", "disclosure_unreferenced", _sd_cwt),
        Worst("base45", "base45", "", _base45),
        Worst("inflate", "inflate", "inflated_too_large", _bomb),
        Worst("Token Status List", "status_list", "status_list_too_large", _status_bomb),
        Worst("bitstring", "bitstring", "", _bitstring),
        Worst("bitstring as JSON", "status_evidence", "", _json_list),
        Worst("RDFC-1.0, each to each", "nquads", "poison_graph", _poison),
        Worst("RDFC-1.0, graphs alike", "nquads", "poison_graph", _alike),
        Worst("JSON-LD, types", "jsonld_both", "jsonld_too_large", _types),
        Worst("JSON-LD, values of one member", "jsonld_both", "", _pairs),
        Worst("JSON-LD, members", "jsonld_both", "", _many_members),
        Worst("JSON-LD, contexts inside", "jsonld_both", "", _embedded_contexts),
        Worst("JSON-LD, terms with contexts", "jsonld_both", "", _inline_terms),
        Worst("JSON-LD, blank nodes", "jsonld_both", "", _blank_nodes),
        Worst("proofs in a chain", "proof_chain", "", _six_proofs),
        Worst("picture, corner marks", "picture", "unreadable_input", _corner_marks),
        Worst("picture, scans", "picture", "unreadable_input", _scans),
        Worst("picture, colours", "picture", "unreadable_input", _deep_colours),
        Worst("claims, marks", "order_claims", "", _heaped_claims),
        Worst("purpose, marks", "terms", "purpose_invalid", _heaped_purpose),
        Worst("OpenID4VP request", "vp_request", "", worst_openid4vp.full_request),
        Worst("OpenID4VP parameters", "vp_parameters", "", worst_openid4vp.full_parameters),
        Worst(
            "OpenID4VP request object",
            "vp_request_object",
            "invalid_presentation_request",
            worst_openid4vp.request_of_blanks,
        ),
        Worst("OpenID4VP form", "vp_form", "invalid_presentation_response", worst_openid4vp.form_of_blanks),
        Worst("OpenID4VP response", "vp_response", "invalid_presentation_response", worst_openid4vp.response_of_blanks),
        Worst(
            "OpenID4VP transaction data",
            "vp_transaction_data",
            "invalid_transaction_data",
            worst_openid4vp.transaction_of_blanks,
        ),
        Worst("purpose of a relying party", "purpose", "", worst_openid4vp.full_purpose),
        Worst("header, too large", "jws", "too_large", _long_header),
        Worst("status list as JSON, too large", "status_evidence", "", _longer_json_list),
        Worst("JSON-LD, too many contexts", "jsonld_both", "jsonld_too_large", _too_many_contexts),
        Worst("picture, one scan too many", "picture", "unreadable_input", _one_scan_more),
        Worst("proofs, one too many", "proof_chain", "too_many_proofs", _chained),
    )
}
"""By the name under which docs/limits.md lists them."""
