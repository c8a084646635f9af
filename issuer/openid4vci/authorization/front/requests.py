"""The parameters of an authorization request (RFC 6749, 4.1.1; RFC 7636; RFC 9396; OpenID4VCI 1.0, 5.1)."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from issuer.openid4vci.answers import Form
from issuer.openid4vci.authorization.client_auth import Client
from issuer.openid4vci.authorization.details import ids_of_details, ids_of_scope
from issuer.openid4vci.authorization.front import redirects
from issuer.openid4vci.errors import (
    InvalidClient,
    InvalidDpopProof,
    InvalidRequest,
    InvalidScope,
    UnsupportedResponseType,
)

MAX_STATE = 2048
_THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}")  # SHA-256 in base64url: RFC 7636, 4.2; RFC 7638
_VISIBLE = re.compile(r"[\x20-\x7e]*")  # RFC 6749, appendix A.5


@dataclass(frozen=True, slots=True)
class Place:
    """Which authorization server is asked: the department's, with its identifier."""

    department: str
    issuer: str


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A request that holds. ``identified``: authorization details were given (OpenID4VCI 1.0, 6.2)."""

    department: str
    client_id: str
    redirect_uri: str
    code_challenge: str
    configuration_ids: tuple[str, ...]
    identified: bool
    state: str | None = None
    dpop_jkt: str | None = None
    issuer_state: str | None = None

    def document(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {name: getattr(self, name) for name in self.__slots__} | {
            "configuration_ids": list(self.configuration_ids)
        }

    @staticmethod
    def of(document: Mapping[str, Any]) -> "AuthorizationRequest":
        """Return the request that ``document()`` wrote."""
        return AuthorizationRequest(**{**document, "configuration_ids": tuple(document["configuration_ids"])})


def read(form: Form, *, client: Client, place: Place, proof_jkt: str | None) -> AuthorizationRequest:
    """Return the request that a client pushed. ``proof_jkt`` is the key of a DPoP proof that came with it.

    Parameters that nobody here knows are ignored (OpenID4VCI 1.0, 5.1.3).

    Raises:
        InvalidRequest, UnsupportedResponseType, InvalidScope, InvalidAuthorizationDetails, InvalidDpopProof
    """
    client_id = _client_id(form, client)
    if "request_uri" in form or "request" in form:
        raise InvalidRequest("request_uri and request have no place in a pushed request")  # RFC 9126, 2.1
    if form.need("response_type") != "code":
        raise UnsupportedResponseType("response_type is not code")
    if form.get("response_mode") not in (None, "query"):
        raise InvalidRequest("response_mode is not query")
    redirect_uri = form.need("redirect_uri")
    redirects.check(redirect_uri, registered=client.redirect_uris)
    configuration_ids, identified = _wanted(form, place)
    return AuthorizationRequest(
        department=place.department,
        client_id=client_id,
        redirect_uri=redirect_uri,
        code_challenge=_code_challenge(form),
        configuration_ids=configuration_ids,
        identified=identified,
        state=_state(form),
        dpop_jkt=_dpop_jkt(form, proof_jkt),
        issuer_state=form.get("issuer_state"),
    )


def _client_id(form: Form, client: Client) -> str:
    if client.id is None:
        raise InvalidClient("an authorization request needs a client that authenticates")
    if form.get("client_id") not in (None, client.id):
        raise InvalidRequest("client_id is not the client that authenticated")
    return client.id


def _code_challenge(form: Form) -> str:
    # RFC 7636, 4.3: a missing method means plain, which is refused, too (FAPI 2.0 Security Profile, 5.3.2.2).
    if form.get("code_challenge_method") != "S256":
        raise InvalidRequest("code_challenge_method is not S256")
    challenge = form.need("code_challenge")
    if not _THUMBPRINT.fullmatch(challenge):
        raise InvalidRequest("code_challenge is no SHA-256 in base64url")
    return challenge


def _state(form: Form) -> str | None:
    state = form.get("state")
    if state is not None and (len(state) > MAX_STATE or not _VISIBLE.fullmatch(state)):
        raise InvalidRequest(f"state has characters that are not ASCII, or more than {MAX_STATE}")
    return state


def _dpop_jkt(form: Form, proof_jkt: str | None) -> str | None:
    named = form.get("dpop_jkt")
    if named is None:
        return proof_jkt
    if not _THUMBPRINT.fullmatch(named):
        raise InvalidRequest("dpop_jkt is no JWK thumbprint")
    if proof_jkt not in (None, named):
        raise InvalidDpopProof("dpop_jkt is not the key of the DPoP proof")  # RFC 9449, 10.1
    return named


def _wanted(form: Form, place: Place) -> tuple[tuple[str, ...], bool]:
    scope, details = form.get("scope"), form.get("authorization_details")
    if scope is None and details is None:
        raise InvalidRequest("scope or authorization_details is missing")
    if details is None:
        return ids_of_scope(str(scope), department=place.department), False
    found = ids_of_details(details, department=place.department, issuer=place.issuer)
    if scope is not None:
        # OpenID4VCI 1.0, 5.1.2: each by itself; a scope that names nothing here takes nothing from the details.
        with suppress(InvalidScope):
            found += ids_of_scope(scope, department=place.department)
    return tuple(dict.fromkeys(found)), True
