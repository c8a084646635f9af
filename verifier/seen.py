"""What a counter remembers between two checks: key bindings of the last 70 s, and the highest pack version by anchor.

One JSON file, locked while it is in use and replaced as a whole. It holds digests, no personal data.
"""

import fcntl
import os
import tempfile
from collections.abc import Iterator, Set
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from keys import strict_json
from keys.anchor import Anchor
from keys.errors import KeysError
from verifier.errors import SeenFileBroken

KEPT_FOR = timedelta(seconds=70)
"""60 s that a presentation is good, and 10 s that its clock may be ahead."""
_MAX_BYTES = 16_777_216
_FORMAT = 1


@dataclass(slots=True)
class Seen:
    """The memory while it is open: digest → second since 1970, and anchor key → highest pack version."""

    digests: dict[str, int]
    versions: dict[str, int]

    def recent(self) -> Set[str]:
        """Return the digests for ``Evidence.seen``."""
        return self.digests.keys()

    def floor(self, anchor: Anchor) -> int:
        """Return the highest pack version that any key of ``anchor`` stands for; 0 when none was seen."""
        return max(self.versions.get(key.kid, 0) for key in anchor.keys)

    def remember_version(self, anchor: Anchor, version: int) -> None:
        """Raise the floor of every key of ``anchor`` to ``version``."""
        for key in anchor.keys:
            self.versions[key.kid] = max(version, self.versions.get(key.kid, 0))

    def remember(self, digest: str, now: datetime) -> None:
        """Remember a presentation that was shown at ``now``."""
        self.digests[digest] = int(now.timestamp())

    def prune(self, now: datetime) -> None:
        """Forget what is older than 70 s; what is dated later than ``now`` stays (a clock that was set back)."""
        oldest = int((now - KEPT_FOR).timestamp())
        self.digests = {digest: second for digest, second in self.digests.items() if second >= oldest}


@contextmanager
def opened(path: Path, now: datetime) -> Iterator[Seen]:
    """Lock the memory at ``path`` (made when absent), give it, and write it back whole, also after an error.

    Raises:
        SeenFileBroken: the file is there but not one of ours, so that nothing may be forgotten by overwriting it.
        OSError: it cannot be read or written.
    """
    with path.with_name(path.name + ".lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        seen = _read(path)
        seen.prune(now)
        try:
            yield seen
        finally:
            _write(path, seen)


def _read(path: Path) -> Seen:
    try:
        with path.open("rb") as file:
            raw = file.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        return Seen({}, {})
    if len(raw) > _MAX_BYTES:
        raise SeenFileBroken(f"seen file has more than {_MAX_BYTES} bytes")
    try:
        value = strict_json.loads_object(raw)
    except KeysError as exc:
        raise SeenFileBroken("seen file is not JSON") from exc
    if value.get("format") != _FORMAT:
        raise SeenFileBroken(f"seen file is not of format {_FORMAT}")
    return Seen(_numbers(value.get("seen")), _numbers(value.get("versions")))


def _numbers(value: Any) -> dict[str, int]:
    if type(value) is not dict or not all(type(number) is int for number in value.values()):
        raise SeenFileBroken("seen file holds something else than numbers")
    return value


def _write(path: Path, seen: Seen) -> None:
    data = strict_json.dumps({"format": _FORMAT, "seen": seen.digests, "versions": seen.versions})
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=path.name + ".")  # mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except OSError:
        with suppress(OSError):
            os.unlink(name)
        raise
