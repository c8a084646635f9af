"""The check of an access token at a protected endpoint (RFC 9449, 7; OpenID4VCI 1.0, 8.3.1.1)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from issuer.openid4vci.authorization.dpop import DpopProofs, DpopRequest
from issuer.openid4vci.errors import InvalidDpopProof, InvalidToken, InvalidTokenProof, UseDpopNonce, UseTokenNonce
from issuer.openid4vci.grants import Kind, TokenGrant
from issuer.openid4vci.ports import ProtectedRequest, ProtocolState

# RFC 9110, 11.1: the scheme in any case; RFC 6750, 2.1: the characters of a token.
_CREDENTIALS = re.compile(r"(?i:dpop) +([A-Za-z0-9._~+/-]{1,256}=*)")


@dataclass(frozen=True, slots=True)
class TokenAccess:
    """The access tokens of every department (``issuer.openid4vci.ports.AccessCheck``)."""

    state: ProtocolState
    dpop: DpopProofs
    clock: Callable[[], datetime]

    def grant(self, request: ProtectedRequest, *, department: str) -> TokenGrant:
        """Return what the request's access token stands for; its DPoP proof counts as used from now on.

        Raises:
            InvalidToken: no token with the scheme DPoP, or one that is unknown, ended, too old or another issuer's.
            InvalidTokenProof: the proof is missing, breaks a rule, or is of another key than the token's.
            UseTokenNonce: the proof needs the nonce that comes with the error.
        """
        now, token = self.clock(), _token(request)
        found = self.state.get(Kind.ACCESS_TOKEN, token, now=now)
        grant = None if found is None else TokenGrant.of(found)
        if grant is None or grant.grant.department != department:
            raise InvalidToken("access token is unknown, was ended or has expired")
        try:
            proof = self.dpop.check(DpopRequest(request.method, request.url, request.dpop, token), now=now)
            if proof.jkt != grant.jkt:
                raise InvalidTokenProof("DPoP proof is of another key than the access token's")
            self.dpop.record(proof, now=now)
        except InvalidDpopProof as exc:
            raise InvalidTokenProof(str(exc)) from None
        except UseDpopNonce as exc:
            raise UseTokenNonce(str(exc), nonce=exc.nonce) from None
        return grant


def _token(request: ProtectedRequest) -> str:
    if len(request.authorization) != 1:
        raise InvalidToken("request has no access token, or several")
    match = _CREDENTIALS.fullmatch(request.authorization[0].strip())
    if match is None:
        raise InvalidToken("request has no access token of the scheme DPoP")
    return match[1]
