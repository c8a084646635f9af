"""The operating system's randomness has the forms that identifiers and disclosures need."""

import re

from issuer import Randomness

CHANCE = Randomness.of_system(bytes(32))


def test_a_serial_has_twenty_letters_and_digits() -> None:
    assert re.fullmatch(r"[A-Z0-9]{20}", CHANCE.serial())


def test_a_salt_has_128_bits() -> None:
    assert len(CHANCE.salt()) == 16


def test_nothing_comes_twice() -> None:
    assert len({CHANCE.serial() for _ in range(100)} | {CHANCE.credential_id() for _ in range(100)}) == 200


def test_the_digest_key_is_not_shown() -> None:
    assert "digest_key" not in repr(CHANCE)
