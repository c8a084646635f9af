"""Targets of OpenID4VP: what a verifier reads of a wallet, what both read of a request, and a purpose handed in."""

from typing import Any
from urllib.parse import urlencode

from keys import strict_json
from keys.jwe import DecryptionKey
from schemas.openid4vp import request_object, response, transaction_data
from schemas.openid4vp.client_id import ClientId, Prefix
from schemas.openid4vp.request import AuthorizationRequest, read_parameters, read_request
from tests.fuzz.target import Form, Target, as_text
from tests.support.vp_requests import NOW, RESPONSE_URI, SAN_DNS, Pki, request_of
from verifier.openid4vp.endpoint import MAX_FORM, Posted, _fields
from verifier.purposes.reading import document, read_purpose
from verifier.purposes.shipped import shipped

_KEY = DecryptionKey.derive(bytes(range(32)), "fuzz openid4vp")
_PKI = Pki.made()
_UNSIGNED = request_of(ClientId(Prefix.REDIRECT_URI, RESPONSE_URI), _KEY)
_REQUEST = request_of(SAN_DNS, _KEY, verifier_info=({"format": "jwt", "data": "a.b.c"},))
_ANSWER = response.Response({"licence": ("eyJ~", "eyK~"), "card": ({"type": ["VerifiablePresentation"]},)}, "state")
_REFUSAL = response.Response(state="state", error="access_denied", error_description="no")
_ENTRY = transaction_data.authorisation(["licence"], subject_zh="开户", subject_en="Opening", reference="A-1")


def _form(data: bytes) -> response.Response:
    return response.read_form(_fields(Posted(data, "application/x-www-form-urlencoded"), MAX_FORM))


def _authenticated(data: bytes) -> AuthorizationRequest:
    return request_object.peek_alone(as_text(data)).verified_by(_PKI.anchors, now=NOW)


def _written_back(_: bytes, request: Any) -> bool:
    return bool(read_request(request.claims()) == request)


TARGETS = (
    Target(
        "vp_request",
        "schemas.openid4vp.request.read_request",
        lambda data: read_request(strict_json.loads_object(data)),
        lambda: [strict_json.dumps(each.claims()) for each in (_REQUEST, _UNSIGNED)],
        Form.JSON,
        _written_back,
    ),
    Target(
        "vp_parameters",
        "schemas.openid4vp.request.read_parameters",
        lambda data: read_parameters({name: str(each) for name, each in strict_json.loads_object(data).items()}),
        lambda: [strict_json.dumps(_UNSIGNED.parameters())],
        Form.JSON,
        _written_back,
    ),
    Target(
        "vp_request_object",
        "schemas.openid4vp.request_object.peek_alone",
        _authenticated,
        lambda: [request_object.sign(_REQUEST, _PKI.signer, now=NOW).encode()],
        Form.JWT,
        lambda _, request: bool(request == _REQUEST),
    ),
    Target(
        "vp_form",
        "verifier.openid4vp.endpoint.Endpoint.response",
        _form,
        lambda: [urlencode(each.form()).encode() for each in (_ANSWER, _REFUSAL)],
        Form.TEXT,
    ),
    Target(
        "vp_response",
        "schemas.openid4vp.response.read_members",
        lambda data: response.read_members(strict_json.loads_object(data)),
        lambda: [strict_json.dumps(each.members()) for each in (_ANSWER, _REFUSAL)],
        Form.JSON,
        lambda _, read: bool(response.read_members(read.members()) == read),
    ),
    Target(
        "vp_transaction_data",
        "schemas.openid4vp.transaction_data.read_transaction_data",
        lambda data: transaction_data.read_transaction_data(as_text(data), asked=frozenset({"licence"})),
        lambda: [_ENTRY.encoded.encode()],
        Form.TEXT,
    ),
    Target(
        "purpose",
        "verifier.purposes.reading.read_purpose",
        lambda data: read_purpose(strict_json.loads_object(data)),
        lambda: [strict_json.dumps(document(each)) for each in shipped().values()][:4],
        Form.JSON,
        lambda _, purpose: bool(read_purpose(document(purpose)) == purpose),
    ),
)
