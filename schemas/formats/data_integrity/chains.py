"""Proof sets and chains (VC Data Integrity 1.0, 4.3 and 4.5): which proofs a proof signs together with the document."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from schemas.formats.data_integrity.errors import PreviousProofMissing, ProofCycle, ProofIdTwice
from schemas.formats.data_integrity.options import Proof


def check(proofs: Sequence[Proof]) -> None:
    """Return if every reference by ``previousProof`` leads to one proof of these, and none leads back.

    Raises:
        ProofIdTwice, PreviousProofMissing, ProofCycle.
    """
    by_id: dict[str, Proof] = {}
    for proof in proofs:
        if proof.id is not None and by_id.setdefault(proof.id, proof) is not proof:
            raise ProofIdTwice("two proofs have the same id")
    done: set[str] = set()
    for proof in proofs:
        _follow(proof, by_id, set(), done)


def _follow(proof: Proof, by_id: Mapping[str, Proof], above: set[str], done: set[str]) -> None:
    for name in proof.previous:
        if name not in by_id:
            raise PreviousProofMissing("previousProof names a proof that the document does not carry")
        if name in above:
            raise ProofCycle("previousProof leads back to the proof itself")
        if name not in done:
            _follow(by_id[name], by_id, above | {name}, done)
            done.add(name)


def with_previous(document: Mapping[str, Any], names: Iterable[str], proofs: Iterable[Proof]) -> Mapping[str, Any]:
    """Return the document with the proofs of these ids in it, in the document's order, or as it is without any.

    Args:
        document: without proofs.
    """
    wanted = frozenset(names)
    return {**document, "proof": [proof.members for proof in proofs if proof.id in wanted]} if wanted else document
