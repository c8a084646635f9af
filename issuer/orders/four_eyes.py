"""Four eyes: for which types a second officer approves an order before it is offered, and an act before it is done."""

from dataclasses import dataclass

from issuer.orders.errors import SameOfficer
from schemas import types
from schemas.errors import UnknownType


@dataclass(frozen=True, slots=True)
class FourEyes:
    """The switch by type."""

    every: bool = False
    types: frozenset[str] = frozenset()

    @classmethod
    def of(cls, text: str) -> "FourEyes":
        """Return the switch that a setting says: ``none``, ``all``, or type ids with commas between.

        Raises:
            ValueError: it names no type, or an unknown one.
        """
        if text in ("none", "all"):
            return cls(every=text == "all")
        names = frozenset(name.strip() for name in text.split(","))
        try:
            for name in sorted(names):
                types.certificate_type(name)
        except UnknownType:
            raise ValueError("expected none, all, or type ids with commas between") from None
        return cls(types=names)

    def needed(self, type_id: str) -> bool:
        """Tell whether a second officer has to approve for this type."""
        return self.every or type_id in self.types


def must_differ(first: str, second: str) -> None:
    """Return if two officers are not the same one; raises SameOfficer."""
    if first == second:
        raise SameOfficer("the officer who prepared or proposed it cannot decide on it")
