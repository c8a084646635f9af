"""From requests' forms to values and from values to answers: the wire of RFC 6749, without a web framework.

    form = read_form(body, content_type)              # the parameters, each at most once
    answer = json_answer({"access_token": "..."})     # status, headers, body
    answer = error_answer(error)                      # {"error": ..., "error_description": ...}

A route answers by ``answered``, which turns ``REFUSALS`` into ``error_answer``; other errors stay with the application.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl

from issuer.openid4vci.errors import InvalidRequest, ProtocolError
from keys import strict_json
from keys.errors import EcertError, MalformedKey, MalformedToken

JSON = "application/json"
NO_STORE: Mapping[str, str] = MappingProxyType({"Cache-Control": "no-store", "Pragma": "no-cache"})
"""RFC 6749, 5.1: no answer that holds a token, a code or a credential is kept on the way."""
REFUSALS = (ProtocolError, MalformedToken, MalformedKey)
"""What a request may be refused for; the last two are a body or a token of it that cannot be read."""

MAX_FORM = 65_536  # bytes; a request with authorization details and a client assertion has about 4 kB
MAX_PARAMETERS = 64
_FORM = "application/x-www-form-urlencoded"
_NOT_ALLOWED = re.compile(r"[^\x20\x21\x23-\x5b\x5d-\x7e]")  # RFC 6749, 5.2, error_description


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back over HTTP."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Form:
    """The parameters of a request. Unknown ones are kept and do no harm; one without a value counts as not sent
    (RFC 6749, 3.1 and 3.2)."""

    parameters: Mapping[str, str]

    def get(self, name: str) -> str | None:
        """Return a parameter, None when it was not sent."""
        return self.parameters.get(name)

    def need(self, name: str) -> str:
        """Return a parameter; raises InvalidRequest when it was not sent."""
        found = self.parameters.get(name)
        if found is None:
            raise InvalidRequest(f"parameter {name} is missing")
        return found

    def __contains__(self, name: str) -> bool:
        return name in self.parameters


def json_answer(value: Any, *, status: int = 200, headers: Mapping[str, str] = MappingProxyType({})) -> Answer:
    """Return ``value`` as JSON that nobody may keep; ``headers`` come on top and may say otherwise."""
    return Answer(status, {"Content-Type": JSON, **NO_STORE, **headers}, strict_json.dumps(value))


def public_answer(value: Any, *, headers: Mapping[str, str] = MappingProxyType({})) -> Answer:
    """Return metadata: JSON that anybody may read from anywhere and keep for five minutes."""
    public = {"Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*"}
    return Answer(200, {"Content-Type": JSON, **public, **headers}, strict_json.dumps(value))


def error_answer(error: EcertError) -> Answer:
    """Return the refusal in the words of RFC 6749, 5.2 with the error's own headers.

    An error that is not the protocol's (a body that is no JSON) is ``invalid_request``.
    """
    refusal = error if isinstance(error, ProtocolError) else InvalidRequest(str(error))
    body = {"error": refusal.error, "error_description": _NOT_ALLOWED.sub("'", str(refusal))}
    return json_answer(body, status=refusal.status, headers=refusal.headers)


def answered(respond: Callable[[], Answer]) -> Answer:
    """Return what ``respond`` answers, or its refusal in the protocol's words."""
    try:
        return respond()
    except REFUSALS as refusal:
        return error_answer(refusal)


def read_form(body: bytes, content_type: str | None) -> Form:
    """Return the parameters of a form body.

    Raises:
        InvalidRequest: another content type, too large, a parameter twice (RFC 6749, 3.2), not UTF-8, U+0000.
    """
    if (content_type or "").partition(";")[0].strip().lower() != _FORM:
        raise InvalidRequest(f"content type is not {_FORM}")
    return _read(body)


def read_query(query: bytes) -> Form:
    """Return the parameters of an address's query; raises InvalidRequest as ``read_form``."""
    return _read(query)


def _read(raw: bytes) -> Form:
    if len(raw) > MAX_FORM:
        raise InvalidRequest(f"request has {len(raw)} bytes of parameters, limit {MAX_FORM}")
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS)
    except ValueError:  # UnicodeError is one
        raise InvalidRequest("parameters are not url-encoded UTF-8, or too many") from None
    if any("\0" in part for pair in pairs for part in pair):  # RFC 6749, appendix A: no parameter holds it
        raise InvalidRequest("a parameter holds U+0000")
    if len({name for name, _ in pairs}) != len(pairs):
        raise InvalidRequest("a parameter stands twice")
    return Form(MappingProxyType({name: value for name, value in pairs if value}))
