"""What a status list says of one certificate, in words that a person must never confuse: four answers, and valid.

    answer = StatusAnswer.of(uri=uri, index=4711, value=3, issued_at=iat, now=now, version=2)
    answer.standing, answer.successor_version       # replaced, 3
    StatusAnswer.unreadable(uri, 4711, "status_list_missing")

``revoked``, ``suspended``, ``replaced`` and ``unreadable`` are different answers: nothing is called revoked for want of
a list. Both kinds of lists lead to the same answer: ``value_of`` makes one value of a credential's bitstring statuses.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from schemas.formats.bitstring_credential import MESSAGE, REVOCATION, SUSPENSION, BitstringEntry, BitstringStatus

MESSAGES = {0: "valid", 1: "revoked", 2: "suspended", 3: "replaced"}
"""The values of our status lists of 2 bits, as the ``statusMessage`` of the purpose ``message`` says them."""


class Standing(StrEnum):
    """Where a certificate stands by its status list."""

    VALID = "valid"
    REVOKED = "revoked"
    SUSPENDED = "suspended"
    REPLACED = "replaced"
    OTHER = "other"  # a value that this program gives no meaning to: not valid
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class StatusAnswer:
    """The answer: which list, which index, the value there, how old the list is.

    ``reason`` is a code and only there when the list is unreadable; ``successor_version`` only when the certificate is
    replaced and its own version is known: a replacement keeps the serial and raises the version by one (GB/T 36904).
    """

    standing: Standing
    uri: str
    index: int | None
    value: int | None = None
    issued_at: datetime | None = None
    age_seconds: int | None = None
    successor_version: int | None = None
    reason: str | None = None

    @classmethod
    def of(
        cls, *, uri: str, index: int, value: int, issued_at: datetime, now: datetime, version: int | None = None
    ) -> "StatusAnswer":
        """Return the answer of a list that was read; ``version`` is the certificate's own."""
        standing = standing_of(value)
        replaced = standing is Standing.REPLACED and version is not None
        return cls(
            standing=standing,
            uri=uri,
            index=index,
            value=value,
            issued_at=issued_at,
            age_seconds=int((now - issued_at).total_seconds()),
            successor_version=version + 1 if replaced and version is not None else None,
        )

    @classmethod
    def unreadable(cls, uri: str, index: int | None, reason: str) -> "StatusAnswer":
        """Return the answer when nothing can be said; ``reason`` is an error's code."""
        return cls(Standing.UNREADABLE, uri, index, reason=reason)

    def document(self) -> dict[str, Any]:
        """Return the members that have a value, for JSON."""
        members = {
            "standing": str(self.standing),
            "uri": self.uri,
            "index": self.index,
            "value": self.value,
            "issued_at": None if self.issued_at is None else self.issued_at.isoformat(),
            "age_seconds": self.age_seconds,
            "successor_version": self.successor_version,
            "reason": self.reason,
        }
        return {name: value for name, value in members.items() if value is not None}


def standing_of(value: int) -> Standing:
    """Return what a value of a status list of ours means; any other than 0 to 3 is not valid either."""
    return Standing(MESSAGES[value]) if value in MESSAGES else Standing.OTHER


def value_of(statuses: Iterable[BitstringStatus]) -> int:
    """Return the one value that a credential's bitstring statuses amount to: 0 only if every one of them is 0.

    A replaced certificate has its bit for revocation set too, for readers who look at nothing else; the message tells
    the two apart. So replaced outweighs revoked, and revoked outweighs suspended. A set bit for another purpose than
    these three is passed over when it is ``refresh``, which does not end validity (2.1), and is 15 otherwise.
    """
    found = {_value(status) for status in statuses if not status.valid}
    return next((value for value in (3, 1, 2, _OTHER) if value in found), 0)


def bits_for(values: Mapping[int, int], purpose: str) -> dict[int, int]:
    """Return what the bitstring of a purpose holds for the values of the Token Status List (index → value).

    For ``revocation`` those that are gone for good, 1 and 3; for ``suspension`` 2; for ``message`` the values.
    """
    if purpose == MESSAGE:
        return dict(values)
    gone = (2,) if purpose == SUSPENSION else (1, 3)
    return {index: 1 for index, value in values.items() if value in gone}


_OTHER = 15
_REFRESH = "refresh"


def _value(status: BitstringStatus) -> int:
    if status.purpose == MESSAGE:
        return next((value for value, text in MESSAGES.items() if text == status.message), _OTHER)
    return {REVOCATION: 1, SUSPENSION: 2, _REFRESH: 0}.get(status.purpose, _OTHER)


def entries_for(uri: str, index: int, *, reference: str | None = None) -> tuple[BitstringEntry, ...]:
    """Return the bitstring entries of the credential that stands at ``index`` of the Token Status List ``uri``.

    Both mechanisms share the index; the lists for a purpose stand under the token's URI (``purpose_uri``).
    """
    references = () if reference is None else (reference,)
    return (
        BitstringEntry(REVOCATION, index, purpose_uri(uri, REVOCATION)),
        BitstringEntry(SUSPENSION, index, purpose_uri(uri, SUSPENSION)),
        BitstringEntry(MESSAGE, index, purpose_uri(uri, MESSAGE), 2, MESSAGES, references),
    )


def purpose_uri(uri: str, purpose: str) -> str:
    """Return where the bitstring credential for a purpose stands, beside the token at ``uri``."""
    return f"{uri}/{purpose}"
