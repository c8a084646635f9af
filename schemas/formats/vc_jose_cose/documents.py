"""What is asked of a document of either kind: before it is signed, once its securing was checked, by a verifier."""

from collections.abc import Mapping
from typing import Any, Protocol

from keys.public import PublicKey
from schemas.formats import vc_jwt, vc_model
from schemas.formats.vc_jose_cose import members, presentations
from schemas.formats.vc_jose_cose.kinds import Kind, forbid_old_claims
from schemas.formats.vc_jose_cose.presentations import VerifiedPresentation


class Secured(Protocol):
    """A secured document, in whatever form, that nobody has checked yet."""

    def secured_by(self, key: PublicKey) -> dict[str, Any]:
        """Return the document if ``key`` secured it."""


def check_document(document: Mapping[str, Any], kind: Kind, *, claims: frozenset[str] = members.JWT_CLAIMS) -> None:
    """Return if ``document`` may be signed: what a verifier would refuse, or a reader would lose, is not.

    Raises:
        VcClaimForbidden, VcModelInvalid, VpModelInvalid, EnvelopeInvalid, MemberUndefined,
        VcClaimsConflict, RegisteredClaimInvalid, StatusClaimInvalid.
    """
    if kind is Kind.CREDENTIAL:
        vc_jwt.check(document)
    else:
        presentations.check(document)
    members.check(document, kind, claims=claims)


def check_secured(document: dict[str, Any], kind: Kind) -> dict[str, Any]:
    """Return ``document`` if its shape is that of its kind; dates and registered claims are left to a verifier.

    Raises:
        VcClaimForbidden, VcModelInvalid, VpModelInvalid, EnvelopeInvalid.
    """
    if kind is Kind.CREDENTIAL:
        forbid_old_claims(document)
        vc_model.read(document)
    else:
        presentations.check_shape(document)
    return document


def credential_by(secured: Secured, key: PublicKey) -> vc_jwt.VerifiedCredential:
    """Return the credential if ``key`` secured it; raises as ``secured_by`` and ``vc_jwt.check``."""
    return vc_jwt.check(secured.secured_by(key))


def presentation_by(secured: Secured, key: PublicKey) -> VerifiedPresentation:
    """Return the presentation if ``key`` secured it; raises as ``secured_by`` and ``presentations.check``."""
    return presentations.check(secured.secured_by(key))
