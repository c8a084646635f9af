"""Adding a proof to a credential or presentation (VC Data Integrity 1.0, 4.2 and 4.3)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from keys.signer import Signer
from schemas.formats.data_integrity import chains, ecdsa_sd_2023, hashing, multibase
from schemas.formats.data_integrity import options as proof_options
from schemas.formats.data_integrity.errors import (
    ProofMemberInvalid,
    SecuredDocumentMalformed,
    VerificationMethodInvalid,
)
from schemas.formats.data_integrity.options import DEFAULT, TYPE, Proof, ProofOptions, timestamp
from schemas.formats.data_integrity.suites import Canonicalization, Rules, Suite, rules_of
from schemas.formats.jsonld import contexts as on_board
from schemas.formats.jsonld.contexts import CREDENTIALS_V1, DATA_INTEGRITY_V1, DATA_INTEGRITY_V2

_NO_PROOFS: tuple[Proof, ...] = ()


def issue(
    document: Mapping[str, Any],
    signer: Signer,
    *,
    suite: Suite,
    verification_method: str,
    created: datetime | None = None,
    options: ProofOptions = DEFAULT,
) -> dict[str, Any]:
    """Return ``document`` with one more proof by ``signer``; its own members come back unchanged.

    A document that carries proofs keeps them: the new one joins the set, and signs those that
    ``options.previous_proof`` names. A VCDM 1.1 document gets the context that defines the proof (data-integrity/v2) at
    the end of its ``@context``.

    Raises:
        KeyUnfitForCryptosuite, VerificationMethodInvalid, ProofIdInvalid, ProofMemberInvalid: of the options.
        ProofIdTwice, PreviousProofMissing: of the proofs that stand.
        SecuredDocumentMalformed, JsonLdError, JsonNotCanonicalizable: of the document.
        JsonPointerMalformed, JsonPointerUnmatched: ecdsa-sd-2023, of the mandatory pointers.
    """
    rules = rules_of(suite)
    digest = rules.hash_for(signer.public_key)
    secured = with_proof_terms(document)
    unsecured = dict(secured)
    unsecured.pop("proof", None)
    config = _config(rules, verification_method, created, options)
    if rules.canonicalization is Canonicalization.JCS:
        config["@context"] = secured["@context"]
    standing = _NO_PROOFS
    subject: Mapping[str, Any] = unsecured
    if options is not DEFAULT or "proof" in secured:
        standing, subject = _behind(secured, unsecured, config)
    elif not proof_options.is_url(verification_method):
        raise VerificationMethodInvalid("verificationMethod is no URL")
    contexts = options.contexts or on_board.for_document(secured)
    if suite is Suite.ECDSA_SD_2023:
        value = ecdsa_sd_2023.base_proof_value(subject, config, signer, options, contexts)
    else:
        if options.mandatory_pointers:
            raise ProofMemberInvalid(f"{suite} takes no mandatory pointers")
        data = hashing.hash_options(config, unsecured, rules, digest, contexts)
        data += hashing.hash_document(subject, rules, digest, contexts)
        value = multibase.encode(signer.sign(data), rules.base)
    config["proofValue"] = value
    unsecured["proof"] = [*(each.members for each in standing), config] if standing else config
    return unsecured


def with_proof_terms(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the document with a ``@context`` that defines the members of a proof.

    VCDM 2.0's base context does; VCDM 1.1's does not, so data-integrity/v2 joins at the end, unless it stands there.
    """
    context = document.get("@context")
    if type(context) is not list or not context:
        raise SecuredDocumentMalformed("@context is no array")
    if context[0] != CREDENTIALS_V1 or DATA_INTEGRITY_V2 in context or DATA_INTEGRITY_V1 in context:
        return document
    return {**document, "@context": [*context, DATA_INTEGRITY_V2]}


def _behind(
    secured: Mapping[str, Any], unsecured: dict[str, Any], config: Mapping[str, Any]
) -> tuple[tuple[Proof, ...], Mapping[str, Any]]:
    """Return the proofs that stand already, and what a proof of these options signs."""
    standing = proof_options.read_all(secured) if "proof" in secured else _NO_PROOFS
    proof = proof_options.read({**config, "proofValue": "to be made"})
    chains.check((*standing, proof))
    return standing, chains.with_previous(unsecured, proof.previous, standing)


def _config(rules: Rules, verification_method: str, created: datetime | None, options: ProofOptions) -> dict[str, Any]:
    config: dict[str, Any] = {"type": TYPE, "cryptosuite": rules.text}
    if created is not None:
        config["created"] = timestamp(created)
    config["verificationMethod"] = verification_method
    config["proofPurpose"] = options.purpose
    if options is not DEFAULT:
        config |= options.members()
    return config
