"""The holder's proof (VC DI ECDSA, 3.5.4 and 3.6.6), and the verifier's check of it (3.5.9 and 3.6.7)."""

from collections.abc import Iterable, Mapping
from typing import Any

from keys.public import PublicKey
from schemas.formats.data_integrity.ecdsa_sd_2023 import labelled, selection
from schemas.formats.data_integrity.ecdsa_sd_2023.base import (
    mandatory_lines,
    options_hash,
    signed_bytes,
    verify_statements,
)
from schemas.formats.data_integrity.ecdsa_sd_2023.values import BaseValue, DerivedValue
from schemas.formats.data_integrity.errors import (
    NothingSelected,
    SdMandatoryIndexesMalformed,
    SdSignatureCountWrong,
)
from schemas.formats.data_integrity.options import Proof
from schemas.formats.jsonld import rdfc10
from schemas.formats.jsonld.contexts import Contexts


def derived_part(
    document: Mapping[str, Any], proof: Proof, selective_pointers: Iterable[str], contexts: Contexts
) -> tuple[dict[str, Any], str]:
    """Return the selected part of ``document``, which carries no proof, and the derived proof's value.

    Raises:
        NothingSelected: neither mandatory nor selective pointers.
        JsonPointerMalformed, JsonPointerUnmatched, SelectionNotSigned: of the pointers.
        SelectiveDisclosureError: of the base proof's value. JsonLdError: of the document.
    """
    base = BaseValue.parse(proof.value)
    whole = labelled.label(document, base.hmac_key, contexts)
    mandatory = mandatory_lines(whole, base.mandatory_pointers)
    combined = selection.tree((*base.mandatory_pointers, *selective_pointers))
    if not combined:
        raise NothingSelected("neither mandatory nor selective pointers were given")
    quads = whole.quads(combined)
    found = whole.group(quads)
    shown = [line for line in whole.lines if line in found]
    value = DerivedValue(
        base.base_signature,
        base.public_key,
        _signatures(base, whole.lines, mandatory, found),
        {new: whole.names[f"_:{old}"][2:] for old, new in rdfc10.canonicalize(quads).labels.items()},
        tuple([index for index, line in enumerate(shown) if line in mandatory]),
    )
    return selection.select(document, combined), value.text()


def verify_derived(document: Mapping[str, Any], proof: Proof, key: PublicKey, contexts: Contexts) -> None:
    """Return if a derived proof holds over ``document``, which carries no proof of its own.

    Raises:
        InvalidSignature: the issuer's signature does not match.
        SdStatementSignatureInvalid, SdSignatureCountWrong, SdLabelMapIncomplete and other SelectiveDisclosureErrors.
        JsonLdError: of the document.
    """
    value = DerivedValue.parse(proof.value)
    lines = labelled.relabelled(document, value.labels, contexts)
    if value.mandatory_indexes and value.mandatory_indexes[-1] >= len(lines):
        raise SdMandatoryIndexesMalformed("a mandatory index lies behind the last statement")
    mandatory = frozenset([lines[index] for index in value.mandatory_indexes])
    signed = signed_bytes(options_hash(proof.config, document, contexts), value.public_key, tuple(lines), mandatory)
    key.verify(value.base_signature, signed)
    verify_statements(value.public_key, value.signatures, [line for line in lines if line not in mandatory])


def _signatures(
    base: BaseValue, lines: tuple[str, ...], mandatory: frozenset[str], shown: frozenset[str]
) -> tuple[bytes, ...]:
    signed = [line for line in lines if line not in mandatory]
    if len(signed) != len(base.signatures):
        raise SdSignatureCountWrong(f"{len(base.signatures)} signatures for {len(signed)} statements")
    return tuple([signature for signature, line in zip(base.signatures, signed, strict=True) if line in shown])
