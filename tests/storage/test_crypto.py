"""Sealed records and keyed hashes."""

from collections.abc import Callable

import pytest

from ecert.storage.crypto import Cipher, Lookup, token_digest
from ecert.storage.errors import RecordDamaged, UnknownDataKey

KEY, OTHER = b"k" * 32, b"o" * 32


def test_a_sealed_record_opens_in_its_place() -> None:
    cipher = Cipher(KEY)
    assert cipher.open("holders", "h1", cipher.seal("holders", "h1", b"secret")) == b"secret"


def test_a_record_is_sealed_differently_each_time() -> None:
    cipher = Cipher(KEY)
    assert cipher.seal("holders", "h1", b"secret") != cipher.seal("holders", "h1", b"secret")


@pytest.mark.parametrize(("table", "identity"), [("holders", "h2"), ("holdings", "h1")])
def test_a_record_does_not_open_in_another_place(table: str, identity: str) -> None:
    cipher = Cipher(KEY)
    with pytest.raises(RecordDamaged):
        cipher.open(table, identity, cipher.seal("holders", "h1", b"secret"))


@pytest.mark.parametrize(
    "damage",
    [
        lambda sealed: sealed[:-1] + bytes([sealed[-1] ^ 1]),
        lambda sealed: b"\x02" + sealed[1:],
        lambda sealed: sealed[:20],
        lambda sealed: b"",
    ],
    ids=["tag", "version", "short", "empty"],
)
def test_a_damaged_record_does_not_open(damage: Callable[[bytes], bytes]) -> None:
    cipher = Cipher(KEY)
    with pytest.raises(RecordDamaged):
        cipher.open("holders", "h1", damage(cipher.seal("holders", "h1", b"secret")))


def test_a_record_of_an_older_key_opens_after_the_key_has_changed() -> None:
    sealed = Cipher(OTHER).seal("holders", "h1", b"secret")
    assert Cipher(KEY, older=[OTHER]).open("holders", "h1", sealed) == b"secret"


def test_a_record_of_a_key_that_was_not_given_names_it() -> None:
    sealed = Cipher(OTHER).seal("holders", "h1", b"secret")
    with pytest.raises(UnknownDataKey, match=sealed[1:9].hex()):
        Cipher(KEY).open("holders", "h1", sealed)


@pytest.mark.parametrize("make", [Cipher, Lookup])
def test_a_key_of_another_length_is_refused(make: Callable[[bytes], object]) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        make(b"k" * 16)


def test_a_number_is_found_whatever_the_case_of_its_check_character() -> None:
    assert Lookup(KEY).holder("111", "44079919900101001x") == Lookup(KEY).holder("111", " 44079919900101001X")


def test_look_ups_differ_by_key_type_number_and_use() -> None:
    found = {
        Lookup(KEY).holder("111", "1"),
        Lookup(KEY).holder("11", "11"),
        Lookup(KEY).holder("414", "1"),
        Lookup(OTHER).holder("111", "1"),
        Lookup(KEY).row("111", "1"),
    }
    assert len(found) == 5


def test_a_token_is_known_by_its_sha_256() -> None:
    assert token_digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
