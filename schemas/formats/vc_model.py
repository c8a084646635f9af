"""The Verifiable Credentials Data Model 2.0, 4: what every credential has, whatever secures it."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from schemas.formats.errors import VcModelInvalid

CONTEXT = "https://www.w3.org/ns/credentials/v2"
CONTEXT_V1 = "https://www.w3.org/2018/credentials/v1"
TYPE = "VerifiableCredential"
# XML Schema 1.1 dateTimeStamp (VCDM 2.0, 4.9): a time zone is required; 24:00:00 and years past 9999 are not read, nor
# are fractions of more than 32 digits: ``date_time_stamp`` keeps what it reads, before any signature was looked at.
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,32})?(?:Z|[+-]\d\d:\d\d)", re.ASCII)
# A scheme, and no white space: enough to tell a URL from a name.
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s]+")


class Model(NamedTuple):
    """The properties that a verifier's rules need; moments in UTC."""

    id: str | None
    types: tuple[str, ...]
    issuer: str
    subject_id: str | None
    valid_from: datetime | None
    valid_until: datetime | None


def read(document: Mapping[str, Any]) -> Model:
    """Return what the rules need of a credential; raises VcModelInvalid, which names the property."""
    return _read(document, CONTEXT, ("validFrom", "validUntil"))


def read_v1(document: Mapping[str, Any]) -> Model:
    """As ``read``, for VCDM 1.1: there ``issuanceDate`` is required, and the moment from which the credential holds."""
    if "issuanceDate" not in document:  # VCDM 1.1, 4.6
        raise VcModelInvalid("issuanceDate is absent")
    return _read(document, CONTEXT_V1, ("issuanceDate", "expirationDate"))


def _read(document: Mapping[str, Any], context: str, dates: tuple[str, str]) -> Model:
    contexts = document.get("@context")
    if type(contexts) is not list or not contexts or contexts[0] != context:  # 4.3
        raise VcModelInvalid(f"@context does not start with {context}")
    valid_from, valid_until = (moment(document, name) for name in dates)
    if valid_from and valid_until and valid_until < valid_from:  # 4.9
        raise VcModelInvalid(f"{dates[1]} lies before {dates[0]}")
    issuer = _identified(document, "issuer")
    if issuer is None:
        raise VcModelInvalid("issuer is absent")
    return Model(url(document, "id"), _types(document), issuer, _subject_id(document), valid_from, valid_until)


def _types(document: Mapping[str, Any]) -> tuple[str, ...]:
    value = document.get("type")  # 4.5
    types = tuple(value) if type(value) is list else (value,)
    if TYPE not in types or not all(type(item) is str for item in types):
        raise VcModelInvalid(f"type does not hold {TYPE}")
    return types


def _subject_id(document: Mapping[str, Any]) -> str | None:
    value = document.get("credentialSubject")  # 4.8
    subjects: list[Any] = value if type(value) is list else [value]
    if not subjects or not all(type(subject) is dict and subject for subject in subjects):
        raise VcModelInvalid("credentialSubject is absent or empty")
    ids = [url(subject, "id") for subject in subjects]
    return ids[0] if len(ids) == 1 else None


def _identified(document: Mapping[str, Any], name: str) -> str | None:
    # 4.7: a URL, or an object with an id
    if type(document.get(name)) is dict:
        return url(document[name], "id")
    return url(document, name)


def url(holder: Mapping[str, Any], name: str) -> str | None:
    """Return the URL of a property, or None when it is absent; raises VcModelInvalid for any other value."""
    value: str | None = holder.get(name)
    if name in holder and (type(value) is not str or not _URL.fullmatch(value)):
        raise VcModelInvalid(f"{name} is no URL")
    return value


def moment(document: Mapping[str, Any], name: str) -> datetime | None:
    """Return the moment of a property in UTC, or None when it is absent; raises VcModelInvalid for any other value."""
    if name not in document:
        return None
    value = document[name]
    if type(value) is not str:
        raise VcModelInvalid(f"{name} is no text")
    try:
        return date_time_stamp(value)
    except (ValueError, OverflowError):  # whose text would repeat the value
        raise VcModelInvalid(f"{name} is no dateTimeStamp with a time zone") from None


@lru_cache(maxsize=1024)
def date_time_stamp(text: str) -> datetime:
    """Return a dateTimeStamp (VCDM 2.0, 4.9) in UTC; raises ValueError or OverflowError, whose text repeats it."""
    # Kept, because the days on which certificates begin and end are few, and a batch shares them.
    if not _TIMESTAMP.fullmatch(text):
        raise ValueError
    # Python 3.11 reads a fraction of 3 or 6 digits; a finer one is cut.
    return datetime.fromisoformat(text if text[19] != "." else _with_microseconds(text)).astimezone(UTC)


def _with_microseconds(value: str) -> str:
    zone = len(value) - (1 if value.endswith("Z") else 6)
    return f"{value[:20]}{value[20:zone]:0<6.6}{value[zone:]}"
