"""The store in memory keeps the contract that the SQL adapter keeps."""

import pytest

from tests.support.wallet_fakes import FakeWallets
from tests.support.wallets_contract import WalletsContract
from wallet_api.ports import Wallets


class TestFakeWallets(WalletsContract):
    """In memory."""

    @pytest.fixture
    def wallets(self) -> Wallets:
        return FakeWallets()
