"""The key store: one passphrase, encrypted records, keys and secrets by name."""

import base64
import warnings
from collections.abc import Callable
from typing import Any

import pytest

from keys import store, strict_json
from keys.algorithms import Algorithm
from keys.errors import (
    DamagedRecord,
    InvalidChain,
    KeyAlreadyExists,
    KeyNotFound,
    KeyStoreError,
    WrongPassphrase,
)
from keys.passphrase import DEVELOPMENT_PASSPHRASE
from keys.store import DevelopmentPassphraseWarning, KeyStore, passphrase_from_env
from tests.support.keys import MemoryBlobs

PASSPHRASE = "correct horse 电池"
WORK = 16


@pytest.fixture
def blobs() -> MemoryBlobs:
    return MemoryBlobs()


def opened(blobs: MemoryBlobs, passphrase: str = PASSPHRASE) -> KeyStore:
    return KeyStore(blobs, passphrase, work=WORK)


@pytest.mark.parametrize("algorithm", Algorithm)
def test_a_created_key_signs_and_opens_again(blobs: MemoryBlobs, algorithm: Algorithm) -> None:
    created = opened(blobs).create("issuing/amr/1", algorithm)
    again = opened(blobs).open("issuing/amr/1")
    created.public_key.verify(again.sign(b"x"), b"x")
    assert created.public_key.algorithm is algorithm


def test_es256_is_the_default(blobs: MemoryBlobs) -> None:
    assert opened(blobs).create("a").public_key.algorithm is Algorithm.ES256


def test_a_key_is_never_overwritten(blobs: MemoryBlobs) -> None:
    keys = opened(blobs)
    first = keys.create("a")
    with pytest.raises(KeyAlreadyExists):
        keys.create("a")
    assert keys.open("a").public_key == first.public_key


def test_a_key_that_is_not_there_is_not_found(blobs: MemoryBlobs) -> None:
    with pytest.raises(KeyNotFound):
        opened(blobs).open("a")


def test_a_removed_key_is_gone(blobs: MemoryBlobs) -> None:
    keys = opened(blobs)
    keys.create("a")
    keys.remove("a")
    with pytest.raises(KeyNotFound):
        keys.open("a")


def test_names_are_the_keys_and_not_the_secrets(blobs: MemoryBlobs) -> None:
    keys = opened(blobs)
    keys.create("b")
    keys.create("a/1")
    keys.secret("claims")
    assert keys.names() == ["a/1", "b"]


def test_another_passphrase_has_its_own_error(blobs: MemoryBlobs) -> None:
    opened(blobs)
    with pytest.raises(WrongPassphrase) as refused:
        opened(blobs, "another")
    assert refused.value.code == "wrong_passphrase"


def test_nothing_of_key_or_secret_stands_in_the_records(blobs: MemoryBlobs) -> None:
    keys = opened(blobs)
    pkcs8 = keys.create("a").to_pkcs8()
    secret = keys.secret("s")
    kept = b"".join(blobs.records.values())
    assert all(part not in kept for part in (pkcs8, base64.b64encode(pkcs8), secret, PASSPHRASE.encode()))


def test_the_derivation_runs_once_a_process(blobs: MemoryBlobs) -> None:
    opened(blobs)
    before = store._derived.cache_info().misses
    for _ in range(3):
        opened(blobs)
    assert store._derived.cache_info().misses == before


def test_the_cost_of_a_store_is_the_one_it_was_made_with(blobs: MemoryBlobs) -> None:
    opened(blobs).create("a")
    assert KeyStore(blobs, PASSPHRASE, work=64).names() == ["a"]


def test_the_names_under_a_prefix_are_those_of_keys(blobs: MemoryBlobs) -> None:
    keys = opened(blobs)
    for name in ("b/1", "a/2", "a/1"):
        keys.create(name)
    assert keys.names("a/") == ["a/1", "a/2"]
    assert keys.names(".") == []


def test_a_record_under_another_name_is_refused(blobs: MemoryBlobs) -> None:
    keys = opened(blobs)
    keys.create("a")
    blobs.records["b"] = blobs.records["a"]
    with pytest.raises(DamagedRecord):
        keys.open("b")


def test_a_key_does_not_pass_for_a_secret(blobs: MemoryBlobs) -> None:
    keys = opened(blobs)
    keys.create("a")
    blobs.records[".secret/a"] = blobs.records["a"]
    with pytest.raises(DamagedRecord):
        keys.secret("a")


@pytest.mark.parametrize(
    "change",
    [
        lambda r: b"\x02" + r[1:],
        lambda r: r[:-1],
        lambda r: r[:28],
        lambda r: b"",
        lambda r: r[:-1] + bytes([r[-1] ^ 1]),
    ],
    ids=["version", "cut", "no content", "empty", "one bit"],
)
def test_a_changed_record_is_refused(blobs: MemoryBlobs, change: Callable[[bytes], bytes]) -> None:
    keys = opened(blobs)
    keys.create("a")
    blobs.records["a"] = change(blobs.records["a"])
    with pytest.raises(DamagedRecord):
        keys.open("a")


def test_a_record_of_another_store_is_refused(blobs: MemoryBlobs) -> None:
    other = MemoryBlobs()
    opened(other).create("a")
    blobs.records["a"] = other.records["a"]
    with pytest.raises(DamagedRecord):
        opened(blobs).open("a")


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"kdf": "pbkdf2"},
        {"work": 17},
        {"work": 1},
        {"work": 2**21},
        {"work": "16"},
        {"salt": 1},
        {"salt": "A"},
        {"word": None},
    ],
    ids=str,
)
def test_a_changed_header_is_refused(blobs: MemoryBlobs, change: dict[str, Any]) -> None:
    opened(blobs)
    blobs.records[".header"] = strict_json.dumps(strict_json.loads(blobs.records[".header"]) | change)
    with pytest.raises(DamagedRecord):
        opened(blobs)


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]"])
def test_a_header_that_is_none_is_refused(blobs: MemoryBlobs, raw: bytes) -> None:
    blobs.records[".header"] = raw
    with pytest.raises(DamagedRecord):
        opened(blobs)


def test_of_two_processes_that_make_a_store_one_wins(blobs: MemoryBlobs) -> None:
    class Late(MemoryBlobs):
        def read(self, name: str) -> bytes | None:
            found = super().read(name)
            self.records.update(blobs.records)  # the other process writes between our reading and our adding
            return found

    first = opened(blobs)
    first.create("a")
    first.secret("s")
    late = Late()
    assert opened(late).open("a").public_key == first.open("a").public_key


def test_of_two_processes_that_make_a_secret_one_wins(blobs: MemoryBlobs) -> None:
    keys, other = opened(blobs), opened(blobs)
    blobs.before_add = lambda: other.secret("s")
    assert keys.secret("s") == other.secret("s")


def test_a_secret_is_the_same_ever_after(blobs: MemoryBlobs) -> None:
    first = opened(blobs).secret("index", 16)
    assert (len(first), opened(blobs).secret("index", 16)) == (16, first)


def test_two_secrets_differ(blobs: MemoryBlobs) -> None:
    assert opened(blobs).secret("a") != opened(blobs).secret("b")


def test_a_secret_of_another_length_is_refused(blobs: MemoryBlobs) -> None:
    opened(blobs).secret("a", 16)
    with pytest.raises(KeyStoreError, match="16 bytes, asked for 32"):
        opened(blobs).secret("a")


@pytest.mark.parametrize("name", [".header", ".secret/a", "", "a/../b"])
def test_a_name_that_is_the_stores_own_or_none_is_refused(blobs: MemoryBlobs, name: str) -> None:
    with pytest.raises(KeyStoreError):
        opened(blobs).create(name)


def test_a_chain_that_is_no_certificate_is_refused(blobs: MemoryBlobs) -> None:
    keys = opened(blobs)
    keys.create("a")
    with pytest.raises(InvalidChain):
        keys.set_chain("a", [b"x"])


def test_the_passphrase_comes_from_the_environment() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert passphrase_from_env({"ECERT_PASSPHRASE": "p"}) == "p"


@pytest.mark.parametrize("environ", [{}, {"ECERT_PASSPHRASE": ""}], ids=["unset", "empty"])
def test_without_a_passphrase_the_development_one_warns(environ: dict[str, str]) -> None:
    with pytest.warns(DevelopmentPassphraseWarning, match="ECERT_PASSPHRASE"):
        assert passphrase_from_env(environ) == DEVELOPMENT_PASSPHRASE
