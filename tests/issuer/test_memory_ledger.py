"""The ledger in memory that the other tests stand on keeps the contract of every ledger."""

import pytest

from issuer.errors import StatusListFull
from issuer.ports import Ledger
from tests.support.issuer_fakes import UnsafeLedgerWarning, UnsafeMemoryLedger
from tests.support.ledger_contract import LedgerContract, an_intent
from tests.support.status_store_contract import StatusStoreContract


def memory_ledger(**limits: int) -> UnsafeMemoryLedger:
    with pytest.warns(UnsafeLedgerWarning):
        return UnsafeMemoryLedger(**limits)


class TestMemoryLedger(LedgerContract, StatusStoreContract):
    """The contracts, over the fake."""

    @pytest.fixture
    def ledger(self) -> Ledger:
        return memory_ledger()

    @pytest.fixture
    def small_ledger(self) -> Ledger:
        return memory_ledger(size=8)


def test_a_ledger_that_may_not_open_a_list_is_full() -> None:
    ledger = memory_ledger(size=2, max_lists=1)
    ledger.record_intents([an_intent("A1")])
    with pytest.raises(StatusListFull):
        ledger.record_intents([an_intent("B1")])
