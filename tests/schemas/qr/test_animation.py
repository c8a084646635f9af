"""Animated codes: any order, nothing lost, nothing mixed, within limits."""

import hashlib
import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.encoding import b64url_text
from schemas.qr import animation, base45, compact, text
from schemas.qr.animation import Assembly, Frame
from schemas.qr.errors import FrameRefused, MalformedBase45, QrTooLarge


def noise(size: int, seed: int = 0) -> bytes:
    blocks = (hashlib.sha256(f"{seed} {n}".encode()).digest() for n in itertools.count())
    return b"".join(itertools.islice(blocks, size // 32 + 1))[:size]


def frames_of(size: int, seed: int = 0) -> tuple[str, ...]:
    return animation.codes(b64url_text(noise(size, seed)))


def test_what_fits_one_code_is_one_code() -> None:
    (only,) = frames_of(700)
    assert text.decode(only) == text.Presentation(b64url_text(noise(700)))


@pytest.mark.parametrize(("size", "count"), [(1200, 2), (1700, 3), (2500, 4)])
def test_what_is_too_big_for_one_code_becomes_the_fewest_frames(size: int, count: int) -> None:
    shown = frames_of(size)
    assert [frame[:6] for frame in shown] == [f"ZK{count}/{number}:" for number in range(1, count + 1)]
    assert max(map(len, shown)) <= animation.MAX_FRAME_TEXT
    assert max(map(len, shown)) - min(map(len, shown)) <= 6


def test_more_than_four_frames_are_refused() -> None:
    with pytest.raises(QrTooLarge):
        frames_of(3000)


@given(st.randoms(use_true_random=False))
def test_frames_come_together_in_any_order_and_repeated(chance: random.Random) -> None:
    shown = list(frames_of(1700)) * 2
    chance.shuffle(shown)
    assembly = Assembly()
    found = [token for token in map(assembly.add, shown) if token is not None]
    assert found[0] == b64url_text(noise(1700))


def test_what_is_missing_is_said() -> None:
    assembly = Assembly()
    assert assembly.missing == ()
    assembly.add(frames_of(1700)[1])
    assert assembly.missing == (1, 3)


def test_a_new_message_begins_anew() -> None:
    assembly = Assembly()
    old, new = frames_of(1200, 1), frames_of(1200, 2)
    assert assembly.add(old[0]) is None
    assert assembly.add(new[1]) is None
    assert assembly.add(old[0]) is None
    assert assembly.missing == (2,)
    assert assembly.add(old[1]) == b64url_text(noise(1200, 1))


def test_a_second_form_of_the_same_part_drops_the_message() -> None:
    assembly = Assembly()
    first = animation.read(frames_of(1200)[0])
    assembly.add(first.text)
    other = Frame(first.message_id, first.number, first.count, first.part[:-1] + b"?")
    with pytest.raises(FrameRefused):
        assembly.add(other.text)
    assert assembly.missing == ()


def test_another_count_for_the_same_message_is_refused() -> None:
    assembly = Assembly()
    first = animation.read(frames_of(1200)[0])
    assembly.add(first.text)
    with pytest.raises(FrameRefused):
        assembly.add(Frame(first.message_id, 1, 3, first.part).text)


def test_parts_that_do_not_make_the_message_are_refused() -> None:
    assembly = Assembly()
    first, second = map(animation.read, frames_of(1200))
    assembly.add(first.text)
    with pytest.raises(FrameRefused):
        assembly.add(Frame(second.message_id, 2, 2, second.part[:-1] + b"?").text)


@pytest.mark.parametrize(
    "other",
    [
        "ZK1:ABC",
        "ZK5/1:000000000",
        "ZK2/3:" + base45.encode(b"idididid"),
        "ZK2/1:" + base45.encode(b"idid"),
        "ZK2/1:" + "0" * 1042,
        "",
    ],
    ids=["single code", "five frames", "third of two", "no part", "too long", "nothing"],
)
def test_what_is_no_frame_is_refused(other: str) -> None:
    with pytest.raises(FrameRefused):
        animation.read(other)


def test_a_frame_that_is_not_base45_is_refused() -> None:
    with pytest.raises(MalformedBase45):
        animation.read("ZK2/1:abc")


def test_one_frame_alone_is_no_presentation() -> None:
    with pytest.raises(FrameRefused):
        text.decode(frames_of(1200)[0])


def test_a_frame_holds_as_much_as_version_18_does() -> None:
    longest = Frame(b"idid", 1, 4, b"x" * animation.MAX_PART).text
    assert animation.MAX_FRAME_TEXT - 3 < len(longest) <= animation.MAX_FRAME_TEXT
    assert compact.MAX_SINGLE < 2 * animation.MAX_PART


def test_texts_of_frames_are_reassembled_in_any_order() -> None:
    first, second, third = frames_of(1700)
    assert animation.reassemble([third, third, first, second, first]) == b64url_text(noise(1700))


@pytest.mark.parametrize("texts", [[], [0], [0, 2, 0]])
def test_texts_without_a_frame_are_no_message(texts: list[int]) -> None:
    shown = frames_of(1700)
    with pytest.raises(FrameRefused, match="missing"):
        animation.reassemble([shown[number] for number in texts])
