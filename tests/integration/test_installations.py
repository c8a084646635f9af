"""Installations as they are run: the whole story over PostgreSQL, and several first starts at once."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecert.demo.story import Story
from ecert.wiring import open_container
from tests.support.ecert_world import ENVIRON, PASSPHRASE, cheap_scrypt, settings_of
from tests.support.postgres import PostgresServer

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    """A server for the module; loud skip (failure in CI) without the binaries."""
    server = PostgresServer.start()
    yield server
    server.stop()


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> str:
    """The URL of a new empty database."""
    return postgres.database()


def start_at_once(home: Path, url: str) -> list[str]:
    """Start four processes on an installation that is not there yet, and return what each says of its keys."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ECERT_")}
    environment |= {"PYTHONPATH": str(ROOT), "ECERT_HOME": str(home), "ECERT_PASSPHRASE": PASSPHRASE}
    environment |= {"ECERT_DATABASE_URL": url}
    code = "import sys; from ecert.cli import main; sys.exit(main(['keys', 'list']))"
    started = [
        subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    said = [process.communicate(timeout=120)[0] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0, 0]
    return said


def test_four_first_starts_at_once_agree_on_every_key(tmp_path: Path) -> None:
    said = start_at_once(tmp_path / "home", "")
    assert len(set(said)) == 1
    assert "当前 present" in said[0]


@pytest.mark.postgres
def test_four_first_starts_at_once_agree_over_postgresql(tmp_path: Path, postgres_url: str) -> None:
    assert len(set(start_at_once(tmp_path / "home", postgres_url))) == 1
    assert not (tmp_path / "home" / "keys").exists()


@pytest.mark.postgres
def test_the_whole_story_holds_over_postgresql(tmp_path: Path, postgres_url: str) -> None:
    told: list[str] = []
    settings = settings_of(tmp_path / "home", DATABASE_URL=postgres_url)
    with cheap_scrypt(), open_container(settings, environ=ENVIRON) as container:
        Story(container, tmp_path, told.append).tell()
    assert sum(line.startswith("[ok]") for line in told) == 23
