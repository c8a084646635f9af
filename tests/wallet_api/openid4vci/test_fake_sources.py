"""The store of sources in memory keeps the contract."""

import pytest

from schemas.order import HolderId
from tests.support.sources_contract import SourcesContract
from tests.support.vci_wallet import FakeSources


class TestFakeSources(SourcesContract):
    """The dictionary keeps the contract."""

    @pytest.fixture
    def sources(self) -> FakeSources:
        return FakeSources()

    @pytest.fixture
    def holder_id(self) -> HolderId:
        return HolderId("holder")

    @pytest.fixture
    def other_id(self) -> HolderId:
        return HolderId("other")
