"""VCDM 1.1 in a JWT's ``vc`` claim (OpenID4VCI's ``jwt_vc_json``): no disclosures, no holder's proof of its own."""

from dataclasses import dataclass, field
from datetime import datetime

from keys.public import PublicKey
from schemas.formats import key_binding
from schemas.formats.errors import KeyBindingMissing
from schemas.formats.key_binding import KeyBinding
from schemas.formats.vc_jose_cose import jwt_vc_json
from schemas.order import CredentialFormat
from verifier.documents.common import Credential, Selector, moment, selecting
from verifier.documents.vcdm import entries_of, subject_claims, vct_of_schema


@dataclass(frozen=True, slots=True)
class JwtVcJsonDocument:
    """A JWT with a ``vc`` claim; nothing of it is verified."""

    issuer: str
    vct: str
    iat: datetime
    token: jwt_vc_json.UnverifiedToken = field(repr=False)
    peeked: jwt_vc_json.VerifiedCredential = field(repr=False)
    signed: str = field(repr=False)
    format: CredentialFormat = CredentialFormat.JWT_VC_JSON
    disclosures: None = None
    holder_signed: None = None

    @property
    def alg(self) -> str:
        """The header's ``alg``."""
        return self.token.token.header.alg

    @property
    def selector(self) -> Selector:
        """The header's ``kid`` and ``x5c``."""
        header = self.token.token.header
        return Selector(header.kid, header.x5c())

    def verified_by(self, key: PublicKey) -> Credential:
        """Return the credential (``common.Document``)."""
        # Read once, before the key was known; now the same bytes turn out to be the issuer's.
        self.token.token.payload_verified_by(key)
        read = self.peeked
        return Credential(
            self.vct,
            self.iat,
            read.not_before,
            read.not_after,
            read.status,
            subject_claims(read.document),
            read.claims,
            entries_of(read.document),
        )

    def holder_key(self, credential: Credential) -> PublicKey:
        """Return the key of ``cnf``, which stands among the JWT's claims."""
        return key_binding.holder_key(credential.registered)

    def proved_by(self, key: PublicKey) -> KeyBinding:
        """Raise KeyBindingMissing: alone it carries no proof."""
        raise KeyBindingMissing("presentation carries no key binding")


def open_document(text: str) -> JwtVcJsonDocument:
    """Take a credential apart; raises FormatError, MalformedToken, ForbiddenHeader, AlgorithmNotAllowed."""
    token = jwt_vc_json.parse(text)
    peeked = jwt_vc_json.check(token.token.peek_claims())
    signed_at = moment(peeked.iat) or peeked.not_before
    return JwtVcJsonDocument(*selecting(peeked.issuer, vct_of_schema(peeked.document), signed_at), token, peeked, text)
