"""JSON files that a setting names: read once, with a limit, and with a fault that names the setting's rule."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from keys import strict_json
from keys.errors import EcertError, MalformedDocument, TooLarge
from keys.fields import Fields

T = TypeVar("T")


def read_named(text: str, read: Callable[[Fields], T], *, what: str, most: int) -> T | None:
    """Return what ``read`` makes of the file that ``text`` names, None when it names none.

    Raises:
        ValueError: there is no such file, it has more than ``most`` bytes, or it is not ``what`` it should be.
    """
    if not text:
        return None
    try:
        path = Path(text)
        if path.stat().st_size > most:
            raise TooLarge(f"expected at most {most} bytes")
        return read(Fields(strict_json.loads_object(path.read_bytes()), "", MalformedDocument))
    except OSError:
        raise ValueError("expected a file that can be read") from None
    except EcertError as exc:
        raise ValueError(f"expected {what}: {exc}") from None
