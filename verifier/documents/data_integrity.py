"""VCDM 2.0 with a Data Integrity proof: the trust list decides the key, the verification method only selects it.

The subject's ``id`` is the holder's key. ``created`` and ``expires`` of the proof say when the signature holds,
``validFrom`` and ``validUntil`` when the data does.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from keys.errors import UnknownIssuerKey
from keys.public import PublicKey
from schemas.formats import data_integrity, vc_model
from schemas.formats.data_integrity import Policy, Suite
from schemas.formats.data_integrity.options import Proof, read_all
from schemas.formats.errors import KeyBindingMissing
from schemas.formats.issued import method_kid, proof_signature, sd_value
from schemas.formats.key_binding import KeyBinding
from schemas.order import CredentialFormat
from verifier.documents.common import Credential, Selector, selecting
from verifier.documents.vcdm import entries_of, subject_claims, subject_key, vct_of_schema

_SHOWN = Policy()
# A base proof of ecdsa-sd-2023 is what an issuer sends; a holder shows what is derived of it.
_BARE = Policy(base_proofs=True)


@dataclass(frozen=True, slots=True)
class DataIntegrityDocument:
    """A credential with an embedded proof, alone (``bare``) or in a presentation; nothing of it is verified."""

    issuer: str
    vct: str
    iat: datetime
    document: Mapping[str, Any] = field(repr=False)
    model: vc_model.Model = field(repr=False)
    proof: Proof = field(repr=False)
    bare: bool
    format: CredentialFormat = CredentialFormat.LDP_VC
    alg: None = None
    holder_signed: None = None

    @property
    def selector(self) -> Selector:
        """The verification method: the issuer's key by its fragment, which is the ``kid``."""
        return Selector(method_kid(self.proof))

    @property
    def signed(self) -> str:
        """The issuer's signature, which is the same in all that is derived from the credential."""
        return proof_signature(self.proof)

    @property
    def disclosures(self) -> int | None:
        """How many statements were disclosed by choice; None for a suite without selective disclosure."""
        if self.proof.rules.name is not Suite.ECDSA_SD_2023:
            return None
        return len(sd_value(self.proof).signatures)

    def verified_by(self, key: PublicKey) -> Credential:
        """Return the credential (``common.Document``); an extra proof has to hold by the same key."""
        method = self.proof.verification_method

        def resolve(asked: str) -> PublicKey:
            if asked != method:
                raise UnknownIssuerKey("a further proof is made with another verification method")
            return key

        data_integrity.verify(self.document, resolve, policy=_BARE if self.bare else _SHOWN)
        ends = [end for end in (self.model.valid_until, self.proof.expires) if end is not None]
        return Credential(
            self.vct,
            self.iat,
            self.model.valid_from,
            min(ends, default=None),
            None,
            subject_claims(self.document),
            self.document,
            entries_of(self.document),
        )

    def holder_key(self, credential: Credential) -> PublicKey:
        """Return the key that the subject's ``id`` is."""
        return subject_key(credential.registered)

    def proved_by(self, key: PublicKey) -> KeyBinding:
        """Raise KeyBindingMissing: alone it carries no proof by the holder."""
        raise KeyBindingMissing("presentation carries no proof by the holder")


def open_document(document: Mapping[str, Any], *, bare: bool) -> DataIntegrityDocument:
    """Take a credential apart; ``bare`` when no presentation is around it, so that it is looked at as it was issued.

    Raises:
        FormatError: a rule of the data model or of its proof is broken.
    """
    proof = read_all(document)[0]
    model = vc_model.read(document)
    signed_at = proof.created or model.valid_from
    named = selecting(model.issuer, vct_of_schema(document), signed_at)
    return DataIntegrityDocument(*named, document, model, proof, bare)
