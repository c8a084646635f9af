"""Errors of the storage adapters: what a database did, in our words and without a row's content.

StorageError
├── UnsupportedDatabase   the URL names no database that we serve
├── StorageUnavailable    the database does not answer, or its disk is full
├── StorageBusy           a lock was not free in time, or a deadlock was broken; trying again is right
├── StorageConflict       a constraint refused a row
├── TextNotStored         a text holds U+0000, which the database does not take
├── SchemaNotCurrent      the database waits for ``ecert db upgrade`` (or is newer than this program)
├── RecordDamaged         a sealed record does not open: changed, moved to another row, or another key
├── UnknownDataKey        a sealed record names a data key that was not given
├── UnknownIntent         a signature for a credential that no intent names
├── StateTooLarge         a value of protocol state has more bytes than are kept
├── AuditBroken           the audit trail was changed
└── BackupFailed          a backup or a restore did not end in a whole database
"""

from ecert.errors import CompositionError


class StorageError(CompositionError):
    """The database refused, and nothing of the transaction remains."""

    code = "storage_error"


class UnsupportedDatabase(StorageError):
    """The URL names a database that is not served: only SQLite files and PostgreSQL by psycopg are."""

    code = "unsupported_database"


class StorageUnavailable(StorageError):
    """The database does not answer or cannot write; nothing of the transaction is known to remain."""

    code = "storage_unavailable"


class StorageBusy(StorageError):
    """A lock was not free in time or a deadlock was broken; nothing was done and trying again is right."""

    code = "storage_busy"


class StorageConflict(StorageError):
    """A constraint refused a row; nothing was done."""

    code = "storage_conflict"


class TextNotStored(StorageError):
    """A text holds U+0000, which the database does not take; nothing was done."""

    code = "text_not_stored"


class SchemaNotCurrent(StorageError):
    """The database's schema is not the one that this program expects."""

    code = "schema_not_current"


class RecordDamaged(StorageError):
    """A sealed record does not open under its key at its place."""

    code = "record_damaged"


class UnknownDataKey(StorageError):
    """A sealed record was made with a data key that was not given."""

    code = "unknown_data_key"


class UnknownIntent(StorageError):
    """A signature names a credential that no recorded intent of its certificate names; nothing was recorded."""

    code = "unknown_intent"


class StateTooLarge(StorageError):
    """A value of protocol state has more bytes than are kept; nothing was kept."""

    code = "state_too_large"


class AuditBroken(StorageError):
    """The audit trail is not the one that was written; ``sequence`` is the first entry that does not fit."""

    code = "audit_broken"

    def __init__(self, sequence: int, fact: str) -> None:
        self.sequence = sequence
        super().__init__(f"audit entry {sequence}: {fact}")


class BackupFailed(StorageError):
    """A backup or a restore did not end in a whole database; what stood before still stands."""

    code = "backup_failed"
