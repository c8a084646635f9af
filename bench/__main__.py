"""``python -m bench``: time every row, print a table (or JSON), say which aims are met. ``… bench load``: a load test.

CPU microseconds for one operation on one core. The machine is described, because only ratios travel.
"""

import argparse
import json
import os
import platform
import sys
from collections.abc import Sequence
from contextlib import ExitStack

import cryptography
from cryptography.hazmat.backends.openssl import backend

from bench import load, table
from bench.groups import GROUPS, PEERS
from bench.setting import Setting
from bench.timing import Result, Row, Unavailable, measure

ROUNDS, QUICK_ROUNDS = 41, 3


def main(arguments: Sequence[str]) -> int:
    """Run the bench; 0 whether or not the aims are met: a shared machine proves nothing either way."""
    if arguments[:1] == ["load"]:
        return load.main(arguments[1:])
    options = _options(arguments)
    rounds = QUICK_ROUNDS if options.quick else ROUNDS
    with ExitStack() as stack:
        lines = _lines(options, Setting(options.quick, stack))
        results = measure([line for line in lines if isinstance(line, Row)], rounds=rounds)
    missing = [line for line in lines if isinstance(line, Unavailable)]
    if options.json:
        print(json.dumps(_document(results, missing, rounds), ensure_ascii=False, indent=2))
    else:
        print("\n".join(table.lines(results, missing, rounds=rounds, machine=_machine())))
    return 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure the hot paths.")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_ROUNDS} rounds instead of {ROUNDS}, smaller")
    parser.add_argument("--peers", action="store_true", help="other implementations, too (extra peers)")
    parser.add_argument("--only", action="append", choices=sorted(GROUPS), help="one group of rows; may be repeated")
    return parser.parse_args(arguments)


def _lines(options: argparse.Namespace, setting: Setting) -> list[Row | Unavailable]:
    lines: list[Row | Unavailable] = []
    for name, group in GROUPS.items():
        if options.only is None or name in options.only:
            lines += group(setting)
            lines += PEERS[name](setting) if options.peers and name in PEERS else []
    return lines


def _document(results: list[Result], missing: list[Unavailable], rounds: int) -> dict[str, object]:
    rows = [result.as_json() for result in results]
    return {"machine": _machine(), "rounds": rounds, "rows": rows, "missing": [line.as_json() for line in missing]}


def _machine() -> dict[str, str]:
    return {
        "python": platform.python_version(),
        "processor": f"{platform.machine()}, {os.cpu_count()} cores",
        "cryptography": cryptography.__version__,
        "openssl": backend.openssl_version_text(),
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
