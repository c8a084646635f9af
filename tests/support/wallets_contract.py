"""What every store of wallets must do, as tests: the fake in memory and the SQL adapter run the same ones.

class TestMyWallets(WalletsContract):
    @pytest.fixture
    def wallets(self) -> Wallets: ...      # an empty store
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from keys.algorithms import Algorithm
from keys.signer import SoftwareSigner
from schemas.catalogue import TypeId
from schemas.order import CredentialFormat, CredentialId, HolderId, Identifier, IssuedCredential, StatusRef
from wallet_api.errors import UnknownCredential, UnknownHolder, UnknownHolderKey, UnknownRecord
from wallet_api.ports import Wallets
from wallet_api.records import (
    Afterwards,
    CertificateRecord,
    Exchange,
    ExchangeOutcome,
    Holder,
    HolderKey,
    HolderKind,
    Holding,
    KeyPlace,
    PartyRecord,
    ReasonRecord,
    ShownRecord,
    Trust,
)

NOW = datetime(2026, 3, 2, 1, 23, 45, tzinfo=UTC)
NOBODY = HolderId("nobody")
NUMBER = "440799199003070112"
NAME = "陈大文"
AN_EXCHANGE = Exchange(
    PartyRecord("x509_hash:abc", Trust.LISTED, "示例银行", "Example Bank", "dpo@bank.example"),
    ExchangeOutcome.SENT,
    (CertificateRecord(CredentialId("credential"), "resident_id_card", ("name",)),),
    ReasonRecord("account_opening", "反洗钱法第十六条", "Anti-Money Laundering Law, article 16", 1825),
    ((Afterwards.DELETION_ASKED, NOW),),
)
KEYS = [SoftwareSigner.generate(algorithm).public_key for algorithm in Algorithm]


def a_holder(wallets: Wallets, number: str = NUMBER, name: str = NAME) -> Holder:
    """Return a natural person in the store."""
    return wallets.find_or_add_holder(HolderKind.NATURAL_PERSON, "111", number, name)


def a_holding(holder: Holder, name: str = "one", *, received_at: datetime = NOW, **changes: Any) -> Holding:
    """Return a plausible holding; ``changes`` replaces fields of its credential."""
    credential = IssuedCredential(
        credential_id=CredentialId(f"credential-{name}-of-{holder.holder_id}"),
        identifier=Identifier(f"1.2.156.3005.2.11440799MB2X00012C001.11440799MB2X00012C.{name.upper()}.001.0"),
        type_id=TypeId("resident_id_card"),
        holder_id=holder.holder_id,
        format=CredentialFormat.SD_JWT_VC,
        short_lived=False,
        holder_kid=KEYS[0].kid,
        token=f"eyJ.{name}.陈~",
        issued_at=NOW.replace(minute=0, second=0),
        expires_at=NOW + timedelta(days=365),
        status=StatusRef("https://city.example/status/1", 7),
    )
    return Holding(replace(credential, **changes), received_at)


def a_record(holder: Holder, number: int, **changes: Any) -> ShownRecord:
    """Return a plausible record, a minute later for each ``number``."""
    record = ShownRecord(
        presentation_id=f"presentation-{number}-of-{holder.holder_id}",
        holder_id=holder.holder_id,
        credential_id=CredentialId("credential"),
        type_id=TypeId("resident_id_card"),
        fields=("name", "issue_date"),
        audience="https://bank.example",
        purpose="开户核验 Opening an account",
        channel="api",
        at=NOW + timedelta(minutes=number),
    )
    return replace(record, **changes)


class HolderContract:
    """Holders and their keys."""

    def test_a_new_store_has_no_holders(self, wallets: Wallets) -> None:
        assert wallets.holders(limit=10) == []

    def test_a_holder_comes_back_as_it_was_given(self, wallets: Wallets) -> None:
        holder = a_holder(wallets)
        assert (holder.kind, holder.code_type, holder.code, holder.name) == (
            HolderKind.NATURAL_PERSON,
            "111",
            NUMBER,
            NAME,
        )
        assert wallets.holder(holder.holder_id) == holder

    def test_an_organisation_stays_one(self, wallets: Wallets) -> None:
        made = wallets.find_or_add_holder(HolderKind.LEGAL_ENTITY, "001", "91440799MA00000000", "江门示例有限公司")
        assert wallets.holder(made.holder_id).kind is HolderKind.LEGAL_ENTITY

    def test_a_number_finds_its_holder(self, wallets: Wallets) -> None:
        assert a_holder(wallets).holder_id == a_holder(wallets).holder_id
        assert len(wallets.holders(limit=10)) == 1

    def test_another_number_is_another_holder(self, wallets: Wallets) -> None:
        assert a_holder(wallets).holder_id != a_holder(wallets, "440799198811230220").holder_id

    def test_the_same_number_of_another_kind_is_another_holder(self, wallets: Wallets) -> None:
        person = wallets.find_or_add_holder(HolderKind.NATURAL_PERSON, "414", "E00000000", NAME)
        assert person != wallets.find_or_add_holder(HolderKind.NATURAL_PERSON, "511", "E00000000", NAME)

    def test_an_id_does_not_hold_the_number(self, wallets: Wallets) -> None:
        assert NUMBER not in a_holder(wallets).holder_id

    def test_holders_come_in_the_order_they_were_made(self, wallets: Wallets) -> None:
        made = [a_holder(wallets, f"44079919900307{number:04}") for number in range(5)]
        assert wallets.holders(limit=10) == made
        assert wallets.holders(limit=2, offset=3) == made[3:]
        assert wallets.holders(limit=2) == made[:2]

    def test_an_unknown_holder_is_an_error(self, wallets: Wallets) -> None:
        with pytest.raises(UnknownHolder):
            wallets.holder(NOBODY)

    def test_a_new_holder_has_no_key(self, wallets: Wallets) -> None:
        assert wallets.present_key(a_holder(wallets).holder_id) is None

    @pytest.mark.parametrize("key", KEYS, ids=[key.algorithm.value for key in KEYS])
    def test_a_key_comes_back_as_it_was_given(self, wallets: Wallets, key: Any) -> None:
        holder = a_holder(wallets)
        given = HolderKey(holder.holder_id, key, KeyPlace.CUSTODY, "custody/x")
        wallets.add_key(given)
        assert wallets.present_key(holder.holder_id) == given
        assert wallets.key(holder.holder_id, key.kid) == given

    def test_the_key_added_last_is_the_present_one_and_the_earlier_stays(self, wallets: Wallets) -> None:
        holder = a_holder(wallets)
        first = HolderKey(holder.holder_id, KEYS[0], KeyPlace.CUSTODY, "custody/x")
        second = HolderKey(holder.holder_id, KEYS[1], KeyPlace.DEVICE, None)
        wallets.add_key(first)
        wallets.add_key(second)
        assert wallets.present_key(holder.holder_id) == second
        assert wallets.key(holder.holder_id, KEYS[0].kid) == first

    def test_a_key_added_again_is_the_present_one_again(self, wallets: Wallets) -> None:
        holder = a_holder(wallets)
        first = HolderKey(holder.holder_id, KEYS[0], KeyPlace.CUSTODY, "custody/x")
        wallets.add_key(first)
        wallets.add_key(HolderKey(holder.holder_id, KEYS[1], KeyPlace.DEVICE, None))
        wallets.add_key(first)
        assert wallets.present_key(holder.holder_id) == first

    def test_adding_the_present_key_changes_nothing(self, wallets: Wallets) -> None:
        holder = a_holder(wallets)
        key = HolderKey(holder.holder_id, KEYS[0], KeyPlace.CUSTODY, "custody/x")
        wallets.add_key(key)
        wallets.add_key(key)
        assert wallets.present_key(holder.holder_id) == key

    def test_two_holders_may_share_a_device(self, wallets: Wallets) -> None:
        one, two = a_holder(wallets), a_holder(wallets, "440799198811230220")
        for holder in (one, two):
            wallets.add_key(HolderKey(holder.holder_id, KEYS[0], KeyPlace.DEVICE, None))
        assert wallets.key(two.holder_id, KEYS[0].kid).holder_id == two.holder_id

    def test_another_holders_key_is_unknown(self, wallets: Wallets) -> None:
        one, two = a_holder(wallets), a_holder(wallets, "440799198811230220")
        wallets.add_key(HolderKey(one.holder_id, KEYS[0], KeyPlace.DEVICE, None))
        with pytest.raises(UnknownHolderKey):
            wallets.key(two.holder_id, KEYS[0].kid)

    def test_a_key_of_nobody_is_unknown(self, wallets: Wallets) -> None:
        with pytest.raises(UnknownHolderKey):
            wallets.key(NOBODY, KEYS[0].kid)


class HoldingContract:
    """Credentials."""

    def test_a_new_wallet_is_empty(self, wallets: Wallets) -> None:
        assert wallets.holdings(a_holder(wallets).holder_id) == []

    def test_no_holdings_are_no_fault(self, wallets: Wallets) -> None:
        wallets.add_holdings([])

    def test_a_holding_comes_back_as_it_was_given(self, wallets: Wallets) -> None:
        holding = a_holding(a_holder(wallets), format=CredentialFormat.VC_JWT, short_lived=True)
        wallets.add_holdings([holding])
        credential = holding.credential
        assert wallets.holding(credential.holder_id, credential.credential_id) == holding
        assert wallets.holdings(credential.holder_id) == [holding]

    def test_what_is_there_stays_as_it_is(self, wallets: Wallets) -> None:
        first = a_holding(a_holder(wallets))
        wallets.add_holdings([first])
        wallets.add_holdings([Holding(replace(first.credential, token="eyJ.other~"), NOW + timedelta(days=1))])
        assert wallets.holdings(first.credential.holder_id) == [first]

    def test_a_batch_that_is_there_in_part_is_completed(self, wallets: Wallets) -> None:
        holder = a_holder(wallets)
        one, two = a_holding(holder, "one"), a_holding(holder, "two")
        wallets.add_holdings([one])
        wallets.add_holdings([one, two])
        assert {item.credential.credential_id for item in wallets.holdings(holder.holder_id)} == {
            one.credential.credential_id,
            two.credential.credential_id,
        }

    def test_the_last_issued_comes_first(self, wallets: Wallets) -> None:
        holder = a_holder(wallets)
        made = [a_holding(holder, str(day), issued_at=NOW + timedelta(days=day)) for day in (2, 5, 1)]
        wallets.add_holdings(made)
        assert wallets.holdings(holder.holder_id) == [made[1], made[0], made[2]]

    def test_a_batch_may_be_for_many(self, wallets: Wallets) -> None:
        holders = [a_holder(wallets), a_holder(wallets, "440799198811230220")]
        wallets.add_holdings([a_holding(holder) for holder in holders])
        assert [len(wallets.holdings(holder.holder_id)) for holder in holders] == [1, 1]

    def test_another_holders_credential_is_unknown(self, wallets: Wallets) -> None:
        holding = a_holding(a_holder(wallets))
        wallets.add_holdings([holding])
        other = a_holder(wallets, "440799198811230220")
        with pytest.raises(UnknownCredential):
            wallets.holding(other.holder_id, holding.credential.credential_id)

    def test_a_credential_that_never_came_is_unknown(self, wallets: Wallets) -> None:
        with pytest.raises(UnknownCredential):
            wallets.holding(a_holder(wallets).holder_id, CredentialId("none"))


class ShownContract:
    """The history, and what waits under a reference."""

    def test_an_entry_of_the_history_is_found_and_replaced_by_its_holder_alone(self, wallets: Wallets) -> None:
        holder, other = a_holder(wallets), a_holder(wallets, "440799198811230220")
        record = replace(a_record(holder, 1), exchange=AN_EXCHANGE)
        wallets.add_shown(record)
        assert wallets.shown_one(holder.holder_id, record.presentation_id) == record
        changed = replace(record, exchange=replace(AN_EXCHANGE, outcome=ExchangeOutcome.SHARED))
        wallets.change_shown(holder.holder_id, record.presentation_id, lambda _: changed)
        assert wallets.shown(holder.holder_id, limit=9) == [changed]
        with pytest.raises(UnknownRecord):
            wallets.shown_one(other.holder_id, record.presentation_id)
        with pytest.raises(UnknownRecord):
            wallets.change_shown(other.holder_id, record.presentation_id, lambda present: present)

    def test_a_new_holder_has_shown_nothing(self, wallets: Wallets) -> None:
        assert wallets.shown(a_holder(wallets).holder_id, limit=10) == []

    def test_the_newest_comes_first_and_no_more_than_asked(self, wallets: Wallets) -> None:
        holder = a_holder(wallets)
        records = [a_record(holder, number) for number in range(4)]
        for record in records:
            wallets.add_shown(record)
        assert wallets.shown(holder.holder_id, limit=10) == records[::-1]
        assert wallets.shown(holder.holder_id, limit=3) == records[:0:-1]

    def test_of_one_second_the_last_added_comes_first(self, wallets: Wallets) -> None:
        holder = a_holder(wallets)
        records = [a_record(holder, number, at=NOW) for number in range(3)]
        for record in records:
            wallets.add_shown(record)
        assert wallets.shown(holder.holder_id, limit=10) == records[::-1]

    def test_a_record_may_name_no_field(self, wallets: Wallets) -> None:
        record = a_record(a_holder(wallets), 1, fields=())
        wallets.add_shown(record)
        assert wallets.shown(record.holder_id, limit=1) == [record]

    def test_another_holder_sees_nothing_of_it(self, wallets: Wallets) -> None:
        wallets.add_shown(a_record(a_holder(wallets), 1))
        assert wallets.shown(a_holder(wallets, "440799198811230220").holder_id, limit=10) == []

    def test_a_reference_gives_its_presentation_once(self, wallets: Wallets) -> None:
        wallets.add_reference("digest", "eyJ~presentation", NOW + timedelta(seconds=60))
        assert wallets.take_reference("digest", NOW) == "eyJ~presentation"
        assert wallets.take_reference("digest", NOW) is None

    def test_a_reference_is_gone_at_its_end(self, wallets: Wallets) -> None:
        wallets.add_reference("digest", "eyJ~presentation", NOW)
        assert wallets.take_reference("digest", NOW) is None

    def test_a_reference_that_never_was_gives_nothing(self, wallets: Wallets) -> None:
        assert wallets.take_reference("none", NOW) is None

    def test_one_reference_does_not_end_another(self, wallets: Wallets) -> None:
        until = NOW + timedelta(seconds=60)
        wallets.add_reference("one", "eyJ~one", until)
        wallets.add_reference("two", "eyJ~two", until)
        wallets.take_reference("one", NOW)
        assert wallets.take_reference("two", NOW) == "eyJ~two"


class WalletsContract(HolderContract, HoldingContract, ShownContract):
    """All of it."""
