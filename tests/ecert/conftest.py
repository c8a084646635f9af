"""A clock, a fast key store and an installation in a temporary folder."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ecert.installation import Installation, Places
from ecert.trust import Trust
from keys import store
from keys.blobs import DirectoryBlobs

PASSPHRASE = "a passphrase for tests"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, 41, 17, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **kwargs: float) -> None:
        self.now += timedelta(**kwargs)


@pytest.fixture(autouse=True)
def _cheap_scrypt(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real cost is tested with the key store; here it would be most of the time."""
    monkeypatch.setattr(store.KeyStore.__init__, "__kwdefaults__", {"work": 2})


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def install(tmp_path: Path, clock: Clock) -> Callable[..., Installation]:
    """Start an installation in the test's folder."""

    def start(public_url: str | None = None, own_url: str = "http://127.0.0.1:8440") -> Installation:
        places = Places(DirectoryBlobs(tmp_path / "keys"), tmp_path / "root")
        return Installation(places, PASSPHRASE, public_url=public_url, own_url=own_url, clock=clock)

    return start


@pytest.fixture
def installation(install: Callable[..., Installation]) -> Installation:
    return install()


@pytest.fixture
def trust(installation: Installation) -> Trust:
    return Trust(installation)
