"""The browser's session at the authorization endpoint: short, sealed in the state, found by a cookie's random value.

The value changes when the person is known (no session that somebody else began goes on with them), and every form
carries a token of its own session (no form of another site is taken).
"""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from issuer.openid4vci.authorization.front.pushed import LOGIN_LIFETIME
from issuer.openid4vci.authorization.front.requests import AuthorizationRequest
from issuer.openid4vci.errors import NoLogin
from issuer.openid4vci.grants import Kind
from issuer.openid4vci.ports import AssuranceLevel, Begun, ProtocolState
from keys.encoding import b64url_text
from schemas.order import HolderId

_ENTROPY = 32  # bytes


@dataclass(frozen=True, slots=True)
class Person:
    """Who has logged in, how surely, and which configurations the consent page offers them."""

    holder_id: HolderId
    name: str = field(repr=False)
    level: AssuranceLevel
    offered: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Session:
    """One authorization in one browser; ``person`` None until somebody has logged in."""

    request_uri: str
    request: AuthorizationRequest
    token: str = field(repr=False)
    form: str | None = None
    kept: Mapping[str, Any] = field(default_factory=dict, repr=False)
    person: Person | None = None


class Logins:
    """The sessions in the state."""

    def __init__(self, state: ProtocolState, *, randomness: Callable[[int], bytes]) -> None:
        self._state = state
        self._randomness = randomness

    def start(self, request_uri: str, request: AuthorizationRequest, begun: Begun, *, now: datetime) -> str:
        """Keep a new session and return the cookie's value."""
        return self._put(Session(request_uri, request, self._random(), begun.form, begun.kept), now)

    def find(self, cookie: str, *, department: str | None, now: datetime) -> Session:
        """Return the session of a browser; with ``department`` None that of any.

        Raises:
            NoLogin: there is none, it is too old, or it is of another department.
        """
        kept = self._state.get(Kind.LOGIN, cookie, now=now)
        if kept is None:
            raise NoLogin("no login is under way in this browser")
        session = _read(kept)
        if department not in (None, session.request.department):
            raise NoLogin("the login in this browser is for another issuer")
        return session

    def known(self, cookie: str, session: Session, person: Person, *, now: datetime) -> str:
        """Join the person to a session, once, and return the cookie's new value; raises NoLogin."""
        self.end(cookie, now=now)
        return self._put(replace(session, token=self._random(), form=None, kept={}, person=person), now)

    def end(self, cookie: str, *, now: datetime) -> None:
        """End a session, once; raises NoLogin when it has ended."""
        if self._state.take(Kind.LOGIN, cookie, now=now) is None:
            raise NoLogin("the login in this browser has ended")

    def _put(self, session: Session, now: datetime) -> str:
        cookie = self._random()
        self._state.put(Kind.LOGIN, cookie, _written(session), expires_at=now + LOGIN_LIFETIME)
        return cookie

    def _random(self) -> str:
        return b64url_text(self._randomness(_ENTROPY))


def check_token(session: Session, given: str | None) -> None:
    """Return if a form is the session's own; raises NoLogin."""
    if not hmac.compare_digest((given or "").encode(), session.token.encode()):
        raise NoLogin("the form is not of this login")


def person_of(session: Session) -> Person:
    """Return who has logged in; raises NoLogin when nobody has."""
    if session.person is None:
        raise NoLogin("nobody has logged in yet")
    return session.person


def _written(session: Session) -> dict[str, Any]:
    person = session.person
    known = person and [person.holder_id, person.name, int(person.level), list(person.offered)]
    return {
        "request_uri": session.request_uri,
        "request": session.request.document(),
        "token": session.token,
        "form": session.form,
        "kept": dict(session.kept),
        "person": known,
    }


def _read(kept: Mapping[str, Any]) -> Session:
    person = None
    if kept["person"] is not None:
        holder_id, name, level, offered = kept["person"]
        person = Person(HolderId(holder_id), name, AssuranceLevel(level), tuple(offered))
    return Session(
        kept["request_uri"],
        AuthorizationRequest.of(kept["request"]),
        kept["token"],
        kept["form"],
        kept["kept"],
        person,
    )
