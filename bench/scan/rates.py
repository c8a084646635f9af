"""How many of a code's pictures are read, and by which step of the chain; the rates that were measured before."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from bench.scan.camera import FRAMES, Frame, Setting, photograph
from bench.scan.codes import IDENTITY, Code
from schemas.qr import reading

AIM = 0.98
"""The share of an identity purpose code's pictures, over all frames, that is to be read in the setting ``moderate``."""

_NAMES = tuple(frame.name for frame in FRAMES)
MEASURED: Mapping[str, Mapping[str, float]] = {
    f"version {version}": dict(zip(_NAMES, rates, strict=True))
    for version, rates in {
        12: (1.0, 1.0, 1.0, 1.0),
        14: (1.0, 1.0, 1.0, 1.0),
        18: (0.95, 1.0, 1.0, 1.0),
        22: (0.43, 0.98, 1.0, 1.0),
        26: (0.12, 0.80, 1.0, 1.0),
    }.items()
}
"""Read by zxing-cpp under moderate conditions by a camera model of its own: near, not equal."""


@dataclass(frozen=True, slots=True)
class Rate:
    """One cell: ``read`` of ``shown`` pictures; ``steps`` counts by the chain's step that found them."""

    code: str
    version: int
    setting: str
    frame: str
    shown: int
    steps: Mapping[str, int] = field(default_factory=dict)

    @property
    def read(self) -> int:
        """Pictures that gave exactly the code's text."""
        return sum(self.steps.values())

    @property
    def share(self) -> float:
        """What was read of what was shown."""
        return self.read / self.shown

    @property
    def measured(self) -> float | None:
        """The rate of the table of old; None where it has no cell."""
        return MEASURED.get(self.code, {}).get(self.frame) if self.setting == "moderate" else None

    def as_json(self) -> dict[str, Any]:
        """Return the cell as a JSON object."""
        own = {name: getattr(self, name) for name in ("code", "version", "setting", "frame", "shown", "read")}
        return own | {"rate": round(self.share, 4), "measured": self.measured, "steps": dict(self.steps)}


def rate(code: Code, frame: Frame, setting: Setting, *, shown: int, seed: int = 0) -> Rate:
    """Return the rate of ``shown`` pictures of a code; the same ``seed`` takes the same pictures."""
    steps: Counter[str] = Counter()
    for number in range(shown):
        chance = Random(f"{seed} {code.name} {frame.name} {setting.name} {number}")  # noqa: S311  (to be made again)
        found = reading.read(photograph(code.drawn, frame, setting, chance))
        if found.texts == (code.text,) and found.step:
            steps[found.step] += 1
    return Rate(code.name, code.drawn.version, setting.name, frame.name, shown, steps)


def identity_share(rates: Iterable[Rate]) -> float | None:
    """Return the share that ``AIM`` is about; None when it was not measured."""
    cells = [cell for cell in rates if cell.code == IDENTITY and cell.setting == "moderate"]
    return sum(cell.read for cell in cells) / sum(cell.shown for cell in cells) if cells else None
