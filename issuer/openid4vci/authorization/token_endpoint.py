"""The token endpoint (RFC 6749, 3.2; OpenID4VCI 1.0, 6): a code, a pre-authorized code or a refresh token for tokens.

The order of the checks, each of which ends the request:

1. how often the address asks;
2. the grant type, the DPoP proof and its nonce (nothing is remembered as used yet);
3. the client, whose proof counts as used from here on, and how often it asks; the DPoP proof counts as used;
4. the grant: whose it is, what it is bound to, what of it is asked for;
5. the tokens are kept, and then the code is marked as used: of two uses of an authorization code at once both end, of
   a pre-authorized one the later.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from issuer.openid4vci.answers import Form
from issuer.openid4vci.authorization.attestation import Attestation
from issuer.openid4vci.authorization.client_auth import Client, ClientAuthentication, ClientRequest
from issuer.openid4vci.authorization.codes import family_of, find_code, spend_code, verifies
from issuer.openid4vci.authorization.details import ids_of_details, ids_of_scope
from issuer.openid4vci.authorization.dpop import DpopProofs, DpopRequest
from issuer.openid4vci.authorization.pre_authorized import (
    GRANT_TYPE,
    check_tx_code,
    find_pre_authorized,
    spend_pre_authorized,
)
from issuer.openid4vci.authorization.tokens import TokenBook
from issuer.openid4vci.errors import (
    InvalidAuthorizationDetails,
    InvalidGrant,
    InvalidScope,
    UnsupportedGrantType,
)
from issuer.openid4vci.grants import CodeGrant, Grant, TokenGrant
from issuer.openid4vci.ports import RateLimits

GRANT_TYPES = ("authorization_code", "refresh_token", GRANT_TYPE)


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """A request as it came: the form, every ``DPoP`` field, the client attestation's fields, and from where."""

    form: Form
    dpop: tuple[str, ...]
    attestation: Attestation
    address: str


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request whose client and DPoP key are known."""

    form: Form
    client: Client
    jkt: str
    department: str
    now: datetime


@dataclass(frozen=True, slots=True)
class TokenEndpoint:
    """The token endpoint of every department; ``issuer_uri`` gives a department's identifier."""

    book: TokenBook
    clients: ClientAuthentication
    dpop: DpopProofs
    limits: RateLimits
    issuer_uri: Callable[[str], str]

    def respond(self, request: TokenRequest, *, department: str, now: datetime) -> dict[str, Any]:
        """Return the token response.

        Raises:
            TooManyRequests: the address, the client or the pre-authorized code was used too often.
            OAuthError: the request is refused (RFC 6749, 5.2); the class says why.
        """
        self.limits.hit("token", f"address {request.address}", now=now)
        grant_type = request.form.need("grant_type")
        redeem = self._grants().get(grant_type)
        if redeem is None:
            raise UnsupportedGrantType("grant type is not supported")
        issuer = self.issuer_uri(department)
        proof = self.dpop.check(DpopRequest("POST", f"{issuer}/token", request.dpop), now=now)
        client = self.clients.authenticate(
            ClientRequest(request.form, request.attestation, issuer),
            now=now,
            anonymous=grant_type == GRANT_TYPE and self.book.policy.anonymous,
        )
        if client.id is not None:
            # All instances of a wallet share one client id (HAIP 1.0, 4.4.1): they do not share a limit.
            self.limits.hit("token", f"client {client.id} {client.instance_kid}", now=now)
        self.dpop.record(proof, now=now)
        return redeem(_Asked(request.form, client, proof.jkt, department, now))

    def _grants(self) -> Mapping[str, Callable[[_Asked], dict[str, Any]]]:
        return dict(zip(GRANT_TYPES, (self._code, self._refresh, self._pre_authorized), strict=True))

    def _code(self, asked: _Asked) -> dict[str, Any]:
        code = asked.form.need("code")
        found = find_code(self.book.state, code, now=asked.now)
        _check_code(found, asked)
        grant = self._narrowed(found.grant, asked, scopes=False)
        response = self.book.respond(
            _token_grant(grant, asked, family=family_of(code)), refreshable=True, now=asked.now
        )
        spend_code(self.book.state, code, now=asked.now)
        return response

    def _refresh(self, asked: _Asked) -> dict[str, Any]:
        token = asked.form.need("refresh_token")
        kept = self.book.refresh_grant(token, now=asked.now)
        _check_department(kept.grant, asked)
        # Attestation-Based Client Authentication, "Refresh token binding": the client, and the key of its instance.
        if (kept.client_id, kept.instance_kid) != (asked.client.id, asked.client.instance_kid):
            raise InvalidGrant("refresh token is another client's, or of another instance of it")
        grant = self._narrowed(kept.grant, asked, scopes=True)
        response = self.book.respond(replace(kept, grant=grant, jkt=asked.jkt), refreshable=False, now=asked.now)
        self.book.used(token, kept.family, now=asked.now)
        return response

    def _pre_authorized(self, asked: _Asked) -> dict[str, Any]:
        code = asked.form.need("pre-authorized_code")
        self.limits.hit("pre_authorized_code", family_of(code), now=asked.now)
        waiting = find_pre_authorized(self.book.state, code, now=asked.now).grant
        _check_department(waiting, asked)
        grant = self._narrowed(waiting, asked, scopes=True)  # before anything is counted: a mistake costs nothing
        check_tx_code(self.book.state, code, asked.form.get("tx_code"), now=asked.now)
        # The family is this use's alone: of two at once only the tokens of the one that is too late are ended.
        made = _token_grant(grant, asked, family=self.book.new_family())
        response = self.book.respond(made, refreshable=asked.client.id is not None, now=asked.now)
        if not spend_pre_authorized(self.book.state, code, now=asked.now):
            self.book.end_family(made.family)
            raise InvalidGrant("pre-authorized code is unknown, was used or has expired")
        return response

    def _narrowed(self, grant: Grant, asked: _Asked, *, scopes: bool) -> Grant:
        """Return the part of the grant that the request asks for (OpenID4VCI 1.0, 6.1; RFC 9396, 6; RFC 6749, 6)."""
        details, scope = asked.form.get("authorization_details"), asked.form.get("scope")
        if details is not None:
            issuer = self.issuer_uri(asked.department)
            ids = ids_of_details(details, department=asked.department, issuer=issuer)
            if not set(ids) <= set(grant.configuration_ids):
                raise InvalidAuthorizationDetails("authorization details go beyond what was granted")
            return replace(grant, configuration_ids=ids, identified=True)
        if scopes and scope is not None:
            ids = ids_of_scope(scope, department=asked.department)
            if not set(ids) <= set(grant.configuration_ids):
                raise InvalidScope("scope goes beyond what was granted")
            return replace(grant, configuration_ids=ids)
        return grant


def _check_code(found: CodeGrant, asked: _Asked) -> None:
    _check_department(found.grant, asked)
    if found.client_id != asked.client.id:
        raise InvalidGrant("authorization code is another client's")
    if asked.form.get("redirect_uri") != found.redirect_uri:
        raise InvalidGrant("redirect_uri is not the one of the authorization request")
    if not verifies(asked.form.get("code_verifier"), found.code_challenge):
        raise InvalidGrant("code_verifier is missing, or not the one of the challenge")
    if found.dpop_jkt not in (None, asked.jkt):
        raise InvalidGrant("authorization code is bound to another DPoP key")


def _check_department(grant: Grant, asked: _Asked) -> None:
    if grant.department != asked.department:
        raise InvalidGrant("grant is another issuer's")


def _token_grant(grant: Grant, asked: _Asked, *, family: str) -> TokenGrant:
    return TokenGrant(grant, asked.client.id, family, asked.jkt, asked.client.instance_kid)
