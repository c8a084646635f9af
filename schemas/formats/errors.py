"""Errors of the document formats: one class and one stable code for every reason that a verifier must tell apart.

    FormatError
    ├── MalformedSdJwt, TooManyDisclosures, NestedTooDeep           taking apart (RFC 9901, 4)
    ├── DisclosureError                                             processing (RFC 9901, 7.1)
    │   ├── MalformedDisclosure, WrongDisclosureKind, MalformedDigests
    │   ├── ReservedClaimName, ClaimAlreadyPresent, UnsupportedHashAlgorithm
    │   └── DigestTwice, DisclosureTwice, DisclosureUnreferenced
    ├── UnknownClaimPath, WeakSalt                                  issuing and presenting
    ├── KeyBindingError                                             the holder's proof (RFC 9901, 4.3 and 7.3)
    │   ├── KeyBindingMissing, KeyBindingUnexpected, KeyBindingMalformed, KeyBindingWrongType
    │   ├── KeyBindingAlgorithmRefused, KeyBindingSignatureInvalid, KeyBindingClaimInvalid, SdHashMismatch
    │   └── HolderKeyMissing, HolderKeyUnsupported
    ├── WrongType                                                   ``typ`` or ``cty`` of a token
    ├── CredentialRuleBroken                                        SD-JWT VC and VCDM 2.0
    │   ├── VctInvalid, NeverSelective, StatusClaimInvalid
    │   └── RegisteredClaimInvalid, VcModelInvalid, VcClaimForbidden, VcClaimsConflict
    └── StatusListError                                             Token Status List, Bitstring Status List
        ├── StatusBitsInvalid, StatusValueInvalid, StatusIndexOutOfBounds
        ├── StatusListMalformed, StatusListTooLarge, StatusTokenInvalid
        └── BitstringEntryInvalid, BitstringListInvalid, BitstringPurposeMismatch, BitstringTooShort

Broken base64url, JSON, headers and issuer signatures are errors of ``keys``.
"""

from schemas.errors import SchemasError


class FormatError(SchemasError):
    """A document does not follow its format."""

    code = "format_error"


class MalformedSdJwt(FormatError):
    """The text is not an SD-JWT: its parts, its tildes, or its JSON serialization (RFC 9901, 4 and 8)."""

    code = "malformed_sd_jwt"


class TooManyDisclosures(FormatError):
    """The SD-JWT holds more disclosures than the limit."""

    code = "too_many_disclosures"


class NestedTooDeep(FormatError):
    """The claims nest deeper than the limit once the disclosures stand in their places."""

    code = "nested_too_deep"


class DisclosureError(FormatError):
    """The disclosures do not fit the payload, or are not well formed (RFC 9901, 7.1)."""

    code = "disclosure_error"


class MalformedDisclosure(DisclosureError):
    """A disclosure is not base64url of a JSON array that starts with a salt (RFC 9901, 4.2)."""

    code = "malformed_disclosure"


class WrongDisclosureKind(DisclosureError):
    """A disclosure for an array element is referred to by an object, or the other way round (7.1, 3.c)."""

    code = "wrong_disclosure_kind"


class MalformedDigests(DisclosureError):
    """``_sd`` is no array of texts, or an array element with ``...`` is not one text alone (4.2.4)."""

    code = "malformed_digests"


class ReservedClaimName(DisclosureError):
    """A claim is named ``_sd``, ``...`` or, below the top, ``_sd_alg`` (4.1, 4.1.1, 7.1 step 3.c.ii.B)."""

    code = "reserved_claim_name"


class ClaimAlreadyPresent(DisclosureError):
    """A disclosure brings a claim that already stands at its level (7.1, step 3.c.ii.C)."""

    code = "claim_already_present"


class UnsupportedHashAlgorithm(DisclosureError):
    """``_sd_alg`` is not a hash algorithm that is accepted (7.1, step 2.d)."""

    code = "unsupported_sd_alg"


class DigestTwice(DisclosureError):
    """A digest is met more than once (7.1, step 4)."""

    code = "digest_twice"


class DisclosureTwice(DisclosureError):
    """The same disclosure is sent more than once (4)."""

    code = "disclosure_twice"


class DisclosureUnreferenced(DisclosureError):
    """No digest refers to a disclosure (7.1, step 5)."""

    code = "disclosure_unreferenced"


class UnknownClaimPath(FormatError):
    """A path leads to no claim of this document."""

    code = "unknown_claim_path"


class WeakSalt(FormatError):
    """A salt has fewer than 128 bits (RFC 9901, 9.3)."""

    code = "weak_salt"


class KeyBindingError(FormatError):
    """The holder's proof is absent or does not hold (RFC 9901, 7.3)."""

    code = "key_binding_error"


class KeyBindingMissing(KeyBindingError):
    """The presentation carries no Key Binding JWT, but one is asked for (7.3, step 2)."""

    code = "key_binding_missing"


class KeyBindingUnexpected(KeyBindingError):
    """An issuer's SD-JWT carries a Key Binding JWT; a holder refuses it (7.2)."""

    code = "key_binding_unexpected"


class KeyBindingMalformed(KeyBindingError):
    """The Key Binding JWT is no JWT, or its header holds what is never followed."""

    code = "key_binding_malformed"


class KeyBindingWrongType(KeyBindingError):
    """The Key Binding JWT's ``typ`` is not ``kb+jwt`` (7.3, step 5.d)."""

    code = "key_binding_wrong_type"


class KeyBindingAlgorithmRefused(KeyBindingError):
    """The Key Binding JWT names an algorithm that the holder's key does not allow (7.3, step 5.b)."""

    code = "key_binding_algorithm_refused"


class KeyBindingSignatureInvalid(KeyBindingError):
    """The Key Binding JWT is not signed by the holder's key (7.3, step 5.c)."""

    code = "key_binding_signature_invalid"


class KeyBindingClaimInvalid(KeyBindingError):
    """``iat``, ``aud``, ``nonce`` or ``sd_hash`` is absent or of the wrong kind (4.3)."""

    code = "key_binding_claim_invalid"


class SdHashMismatch(KeyBindingError):
    """``sd_hash`` is not the hash of what was presented (7.3, step 5.g)."""

    code = "sd_hash_mismatch"


class HolderKeyMissing(KeyBindingError):
    """The credential names no holder key: ``cnf`` is absent."""

    code = "holder_key_missing"


class HolderKeyUnsupported(KeyBindingError):
    """``cnf`` names the holder's key in another way than by ``jwk``, or by a key that is not supported."""

    code = "holder_key_unsupported"


class WrongType(FormatError):
    """The token's ``typ`` or ``cty`` is another one than the format's (RFC 8725, 3.11)."""

    code = "wrong_type"


class CredentialRuleBroken(FormatError):
    """A credential breaks a rule of its format."""

    code = "credential_rule_broken"


class VctInvalid(CredentialRuleBroken):
    """``vct`` is absent or no text, or ``aka_vcts`` is no array of other types (SD-JWT VC, 2.2.2.1 and 2.2.2.2)."""

    code = "vct_invalid"


class NeverSelective(CredentialRuleBroken):
    """A claim that must stand in the clear is selectively disclosable (SD-JWT VC, 2.2.2.3)."""

    code = "never_selective"


class RegisteredClaimInvalid(CredentialRuleBroken):
    """A registered claim (``iss``, ``iat``, ``exp``, ``cnf`` …) has a value of the wrong kind (RFC 7519, 4.1)."""

    code = "registered_claim_invalid"


class StatusClaimInvalid(CredentialRuleBroken):
    """The ``status`` claim is no reference to a status list (Token Status List, 6.2)."""

    code = "status_claim_invalid"


class VcModelInvalid(CredentialRuleBroken):
    """A property that VCDM 2.0 requires is absent or of the wrong kind (VCDM 2.0, 4)."""

    code = "vc_model_invalid"


class VcClaimForbidden(CredentialRuleBroken):
    """The claims set holds ``vc`` or ``vp`` (VC-JOSE-COSE, 1.1.2.1)."""

    code = "vc_claim_forbidden"


class VcClaimsConflict(CredentialRuleBroken):
    """A JWT claim contradicts the property that means the same (VC-JOSE-COSE, 3.1.3)."""

    code = "vc_claims_conflict"


class StatusListError(FormatError):
    """A status list, its token, or an index is wrong."""

    code = "status_list_error"


class StatusBitsInvalid(StatusListError):
    """``bits`` is not 1, 2, 4 or 8 (Token Status List, 4.1)."""

    code = "status_bits_invalid"


class StatusValueInvalid(StatusListError):
    """A status value does not fit into the list's bits."""

    code = "status_value_invalid"


class StatusIndexOutOfBounds(StatusListError):
    """The index lies outside the list, so nothing can be said of it (Token Status List, 8.3)."""

    code = "status_index_out_of_bounds"


class StatusListMalformed(StatusListError):
    """``lst`` is not base64url of one whole ZLIB stream, or ``encodedList`` not multibase of one whole GZIP stream."""

    code = "status_list_malformed"


class StatusListTooLarge(StatusListError):
    """The list is larger than the limit once inflated."""

    code = "status_list_too_large"


class StatusTokenInvalid(StatusListError):
    """A claim that a status list token must have is absent or of the wrong kind (Token Status List, 5.1)."""

    code = "status_token_invalid"


class BitstringEntryInvalid(StatusListError):
    """A ``BitstringStatusListEntry`` breaks a rule (Bitstring Status List, 2.1): MALFORMED_VALUE_ERROR."""

    code = "bitstring_entry_invalid"


class BitstringListInvalid(StatusListError):
    """A ``BitstringStatusListCredential`` breaks a rule (2.2): MALFORMED_VALUE_ERROR."""

    code = "bitstring_list_invalid"


class BitstringPurposeMismatch(StatusListError):
    """The list serves another purpose than the entry asks for (3.2): STATUS_VERIFICATION_ERROR."""

    code = "bitstring_purpose_mismatch"


class BitstringTooShort(StatusListError):
    """The list has fewer than 131,072 entries, too few to hide among (3.2): STATUS_LIST_LENGTH_ERROR."""

    code = "bitstring_too_short"
