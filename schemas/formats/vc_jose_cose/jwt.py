"""Credentials and presentations as JWT (VC-JOSE-COSE, 3.1): the document itself is the claims set.

    text = jwt.issue(document, signer, kind=Kind.PRESENTATION)
    presentation = presentation_by(jwt.parse(text, kind=Kind.PRESENTATION), key)

``schemas.formats.vc_jwt`` is the same for credentials alone, and quicker to use.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from keys import jws, strict_json
from keys.public import PublicKey
from keys.signer import Signer
from schemas.formats.vc_jose_cose.documents import check_document, check_secured
from schemas.formats.vc_jose_cose.kinds import NO_HINTS, KeyHints, Kind, check_types
from schemas.formats.vc_jwt import MAX_BYTES


@dataclass(frozen=True, slots=True)
class UnverifiedJwt:
    """A secured document whose signature nobody has checked yet."""

    token: jws.UnverifiedJws
    kind: Kind

    def peek_document(self) -> dict[str, Any]:
        """Return the document, unverified; raises as ``UnverifiedJws.peek_claims``."""
        return self.token.peek_claims()

    def secured_by(self, key: PublicKey) -> dict[str, Any]:
        """Return the document if ``key`` secured it (``documents.check_secured``).

        Raises:
            InvalidSignature, AlgorithmNotAllowed, MalformedToken: of the JWS.
            VcClaimForbidden, VcModelInvalid, VpModelInvalid, EnvelopeInvalid: of the document.
        """
        return check_secured(self.token.verified_by(key), self.kind)


def issue(document: Mapping[str, Any], signer: Signer, *, kind: Kind, hints: KeyHints = NO_HINTS) -> str:
    """Return the signed ``document``, with the JWT claims in it (``iat``, ``aud`` …); raises as ``check_document``."""
    check_document(document, kind)
    return signed(document, signer, typ=kind.jwt, cty=kind.value, hints=hints)


def signed(payload: Mapping[str, Any], signer: Signer, *, typ: str, cty: str, hints: KeyHints) -> str:
    """Return the compact JWS over ``payload`` with both types; nothing of it is checked."""
    kid = (("kid", hints.kid),) if hints.kid is not None else ()
    extra = (("cty", cty), *kid)
    return jws.sign(strict_json.dumps(payload), signer, typ=typ, x5c=hints.chain, kid=not kid, extra=extra)


def parse(text: str, *, kind: Kind) -> UnverifiedJwt:
    """Take a secured document apart without believing it; raises as ``jws.peek``, and WrongType."""
    token = jws.peek(text, max_bytes=MAX_BYTES)
    header = token.header
    check_types(typ=header.typ, cty=header.parameters.get("cty"), expected=(kind.jwt, kind.value))
    return UnverifiedJwt(token, kind)
