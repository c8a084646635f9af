"""The ledger over SQL: the contract that the fake fulfils too, and what only a database can get wrong."""

from collections.abc import Callable

import pytest

from ecert.storage import Storage
from issuer.ports import Ledger
from tests.support.ledger_contract import LedgerContract


class TestSqlLedger(LedgerContract):
    """The contract on both databases."""

    @pytest.fixture
    def ledger(self, storage: Storage) -> Ledger:
        return storage.ledger

    @pytest.fixture
    def small_ledger(self, opened: Callable[..., Storage]) -> Ledger:
        return opened(status_list_size=8).ledger
