"""What the OpenAPI document says of the VC-API's routes: schemas of bodies and answers, and an example of each."""

from collections.abc import Mapping
from typing import Any

_ISSUER = "did:key:z6MkhWqdDBPojHA7cprTGTt5yHv5yUi1B8cnXn8ReLumkw6E"
_PROOF = {
    "type": "DataIntegrityProof",
    "cryptosuite": "eddsa-rdfc-2022",
    "created": "2026-03-02T09:41:17Z",
    "verificationMethod": f"{_ISSUER}#{_ISSUER.removeprefix('did:key:')}",
    "proofPurpose": "assertionMethod",
    "proofValue": "z4TVsgUyowZ26aXAijJaUZHRWpZKtny2YVb75dodRGtyqMn1pB6qUqYGjczdaajnnKjwNiMocFBFG7SWkY2nmkpJz",
}
_CREDENTIAL = {
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "type": ["VerifiableCredential"],
    "issuer": _ISSUER,
    "credentialSubject": {"id": "did:example:subject"},
}
_SECURED = _CREDENTIAL | {"proof": _PROOF}
_PRESENTATION = {
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "type": ["VerifiablePresentation"],
    "holder": _ISSUER,
    "verifiableCredential": [_SECURED],
    "proof": _PROOF | {"proofPurpose": "authentication", "challenge": "uAbc", "domain": "example.com"},
}
_STATUS_LIST = _SECURED | {
    "id": "https://vc.example/credentials/status/WfXb0RAtLqMDzr5kmG8CmA",
    "type": ["VerifiableCredential", "BitstringStatusListCredential"],
    "credentialSubject": {"type": "BitstringStatusList", "statusPurpose": "revocation", "encodedList": "uH4sIAAAA"},
}
_PROBLEM_EXAMPLE = {
    "type": "https://w3id.org/security#PROOF_VERIFICATION_ERROR",
    "title": "签名无效 / Signature is not valid",
    "detail": "signature does not match the key",
    "code": "invalid_signature",
}
LIST_EXAMPLE: Mapping[str, Any] = _STATUS_LIST
"""A status list as it is answered; its list is cut short."""
EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "VcApiIssue": {"credential": _CREDENTIAL, "options": {}},
    "VcApiDerive": {"verifiableCredential": _SECURED, "options": {"selectivePointers": ["/credentialSubject/id"]}},
    "VcApiVerify": {"verifiableCredential": _SECURED, "options": {"checks": ["proof"]}},
    "VcApiVerifyPresentation": {
        "verifiablePresentation": _PRESENTATION,
        "options": {"challenge": "uAbc", "domain": "example.com"},
    },
}
"""Request schema → its example."""


def _document(about: str) -> dict[str, Any]:
    return {
        "type": "object",
        "description": about,
        "properties": {
            "@context": {"type": ["array", "string"]},
            "type": {"type": ["array", "string"]},
        },
        "required": ["@context", "type"],
    }


def _request(member: str, about: str, options: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": [member],
        "properties": {member: _document(about), "options": {"type": "object", "properties": dict(options)}},
    }


_TEXTS = {"type": "array", "items": {"type": "string"}, "maxItems": 256}
_CHECKS = {"checks": {"type": "array", "items": {"type": "string"}}}
_DETAILS = {"type": "array", "items": {"$ref": "#/components/schemas/VcApiProblem"}}

SCHEMAS: Mapping[str, Mapping[str, Any]] = {
    "VcApiIssue": _request("credential", "VCDM 2.0 or 1.1, no proof", {"mandatoryPointers": _TEXTS}),
    "VcApiDerive": _request(
        "verifiableCredential", "with a base proof of ecdsa-sd-2023", {"selectivePointers": _TEXTS}
    ),
    "VcApiVerify": _request("verifiableCredential", "a credential, or EnvelopedVerifiableCredential", _CHECKS),
    "VcApiVerifyPresentation": _request(
        "verifiablePresentation",
        "a presentation, or EnvelopedVerifiablePresentation",
        {"challenge": {"type": "string"}, "domain": {"type": "string"}} | _CHECKS,
    ),
    "VcApiSecured": {
        "type": "object",
        "required": ["verifiableCredential"],
        "properties": {"verifiableCredential": _document("the secured credential, or its envelope")},
    },
    "VcApiVerified": {
        "type": "object",
        "required": ["verified", "problemDetails"],
        "properties": {"verified": {"const": True}, "problemDetails": {"type": "array", "maxItems": 0}},
    },
    "VcApiNotVerified": {
        "type": "object",
        "required": ["verified", "problemDetails"],
        "properties": {"verified": {"const": False}, "problemDetails": _DETAILS | {"minItems": 1}},
    },
    "VcApiRefused": {
        "type": "object",
        "required": ["problemDetails"],
        "properties": {"problemDetails": _DETAILS | {"minItems": 1}},
    },
    "VcApiProblem": {
        "type": "object",
        "required": ["type", "title", "detail", "code"],
        "properties": {name: {"type": "string"} for name in ("type", "title", "detail", "code")},
    },
    "VcApiDocument": _document("a credential"),
    "VcApiIssuers": {"type": "object", "additionalProperties": {"type": "string"}},
}
"""Everything that the routes refer to."""


def body(name: str) -> dict[str, Any]:
    """Return the OpenAPI members of a request body by its schema's name."""
    content = {"schema": _reference(name), "examples": {"示例 example": {"value": EXAMPLES[name]}}}
    return {"requestBody": {"required": True, "content": {"application/json": content}}}


def secured(*, found_by_name: bool) -> dict[int | str, dict[str, Any]]:
    """Return the answers of issue and derive."""
    return {
        201: _answer("已签发 Secured", "VcApiSecured", {"verifiableCredential": _SECURED}),
        400: _answer("内容格式错误 Malformed", "VcApiRefused", _refusal()),
        422: _answer("不符合要求 Not acceptable", "VcApiRefused", _refusal()),
        **(_missing() if found_by_name else {}),
        **_LIMITS,
    }


def verdicts() -> dict[int | str, dict[str, Any]]:
    """Return the answers of the two verify routes."""
    return {
        200: _answer("通过 Verified", "VcApiVerified", {"verified": True, "problemDetails": []}),
        400: _answer("内容格式错误 Malformed", "VcApiNotVerified", {"verified": False} | _refusal()),
        422: _answer("不符合要求 Not verified", "VcApiNotVerified", {"verified": False} | _refusal()),
        **_LIMITS,
    }


def given(name: str, about: str, example: Any, *, found_by_name: bool = False) -> dict[int | str, dict[str, Any]]:
    """Return the answers of a GET."""
    return {200: _answer(about, name, example), **(_missing() if found_by_name else {})}


def _answer(about: str, name: str, example: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": _reference(name), "example": example}}
    return {"description": about, "content": content}


def _missing() -> dict[int | str, dict[str, Any]]:
    return {404: _answer("没有找到 Not found", "VcApiRefused", _refusal())}


def _refusal() -> dict[str, Any]:
    return {"problemDetails": [_PROBLEM_EXAMPLE]}


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


_PLAIN = {"application/problem+json": {"schema": _reference("Problem")}}
_LIMITS: dict[int | str, dict[str, Any]] = {
    413: {"description": "过大 Too large", "content": _PLAIN},
    503: {"description": "超时 Took too long", "content": _PLAIN},
}
