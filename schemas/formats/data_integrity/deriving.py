"""Showing a part of a credential: a derived proof from a base proof (VC DI ECDSA 1.0, 3.6.6)."""

from collections.abc import Iterable, Mapping
from typing import Any

from schemas.formats.data_integrity import ecdsa_sd_2023
from schemas.formats.data_integrity import options as proof_options
from schemas.formats.data_integrity.errors import CryptosuiteUnknown, ProofMalformed
from schemas.formats.data_integrity.suites import Suite
from schemas.formats.jsonld import contexts as on_board
from schemas.formats.jsonld.contexts import Contexts


def derive(
    document: Mapping[str, Any], selective_pointers: Iterable[str], *, contexts: Contexts | None = None
) -> dict[str, Any]:
    """Return the part of ``document`` that its mandatory pointers and these select, with a derived proof.

    Raises:
        ProofMissing, ProofMalformed, CryptosuiteUnknown: it does not carry one proof of ecdsa-sd-2023.
        NothingSelected, JsonPointerMalformed, JsonPointerUnmatched, SelectionNotSigned: of the pointers.
        SelectiveDisclosureError: of the base proof's value. JsonLdError: of the document.
    """
    proofs = proof_options.read_all(document)
    if len(proofs) != 1:
        raise ProofMalformed("document has more than one proof")
    (proof,) = proofs
    if proof.rules.name is not Suite.ECDSA_SD_2023:
        raise CryptosuiteUnknown(f"proof is not of {Suite.ECDSA_SD_2023}")
    unsecured = {name: value for name, value in document.items() if name != "proof"}
    board = contexts or on_board.for_document(unsecured)
    part, value = ecdsa_sd_2023.derived_part(unsecured, proof, selective_pointers, board)
    part["proof"] = {**proof.members, "proofValue": value}
    return part
