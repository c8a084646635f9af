"""The worst inputs of OpenID4VP that we know: requests as they come to a wallet, answers as they come to a verifier."""

from typing import Any

from keys import strict_json
from keys.encoding import b64url_text
from keys.jwe import DecryptionKey
from schemas.dcql import reading as dcql
from schemas.openid4vp import request, request_object, transaction_data
from schemas.openid4vp.client_id import ClientId, Prefix
from tests.support.vp_requests import RESPONSE_URI, SAN_DNS, request_of
from verifier.openid4vp.endpoint import MAX_FORM

_KEY = DecryptionKey.derive(bytes(range(32)), "worst of openid4vp")
_DOCUMENT = {"purpose_id": "water.meter", "sector": "water", "name_zh": "抄表", "name_en": "Meter reading"} | {
    "legal_basis_zh": "个人同意",
    "legal_basis_en": "Consent",
    "retention_days": 30,
}


def _full_query() -> dict[str, Any]:
    """As many credentials and claims as a query may have, and as many sets of them as that leaves room for."""
    claims = [{"id": f"c{number}", "path": ["a", number]} for number in range(dcql.MAX_CLAIMS)]
    one = {"format": "dc+sd-jwt", "meta": {"vct_values": ["urn:x"]}, "claims": claims}
    sets = [["c0", "c1"]] * dcql.MAX_SETS
    return {"credentials": [one | {"id": f"q{n}", "claim_sets": sets} for n in range(dcql.MAX_CREDENTIALS)]}


def _claims() -> dict[str, Any]:
    return request_of(SAN_DNS, _KEY).claims() | {"dcql_query": _full_query()}


def full_request() -> bytes:
    return strict_json.dumps(_claims())


def full_parameters() -> bytes:
    unsigned = request_of(ClientId(Prefix.REDIRECT_URI, RESPONSE_URI), _KEY)
    parameters = unsigned.parameters() | {"dcql_query": strict_json.dumps(_full_query()).decode()}
    return strict_json.dumps(parameters)


def request_of_blanks() -> bytes:
    """A token of the greatest size; what is in it is read once, before its signature is looked at."""
    header = b64url_text(strict_json.dumps({"alg": "ES256", "typ": request_object.TYP}))
    room = (request_object.MAX_REQUEST - len(header) - 90) * 3 // 4
    claims = b'{"x":[' + b"[] ," * ((room - 20) // 4) + b"[]]}"
    return f"{header}.{b64url_text(claims)}.{'A' * 86}".encode()


def response_of_blanks() -> bytes:
    return b'{"vp_token":{"a":[' + b"[] ," * ((MAX_FORM - 24) // 4) + b"[]]}}"


def form_of_blanks() -> bytes:
    return b'vp_token={"a":[' + b"[]+," * ((MAX_FORM - 20) // 4) + b"[]]}"


def transaction_of_blanks() -> bytes:
    members = b'{"type":"%s","x":[' % transaction_data.AUTHORISATION.encode()
    room = request._MAX_TEXT * 3 // 4 - len(members) - 8
    return b64url_text(members + b"[] ," * (room // 4) + b"[]]}").encode()


def full_purpose() -> bytes:
    return strict_json.dumps(_DOCUMENT | {"query": _full_query()})
