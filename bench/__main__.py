"""``python -m bench [--json] [--quick]``: time every row, print a table (or JSON), say which aims are met.

CPU microseconds of this process for one operation on one core. The machine is named, because only ratios travel.
"""

import argparse
import json
import platform
import sys
from collections.abc import Sequence

import cryptography
from cryptography.hazmat.backends.openssl import backend

from bench.rows import all_rows
from bench.timing import Result, measure

ROUNDS, QUICK_ROUNDS = 41, 3


def main(arguments: Sequence[str]) -> int:
    """Run the bench; 0 whether or not the aims are met: a shared machine proves nothing either way."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure the hot paths.")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_ROUNDS} rounds instead of {ROUNDS}")
    options = parser.parse_args(arguments)
    rounds = QUICK_ROUNDS if options.quick else ROUNDS
    results = measure(all_rows(), rounds=rounds)
    if options.json:
        document = {"machine": _machine(), "rounds": rounds, "rows": [result.as_json() for result in results]}
        print(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        print("\n".join(_table(results, rounds)))
    return 0


def _machine() -> dict[str, str]:
    return {
        "python": platform.python_version(),
        "processor": platform.machine(),
        "cryptography": cryptography.__version__,
        "openssl": backend.openssl_version_text(),
    }


def _table(results: list[Result], rounds: int) -> list[str]:
    lines = [f"CPU microseconds for one operation, medians of {rounds} interleaved rounds"]
    lines += [f"{name}: {value}" for name, value in _machine().items()]
    lines += ["", f"{'operation':42}{'limit or prototype':>20}{'ours':>10}{'ratio':>8}{'aim':>7}  met"]
    for result in results:
        base = f"{result.base_us:.1f}" + (" p" if result.against == "prototype" else " l")
        aim = "-" if result.aim is None else f"{result.aim:.2f}"
        met = {True: "yes", False: "NO", None: "-"}[result.met]
        lines.append(f"{result.name:42}{base:>20}{result.ours_us:>10.1f}{result.ratio:>8.2f}{aim:>7}  {met}")
    reached = sum(result.met is True for result in results)
    return [*lines, "", f"{reached} of {sum(result.aim is not None for result in results)} aims met"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
