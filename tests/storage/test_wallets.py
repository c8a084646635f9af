"""Wallets and the holder directory over SQL."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ecert.storage import Storage
from keys.signer import SoftwareSigner
from schemas.catalogue import TypeId
from schemas.order import CredentialFormat, CredentialId, HolderId, Identifier, IssuedCredential, StatusRef
from tests.support.wallets_contract import WalletsContract
from wallet_api.errors import UnknownCredential, UnknownHolder, UnknownHolderKey
from wallet_api.ports import Wallets
from wallet_api.records import Holder, HolderKey, HolderKind, Holding, KeyPlace, ShownRecord

NOW = datetime(2026, 3, 2, 1, 23, 45, 678901, tzinfo=UTC)
NUMBER = "440799199001010011"
NAME = "陈大文"


class TestSqlWallets(WalletsContract):
    """The contract on both databases."""

    @pytest.fixture
    def wallets(self, storage: Storage) -> Wallets:
        return storage.wallets


@pytest.fixture
def holder(storage: Storage) -> Holder:
    return storage.wallets.find_or_add_holder(HolderKind.NATURAL_PERSON, "111", NUMBER, NAME)


@pytest.fixture
def new_key(holder: Holder) -> Callable[..., HolderKey]:
    def make(place: KeyPlace = KeyPlace.DEVICE, store_name: str | None = None) -> HolderKey:
        return HolderKey(holder.holder_id, SoftwareSigner.generate().public_key, place, store_name)

    return make


def a_holding(holder_id: HolderId, number: int = 1, *, at: datetime = NOW) -> Holding:
    credential = IssuedCredential(
        credential_id=CredentialId(f"c{number}"),
        identifier=Identifier("1.2.156.3005.2.T.I.S.001.0"),
        type_id=TypeId("resident_id_card"),
        holder_id=holder_id,
        format=CredentialFormat.SD_JWT_VC,
        short_lived=False,
        holder_kid="kid",
        token=f"token-{number}~",
        issued_at=at,
        expires_at=at + timedelta(days=365),
        status=StatusRef("https://ecert.example/status/1", number),
    )
    return Holding(credential, at + timedelta(seconds=5))


def a_presentation(holder_id: HolderId, number: int = 1, *, at: datetime = NOW) -> ShownRecord:
    return ShownRecord(
        presentation_id=f"p{number}",
        holder_id=holder_id,
        credential_id=CredentialId("c1"),
        type_id="resident_id_card",
        fields=("name", "address"),
        audience="urn:ecert:counter",
        purpose="示例用途",
        channel="qr",
        at=at,
    )


def test_a_holder_is_found_again_by_number(storage: Storage, holder: Holder) -> None:
    again = storage.wallets.find_or_add_holder(HolderKind.NATURAL_PERSON, "111", NUMBER, "another name")
    assert again == holder == storage.wallets.holder(holder.holder_id)
    assert (holder.code, holder.name, holder.kind) == (NUMBER, NAME, HolderKind.NATURAL_PERSON)


def test_a_number_of_another_code_type_is_another_holder(storage: Storage, holder: Holder) -> None:
    other = storage.wallets.find_or_add_holder(HolderKind.NATURAL_PERSON, "414", NUMBER, NAME)
    assert other.holder_id != holder.holder_id


def test_a_holder_id_says_nothing_and_is_long(holder: Holder) -> None:
    assert len(holder.holder_id) == 22
    assert NUMBER not in holder.holder_id


def test_callers_at_once_get_one_holder(storage: Storage) -> None:
    found: list[HolderId] = []
    gate = threading.Barrier(4)

    def ask() -> None:
        gate.wait()
        found.append(storage.wallets.find_or_add_holder(HolderKind.NATURAL_PERSON, "111", NUMBER, NAME).holder_id)

    _at_once(ask, 4)
    assert len(found) == 4
    assert len(set(found)) == 1


def test_holders_come_in_the_order_they_were_made(storage: Storage) -> None:
    made = [storage.wallets.find_or_add_holder(HolderKind.LEGAL_ENTITY, "001", f"n{n}", "示例公司") for n in range(4)]
    assert storage.wallets.holders(limit=2, offset=1) == made[1:3]


def test_an_unknown_holder_is_refused(storage: Storage) -> None:
    with pytest.raises(UnknownHolder):
        storage.wallets.holder(HolderId("nobody"))


def test_the_last_key_is_the_present_one(storage: Storage, holder: Holder, new_key: Callable[..., HolderKey]) -> None:
    first, second = new_key(KeyPlace.CUSTODY, "custody/1"), new_key()
    assert storage.wallets.present_key(holder.holder_id) is None
    storage.wallets.add_key(first)
    storage.wallets.add_key(second)
    assert storage.wallets.present_key(holder.holder_id) == second
    assert storage.wallets.key(holder.holder_id, first.key.kid) == first


def test_a_key_added_again_is_present_again(
    storage: Storage, holder: Holder, new_key: Callable[..., HolderKey]
) -> None:
    first, second = new_key(), new_key()
    for key in (first, second, first):
        storage.wallets.add_key(key)
    assert storage.wallets.present_key(holder.holder_id) == first


def test_a_key_of_nobody_is_refused(storage: Storage, new_key: Callable[..., HolderKey]) -> None:
    with pytest.raises(UnknownHolder):
        storage.wallets.add_key(replace(new_key(), holder_id=HolderId("nobody")))


def test_an_unknown_key_is_refused(storage: Storage, holder: Holder) -> None:
    with pytest.raises(UnknownHolderKey):
        storage.wallets.key(holder.holder_id, "kid")


def test_a_credential_is_kept_as_it_came(storage: Storage, holder: Holder) -> None:
    holding = a_holding(holder.holder_id)
    storage.wallets.add_holdings([holding])
    assert storage.wallets.holding(holder.holder_id, CredentialId("c1")) == holding


def test_a_credential_that_is_there_stays_as_it_is(storage: Storage, holder: Holder) -> None:
    storage.wallets.add_holdings([a_holding(holder.holder_id)])
    storage.wallets.add_holdings([a_holding(holder.holder_id, at=NOW + timedelta(days=1))])
    assert storage.wallets.holdings(holder.holder_id) == [a_holding(holder.holder_id)]


def test_credentials_issued_last_come_first(storage: Storage, holder: Holder) -> None:
    old, new, middle = (
        a_holding(holder.holder_id, number, at=NOW + timedelta(days=days)) for number, days in ((1, 0), (2, 2), (3, 1))
    )
    storage.wallets.add_holdings([old, new, middle])
    assert storage.wallets.holdings(holder.holder_id) == [new, middle, old]


def test_no_credentials_are_kept_without_complaint(storage: Storage, holder: Holder) -> None:
    storage.wallets.add_holdings([])
    assert storage.wallets.holdings(holder.holder_id) == []


def test_credentials_of_nobody_are_refused_with_all_others(storage: Storage, holder: Holder) -> None:
    with pytest.raises(UnknownHolder):
        storage.wallets.add_holdings([a_holding(holder.holder_id), a_holding(HolderId("nobody"), 2)])
    assert storage.wallets.holdings(holder.holder_id) == []


def test_an_unknown_credential_is_refused(storage: Storage, holder: Holder) -> None:
    with pytest.raises(UnknownCredential):
        storage.wallets.holding(holder.holder_id, CredentialId("c1"))


def test_the_history_is_newest_first(storage: Storage, holder: Holder) -> None:
    records = [a_presentation(holder.holder_id, n, at=NOW + timedelta(minutes=n // 2)) for n in range(4)]
    for record in records:
        storage.wallets.add_shown(record)
    assert storage.wallets.shown(holder.holder_id, limit=3) == records[:0:-1]


def test_a_presentation_is_remembered_once(storage: Storage, holder: Holder) -> None:
    for _ in range(2):
        storage.wallets.add_shown(a_presentation(holder.holder_id))
    assert storage.wallets.shown(holder.holder_id, limit=9) == [a_presentation(holder.holder_id)]


def test_a_presentation_of_nobody_is_refused(storage: Storage) -> None:
    with pytest.raises(UnknownHolder):
        storage.wallets.add_shown(a_presentation(HolderId("nobody")))


def test_a_reference_is_good_once(storage: Storage) -> None:
    storage.wallets.add_reference("d1", "presentation", NOW + timedelta(seconds=60))
    taken = [storage.wallets.take_reference("d1", NOW) for _ in range(2)]
    assert taken == ["presentation", None]


def test_a_reference_ends_with_its_time(storage: Storage) -> None:
    storage.wallets.add_reference("d1", "presentation", NOW)
    assert storage.wallets.take_reference("d1", NOW) is None


def test_an_unknown_reference_gives_nothing(storage: Storage) -> None:
    assert storage.wallets.take_reference("d1", NOW) is None


def test_taking_clears_references_that_are_too_old(storage: Storage) -> None:
    storage.wallets.add_reference("old", "presentation", NOW)
    storage.wallets.take_reference("another", NOW)
    assert storage.wallets.take_reference("old", NOW - timedelta(days=1)) is None


def test_of_takers_at_once_one_gets_the_presentation(storage: Storage) -> None:
    storage.wallets.add_reference("d1", "presentation", NOW + timedelta(seconds=60))
    taken: list[str | None] = []
    gate = threading.Barrier(4)

    def take() -> None:
        gate.wait()
        taken.append(storage.wallets.take_reference("d1", NOW))

    _at_once(take, 4)
    assert sorted(taken, key=str) == [None, None, None, "presentation"]


def test_the_directory_knows_persons_and_organisations_by_their_code_type(storage: Storage) -> None:
    person = storage.directory.resolve("111", NUMBER, NAME)
    company = storage.directory.resolve("001", "91440799MA4W3R7M0A", "示例公司")
    kinds = [storage.wallets.holder(each.holder_id).kind for each in (person, company)]
    assert kinds == [HolderKind.NATURAL_PERSON, HolderKind.LEGAL_ENTITY]


def test_the_directory_gives_the_present_key(
    storage: Storage, holder: Holder, new_key: Callable[..., HolderKey]
) -> None:
    assert storage.directory.resolve("111", NUMBER, NAME).key is None
    key = new_key()
    storage.wallets.add_key(key)
    assert storage.directory.resolve("111", NUMBER, NAME).key == key.key


def _at_once(work: Callable[[], None], count: int) -> None:
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_presentation_that_nobody_fetched_is_forgotten(storage: Storage) -> None:
    storage.wallets.add_reference("digest", "eyJ~", NOW + timedelta(seconds=60))
    storage.wallets.add_reference("later", "eyJ~", NOW + timedelta(seconds=61))
    assert storage.wallets.forget_references(now=NOW + timedelta(seconds=59)) == 0
    assert storage.wallets.forget_references(now=NOW + timedelta(seconds=60)) == 1
    assert storage.wallets.take_reference("later", NOW) == "eyJ~"
