"""``python -m tests.fuzz``: fuzz one target or every one for a while, guided by coverage where atheris is installed.

    python -m tests.fuzz --list
    python -m tests.fuzz --target sd_jwt --seconds 60
    python -m tests.fuzz --seconds 20                    # every target, one after the other
    python -m tests.fuzz --target sd_jwt --file input    # one input again, with its traceback

It ends with 1 when something was found; the inputs lie in the folder ``--out``, and become vectors (tests/vectors).
"""

import argparse
import subprocess
import sys
from pathlib import Path

_ALONE = (sys.executable, "-m", "tests.fuzz.campaign")


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Fuzz the decoders.")
    parser.add_argument("--list", action="store_true", help="print the targets")
    parser.add_argument("--target", action="append", default=[], help="a target; several may be named; none is all")
    parser.add_argument("--seconds", type=int, default=10, help="how long each target runs")
    parser.add_argument("--out", type=Path, default=Path("var/fuzz"), help="where corpora and findings are kept")
    parser.add_argument("--file", type=Path, help="run one input through the one target")
    options = parser.parse_args()
    from tests.fuzz.registry import TARGETS

    unknown = sorted(set(options.target) - TARGETS.keys())
    if unknown:
        parser.error(f"no such target: {', '.join(unknown)}")
    if options.list:
        sys.stdout.writelines(f"{name:24}{target.decoder}\n" for name, target in TARGETS.items())
        return 0
    if options.file:
        taken = TARGETS[options.target[0]].run(options.file.read_bytes())
        sys.stdout.write("taken\n" if taken else "refused\n")
        return 0
    # In a process of its own: there the packages are loaded anew, so that atheris can see which lines an input reaches.
    command = [*_ALONE, str(options.seconds), str(options.out), *options.target]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
