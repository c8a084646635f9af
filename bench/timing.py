"""Timing: CPU seconds, interleaved rounds, medians.

All of a row's operations are timed in every round, one after the other, so that a slow moment of the machine touches
all alike; a ratio is the median of the rounds' ratios.
"""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

OURS = "ecert"
Clock = Callable[[], float]
"""CPU seconds spent so far, by this process or by those that work for it."""


@dataclass(frozen=True, slots=True)
class Operation:
    """Something to time: ``run`` does it ``times`` times; ``prepare`` comes before each run and is not timed."""

    run: Callable[[], object]
    times: int
    prepare: Callable[[], object] = lambda: None
    clock: Clock = time.process_time


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the bench: two operations, and the most that the second may cost as a multiple of the first.

    ``aim`` None: the row has no aim of its own. ``against`` says what the first is: the limit, or the prototype. ``by``
    is whose the second is: ours, or a peer's. ``rounds`` caps the rounds of what takes long.
    """

    name: str
    against: str
    base: Operation
    ours: Operation
    aim: float | None
    by: str = OURS
    rounds: int | None = None


@dataclass(frozen=True, slots=True)
class Unavailable:
    """A line that cannot be measured here, and why."""

    name: str
    why: str
    by: str = OURS

    def as_json(self) -> Mapping[str, str]:
        """Return what is missing as a JSON object."""
        return {"operation": self.name, "by": self.by, "unavailable": self.why}


@dataclass(frozen=True, slots=True)
class Result:
    """A row timed: microseconds of CPU for one operation, and the ratio."""

    name: str
    against: str
    base_us: float
    ours_us: float
    ratio: float
    aim: float | None
    by: str = OURS

    @property
    def met(self) -> bool | None:
        """Whether the aim is met; None without an aim."""
        return None if self.aim is None else self.ratio <= self.aim

    def as_json(self) -> Mapping[str, str | float | bool | None]:
        """Return the result as a JSON object."""
        return {
            "operation": self.name,
            "by": self.by,
            "against": self.against,
            f"{self.against}_us": round(self.base_us, 1),
            "ours_us": round(self.ours_us, 1),
            "ratio": round(self.ratio, 2),
            "aim": self.aim,
            "met": self.met,
        }


def repeated(work: Callable[[], object], times: int) -> Operation:
    """Return the operation of doing ``work`` so many times."""

    def run() -> None:
        for _ in range(times):
            work()

    return Operation(run, times)


def process_clock(pid: int) -> Clock:
    """Return the CPU clock of another process of this machine.

    Raises:
        OSError: there is no such process, or the system has no such clocks (Linux has).
    """
    number = (~pid << 3) | 2  # clock_getcpuclockid(3) in Linux: the process, all its threads, user and system time

    def clock() -> float:
        return time.clock_gettime(number)

    clock()
    return clock


def measure(rows: Sequence[Row], *, rounds: int) -> list[Result]:
    """Time every row in every round, and return a result for each; one more round, the first, warms up."""
    times: list[list[tuple[float, float]]] = [[] for _ in rows]
    for number in range(rounds + 1):
        for row, seen in zip(rows, times, strict=True):
            if row.rounds is not None and number > row.rounds:
                continue
            pair = (_once(row.base), _once(row.ours))
            if number:
                seen.append(pair)
    return [_result(row, seen) for row, seen in zip(rows, times, strict=True)]


def _once(operation: Operation) -> float:
    operation.prepare()
    start = operation.clock()
    operation.run()
    return (operation.clock() - start) / operation.times * 1e6


def _result(row: Row, seen: list[tuple[float, float]]) -> Result:
    return Result(
        row.name,
        row.against,
        statistics.median(base for base, _ in seen),
        statistics.median(ours for _, ours in seen),
        statistics.median(ours / base for base, ours in seen),
        row.aim,
        row.by,
    )
