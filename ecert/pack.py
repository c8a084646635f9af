"""Building the offline pack from what stands now: trust list, newest status and recall lists, kept lists, names of the
types."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Protocol

from ecert.installation import Installation
from ecert.sightings import Sightings
from ecert.trust import Trust
from issuer.ports import Ledger
from issuer.records import PublishedList
from keys.encoding import b64url_text
from keys.kept import KeptList, write_kept_list
from keys.strict_json import dumps
from schemas.formats.pack import PackContent, TypeLabel, write_pack
from schemas.types import all_types

GOOD_FOR = timedelta(hours=24)
_VERSION = ".state/pack-version"
_KEPT = ".state/kept/"


@dataclass(frozen=True, slots=True)
class BuiltPack:
    """A signed pack, and when its oldest status list was signed (None when it has none)."""

    text: str
    version: int
    issued_at: datetime
    oldest_status: datetime | None


class RecallLists(Protocol):
    """Where the lists of recalled delegations come from."""

    def tokens(self) -> Mapping[str, str]:
        """Return the newest token of every list by its URI, each signed by the trust anchor."""


class NoRecallLists:
    """An installation without delegations."""

    def tokens(self) -> Mapping[str, str]:
        """Return no list."""
        return {}


class PackBuilder:
    """Builds packs whose version never falls: seconds since 1970, or one more than the last one's."""

    def __init__(
        self,
        installation: Installation,
        trust: Trust,
        ledger: Ledger,
        *,
        sightings: Sightings | None = None,
        recalls: RecallLists | None = None,
    ) -> None:
        self._home = installation
        self._trust = trust
        self._ledger = ledger
        self._sightings = sightings or Sightings(ledger, installation.clock)
        self._recalls = recalls or NoRecallLists()

    def build(self) -> BuiltPack:
        """Return a pack of what stands now; what its status lists say is seen. Publish the status lists before."""
        now = self._home.clock().replace(microsecond=0)
        lists = self.published()
        content = PackContent(
            version=self._next_version(now),
            issued_at=now,
            next_update=now + GOOD_FOR,
            trust_list=self._trust.text(),
            status_lists={published.uri: published.token for published in lists},
            kept=self.kept(),
            catalogue_digest=catalogue_digest(),
            types=type_labels(),
            recall_lists=self.recall_lists(),
        )
        for published in lists:
            self._sightings.note(published.uri, published.sequence)
        self._sightings.flush()
        oldest = min((published.issued_at for published in lists), default=None)
        return BuiltPack(write_pack(content, self._home.anchor_signer), content.version, now, oldest)

    def published(self) -> list[PublishedList]:
        """Return the newest token of every status list that was published."""
        found = (self._ledger.published(row.uri) for row in self._ledger.status_lists())
        return [published for published in found if published is not None]

    def recall_lists(self) -> Mapping[str, str]:
        """Return the newest token of every recall list by its URI."""
        return self._recalls.tokens()

    def keep(self, kid: str) -> int:
        """Sign the list of what the ledger says that ``kid`` signed, for its withdrawal; return how many they are."""
        digests = self._ledger.issued_digests(kid)
        kept = KeptList.of(kid, issued_at=self._home.clock().replace(microsecond=0), digests=digests)
        self._home.blobs.replace(_KEPT + kid, write_kept_list(kept, self._home.anchor_signer).encode())
        return len(kept)

    def kept(self) -> dict[str, str]:
        """Return the kept lists by ``kid``."""
        blobs = self._home.blobs
        return {name.removeprefix(_KEPT): (blobs.read(name) or b"").decode() for name in blobs.names(_KEPT)}

    def _next_version(self, now: datetime) -> int:
        last = int(self._home.blobs.read(_VERSION) or b"0")
        version = max(last + 1, int(now.timestamp()))
        self._home.blobs.replace(_VERSION, str(version).encode())
        return version


@cache
def type_labels() -> dict[str, TypeLabel]:
    """Return the names of the types by ``vct``, as an offline verifier shows them."""
    return {str(ctype.vct): TypeLabel(ctype.id, ctype.name_zh, ctype.name_en) for ctype in all_types()}


@cache
def catalogue_digest() -> str:
    """Return the digest that names the catalogue which a pack was built from."""
    labels = {vct: [label.type_id, label.zh, label.en] for vct, label in sorted(type_labels().items())}
    return "sha256-" + b64url_text(hashlib.sha256(dumps(labels)).digest())
