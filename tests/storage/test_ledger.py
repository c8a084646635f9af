"""The ledger over SQL: the contract that the fake fulfils too, and what only a database can get wrong."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

import pytest

from ecert.storage import Storage
from ecert.storage.batches import find_rows
from ecert.storage.errors import StorageConflict, UnknownIntent
from ecert.storage.ledger_reads import LedgerReader
from issuer.errors import StateChanged, UnknownCertificate
from issuer.ports import Ledger
from issuer.records import ActKind, State
from keys import jws
from keys.encoding import b64url_text
from keys.signer import SoftwareSigner
from schemas.catalogue import TypeId
from schemas.order import CredentialId, Identifier, LegalDates
from tests.support.ledger_contract import NOW, LedgerContract, an_act, an_intent, identifier_of, issued, signed
from tests.support.status_store_contract import StatusStoreContract


class TestSqlLedger(LedgerContract, StatusStoreContract):
    """The contracts on both databases."""

    @pytest.fixture
    def ledger(self, storage: Storage) -> Ledger:
        return storage.ledger

    @pytest.fixture
    def small_ledger(self, opened: Callable[..., Storage]) -> Ledger:
        return opened(status_list_size=8).ledger


def test_intents_of_one_batch_do_not_replace_one_certificate(storage: Storage) -> None:
    issued(storage.ledger, an_intent("A1"))
    twice = [an_intent(serial, version=2, replaces=identifier_of("A1")) for serial in ("A1", "A2")]
    with pytest.raises(StateChanged):
        storage.ledger.record_intents(twice)
    assert storage.ledger.unfinished(limit=9) == []


def test_a_replacement_of_an_unknown_certificate_is_refused(storage: Storage) -> None:
    with pytest.raises(UnknownCertificate):
        storage.ledger.record_intents([an_intent("A1", version=2, replaces=identifier_of("A1"))])


def test_an_identifier_is_recorded_once(storage: Storage) -> None:
    storage.ledger.record_intents([an_intent("A1")])
    with pytest.raises(StorageConflict):
        storage.ledger.record_intents([an_intent("B1"), an_intent("A1")])
    assert storage.ledger.serial_taken(["B1"]) == set()


def test_of_more_certificates_than_are_listed_the_newest_come(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their ids grow, and the holder's index is in another order."""
    monkeypatch.setattr("ecert.storage.ledger_reads._MAX_HELD", 2)
    holder = an_intent("A").holders[0]
    for serial in ("A1", "B1", "C1"):
        one = replace(an_intent(serial).credentials[0], holder=holder)
        issued(storage.ledger, replace(an_intent(serial), credentials=(one,)))
    held = storage.ledger.held_by(holder.holder_id, TypeId("business_licence"))
    assert held == [identifier_of("C1"), identifier_of("B1")]


def test_an_act_opens_no_token(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    """There may be many, and other writers wait meanwhile."""
    issued(storage.ledger, an_intent("A1"))
    monkeypatch.delattr(LedgerReader, "_issued")
    act = an_act(ActKind.REVOKE, identifier_of("A1"))
    record = storage.ledger.apply(act, expected=State.ISSUED, new=State.REVOKED, value=1)
    assert (record.state, record.credentials) == (State.REVOKED, ())


def test_what_is_signed_is_looked_up_alone(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A certificate may have many other credentials."""
    issued(storage.ledger, an_intent("A1", credentials=6))
    further = an_intent("A1", version=9, credentials=2)
    recorded = storage.ledger.add_credentials(identifier_of("A1"), replace(further, identifier=identifier_of("A1")))
    found: list[int] = []

    def counting(*args: Any, **more: Any) -> Any:
        rows = find_rows(*args, **more)
        found.append(len(rows))
        return rows

    monkeypatch.setattr("ecert.storage.ledger_signatures.find_rows", counting)
    first, second = signed(recorded)
    storage.ledger.record_issued([(identifier_of("A1"), [first])])
    assert found == [1, 1], "the certificate and the credential"
    (waiting,) = storage.ledger.unfinished(limit=9)
    assert [each.credential_id for each in waiting.intent.credentials] == [second.credential_id]
    storage.ledger.record_issued([(identifier_of("A1"), [second])])
    assert storage.ledger.unfinished(limit=9) == []


def test_a_refused_batch_takes_no_index(storage: Storage) -> None:
    storage.ledger.record_intents([an_intent("A1")])
    with pytest.raises(StorageConflict):
        storage.ledger.record_intents([an_intent("A1")])
    assert [row.taken for row in storage.ledger.status_lists()] == [2]


def test_an_intent_without_credentials_is_a_certificate_all_the_same(storage: Storage) -> None:
    first, second = storage.ledger.record_intents([an_intent(serial, credentials=0) for serial in ("A1", "B1")])
    storage.ledger.record_issued([(first.intent.identifier, []), (second.intent.identifier, [])])
    assert storage.ledger.certificate(identifier_of("B1")).state is State.ISSUED


def test_a_certificate_is_issued_once_all_its_credentials_are_signed(storage: Storage) -> None:
    (recorded,) = storage.ledger.record_intents([an_intent("A1")])
    first, second = signed(recorded)
    storage.ledger.record_issued([(identifier_of("A1"), [first])])
    assert storage.ledger.certificate(identifier_of("A1")).state is State.PREPARED
    (waiting,) = storage.ledger.unfinished(limit=9)
    assert ([each.credential_id for each in waiting.intent.credentials], waiting.statuses) == (
        [second.credential_id],
        (second.status,),
    )
    storage.ledger.record_issued([(identifier_of("A1"), [second])])
    assert storage.ledger.certificate(identifier_of("A1")).state is State.ISSUED


def test_a_signature_for_a_credential_that_was_not_planned_is_refused(storage: Storage) -> None:
    (recorded,) = storage.ledger.record_intents([an_intent("A1")])
    first, second = signed(recorded)
    stranger = replace(second, credential_id=CredentialId("stranger"))
    with pytest.raises(UnknownIntent):
        storage.ledger.record_issued([(identifier_of("A1"), [first, stranger])])
    assert storage.ledger.certificate(identifier_of("A1")).credentials == ()


def test_a_signature_for_another_certificates_credential_is_refused(storage: Storage) -> None:
    first, second = storage.ledger.record_intents([an_intent("A1"), an_intent("B1")])
    with pytest.raises(UnknownIntent):
        storage.ledger.record_issued([(first.intent.identifier, signed(second)), (second.intent.identifier, [])])


def test_a_signature_for_an_unknown_certificate_is_refused(storage: Storage) -> None:
    with pytest.raises(UnknownCertificate):
        storage.ledger.record_issued([(identifier_of("A1"), [])])


def test_a_replacement_without_a_decision_leaves_no_act(storage: Storage) -> None:
    issued(storage.ledger, an_intent("A1"))
    issued(storage.ledger, an_intent("A1", version=2, replaces=identifier_of("A1")))
    record = storage.ledger.certificate(identifier_of("A1"))
    assert (record.state, record.acts) == (State.REPLACED, ())


def test_digests_are_found_by_the_key_that_the_token_names(storage: Storage) -> None:
    signer = SoftwareSigner.generate()
    (recorded,) = storage.ledger.record_intents([an_intent("A1", credentials=1)])
    token = jws.sign(b"{}", signer, typ="dc+sd-jwt")
    (credential,) = signed(recorded)
    storage.ledger.record_issued([(identifier_of("A1"), [replace(credential, token=f"{token}~")])])
    digest = b64url_text(hashlib.sha256(token.encode()).digest())
    assert storage.ledger.issued_digests(signer.public_key.kid) == [digest]
    assert storage.ledger.issued_digests("kid-1") == []


@pytest.mark.parametrize("header", ["e30", "eyJraWQiOjF9", "***"], ids=["none", "a number", "no header"])
def test_a_token_that_names_no_key_is_on_no_keys_list(storage: Storage, header: str) -> None:
    (recorded,) = storage.ledger.record_intents([an_intent("A1", credentials=1)])
    (credential,) = signed(recorded)
    storage.ledger.record_issued([(identifier_of("A1"), [replace(credential, token=f"{header}.e30.sig~")])])
    assert storage.ledger.issued_digests("kid-1") == []


def test_more_than_one_statement_holds_is_recorded(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ecert.storage.batches._CHUNK", 3)
    intents = [an_intent(f"A{n}", row_key=f"r{n}", row_digest="d") for n in range(10)]
    recorded = storage.ledger.record_intents(intents)
    storage.ledger.record_issued([(each.intent.identifier, signed(each)) for each in recorded])
    again = storage.ledger.record_intents(intents)
    assert [len(each.issued) for each in again] == [2] * 10
    storage.ledger.mark_delivered([credential for each in again for credential in each.issued])
    assert storage.ledger.undelivered(limit=99) == []


def test_intents_come_back_oldest_first_whatever_their_department_and_kind(storage: Storage) -> None:
    issued(storage.ledger, an_intent("A1"))
    times = [NOW + timedelta(minutes=minute) for minute in range(3)]
    last = an_intent("C1", department="mca", planned_at=times[2])
    (third,) = storage.ledger.record_intents([last])
    more = CredentialId("more")
    further = replace(an_intent("A1", credentials=1, planned_at=times[1]))
    further = replace(further, credentials=(replace(further.credentials[0], credential_id=more),))
    second = storage.ledger.add_credentials(identifier_of("A1"), further)
    (first,) = storage.ledger.record_intents([an_intent("B1", planned_at=times[0])])
    assert storage.ledger.unfinished(limit=9) == [first, second, third]
    assert storage.ledger.unfinished(limit=2) == [first, second]


def test_an_identifier_of_another_form_is_its_own_serial(storage: Storage) -> None:
    storage.ledger.record_intents([an_intent("A1", identifier=Identifier("short"))])
    assert storage.ledger.serial_taken(["short"]) == {"short"}


def test_a_values_kind_survives_the_storage(storage: Storage) -> None:
    dates = LegalDates(date(2026, 1, 1), date(2026, 1, 2), date(2036, 1, 1))
    intent = an_intent("A1", claims=MappingProxyType({"n": 1, "on": False, "说明": "é"}), dates=dates)
    storage.ledger.record_intents([intent])
    assert storage.ledger.certificate(identifier_of("A1")).intent == replace(intent, claims=dict(intent.claims))
