"""Verifiable presentations of VCDM 2.0, 4.13: their own properties, and the claims that a JWT adds.

The credentials inside are returned as they stand; each is verified for itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from schemas.formats import vc_model
from schemas.formats.claims import optional_moment, optional_number, optional_text
from schemas.formats.errors import RegisteredClaimInvalid, VcClaimsConflict, VcModelInvalid
from schemas.formats.vc_jose_cose import enveloped
from schemas.formats.vc_jose_cose.errors import VpModelInvalid
from schemas.formats.vc_jose_cose.kinds import forbid_old_claims

TYPE = "VerifiablePresentation"


@dataclass(frozen=True, slots=True)
class VerifiedPresentation:
    """A presentation that its holder signed; audience, nonce and moments are judged by the caller.

    ``credentials`` are objects: enveloped ones, or ones with a proof in them; under VCDM 1.1 also compact JWTs.
    """

    holder: str | None
    audience: tuple[str, ...]
    nonce: str | None
    iat: float | None
    not_before: datetime | None
    not_after: datetime | None
    credentials: tuple[Any, ...] = field(repr=False)
    document: Mapping[str, Any] = field(repr=False)


def check(document: Mapping[str, Any]) -> VerifiedPresentation:
    """Return ``document`` read by the rules of VCDM 2.0 and VC-JOSE-COSE; no signature is looked at.

    Raises:
        VcClaimForbidden, VpModelInvalid, EnvelopeInvalid: as ``check_shape``.
        RegisteredClaimInvalid, VcClaimsConflict: a JWT claim is of the wrong kind, or contradicts a property.
    """
    check_shape(document)
    holder = holder_of(document)
    for claim, subject in (("iss", holder), ("jti", document.get("id"))):
        if claim in document:
            value = optional_text(document, claim, RegisteredClaimInvalid)
            if subject is not None and value != subject:  # VC-JOSE-COSE, 3.1.3
                raise VcClaimsConflict(f"{claim} contradicts the property that means the same")
    return read_claims(document, holder=holder, credentials=credentials_of(document), document=document)


def check_shape(document: Mapping[str, Any]) -> None:
    """Return if the properties are those of a presentation, and what is enveloped in it is a data: URL.

    Raises:
        VcClaimForbidden: ``vc`` or ``vp`` stands at the top.
        VpModelInvalid: a property is absent or of the wrong kind.
        EnvelopeInvalid: an enveloped credential is not one.
    """
    forbid_old_claims(document)
    contexts, types = document.get("@context"), document.get("type")
    if type(contexts) is not list or not contexts or contexts[0] != vc_model.CONTEXT:
        raise VpModelInvalid(f"@context does not start with {vc_model.CONTEXT}")
    if TYPE not in (types if type(types) is list else [types]):
        raise VpModelInvalid(f"type does not hold {TYPE}")
    holder_of(document)
    _url(document, "id")
    for credential in credentials_of(document):
        _check_inner(credential)


def holder_of(document: Mapping[str, Any]) -> str | None:
    """Return who presents: ``holder`` or its ``id``; None where it is absent; raises VpModelInvalid."""
    holder = document.get("holder")
    return _url(holder, "id") if type(holder) is dict else _url(document, "holder")


def credentials_of(document: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return the members of ``verifiableCredential``, one or many; none where it is absent."""
    if "verifiableCredential" not in document:
        return ()
    value = document["verifiableCredential"]
    return tuple(value) if type(value) is list else (value,)


def read_claims(
    claims: Mapping[str, Any], *, holder: str | None, credentials: tuple[Any, ...], document: Mapping[str, Any]
) -> VerifiedPresentation:
    """Return a presentation with what the JWT ``claims`` say of it; raises RegisteredClaimInvalid."""
    return VerifiedPresentation(
        holder=holder,
        audience=_audience(claims),
        nonce=optional_text(claims, "nonce", RegisteredClaimInvalid),
        iat=optional_number(claims, "iat", RegisteredClaimInvalid),
        not_before=optional_moment(claims, "nbf", RegisteredClaimInvalid),
        not_after=optional_moment(claims, "exp", RegisteredClaimInvalid),
        credentials=credentials,
        document=document,
    )


def _check_inner(credential: Any) -> None:
    if type(credential) is not dict:
        raise VpModelInvalid("verifiableCredential holds what is no object")
    if enveloped.is_enveloped(credential):
        enveloped.read(credential)
        return
    types = credential.get("type")
    if vc_model.TYPE not in (types if type(types) is list else [types]):
        raise VpModelInvalid("verifiableCredential holds an object of another type")


def _audience(claims: Mapping[str, Any]) -> tuple[str, ...]:
    if "aud" not in claims:
        return ()
    value = claims["aud"]
    audience = tuple(value) if type(value) is list else (value,)
    if not audience or not all(type(item) is str and item for item in audience):
        raise RegisteredClaimInvalid("aud is neither text nor an array of texts")
    return audience


def _url(holder: Mapping[str, Any], name: str) -> str | None:
    try:
        return vc_model.url(holder, name)
    except VcModelInvalid as exc:
        raise VpModelInvalid(str(exc)) from None
