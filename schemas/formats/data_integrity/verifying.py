"""Checking the proofs of a credential or presentation (VC Data Integrity 1.0, 4.4 and 4.5).

1. Every proof is well formed, and references between proofs lead somewhere and not in circles.
2. Every proof is for the purpose, domain and challenge that are asked for, and has not expired.
3. One of the proofs is the issuer's (or holder's) own, if the policy wants it.
4. The contexts define everything that the document says: nothing of it is dropped before the signature.
5. Every proof's signature matches, over its options and over the document with the proofs that it refers to.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from keys.encoding import b64url_text
from keys.public import PublicKey
from schemas.formats.data_integrity import chains, ecdsa_sd_2023, hashing, multibase
from schemas.formats.data_integrity import options as proof_options
from schemas.formats.data_integrity.errors import (
    DataIntegrityError,
    HolderNotController,
    IssuerNotController,
    ProofChallengeMismatch,
    ProofContextMismatch,
    ProofDomainMismatch,
    ProofExpired,
    ProofPurposeMismatch,
    SecuredDocumentMalformed,
    TooManyProofs,
)
from schemas.formats.data_integrity.options import ASSERTION, AUTHENTICATION, Proof
from schemas.formats.data_integrity.suites import Canonicalization, Hash, Suite
from schemas.formats.jsonld import contexts as on_board
from schemas.formats.jsonld.contexts import Contexts

Resolve = Callable[[str], PublicKey]
"""Returns the key of a verification method (a URL), or raises an error of the caller's choice."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What a verifier asks of every proof.

    ``domain`` and ``challenge`` None: not asked for. ``now`` None: ``expires`` is not judged. ``own_key`` False accepts
    a credential whose issuer (a presentation whose holder) controls none of the verification methods. ``base_proofs``
    True takes base proofs of ecdsa-sd-2023 as well: for a holder, who checks what an issuer sent.
    """

    domain: str | None = None
    challenge: str | None = None
    now: datetime | None = None
    own_key: bool = True
    base_proofs: bool = False
    contexts: Contexts | None = None


STRICT = Policy()


@dataclass(frozen=True, slots=True)
class VerifiedProof:
    """One proof that holds."""

    cryptosuite: Suite
    verification_method: str
    controller: str
    key: PublicKey
    created: datetime | None


@dataclass(frozen=True, slots=True)
class VerifiedDocument:
    """What was signed: the document without its proofs, and the proofs in their order."""

    document: Mapping[str, Any]
    proofs: tuple[VerifiedProof, ...]


def verify(document: Any, resolve: Resolve, *, purpose: str = ASSERTION, policy: Policy = STRICT) -> VerifiedDocument:
    """Return the document if all of its proofs hold; the steps stand at the head of this module.

    Raises:
        SecuredDocumentMalformed, ProofMissing and the other DataIntegrityErrors: steps 1 to 3.
        JsonLdError: step 4, a subclass for each reason.
        InvalidSignature, SelectiveDisclosureError: step 5. Whatever ``resolve`` raises.
    """
    if type(document) is not dict:
        raise SecuredDocumentMalformed("document is no JSON object")
    proofs = proof_options.read_all(document)
    if len(proofs) > 1 or proofs[0].previous:
        chains.check(proofs)
        subjects = len({proof.previous for proof in proofs})
        if subjects > proof_options.MAX_SUBJECTS:
            raise TooManyProofs(f"proofs sign {subjects} different documents, limit {proof_options.MAX_SUBJECTS}")
    for proof in proofs:
        _check_asked_for(proof, purpose, policy)
    if policy.own_key:
        _check_own_key(document, proofs, purpose)
    unsecured = {name: value for name, value in document.items() if name != "proof"}
    contexts = policy.contexts or on_board.for_document(unsecured)
    check = _Check(unsecured, proofs, contexts, policy.base_proofs, unsecured)
    verified = tuple([check.proof(proof, resolve(proof.verification_method)) for proof in proofs])
    return VerifiedDocument(check.signed, verified)


def issuer_signature(proof: Proof) -> str:
    """Return the issuer's signature, unverified: the same text in all that is derived from one credential.

    Raises:
        DataIntegrityError: the proof value is malformed.
    """
    if proof.rules.name is not Suite.ECDSA_SD_2023:
        return proof.value
    return b64url_text(_sd_value(proof).base_signature)


def disclosed_count(proof: Proof) -> int | None:
    """Return how many statements are shown by choice, unverified; None for a suite that shows all or nothing.

    Raises:
        DataIntegrityError: the proof value is malformed.
    """
    return len(_sd_value(proof).signatures) if proof.rules.name is Suite.ECDSA_SD_2023 else None


def _sd_value(proof: Proof) -> ecdsa_sd_2023.BaseValue | ecdsa_sd_2023.DerivedValue:
    kind = ecdsa_sd_2023.BaseValue if ecdsa_sd_2023.is_base(proof.value) else ecdsa_sd_2023.DerivedValue
    return kind.parse(proof.value)


def _check_asked_for(proof: Proof, purpose: str, policy: Policy) -> None:
    if proof.purpose != purpose:
        raise ProofPurposeMismatch(f"proofPurpose is not {purpose}")
    if proof.expires is not None and policy.now is not None and proof.expires <= policy.now:
        raise ProofExpired("proof has expired")
    if policy.domain is not None and proof.domains != {policy.domain}:
        raise ProofDomainMismatch("domain is not the one that was asked for")
    if policy.challenge is not None and proof.challenge != policy.challenge:
        raise ProofChallengeMismatch("challenge is not the one that was asked for")


_OWNERS: Mapping[str, tuple[str, type[DataIntegrityError]]] = {
    ASSERTION: ("issuer", IssuerNotController),
    AUTHENTICATION: ("holder", HolderNotController),
}


def _check_own_key(document: Mapping[str, Any], proofs: Sequence[Proof], purpose: str) -> None:
    if purpose not in _OWNERS:
        return
    name, error = _OWNERS[purpose]
    owner = document.get(name)
    owner = owner.get("id") if type(owner) is dict else owner
    # A presentation need not name its holder (VCDM 2.0, 4.13): then there is nobody to compare with.
    if (owner is not None or purpose == ASSERTION) and all(proof.controller != owner for proof in proofs):
        raise error(f"no proof is made with a verification method of the {name}")


@dataclass(slots=True)
class _Check:
    """The signatures of one document; the hash of what several proofs sign alike is made once."""

    unsecured: Mapping[str, Any]
    proofs: tuple[Proof, ...]
    contexts: Contexts
    base_proofs: bool
    signed: Mapping[str, Any]
    _hashes: dict[tuple[str, str, tuple[str, ...]], bytes] = field(default_factory=dict)

    def proof(self, proof: Proof, key: PublicKey) -> VerifiedProof:
        """Return the proof if its signature matches (step 5), after step 4."""
        rules = proof.rules
        digest = rules.hash_for(key)
        base = self.signed = self._under_own_context(proof)
        if rules.name is Suite.ECDSA_SD_2023:
            as_base = self.base_proofs and ecdsa_sd_2023.is_base(proof.value)
            check = ecdsa_sd_2023.verify_base if as_base else ecdsa_sd_2023.verify_derived
            check(self._subject(proof), proof, key, self.contexts)
        else:
            signature = multibase.decode(proof.value, rules.base)
            data = hashing.hash_options(proof.config, base, rules, digest, self.contexts)
            key.verify(signature, data + self._hash(proof, digest))
        return VerifiedProof(rules.name, proof.verification_method, proof.controller, key, proof.created)

    def _hash(self, proof: Proof, digest: Hash) -> bytes:
        rules = proof.rules
        name = (rules.canonicalization.value, digest.name, proof.previous)
        found = self._hashes.get(name)
        if found is None:
            found = hashing.hash_document(self._subject(proof), rules, digest, self.contexts)
            self._hashes[name] = found
        return found

    def _subject(self, proof: Proof) -> Mapping[str, Any]:
        return chains.with_previous(self.signed, proof.previous, self.proofs)

    def _under_own_context(self, proof: Proof) -> Mapping[str, Any]:
        """Return the document under the ``@context`` that the proof repeats, if it repeats one.

        VC DI ECDSA, 3.3.2 step 4: whoever passes a document on may add contexts behind those that were signed; what was
        signed is the document without them. A set of proofs would sign several such documents, so there none is added.
        """
        whole = self.unsecured.get("@context")
        own = proof.members.get("@context", whole)
        if own == whole:
            return self.unsecured
        added = proof.rules.canonicalization is Canonicalization.JCS and len(self.proofs) == 1
        if added and type(own) is list and type(whole) is list and own and whole[: len(own)] == own:
            return {**self.unsecured, "@context": own}
        raise ProofContextMismatch("proof repeats another @context than the document's")
