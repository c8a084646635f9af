"""Where a key store keeps its records: a port, and the directory that fulfils it.

The records are encrypted before they come here, so a table of the database may fulfil the port as well.
"""

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from keys.errors import KeyStoreError

_NAME = re.compile(r"\.?[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*")
_MAX_NAME = 128
_SUFFIX = ".blob"
_DRAFT = ".draft"


class Blobs(Protocol):
    """Named bytes. Each call is atomic and durable: after a crash a record is there whole or not at all.

    Names are made of ``A-Za-z0-9_.-`` in segments parted by ``/``, at most 128 characters (``check_name``).
    """

    def read(self, name: str) -> bytes | None:
        """Return the bytes under ``name``, or None."""

    def add(self, name: str, data: bytes) -> bool:
        """Keep ``data`` under ``name`` if nothing stands there; tell whether it was kept. Of two writers one wins."""

    def replace(self, name: str, data: bytes) -> None:
        """Keep ``data`` under ``name``, whatever stood there."""

    def remove(self, name: str) -> None:
        """Forget what stands under ``name``, if anything does."""

    def names(self, prefix: str = "") -> list[str]:
        """Return the names that begin with ``prefix``, in no promised order."""


def check_name(name: str) -> str:
    """Return ``name`` if it is one for a record.

    Raises:
        KeyStoreError: another character, an empty segment, one that starts with a dot, or too long.
    """
    if len(name) > _MAX_NAME or _NAME.fullmatch(name) is None:
        raise KeyStoreError(f"record's name is not of segments A-Za-z0-9_.- of together {_MAX_NAME} characters")
    return name


class DirectoryBlobs:
    """A directory with one file a record, readable for its owner alone (directory 0700, files 0600).

    It is made where it does not stand, and closed to others where it was open.

    Raises:
        KeyStoreError: it cannot be used, or is open to others and holds other files: a directory named by mistake.
    """

    def __init__(self, path: Path | str) -> None:
        self._path = Path(path)
        with _our_errors():
            self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self._path.stat().st_mode & 0o077:
                self._close()

    def read(self, name: str) -> bytes | None:
        """Return the file's bytes, or None."""
        with _our_errors(), suppress(FileNotFoundError):
            return self._file(name).read_bytes()
        return None

    def add(self, name: str, data: bytes) -> bool:
        """Write a file of its own, then link it: the link fails where the name is taken."""
        target = self._file(name)
        with _our_errors():
            draft = self._draft(data)
            try:
                os.link(draft, target)
            except FileExistsError:
                return False
            finally:
                draft.unlink()
            self._sync()
        return True

    def replace(self, name: str, data: bytes) -> None:
        """Write a file of its own, then rename it over the old one."""
        target = self._file(name)
        with _our_errors():
            self._draft(data).rename(target)
            self._sync()

    def remove(self, name: str) -> None:
        """Unlink the file, if it is there."""
        with _our_errors(), suppress(FileNotFoundError):
            self._file(name).unlink()
            self._sync()

    def names(self, prefix: str = "") -> list[str]:
        """Return the names of the whole files; drafts that a crash left behind are none."""
        begin = prefix.replace("/", "+")
        with _our_errors(), os.scandir(self._path) as files:
            found = [file.name for file in files if file.name.startswith(begin) and file.name.endswith(_SUFFIX)]
        return [name.removesuffix(_SUFFIX).replace("+", "/") for name in found]

    def _close(self) -> None:
        if not all(file.suffix in (_SUFFIX, _DRAFT) for file in self._path.iterdir()):
            raise KeyStoreError("key directory is open to others and holds other files")
        self._path.chmod(0o700)

    def _file(self, name: str) -> Path:
        # "+" is in no name, so the way back is clear, and no name can climb out of the directory.
        return self._path / (check_name(name).replace("/", "+") + _SUFFIX)

    def _draft(self, data: bytes) -> Path:
        handle, name = tempfile.mkstemp(dir=self._path, suffix=_DRAFT)  # made with mode 0600
        with open(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        return Path(name)

    def _sync(self) -> None:
        # A link or a rename is durable when its directory is.
        handle = os.open(self._path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def _our_errors() -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise KeyStoreError(f"key directory cannot be used: {exc.strerror}") from exc
