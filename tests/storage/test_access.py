"""Blobs, API tokens and answers to repeated requests."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import text

from ecert.storage import Role, Storage, StoredAnswer, TokenScope, open_blobs
from ecert.storage.idempotency import RUNNING_FOR
from keys.blobs import Blobs
from keys.store import KeyStore
from schemas.order import HolderId

NOW = datetime(2026, 3, 2, 1, 23, 45, tzinfo=UTC)
LATER = NOW + timedelta(days=30)


def test_a_blob_is_read_as_it_was_added(storage: Storage) -> None:
    assert storage.blobs.add("a/b", b"\x00data")
    assert storage.blobs.read("a/b") == b"\x00data"


def test_adding_does_not_overwrite_a_blob(storage: Storage) -> None:
    storage.blobs.add("a", b"first")
    assert not storage.blobs.add("a", b"second")
    assert storage.blobs.read("a") == b"first"


def test_replacing_overwrites_a_blob_and_makes_one(storage: Storage) -> None:
    for data in (b"first", b"second"):
        storage.blobs.replace("a", data)
    assert storage.blobs.read("a") == b"second"


def test_a_removed_blob_is_gone_and_removing_it_again_is_no_error(storage: Storage) -> None:
    storage.blobs.add("a", b"data")
    for _ in range(2):
        storage.blobs.remove("a")
    assert (storage.blobs.read("a"), storage.blobs.names()) == (None, [])


def test_the_key_store_works_over_the_table(storage: Storage, url: str) -> None:
    port: Blobs = storage.blobs
    signer = KeyStore(port, "passphrase", work=16).create("dept/civil")
    blobs = open_blobs(url)
    again = KeyStore(blobs, "passphrase", work=16).open("dept/civil")
    blobs.close()
    assert again.public_key == signer.public_key


def test_a_token_is_found_by_its_text(storage: Storage) -> None:
    scope = TokenScope("civil-affairs", None, frozenset({"birth_certificate", "marriage_certificate"}))
    token, known = storage.tokens.issue(Role.PREPARER, now=NOW, expires_at=LATER, scope=scope)
    assert storage.tokens.find(token, now=NOW) == known
    assert (known.role, known.scope, known.created_at, known.expires_at) == (Role.PREPARER, scope, NOW, LATER)


def test_a_holders_token_names_the_holder(storage: Storage) -> None:
    scope = TokenScope(holder_id=HolderId("h1"))
    token, _ = storage.tokens.issue(Role.HOLDER, now=NOW, expires_at=LATER, scope=scope)
    found = storage.tokens.find(token, now=NOW)
    assert found is not None
    assert found.scope == scope


def test_a_token_has_256_bits_and_is_not_kept(storage: Storage) -> None:
    token, _ = storage.tokens.issue(Role.OPERATOR, now=NOW, expires_at=LATER)
    with storage.database.read() as connection:
        kept = str(connection.execute(text("SELECT * FROM api_tokens")).all())
    assert len(token) == 43
    assert token not in kept


def test_an_unknown_token_is_nobody(storage: Storage) -> None:
    assert storage.tokens.find("guess", now=NOW) is None


def test_a_token_ends_with_its_time(storage: Storage) -> None:
    token, _ = storage.tokens.issue(Role.COUNTER, now=NOW, expires_at=LATER)
    assert storage.tokens.find(token, now=LATER) is None


def test_a_revoked_token_is_nobody(storage: Storage) -> None:
    token, known = storage.tokens.issue(Role.COUNTER, now=NOW, expires_at=LATER)
    assert storage.tokens.revoke(known.token_id, now=NOW)
    assert storage.tokens.find(token, now=NOW) is None


def test_a_token_is_revoked_once(storage: Storage) -> None:
    _, known = storage.tokens.issue(Role.COUNTER, now=NOW, expires_at=LATER)
    answers = [storage.tokens.revoke(known.token_id, now=NOW + timedelta(hours=n)) for n in range(2)]
    assert answers == [True, False]
    assert [each.revoked_at for each in storage.tokens.all()] == [NOW]


def test_every_token_is_listed_oldest_first(storage: Storage) -> None:
    made = [
        storage.tokens.issue(role, now=NOW + timedelta(hours=n), expires_at=LATER)[1] for n, role in enumerate(Role)
    ]
    assert storage.tokens.all() == made
    assert storage.tokens.count() == 8


def test_a_first_start_has_no_token(storage: Storage) -> None:
    assert storage.tokens.count() == 0


def test_the_first_answer_stays(storage: Storage) -> None:
    first, second = StoredAnswer("r1", 201, b'{"a":1}'), StoredAnswer("r2", 409, b"")
    assert storage.idempotency.reserve("actor", "key", "r1", now=NOW) is None
    kept = [storage.idempotency.complete("actor", "key", answer, now=NOW) for answer in (first, second)]
    assert kept == [first, first]
    storage.idempotency.release("actor", "key")
    assert storage.idempotency.reserve("actor", "key", "r1", now=NOW) == first


@pytest.mark.parametrize(("actor", "key"), [("other", "key"), ("actor", "other")])
def test_an_answer_belongs_to_its_actor_and_key(storage: Storage, actor: str, key: str) -> None:
    storage.idempotency.complete("actor", "key", StoredAnswer("r1", 201, b""), now=NOW)
    assert storage.idempotency.reserve(actor, key, "r1", now=NOW) is None


def test_a_key_is_reserved_once_until_it_is_released(storage: Storage) -> None:
    reserve = partial(storage.idempotency.reserve, "actor", "key", "r1")
    assert reserve(now=NOW) is None
    running = reserve(now=NOW)
    assert running is not None
    assert running.is_running
    storage.idempotency.release("actor", "key")
    assert reserve(now=NOW) is None


def test_of_many_at_once_one_has_the_key(storage: Storage) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: storage.idempotency.reserve("actor", "key", "r1", now=NOW), range(16)))
    assert found.count(None) == 1
    assert all(each.is_running for each in found if each is not None)


def test_a_key_whose_worker_died_is_free_again_for_the_same_request(storage: Storage) -> None:
    storage.idempotency.reserve("actor", "key", "r1", now=NOW)
    later = NOW + RUNNING_FOR
    other = storage.idempotency.reserve("actor", "key", "r2", now=later)
    assert other is not None
    assert other.request_digest == "r1"
    assert storage.idempotency.reserve("actor", "key", "r1", now=later) is None
    assert storage.idempotency.reserve("actor", "key", "r1", now=later) is not None


def test_old_answers_are_forgotten(storage: Storage) -> None:
    for hours in range(3):
        answer = StoredAnswer("r", 200, b"")
        storage.idempotency.complete("actor", f"key-{hours}", answer, now=NOW + timedelta(hours=hours))
    assert storage.idempotency.forget(before=NOW + timedelta(hours=2)) == 2
    assert storage.idempotency.reserve("actor", "key-2", "r", now=NOW) is not None
