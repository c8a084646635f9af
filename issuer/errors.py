"""Errors of ``issuer``.

IssuerError
├── OrderRefused         what was ordered is wrong; ``problems`` says everything at once
├── UnknownDepartment    nobody is entitled to sign the type
├── ProfileRefused       the operator's profile breaks a rule or contradicts itself
├── AlreadySigned        an intent is signed once
├── RowKeyConflict       the same row key with another content
├── UnknownCertificate
├── ActNotAllowed        the type or the state does not allow the act
├── StateChanged         somebody else was quicker
├── StatusListFull
├── TooManyCredentials   the certificate has as many credentials in force as it may have
├── UnknownStatusList
├── PublicationConflict  other publishers were quicker each time
├── RoundIncomplete      pieces of a round's work failed; the others were done
└── FileRefused          a bulk file as a whole cannot be read
"""

from collections.abc import Sequence
from dataclasses import dataclass

from keys.errors import EcertError


class IssuerError(EcertError):
    """An order, an act or a publication cannot be carried out."""

    code = "issuer_error"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with an order: the field, the rule it breaks, and a sentence in two languages.

    Never the value, so that a problem can be logged and printed.
    """

    field: str
    rule: str
    message_zh: str
    message_en: str


class OrderRefused(IssuerError):
    """The order breaks rules; nothing was recorded. ``problems`` names all of them."""

    code = "order_refused"

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        named = ", ".join(sorted({f"{problem.field} ({problem.rule})" for problem in problems}))
        super().__init__(f"order breaks {len(self.problems)} rules: {named}")


class ProfileRefused(IssuerError):
    """A profile is longer, wider or laxer than its rule allows, or contradicts itself."""

    code = "profile_refused"


class AlreadySigned(IssuerError):
    """A recorded intent is signed once; this one was."""

    code = "already_signed"


class RowKeyConflict(IssuerError):
    """The department used this row key before, for another content; nothing was recorded."""

    code = "row_key_conflict"


class UnknownCertificate(IssuerError):
    """No certificate has this identifier."""

    code = "unknown_certificate"


class ActNotAllowed(IssuerError):
    """The type or the present state does not allow this act."""

    code = "act_not_allowed"


class ActIncomplete(IssuerError):
    """A decision lacks its legal reason, its officer or its case number, or one is no short line of text."""

    code = "act_incomplete"


class StateChanged(IssuerError):
    """Another act changed the certificate in between; nothing was done."""

    code = "state_changed"


class StatusListFull(IssuerError):
    """A status list has no index left."""

    code = "status_list_full"


class TooManyCredentials(IssuerError):
    """The certificate has as many credentials of a format in force as it may have; nothing was recorded."""

    code = "too_many_credentials"


class UnknownStatusList(IssuerError):
    """No status list has this URI."""

    code = "unknown_status_list"


class PublicationConflict(IssuerError):
    """Another process published the list each time before this one could."""

    code = "publication_conflict"


class RoundIncomplete(IssuerError):
    """Pieces of a round's work failed; all the others were done. The message has how many, and their codes."""

    code = "round_incomplete"

    def __init__(self, failures: Sequence[EcertError]) -> None:
        codes = ", ".join(sorted({failure.code for failure in failures}))
        super().__init__(f"{len(failures)} pieces of work failed, all others were done: {codes}")


class FileRefused(IssuerError):
    """A file of records cannot be read as a whole: its encoding, its header, its size."""

    code = "file_refused"
