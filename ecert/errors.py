"""Errors of ``ecert``: settings, start, access, requests. The storage's own stand in ``ecert.storage``."""

from collections.abc import Sequence
from dataclasses import dataclass

from keys.errors import EcertError


class CompositionError(EcertError):
    """The parts cannot be put together, or a request stops at the door."""

    code = "composition_error"


class InvalidSettings(CompositionError):
    """Environment variables are unknown or hold what they must not; ``faults`` has a line for each."""

    code = "invalid_settings"

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(self.faults))


class PublicUrlChanged(CompositionError):
    """The public URL is fixed at the first start, because signed documents name it (ADR 3)."""

    code = "public_url_changed"


class StartInterrupted(CompositionError):
    """What the first start makes stands only in part, and this start may not complete it."""

    code = "start_interrupted"


class NotAuthenticated(CompositionError):
    """The request names no token, or none that is known and in force."""

    code = "not_authenticated"


class NotPermitted(CompositionError):
    """The token's role, department or holder does not reach this."""

    code = "not_permitted"


class NotFound(CompositionError):
    """There is nothing at this address."""

    code = "not_found"


class NotAcceptable(CompositionError):
    """What is at this address is not served in any form that the request takes (RFC 9110, 15.5.7)."""

    code = "not_acceptable"


class StatusTimeInvalid(CompositionError):
    """The moment that a status list is asked for is not one moment."""

    code = "status_time_invalid"


class StatusHistoryMissing(CompositionError):
    """No edition of the status list held at the moment asked for, or it is not kept any more."""

    code = "status_history_missing"


class StatusRetrievalFailed(CompositionError):
    """A bitstring status list cannot be had (Bitstring Status List, 3.5: STATUS_RETRIEVAL_ERROR)."""

    code = "status_retrieval_error"
    problem_type = "https://www.w3.org/ns/credentials/status-list#STATUS_RETRIEVAL_ERROR"


class ForbiddenCharacter(CompositionError):
    """A text of the request holds U+0000, which no name and no value has."""

    code = "forbidden_character"


class PicturesBusy(CompositionError):
    """As many pictures as may are being read, and as many as may are waiting."""

    code = "pictures_busy"


class MethodNotAllowed(CompositionError):
    """This address does not take this method."""

    code = "method_not_allowed"


class RequestTooLarge(CompositionError):
    """The request's body or its headers are over the limit."""

    code = "request_too_large"


class RequestTooSlow(CompositionError):
    """The request was not answered within the limit."""

    code = "request_too_slow"


class IdempotencyKeyInUse(CompositionError):
    """The first request with this idempotency key is still being worked on."""

    code = "idempotency_key_in_use"


class IdempotencyKeyReused(CompositionError):
    """The idempotency key was used for another request."""

    code = "idempotency_key_reused"


class ExpectationFailed(CompositionError):
    """A step of the demo did not end as it had to."""

    code = "expectation_failed"


class CommandFailed(CompositionError):
    """A command cannot do what its arguments say."""

    code = "command_failed"


class CopyWriterMissing(CompositionError):
    """What makes the file of a copy needs a library or a font that is not installed."""

    code = "copy_writer_missing"


class MalformedRequest(CompositionError):
    """The request's body does not fit its form; ``faults`` says where, never with which value."""

    code = "malformed_request"

    def __init__(self, faults: Sequence["FieldFault"]) -> None:
        self.faults = tuple(faults)
        super().__init__(f"request does not fit its form in {len(self.faults)} places")


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One place of a request that does not fit: where, by which rule, in one sentence without the value."""

    field: str
    rule: str
    message: str
