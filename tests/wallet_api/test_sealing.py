"""Sealed values: what comes back is what left, for the same use, in time."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallet_api.sealing import SealBroken, Sealer

NOW = datetime(2026, 3, 2, tzinfo=UTC)
UNTIL = NOW + timedelta(minutes=5)
SEALER = Sealer(b"s" * 32)
SEALED = SEALER.seal("use", {"a": 1}, until=UNTIL)


def test_what_was_sealed_opens() -> None:
    assert SEALER.open("use", SEALED, now=NOW) == {"a": 1}


def test_a_seal_ends_at_its_second() -> None:
    with pytest.raises(SealBroken, match="over"):
        SEALER.open("use", SEALED, now=UNTIL)


def test_a_seal_of_another_use_is_refused() -> None:
    with pytest.raises(SealBroken):
        SEALER.open("other", SEALED, now=NOW)


def test_a_seal_of_another_secret_is_refused() -> None:
    with pytest.raises(SealBroken):
        Sealer(b"t" * 32).open("use", SEALED, now=NOW)


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="31 bytes"):
        Sealer(b"s" * 31)


def test_a_large_text_is_refused() -> None:
    with pytest.raises(SealBroken):
        SEALER.open("use", "x" * 40_000, now=NOW)


@given(text=st.text(st.characters(codec=None), max_size=80))
def test_no_other_text_opens(text: str) -> None:
    with pytest.raises(SealBroken):
        SEALER.open("use", text, now=NOW)


@given(position=st.integers(0, len(SEALED) - 1), character=st.sampled_from("AQgw.-_~"))
def test_no_changed_character_passes(position: int, character: str) -> None:
    changed = SEALED[:position] + character + SEALED[position + 1 :]
    if changed != SEALED:
        with pytest.raises(SealBroken):
            SEALER.open("use", changed, now=NOW)
