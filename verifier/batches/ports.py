"""What batches need from outside."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from verifier.api.model import Owner, Verification
from verifier.batches.model import Batch, Item, Outcome
from verifier.evidence import Evidence
from verifier.parties.model import Access, Environment
from verifier.purposes.model import Purpose


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of background work that was claimed; ``tries`` counts this one."""

    kind: str
    key: str
    tries: int


class Jobs(Protocol):
    """A queue of background work that every worker shares: at least once, one worker at a time (docs/adr/0027)."""

    def add(self, kind: str, keys: Sequence[str], *, due_at: datetime) -> None:
        """Add work; what is there already stays as it is."""

    def claim(self, *, now: datetime, until: datetime, limit: int) -> Sequence[Job]:
        """Return work that is due, the longest due first, and make it due again at ``until``."""

    def done(self, job: Job) -> None:
        """Forget a piece of work."""

    def again(self, job: Job, *, due_at: datetime) -> None:
        """Let a piece of work be claimed at ``due_at``."""


class Work(Protocol):
    """What the jobs of one kind do (``Batches``). Each may be called again after it was done."""

    def run(self, key: str) -> None:
        """Do the whole piece."""

    def parts(self, key: str) -> Sequence[Callable[[], None]]:
        """Return what is left of a piece in parts that do not hinder each other."""

    def give_up(self, key: str) -> None:
        """End what is left of a piece that cannot be done, and say so where its outcome would be."""


class BatchRecords(Protocol):
    """Where batches are kept; every method is one transaction."""

    def add(self, batch: Batch, items: Sequence[Item], *, close: bool) -> Batch:
        """Keep a new batch, its jobs with it when it is closed; raises BatchTooLarge when too many have not ended."""

    def append(self, owner: Owner, batch_id: str, items: Sequence[Item], *, offset: int, close: bool) -> Batch:
        """Add items to an open batch; the same items at the same offset again change nothing.

        Raises:
            UnknownBatch, BatchNotOpen, BatchTooLarge, BatchItemsOutOfOrder.
        """

    def find(self, owner: Owner, batch_id: str) -> Batch | None:
        """Return one of ``owner``'s, None when there is none."""

    def list(self, owner: Owner, *, after: int | None, limit: int) -> tuple[Sequence[Batch], int | None]:
        """Return some of ``owner``'s, the newest first, and where to go on."""

    def cancel(self, owner: Owner, batch_id: str, *, now: datetime) -> Batch:
        """End a batch that has not ended; what waits is forgotten. Raises UnknownBatch."""

    def outcomes(self, batch_id: str, *, after: int, limit: int) -> tuple[Sequence[Outcome], int | None]:
        """Return outcomes by the items' order, from the number after ``after`` on, and where to go on."""

    def waiting(self, batch_id: str, numbers: range) -> tuple[Batch, Sequence[tuple[int, Item]]] | None:
        """Return a running batch with those items that have no outcome, None when it does not run."""

    def left(self, batch_id: str, numbers: range) -> Sequence[tuple[int, str]]:
        """Return the numbers and ids of items that have no outcome; nothing is opened."""

    def record(self, batch_id: str, outcomes: Sequence[tuple[int, Outcome]], *, now: datetime) -> None:
        """Keep outcomes; with the last one the batch is done, and its webhooks are on their way."""


class Found(Protocol):
    """Where verifications are found (``verifier.api.ports.Records``)."""

    def find(self, owner: Owner, verification_id: str) -> Verification | None:
        """Return one of ``owner``'s, None when there is none."""


class PurposesOf(Protocol):
    """What relying parties may ask for."""

    def purpose(self, access: Access, purpose_id: str) -> Purpose:
        """Return a purpose that ``access`` reaches; raises PurposeNotAllowed, PartySuspended, UnknownParty."""


class EvidenceIn(Protocol):
    """What is known in an environment."""

    def __call__(self, environment: Environment, wanted: Sequence[str] = ()) -> Evidence:
        """Return it, ``wanted`` lists fetched first; as ``verifier.openid4vp.ports.EvidenceNow``."""
