"""What several commands share: opening the installation, printing, asking for ``--yes``."""

import argparse
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ecert.errors import CommandFailed
from ecert.settings import load
from ecert.wiring import Container, open_container
from keys import strict_json
from schemas.audit import Doer

_MAX_JSON = 1 << 20  # bytes
DRY_RUN = "这是预演，未作任何改动；加 --yes 执行 / dry run, nothing was changed; add --yes to do it"


@contextmanager
def opened() -> Iterator[Container]:
    """Give the installation that the environment names; raises InvalidSettings and what opening it raises."""
    with open_container(load(os.environ)) as container:
        yield container


def doer() -> Doer:
    """Return who acts at the command line: the operating system's user, by number."""
    return Doer(f"uid:{os.getuid()}", "operator")


def officer(name: str | None, role: str) -> Doer:
    """Return the officer whom an argument names, or the operating system's user; raises CommandFailed."""
    if name is None:
        return doer()
    if not re.fullmatch(r"[!-~]{1,100}", name):
        raise CommandFailed("officer's number is not of letters, digits and signs without blanks")
    return Doer(name, role)


def add_yes(parser: argparse.ArgumentParser) -> None:
    """Add ``--yes``, without which nothing is changed."""
    parser.add_argument("--yes", action="store_true", help="确认执行 / do it (without: a dry run)")


def write_file(path: Path, data: bytes) -> Path:
    """Write a file whole or not at all, and return its path."""
    draft = path.with_name(path.name + ".draft")
    path.parent.mkdir(parents=True, exist_ok=True)
    draft.write_bytes(data)
    draft.replace(path)
    return path


def read_json(path: Path) -> dict[str, Any]:
    """Return the JSON object of a file of at most 1 MiB; raises CommandFailed without a file, else MalformedToken."""
    if not path.is_file() or path.stat().st_size > _MAX_JSON:
        raise CommandFailed("JSON is in no file, or in one that is too large")
    return strict_json.loads_object(path.read_bytes())


def table(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as columns that line up."""
    from verifier.rendering import table as aligned

    return "\n".join(aligned(rows))
