"""Targets of the whole: ``verify`` over every form, status evidence, pictures, files of records, orders."""

import io
import tempfile
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from issuer.bulk.reading import open_records
from keys import jws, strict_json
from keys.encoding import b64url, b64url_decode
from keys.signer import SoftwareSigner
from schemas import types
from schemas.examples import example_claims
from schemas.formats import bitstring_credential, data_integrity, status_cwt, vc_jwt
from schemas.formats.bitstring import Bitstring
from schemas.formats.cose import sign1
from schemas.formats.data_integrity import Suite
from schemas.order import CredentialFormat
from schemas.qr import drawing
from schemas.qr.text import COMPACT, encode
from schemas.report import Verdict
from schemas.validation import normalise, validate_claims
from tests.fuzz.target import Form, Target, as_text
from tests.support import forms
from tests.support.desk import LIST, MARKET, MARKET_KEY, NOW, Certificate, Desk, forged
from verifier import Policy, accept_status_list, verify
from verifier.evidence import StatusEvidence
from verifier.reading import code_in_picture
from verifier.rendering import render
from wallet_api.presenting import Terms

DESK = Desk()
CERTIFICATE = Certificate()
_POLICY = Policy(accepted_types=None)
_BARE = Policy(accepted_types=None, require_key_binding=False)
_LICENCE = types.certificate_type("business_licence")


@cache
def _evidence() -> Any:
    return DESK.evidence()


def _judged(policy: Policy) -> Callable[[bytes], dict[str, Any] | None]:
    """Return the claims that were accepted, None for a report that accepts nothing."""

    def decode(data: bytes) -> dict[str, Any] | None:
        report = verify(as_text(data), policy=policy, evidence=_evidence(), now=NOW)
        render(report)
        return dict(report.accepted_claims()) if report.verdict is Verdict.VALID else None

    return decode


def _claims_nothing_new(_: bytes, claims: dict[str, Any] | None) -> bool:
    if claims is None:
        return True
    known = dict(CERTIFICATE.claims) | {"certificate_version": "001"}
    return all(
        name in known and (value == known[name] or name == "certificate_version") for name, value in claims.items()
    )


def _signed(typ: str, end: str) -> Callable[[bytes], Any]:
    """Whatever the issuer signs gives a report."""

    def decode(data: bytes) -> Any:
        header = {"alg": "ES256", "typ": typ, "kid": MARKET_KEY.public_key.kid}
        return _judged(_BARE)((forged(header, data, MARKET_KEY) + end).encode())

    return decode


def _signed_sd_cwt(data: bytes) -> Any:
    header = {16: 293, 4: b64url_decode(MARKET_KEY.public_key.kid)}
    return _judged(_BARE)(b64url(sign1.sign(data, MARKET_KEY, protected=header)))


def _payloads(*texts: str) -> Callable[[], list[bytes]]:
    return lambda: [jws.peek(text.partition("~")[0]).peeked_payload for text in texts]


@cache
def _shown() -> list[bytes]:
    texts = [forms.present(form, CERTIFICATE) for form in CredentialFormat]
    texts.append(forms.bound_sd_jwt(CERTIFICATE))
    cwt = forms.present(CredentialFormat.SD_CWT, CERTIFICATE)
    texts.append(str(encode(cwt, packing=COMPACT)))
    texts += [
        forms.vp_data_integrity(forms.ldp_vc(CERTIFICATE, suite=suite), forms.Shown())
        for suite in (Suite.ECDSA_RDFC_2019, Suite.ECDSA_JCS_2019)
    ]
    return [text.encode() for text in texts]


def _json_shown() -> list[bytes]:
    return [text for text in _shown() if text.startswith(b"{")]


def _jwt_shown() -> list[bytes]:
    return [text for text in _shown() if text.startswith(b"ey")]


def _bare() -> list[bytes]:
    return [forms.bare(form, CERTIFICATE).encode() for form in CredentialFormat]


def _accepted(data: bytes) -> Any:
    found = accept_status_list(as_text(data), uri=LIST, trust=DESK.trust())
    return found.issuers if isinstance(found, StatusEvidence) else None


def _accepted_cwt(data: bytes) -> Any:
    found = accept_status_list(data, uri=LIST, trust=DESK.trust())
    return found.statuses[4711] if isinstance(found, StatusEvidence) else None


def _list_credential() -> dict[str, Any]:
    times = bitstring_credential.ListTimes(NOW - timedelta(hours=1), NOW + timedelta(days=1), 600)
    bits = Bitstring.from_statuses({7: 1}, length=1 << 17)
    return bitstring_credential.credential(bits, purpose="revocation", uri=LIST, issuer=MARKET, times=times)


def _lists() -> list[bytes]:
    secured = data_integrity.issue(
        _list_credential(),
        MARKET_KEY,
        suite=Suite.ECDSA_RDFC_2019,
        verification_method=forms.method(CERTIFICATE),
        created=NOW - timedelta(hours=1),
    )
    return [
        DESK.status_list_token().encode(),
        strict_json.dumps(secured),
        vc_jwt.issue(_list_credential(), MARKET_KEY).encode(),
    ]


def _list_cwt() -> list[bytes]:
    from schemas.formats.status_list import StatusList
    from schemas.formats.status_token import Times

    statuses = StatusList.from_statuses({7: 1}, bits=2, size=1 << 14)
    at = int(NOW.timestamp()) - 60
    signer: SoftwareSigner = MARKET_KEY
    return [status_cwt.issue(statuses, signer, uri=LIST, times=Times(at, at + 3600, 60))]


def _pictures() -> list[bytes]:
    from PIL import Image

    drawn = drawing.draw("ecert:r/AAAAAAAAAAAAAAAAAAAAAA")
    plain = drawn.png(2)
    out = io.BytesIO()
    Image.open(io.BytesIO(plain)).convert("RGB").save(out, format="JPEG", quality=40)
    alpha = io.BytesIO()
    Image.open(io.BytesIO(plain)).convert("LA").save(alpha, format="PNG")
    palette = io.BytesIO()
    Image.open(io.BytesIO(plain)).convert("P").save(palette, format="PNG", transparency=0)
    return [plain, out.getvalue(), alpha.getvalue(), palette.getvalue()]


def _records(suffix: str) -> Callable[[bytes], int]:
    """Return how many rows of a file can be issued."""

    def decode(data: bytes) -> int:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"records{suffix}"
            path.write_bytes(data)
            return sum(not row.problems for row in open_records(path, _LICENCE))

    return decode


def _example() -> dict[str, Any]:
    return dict(example_claims(_LICENCE, today=NOW.date()))


def _csv() -> list[bytes]:
    from issuer.documents import orderable_fields

    claims = _example()
    names = [field.name for field in orderable_fields(_LICENCE) if type(claims.get(field.name)) is str]
    cells = ",".join(f'"{claims[name]}"' for name in names)
    text = f"row_key,{','.join(names)}\r\nk1,{cells}\r\nk2,{cells}\r\n"
    return [text.encode(), b"\xef\xbb\xbf" + text.encode(), text.encode("gb18030"), text.replace(",", "\t").encode()]


def _jsonl() -> list[bytes]:
    return [strict_json.dumps({"row_key": "k", **_example()}) + b"\n" + strict_json.dumps(_example())]


def _order(data: bytes) -> Any:
    claims = normalise(_LICENCE, strict_json.loads_object(data))
    return [f"{problem.path} {problem.rule}" for problem in validate_claims(_LICENCE, claims, today=NOW.date())]


def _terms(data: bytes) -> Terms:
    said = strict_json.loads_object(data)
    return Terms.checked(*(str(said.get(name, "")) for name in ("nonce", "audience", "purpose")))


TARGETS = (
    Target("verify", "verifier.verify", _judged(_POLICY), _shown, Form.TEXT, _claims_nothing_new),
    Target(
        "verify_json",
        "verifier.verify (embedded proofs)",
        _judged(_POLICY),
        _json_shown,
        Form.JSON,
        _claims_nothing_new,
    ),
    Target("verify_jwt", "verifier.verify (JWT, SD-JWT)", _judged(_POLICY), _jwt_shown, Form.JWT, _claims_nothing_new),
    Target("verify_bare", "verifier.verify (bare)", _judged(_BARE), _bare, Form.JWT, _claims_nothing_new),
    Target(
        "verify_signed_sd_jwt",
        "verifier.verify (signed SD-JWT)",
        _signed("dc+sd-jwt", "~"),
        _payloads(CERTIFICATE.but(selective=frozenset()).sd_jwt().text()),
        Form.JSON,
    ),
    Target(
        "verify_signed_vc",
        "verifier.verify (signed vc+jwt)",
        _signed("vc+jwt", ""),
        _payloads(CERTIFICATE.vc_jwt()),
        Form.JSON,
    ),
    Target(
        "verify_signed_old",
        "verifier.verify (signed VCDM 1.1)",
        _signed("JWT", ""),
        _payloads(forms.old_jwt(CERTIFICATE)),
        Form.JSON,
    ),
    Target(
        "verify_signed_sd_cwt",
        "verifier.verify (signed SD-CWT)",
        _signed_sd_cwt,
        lambda: [sign1.peek(forms.full_sd_cwt(CERTIFICATE.but(selective=frozenset()))).peeked_payload or b""],
        Form.CBOR,
    ),
    Target("status_evidence", "verifier.accept_status_list (text)", _accepted, _lists, Form.JWT),
    Target("status_evidence_json", "verifier.accept_status_list (JSON)", _accepted, lambda: _lists()[1:2], Form.JSON),
    Target(
        "status_evidence_cwt",
        "verifier.accept_status_list (CWT)",
        _accepted_cwt,
        _list_cwt,
        Form.CBOR,
        lambda _, value: value in (None, 0),
    ),
    Target("picture", "verifier.reading.code_in_picture", code_in_picture, _pictures, slow=True),
    Target("records_csv", "issuer.bulk.reading (CSV)", _records(".csv"), _csv, Form.TEXT),
    Target("records_jsonl", "issuer.bulk.reading (JSONL)", _records(".jsonl"), _jsonl, Form.JSON),
    Target(
        "terms",
        "wallet_api.presenting.Terms.checked",
        _terms,
        lambda: [strict_json.dumps({"nonce": "n", "audience": "urn:x", "purpose": "办理银行开户"})],
        Form.JSON,
    ),
    Target(
        "order_claims", "schemas.validation.validate_claims", _order, lambda: [strict_json.dumps(_example())], Form.JSON
    ),
)
