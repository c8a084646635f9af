"""Relying parties and their API keys in the database."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from ecert.storage import Storage
from ecert.storage.party_keys import PREFIXES
from schemas.audit import Subject
from tests.support.parties import NOW, OPERATOR, water
from verifier.errors import PartyExists, UnknownParty
from verifier.parties.model import Access, Environment, PartyStatus
from verifier.parties.ports import Parties
from verifier.purposes.model import RelyingParty, Sector

LATER = NOW + timedelta(days=30)
LIVE = Access("water", Environment.LIVE)
TEST = Access("water", Environment.TEST, frozenset({"water.transfer", "water.account-opening"}))
GAS = RelyingParty("gas", "示例燃气公司", "Example Gas Company", "91440799MA2X91010Q", Sector.GAS)


@pytest.fixture
def kept(storage: Storage) -> Storage:
    storage.parties.add(water(), by=OPERATOR, now=NOW)
    return storage


def test_a_party_is_found_as_it_was_added(kept: Storage) -> None:
    port: Parties = kept.parties
    assert port.find("water") == water()
    assert port.find("gas") is None


def test_parties_are_listed_by_id(kept: Storage) -> None:
    gas = replace(water(), body=GAS, purposes=frozenset())
    kept.parties.add(gas, by=OPERATOR, now=NOW)
    assert kept.parties.all() == [gas, water()]


def test_a_party_is_added_once_and_changed_only_when_it_is_there(kept: Storage) -> None:
    with pytest.raises(PartyExists):
        kept.parties.add(water(contact="elsewhere"), by=OPERATOR, now=NOW)
    kept.parties.change(water(contact="elsewhere"), by=OPERATOR, now=NOW)
    assert kept.parties.find("water") == water(contact="elsewhere")
    with pytest.raises(UnknownParty):
        kept.parties.change(replace(water(), body=GAS), by=OPERATOR, now=NOW)


def test_a_change_made_from_an_older_reading_leaves_the_status_as_it_is(kept: Storage) -> None:
    read = water(contact="elsewhere")
    suspended = kept.parties.set_status("water", PartyStatus.SUSPENDED, by=OPERATOR, now=NOW)
    assert suspended == water(status=PartyStatus.SUSPENDED)
    assert kept.parties.change(read, by=OPERATOR, now=NOW) == replace(read, status=PartyStatus.SUSPENDED)
    assert kept.parties.find("water") == replace(read, status=PartyStatus.SUSPENDED)
    with pytest.raises(UnknownParty):
        kept.parties.set_status("gas", PartyStatus.SUSPENDED, by=OPERATOR, now=NOW)


def test_the_trail_says_who_registered_and_changed_a_party(kept: Storage) -> None:
    kept.parties.set_status("water", PartyStatus.SUSPENDED, by=OPERATOR, now=LATER)
    with pytest.raises(PartyExists):
        kept.parties.add(water(), by=OPERATOR, now=NOW)
    records = kept.audit.records_of(Subject.PARTY, "water")
    assert [(each.act, each.by, each.details["status"]) for each in records] == [
        ("made", OPERATOR, "active"),
        ("changed", OPERATOR, "suspended"),
    ]


@pytest.mark.parametrize("access", [LIVE, TEST])
def test_a_key_is_found_by_its_text_and_says_what_it_reaches(kept: Storage, access: Access) -> None:
    key, known = kept.party_keys.issue(access, now=NOW, expires_at=LATER, by=OPERATOR)
    found = kept.party_keys.find(key, now=NOW)
    assert found == known
    assert (known.access, known.created_at, known.expires_at, known.revoked_at) == (access, NOW, LATER, None)


def test_a_key_wears_its_environment_has_256_bits_and_is_not_kept(kept: Storage) -> None:
    for access, prefix in ((TEST, "test_"), (LIVE, "live_")):
        key, _ = kept.party_keys.issue(access, now=NOW, expires_at=LATER)
        assert key.startswith(prefix)
        assert prefix in PREFIXES
        assert len(key) == 5 + 43
        with kept.database.read() as connection:
            rows = str(connection.execute(text("SELECT * FROM party_keys")).all())
        assert key not in rows
        assert key.removeprefix(prefix) not in rows


def test_a_key_of_the_other_environment_is_another_key(kept: Storage) -> None:
    key, _ = kept.party_keys.issue(TEST, now=NOW, expires_at=LATER)
    assert kept.party_keys.find("live_" + key.removeprefix("test_"), now=NOW) is None


def test_an_unknown_an_expired_and_a_revoked_key_are_nobody(kept: Storage) -> None:
    key, known = kept.party_keys.issue(LIVE, now=NOW, expires_at=LATER)
    assert kept.party_keys.find("live_guess", now=NOW) is None
    assert kept.party_keys.find(key, now=LATER) is None
    assert kept.party_keys.revoke(known.key_id, now=NOW, by=OPERATOR)
    assert kept.party_keys.find(key, now=NOW) is None
    assert not kept.party_keys.revoke(known.key_id, now=LATER)
    assert not kept.party_keys.revoke("nothing", now=NOW)
    assert [each.revoked_at for each in kept.party_keys.of_party("water")] == [NOW]


def test_a_suspended_party_s_keys_rest_until_it_is_active_again(kept: Storage) -> None:
    key, _ = kept.party_keys.issue(LIVE, now=NOW, expires_at=LATER)
    kept.parties.set_status("water", PartyStatus.SUSPENDED, by=OPERATOR, now=NOW)
    assert kept.party_keys.find(key, now=NOW) is None
    kept.parties.set_status("water", PartyStatus.ACTIVE, by=OPERATOR, now=NOW)
    assert kept.party_keys.find(key, now=NOW) is not None


def test_the_day_of_the_last_use_is_kept(kept: Storage) -> None:
    key, known = kept.party_keys.issue(LIVE, now=NOW, expires_at=LATER)
    assert known.last_used_on is None
    for day, expected in ((0, date(2026, 3, 2)), (0, date(2026, 3, 2)), (3, date(2026, 3, 5)), (1, date(2026, 3, 5))):
        kept.party_keys.find(key, now=NOW + timedelta(days=day))
        assert [each.last_used_on for each in kept.party_keys.of_party("water")] == [expected]


def test_a_key_of_nobody_is_not_made(storage: Storage) -> None:
    with pytest.raises(UnknownParty):
        storage.party_keys.issue(LIVE, now=NOW, expires_at=LATER)


def test_the_trail_says_who_gave_and_who_ended_a_key(kept: Storage) -> None:
    _, known = kept.party_keys.issue(TEST, now=NOW, expires_at=LATER, by=OPERATOR)
    kept.party_keys.revoke(known.key_id, now=NOW)
    records = kept.audit.records_of(Subject.TOKEN, known.key_id)
    assert [(each.act, each.by.actor) for each in records] == [("made", "operator-1"), ("revoked", "system")]
    assert records[0].details["party_id"] == "water"
    assert records[0].details["purposes"] == 2
