"""``transaction_data``: what the holder authorises by a presentation (OpenID4VP 1.0, 5.1, 8.4 and B.3.3.1).

Opt-in for each request. One type of our own: a use of certificates that the holder agrees to in so many words, for a
named matter (用证授权).
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from keys import strict_json
from keys.encoding import b64url_decode, b64url_text
from keys.errors import EcertError
from schemas.openid4vp.errors import InvalidTransactionData

AUTHORISATION = "urn:ecert:transaction:authorisation:1"
HASH_ALG = "sha-256"
MAX_TEXT = 500
_MEMBERS = frozenset({"type", "credential_ids", "transaction_data_hashes_alg", "subject_zh", "subject_en", "reference"})


@dataclass(frozen=True, slots=True)
class TransactionData:
    """One entry. ``encoded`` is the text as it came, which is hashed; ``reference`` is the relying party's own."""

    encoded: str
    credential_ids: tuple[str, ...]
    subject_zh: str
    subject_en: str
    reference: str = ""


def authorisation(
    credential_ids: Iterable[str], *, subject_zh: str, subject_en: str, reference: str = ""
) -> TransactionData:
    """Return an entry of our own type; raises InvalidTransactionData when a text is empty or too long."""
    members: dict[str, Any] = {"type": AUTHORISATION, "credential_ids": list(credential_ids)}
    members |= {"subject_zh": subject_zh, "subject_en": subject_en}
    return read_transaction_data(
        b64url_text(strict_json.dumps(members | ({"reference": reference} if reference else {}))),
        asked=frozenset(members["credential_ids"]),
    )


def read_transaction_data(encoded: str, *, asked: frozenset[str]) -> TransactionData:
    """Return an entry whose ``credential_ids`` are among those ``asked`` for.

    Raises:
        InvalidTransactionData: no base64url JSON object, another type, unknown or missing members, or wrong ids (8.5).
    """
    try:
        members = strict_json.loads_object(b64url_decode(encoded))
    except EcertError as exc:
        raise InvalidTransactionData("entry is no JSON object in base64url") from exc
    if members.get("type") != AUTHORISATION:
        raise InvalidTransactionData("entry is of a type that is not known")
    if not members.keys() <= _MEMBERS:
        raise InvalidTransactionData("entry has members that its type does not know")
    if HASH_ALG not in members.get("transaction_data_hashes_alg", [HASH_ALG]):
        raise InvalidTransactionData("entry allows no hash algorithm that we have")
    return TransactionData(
        encoded,
        _ids(members.get("credential_ids"), asked),
        _text(members, "subject_zh"),
        _text(members, "subject_en"),
        _text(members, "reference") if "reference" in members else "",
    )


def hash_of(encoded: str) -> str:
    """Return the hash that stands in ``transaction_data_hashes``: SHA-256 over the text as it was sent (B.3.3.1)."""
    return b64url_text(hashlib.sha256(encoded.encode("ascii", "replace")).digest())


def check_hashes(claims: Mapping[str, Any], entries: Iterable[TransactionData]) -> str | None:
    """Return why a key binding's claims do not authorise ``entries``, or None: a code of the report's reasons."""
    wanted = [hash_of(each.encoded) for each in entries]
    hashes = claims.get("transaction_data_hashes")
    if not isinstance(hashes, list) or not hashes:
        return "transaction_data_missing"
    if claims.get("transaction_data_hashes_alg", HASH_ALG) != HASH_ALG or sorted(map(str, hashes)) != sorted(wanted):
        return "transaction_data_mismatch"
    return None


def _ids(value: object, asked: frozenset[str]) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not asked.issuperset(str(each) for each in value):
        raise InvalidTransactionData("entry names no credential that is asked for")
    return tuple(str(each) for each in value)


def _text(members: Mapping[str, Any], name: str) -> str:
    value = members.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= MAX_TEXT or not value.isprintable():
        raise InvalidTransactionData(f"{name} is no line of 1 to {MAX_TEXT} characters")
    return value
