"""Publishing status lists: tokens built from the ledger, signed by the department's key (Token Status List, 5.1).

Between a decision and the published list a certificate is "revocation pending". ``publish`` ends that for one list;
``publish_due`` is the watchman: it publishes every list whose newest token grows old or does not say what the ledger
says, so that a crash between decision and publication is mended at its next round.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from issuer.errors import ProfileRefused, PublicationConflict, UnknownStatusList
from issuer.ports import Ledger, SigningKeys
from issuer.records import PublishedList, StatusListRow
from schemas.formats import status_token
from schemas.formats.status_list import StatusList
from schemas.formats.status_token import Times

BITS = 2  # valid, invalid, suspended, replaced (issuer/records.py)
_ATTEMPTS = 10


@dataclass(frozen=True, slots=True)
class PublicationPolicy:
    """How long a token holds (``lifetime``, its ``exp``) and how long a copy may be kept (``ttl``).

    Verifiers refuse to call a certificate valid by a token older than 24 h (DESIGN.md 6), so no token lives longer.
    """

    ttl: timedelta = timedelta(hours=1)
    lifetime: timedelta = timedelta(hours=24)

    def __post_init__(self) -> None:
        """Refuse times that contradict each other; raises ProfileRefused."""
        if not timedelta(seconds=2) <= self.ttl <= self.lifetime <= timedelta(hours=24):
            raise ProfileRefused(
                f"status tokens: ttl {self.ttl} and lifetime {self.lifetime} must rise to 24 h at most"
            )

    @property
    def interval(self) -> timedelta:
        """How old the newest token may grow before it is published anew: half of ``ttl``."""
        return self.ttl / 2


class StatusPublisher:
    """Publishes the status lists of a ledger."""

    def __init__(self, ledger: Ledger, keys: SigningKeys, *, policy: PublicationPolicy | None = None) -> None:
        self._ledger = ledger
        self._keys = keys
        self._policy = policy or PublicationPolicy()

    def publish(self, uri: str, now: datetime) -> PublishedList:
        """Sign what the ledger says now and record it as the newest token.

        Raises:
            UnknownStatusList: no list has this URI.
            PublicationConflict: others published each time in between.
        """
        row = self._row(uri)
        for _ in range(_ATTEMPTS):
            # The sequence is read before the values: a publisher that read older values has an older sequence or
            # the same one, and of two tokens with the same sequence the ledger keeps the first; the other one tries
            # again with the values of now.
            newest = self._ledger.published(uri)
            sequence = newest.sequence + 1 if newest else 1
            made = self._signed(row, sequence, now)
            self._ledger.record_published(made)
            recorded = self._ledger.published(uri)
            if recorded == made:
                return made
        raise PublicationConflict(f"list was published by others {_ATTEMPTS} times in between")

    def publish_due(self, now: datetime) -> list[PublishedList]:
        """Publish every list that is due: never published, older than half its ``ttl``, or behind the ledger."""
        return [self.publish(row.uri, now) for row in self._ledger.status_lists() if self._due(row, now)]

    def publish_all(self, now: datetime) -> list[PublishedList]:
        """Publish every list (after a key was changed, for example)."""
        return [self.publish(row.uri, now) for row in self._ledger.status_lists()]

    def pending(self, uri: str) -> bool:
        """Tell whether the newest token of a list does not say what the ledger says; raises UnknownStatusList."""
        return self._behind(self._row(uri), self._ledger.published(uri))

    def age(self, now: datetime) -> timedelta | None:
        """Return how old the newest token of the list published longest ago is; None when nothing was published.

        A list that was never published counts as older than any: ``timedelta.max``.
        """
        newest = [self._ledger.published(row.uri) for row in self._ledger.status_lists()]
        if not newest:
            return None
        return max(timedelta.max if token is None else now - token.issued_at for token in newest)

    def _due(self, row: StatusListRow, now: datetime) -> bool:
        newest = self._ledger.published(row.uri)
        return newest is None or now - newest.issued_at >= self._policy.interval or self._behind(row, newest)

    def _behind(self, row: StatusListRow, newest: PublishedList | None) -> bool:
        if newest is None:
            return True
        # Our own ledger's token: what it says is compared, nothing is believed for it.
        said = status_token.parse(newest.token).issuer_jws.peek_claims()
        return status_token.read_status_list(said["status_list"]) != self._statuses(row)

    def _statuses(self, row: StatusListRow) -> StatusList:
        return StatusList.from_statuses(self._ledger.status_values(row.uri), bits=BITS, size=row.size)

    def _signed(self, row: StatusListRow, sequence: int, now: datetime) -> PublishedList:
        issued_at = now.astimezone(UTC).replace(microsecond=0)
        expires_at = issued_at + self._policy.lifetime
        times = Times(
            iat=int(issued_at.timestamp()),
            exp=int(expires_at.timestamp()),
            ttl=int(self._policy.ttl.total_seconds()),
        )
        token = status_token.issue(self._statuses(row), self._keys.signer(row.department), uri=row.uri, times=times)
        return PublishedList(row.uri, token, issued_at, expires_at, sequence)

    def _row(self, uri: str) -> StatusListRow:
        for row in self._ledger.status_lists():
            if row.uri == uri:
                return row
        raise UnknownStatusList("no status list has this uri")
