"""VCDM 1.1 as JWT (VCDM 1.1, 6.3.1), OpenID4VCI's ``jwt_vc_json``: the document stands in the claim ``vc`` or ``vp``.

    text = jwt_vc_json.issue(jwt_vc_json.claims_of(credential) | {"iat": ..., "cnf": ...}, signer)
    credential = jwt_vc_json.parse(text).verified_by(key)

``iss``, ``jti``, ``sub``, ``nbf`` and ``exp`` mean issuer or holder, id, subject, issuanceDate and expirationDate. They
may stand in the document as well; then both say the same. Read with ``typ`` JWT alone: under vc+jwt these two claims
are forbidden.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from keys import jws, strict_json
from keys.public import PublicKey
from keys.signer import Signer
from schemas.formats import vc_model
from schemas.formats.claims import optional_moment, optional_number, optional_text
from schemas.formats.errors import FormatError, RegisteredClaimInvalid, VcClaimsConflict, VcModelInvalid, WrongType
from schemas.formats.status_claim import StatusReference, status_reference
from schemas.formats.vc_jose_cose import presentations
from schemas.formats.vc_jose_cose.errors import VpModelInvalid
from schemas.formats.vc_jose_cose.kinds import NO_HINTS, KeyHints, Kind
from schemas.formats.vc_jose_cose.presentations import VerifiedPresentation
from schemas.formats.vc_jwt import MAX_BYTES

TYP = "JWT"
_DATES = (("nbf", "issuanceDate"), ("exp", "expirationDate"))


@dataclass(frozen=True, slots=True)
class VerifiedCredential:
    """A credential that its issuer signed; ``document`` is VCDM 1.1 with what the claims say in its place.

    ``claims`` is the whole claims set: ``cnf`` and ``status`` stand there.
    """

    issuer: str
    types: tuple[str, ...]
    iat: float | None
    not_before: datetime | None
    not_after: datetime | None
    status: StatusReference | None
    document: Mapping[str, Any] = field(repr=False)
    claims: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class UnverifiedToken:
    """A token whose signature nobody has checked yet."""

    token: jws.UnverifiedJws

    def verified_by(self, key: PublicKey) -> VerifiedCredential:
        """Return the credential of ``vc``; raises as ``UnverifiedJws.verified_by`` and ``check``."""
        return check(self.token.verified_by(key))

    def presentation_by(self, key: PublicKey) -> VerifiedPresentation:
        """Return the presentation of ``vp``; raises as ``UnverifiedJws.verified_by`` and ``check_presentation``."""
        return check_presentation(self.token.verified_by(key))


def issue(claims: Mapping[str, Any], signer: Signer, *, hints: KeyHints = NO_HINTS) -> str:
    """Return the signed claims set with its ``vc``; raises as ``check``: what would be refused is not signed."""
    check(claims)
    return _signed(claims, signer, hints)


def issue_presentation(claims: Mapping[str, Any], signer: Signer, *, hints: KeyHints = NO_HINTS) -> str:
    """Return the signed claims set with its ``vp``; raises as ``check_presentation``."""
    check_presentation(claims)
    return _signed(claims, signer, hints)


def claims_of(credential: Mapping[str, Any]) -> dict[str, Any]:
    """Return the claims set of a VCDM 1.1 credential: what JWT has names for stands beside ``vc`` as well as in it.

    Raises:
        VcModelInvalid: as ``check``.
    """
    model = vc_model.read_v1(credential)
    begins, ends = (None if moment is None else _seconds(moment) for moment in (model.valid_from, model.valid_until))
    claims = {"iss": model.issuer, "nbf": begins, "exp": ends, "jti": model.id, "sub": model.subject_id}
    return {name: value for name, value in claims.items() if value is not None} | {"vc": dict(credential)}


def parse(text: str) -> UnverifiedToken:
    """Take a token apart without believing it; raises as ``jws.peek``, and:

    WrongType: ``typ`` is there and not JWT (VCDM 1.1, 6.3.1), or ``cty`` is there.
    """
    token = jws.peek(text, max_bytes=MAX_BYTES)
    if token.header.typ not in (TYP, None) or "cty" in token.header.parameters:
        raise WrongType(f"typ is not {TYP}, or there is a cty")
    return UnverifiedToken(token)


def check(claims: Mapping[str, Any]) -> VerifiedCredential:
    """Return the credential of a claims set by the rules of VCDM 1.1; no signature is looked at.

    Raises:
        VcModelInvalid, VcClaimsConflict, RegisteredClaimInvalid, StatusClaimInvalid.
    """
    document = _claim(claims, Kind.CREDENTIAL, VcModelInvalid)
    _place(document, "issuer", _text(claims, "iss"))
    _place(document, "id", _text(claims, "jti"))
    _place_subject(document, _text(claims, "sub"))
    for claim, name in _DATES:
        _place_date(document, name, optional_moment(claims, claim, RegisteredClaimInvalid))
    model = vc_model.read_v1(document)
    return VerifiedCredential(
        issuer=model.issuer,
        types=model.types,
        iat=optional_number(claims, "iat", RegisteredClaimInvalid),
        not_before=model.valid_from,
        not_after=model.valid_until,
        status=status_reference(claims),
        document=document,
        claims=claims,
    )


def check_presentation(claims: Mapping[str, Any]) -> VerifiedPresentation:
    """Return the presentation of a claims set by the rules of VCDM 1.1; its credentials are texts or objects.

    Raises:
        VpModelInvalid, VcClaimsConflict, RegisteredClaimInvalid.
    """
    document = _claim(claims, Kind.PRESENTATION, VpModelInvalid)
    _place(document, "holder", _text(claims, "iss"))
    _place(document, "id", _text(claims, "jti"))
    contexts, types = document.get("@context"), document.get("type")
    if type(contexts) is not list or not contexts or contexts[0] != vc_model.CONTEXT_V1:
        raise VpModelInvalid(f"@context does not start with {vc_model.CONTEXT_V1}")
    if presentations.TYPE not in (types if type(types) is list else [types]):
        raise VpModelInvalid(f"type does not hold {presentations.TYPE}")
    credentials = presentations.credentials_of(document)
    if not all(type(item) in (str, dict) for item in credentials):
        raise VpModelInvalid("verifiableCredential holds what is neither text nor object")
    holder = presentations.holder_of(document)
    return presentations.read_claims(claims, holder=holder, credentials=credentials, document=document)


def _signed(claims: Mapping[str, Any], signer: Signer, hints: KeyHints) -> str:
    extra = (("kid", hints.kid),) if hints.kid is not None else ()
    return jws.sign(strict_json.dumps(claims), signer, typ=TYP, x5c=hints.chain, kid=not extra, extra=extra)


def _claim(claims: Mapping[str, Any], kind: Kind, error: type[FormatError]) -> dict[str, Any]:
    document = claims.get(kind.value)
    if type(document) is not dict:
        raise error(f"{kind.value} is absent or no object")
    return dict(document)


def _text(claims: Mapping[str, Any], name: str) -> str | None:
    return optional_text(claims, name, RegisteredClaimInvalid)


def _place(document: dict[str, Any], name: str, value: str | None) -> None:
    if value is None:
        return
    held = document.setdefault(name, value)
    if (held.get("id") if type(held) is dict else held) != value:
        raise VcClaimsConflict(f"{name} is another one in the claims")


def _place_subject(document: dict[str, Any], value: str | None) -> None:
    subject = document.get("credentialSubject")
    if value is None:
        return
    if type(subject) is list and len(subject) == 1:
        subject = subject[0]
    if type(subject) is not dict:  # 6.3.1: a JWT speaks of one subject
        raise VcClaimsConflict("sub stands beside several subjects, or none")
    placed = dict(subject)
    _place(placed, "id", value)
    document["credentialSubject"] = placed


def _place_date(document: dict[str, Any], name: str, value: datetime | None) -> None:
    if value is None:
        return
    held = vc_model.moment(document, name)
    if held is None:
        document[name] = value.isoformat().replace("+00:00", "Z")
    elif int(held.timestamp()) != int(value.timestamp()):  # a NumericDate is mostly written in whole seconds
        raise VcClaimsConflict(f"{name} is another one in the claims")


def _seconds(moment: datetime) -> float:
    seconds = moment.timestamp()
    return int(seconds) if seconds.is_integer() else seconds
