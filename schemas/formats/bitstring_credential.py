"""The two documents of Bitstring Status List: the entry in a credential (2.1), and the list's own credential (2.2).

    document = credential(bits, purpose=REVOCATION, uri=uri, issuer=iss, times=times)   # unsigned
    lists = read_list(document)                     # of a document whose signature was checked
    entry = read_entries(vc["credentialStatus"])[0]
    entry.look_up(lists)                            # BitstringStatus(purpose, value, message)

A list for messages names ``statusSize`` and ``statusMessages`` (2.2), which the context credentials/v2 does not know
there: the credential brings a context of its own for the two, or JSON-LD would drop them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from schemas.formats import vc_model
from schemas.formats.bitstring import MAX_SIZE, Bitstring
from schemas.formats.errors import BitstringEntryInvalid, BitstringListInvalid, BitstringPurposeMismatch

ENTRY_TYPE = "BitstringStatusListEntry"
LIST_TYPE = "BitstringStatusList"
CREDENTIAL_TYPE = "BitstringStatusListCredential"
REVOCATION, SUSPENSION, MESSAGE = "revocation", "suspension", "message"
PURPOSES = (REVOCATION, SUSPENSION, MESSAGE)
"""The purposes that this program serves; ``refresh`` and strangers' own are read like any other."""
_INDEX = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)
_STATUS = re.compile(r"0x[0-9A-Fa-f]{1,4}", re.ASCII)
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s]{1,2048}")
_VOCABULARY = "https://www.w3.org/ns/credentials/status#"
_MESSAGE_TERMS = {
    "statusSize": {"@id": f"{_VOCABULARY}statusSize", "@type": "http://www.w3.org/2001/XMLSchema#integer"},
    "statusMessages": {
        "@id": f"{_VOCABULARY}statusMessage",
        "@context": {"status": f"{_VOCABULARY}status", "message": f"{_VOCABULARY}message"},
    },
}
MAX_ENTRIES = 16
"""The most entries of one credential that are read."""


@dataclass(frozen=True, slots=True)
class ListTimes:
    """When a list is signed, until when it holds, and how many seconds a copy may be kept."""

    valid_from: datetime
    valid_until: datetime
    ttl: int


@dataclass(frozen=True, slots=True)
class BitstringStatus:
    """What a list says of one entry. ``message`` is the issuer's text for this value, for the purpose ``message``."""

    purpose: str
    value: int
    message: str | None = None

    @property
    def valid(self) -> bool:
        """3.2: the value is 0."""
        return self.value == 0


@dataclass(frozen=True, slots=True)
class BitstringList:
    """A list as its credential says it; whether it is fresh enough is the caller's policy."""

    id: str | None
    issuer: str
    purposes: tuple[str, ...]
    valid_from: datetime | None
    valid_until: datetime | None
    ttl_ms: int | None
    bits: Bitstring = field(repr=False)
    size: int | None = None
    messages: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BitstringEntry:
    """Where one status of a credential stands: the list's URL, the index, the purpose, the bits and their messages."""

    purpose: str
    index: int
    list_credential: str
    size: int = 1
    messages: Mapping[int, str] = field(default_factory=dict)
    references: tuple[str, ...] = ()

    def look_up(self, found: BitstringList) -> BitstringStatus:
        """Return the status (3.2, from the fifth step on).

        Raises:
            BitstringPurposeMismatch: the list serves other purposes.
            BitstringListInvalid: the list names another ``statusSize`` than the entry.
            StatusIndexOutOfBounds: RANGE_ERROR.
            BitstringTooShort: too few entries of this size.
        """
        if self.purpose not in found.purposes:
            raise BitstringPurposeMismatch("list serves another purpose than the entry")
        if found.size not in (None, self.size):
            raise BitstringListInvalid("list has entries of another size than the entry says")
        value = found.bits.with_size(self.size)[self.index]
        return BitstringStatus(self.purpose, value, (self.messages or found.messages).get(value))

    def document(self) -> dict[str, Any]:
        """Return the entry as it stands in ``credentialStatus``."""
        made: dict[str, Any] = {
            "type": ENTRY_TYPE,
            "statusPurpose": self.purpose,
            "statusListIndex": str(self.index),
            "statusListCredential": self.list_credential,
        }
        if self.size > 1:
            made["statusSize"] = self.size
        if self.messages:
            made["statusMessage"] = _written(self.messages)
        if self.references:
            made["statusReference"] = self.references[0] if len(self.references) == 1 else list(self.references)
        return made


def credential(
    bits: Bitstring,
    *,
    purpose: str,
    uri: str,
    issuer: str,
    times: ListTimes,
    messages: Mapping[int, str] = MappingProxyType({}),
) -> dict[str, Any]:
    """Return the unsigned BitstringStatusListCredential; ``uri`` is where it will be found.

    ``messages`` are those of the purpose ``message``, one for each value.
    """
    told = {"statusSize": bits.size, "statusMessages": _written(messages)} if messages else {}
    return {
        "@context": [vc_model.CONTEXT, _MESSAGE_TERMS] if messages else [vc_model.CONTEXT],
        "id": uri,
        "type": [vc_model.TYPE, CREDENTIAL_TYPE],
        "issuer": issuer,
        "validFrom": _stamp(times.valid_from),
        "validUntil": _stamp(times.valid_until),
        "credentialSubject": {
            "id": f"{uri}#list",
            "type": LIST_TYPE,
            "statusPurpose": purpose,
            "encodedList": bits.encoded(quick=True),
            "ttl": times.ttl * 1000,  # 2.2: milliseconds
            **told,
        },
    }


def read_list(document: Mapping[str, Any]) -> BitstringList:
    """Return the list of a credential whose signature the caller has checked.

    Raises:
        VcModelInvalid: no credential by VCDM 2.0.
        BitstringListInvalid: a member of the list is absent or of the wrong kind; names it.
        StatusListError: as ``Bitstring.from_encoded``.
    """
    model = vc_model.read(document)
    subject = document["credentialSubject"]
    if CREDENTIAL_TYPE not in model.types:
        raise BitstringListInvalid(f"type does not hold {CREDENTIAL_TYPE}")
    if type(subject) is not dict or subject.get("type") != LIST_TYPE:
        raise BitstringListInvalid(f"credentialSubject is no {LIST_TYPE}")
    if type(subject.get("encodedList")) is not str:
        raise BitstringListInvalid("encodedList is no text")
    ttl = subject.get("ttl")
    if ttl is not None and (type(ttl) is not int or not 0 <= ttl < 2**53):
        raise BitstringListInvalid("ttl is no number of milliseconds")
    return BitstringList(
        id=model.id,
        issuer=model.issuer,
        purposes=_purposes(subject.get("statusPurpose")),
        valid_from=model.valid_from,
        valid_until=model.valid_until,
        ttl_ms=ttl,
        bits=Bitstring.from_encoded(subject["encodedList"]),
        **_told(subject),
    )


def read_entries(value: Any) -> tuple[BitstringEntry, ...]:
    """Return the entries of a ``credentialStatus`` (an object or an array); statuses of other types are left out.

    Raises:
        BitstringEntryInvalid: an entry breaks a rule, or there are more than ``MAX_ENTRIES``.
    """
    entries = value if type(value) is list else [value]
    if len(entries) > MAX_ENTRIES:
        raise BitstringEntryInvalid(f"credentialStatus has more than {MAX_ENTRIES} entries")
    if not all(type(entry) is dict for entry in entries):
        raise BitstringEntryInvalid("credentialStatus holds what is no object")
    return tuple(_entry(entry) for entry in entries if _is_ours(entry.get("type")))


def _is_ours(kind: Any) -> bool:
    return kind == ENTRY_TYPE or (type(kind) is list and ENTRY_TYPE in kind)


def _entry(value: Mapping[str, Any]) -> BitstringEntry:
    purpose, index, url = (value.get(name) for name in ("statusPurpose", "statusListIndex", "statusListCredential"))
    if type(purpose) is not str or not purpose:
        raise BitstringEntryInvalid("statusPurpose is no text")
    if type(index) is not str or not _INDEX.fullmatch(index):  # 2.1: an integer as a string in base 10
        raise BitstringEntryInvalid("statusListIndex is no text of decimal digits")
    if type(url) is not str or not _URL.fullmatch(url):
        raise BitstringEntryInvalid("statusListCredential is no URL")
    size = _size(value.get("statusSize", 1))
    messages = _messages(value.get("statusMessage"), size)
    return BitstringEntry(purpose, int(index), url, size, messages, _references(value.get("statusReference", [])))


def _told(subject: Mapping[str, Any]) -> dict[str, Any]:
    if "statusSize" not in subject and "statusMessages" not in subject:
        return {}
    size = subject.get("statusSize", 1)
    try:
        return {"size": _size(size), "messages": _messages(subject.get("statusMessages"), size)}
    except BitstringEntryInvalid as exc:  # the same rules, in the list's own words
        raise BitstringListInvalid(str(exc)) from None


def _size(value: Any) -> int:
    if type(value) is not int or not 1 <= value <= MAX_SIZE:
        raise BitstringEntryInvalid(f"statusSize is not a whole number from 1 to {MAX_SIZE}")
    return value


def _written(messages: Mapping[int, str]) -> list[dict[str, str]]:
    return [{"status": hex(value), "message": text} for value, text in sorted(messages.items())]


def _messages(value: Any, size: int) -> dict[int, str]:
    if value is None and size == 1:
        return {}
    if type(value) is not list or len(value) != 1 << size:  # 2.1: as many as there are values
        raise BitstringEntryInvalid(f"statusMessage is not an array of {1 << size} messages")
    read = dict(_message(item) for item in value)
    if read.keys() != set(range(1 << size)):
        raise BitstringEntryInvalid("statusMessage leaves out a value, or names one twice")
    return read


def _message(item: Any) -> tuple[int, str]:
    status, message = (item.get("status"), item.get("message")) if type(item) is dict else (None, None)
    if type(status) is not str or not _STATUS.fullmatch(status) or type(message) is not str:
        raise BitstringEntryInvalid("a statusMessage is not a hexadecimal status with its message")
    return int(status, 16), message


def _references(value: Any) -> tuple[str, ...]:
    urls = value if type(value) is list else [value]
    if not all(type(url) is str and _URL.fullmatch(url) for url in urls):
        raise BitstringEntryInvalid("statusReference is no URL")
    return tuple(urls)


def _purposes(value: Any) -> tuple[str, ...]:
    purposes = tuple(value) if type(value) is list else (value,)
    if not purposes or not all(type(purpose) is str and purpose for purpose in purposes):
        raise BitstringListInvalid("statusPurpose is neither text nor texts")
    return purposes


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
