"""Errors of ``verifier``: it could not be judged. What was judged and found wrong stands in the report instead.

VerifierError
├── PackRefused: PackVersionFell, PackNotYetValid, PackInconsistent
├── InvalidPurpose, OverAsking
├── InvalidParty, PartyExists, UnknownParty, PartySuspended, PurposeNotAllowed, ReturnUriNotAllowed
├── UnknownTransaction, TransactionNotWaiting, PresentationRefused, ResultNotReleased
└── CouldNotRun: UsageError, UnreadableInput, PdfRefused, PdfToolsMissing, NoAnchor,
    SeveralPresentations, ReferenceNeedsNetwork, SeenFileBroken
"""

from keys.errors import EcertError


class VerifierError(EcertError):
    """Something that stands before any verdict is wrong."""

    code = "verifier_error"


class PackRefused(VerifierError):
    """The offline pack is not accepted."""

    code = "pack_refused"


class PackVersionFell(PackRefused):
    """The pack is older than one that was seen before: somebody may want a withdrawal forgotten."""

    code = "pack_version_fell"


class PackNotYetValid(PackRefused):
    """The pack is dated later than now: the clock is wrong, or the pack is."""

    code = "pack_not_yet_valid"


class PackInconsistent(PackRefused):
    """A document inside the pack is not the one that its name says."""

    code = "pack_inconsistent"


class CouldNotRun(VerifierError):
    """The command could not come to a verdict (exit code 3)."""

    code = "could_not_run"


class UsageError(CouldNotRun):
    """The command line is wrong."""

    code = "usage"


class UnreadableInput(CouldNotRun):
    """A file or the input cannot be read, or holds nothing to check."""

    code = "unreadable_input"


class PdfRefused(UnreadableInput):
    """A PDF is broken, too large, active, or does not carry the two credentials of a copy."""

    code = "pdf_refused"


class PdfToolsMissing(CouldNotRun):
    """A PDF was given, and the extra ``pdf`` is not installed."""

    code = "pdf_tools_missing"


class NoAnchor(CouldNotRun):
    """No trust anchor is pinned."""

    code = "no_anchor"


class SeveralPresentations(CouldNotRun):
    """The picture shows more than one presentation."""

    code = "several_presentations"


class ReferenceNeedsNetwork(CouldNotRun):
    """The code is a reference to a presentation that waits online, and this verifier is offline."""

    code = "reference_needs_network"


class SeenFileBroken(CouldNotRun):
    """The file of what was seen is not one that this program wrote."""

    code = "seen_file_broken"


class InvalidPurpose(VerifierError):
    """A purpose or a relying party is not well formed."""

    code = "invalid_purpose"


class OverAsking(VerifierError):
    """A request asks for more than its purpose allows."""

    code = "over_asking"


class InvalidParty(VerifierError):
    """A relying party's registration is not well formed."""

    code = "invalid_party"


class PartyExists(VerifierError):
    """A relying party of this id is registered already."""

    code = "party_exists"


class UnknownParty(VerifierError):
    """No relying party has this id."""

    code = "unknown_party"


class PartySuspended(VerifierError):
    """The relying party may not ask for now."""

    code = "party_suspended"


class PurposeNotAllowed(VerifierError):
    """The relying party does not have the purpose, or its key or token is not for it."""

    code = "purpose_not_allowed"


class ReturnUriNotAllowed(VerifierError):
    """The address to return to is none that the relying party registered."""

    code = "return_uri_not_allowed"


class UnknownTransaction(VerifierError):
    """No transaction has this id, or it is forgotten."""

    code = "unknown_transaction"


class TransactionNotWaiting(VerifierError):
    """The transaction is answered, declined or over: it is answered once."""

    code = "transaction_not_waiting"


class PresentationRefused(VerifierError):
    """The response does not hold; the message names the check and its code, and nothing of the response."""

    code = "presentation_refused"


class ResultNotReleased(VerifierError):
    """The result is for another browser than the one that asks."""

    code = "result_not_released"
