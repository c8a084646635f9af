"""``transaction_data``: what the holder authorises by a presentation (OpenID4VP 1.0, 5.1, 8.4 and B.3.3.1).

Opt-in for each request. One type of our own: a use of certificates that the holder agrees to in so many words, for a
named matter (用证授权).
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from keys import strict_json
from keys.encoding import b64url_decode, b64url_text
from keys.errors import EcertError
from schemas.dcql import Query
from schemas.openid4vp.errors import InvalidTransactionData
from schemas.order import CredentialFormat

AUTHORISATION = "urn:ecert:transaction:authorisation:1"
HASH_ALG = "sha-256"
MAX_TEXT = 500
_MEMBERS = frozenset({"type", "credential_ids", "transaction_data_hashes_alg", "subject_zh", "subject_en", "reference"})


@dataclass(frozen=True, slots=True)
class TransactionData:
    """One entry. ``encoded`` is the text as it came, which is hashed; ``reference`` is the relying party's own.

    ``names_alg``: it names hash algorithms, so that the answer names the one it used.
    """

    encoded: str
    credential_ids: tuple[str, ...]
    subject_zh: str
    subject_en: str
    reference: str = ""
    names_alg: bool = False


def usable_for(query: Query) -> frozenset[str]:
    """Return the credential queries that can authorise: SD-JWT VCs that a holder proves (B.3.3)."""
    form = CredentialFormat.SD_JWT_VC
    return frozenset(each.id for each in query.credentials if each.format == form and each.holder_binding)


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
    algs = members.get("transaction_data_hashes_alg", [HASH_ALG])
    if not isinstance(algs, list) or HASH_ALG not in algs:
        raise InvalidTransactionData("entry allows no hash algorithm that we have")
    return TransactionData(
        encoded,
        _ids(members.get("credential_ids"), asked),
        _text(members, "subject_zh"),
        _text(members, "subject_en"),
        _text(members, "reference") if "reference" in members else "",
        "transaction_data_hashes_alg" in members,
    )


def hash_of(encoded: str) -> str:
    """Return the hash that stands in ``transaction_data_hashes``: SHA-256 over the text as it was sent (B.3.3.1)."""
    return b64url_text(hashlib.sha256(encoded.encode("ascii", "replace")).digest())


def hash_claims(entries: Sequence[TransactionData]) -> dict[str, Any]:
    """Return what a key binding says that authorises ``entries``; nothing when there are none (B.3.3.1)."""
    if not entries:
        return {}
    made: dict[str, Any] = {"transaction_data_hashes": [hash_of(each.encoded) for each in entries]}
    return made | ({"transaction_data_hashes_alg": HASH_ALG} if any(each.names_alg for each in entries) else {})


Shown = tuple[str, Mapping[str, Any]]
"""One presentation: the credential query that it answers, and the claims of its key binding."""


def check_hashes(shown: Iterable[Shown], entries: Sequence[TransactionData]) -> str | None:
    """Return why presentations do not authorise ``entries``, or None: a code of the results' reasons.

    Each entry by one of the credentials that it names (5.1); no presentation authorises what it was not asked to.
    """
    authorised: set[str] = set()
    for query_id, claims in shown:
        hashes = claims.get("transaction_data_hashes", [])
        alg = claims.get("transaction_data_hashes_alg", HASH_ALG)
        own = [each for each in entries if query_id in each.credential_ids]
        known = {hash_of(each.encoded): each for each in own}
        if not isinstance(hashes, list) or alg != HASH_ALG or not all(each in known for each in map(str, hashes)):
            return "transaction_data_mismatch"
        named = "transaction_data_hashes_alg" in claims
        if any(known[each].names_alg and not named for each in hashes):
            return "transaction_data_mismatch"
        authorised.update(hashes)
    return None if all(hash_of(each.encoded) in authorised for each in entries) else "transaction_data_missing"


def _ids(value: object, asked: frozenset[str]) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(each, str) and each in asked for each in value):
        raise InvalidTransactionData("entry names no credential that is asked for")
    return tuple(value)


def _text(members: Mapping[str, Any], name: str) -> str:
    value = members.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= MAX_TEXT or not value.isprintable():
        raise InvalidTransactionData(f"{name} is no line of 1 to {MAX_TEXT} characters")
    return value
