"""The offline pack, opened: its trust list, status, recall and kept lists, each checked by its own signature."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from keys.anchor import Anchor
from keys.kept import KeptList, read_kept_list
from keys.trust import TrustList, read_trust_list
from schemas.formats.pack import PackContent, TypeLabel, read_pack
from verifier.errors import PackInconsistent, PackNotYetValid, PackVersionFell
from verifier.evidence import Evidence, StatusEvidence, UntrustedStatus
from verifier.status_lists import accept_recall_list, accept_status_list

_CLOCK_SKEW = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Pack:
    """What an offline verifier knows. A status list that is not believed stays here with the reason, for the report."""

    version: int
    issued_at: datetime
    next_update: datetime
    trust: TrustList = field(repr=False)
    status_lists: Mapping[str, StatusEvidence | UntrustedStatus] = field(repr=False)
    kept: Mapping[str, KeptList] = field(repr=False)
    catalogue_digest: str
    types: Mapping[str, TypeLabel] = field(repr=False)
    recall_lists: Mapping[str, StatusEvidence | UntrustedStatus] = field(default_factory=dict, repr=False)
    anchor: Anchor | None = None

    def evidence(self, *, seen: Set[str] = frozenset()) -> Evidence:
        """Return the evidence for ``verify``; ``seen`` are the digests of the last 70 s (``presentation_digest``)."""
        return Evidence(
            trust=self.trust,
            types=self.types,
            status_lists=self.status_lists,
            kept=self.kept,
            seen=seen,
            next_update=self.next_update,
            recall_lists=self.recall_lists,
            anchor=self.anchor,
        )


def open_pack(text: str, *, anchor: Anchor, now: datetime, floor_version: int = 0) -> Pack:
    """Return the pack that ``anchor`` signed. ``floor_version`` is the highest version seen so far.

    A pack past its ``next_update`` opens: what is judged by it is indeterminate (``pack_stale``).

    Raises:
        InvalidSignature, UnexpectedType, MalformedToken: pack, trust list or a kept list is not the anchor's.
        PackVersionFell: an older version than ``floor_version``.
        PackNotYetValid: dated later than ``now``, so that the ages of its lists could not be told.
        PackInconsistent: a kept list stands under another key's name.
    """
    content = read_pack(text, anchor)
    if content.version < floor_version:
        raise PackVersionFell(f"pack has version {content.version}, version {floor_version} was seen before")
    if content.issued_at > now + _CLOCK_SKEW:
        raise PackNotYetValid(f"pack is dated {content.issued_at.isoformat()}, which is later than now")
    trust = read_trust_list(content.trust_list, anchor)
    return Pack(
        version=content.version,
        issued_at=content.issued_at,
        next_update=content.next_update,
        trust=trust,
        status_lists={
            uri: accept_status_list(token, uri=uri, trust=trust) for uri, token in content.status_lists.items()
        },
        kept=_kept(content, anchor),
        catalogue_digest=content.catalogue_digest,
        types=content.types,
        recall_lists={
            uri: accept_recall_list(token, uri=uri, anchor=anchor) for uri, token in content.recall_lists.items()
        },
        anchor=anchor,
    )


def _kept(content: PackContent, anchor: Anchor) -> dict[str, KeptList]:
    kept = {kid: read_kept_list(text, anchor) for kid, text in content.kept.items()}
    if any(read.kid != kid for kid, read in kept.items()):
        raise PackInconsistent("a kept list stands under another key's name")
    return kept
