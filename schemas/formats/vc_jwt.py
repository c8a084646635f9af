"""VCDM 2.0 credentials as ``vc+jwt`` (W3C VC-JOSE-COSE, 3.1): the credential itself is the JWS payload.

    text = vc_jwt.issue(document, signer)
    credential = vc_jwt.parse(text).verified_by(key)

``validFrom`` and ``validUntil`` say when the data holds, ``nbf`` and ``exp`` when the signature does: a credential is
good where both do, which is ``credential.not_before`` and ``credential.not_after``. The clock is the caller's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from keys import jws, strict_json
from keys.public import PublicKey
from keys.signer import Signer
from schemas.formats import vc_model
from schemas.formats.claims import optional_moment, optional_number, optional_text
from schemas.formats.errors import RegisteredClaimInvalid, VcClaimForbidden, VcClaimsConflict, WrongType
from schemas.formats.status_claim import StatusReference, status_reference
from schemas.formats.vc_jose_cose import members
from schemas.formats.vc_jose_cose.kinds import Kind

TYP = "vc+jwt"
CTY = "vc"
MAX_BYTES = 262_144
_EXTRA = (("cty", CTY),)


@dataclass(frozen=True, slots=True)
class VerifiedCredential:
    """A credential that its issuer signed; ``document`` is the whole of it, JWT claims included.

    ``not_before`` and ``not_after`` are where data and signature both hold (UTC); None is without bound.
    """

    issuer: str
    types: tuple[str, ...]
    iat: float | None
    not_before: datetime | None
    not_after: datetime | None
    status: StatusReference | None
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class UnverifiedCredential:
    """A credential whose signature nobody has checked yet."""

    issuer_jws: jws.UnverifiedJws

    def verified_by(self, key: PublicKey) -> VerifiedCredential:
        """Return the credential if ``key`` signed it and it follows the rules.

        Raises:
            InvalidSignature, AlgorithmNotAllowed, MalformedToken: of the JWS.
            VcClaimForbidden, VcModelInvalid, VcClaimsConflict, RegisteredClaimInvalid, StatusClaimInvalid.
        """
        return check(self.issuer_jws.verified_by(key))


def issue(document: Mapping[str, Any], signer: Signer, *, x5c: bool = False) -> str:
    """Return the signed ``document``: VCDM 2.0, with the JWT claims (``iat``, ``exp``, ``cnf``, ``status`` …) in it.

    Raises as ``check``, and MemberUndefined: what a verifier would refuse or a reader would lose is not signed.
    """
    check(document)
    members.check(document, Kind.CREDENTIAL)
    return jws.sign(strict_json.dumps(document), signer, typ=TYP, x5c=x5c, extra=_EXTRA)


def parse(text: str, *, peeked: jws.UnverifiedJws | None = None) -> UnverifiedCredential:
    """Take a credential apart without believing it; ``peeked`` is ``jws.peek(text)`` where the caller has it already.

    Raises as ``jws.peek``, and WrongType: ``typ`` is not ``vc+jwt``, or ``cty`` is there and not ``vc``.
    """
    token = jws.peek(text, max_bytes=MAX_BYTES) if peeked is None or len(text) > MAX_BYTES else peeked
    if token.header.typ != TYP:
        raise WrongType(f"typ is not {TYP}")
    if token.header.parameters.get("cty", CTY) != CTY:
        raise WrongType(f"cty is not {CTY}")
    return UnverifiedCredential(token)


def check(document: Mapping[str, Any]) -> VerifiedCredential:
    """Return ``document`` read by the rules of VCDM 2.0 and VC-JOSE-COSE; no signature is looked at.

    Raises:
        VcClaimForbidden, VcModelInvalid, VcClaimsConflict, RegisteredClaimInvalid, StatusClaimInvalid.
    """
    for name in ("vc", "vp"):
        if name in document:  # 1.1.2.1 and 3.1.3
            raise VcClaimForbidden(f"claims set holds {name}")
    model = vc_model.read(document)
    for claim, subject in (("iss", model.issuer), ("jti", model.id), ("sub", model.subject_id)):
        if claim in document:
            value = optional_text(document, claim, RegisteredClaimInvalid)
            if subject is not None and value != subject:  # 3.1.3
                raise VcClaimsConflict(f"{claim} contradicts the property that means the same")
    nbf, exp = (optional_moment(document, name, RegisteredClaimInvalid) for name in ("nbf", "exp"))
    valid_from, valid_until = model.valid_from, model.valid_until
    return VerifiedCredential(
        issuer=model.issuer,
        types=model.types,
        iat=optional_number(document, "iat", RegisteredClaimInvalid),
        not_before=max(nbf, valid_from) if nbf and valid_from else nbf or valid_from,
        not_after=min(exp, valid_until) if exp and valid_until else exp or valid_until,
        status=status_reference(document),
        document=document,
    )
