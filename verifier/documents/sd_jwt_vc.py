"""SD-JWT VC with a key binding (RFC 9901)."""

from dataclasses import dataclass, field
from datetime import datetime

from keys.public import PublicKey
from schemas.formats import key_binding, sd_jwt_vc
from schemas.formats.claims import optional_number, optional_text
from schemas.formats.errors import RegisteredClaimInvalid, VctInvalid
from schemas.formats.key_binding import KeyBinding
from schemas.formats.sd_jwt import SdJwt
from schemas.order import CredentialFormat
from verifier.documents.common import Credential, Selector, moment, selecting, signed_part

# What makes the envelope of a credential work, and is not a statement about its holder.
REGISTERED = frozenset(
    {"iss", "iat", "nbf", "exp", "jti", "sub", "aud", "vct", "vct#integrity", "aka_vcts", "cnf", "status"}
)


@dataclass(frozen=True, slots=True)
class SdJwtVcDocument:
    """An SD-JWT VC, presented or bare; nothing of it is verified."""

    issuer: str
    vct: str
    iat: datetime
    shown: SdJwt = field(repr=False)
    format: CredentialFormat = CredentialFormat.SD_JWT_VC

    @property
    def alg(self) -> str:
        """The header's ``alg``."""
        return self.shown.issuer_jws.header.alg

    @property
    def selector(self) -> Selector:
        """The header's ``kid`` and ``x5c``."""
        header = self.shown.issuer_jws.header
        return Selector(header.kid, header.x5c())

    @property
    def signed(self) -> str:
        """The issuer's JWT."""
        return self.shown.issuer_jwt

    @property
    def disclosures(self) -> int:
        """How many disclosures follow the issuer's JWT."""
        return len(self.shown.disclosures)

    @property
    def holder_signed(self) -> bytes | None:
        """The Key Binding JWT up to its signature."""
        return signed_part(self.shown.key_binding)

    def verified_by(self, key: PublicKey) -> Credential:
        """Return the credential (``common.Document``)."""
        verified = sd_jwt_vc.verified_by(self.shown, key)
        claims = {name: value for name, value in verified.claims.items() if name not in REGISTERED}
        nbf, exp = moment(verified.nbf), moment(verified.exp)
        return Credential(self.vct, self.iat, nbf, exp, verified.status, claims, verified.claims)

    def holder_key(self, credential: Credential) -> PublicKey:
        """Return the key of ``cnf``."""
        return key_binding.holder_key(credential.registered)

    def proved_by(self, key: PublicKey) -> KeyBinding:
        """Return what the Key Binding JWT says (RFC 9901, 7.3)."""
        return key_binding.verified_by(self.shown, key)


def open_document(shown: SdJwt) -> SdJwtVcDocument:
    """Take an SD-JWT VC apart; raises FormatError, MalformedToken, ForbiddenHeader, AlgorithmNotAllowed."""
    sd_jwt_vc.check_typ(shown)
    claims = shown.peek_signed_claims()
    issuer = optional_text(claims, "iss", RegisteredClaimInvalid)
    vct = optional_text(claims, "vct", VctInvalid)
    signed_at = moment(optional_number(claims, "iat", RegisteredClaimInvalid))
    return SdJwtVcDocument(*selecting(issuer, vct, signed_at), shown)
