"""The fake that the tests of this package rest on keeps the store's contract."""

import pytest

from schemas.order import HolderId
from tests.support.delegations_contract import DelegationsContract
from tests.support.delegations_fake import FakeDelegations


class TestFakeDelegations(DelegationsContract):
    """In memory."""

    @pytest.fixture
    def delegations(self) -> FakeDelegations:
        return FakeDelegations()

    @pytest.fixture
    def people(self) -> list[HolderId]:
        return [HolderId(f"holder-{number}") for number in range(7)]
