"""API tokens: 256 random bits, of which only the SHA-256 is kept, bound to a role and a department or a holder."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hmac import compare_digest
from typing import Any

from sqlalchemy import Row, func, insert, select, update

from ecert.storage.audit import AuditTrail
from ecert.storage.crypto import token_digest
from ecert.storage.engine import Database
from ecert.storage.moments import micros, moment
from ecert.storage.tables import API_TOKENS
from schemas.audit import MAX_TEXT, SYSTEM, AuditAct, AuditEvent, Doer, Subject
from schemas.order import HolderId

_NO_DIGEST = "0" * 64


class Role(StrEnum):
    """What somebody may do (invariant 10)."""

    PREPARER = "preparer"
    APPROVER = "approver"
    REVOKER = "revoker"
    COUNTER = "counter"
    RELYING_PARTY = "relying_party"
    AUDITOR = "auditor"
    OPERATOR = "operator"
    HOLDER = "holder"


@dataclass(frozen=True, slots=True)
class TokenScope:
    """How far a token reaches: one department, one holder, and names of what it may do; empty ``allows`` is all."""

    department: str | None = None
    holder_id: HolderId | None = None
    allows: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ApiToken:
    """What is known of a token: never the token itself. ``token_id`` is safe to log."""

    token_id: str
    role: Role
    scope: TokenScope
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class ApiTokens:
    """Tokens over the table ``api_tokens``; every method is one transaction, the audit trail's entry included."""

    def __init__(
        self, database: Database, *, trail: AuditTrail, random: Callable[[int], str] = secrets.token_urlsafe
    ) -> None:
        self._database = database
        self._trail = trail
        self._random = random

    def issue(
        self, role: Role, *, now: datetime, expires_at: datetime, scope: TokenScope | None = None, by: Doer = SYSTEM
    ) -> tuple[str, ApiToken]:
        """Return a new token, for its bearer's eyes once, and what is kept of it; ``by`` is who gives it."""
        scope = scope or TokenScope()
        token = self._random(32)
        values = {
            "token_id": self._random(9),
            "digest": token_digest(token),
            "role": role.value,
            "department": scope.department,
            "holder_id": scope.holder_id,
            "scope": " ".join(sorted(scope.allows)),
            "created_at": micros(now),
            "expires_at": micros(expires_at),
        }
        with self._database.write() as connection:
            row = connection.execute(insert(API_TOKENS).values(values).returning(*API_TOKENS.c)).one()
            self._trail.note(connection, [_event(row, AuditAct.MADE, by, now)])
        return token, _token(row)

    def find(self, token: str, *, now: datetime) -> ApiToken | None:
        """Return what a token stands for; None when unknown, expired or revoked, after the same work."""
        digest = token_digest(token)
        with self._database.read() as connection:
            row = connection.execute(select(API_TOKENS).where(API_TOKENS.c.digest == digest)).one_or_none()
        same = compare_digest(digest, _NO_DIGEST if row is None else row.digest)
        if row is None or not same or row.revoked_at is not None or row.expires_at <= micros(now):
            return None
        return _token(row)

    def revoke(self, token_id: str, *, now: datetime, by: Doer = SYSTEM) -> bool:
        """End a token now; False when there is none of this id or it was revoked before."""
        chosen = update(API_TOKENS).where(API_TOKENS.c.token_id == token_id, API_TOKENS.c.revoked_at.is_(None))
        ended = chosen.values(revoked_at=micros(now)).returning(*API_TOKENS.c)
        with self._database.write() as connection:
            row = connection.execute(ended).one_or_none()
            if row is not None:
                self._trail.note(connection, [_event(row, AuditAct.REVOKED, by, now)])
        return row is not None

    def all(self) -> list[ApiToken]:
        """Return every token, oldest first, those that ended included."""
        with self._database.read() as connection:
            rows = connection.execute(select(API_TOKENS).order_by(API_TOKENS.c.created_at, API_TOKENS.c.token_id))
            return [_token(row) for row in rows]

    def count(self) -> int:
        """Return how many tokens were ever issued; 0 says that this is a first start."""
        with self._database.read() as connection:
            return connection.execute(select(func.count()).select_from(API_TOKENS)).scalar_one()


def _token(row: Row[Any]) -> ApiToken:
    return ApiToken(
        token_id=row.token_id,
        role=Role(row.role),
        scope=TokenScope(
            row.department,
            None if row.holder_id is None else HolderId(row.holder_id),
            frozenset(row.scope.split()),
        ),
        created_at=moment(row.created_at),
        expires_at=moment(row.expires_at),
        revoked_at=None if row.revoked_at is None else moment(row.revoked_at),
    )


def _event(row: Row[Any], act: AuditAct, by: Doer, now: datetime) -> AuditEvent:
    details = {"role": row.role, "expires_at": moment(row.expires_at).isoformat()}
    if row.holder_id is not None:
        details["holder_id"] = row.holder_id  # opaque
    if row.scope:
        details["allows"] = row.scope[:MAX_TEXT]
    return AuditEvent(Subject.TOKEN, row.token_id, act, by, now, row.department or "", details)
