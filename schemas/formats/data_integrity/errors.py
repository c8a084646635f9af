"""Errors of Data Integrity: one class and one stable code for every reason that a proof is refused.

    DataIntegrityError
    ├── JsonNotCanonicalizable, SecuredDocumentMalformed
    ├── ProofMissing, ProofMalformed, TooManyProofs                       the ``proof`` member
    ├── ProofTypeInvalid, CryptosuiteUnknown, KeyUnfitForCryptosuite      (VC Data Integrity, 2.1)
    ├── ProofPurposeInvalid, ProofPurposeMismatch, VerificationMethodInvalid
    ├── ProofCreatedInvalid, ProofExpiresInvalid, ProofExpired
    ├── ProofIdInvalid, ProofIdTwice, ProofMemberInvalid, ProofContextMismatch
    ├── ProofValueInvalid, ProofValuePrefixWrong, ProofValueUndecodable
    ├── PreviousProofInvalid, PreviousProofMissing, ProofCycle            (4.3 and 4.5)
    ├── ProofDomainMismatch, ProofChallengeMismatch                       (4.4)
    ├── IssuerNotController, HolderNotController, CredentialOfAnotherHolder
    └── SelectiveDisclosureError                                          ecdsa-sd-2023 (VC DI ECDSA, 3.4 to 3.6)
        ├── SdHeaderWrong, SdNotCbor, SdComponentsWrong
        ├── SdBaseSignatureMalformed, SdPublicKeyMalformed, SdHmacKeyMalformed, SdSignaturesMalformed
        ├── SdLabelMapMalformed, SdMandatoryIndexesMalformed, SdMandatoryPointersMalformed
        ├── SdSignatureCountWrong, SdStatementSignatureInvalid, SdLabelMapIncomplete
        └── JsonPointerMalformed, JsonPointerUnmatched, NothingSelected, SelectionNotSigned

A signature that does not match is ``keys.errors.InvalidSignature``.
"""

from schemas.formats.errors import FormatError


class DataIntegrityError(FormatError):
    """A document secured by Data Integrity breaks a rule of its proof."""

    code = "data_integrity_error"


class JsonNotCanonicalizable(DataIntegrityError):
    """A value has no canonical form by RFC 8785."""

    code = "json_not_canonicalizable"


class SecuredDocumentMalformed(DataIntegrityError):
    """The secured document is not a JSON object, or its ``@context`` is not what a signer may sign."""

    code = "secured_document_malformed"


class ProofMissing(DataIntegrityError):
    """The document has no ``proof``, or it is null or an empty array."""

    code = "proof_missing"


class ProofMalformed(DataIntegrityError):
    """``proof`` is neither an object nor an array of objects."""

    code = "proof_malformed"


class TooManyProofs(DataIntegrityError):
    """The document carries more proofs than the limit."""

    code = "too_many_proofs"


class ProofTypeInvalid(DataIntegrityError):
    """``type`` is absent or not ``DataIntegrityProof``."""

    code = "proof_type_invalid"


class CryptosuiteUnknown(DataIntegrityError):
    """``cryptosuite`` is absent, or names none that is known here."""

    code = "cryptosuite_unknown"


class KeyUnfitForCryptosuite(DataIntegrityError):
    """The key is of a kind that the cryptosuite does not use."""

    code = "key_unfit_for_cryptosuite"


class ProofPurposeInvalid(DataIntegrityError):
    """``proofPurpose`` is absent or no text."""

    code = "proof_purpose_invalid"


class ProofPurposeMismatch(DataIntegrityError):
    """``proofPurpose`` is another one than this place takes (4.4, step 4)."""

    code = "proof_purpose_mismatch"


class VerificationMethodInvalid(DataIntegrityError):
    """``verificationMethod`` is absent or no URL."""

    code = "verification_method_invalid"


class ProofCreatedInvalid(DataIntegrityError):
    """``created`` is no dateTimeStamp with a time zone."""

    code = "proof_created_invalid"


class ProofExpiresInvalid(DataIntegrityError):
    """``expires`` is no dateTimeStamp with a time zone."""

    code = "proof_expires_invalid"


class ProofExpired(DataIntegrityError):
    """``expires`` is past."""

    code = "proof_expired"


class ProofIdInvalid(DataIntegrityError):
    """``id`` of a proof is no URL."""

    code = "proof_id_invalid"


class ProofIdTwice(DataIntegrityError):
    """Two proofs have the same ``id``, so a reference to it is no reference."""

    code = "proof_id_twice"


class ProofMemberInvalid(DataIntegrityError):
    """``domain``, ``challenge`` or ``nonce`` is of the wrong kind."""

    code = "proof_member_invalid"


class ProofContextMismatch(DataIntegrityError):
    """The proof's own ``@context`` is not the document's (for JCS suites: not its beginning)."""

    code = "proof_context_mismatch"


class ProofValueInvalid(DataIntegrityError):
    """``proofValue`` is absent or no text, or its bytes are not as many as a signature has."""

    code = "proof_value_invalid"


class ProofValuePrefixWrong(DataIntegrityError):
    """``proofValue`` does not start with the multibase prefix of its cryptosuite."""

    code = "proof_value_prefix_wrong"


class ProofValueUndecodable(DataIntegrityError):
    """``proofValue`` holds what its base does not have."""

    code = "proof_value_undecodable"


class PreviousProofInvalid(DataIntegrityError):
    """``previousProof`` is neither a text nor an array of texts."""

    code = "previous_proof_invalid"


class PreviousProofMissing(DataIntegrityError):
    """``previousProof`` names a proof that the document does not carry."""

    code = "previous_proof_missing"


class ProofCycle(DataIntegrityError):
    """A proof leads back to itself by ``previousProof``."""

    code = "proof_cycle"


class ProofDomainMismatch(DataIntegrityError):
    """``domain`` is not the one that was asked for."""

    code = "proof_domain_mismatch"


class ProofChallengeMismatch(DataIntegrityError):
    """``challenge`` is not the one that was asked for."""

    code = "proof_challenge_mismatch"


class IssuerNotController(DataIntegrityError):
    """No proof is made with a verification method of the credential's issuer."""

    code = "issuer_not_controller"


class HolderNotController(DataIntegrityError):
    """No proof is made with a verification method of the presentation's holder."""

    code = "holder_not_controller"


class CredentialOfAnotherHolder(DataIntegrityError):
    """A credential that the presentation's own key secures is not issued by its holder (VCDM 2.0, 4.13.3)."""

    code = "credential_of_another_holder"


class SelectiveDisclosureError(DataIntegrityError):
    """An ecdsa-sd-2023 proof value, or what it says of the document, is wrong."""

    code = "selective_disclosure_error"


class SdHeaderWrong(SelectiveDisclosureError):
    """The proof value does not start with the header bytes of a base, or of a derived proof."""

    code = "sd_header_wrong"


class SdNotCbor(SelectiveDisclosureError):
    """What follows the header is not one item of CBOR, tag-free, of definite lengths, each key once."""

    code = "sd_not_cbor"


class SdComponentsWrong(SelectiveDisclosureError):
    """What follows the header is not an array of five."""

    code = "sd_components_wrong"


class SdBaseSignatureMalformed(SelectiveDisclosureError):
    """The base signature is not 64 bytes."""

    code = "sd_base_signature_malformed"


class SdPublicKeyMalformed(SelectiveDisclosureError):
    """The proof's own public key is not a compressed P-256 point with its multicodec."""

    code = "sd_public_key_malformed"


class SdHmacKeyMalformed(SelectiveDisclosureError):
    """The HMAC key is not 32 bytes."""

    code = "sd_hmac_key_malformed"


class SdSignaturesMalformed(SelectiveDisclosureError):
    """The signatures are not an array of 64 bytes each."""

    code = "sd_signatures_malformed"


class SdLabelMapMalformed(SelectiveDisclosureError):
    """The label map is not a map from integers to 32 bytes each, all different."""

    code = "sd_label_map_malformed"


class SdMandatoryIndexesMalformed(SelectiveDisclosureError):
    """The mandatory indexes are not an array of rising integers."""

    code = "sd_mandatory_indexes_malformed"


class SdMandatoryPointersMalformed(SelectiveDisclosureError):
    """The mandatory pointers are not an array of texts."""

    code = "sd_mandatory_pointers_malformed"


class SdSignatureCountWrong(SelectiveDisclosureError):
    """There are not as many signatures as statements that are not mandatory."""

    code = "sd_signature_count_wrong"


class SdStatementSignatureInvalid(SelectiveDisclosureError):
    """The signature of one statement does not match."""

    code = "sd_statement_signature_invalid"


class SdLabelMapIncomplete(SelectiveDisclosureError):
    """The label map does not name exactly the blank nodes of the document."""

    code = "sd_label_map_incomplete"


class JsonPointerMalformed(SelectiveDisclosureError):
    """A pointer is not one by RFC 6901."""

    code = "json_pointer_malformed"


class JsonPointerUnmatched(SelectiveDisclosureError):
    """A pointer leads to nothing in this document."""

    code = "json_pointer_unmatched"


class NothingSelected(SelectiveDisclosureError):
    """Neither mandatory nor selective pointers were given: there is nothing to show."""

    code = "nothing_selected"


class SelectionNotSigned(SelectiveDisclosureError):
    """A selected part makes a statement that the whole document does not: it cannot be shown apart."""

    code = "selection_not_signed"
