"""What a group of rows is told: whether to be quick, and where to leave what must be put away afterwards."""

from contextlib import ExitStack
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Setting:
    """``quick``: fewer and smaller, to see that everything runs. ``stack`` closes servers and folders at the end."""

    quick: bool
    stack: ExitStack

    def sized(self, full: int, quick: int) -> int:
        """Return how many of something this run takes."""
        return quick if self.quick else full
