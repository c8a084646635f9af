"""VCDM 2.0 as a bare vc+jwt (VC-JOSE-COSE): no disclosures, no holder's proof."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from keys.public import PublicKey
from schemas.formats import key_binding, vc_jwt
from schemas.formats.errors import KeyBindingMissing
from schemas.formats.key_binding import KeyBinding
from schemas.order import CredentialFormat
from verifier.documents.common import Credential, Selector, moment, selecting

# <public URL>/schemas/<type>/<revision>; which issuer may use it is the trust list's, so the host says nothing.
_SCHEMA = re.compile(r"[a-z]+://[!-~]+/schemas/([a-z0-9_]{1,64})/([1-9][0-9]{0,5})")


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
    def selector(self) -> Selector:
        """The header's ``alg``, ``kid`` and ``x5c``."""
        header = self.token.issuer_jws.header
        return Selector(header.alg, header.kid, header.x5c())

    def verified_by(self, key: PublicKey) -> Credential:
        """Return the credential (``common.Document``)."""
        # Read once, before the key was known; now the same bytes turn out to be the issuer's.
        self.token.issuer_jws.payload_verified_by(key)
        read = self.peeked
        return Credential(
            self.vct,
            self.iat,
            read.not_before,
            read.not_after,
            read.status,
            subject_claims(read.document),
            read.document,
        )

    def holder_key(self, credential: Credential) -> PublicKey:
        """Return the key of ``cnf``."""
        return key_binding.holder_key(credential.registered)

    def proved_by(self, key: PublicKey) -> KeyBinding:
        """Raise KeyBindingMissing: a bare vc+jwt carries no proof."""
        raise KeyBindingMissing("presentation carries no key binding")


def open_document(text: str) -> VcJwtDocument:
    """Take a vc+jwt apart; raises FormatError, MalformedToken, ForbiddenHeader, AlgorithmNotAllowed."""
    token = vc_jwt.parse(text)
    peeked = vc_jwt.check(token.issuer_jws.peek_claims())
    signed_at = moment(peeked.iat) or peeked.not_before
    return VcJwtDocument(*selecting(peeked.issuer, vct_of_schema(peeked.document), signed_at), token, peeked, text)


def vct_of_schema(document: Mapping[str, Any]) -> str | None:
    """Return the type that ``credentialSchema`` names: VCDM has no ``vct``, and a schema is one type's revision."""
    schema = document.get("credentialSchema")
    uri = schema.get("id") if type(schema) is dict else None
    found = _SCHEMA.fullmatch(uri) if type(uri) is str else None
    return f"urn:ecert:{found[1]}:{found[2]}" if found else None


def subject_claims(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the claims of ``credentialSubject`` without its ``id``; several subjects stay together as one claim."""
    subject = document["credentialSubject"]
    claims = subject if type(subject) is dict else {"credentialSubject": subject}
    return {name: value for name, value in claims.items() if name != "id"}
