"""The protocol state in memory that the other tests stand on keeps the contract of every store."""

import pytest

from issuer.openid4vci.ports import ProtocolState
from tests.support.protocol_state import MemoryState
from tests.support.protocol_state_contract import ProtocolStateContract


class TestMemoryState(ProtocolStateContract):
    """The contract, over the fake."""

    @pytest.fixture
    def state(self) -> ProtocolState:
        return MemoryState()
