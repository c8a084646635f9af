"""The database: the ports of issuer, wallet and key store over SQLModel tables, on SQLite and PostgreSQL.

``open_storage`` gives everything; ``open_blobs`` gives the key store's table alone, which is needed first when the keys
that ``open_storage`` wants are kept in the same database.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ecert.rate_rules import DEFAULTS, RateRule
from ecert.storage import migrate
from ecert.storage.audit import AuditTrail
from ecert.storage.audit_store import SqlAudit
from ecert.storage.batch_records import SqlBatches
from ecert.storage.blobs import TableBlobs
from ecert.storage.crypto import Cipher, Lookup
from ecert.storage.delegations import SqlDelegations
from ecert.storage.directory import SqlHolderDirectory
from ecert.storage.engine import Database, connect
from ecert.storage.errors import StorageError
from ecert.storage.idempotency import IdempotencyStore, StoredAnswer
from ecert.storage.jobs import SqlJobs
from ecert.storage.ledger import SqlLedger
from ecert.storage.ledger_intents import Fault
from ecert.storage.orders import SqlOrders, SqlProposals
from ecert.storage.parties import SqlParties
from ecert.storage.party_keys import PartyKey, PartyKeys
from ecert.storage.protocol_state import SqlProtocolState
from ecert.storage.rate_limits import SqlRateLimits
from ecert.storage.receivings import SqlSources
from ecert.storage.status import StatusLists
from ecert.storage.tokens import ApiToken, ApiTokens, Role, TokenScope
from ecert.storage.verifications import SqlVerifications
from ecert.storage.wallets import SqlWallets
from ecert.storage.watch_records import SqlWatches
from ecert.storage.webhooks import SqlWebhooks

__all__ = [
    "ApiToken",
    "ApiTokens",
    "IdempotencyStore",
    "Options",
    "PartyKey",
    "PartyKeys",
    "Role",
    "SqlAudit",
    "SqlBatches",
    "SqlDelegations",
    "SqlHolderDirectory",
    "SqlJobs",
    "SqlLedger",
    "SqlParties",
    "SqlProtocolState",
    "SqlRateLimits",
    "SqlSources",
    "SqlVerifications",
    "SqlWallets",
    "SqlWatches",
    "SqlWebhooks",
    "Storage",
    "StoredAnswer",
    "TableBlobs",
    "TokenScope",
    "open_blobs",
    "open_storage",
]


@dataclass(frozen=True, slots=True)
class Options:
    """What is seldom changed: older data keys, a status list's size, whether to upgrade the schema at opening, and how
    often a route may be asked."""

    older_data_keys: Sequence[bytes] = ()
    status_list_size: int = 2**20
    upgrade: bool = False
    rate_rules: Mapping[str, RateRule] = field(default_factory=lambda: DEFAULTS)
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Storage:
    """Every adapter over one database."""

    database: Database
    ledger: SqlLedger
    directory: SqlHolderDirectory
    wallets: SqlWallets
    blobs: TableBlobs
    tokens: ApiTokens
    idempotency: IdempotencyStore
    protocol: SqlProtocolState
    rate_limits: SqlRateLimits
    audit: SqlAudit
    orders: SqlOrders
    proposals: SqlProposals
    receivings: SqlSources
    parties: SqlParties
    party_keys: PartyKeys
    verifications: SqlVerifications
    webhooks: SqlWebhooks
    jobs: SqlJobs
    batches: SqlBatches
    watches: SqlWatches
    delegations: SqlDelegations

    def close(self) -> None:
        """Close every connection."""
        self.database.close()


def open_storage(
    url: str, *, data_key: bytes, lookup_key: bytes, public_url: str, options: Options | None = None
) -> Storage:
    """Return the adapters over the database at ``url``.

    ``data_key`` and ``lookup_key`` have 32 bytes each (``KeyStore.secret("claims")`` and ``("lookup")``);
    ``public_url`` is the base of status lists' URIs.

    Raises:
        UnsupportedDatabase: the URL names another database.
        SchemaNotCurrent: the schema waits for an upgrade (``Options.upgrade`` makes it first).
        StorageError: the database does not answer.
    """
    options = options or Options()
    cipher = Cipher(data_key, older=options.older_data_keys)
    lookup = Lookup(lookup_key)
    lists = StatusLists(cipher, public_url=public_url, size=options.status_list_size)
    database = _open(url, upgrade=options.upgrade)
    fault = {} if options.fault is None else {"fault": options.fault}
    trail = AuditTrail(cipher)
    wallets = SqlWallets(database, cipher=cipher, lookup=lookup)
    return Storage(
        database=database,
        ledger=SqlLedger(database, cipher=cipher, lookup=lookup, lists=lists, **fault),
        directory=SqlHolderDirectory(wallets),
        wallets=wallets,
        blobs=TableBlobs(database),
        tokens=ApiTokens(database, trail=trail),
        idempotency=IdempotencyStore(database, cipher=cipher),
        protocol=SqlProtocolState(database, cipher=cipher),
        rate_limits=SqlRateLimits(database, lookup=lookup, rules=options.rate_rules),
        audit=SqlAudit(database, trail),
        orders=SqlOrders(database, cipher=cipher, lookup=lookup, trail=trail),
        proposals=SqlProposals(database, cipher=cipher, trail=trail),
        receivings=SqlSources(database, cipher=cipher),
        verifications=SqlVerifications(database, cipher=cipher),
        webhooks=SqlWebhooks(database, cipher=cipher),
        jobs=SqlJobs(database),
        batches=SqlBatches(database, cipher=cipher),
        watches=SqlWatches(database),
        delegations=SqlDelegations(database, cipher=cipher, trail=trail, public_url=public_url),
        parties=SqlParties(database, trail=trail),
        party_keys=PartyKeys(database, trail=trail),
    )


def open_blobs(url: str, *, upgrade: bool = False) -> TableBlobs:
    """Return the key store's table in the database at ``url``; raises as ``open_storage``."""
    return TableBlobs(_open(url, upgrade=upgrade))


def _open(url: str, *, upgrade: bool) -> Database:
    database = Database(connect(url))
    try:
        if upgrade:
            migrate.upgrade(database.engine)
        migrate.require_current(database.engine)
    except StorageError:
        database.close()
        raise
    return database
