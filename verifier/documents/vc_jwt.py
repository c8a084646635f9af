"""VCDM 2.0 as a bare vc+jwt (VC-JOSE-COSE): no disclosures, no holder's proof."""

from dataclasses import dataclass, field
from datetime import datetime

from keys.jws import UnverifiedJws
from keys.public import PublicKey
from schemas.formats import key_binding, vc_jwt
from schemas.formats.errors import KeyBindingMissing
from schemas.formats.key_binding import KeyBinding
from schemas.order import CredentialFormat
from verifier.documents.common import Credential, Selector, moment, selecting
from verifier.documents.vcdm import credential_of, vct_of_schema


@dataclass(frozen=True, slots=True)
class VcJwtDocument:
    """A vc+jwt that nobody binds; nothing of it is verified."""

    issuer: str
    vct: str
    iat: datetime
    token: vc_jwt.UnverifiedCredential = field(repr=False)
    peeked: vc_jwt.VerifiedCredential = field(repr=False)
    signed: str = field(repr=False)
    format: CredentialFormat = CredentialFormat.VC_JWT
    disclosures: None = None
    holder_signed: None = None

    @property
    def alg(self) -> str:
        """The header's ``alg``."""
        return self.token.issuer_jws.header.alg

    @property
    def selector(self) -> Selector:
        """The header's ``kid`` and ``x5c``."""
        header = self.token.issuer_jws.header
        return Selector(header.kid, header.x5c())

    def verified_by(self, key: PublicKey) -> Credential:
        """Return the credential (``common.Document``)."""
        # Read once, before the key was known; now the same bytes turn out to be the issuer's.
        self.token.issuer_jws.payload_verified_by(key)
        return credential_of(self.vct, self.iat, self.peeked)

    def holder_key(self, credential: Credential) -> PublicKey:
        """Return the key of ``cnf``."""
        return key_binding.holder_key(credential.registered)

    def proved_by(self, key: PublicKey) -> KeyBinding:
        """Raise KeyBindingMissing: a bare vc+jwt carries no proof."""
        raise KeyBindingMissing("presentation carries no key binding")


def open_document(text: str, peeked: UnverifiedJws) -> VcJwtDocument:
    """Take a vc+jwt apart that was peeked at; raises FormatError, MalformedToken, ForbiddenHeader."""
    token = vc_jwt.parse(text, peeked=peeked)
    read = vc_jwt.check(token.issuer_jws.peek_claims())
    signed_at = moment(read.iat) or read.not_before
    return VcJwtDocument(*selecting(read.issuer, vct_of_schema(read.document), signed_at), token, read, text)
