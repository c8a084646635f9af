"""The answers of the VC-API: JSON, and for every refusal ``problemDetails`` with 400 or 422.

    {"verified": false, "problemDetails": [{"type": "https://w3id.org/security#PROOF_VERIFICATION_ERROR",
     "title": "签名无效 / Signature is not valid", "detail": "signature does not match the key",
     "code": "invalid_signature"}]}

``type`` is the standards' own name of the kind of error, ``code`` our stable one for the reason.
"""

from typing import Any

import orjson
from fastapi import Response

from ecert.problems import PROBLEMS
from ecert.vc_api.errors import (
    NoSuchIssuer,
    NoSuchStatusList,
    OutsideValidity,
    StatusNotValid,
    StatusUnknown,
    VcApiRequestMalformed,
)
from keys.errors import EcertError, InvalidSignature, KeysError, MalformedToken
from schemas.formats.data_integrity.errors import (
    DataIntegrityError,
    ProofChallengeMismatch,
    ProofDomainMismatch,
)
from schemas.formats.jsonld.errors import JsonLdError

_MODEL = "https://www.w3.org/TR/vc-data-model#"
_SECURITY = "https://w3id.org/security#"
_STATUS = "https://www.w3.org/ns/credentials/status-list#"
_BAD_REQUEST, _UNPROCESSABLE, _NOT_FOUND = 400, 422, 404
# The first that fits. VCDM 2.0, 7.2; VC Data Integrity 1.0, 4.7; Bitstring Status List 1.0, 3.5.
_TYPES: tuple[tuple[type[EcertError], str], ...] = (
    (VcApiRequestMalformed, _MODEL + "PARSING_ERROR"),
    (MalformedToken, _MODEL + "PARSING_ERROR"),
    (OutsideValidity, _MODEL + "RANGE_ERROR"),
    (StatusUnknown, _STATUS + "STATUS_RETRIEVAL_ERROR"),
    (StatusNotValid, _STATUS + "STATUS_VERIFICATION_ERROR"),
    (ProofChallengeMismatch, _SECURITY + "INVALID_CHALLENGE_ERROR"),
    (ProofDomainMismatch, _SECURITY + "INVALID_DOMAIN_ERROR"),
    (InvalidSignature, _SECURITY + "PROOF_VERIFICATION_ERROR"),
    (DataIntegrityError, _SECURITY + "PROOF_VERIFICATION_ERROR"),
    (JsonLdError, _SECURITY + "PROOF_TRANSFORMATION_ERROR"),
    (KeysError, _MODEL + "CRYPTOGRAPHIC_SECURITY_ERROR"),
    (EcertError, _MODEL + "MALFORMED_VALUE_ERROR"),
)


def json_answer(value: Any, status: int = 200) -> Response:
    """Return ``value`` as JSON."""
    return Response(orjson.dumps(value), status, media_type="application/json")


def verified() -> Response:
    """Return the one answer that means verified."""
    return json_answer({"verified": True, "problemDetails": []})


def refused(error: EcertError, *, verifying: bool) -> Response:
    """Return the refusal: 404 for an instance that is not there, 400 for a broken request, 422 for the rest."""
    answer: dict[str, Any] = {"problemDetails": [problem(error)]}
    return json_answer({"verified": False} | answer if verifying else answer, status_of(error))


def status_of(error: EcertError) -> int:
    """Return the HTTP status of a refusal; a stranger's document is never the server's fault."""
    if isinstance(error, NoSuchIssuer | NoSuchStatusList):
        return _NOT_FOUND
    known = PROBLEMS.get(error.code)
    return _BAD_REQUEST if known is not None and known.status == _BAD_REQUEST else _UNPROCESSABLE


def problem(error: EcertError) -> dict[str, str]:
    """Return one problem detail; its texts hold nothing of the document."""
    kind = next(uri for family, uri in _TYPES if isinstance(error, family))
    known = PROBLEMS.get(error.code)
    title = f"{known.title_zh} / {known.title_en}" if known is not None else error.code
    return {"type": kind, "title": title, "detail": str(error), "code": error.code}
