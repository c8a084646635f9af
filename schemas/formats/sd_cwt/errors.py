"""Errors of SD-CWT that SD-JWT has no like of; all others are shared (``schemas.formats.errors``).

FormatError
├── MalformedSdCwt                         no SD-CWT, or no header of one
├── ClaimKeyRefused                        a key that a claims map must not have
├── DisclosureError ← RedactionTagRefused  a tag of the draft where it must not stand
├── CredentialRuleBroken
│   ├── ClaimKeyUnknown, ClaimValueInvalid the fields of the type
│   ├── SubjectMissing, ConfirmationMissing, SdCwtTimesContradict
│   └── PrintedCopyInvalid
└── KeyBindingError ← KeyBindingTimesContradict
"""

from schemas.formats.errors import CredentialRuleBroken, DisclosureError, FormatError, KeyBindingError


class MalformedSdCwt(FormatError):
    """The message is no SD-CWT or no Key Binding Token: a header or the payload has not its form."""

    code = "malformed_sd_cwt"


class ClaimKeyRefused(FormatError):
    """A claims map has a key that is no integer and no text of at most 255 bytes (draft, 5.3)."""

    code = "claim_key_refused"


class RedactionTagRefused(DisclosureError):
    """A tag of redaction stands where it must not: 58 or 62 in an issued document, 60 outside an array (draft, 4.1)."""

    code = "redaction_tag_refused"


class ClaimKeyUnknown(CredentialRuleBroken):
    """A claim is no field of the type, or a key stands for none."""

    code = "claim_key_unknown"


class ClaimValueInvalid(CredentialRuleBroken):
    """A field's value has a CBOR form that the field does not have."""

    code = "claim_value_invalid"


class SubjectMissing(CredentialRuleBroken):
    """``sub`` is neither disclosed nor redacted (draft, 6)."""

    code = "sd_cwt_subject_missing"


class ConfirmationMissing(CredentialRuleBroken):
    """``cnf`` is absent, and the document is no printed copy (draft, 6)."""

    code = "sd_cwt_cnf_missing"


class SdCwtTimesContradict(CredentialRuleBroken):
    """``iat``, ``nbf`` and ``exp`` of the SD-CWT contradict each other (draft, 8, step 3)."""

    code = "sd_cwt_times_contradict"


class PrintedCopyInvalid(CredentialRuleBroken):
    """The mark of a printed copy lacks a member, or stands beside a holder's key."""

    code = "printed_copy_invalid"


class KeyBindingTimesContradict(KeyBindingError):
    """The times of the Key Binding Token contradict each other, or those of its SD-CWT (draft, 8, step 6)."""

    code = "key_binding_times_contradict"
