"""Named pieces of bytes in a table (``keys.store.Blobs``), so that every web worker reaches custody keys.

The key store encrypts what it keeps; this table adds nothing and needs no key, so it opens before the keys do.
"""

from sqlalchemy import delete, insert, select, update

from ecert.storage.dialects import upsert
from ecert.storage.engine import Database
from ecert.storage.tables import BLOBS


class TableBlobs:
    """Blobs over the table ``blobs``; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self, name: str) -> bytes | None:
        """Return the bytes under ``name``; None when there are none."""
        with self._database.read() as connection:
            data = connection.execute(select(BLOBS.c.data).where(BLOBS.c.name == name)).scalar()
        return None if data is None else bytes(data)

    def add(self, name: str, data: bytes) -> bool:
        """Keep ``data`` under a new name; False, and nothing changed, when the name is taken."""
        with self._database.write() as connection:
            added = upsert(connection, BLOBS).values(name=name, data=data).on_conflict_do_nothing()
            return connection.execute(added.returning(BLOBS.c.name)).first() is not None

    def replace(self, name: str, data: bytes) -> None:
        """Keep ``data`` under ``name``, whatever was there."""
        with self._database.write() as connection:
            if connection.execute(update(BLOBS).where(BLOBS.c.name == name).values(data=data)).rowcount == 0:
                connection.execute(insert(BLOBS).values(name=name, data=data))

    def remove(self, name: str) -> None:
        """Forget ``name``; a name that is not there changes nothing."""
        with self._database.write() as connection:
            connection.execute(delete(BLOBS).where(BLOBS.c.name == name))

    def names(self, prefix: str = "") -> list[str]:
        """Return the names that begin with ``prefix``, sorted by code points."""
        found = select(BLOBS.c.name).order_by(BLOBS.c.name)
        if prefix:
            # A range of the index, not a look at every holder's key; the column compares by code points.
            after = prefix[:-1] + chr(ord(prefix[-1]) + 1)
            found = found.where(BLOBS.c.name >= prefix, BLOBS.c.name < after)
        with self._database.read() as connection:
            return list(connection.scalars(found))

    def close(self) -> None:
        """Close every connection; for blobs that ``open_blobs`` opened by themselves."""
        self._database.close()
