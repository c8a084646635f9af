"""Sources of certificates on both databases: the contract, what the table shows, and workers at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from ecert.storage import SqlSources, Storage
from ecert.storage.errors import StorageError
from ecert.storage.tables import RECEIVINGS
from schemas.order import HolderId
from tests.support.sources_contract import LATER, NOW, SourcesContract, a_source
from tests.support.wallets_contract import a_holder


class TestSqlSources(SourcesContract):
    """The table keeps the contract."""

    @pytest.fixture
    def sources(self, storage: Storage) -> SqlSources:
        return storage.receivings

    @pytest.fixture
    def holder_id(self, storage: Storage) -> HolderId:
        return a_holder(storage.wallets).holder_id

    @pytest.fixture
    def other_id(self, storage: Storage) -> HolderId:
        return a_holder(storage.wallets, "440799199003070139").holder_id


def test_a_stranger_has_no_sources(storage: Storage) -> None:
    with pytest.raises(StorageError):
        storage.receivings.put(a_source(HolderId("nobody")))


def test_the_table_shows_neither_tokens_nor_issuers(storage: Storage) -> None:
    holder_id = a_holder(storage.wallets).holder_id
    storage.receivings.put(a_source(holder_id))
    with storage.database.read() as connection:
        row = connection.execute(select(RECEIVINGS)).one()
    for secret in (b"token", b"refresh", b"i.example", b"card", b"order-1"):
        assert secret not in row.sealed
    assert set(row._mapping) == {"id", "source_id", "holder_id", "state", "due_at", "changed_at", "sealed"}


def test_workers_at_once_share_what_is_due(storage: Storage) -> None:
    holder_id = a_holder(storage.wallets).holder_id
    for number in range(24):
        storage.receivings.put(a_source(holder_id, str(number), due=-timedelta(seconds=number)))

    def claim(_: int) -> list[str]:
        return [each.source_id for each in storage.receivings.claim(now=NOW, until=LATER, limit=6)]

    with ThreadPoolExecutor(4) as pool:
        claimed = [name for names in pool.map(claim, range(8)) for name in names]
    assert len(claimed) == len(set(claimed)) == 24
