"""A real PostgreSQL for the tests, from the server package's binaries, in a directory of its own.

One server a process (so one for each worker of pytest-xdist), a socket in that directory, no port on the network, and
stopped at the end. ``initdb`` refuses to run as root, so root becomes ``postgres`` for it.
"""

import os
import pwd
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

_OWNER = "postgres"
_WAIT = "20"


def binaries() -> Path | None:
    """Return the folder with the newest server's binaries, or None."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    found += [Path(path).parent for path in [shutil.which("initdb")] if path]
    return max(found, key=lambda path: [int(number) for number in re.findall(r"\d+", str(path))], default=None)


def required() -> bool:
    """Tell whether a missing server is a failure: in CI, and where somebody asks for it."""
    return os.environ.get("CI") == "true" or os.environ.get("ECERT_REQUIRE_POSTGRES") == "1"


@dataclass
class PostgresServer:
    """A running server; ``database`` makes a new empty database."""

    folder: Path
    bin: Path
    _made: int = 0

    @classmethod
    def start(cls, *, durable: bool = False) -> "PostgresServer":
        """Start a server; ``durable`` waits for the disk as in production, otherwise it may lose data for speed."""
        found = binaries()
        if found is None:
            message = "PostgreSQL's server binaries are not here (Debian package postgresql)"
            pytest.fail(message) if required() else pytest.skip(message)
        # Short and not below pytest's own folder: a socket's path has at most 107 bytes.
        folder = Path(tempfile.mkdtemp(prefix="ecert-pg-"))
        if os.geteuid() == 0:
            owner = pwd.getpwnam(_OWNER)
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        server = cls(folder, found)
        options = ["--no-sync", "--auth=trust", "--username=ecert", "--encoding=UTF8", "--locale=C.UTF-8"]
        server.run("initdb", "-D", str(server.data), *options)
        settings = {
            "listen_addresses": "''",
            "unix_socket_directories": f"'{folder}'",
            "max_connections": "60",
            "shared_buffers": "64MB",
        }
        if not durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        with (server.data / "postgresql.auto.conf").open("a", encoding="utf-8") as file:
            file.writelines(f"{name} = {value}\n" for name, value in settings.items())
        server.up()
        return server

    @property
    def data(self) -> Path:
        """The cluster's directory."""
        return self.folder / "data"

    def up(self) -> None:
        """Start the server and wait until it answers."""
        log = str(self.folder / "log")
        self.run("pg_ctl", "-D", str(self.data), "-l", log, "-w", "-t", _WAIT, "start")

    def crash(self) -> None:
        """End the server without a checkpoint, as a power cut would."""
        self.run("pg_ctl", "-D", str(self.data), "-w", "-t", _WAIT, "-m", "immediate", "stop")

    def stop(self) -> None:
        """Stop the server and remove its directory."""
        self.run("pg_ctl", "-D", str(self.data), "-w", "-t", _WAIT, "-m", "immediate", "stop")
        shutil.rmtree(self.folder)

    def database(self) -> str:
        """Return the URL of a new empty database."""
        self._made += 1
        name = f"t{self._made}"
        engine = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0"))
        engine.dispose()
        return self.url(name)

    def url(self, name: str) -> str:
        """Return the URL of a database."""
        return f"postgresql+psycopg://ecert@/{name}?host={self.folder}"

    def run(self, tool: str, *arguments: str) -> bytes:
        """Run one of the server's tools as its owner and return what it prints."""
        command = [str(self.bin / tool), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", _OWNER, "--", *command]
        done = subprocess.run(command, capture_output=True, check=False, cwd=self.folder, timeout=60)
        assert done.returncode == 0, f"{tool} failed: {done.stderr.decode(errors='replace')}"
        return done.stdout
