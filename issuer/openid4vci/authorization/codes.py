"""Authorization codes (RFC 6749, 4.1.2): one use, 45 seconds, and what a second use ends.

A used code is remembered until it expires. All tokens that came from a code are one family, whose name follows from
the code: so a second use finds and ends them (RFC 6749, 4.1.2; FAPI 2.0 Security Profile, 5.3.2.1).
"""

import hashlib
import hmac
import re
from datetime import datetime, timedelta

from issuer.openid4vci.errors import InvalidGrant
from issuer.openid4vci.grants import CodeGrant, Kind
from issuer.openid4vci.nonces import Random
from issuer.openid4vci.ports import ProtocolState
from keys.encoding import b64url_text

CODE_LIFE = timedelta(seconds=45)
_BYTES = 32
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")  # RFC 7636, 4.1
_USED = "used"


def issue_code(state: ProtocolState, grant: CodeGrant, *, now: datetime, random: Random) -> str:
    """Return a new code that stands for ``grant``."""
    code = b64url_text(random(_BYTES))
    state.put(Kind.CODE, code, grant.document(), expires_at=now + CODE_LIFE)
    return code


def find_code(state: ProtocolState, code: str, *, now: datetime) -> CodeGrant:
    """Return what a code stands for, also when it was used; raises InvalidGrant when it is unknown or too old."""
    found = state.get(Kind.CODE, code, now=now)
    if found is None:
        raise InvalidGrant("authorization code is unknown or has expired")
    return CodeGrant.of(found)


def spend_code(state: ProtocolState, code: str, *, now: datetime) -> None:
    """Mark a code as used, once its tokens are kept: of two uses at once the tokens of both are ended.

    Raises:
        InvalidGrant: it was used before; every token of its family has been ended.
    """
    before = state.change(Kind.CODE, code, lambda value: {**value, _USED: True}, now=now)
    if before is None or before.get(_USED):
        state.remove_group(family_of(code))
        raise InvalidGrant("authorization code was used before")


def family_of(code: str) -> str:
    """Return the name of the family of tokens that a code leads to."""
    return "family " + b64url_text(hashlib.sha256(code.encode()).digest())


def verifies(verifier: str | None, challenge: str) -> bool:
    """Tell whether ``verifier`` is the one of a PKCE ``challenge`` of method S256 (RFC 7636, 4.6)."""
    if verifier is None or not _VERIFIER.fullmatch(verifier):
        return False
    made = b64url_text(hashlib.sha256(verifier.encode()).digest())
    return hmac.compare_digest(made.encode(), challenge.encode())
