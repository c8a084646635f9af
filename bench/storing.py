"""The rows of storing: certificates recorded by the ledger, against a plain bulk insert of the same finished rows.

Ours seals the record, hashes the row key, gives out status indexes, and asks what is known already; the plain insert
goes straight to the driver, into a second database with the same schema, indexes and foreign keys. One operation is one
row of a table; a certificate has one, and one for each of its two credentials. In a full run a hundred thousand
certificates are stored, a batch in each round.
"""

import sqlite3
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import text

from bench import payload
from bench.setting import Setting
from bench.timing import Clock, Operation, Row, Unavailable, process_clock
from ecert.storage import Options, Storage, open_storage
from issuer.records import CredentialIntent, Intent, RecordedIntent
from keys.encoding import b64url_text
from keys.signer import SoftwareSigner
from schemas.catalogue import TypeId
from schemas.order import CredentialFormat, CredentialId, HolderId, HolderRef, Identifier, IssuedCredential, LegalDates

BATCH, QUICK_BATCH = 2_500, 100
ROUNDS = 40
ROWS = 3  # of a certificate with two credentials
SQLITE_INTENTS, SQLITE_SIGNATURES = "store certificates, SQLite", "store signatures, SQLite"
POSTGRES_INTENTS = "store certificates, PostgreSQL"
# As long as an SD-JWT VC with ten disclosures; nobody looks further than its header.
_TOKEN = b64url_text(b'{"alg":"ES256","kid":"' + b"k" * 43 + b'"}') + "." + "x" * 1_900
_PREFIX = "1.2.156.3005.2.11440799MB2X00071F.11440799MB2X00071F001"
_NOW = datetime(2026, 3, 2, 1, 23, 45, tzinfo=UTC)
_CERTIFICATES = (
    *("id", "identifier", "serial", "version", "type_id", "revision"),
    *("department", "state", "row_hash", "planned_at", "replaces_id", "sealed"),
)
_CREDENTIALS = (
    *("id", "certificate_id", "refresh_id", "credential_id", "holder_id", "format"),
    *("short_lived", "list_id", "status_index", "value", "delivered"),
)
_TABLES = {"certificates": _CERTIFICATES, "credentials": _CREDENTIALS}
_LISTS = ("id", "uri", "department", "size", "taken", "sealed")
_SIGNED = ("holder_kid", "token", "digest", "signer_kid", "issued_at", "expires_at")


def rows(setting: Setting) -> list[Row | Unavailable]:
    """Return storing on SQLite, and on PostgreSQL when its server is here."""
    return [*_sqlite(setting), *_postgresql(setting)]


@dataclass(slots=True)
class Orders:
    """Intents without end, made before they are timed."""

    size: int
    numbers: "count[int]"
    holder: HolderRef

    def batch(self) -> list[Intent]:
        """Return the next batch."""
        return [self._intent(next(self.numbers)) for _ in range(self.size)]

    def _intent(self, number: int) -> Intent:
        formats = (CredentialFormat.SD_JWT_VC, CredentialFormat.VC_JWT)
        return Intent(
            identifier=Identifier(f"{_PREFIX}.{number:09}.001.X"),
            version=1,
            type_id=TypeId("business_licence"),
            revision=1,
            department="amr",
            holders=(self.holder,),
            claims=payload.by_field(payload.ALWAYS | payload.SELECTIVE),
            dates=LegalDates(date(2025, 6, 1), date(2025, 6, 1), date(2045, 5, 31)),
            credentials=tuple(
                CredentialIntent(CredentialId(f"{number:015}-{each.value}"), each, self.holder, False)
                for each in formats
            ),
            planned_at=_NOW,
            row_key=f"row {number}",
            row_digest="d" * 64,
        )


def _orders(setting: Setting) -> Orders:
    holder = HolderRef(HolderId("h-" + b64url_text(bytes(16))), SoftwareSigner.generate().public_key)
    return Orders(setting.sized(BATCH, QUICK_BATCH), count(1), holder)


def _storage(url: str, stack: ExitStack) -> Storage:
    keys = {"data_key": bytes(32), "lookup_key": bytes(32)}
    storage = open_storage(url, **keys, public_url="https://ecert.example", options=Options(upgrade=True))
    stack.callback(storage.close)
    return storage


class _Ours:
    """The ledger that records, and the rows that it made of the batch before."""

    def __init__(self, storage: Storage, orders: Orders, clock: Clock = time.process_time) -> None:
        self.storage = storage
        self._orders = orders
        self._clock = clock
        self._intents: list[Intent] = []
        self._recorded: list[RecordedIntent] = []
        self._signed: list[tuple[Identifier, list[IssuedCredential]]] = []
        for operation in (self.intents(), self.signatures()):
            operation.prepare()
            operation.run()

    def intents(self) -> Operation:
        """Record a batch of intents."""

        def prepare() -> None:
            self._intents = self._orders.batch()

        def run() -> None:
            self._recorded = self.storage.ledger.record_intents(self._intents)

        return self.operation(run, prepare)

    def signatures(self) -> Operation:
        """Record the signatures of the last batch."""

        def prepare() -> None:
            self._signed = [(each.intent.identifier, _credentials(each)) for each in self._recorded]

        return self.operation(lambda: self.storage.ledger.record_issued(self._signed), prepare)

    def operation(self, run: Callable[[], object], prepare: Callable[[], object]) -> Operation:
        """Return an operation over a batch."""
        return Operation(run, self._orders.size * ROWS, prepare, self._clock)

    def finished(self, table: str, columns: Sequence[str], above: int = 0) -> list[tuple[Any, ...]]:
        """Return the rows of a table with ids above ``above``, the id first."""
        query = text(f"SELECT {', '.join(columns)} FROM {table} WHERE id > :above ORDER BY id")  # noqa: S608  (ours)
        with self.storage.database.read() as connection:
            return [tuple(row) for row in connection.execute(query, {"above": above})]


class _Plain:
    """The same rows, into a database that is driven by hand; a subclass knows the driver."""

    def __init__(self, ours: _Ours) -> None:
        self.ours = ours
        self.rows: dict[str, list[tuple[Any, ...]]] = {}
        self._last = dict.fromkeys(_TABLES, 0)

    def fetch(self) -> None:
        """Read what ours has recorded since the last time; nothing of it is timed."""
        for table, columns in _TABLES.items():
            self.rows[table] = self.ours.finished(table, columns, self._last[table])
            self._last[table] = self.rows[table][-1][0]


class _PlainSqlite(_Plain):
    def __init__(self, ours: _Ours, path: Path) -> None:
        super().__init__(ours)
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.executescript("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON")
        self._last_signed = 0
        self._changes: list[tuple[Any, ...]] = []

    def inserting(self) -> Row:
        return Row(
            SQLITE_INTENTS,
            "executemany",
            self.ours.operation(self._insert, self._ready),
            self.ours.intents(),
            1.25,
            rounds=ROUNDS,
        )

    def updating(self) -> Row:
        base = self.ours.operation(self._update, self._signatures)
        return Row(SQLITE_SIGNATURES, "executemany", base, self.ours.signatures(), 1.25, rounds=ROUNDS)

    def close(self) -> None:
        self._connection.close()

    def _ready(self) -> None:
        self.fetch()
        marks = ", ".join("?" * len(_LISTS))
        lists = self.ours.finished("status_lists", _LISTS)
        self._connection.executemany(f"INSERT OR IGNORE INTO status_lists VALUES ({marks})", lists)  # noqa: S608

    def _insert(self) -> None:
        self._connection.execute("BEGIN")
        for table, columns in _TABLES.items():
            marks = ", ".join("?" * len(columns))
            statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608
            self._connection.executemany(statement, self.rows[table])
        self._connection.execute("COMMIT")

    def _signatures(self) -> None:
        found = self.ours.finished("credentials", ("id", *_SIGNED), self._last_signed)
        rows = [row for row in found if row[1] is not None]  # the others are signed by the operation that comes next
        self._last_signed = rows[-1][0]
        self._changes = [(*values, key) for key, *values in rows]

    def _update(self) -> None:
        changed = ", ".join(f"{name} = ?" for name in _SIGNED)
        self._connection.execute("BEGIN")
        self._connection.executemany(f"UPDATE credentials SET {changed} WHERE id = ?", self._changes)  # noqa: S608
        issued = [("issued", row[0]) for row in self.rows["certificates"]]
        self._connection.executemany("UPDATE certificates SET state = ? WHERE id = ?", issued)
        self._connection.execute("COMMIT")


class _PlainPostgres(_Plain):
    def __init__(self, ours: _Ours, connection: "psycopg.Connection[Any]") -> None:
        super().__init__(ours)
        self._connection = connection
        self._clock = _both(connection.info.backend_pid)

    def inserting(self) -> Row:
        base = replace(self.ours.operation(self._copy, self._ready), clock=self._clock)
        return Row(POSTGRES_INTENTS, "COPY", base, self.ours.intents(), 1.3, rounds=ROUNDS)

    def _ready(self) -> None:
        self.fetch()
        marks = ", ".join(["%s"] * len(_LISTS))
        lists = self.ours.finished("status_lists", _LISTS)
        with self._connection.transaction(), self._connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO status_lists VALUES ({marks}) ON CONFLICT DO NOTHING", lists)  # noqa: S608

    def _copy(self) -> None:
        with self._connection.transaction(), self._connection.cursor() as cursor:
            for table, columns in _TABLES.items():
                with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
                    for row in self.rows[table]:
                        copy.write_row(row)


def _sqlite(setting: Setting) -> list[Row]:
    folder = Path(setting.stack.enter_context(tempfile.TemporaryDirectory(prefix="ecert-bench-")))
    ours = _Ours(_storage(f"sqlite:///{folder}/ours.db", setting.stack), _orders(setting))
    _storage(f"sqlite:///{folder}/plain.db", setting.stack)
    plain = _PlainSqlite(ours, folder / "plain.db")
    setting.stack.callback(plain.close)
    return [plain.inserting(), plain.updating()]


def _postgresql(setting: Setting) -> list[Row | Unavailable]:
    from tests.support.postgres import PostgresServer, binaries

    if binaries() is None:
        return [Unavailable(POSTGRES_INTENTS, "PostgreSQL's server is not here (Debian package postgresql)")]
    server = PostgresServer.start()
    setting.stack.callback(server.stop)
    url, plain_url = server.database(), server.database()
    storage = _storage(url, setting.stack)
    with storage.database.read() as asked:
        pid = asked.execute(text("SELECT pg_backend_pid()")).scalar_one()
    try:
        clock = _both(pid)
    except OSError:
        return [Unavailable(POSTGRES_INTENTS, "this system tells nobody the CPU time of another process (Linux does)")]
    ours = _Ours(storage, _orders(setting), clock)
    _storage(plain_url, setting.stack)
    connection = psycopg.connect(plain_url.replace("+psycopg", ""), autocommit=True)
    setting.stack.callback(connection.close)
    return [_PlainPostgres(ours, connection).inserting()]


def _both(pid: int) -> Clock:
    """Return the clock of this process and of the database's process that serves it."""
    server = process_clock(pid)
    return lambda: time.process_time() + server()


def _credentials(recorded: RecordedIntent) -> list[IssuedCredential]:
    intent = recorded.intent
    return [
        IssuedCredential(
            credential_id=planned.credential_id,
            identifier=intent.identifier,
            type_id=intent.type_id,
            holder_id=planned.holder.holder_id,
            format=planned.format,
            short_lived=False,
            holder_kid="k" * 43,
            token=_TOKEN,
            issued_at=_NOW,
            expires_at=_NOW + timedelta(days=365),
            status=status,
        )
        for planned, status in zip(intent.credentials, recorded.statuses, strict=True)
    ]
