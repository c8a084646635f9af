"""A second process that ends beside a running one must not throw away the log that the running one writes to.

SQLite's locks are POSIX locks: a process loses all of them on a file when it closes any handle on that file.
"""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ecert.storage import Options, open_storage
from ecert.storage.engine import connect
from ecert.storage.errors import StorageUnavailable
from ecert.storage.tokens import Role

ROOT = Path(__file__).resolve().parent.parent.parent
NOW = datetime(2026, 11, 1, tzinfo=UTC)
CHILD = """
import sys
from datetime import UTC, datetime, timedelta
from ecert.storage import open_storage
from ecert.storage.tokens import Role
storage = open_storage(sys.argv[1], data_key=bytes(32), lookup_key=bytes(32), public_url="https://city.example")
now = datetime(2026, 11, 1, tzinfo=UTC)
print(storage.tokens.issue(Role.AUDITOR, now=now, expires_at=now + timedelta(days=1))[0])
storage.close()
"""


def issue_in_another_process(url: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", CHILD, url], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout.strip()


def test_what_both_processes_write_is_there_for_both(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ecert.db'}"
    keys = {"data_key": bytes(32), "lookup_key": bytes(32), "public_url": "https://city.example"}
    storage = open_storage(url, **keys, options=Options(upgrade=True))  # type: ignore[arg-type]
    own, _ = storage.tokens.issue(Role.OPERATOR, now=NOW, expires_at=NOW + timedelta(days=1))
    connect(url)  # as an installation does, whose keys are looked for in the same database
    theirs = issue_in_another_process(url)
    assert storage.tokens.find(theirs, now=NOW) is not None
    after, _ = storage.tokens.issue(Role.OPERATOR, now=NOW, expires_at=NOW + timedelta(days=1))
    again = issue_in_another_process(url)
    storage.close()
    fresh = open_storage(url, **keys)  # type: ignore[arg-type]
    assert all(fresh.tokens.find(token, now=NOW) for token in (own, theirs, after, again))
    fresh.close()


def test_a_folder_in_the_place_of_the_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ecert.db").mkdir()
    with pytest.raises(StorageUnavailable):
        connect(f"sqlite:///{tmp_path / 'ecert.db'}")
