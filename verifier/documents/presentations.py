"""Verifiable presentations around one credential: vp+jwt, vp+sd-jwt, VCDM 1.1's ``vp`` claim, Data Integrity.

The holder's signature is over the presentation; audience and nonce are the JWT's ``aud`` and ``nonce``, or the proof's
``domain`` and ``challenge``. COSE has no place for them: such a presentation proves no moment and is not read.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from keys import did, jws
from keys.errors import AlgorithmNotAllowed, EcertError, InvalidSignature, MalformedKey
from keys.public import PublicKey
from schemas.formats import data_integrity, vc_model
from schemas.formats.data_integrity import options as proofs
from schemas.formats.data_integrity.jcs import canonical
from schemas.formats.errors import (
    CredentialRuleBroken,
    KeyBindingAlgorithmRefused,
    KeyBindingClaimInvalid,
    KeyBindingMalformed,
    KeyBindingSignatureInvalid,
    KeyBindingUnexpected,
)
from schemas.formats.key_binding import KeyBinding
from schemas.formats.vc_jose_cose import jwt, jwt_vc_json, presentations, sd_jwt
from schemas.formats.vc_jose_cose.kinds import Kind
from schemas.formats.vc_jose_cose.presentations import VerifiedPresentation
from schemas.order import CredentialFormat
from verifier.documents.common import Credential, Document, Selector

Open = Callable[[Any], Document]
"""Takes the one credential of a presentation apart: an object, or under VCDM 1.1 a text."""


class OneCredentialExpected(CredentialRuleBroken):
    """The presentation holds no credential, or several; each is shown for itself."""

    code = "one_credential_expected"


@dataclass(frozen=True, slots=True)
class PresentedDocument:
    """A credential inside a presentation; ``prove`` returns the holder's proof by the holder's key."""

    inner: Document
    holder_signed: bytes = field(repr=False)
    prove: Callable[[PublicKey], KeyBinding] = field(repr=False)

    @property
    def format(self) -> CredentialFormat:
        """That of the credential."""
        return self.inner.format

    @property
    def issuer(self) -> str:
        """That of the credential."""
        return self.inner.issuer

    @property
    def vct(self) -> str:
        """That of the credential."""
        return self.inner.vct

    @property
    def iat(self) -> datetime:
        """That of the credential."""
        return self.inner.iat

    @property
    def alg(self) -> str | None:
        """That of the credential."""
        return self.inner.alg

    @property
    def selector(self) -> Selector:
        """That of the credential."""
        return self.inner.selector

    @property
    def signed(self) -> str:
        """That of the credential."""
        return self.inner.signed

    @property
    def disclosures(self) -> int | None:
        """Those of the credential."""
        return self.inner.disclosures

    def verified_by(self, key: PublicKey) -> Credential:
        """Return the credential (``common.Document``)."""
        return self.inner.verified_by(key)

    def holder_key(self, credential: Credential) -> PublicKey:
        """Return the key that the credential is bound to."""
        return self.inner.holder_key(credential)

    def proved_by(self, key: PublicKey) -> KeyBinding:
        """Return what the presentation says, if ``key`` signed it; raises KeyBindingError."""
        return self.prove(key)


def of_jwt(text: str, open_credential: Open) -> PresentedDocument:
    """Take a vp+jwt apart; raises FormatError, MalformedToken, AlgorithmNotAllowed, and OneCredentialExpected."""
    token = jwt.parse(text, kind=Kind.PRESENTATION).token
    return _of_claims(token, presentations.check(token.peek_claims()), open_credential)


def of_sd_jwt(text: str, open_credential: Open) -> PresentedDocument:
    """Take a vp+sd-jwt apart, its disclosures in their places; raises as ``of_jwt``."""
    shown = sd_jwt.parse(text, kind=Kind.PRESENTATION).shown
    if shown.key_binding is not None:
        raise KeyBindingUnexpected("a presentation is signed by its holder, and carries a key binding as well")
    return _of_claims(shown.issuer_jws, presentations.check(shown.peek_claims()), open_credential)


def of_old_jwt(text: str, open_credential: Open) -> PresentedDocument:
    """Take a JWT with a ``vp`` claim apart; raises as ``of_jwt``."""
    token = jwt_vc_json.parse(text).token
    return _of_claims(token, jwt_vc_json.check_presentation(token.peek_claims()), open_credential)


def of_data_integrity(document: Mapping[str, Any], open_credential: Open) -> PresentedDocument:
    """Take a presentation with an embedded proof apart; raises FormatError, OneCredentialExpected."""
    proof = proofs.read_all(document)[0]
    presentations.check_shape(document)
    inner = _only(presentations.credentials_of(document), open_credential)
    # Not the bytes: the same statements can be written in several ways, but only one challenge was signed.
    named = [inner.signed, proof.verification_method, sorted(proof.domains), proof.challenge, _created(proof)]
    return PresentedDocument(inner, canonical(named), lambda key: _data_integrity_binding(document, proof, key))


def _of_claims(token: jws.UnverifiedJws, read: VerifiedPresentation, open_credential: Open) -> PresentedDocument:
    inner = _only(read.credentials, open_credential)
    return PresentedDocument(inner, token.signing_input, lambda key: _jwt_binding(token, read, key))


def _only(credentials: tuple[Any, ...], open_credential: Open) -> Document:
    if len(credentials) != 1:
        raise OneCredentialExpected(f"presentation holds {len(credentials)} credentials, expected one")
    inner = open_credential(credentials[0])
    if inner.holder_signed is not None:
        raise KeyBindingUnexpected("a credential inside a presentation carries a proof by its holder")
    return inner


def _jwt_binding(token: jws.UnverifiedJws, read: VerifiedPresentation, key: PublicKey) -> KeyBinding:
    try:
        token.payload_verified_by(key)
    except AlgorithmNotAllowed as exc:
        raise KeyBindingAlgorithmRefused("presentation names an alg that the holder's key does not allow") from exc
    except InvalidSignature as exc:
        raise KeyBindingSignatureInvalid("presentation is not signed by the holder's key") from exc
    if len(read.audience) != 1 or read.nonce is None or read.iat is None:
        raise KeyBindingClaimInvalid("presentation lacks its one aud, its nonce or its iat")
    _check_holder(read.holder, key)
    not_before, not_after = (None if at is None else at.timestamp() for at in (read.not_before, read.not_after))
    return KeyBinding(read.audience[0], read.nonce, read.iat, not_after, not_before)


def _data_integrity_binding(document: Mapping[str, Any], proof: proofs.Proof, key: PublicKey) -> KeyBinding:
    def resolve(method: str) -> PublicKey:
        if _key_of(method) != key:
            raise KeyBindingSignatureInvalid("presentation is not signed by the holder's key")
        return key

    try:
        data_integrity.verify(document, resolve, purpose=data_integrity.AUTHENTICATION)
    except KeyBindingSignatureInvalid:
        raise
    except InvalidSignature as exc:
        raise KeyBindingSignatureInvalid("presentation is not signed by the holder's key") from exc
    except EcertError as exc:
        raise KeyBindingMalformed(f"presentation's proof does not hold: {exc.code}") from exc
    created = _created(proof)
    if len(proof.domains) != 1 or proof.challenge is None or created is None:
        raise KeyBindingClaimInvalid("presentation lacks its one domain, its challenge or its created")
    expires = None if proof.expires is None else proof.expires.timestamp()
    return KeyBinding(next(iter(proof.domains)), proof.challenge, created, expires, None)


def _check_holder(holder: str | None, key: PublicKey) -> None:
    if holder is not None and holder.startswith("did:") and _key_of(holder) != key:
        raise KeyBindingClaimInvalid("presentation names another holder than the one who signed it")


def _key_of(identifier: str) -> PublicKey | None:
    try:
        return did.from_did(identifier)
    except MalformedKey:
        return None


def _created(proof: proofs.Proof) -> float | None:
    created = proof.members.get("created")
    return None if created is None else vc_model.date_time_stamp(created).timestamp()
