"""Errors of ``wallet_api``.

    WalletError
    ├── UnknownHolder, UnknownHolderKey, UnknownCredential    nothing of that name in this wallet
    ├── UnknownRecord                                         nothing of that name in the history
    ├── FieldNotInCertificate, NoCredentialForFields          what was chosen cannot be shown
    ├── HolderInvalid, PurposeInvalid, RequestInvalid         what was given is not complete
    ├── KeyProofInvalid, DeviceKeyNeeded, CustodyKeyNeeded    the holder's keys
    ├── EnoughAhead                                           a wallet has unused purpose certificates
    ├── HandleInvalid, ReferenceGone                          the second step came too late, or is another's
    └── CredentialRefused                                     received, checked, not kept

No message holds a name, a number or a claim's value; a field is named by its name.
"""

from collections.abc import Sequence

from keys.errors import EcertError
from wallet_api.records import Refusal


class WalletError(EcertError):
    """A holder's wish cannot be carried out."""

    code = "wallet_error"


class UnknownHolder(WalletError):
    """No holder has this id."""

    code = "unknown_holder"


class HolderInvalid(WalletError):
    """A holder's code type or number is missing."""

    code = "holder_invalid"


class UnknownHolderKey(WalletError):
    """The holder has no key of this thumbprint, or no key at all."""

    code = "unknown_holder_key"


class UnknownCredential(WalletError):
    """The holder has no credential or certificate of this id."""

    code = "unknown_credential"


class UnknownRecord(WalletError):
    """The holder's history has no entry of this id."""

    code = "unknown_history_record"


class FieldNotInCertificate(WalletError):
    """A chosen field does not stand in the certificate; the message names the field."""

    code = "field_not_in_certificate"


class NoCredentialForFields(WalletError):
    """The wallet holds no credential, in force now, that could show what was chosen."""

    code = "no_credential_for_fields"


class PurposeInvalid(WalletError):
    """The purpose (用证事由) is missing, too long, or no line of text."""

    code = "purpose_invalid"


class RequestInvalid(WalletError):
    """A nonce, an audience or a choice of certificate is missing or not of its form."""

    code = "presentation_request_invalid"


class KeyProofInvalid(WalletError):
    """The proof that a device holds its key does not hold (typ, challenge, audience, time or signature)."""

    code = "key_proof_invalid"


class DeviceKeyNeeded(WalletError):
    """The credential is bound to a key in the holder's device: begin, let the device sign, complete."""

    code = "device_key_needed"


class CustodyKeyNeeded(WalletError):
    """The credential is bound to a key in custody: it is presented in one step."""

    code = "custody_key_needed"


class HandleInvalid(WalletError):
    """The handle of a begun presentation is not ours, is another holder's, is too old, or its signature is wrong."""

    code = "presentation_handle_invalid"


class EnoughAhead(WalletError):
    """The wallet has unused purpose certificates of this purpose, and may have no more."""

    code = "enough_purpose_certificates"


class ReferenceGone(WalletError):
    """The short reference was used, is too old, or never was."""

    code = "reference_gone"


class CredentialRefused(WalletError):
    """Some of the delivered credentials were not kept; ``refusals`` says which and why. All others were kept."""

    code = "credential_refused"

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        self.refusals = tuple(refusals)
        reasons = ", ".join(sorted({refusal.reason for refusal in self.refusals}))
        super().__init__(f"{len(self.refusals)} credentials were not kept: {reasons}")
