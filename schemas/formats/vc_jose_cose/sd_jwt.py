"""Credentials and presentations as SD-JWT (VC-JOSE-COSE, 3.2).

    issued = sd_jwt.issue(document, [("credentialSubject", "name")], signer, kind=Kind.CREDENTIAL, salt=salt)
    credential = credential_by(sd_jwt.parse(text, kind=Kind.CREDENTIAL), key)

Key binding is RFC 9901's own (``schemas.formats.key_binding``), over ``parsed.shown``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from keys.public import PublicKey
from keys.signer import Signer
from schemas.formats import sd_jwt_build
from schemas.formats.disclosures import Salt
from schemas.formats.errors import NeverSelective
from schemas.formats.sd_jwt import SdJwt
from schemas.formats.sd_jwt_build import Selective
from schemas.formats.vc_jose_cose.documents import check_document, check_secured
from schemas.formats.vc_jose_cose.jwt import signed
from schemas.formats.vc_jose_cose.kinds import NO_HINTS, KeyHints, Kind, check_types

_LIMITS = frozenset({"iss", "nbf", "exp", "cnf", "status", "validFrom", "validUntil", "credentialStatus"})
NEVER_SELECTIVE = _LIMITS | {"@context"}
"""What nobody may hide, nor a part of it: left out, it would make a document good that is not."""
_OF_ISSUERS = NEVER_SELECTIVE | {"type", "issuer", "credentialSchema", "relatedResource"}
# 3.2.1: properties that validating and verifying needs should not be hidden; ours never are.


@dataclass(frozen=True, slots=True)
class UnverifiedSdJwt:
    """A secured document, as much of it as is disclosed; nothing of it is verified."""

    shown: SdJwt
    kind: Kind

    def peek_document(self) -> dict[str, Any]:
        """Return as much of the document as is disclosed, unverified; raises as ``SdJwt.peek_claims``."""
        return self.shown.peek_claims()

    def secured_by(self, key: PublicKey) -> dict[str, Any]:
        """Return the document with what is disclosed, if ``key`` secured it (``documents.check_secured``).

        Raises:
            InvalidSignature, AlgorithmNotAllowed, MalformedToken, DisclosureError, NestedTooDeep: of the SD-JWT.
            NeverSelective: what nobody may hide was hidden.
            VcClaimForbidden, VcModelInvalid, VpModelInvalid, EnvelopeInvalid: of the document.
        """
        verified = self.shown.verified_by(key)
        for path in verified.disclosed:
            if path[0] in NEVER_SELECTIVE:
                raise NeverSelective(f"{path[0]} must not be selectively disclosable")
        return check_secured(verified.claims, self.kind)


def issue(
    document: Mapping[str, Any],
    selective: Selective,
    signer: Signer,
    *,
    kind: Kind,
    salt: Salt,
    hints: KeyHints = NO_HINTS,
) -> SdJwt:
    """Return the signed SD-JWT of ``document``; raises as ``check_document`` and ``sd_jwt_build.build``, and:

    NeverSelective: ``selective`` names what must stand in the clear, or a part of it.
    """
    check_document(document, kind)
    forbidden = _OF_ISSUERS if kind is Kind.CREDENTIAL else NEVER_SELECTIVE
    for path in selective:
        top = path if type(path) is str else path[:1] and path[0]
        if top in forbidden:
            raise NeverSelective(f"{top} must not be selectively disclosable")
    payload, disclosures = sd_jwt_build.build(document, selective, salt=salt)
    return SdJwt(signed(payload, signer, typ=kind.sd_jwt, cty=kind.value, hints=hints), disclosures)


def parse(text: str, *, kind: Kind) -> UnverifiedSdJwt:
    """Take a secured document apart without believing it; raises as ``SdJwt.parse``, ``jws.peek``, and WrongType."""
    shown = SdJwt.parse(text)
    header = shown.issuer_jws.header
    check_types(typ=header.typ, cty=header.parameters.get("cty"), expected=(kind.sd_jwt, kind.value))
    return UnverifiedSdJwt(shown, kind)
