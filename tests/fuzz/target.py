"""What a fuzz target is: one decoder, seeds that our own writers made, and what may come out of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from keys.errors import EcertError


class Form(StrEnum):
    """What the mutator may know of a seed: it changes the parts of it, not only its bytes."""

    BYTES = "bytes"
    TEXT = "text"
    JSON = "json"
    JWT = "jwt"  # compact, with or without ~ and disclosures
    CBOR = "cbor"


class Unsound(AssertionError):
    """A decoder took an input and gave what nobody signed or wrote."""


def whatever(_: bytes, __: Any) -> bool:
    """Every result will do: only the errors are judged."""
    return True


@dataclass(frozen=True)
class Target:
    """A decoder under fuzzing.

    ``decode`` takes bytes and raises nothing but subclasses of EcertError. ``sound`` tells, of an input that was taken
    and of its result, whether that may be: that it is what a seed's signer signed, or that it can be written back.
    """

    name: str
    decoder: str
    decode: Callable[[bytes], Any]
    make_seeds: Callable[[], Sequence[bytes]]
    form: Form = Form.BYTES
    sound: Callable[[bytes, Any], bool] = whatever
    slow: bool = False

    @cached_property
    def seeds(self) -> tuple[bytes, ...]:
        """The seeds, made once."""
        return tuple(self.make_seeds())

    def run(self, data: bytes) -> bool:
        """Return whether ``data`` was taken; anything but an EcertError escapes.

        Raises:
            Unsound: it was taken, and must not have been.
        """
        try:
            result = self.decode(data)
        except EcertError:
            return False
        if not self.sound(data, result):
            raise Unsound(f"{self.name} took an input that nobody made")
        return True


def as_text(data: bytes) -> str:
    """Any bytes as a text, as a command line would give it: what is no UTF-8 becomes halves of surrogate pairs."""
    return data.decode("utf-8", "surrogateescape")


def only(*parts: Callable[[], Any]) -> Callable[[bytes, Any], bool]:
    """Return a ``sound`` that takes the results given, and no other; they are made at the first look."""
    known: list[Any] = []

    def sound(_: bytes, result: Any) -> bool:
        if not known:
            known.extend(part() for part in parts)
        return result in known

    return sound


def part_of(whole: Callable[[], Any]) -> Callable[[bytes, Any], bool]:
    """Return a ``sound`` that takes what is ``whole`` with members left out at any depth, and nothing else."""
    known: list[Any] = []

    def sound(_: bytes, result: Any) -> bool:
        if not known:
            known.append(whole())
        return is_part(result, known[0])

    return sound


def is_part(value: Any, whole: Any) -> bool:
    """Tell whether ``value`` is ``whole`` with members of its objects and elements of its arrays left out."""
    if isinstance(value, dict) and isinstance(whole, dict):
        return all(name in whole and is_part(item, whole[name]) for name, item in value.items())
    if isinstance(value, list) and isinstance(whole, list):
        rest = iter(whole)
        return all(any(is_part(item, each) for each in rest) for item in value)
    return type(value) is type(whole) and bool(value == whole)
