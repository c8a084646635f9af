"""Pushed authorization requests (RFC 9126): kept for 90 seconds, consumed when the authorization is complete.

A request that was opened in time may be completed later, for a person needs longer than 90 seconds to log in; so it
stays in the state for the length of a login, and ``until`` says how long it may be opened.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from issuer.openid4vci.answers import Answer, Form, json_answer
from issuer.openid4vci.authorization.client_auth import Client
from issuer.openid4vci.authorization.front.requests import AuthorizationRequest, Place, read
from issuer.openid4vci.errors import AccessDenied, InvalidRequest, InvalidRequestUri
from issuer.openid4vci.grants import GROUP, Grant, Kind
from issuer.openid4vci.ports import ProtocolState
from keys.encoding import b64url_text

LIFETIME = timedelta(seconds=90)
LOGIN_LIFETIME = timedelta(minutes=10)
PREFIX = "urn:ietf:params:oauth:request_uri:"
_ENTROPY = 32  # bytes


class PushedRequests:
    """The requests that wait for a browser."""

    def __init__(self, state: ProtocolState, *, randomness: Callable[[int], bytes]) -> None:
        self._state = state
        self._randomness = randomness

    def push(self, form: Form, *, client: Client, place: Place, proof_jkt: str | None, now: datetime) -> Answer:
        """Keep a request and return the answer with its ``request_uri`` (RFC 9126, 2.2); raises as ``read``.

        An ``issuer_state`` that nobody here gave out, or that was used, is ignored; raises InvalidRequest for another
        department's.
        """
        request = self._offered(read(form, client=client, place=place, proof_jkt=proof_jkt), now)
        request_uri = PREFIX + b64url_text(self._randomness(_ENTROPY))
        value = {"request": request.document(), "until": (now + LIFETIME).timestamp()}
        self._state.put(Kind.PUSHED_REQUEST, request_uri, value, expires_at=now + LIFETIME + LOGIN_LIFETIME)
        return json_answer({"request_uri": request_uri, "expires_in": int(LIFETIME.total_seconds())}, status=201)

    def open(self, request_uri: str, *, client_id: str, place: Place, now: datetime) -> AuthorizationRequest:
        """Return a request that may be opened still; it stays.

        Raises:
            InvalidRequestUri: unknown, used, too old, or pushed by another client or to another department.
        """
        kept = self._state.get(Kind.PUSHED_REQUEST, request_uri, now=now)
        if kept is None or kept["until"] <= now.timestamp():
            raise InvalidRequestUri("request_uri is unknown, was used, or is too old")
        request = AuthorizationRequest.of(kept["request"])
        if request.client_id != client_id or request.department != place.department:
            raise InvalidRequestUri("request_uri is of another client or for another issuer")
        return request

    def consume(self, request_uri: str, *, now: datetime) -> None:
        """Take a request away when its authorization is complete; raises InvalidRequestUri when it was before."""
        if self._state.take(Kind.PUSHED_REQUEST, request_uri, now=now) is None:
            raise InvalidRequestUri("request_uri was used")

    def offer(self, request: AuthorizationRequest, *, now: datetime) -> Grant | None:
        """Return what the offer grants from which a request comes, None when it comes from none.

        Raises:
            AccessDenied: the offer was used, or is too old by now.
        """
        if request.issuer_state is None:
            return None
        return _grant(self._state.get(Kind.ISSUER_STATE, request.issuer_state, now=now))

    def use_offer(self, request: AuthorizationRequest, *, now: datetime) -> Grant | None:
        """Use the offer up, its other grant too, and return what it grants: of several callers at once one gets it.

        Raises:
            AccessDenied: as ``offer``.
        """
        if request.issuer_state is None:
            return None
        kept = self._state.take(Kind.ISSUER_STATE, request.issuer_state, now=now)
        if kept is not None:
            self._state.remove_group(kept.get(GROUP, ""))
        return _grant(kept)

    def _offered(self, request: AuthorizationRequest, now: datetime) -> AuthorizationRequest:
        if request.issuer_state is None:
            return request
        kept = self._state.get(Kind.ISSUER_STATE, request.issuer_state, now=now)
        if kept is None:
            return replace(request, issuer_state=None)
        if Grant.of(kept).department != request.department:
            raise InvalidRequest("issuer_state is of another issuer")
        return request


def _grant(kept: Mapping[str, Any] | None) -> Grant:
    if kept is None:
        raise AccessDenied("the credential offer was used or is too old")
    return Grant.of(kept)
