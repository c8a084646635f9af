"""VCDM 2.0 as SD-JWT (VC-JOSE-COSE, 3.2), with a key binding by RFC 9901 or inside a presentation."""

from dataclasses import dataclass, field
from datetime import datetime

from keys.public import PublicKey
from schemas.formats import key_binding, vc_jwt
from schemas.formats.key_binding import KeyBinding
from schemas.formats.vc_jose_cose import sd_jwt
from schemas.formats.vc_jose_cose.documents import credential_by
from schemas.formats.vc_jose_cose.kinds import Kind
from schemas.order import CredentialFormat
from verifier.documents.common import Credential, Selector, moment, selecting, signed_part
from verifier.documents.vcdm import credential_of, vct_of_schema


@dataclass(frozen=True, slots=True)
class VcSdJwtDocument:
    """A vc+sd-jwt, presented or bare; nothing of it is verified."""

    issuer: str
    vct: str
    iat: datetime
    token: sd_jwt.UnverifiedSdJwt = field(repr=False)
    format: CredentialFormat = CredentialFormat.VC_SD_JWT

    @property
    def alg(self) -> str:
        """The header's ``alg``."""
        return self.token.shown.issuer_jws.header.alg

    @property
    def selector(self) -> Selector:
        """The header's ``kid`` and ``x5c``."""
        header = self.token.shown.issuer_jws.header
        return Selector(header.kid, header.x5c())

    @property
    def signed(self) -> str:
        """The issuer's JWT."""
        return self.token.shown.issuer_jwt

    @property
    def disclosures(self) -> int:
        """How many disclosures follow the issuer's JWT."""
        return len(self.token.shown.disclosures)

    @property
    def holder_signed(self) -> bytes | None:
        """The Key Binding JWT up to its signature."""
        return signed_part(self.token.shown.key_binding)

    def verified_by(self, key: PublicKey) -> Credential:
        """Return the credential (``common.Document``)."""
        return credential_of(self.vct, self.iat, credential_by(self.token, key))

    def holder_key(self, credential: Credential) -> PublicKey:
        """Return the key of ``cnf``."""
        return key_binding.holder_key(credential.registered)

    def proved_by(self, key: PublicKey) -> KeyBinding:
        """Return what the Key Binding JWT says (RFC 9901, 7.3)."""
        return key_binding.verified_by(self.token.shown, key)


def open_document(text: str) -> VcSdJwtDocument:
    """Take a vc+sd-jwt apart; raises FormatError, MalformedToken, AlgorithmNotAllowed."""
    token = sd_jwt.parse(text, kind=Kind.CREDENTIAL)
    # What selects the key stands in the clear (3.2.1); the disclosures are read when the key is known.
    peeked = vc_jwt.check(token.shown.peek_signed_claims())
    signed_at = moment(peeked.iat) or peeked.not_before
    return VcSdJwtDocument(*selecting(peeked.issuer, vct_of_schema(peeked.document), signed_at), token)
