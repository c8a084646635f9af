"""What a result rests on: the trust list, the status lists, and salted hashes of what was presented.

Nothing in it is about a person: a hash is the base64url of SHA-256 over a fresh salt and the presentation as text. Who
kept the presentation can show that it is the one; who has the hash alone learns nothing of it.
"""

import contextlib
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from keys import strict_json
from keys.encoding import b64url_decode, b64url_text
from keys.errors import KeysError
from schemas.report import Check, Report
from schemas.report_texts_delegation import CHECK as DELEGATION
from verifier.evidence import Evidence, StatusEvidence, UntrustedStatus

SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Basis:
    """The version of the trust list; the URIs of status lists with the moment at which each was signed; the hashes,
    by the id of the credential query."""

    trust_list_version: int
    status_lists: Mapping[str, str] = field(default_factory=dict)
    salt: str = ""
    presentations: Sequence[tuple[str, str]] = ()

    def document(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "trust_list_version": self.trust_list_version,
            "status_lists": [{"uri": uri, "issued_at": at} for uri, at in sorted(self.status_lists.items())],
            "salt": self.salt,
            "presentations": [{"id": name, "hash": digest} for name, digest in self.presentations],
        }


def basis_of(
    presentations: Iterable[tuple[str, str]], reports: Iterable[Report], *, evidence: Evidence, salt: bytes
) -> Basis:
    """Return what ``reports`` rest on; ``presentations`` are texts by the id of the query that each answers."""
    rows = [row for each in reports for row in each.checks if "list" in row.facts]
    found = {str(row.facts["list"]): _list_of(row, evidence) for row in rows}
    signed = {uri: each.issued_at.isoformat() for uri, each in found.items() if isinstance(each, StatusEvidence)}
    text = b64url_text(salt)
    hashes = tuple((name, presentation_hash(shown, salt=text)) for name, shown in presentations)
    return Basis(evidence.trust.version, signed, text, hashes)


def _list_of(row: Check, evidence: Evidence) -> StatusEvidence | UntrustedStatus | None:
    lists = evidence.recall_lists if row.code == DELEGATION else evidence.status_lists
    return lists.get(str(row.facts["list"]))


def presentation_hash(presentation: str, *, salt: str) -> str:
    """Return the salted hash of a presentation; JSON is hashed as we write it, however it came."""
    text = presentation.strip()
    if text.startswith("{"):
        # What is no JSON never was a presentation; its hash is that of the text.
        with contextlib.suppress(KeysError):
            text = strict_json.dumps(strict_json.loads_object(text.encode())).decode()
    return b64url_text(hashlib.sha256(b64url_decode(salt) + text.encode()).digest())
