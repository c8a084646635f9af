"""SD-JWT VC (draft-ietf-oauth-sd-jwt-vc): the rules that make an SD-JWT a credential. ``typ`` is ``dc+sd-jwt``.

    issued = sd_jwt_vc.issue(claims, selective, signer, salt=salt)
    credential = sd_jwt_vc.verified_by(sd_jwt_vc.parse(text), key)

Dates, status and key binding are judged by the caller: ``credential`` holds what is needed for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from keys.public import PublicKey
from keys.signer import Signer
from schemas.formats import sd_jwt, sd_jwt_build
from schemas.formats.claims import optional_number, optional_text
from schemas.formats.disclosures import ClaimPath, Salt
from schemas.formats.errors import NeverSelective, RegisteredClaimInvalid, VctInvalid, WrongType
from schemas.formats.sd_jwt import SdJwt
from schemas.formats.sd_jwt_build import Selective
from schemas.formats.status_claim import StatusReference, status_reference

TYP = "dc+sd-jwt"
FORMER_TYP = "vc+sd-jwt"
"""What drafts before November 2024 used; read only where the caller says so (VC-JOSE-COSE uses it otherwise)."""
NEVER_SELECTIVE = frozenset({"iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "aka_vcts", "status"})
"""Claims that may stand in no disclosure, nor their parts (2.2.2.3)."""


@dataclass(frozen=True, slots=True)
class VerifiedCredential:
    """A credential that its issuer signed; ``claims`` are all of them, the registered ones included."""

    vct: str
    issuer: str | None
    iat: float | None
    nbf: float | None
    exp: float | None
    status: StatusReference | None
    claims: dict[str, Any]
    disclosed: frozenset[ClaimPath]


def issue(
    claims: Mapping[str, Any],
    selective: Selective,
    signer: Signer,
    *,
    salt: Salt,
    decoys: int = 0,
    x5c: bool = False,
) -> SdJwt:
    """Return the signed SD-JWT VC of ``claims``; raises as ``sd_jwt.issue``, and:

    VctInvalid: no ``vct``.
    NeverSelective: ``selective`` names a claim that must stand in the clear, or a part of one.
    """
    _check_vct(claims)
    for path in selective:
        top = path if type(path) is str else path[:1] and path[0]
        if top in NEVER_SELECTIVE:
            raise NeverSelective(f"{top} must not be selectively disclosable")
    payload, disclosures = sd_jwt_build.build(claims, selective, salt=salt, decoys=decoys)
    return sd_jwt.sign(payload, disclosures, signer, typ=TYP, x5c=x5c)


def parse(text: str, *, accept_former_typ: bool = False) -> SdJwt:
    """Take a credential or its presentation apart, unverified; raises as ``SdJwt.parse``, ``jws.peek``, and:

    WrongType: ``typ`` is not ``dc+sd-jwt``.
    """
    parsed = SdJwt.parse(text)
    check_typ(parsed, accept_former_typ=accept_former_typ)
    return parsed


def check_typ(parsed: SdJwt, *, accept_former_typ: bool = False) -> None:
    """Return if the header says that this is an SD-JWT VC; raises WrongType."""
    typ = parsed.issuer_jws.header.typ
    if typ != TYP and not (accept_former_typ and typ == FORMER_TYP):
        raise WrongType(f"typ is not {TYP}")


def verified_by(parsed: SdJwt, key: PublicKey) -> VerifiedCredential:
    """Return the credential if ``key`` signed it and it follows the rules; raises as ``SdJwt.verified_by``, and:

    VctInvalid, NeverSelective, RegisteredClaimInvalid, StatusClaimInvalid.
    """
    verified = parsed.verified_by(key)
    claims = verified.claims
    vct = _check_vct(claims)
    for path in verified.disclosed:
        # The first step tells: a part of such a claim stands below its name.
        if path[0] in NEVER_SELECTIVE:
            raise NeverSelective(f"{path[0]} must not be selectively disclosable")
    _check_aka_vcts(claims, vct)
    iat, nbf, exp = (optional_number(claims, name, RegisteredClaimInvalid) for name in ("iat", "nbf", "exp"))
    return VerifiedCredential(
        vct=vct,
        issuer=optional_text(claims, "iss", RegisteredClaimInvalid),
        iat=iat,
        nbf=nbf,
        exp=exp,
        status=status_reference(claims),
        claims=claims,
        disclosed=verified.disclosed,
    )


def _check_vct(claims: Mapping[str, Any]) -> str:
    vct = claims.get("vct")
    if type(vct) is not str or not vct:
        raise VctInvalid("vct is absent or no text")
    return vct


def _check_aka_vcts(claims: Mapping[str, Any], vct: str) -> None:
    if "aka_vcts" not in claims:
        return
    others = claims["aka_vcts"]  # 2.2.2.2: further types, at least one, and never vct again
    if type(others) is not list or not others or vct in others or not all(type(item) is str for item in others):
        raise VctInvalid("aka_vcts is not an array of other types")
