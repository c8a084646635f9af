"""Who may do what: roles, the actor behind a token, and how a token is made (DESIGN.md 7.10)."""

import secrets
from dataclasses import dataclass
from enum import StrEnum

from ecert.errors import NotPermitted
from keys.encoding import b64url_text

TOKEN_PREFIX = "ecert_"  # noqa: S105 - the part that every token begins with, so that a leaked one is found by scanners


class Role(StrEnum):
    """What a token is for. One token has one role."""

    OPERATOR = "operator"  # 运维: runs it, gives tokens
    PREPARER = "preparer"  # 经办: issues and replaces
    REVOKER = "revoker"  # 吊销: suspends, reinstates, revokes, cancels
    COUNTER = "counter"  # 窗口: verifies
    RELYING_PARTY = "relying_party"  # 用证单位: verifies by API
    AUDITOR = "auditor"  # 审计: reads
    HOLDER = "holder"  # 持证主体: the own wallet, nothing else


@dataclass(frozen=True, slots=True)
class Actor:
    """The one behind a request. ``department`` None reaches all departments; a holder reaches only ``holder_id``."""

    token_id: str
    role: Role
    department: str | None = None
    holder_id: str | None = None

    def must_reach(self, department: str) -> None:
        """Return if the actor may act for ``department``; raises NotPermitted."""
        if self.department not in (None, department):
            raise NotPermitted("token is of another department")


def new_token() -> str:
    """Return a new random token (256 bits); only its digest is ever kept."""
    return TOKEN_PREFIX + b64url_text(secrets.token_bytes(32))
