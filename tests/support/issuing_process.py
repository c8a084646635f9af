"""Real processes that issue through the real ledger, report what was durable, and can be killed between two steps."""

import os
import secrets
import select
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ecert.storage import Options, Storage, open_storage
from ecert.storage.errors import StorageError
from issuer.records import ActKind, State
from keys import strict_json
from schemas.order import CredentialId
from tests.support.ledger_contract import an_act, an_intent, identifier_of, signed

LIST_SIZE = 16
KEYS = {"data_key": b"d" * 32, "lookup_key": b"l" * 32, "public_url": "https://ecert.example"}
STEPS = (
    *("intents locked", "intents allocated", "intents certificates", "intents credentials", "intents committed"),
    *("issued planned", "issued credentials", "issued certificates", "issued committed"),
    *("refresh inserted", "refresh committed", "act marked", "act asked", "act audited", "act committed"),
)
Report = Callable[..., None]


def opened(url: str, *, fault: Callable[[str], None] | None = None) -> Storage:
    """Return the storage, with status lists so short that many are opened."""
    return open_storage(url, **KEYS, options=Options(status_list_size=LIST_SIZE, fault=fault))


def killing_at(step: str, occurrence: int = 2) -> Callable[[str], None]:
    """Return a fault that ends this process without a word when ``step`` is reached for the n-th time."""
    seen = Counter[str]()

    def fault(name: str) -> None:
        seen[name] += 1
        if name == step and seen[name] == occurrence:
            os.kill(os.getpid(), signal.SIGKILL)

    return fault


@dataclass
class Child:
    """A forked process; ``reports`` are the facts that it had been told were durable before it ended."""

    pid: int
    pipe: int
    reports: list[dict[str, Any]]
    raw: bytes = b""

    @classmethod
    def start(cls, work: Callable[[Report], None]) -> "Child":
        """Fork; the child does ``work`` with a function that reports, and exits 0, or 1 when it raised."""
        reading, writing = os.pipe()
        pid = os.fork()
        if pid:
            os.close(writing)
            return cls(pid, reading, [])
        status = 1
        try:
            os.close(reading)
            work(lambda **fact: os.write(writing, strict_json.dumps(fact) + b"\n"))
            status = 0
        except StorageError as error:
            os.write(writing, strict_json.dumps({"error": error.code}) + b"\n")
        finally:
            os._exit(status)

    def kill_after(self, seconds: float) -> None:
        """Kill the child at a moment of the outside world's choice."""
        end = select.poll()
        end.register(self.pipe, select.POLLHUP)
        end.poll(seconds * 1000)
        os.kill(self.pid, signal.SIGKILL)

    def first_report(self) -> None:
        """Wait until the child has reported something."""
        self.raw += os.read(self.pipe, 65536)

    def ended(self) -> int:
        """Read every report, wait for the end, and return the exit code (negative: the signal)."""
        while part := os.read(self.pipe, 65536):
            self.raw += part
        os.close(self.pipe)
        self.reports = [strict_json.loads_object(line) for line in self.raw.splitlines()]
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def issue_for_ever(storage: Storage, report: Report, *, rounds: int = 1_000_000) -> None:
    """Do everything that a ledger does, round after round: intents, signatures, an act, a refresh, a replacement."""
    ledger = storage.ledger
    for _ in range(rounds):
        serials = [secrets.token_hex(8).upper() for _ in range(3)]
        recorded = ledger.record_intents([an_intent(each, row_key=each, row_digest="d") for each in serials])
        report(statuses=[[status.uri, status.index] for each in recorded for status in each.statuses])
        ledger.record_issued([(each.intent.identifier, signed(each)) for each in recorded])
        report(issued=serials)
        suspend = an_act(ActKind.SUSPEND, identifier_of(serials[0]))
        ledger.apply(suspend, expected=State.ISSUED, new=State.SUSPENDED, value=2)
        report(suspended=serials[0])
        more = replace(recorded[1].intent.credentials[0], credential_id=CredentialId(f"{serials[1]}-more"))
        further = replace(an_intent(serials[1]), credentials=(more,))
        refresh = ledger.add_credentials(identifier_of(serials[1]), further)
        report(statuses=[[status.uri, status.index] for status in refresh.statuses])
        ledger.record_issued([(identifier_of(serials[1]), signed(refresh))])
        old = identifier_of(serials[2])
        newer = an_intent(serials[2], version=2, replaces=old, decision=an_act(ActKind.REPLACE, old))
        (replacing,) = ledger.record_intents([newer])
        report(statuses=[[status.uri, status.index] for status in replacing.statuses])
        ledger.record_issued([(newer.identifier, signed(replacing))])
        report(replaced=serials[2])


def issuing(url: str, *, fault: Callable[[str], None] | None = None, rounds: int = 1_000_000) -> Child:
    """Start a process that issues."""

    def work(report: Report) -> None:
        storage = opened(url, fault=fault)
        issue_for_ever(storage, report, rounds=rounds)
        storage.close()

    return Child.start(work)
