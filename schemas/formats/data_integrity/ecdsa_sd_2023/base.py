"""The issuer's proof (VC DI ECDSA, 3.6.1 to 3.6.5), and the holder's check of it."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from keys import did
from keys.errors import InvalidSignature
from keys.public import PublicKey
from keys.signer import Signer
from schemas.formats.data_integrity import statements
from schemas.formats.data_integrity.ecdsa_sd_2023 import labelled, selection, values
from schemas.formats.data_integrity.ecdsa_sd_2023.labelled import Labelled
from schemas.formats.data_integrity.ecdsa_sd_2023.values import BaseValue
from schemas.formats.data_integrity.errors import SdSignatureCountWrong, SdStatementSignatureInvalid
from schemas.formats.data_integrity.options import Proof, ProofOptions
from schemas.formats.jsonld.contexts import Contexts


def base_proof_value(
    document: Mapping[str, Any], config: Mapping[str, Any], signer: Signer, options: ProofOptions, contexts: Contexts
) -> str:
    """Return the proof value over ``document``, which carries no proof of its own.

    Raises:
        JsonPointerMalformed, JsonPointerUnmatched, SelectionNotSigned: of the mandatory pointers.
        JsonLdError: of the document.
    """
    secrets = options.sd_secrets()
    whole = labelled.label(document, secrets.hmac_key, contexts)
    mandatory = mandatory_lines(whole, options.mandatory_pointers)
    public_key = did.to_multikey(secrets.signer.public_key)
    signed = signed_bytes(options_hash(config, document, contexts), public_key, whole.lines, mandatory)
    return BaseValue(
        signer.sign(signed),
        public_key,
        secrets.hmac_key,
        tuple([secrets.signer.sign(line.encode()) for line in whole.lines if line not in mandatory]),
        options.mandatory_pointers,
    ).text()


def verify_base(document: Mapping[str, Any], proof: Proof, key: PublicKey, contexts: Contexts) -> None:
    """Return if a base proof holds: what a holder checks before keeping it; never what a verifier takes.

    Raises:
        InvalidSignature: the issuer's signature does not match.
        SdStatementSignatureInvalid, SdSignatureCountWrong and the errors of ``values``, of pointers and of JSON-LD.
    """
    value = BaseValue.parse(proof.value)
    whole = labelled.label(document, value.hmac_key, contexts)
    mandatory = mandatory_lines(whole, value.mandatory_pointers)
    signed = signed_bytes(options_hash(proof.config, document, contexts), value.public_key, whole.lines, mandatory)
    key.verify(value.base_signature, signed)
    verify_statements(value.public_key, value.signatures, [line for line in whole.lines if line not in mandatory])


def mandatory_lines(whole: Labelled, pointers: tuple[str, ...]) -> frozenset[str]:
    """Return the statements that are always shown; none without a pointer (3.4.14, step 1)."""
    return whole.group(whole.quads(selection.tree(pointers))) if pointers else frozenset()


def options_hash(config: Mapping[str, Any], document: Mapping[str, Any], contexts: Contexts) -> bytes:
    """Return the hash of the proof's options (3.6.3)."""
    return sha256(statements.of_options(config, document, contexts, "sha256")).digest()


def signed_bytes(proof_hash: bytes, public_key: bytes, lines: tuple[str, ...], mandatory: frozenset[str]) -> bytes:
    """Return what the issuer's key signs (3.5.1)."""
    text = "".join([line for line in lines if line in mandatory])
    return proof_hash + public_key + sha256(text.encode()).digest()


def verify_statements(public_key: bytes, signatures: tuple[bytes, ...], lines: list[str]) -> None:
    """Return if each statement is signed by the key of the proof (3.6.7, step 9).

    Raises:
        SdSignatureCountWrong, SdStatementSignatureInvalid, SdPublicKeyMalformed.
    """
    if len(signatures) != len(lines):
        raise SdSignatureCountWrong(f"{len(signatures)} signatures for {len(lines)} statements")
    key = values.public_key(public_key)
    try:
        for signature, line in zip(signatures, lines, strict=True):
            key.verify(signature, line.encode())
    except InvalidSignature:
        raise SdStatementSignatureInvalid("the signature of a statement does not match") from None
