"""SD-CWT in a Key Binding Token, as a QR code carries it (draft-ietf-spice-sd-cwt); bare, it is a printed copy."""

from dataclasses import dataclass, field
from datetime import datetime

from keys.encoding import b64url_text
from keys.public import PublicKey
from schemas.formats.errors import HolderKeyMissing, KeyBindingMissing
from schemas.formats.issued import sd_cwt_text
from schemas.formats.key_binding import KeyBinding
from schemas.formats.sd_cwt import credential as sd_cwt_credential
from schemas.formats.sd_cwt import kbt
from schemas.order import CredentialFormat
from schemas.report import PrintedCopy
from verifier.documents.common import Credential, Selector, moment, selecting, timestamp


@dataclass(frozen=True, slots=True)
class SdCwtDocument:
    """A Key Binding Token around an SD-CWT, or an SD-CWT alone; nothing of it is verified."""

    issuer: str
    vct: str
    iat: datetime
    opened: kbt.UnverifiedKbt = field(repr=False)
    format: CredentialFormat = CredentialFormat.SD_CWT
    alg: None = None

    @property
    def selector(self) -> Selector:
        """The message's ``kid`` and ``x5chain``."""
        return Selector(self.opened.kid, self.opened.chain)

    @property
    def signed(self) -> str:
        """The issuer's message without its disclosures."""
        return sd_cwt_text(self.opened.sd_cwt)

    @property
    def disclosures(self) -> int:
        """How many claims the holder disclosed."""
        return len(self.opened.sd_cwt.disclosures)

    @property
    def holder_signed(self) -> bytes | None:
        """What the holder's key signed; None for an SD-CWT alone."""
        return self.opened.signed_by_holder

    def verified_by(self, key: PublicKey) -> Credential:
        """Return the credential (``common.Document``)."""
        read = self.opened.verified_by(key)
        nbf, exp = moment(read.nbf), moment(read.exp)
        return Credential(
            self.vct,
            self.iat,
            nbf,
            exp,
            read.status,
            read.claims,
            read.registered,
            cnf=read.cnf,
            printed_copy=_copy(read.printed_copy),
        )

    def holder_key(self, credential: Credential) -> PublicKey:
        """Return the key of ``cnf``; raises HolderKeyMissing for a printed copy."""
        if credential.cnf is None:
            raise HolderKeyMissing("a printed copy is bound to nobody's key")
        return credential.cnf

    def proved_by(self, key: PublicKey) -> KeyBinding:
        """Return what the Key Binding Token says (draft, 9)."""
        message = self.opened.message
        if message is None:
            raise KeyBindingMissing("presentation carries no Key Binding Token")
        read = kbt.binding_by(message, key, self.opened.sd_cwt.peek_claims())
        nonce = "" if read.cnonce is None else b64url_text(read.cnonce)
        return KeyBinding(read.audience, nonce, read.iat, read.exp, read.nbf)


def open_document(data: bytes) -> SdCwtDocument:
    """Take a token apart; raises FormatError, MalformedToken, AlgorithmNotAllowed."""
    opened = kbt.peek(data)
    return SdCwtDocument(*selecting(opened.issuer, opened.vct, moment(opened.iat)), opened)


def _copy(found: sd_cwt_credential.PrintedCopy | None) -> PrintedCopy | None:
    if found is None:
        return None
    return PrintedCopy(found.maker, found.cause, timestamp(found.made_at), timestamp(found.expires_at))
