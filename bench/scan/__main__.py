"""``python -m bench.scan [--json] [--quick]``: the scan rate by version, frame and setting, and what drawing costs.

Seeded: the same pictures in every run. Exit code 1 when the identity purpose code misses its aim, or drawing does.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence

from bench.scan import codes, rates, writers
from bench.scan.camera import FRAMES, SETTINGS
from bench.scan.rates import Rate
from schemas.qr.reading import STEPS

PICTURES, QUICK = 60, 4
_DRAWING_ROUNDS = 9


def main(arguments: Sequence[str]) -> int:
    """Run the bench; 0 when the aims are met, 1 when one is missed."""
    options = _options(arguments)
    drawing = writers.measure(rounds=_DRAWING_ROUNDS)
    found = [] if options.drawing else list(_rates(options))
    share, slowest = rates.identity_share(found), max(drawing[name] for name in drawing if name.startswith("ours"))
    if options.json:
        cells = [cell.as_json() for cell in found]
        document = {"seed": options.seed, "drawing_ms": drawing, "rates": cells, "identity": share, "aim": rates.AIM}
        print(json.dumps(document, indent=2))
    else:
        print("\n".join([*_drawing(drawing), *_tables(found), *_aims(share, slowest)]))
    return int(slowest > writers.AIM_MS or (share is not None and share < rates.AIM))


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.scan", description="Measure the scan rate of our codes.")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} pictures a cell instead of {PICTURES}")
    parser.add_argument("--pictures", type=int, metavar="N", help="pictures a cell")
    parser.add_argument("--setting", choices=[*SETTINGS, "all"], default="moderate", help="how bad the camera is")
    parser.add_argument("--drawing", action="store_true", help="only measure what drawing costs")
    parser.add_argument("--seed", type=int, default=0, help="other pictures")
    return parser.parse_args(arguments)


def _rates(options: argparse.Namespace) -> Iterator[Rate]:
    shown = options.pictures or (QUICK if options.quick else PICTURES)
    settings = SETTINGS.values() if options.setting == "all" else [SETTINGS[options.setting]]
    held = [codes.identity(), *map(codes.of_version, codes.VERSIONS)]
    for setting in settings:
        for code in held:
            for frame in FRAMES:
                yield rates.rate(code, frame, setting, shown=shown, seed=options.seed)


def _drawing(drawing: dict[str, float]) -> list[str]:
    lines = ["Drawing 800 bytes at level L, CPU milliseconds (median)"]
    return lines + [f"{name:28}{spent:8.1f}" for name, spent in drawing.items()]


def _tables(found: list[Rate]) -> list[str]:
    lines = []
    for setting in dict.fromkeys(cell.setting for cell in found):
        cells = [cell for cell in found if cell.setting == setting]
        head = "".join(f"{frame.name:>18}" for frame in FRAMES)
        lines += ["", f"Read in the setting {setting}, percent of {cells[0].shown} pictures (the table of old)"]
        lines += [f"{'code':28}{head}"]
        lines += [_row(cells[start : start + len(FRAMES)]) for start in range(0, len(cells), len(FRAMES))]
        lines += ["found by: " + ", ".join(f"{step} {number}" for step, number in _steps(cells).items())]
    return lines


def _row(cells: list[Rate]) -> str:
    first = cells[0]
    name = first.code if str(first.version) in first.code else f"{first.code} (v{first.version})"
    return f"{name:28}" + "".join(f"{_cell(cell):>18}" for cell in cells)


def _cell(cell: Rate) -> str:
    old = "" if cell.measured is None else f"({cell.measured:.0%})".replace("%", "")
    return f"{cell.share * 100:.0f} {old:>5}"


def _steps(cells: list[Rate]) -> dict[str, int]:
    counted = {step: sum(cell.steps.get(step, 0) for cell in cells) for step in STEPS}
    return counted | {"nothing": sum(cell.shown - cell.read for cell in cells)}


def _aims(share: float | None, slowest: float) -> list[str]:
    lines = ["", f"drawing: {slowest:.1f} ms, aim {writers.AIM_MS:.0f} ms, {_met(slowest <= writers.AIM_MS)}"]
    if share is not None:
        lines.append(f"{codes.IDENTITY}: {share:.1%} read, aim {rates.AIM:.0%}, {_met(share >= rates.AIM)}")
    return lines


def _met(held: bool) -> str:
    return "met" if held else "NOT MET"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
