"""Nothing personal stands in the database's bytes (invariant 9)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url

from ecert.storage import Storage, StoredAnswer
from issuer.records import Act, ActKind, State
from keys.encoding import b64url_text
from keys.signer import SoftwareSigner
from schemas.order import CredentialId, HolderRef
from tests.support.ledger_contract import an_intent, identifier_of, signed
from tests.support.postgres import PostgresServer
from wallet_api.records import HolderKey, HolderKind, Holding, KeyPlace, ShownRecord

NOW = datetime(2026, 3, 2, 1, 23, 45, tzinfo=UTC)
PERSONAL = {
    "name": "陈大文示例",
    "number": "440799199001010011",
    "address": "示例县幸福路七号",
    "token": "eyJhbGciOiJFUzI1NiJ9.personal-payload.signature",
    "disclosure": "WyJzYWx0IiwibmFtZSIsIumZiCJd",
    "officer": "officer-李小明",
    "case": "江市监案〔2026〕7号",
    "purpose": "办理示例业务的用途",
    "answer": "answer-with-personal-data",
}


@pytest.fixture
def lived_in(storage: Storage) -> Storage:
    """A database through which every kind of personal data went."""
    number, name = PERSONAL["number"], PERSONAL["name"]
    holder = storage.wallets.find_or_add_holder(HolderKind.NATURAL_PERSON, "111", number, name)
    key = SoftwareSigner.generate().public_key
    storage.wallets.add_key(HolderKey(holder.holder_id, key, KeyPlace.DEVICE, None))
    claims = {"name": name, "citizen_number": number, "address": PERSONAL["address"]}
    reference = HolderRef(holder.holder_id, key)
    intent = an_intent("A1", claims=claims, row_key=number, row_digest="d1", holders=(reference,))
    (recorded,) = storage.ledger.record_intents([intent])
    token = f"{PERSONAL['token']}~{PERSONAL['disclosure']}~"
    credentials = [replace(each, token=token, holder_id=holder.holder_id) for each in signed(recorded)]
    storage.ledger.record_issued([(intent.identifier, credentials)])
    storage.ledger.add_credentials(intent.identifier, replace(intent, credentials=()))
    act = Act(ActKind.SUSPEND, intent.identifier, "暂扣", PERSONAL["officer"], PERSONAL["case"], NOW, name)
    storage.ledger.apply(act, expected=State.ISSUED, new=State.SUSPENDED, value=2)
    storage.wallets.add_holdings([Holding(each, NOW) for each in credentials])
    shown = ("p1", holder.holder_id, CredentialId("c1"), "t", ("name",), "urn:x", PERSONAL["purpose"], "qr", NOW)
    storage.wallets.add_shown(ShownRecord(*shown))
    storage.wallets.add_reference("digest", token, NOW + timedelta(seconds=60))
    storage.idempotency.complete("a", "k", StoredAnswer("r", 200, PERSONAL["answer"].encode()), now=NOW)
    return storage


@pytest.fixture
def stored_bytes(lived_in: Storage, request: pytest.FixtureRequest, tmp_path: Path) -> bytes:
    """Every byte of the database: the SQLite files, or a plain dump of the PostgreSQL database."""
    url = make_url(lived_in.database.engine.url)
    if url.drivername.startswith("sqlite"):
        return b"".join(path.read_bytes() for path in sorted(tmp_path.glob("ecert.db*")))
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.run("pg_dump", "--username=ecert", f"--host={server.folder}", str(url.database))


@pytest.mark.parametrize("kind", PERSONAL)
def test_no_personal_value_stands_in_the_bytes(stored_bytes: bytes, kind: str) -> None:
    value = PERSONAL[kind].encode()
    forms = (value, value.hex().encode(), b64url_text(value).encode(), PERSONAL[kind].encode("utf-16-le"))
    assert [form for form in forms if form in stored_bytes] == []


def test_what_is_not_personal_stands_there(stored_bytes: bytes) -> None:
    """The test above looks where it should."""
    assert identifier_of("A1").encode() in stored_bytes


def test_what_was_sealed_comes_back(lived_in: Storage) -> None:
    record = lived_in.ledger.certificate(identifier_of("A1"))
    assert record.intent.claims["address"] == PERSONAL["address"]
    assert record.intent.row_key == PERSONAL["number"]


def test_another_data_key_reads_what_the_older_one_sealed(lived_in: Storage, opened: Callable[..., Storage]) -> None:
    after = opened(data_key=b"n" * 32, older_data_keys=[b"d" * 32])
    assert after.ledger.certificate(identifier_of("A1")) == lived_in.ledger.certificate(identifier_of("A1"))
    after.ledger.record_intents([an_intent("B1")])
    assert after.ledger.certificate(identifier_of("B1")).intent == an_intent("B1")
    assert after.ledger.verify_audit().sequence == 1
