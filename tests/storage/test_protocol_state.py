"""The protocol state over SQL: the contract, what only a database can get wrong, and real races."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any, TypeVar

import pytest
from sqlalchemy import make_url, text

from ecert.storage import Storage, protocol_state
from ecert.storage.errors import RecordDamaged, StateTooLarge
from issuer.openid4vci.ports import ProtocolState
from keys.encoding import b64url_text
from tests.support.protocol_state_contract import NOW, SOON, VALUE, ProtocolStateContract

T = TypeVar("T")
THREADS = 8
ROUNDS = 5


class TestSqlProtocolState(ProtocolStateContract):
    """The contract on both databases."""

    @pytest.fixture
    def state(self, storage: Storage) -> ProtocolState:
        return storage.protocol


def at_once(work: Callable[[int], T]) -> list[T]:
    """Let every thread start ``work`` at the same moment, and return what each got."""
    barrier = Barrier(THREADS)

    def started(number: int) -> T:
        barrier.wait(timeout=30)
        return work(number)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(started, range(THREADS)))


@pytest.fixture
def workers(opened: Callable[..., Storage]) -> list[ProtocolState]:
    """Two workers with connections of their own over one database."""
    return [opened().protocol, opened().protocol]


def test_of_many_who_take_a_value_one_gets_it(workers: list[ProtocolState]) -> None:
    for turn in range(ROUNDS):
        workers[0].put("code", f"k{turn}", VALUE, expires_at=SOON)
        got = at_once(lambda n, key=f"k{turn}": workers[n % 2].take("code", key, now=NOW))  # type: ignore[misc]
        assert sorted(got, key=lambda each: each is None) == [VALUE] + [None] * (THREADS - 1)


def test_of_many_who_add_a_key_one_was_first(workers: list[ProtocolState]) -> None:
    for turn in range(ROUNDS):
        got = at_once(
            lambda n, key=f"k{turn}": workers[n % 2].add_once("jti", key, expires_at=SOON, now=NOW)  # type: ignore[misc]
        )
        assert sorted(got) == [False] * (THREADS - 1) + [True]


def test_of_many_who_add_an_expired_key_one_was_first(workers: list[ProtocolState]) -> None:
    later = SOON + timedelta(seconds=45)
    for turn in range(ROUNDS):
        workers[0].add_once("jti", f"k{turn}", expires_at=SOON, now=NOW)
        got = at_once(
            lambda n, key=f"k{turn}": workers[n % 2].add_once("jti", key, expires_at=later, now=SOON)  # type: ignore[misc]
        )
        assert sorted(got) == [False] * (THREADS - 1) + [True]


def test_of_many_keys_those_are_returned_that_were_not_there(storage: Storage) -> None:
    storage.protocol.add_once("jti", "b", expires_at=SOON, now=NOW)
    keys = ["a", "b", "c", "a"]
    assert storage.protocol.add_each_once("jti", keys, expires_at=SOON, now=NOW) == {"a", "c"}
    assert storage.protocol.add_each_once("jti", keys, expires_at=SOON, now=NOW) == set()
    assert storage.protocol.add_each_once("jti", keys, expires_at=SOON, now=SOON) == {"a", "b", "c"}
    assert storage.protocol.add_each_once("jti", [], expires_at=SOON, now=NOW) == set()


def test_more_keys_than_one_statement_takes_are_added(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ecert.storage.batches._CHUNK", 2)
    keys = [f"k{number}" for number in range(5)]
    assert storage.protocol.add_each_once("jti", keys, expires_at=SOON, now=NOW) == set(keys)


def test_workers_who_add_the_same_keys_in_another_order_share_them(opened: Callable[..., Storage]) -> None:
    stores = [opened().protocol, opened().protocol]
    for turn in range(ROUNDS):
        keys = [f"k{turn}-{number}" for number in range(40)]
        got = at_once(
            lambda n, keys=keys: stores[n % 2].add_each_once(  # type: ignore[misc]
                "jti", keys if n % 2 else keys[::-1], expires_at=SOON, now=NOW
            )
        )
        assert sorted(key for each in got for key in each) == sorted(keys)


def test_no_change_is_lost_among_many(workers: list[ProtocolState]) -> None:
    def more(value: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"n": value["n"] + 1}

    workers[0].put("code", "k", {"n": 0}, expires_at=SOON)
    seen = [
        each for _ in range(ROUNDS) for each in at_once(lambda n: workers[n % 2].change("code", "k", more, now=NOW))
    ]
    assert sorted(each["n"] for each in seen if each) == list(range(THREADS * ROUNDS))
    assert workers[1].get("code", "k", now=NOW) == {"n": THREADS * ROUNDS}


def test_of_many_who_use_a_value_up_one_finds_it(workers: list[ProtocolState]) -> None:
    for turn in range(ROUNDS):
        workers[0].put("code", f"k{turn}", VALUE, expires_at=SOON)
        got = at_once(
            lambda n, key=f"k{turn}": workers[n % 2].change("code", key, lambda _: None, now=NOW)  # type: ignore[misc]
        )
        assert [each for each in got if each is not None] == [VALUE]


def test_sweepers_at_once_remove_each_row_once(workers: list[ProtocolState]) -> None:
    for number in range(50):
        workers[0].add_once("jti", str(number), expires_at=SOON, now=NOW)
    assert sum(at_once(lambda n: workers[n % 2].sweep(now=SOON))) == 50


def test_a_sweep_goes_on_in_small_steps(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol_state, "_SWEPT_AT_ONCE", 2)
    for number in range(5):
        storage.protocol.add_once("jti", str(number), expires_at=SOON, now=NOW)
    assert storage.protocol.sweep(now=SOON) == 5


def test_another_worker_sees_what_one_put(workers: list[ProtocolState]) -> None:
    workers[0].put("code", "k", VALUE, expires_at=SOON)
    assert workers[1].get("code", "k", now=NOW) == VALUE


def test_a_value_as_large_as_allowed_is_kept_and_one_more_byte_is_not(storage: Storage) -> None:
    frame = len(b'{"v":""}')
    storage.protocol.put("code", "k", {"v": "x" * (protocol_state.MAX_VALUE - frame)}, expires_at=SOON)
    with pytest.raises(StateTooLarge):
        storage.protocol.put("code", "l", {"v": "x" * (protocol_state.MAX_VALUE - frame + 1)}, expires_at=SOON)
    assert storage.protocol.get("code", "l", now=NOW) is None


def test_a_change_that_makes_too_much_leaves_the_value(storage: Storage) -> None:
    storage.protocol.put("code", "k", VALUE, expires_at=SOON)
    with pytest.raises(StateTooLarge):
        storage.protocol.change("code", "k", lambda _: {"v": "x" * protocol_state.MAX_VALUE}, now=NOW)
    assert storage.protocol.get("code", "k", now=NOW) == VALUE


MOVES = {
    "to another key": "UPDATE protocol_state SET sealed = (SELECT sealed FROM protocol_state WHERE kind = 'offer')",
    "changed": "UPDATE protocol_state SET sealed = group_digest",
}


@pytest.mark.parametrize("move", MOVES)
def test_a_value_opens_at_its_own_place_only(storage: Storage, move: str) -> None:
    storage.protocol.put("code", "k", VALUE, expires_at=SOON, group="family")
    storage.protocol.put("offer", "k", VALUE, expires_at=SOON, group="family")
    with storage.database.write() as connection:
        connection.execute(text(MOVES[move]))
    with pytest.raises(RecordDamaged):
        storage.protocol.get("code", "k", now=NOW)


def test_neither_key_nor_value_nor_group_stands_in_the_bytes(storage: Storage, request: pytest.FixtureRequest) -> None:
    key, value, group = "code-secret-0123456789", "value-secret-0123456789", "family-secret-0123456789"
    storage.protocol.put("code", key, {"v": value}, expires_at=SOON, group=group)
    storage.protocol.add_once("jti", key, expires_at=SOON, now=NOW)
    url = make_url(storage.database.engine.url)
    if url.drivername.startswith("sqlite"):
        folder = request.getfixturevalue("tmp_path")
        kept = b"".join(path.read_bytes() for path in sorted(folder.glob("ecert.db*")))
    else:
        server = request.getfixturevalue("postgres")
        kept = server.run("pg_dump", "--username=ecert", f"--host={server.folder}", str(url.database))
    assert b"protocol_state" in kept
    for secret in (key, value, group):
        forms = (secret.encode(), secret.encode().hex().encode(), b64url_text(secret.encode()).encode())
        assert [form for form in forms if form in kept] == []
