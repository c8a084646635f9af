"""The kept list: what a withdrawn key signed while it was in good hands (invariant 1).

A thief writes ``iat`` as he likes, so a withdrawn key's signature says nothing, and all of its tokens are refused. The
issuer's ledger knows which ones it made; the anchor signs their digests as a JWS (``TYP``):

    {"kid": "…", "iat": 1767225600, "digests": ["base64url of SHA-256 over the token's text", …]}

The digests are sorted and different: the reader refuses any other order, and finds one by bisection.
"""

import hashlib
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from keys import jws, strict_json
from keys.anchor import Anchor
from keys.encoding import b64url_text
from keys.errors import MalformedKeptList
from keys.fields import THUMBPRINT, Fields, seconds
from keys.signer import Signer

TYP = "ecert-kept+jwt"
MAX_DIGESTS = 1_000_000
MAX_KEPT_LIST = 67_108_864  # bytes; a digest takes 46 of JSON, and base64url adds a third


@dataclass(frozen=True, slots=True)
class KeptList:
    """The tokens of the withdrawn key ``kid`` that stay good, as sorted digests (``token_digest``)."""

    kid: str
    issued_at: datetime
    digests: tuple[str, ...]

    @classmethod
    def of(cls, kid: str, *, issued_at: datetime, digests: Iterable[str]) -> "KeptList":
        """Return the list of these digests, in whatever order and however often they are given."""
        return cls(kid, issued_at, tuple(sorted(set(digests))))

    def __len__(self) -> int:
        return len(self.digests)

    def __contains__(self, digest: str) -> bool:
        index = bisect_left(self.digests, digest)
        return index < len(self.digests) and self.digests[index] == digest

    def keeps(self, token: str) -> bool:
        """Tell whether ``token``, the issuer-signed JWS alone, stands on the list."""
        return token_digest(token) in self


def token_digest(token: str) -> str:
    """Return SHA-256 over the issuer-signed JWS (without disclosures and key binding) in base64url, 43 characters."""
    return b64url_text(hashlib.sha256(token.encode("utf-8")).digest())


def write_kept_list(kept: KeptList, signer: Signer) -> str:
    """Return ``kept`` as a document signed by the anchor key; fractions of seconds are cut off.

    Raises:
        MalformedKeptList: the list breaks a rule that a reader would refuse it for.
    """
    document = {"kid": kept.kid, "iat": seconds(kept.issued_at), "digests": list(kept.digests)}
    _read_document(document)
    return jws.sign(strict_json.dumps(document), signer, typ=TYP)


def read_kept_list(text: str, anchor: Anchor) -> KeptList:
    """Return the kept list that ``anchor`` signed.

    Raises:
        InvalidSignature (UnknownAnchor among them): not signed by ``anchor``.
        MalformedKeptList: a member breaks its rule, such as digests that are not sorted.
        MalformedToken (UnexpectedType, TooLarge … among them), AlgorithmNotAllowed: as ``jws.peek``.
    """
    return _read_document(anchor.payload(text, typ=TYP, max_bytes=MAX_KEPT_LIST))


def _read_document(document: dict[str, Any]) -> KeptList:
    fields = Fields(document, "", MalformedKeptList)
    digests = fields.array("digests", limit=MAX_DIGESTS)
    if not all(type(digest) is str and THUMBPRINT.fullmatch(digest) for digest in digests):
        raise fields.fail("digests", "expected SHA-256 digests in base64url")
    if not all(one < next_one for one, next_one in pairwise(digests)):
        raise fields.fail("digests", "expected sorted, different digests")
    kid = fields.matching("kid", THUMBPRINT, "expected a thumbprint of 43 characters")
    return KeptList(kid, fields.time("iat"), tuple(digests))
