"""A wallet that receives, for every test."""

import pytest

from tests.support.vci_wallet import ReceivingWallet


@pytest.fixture
def wallet() -> ReceivingWallet:
    return ReceivingWallet()
