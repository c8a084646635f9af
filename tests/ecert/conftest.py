"""A clock, a fast key store, an installation in a temporary folder, and a seeded world with an application."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ecert.installation import Installation, Places
from ecert.trust import Trust
from ecert.wiring import utc_now
from keys.blobs import DirectoryBlobs
from tests.support.ecert_world import PASSPHRASE, StillClock, World, cheap_scrypt, make_home, world_in


@pytest.fixture(autouse=True)
def _cheap_scrypt() -> Iterator[None]:
    with cheap_scrypt():
        yield


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def install(tmp_path: Path, clock: StillClock) -> Callable[..., Installation]:
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


@pytest.fixture(scope="session")
def seeded_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the 40 fictional certificates, made once, at the still clock's time."""
    return make_home(tmp_path_factory.mktemp("seeded"), StillClock())


@pytest.fixture(scope="session")
def present_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, of today: for commands, which have no clock but the system's."""
    return make_home(tmp_path_factory.mktemp("present"), utc_now)


@pytest.fixture
def world(seeded_home: Path, tmp_path: Path, clock: StillClock) -> Iterator[World]:
    """A world of the test's own: a copy of the seeded home."""
    home = shutil.copytree(seeded_home, tmp_path / "home")
    with world_in(home, clock) as made:
        yield made


@pytest.fixture(scope="session")
def still_world(seeded_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world for tests that change nothing but tokens."""
    home = shutil.copytree(seeded_home, tmp_path_factory.mktemp("still") / "home")
    with world_in(home, StillClock()) as made:
        yield made


@pytest.fixture
def command_home(present_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own for commands, named by the environment."""
    home = shutil.copytree(present_home, tmp_path / "home")
    monkeypatch.setenv("ECERT_HOME", str(home))
    monkeypatch.setenv("ECERT_PASSPHRASE", PASSPHRASE)
    return home
