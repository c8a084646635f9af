"""Publishing status lists: editions built from the ledger, signed by the department's key in every form.

Between a decision and the published list a certificate is "revocation pending". ``publish`` ends that for one list:
it takes a snapshot of the ledger, signs every form of it (``issuer.status_forms``), and shows them together.
``publish_due`` is the watchman: it publishes every list whose newest token grows old or does not say what the ledger
says, so that a crash between decision and publication is mended at its next round.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from issuer.errors import ProfileRefused, PublicationConflict, RoundIncomplete, UnknownStatusList
from issuer.outbox import Snapshot
from issuer.ports import SigningKeys, StatusStore
from issuer.records import PublishedList, StatusListRow
from issuer.status_forms import BITS, JWT, Edition, signed_forms
from keys.errors import EcertError
from schemas.formats import status_token
from schemas.formats.status_list import StatusList

__all__ = ["BITS", "PublicationPolicy", "StatusPublisher"]
_ATTEMPTS = 10
# Less than what verifiers allow (10 s here): many acts in one second share the last one.
_AHEAD = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class PublicationPolicy:
    """How long a token holds (``lifetime``, its ``exp``) and how long a copy may be kept (``ttl``).

    ``history`` is how long earlier editions are kept, for those who ask what was valid then. Verifiers refuse to call a
    certificate valid by a token older than 24 h (ADR 10), so no token lives longer.
    """

    ttl: timedelta = timedelta(hours=1)
    lifetime: timedelta = timedelta(hours=24)
    history: timedelta = timedelta(days=30)

    def __post_init__(self) -> None:
        """Refuse times that contradict each other; raises ProfileRefused."""
        if not timedelta(seconds=2) <= self.ttl <= self.lifetime <= timedelta(hours=24):
            raise ProfileRefused(
                f"status tokens: ttl {self.ttl} and lifetime {self.lifetime} must rise to 24 h at most"
            )
        if self.history < self.lifetime:
            raise ProfileRefused(f"status tokens: history {self.history} is shorter than lifetime {self.lifetime}")

    @property
    def interval(self) -> timedelta:
        """How old the newest token may grow before it is published anew: half of ``ttl``."""
        return self.ttl / 2


class StatusPublisher:
    """Publishes the status lists of a ledger."""

    def __init__(self, ledger: StatusStore, keys: SigningKeys, *, policy: PublicationPolicy | None = None) -> None:
        self._ledger = ledger
        self._keys = keys
        self.policy = policy or PublicationPolicy()

    def publish(self, uri: str, now: datetime) -> PublishedList:
        """Sign what the ledger says now, in every form, and publish it as the newest edition.

        Raises:
            UnknownStatusList: no list has this URI.
            PublicationConflict: others published each time in between.
        """
        row = self._row(uri)
        for _ in range(_ATTEMPTS):
            # A snapshot is of one moment: who read older values has the same sequence or an older one, and of two
            # editions with the same sequence the ledger keeps the first. The other tries again with the values of now.
            made = self._signed(row, self._ledger.snapshot(uri), now)
            if not self._ledger.record_signed(made):
                continue
            self._ledger.record_published(made, at=now)
            shown = self._ledger.published(uri)
            if shown == made or (shown is not None and shown.sequence > made.sequence):
                return shown  # a later edition was signed from a later snapshot: it says what this one says
        raise PublicationConflict(f"list was published by others {_ATTEMPTS} times in between")

    def publish_due(self, now: datetime) -> list[PublishedList]:
        """Publish every list that is due: never published, older than half its ``ttl``, or behind the ledger.

        Raises:
            RoundIncomplete: some lists could not be published; every other one that was due is.
        """
        return self._round(self._due, now)

    def publish_all(self, now: datetime) -> list[PublishedList]:
        """Publish every list (after a key was changed, for example); raises as ``publish_due``."""
        return self._round(lambda _row, _now: True, now)

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

    def forget(self, now: datetime) -> int:
        """Delete the editions that the policy's history does not need; return how many they were."""
        return self._ledger.forget_editions(before=now - self.policy.history)

    def lag(self, now: datetime) -> timedelta:
        """How long the oldest decision has been waiting to be published; zero when none waits."""
        return self._ledger.waiting().lag(now)

    def late(self, now: datetime) -> bool:
        """Tell whether a decision has been waiting for longer than ``ttl``: the alarm."""
        return self.lag(now) > self.policy.ttl

    def _round(self, wanted: Callable[[StatusListRow, datetime], bool], now: datetime) -> list[PublishedList]:
        published: list[PublishedList] = []
        failures: list[EcertError] = []
        for row in self._ledger.status_lists():
            try:
                if wanted(row, now):
                    published.append(self.publish(row.uri, now))
            except EcertError as failure:
                failures.append(failure)  # one department's key or list is in no other's way
        if failures:
            raise RoundIncomplete(failures) from failures[0]
        return published

    def _due(self, row: StatusListRow, now: datetime) -> bool:
        newest = self._ledger.published(row.uri)
        return newest is None or now - newest.issued_at >= self.policy.interval or self._behind(row, newest)

    def _behind(self, row: StatusListRow, newest: PublishedList | None) -> bool:
        if newest is None:
            return True
        # Our own ledger's token: what it says is compared, nothing is believed for it.
        said = status_token.parse(newest.token).issuer_jws.peek_claims()
        statuses = StatusList.from_statuses(self._ledger.status_values(row.uri), bits=BITS, size=row.size)
        return status_token.read_status_list(said["status_list"]) != statuses

    def _signed(self, row: StatusListRow, snapshot: Snapshot, now: datetime) -> PublishedList:
        issued_at = _issued_at(now, self._ledger.published(row.uri))
        edition = Edition(
            uri=row.uri,
            issuer=self._keys.issuer_uri(row.department),
            size=row.size,
            issued_at=issued_at,
            expires_at=issued_at + self.policy.lifetime,
            ttl=self.policy.ttl,
            values=snapshot.values,
        )
        forms = signed_forms(edition, self._keys.signer(row.department))
        token = forms.pop(JWT).decode("ascii")
        sequence = snapshot.sequence + 1
        return PublishedList(
            uri=row.uri,
            token=token,
            issued_at=issued_at,
            expires_at=edition.expires_at,
            sequence=sequence,
            documents=forms,
            covers=snapshot.waiting,
            content=edition.content,
        )

    def _row(self, uri: str) -> StatusListRow:
        for row in self._ledger.status_lists():
            if row.uri == uri:
                return row
        raise UnknownStatusList("no status list has this uri")


def _issued_at(now: datetime, newest: PublishedList | None) -> datetime:
    """Return the whole second of an edition: a later one than the newest has, up to ``_AHEAD`` of ``now``.

    Whoever looks at each edition once knows them by ``iat``; two acts in one second make two editions.
    """
    second = now.astimezone(UTC).replace(microsecond=0)
    last = second + _AHEAD
    if newest is None or not second <= newest.issued_at <= last:
        return second  # as it should be, or the clock was set back by more: it is believed again
    return min(newest.issued_at + timedelta(seconds=1), last)
