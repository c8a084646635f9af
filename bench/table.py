"""The bench's results as lines of text."""

from collections.abc import Mapping, Sequence

from bench.timing import OURS, Result, Unavailable

_MARKS = {True: "yes", False: "NO", None: "-"}
_SHORT = {"limit": "l", "prototype": "p"}


def lines(
    results: Sequence[Result], missing: Sequence[Unavailable], *, rounds: int, machine: Mapping[str, str]
) -> list[str]:
    """Return the table: what was measured how, our rows, the others', and what could not be measured."""
    ours = [result for result in results if result.by == OURS]
    others = [result for result in results if result.by != OURS]
    reached = sum(result.met is True for result in ours)
    return [
        f"CPU microseconds for one operation, medians of {rounds} interleaved rounds; a ratio is the median of ratios",
        *(f"{name}: {value}" for name, value in machine.items()),
        "",
        f"{'operation':46}{'against (l limit, p prototype)':>32}{'ours':>10}{'ratio':>8}{'aim':>7}  met",
        *(_row(result) for result in ours),
        "",
        f"{reached} of {sum(result.aim is not None for result in ours)} aims met",
        *(_others(others, ours) if others else []),
        *(["", "not measured:"] if missing else []),
        *(f"  {line.name}{'' if line.by == OURS else f', {line.by}'}: {line.why}" for line in missing),
    ]


def _row(result: Result) -> str:
    base = f"{result.base_us:.1f} {_SHORT.get(result.against, result.against)}"
    aim = "-" if result.aim is None else f"{result.aim:.2f}"
    return f"{result.name:46}{base:>32}{result.ours_us:>10.1f}{result.ratio:>8.2f}{aim:>7}  {_MARKS[result.met]}"


def _others(others: Sequence[Result], ours: Sequence[Result]) -> list[str]:
    own = {result.name: result for result in ours}
    heads = f"{'operation':46}{'by':>18}{'theirs':>12}{'ratio':>8}{'ours':>8}  theirs / ours"
    return ["", heads, *(_other(result, own[result.name]) for result in others)]


def _other(result: Result, own: Result) -> str:
    times = result.ratio / own.ratio
    return f"{result.name:46}{result.by:>18}{result.ours_us:>12.1f}{result.ratio:>8.2f}{own.ratio:>8.2f}{times:>15.1f}"
