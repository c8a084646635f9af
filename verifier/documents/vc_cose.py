"""VCDM 2.0 as COSE_Sign1 (VC-JOSE-COSE, 3.3): the key that it is bound to is the subject's ``id``."""

from dataclasses import dataclass, field
from datetime import datetime

from keys import strict_json
from keys.encoding import b64url_text
from keys.public import PublicKey
from schemas.formats import vc_jwt
from schemas.formats.errors import KeyBindingMissing
from schemas.formats.issued import cose_kid
from schemas.formats.key_binding import KeyBinding
from schemas.formats.vc_jose_cose import cose
from schemas.formats.vc_jose_cose.kinds import Kind
from schemas.order import CredentialFormat
from verifier.documents.common import Credential, Selector, moment, selecting
from verifier.documents.vcdm import credential_of, subject_key, vct_of_schema


@dataclass(frozen=True, slots=True)
class VcCoseDocument:
    """A credential as COSE_Sign1; nothing of it is verified."""

    issuer: str
    vct: str
    iat: datetime
    token: cose.UnverifiedCose = field(repr=False)
    peeked: vc_jwt.VerifiedCredential = field(repr=False)
    signed: str = field(repr=False)
    format: CredentialFormat = CredentialFormat.VC_COSE
    alg: None = None
    disclosures: None = None
    holder_signed: None = None

    @property
    def selector(self) -> Selector:
        """The header's ``kid``, the text of a thumbprint, and ``x5chain``."""
        message = self.token.message
        return Selector(cose_kid(message), message.header.x5chain)

    def verified_by(self, key: PublicKey) -> Credential:
        """Return the credential (``common.Document``)."""
        self.token.message.verified_by(key)
        return credential_of(self.vct, self.iat, self.peeked)

    def holder_key(self, credential: Credential) -> PublicKey:
        """Return the key that the subject's ``id`` is."""
        return subject_key(credential.registered)

    def proved_by(self, key: PublicKey) -> KeyBinding:
        """Raise KeyBindingMissing: alone it carries no proof."""
        raise KeyBindingMissing("presentation carries no key binding")


def open_document(data: bytes) -> VcCoseDocument:
    """Take a credential apart; raises FormatError, MalformedToken, AlgorithmNotAllowed."""
    token = cose.parse(data, kind=Kind.CREDENTIAL)
    peeked = vc_jwt.check(strict_json.loads_object(token.message.peeked_payload or b""))
    signed_at = moment(peeked.iat) or peeked.not_before
    named = selecting(peeked.issuer, vct_of_schema(peeked.document), signed_at)
    return VcCoseDocument(*named, token, peeked, b64url_text(data))
