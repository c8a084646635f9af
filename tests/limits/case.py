"""What a limit's case is: an input of any size, what reads it, and the error that the first size too many gives."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ecert.settings import VARIABLES
from keys.errors import EcertError


@dataclass(frozen=True)
class Case:
    """One limit.

    ``constant`` names it (module and name, or class and attribute). ``make`` returns an input of the size given, which
    ``read`` reads. ``says`` stands in the error's sentence, where its ``code`` is that of other faults too. ``taken``
    is False where an input at the limit is refused still, for something else. ``stand_in`` is what the constant is set
    to where an input of its real size takes seconds to make.
    """

    constant: str
    code: str
    make: Callable[[int], Any]
    read: Callable[[Any], Any]
    says: str = ""
    taken: bool = True
    stand_in: int = 0

    @property
    def limit(self) -> int:
        """The size that an input may have."""
        return self.stand_in or int(value_of(self.constant))

    def refused(self, size: int) -> str:
        """Return the code by which an input of that size is refused for its size; nothing when it is not."""
        given = self.make(size)
        try:
            self.read(given)
        except EcertError as exc:
            if self.says in str(exc) and (exc.code == self.code or self.says):
                return exc.code
            if self.taken:
                raise
        return ""


def value_of(constant: str) -> float:
    """Return the number that ``package.module.NAME``, ``package.module.Class.attribute`` or a setting's default is."""
    for variable in VARIABLES:
        if variable.name == constant:
            return float(variable.default)
    parts = constant.split(".")
    for end in range(len(parts) - 1, 0, -1):
        try:
            value: Any = importlib.import_module(".".join(parts[:end]))
        except ModuleNotFoundError:
            continue
        for name in parts[end:-1]:
            value = getattr(value, name)
        # A field of a dataclass with slots has its default in the signature alone.
        found = getattr(value, "__dataclass_fields__", {}).get(parts[-1])
        return float(found.default if found else getattr(value, parts[-1]))
    raise LookupError(constant)
