"""Entries of the history as they are sealed: old ones are read by the new version."""

from dataclasses import replace

from ecert.storage.shown import shown_document, shown_of
from keys import strict_json
from schemas.order import HolderId
from tests.support.wallets_contract import AN_EXCHANGE, NOW

OLD = {
    "credential_id": "credential",
    "type_id": "resident_id_card",
    "fields": ["name"],
    "audience": "https://bank.example",
    "purpose": "开户",
    "channel": "api",
}


def test_an_entry_of_an_older_version_is_read_and_written_as_it_was() -> None:
    read = shown_of(strict_json.dumps(OLD), "p", HolderId("h"), NOW)
    assert read.exchange is None
    assert strict_json.loads_object(shown_document(read)) == OLD


def test_an_exchange_comes_back_whole() -> None:
    record = replace(shown_of(strict_json.dumps(OLD), "p", HolderId("h"), NOW), exchange=AN_EXCHANGE)
    assert shown_of(shown_document(record), "p", HolderId("h"), NOW) == record
