"""The history: newest first, in pages, and with names of fields alone."""

import pytest

from schemas.order import HolderId, HolderRef
from tests.support.wallet_fakes import ID_CARD, NAME, Town
from wallet_api import Wanted
from wallet_api.errors import UnknownHolder


@pytest.fixture
def shown(town: Town, citizen: HolderRef) -> list[str]:
    """The ids of five presentations, newest first."""
    town.holding(citizen)
    ids = []
    for number in range(5):
        town.later(minutes=1)
        presented = town.wallet.presenting.present(
            citizen.holder_id,
            Wanted(("name",), type_id=ID_CARD),
            nonce="n",
            audience="https://bank.example",
            purpose=f"第{number}次 No. {number}",
        )
        ids.append(presented.presentation_id)
    return ids[::-1]


def test_the_newest_comes_first(town: Town, citizen: HolderRef, shown: list[str]) -> None:
    assert [one.presentation_id for one in town.wallet.history.page(citizen.holder_id).records] == shown


def test_pages_follow_each_other_and_end(town: Town, citizen: HolderRef, shown: list[str]) -> None:
    found: list[str] = []
    offset: int | None = 0
    while offset is not None:
        page = town.wallet.history.page(citizen.holder_id, size=2, offset=offset)
        found += [one.presentation_id for one in page.records]
        offset = page.next_offset
    assert found == shown


def test_a_page_that_ends_with_the_last_record_is_the_last(town: Town, citizen: HolderRef, shown: list[str]) -> None:
    assert town.wallet.history.page(citizen.holder_id, size=5).next_offset is None


def test_a_size_or_offset_out_of_bounds_is_brought_within(town: Town, citizen: HolderRef, shown: list[str]) -> None:
    page = town.wallet.history.page(citizen.holder_id, size=0, offset=-3)
    assert [one.presentation_id for one in page.records] == shown[:1]


def test_another_holder_sees_nothing_of_it(town: Town, citizen: HolderRef, shown: list[str]) -> None:
    other = town.citizen("440799198811230220", "李小明")
    assert town.wallet.history.page(other.holder_id).records == ()


def test_an_unknown_holder_has_no_history(town: Town) -> None:
    with pytest.raises(UnknownHolder):
        town.wallet.history.page(HolderId("nobody"))


def test_no_value_of_a_claim_stands_in_it(town: Town, citizen: HolderRef, shown: list[str]) -> None:
    assert NAME not in repr(town.wallet.history.page(citizen.holder_id))
