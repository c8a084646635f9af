"""Joined texts as bytes: there and back, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.encoding import b64url_text
from keys.errors import MalformedToken
from schemas.qr import animation, compact, joined, text
from schemas.qr.errors import MalformedPacking

PARTS = st.lists(st.binary(max_size=40), min_size=2, max_size=9)


@given(PARTS, st.data())
def test_there_and_back(parts: list[bytes], data: st.DataObject) -> None:
    signs = data.draw(st.lists(st.sampled_from(".~"), min_size=len(parts) - 1, max_size=len(parts) - 1))
    token = "".join(b64url_text(part) + sign for part, sign in zip(parts, [*signs, ""], strict=True))
    assert joined.is_joined(token)
    assert joined.to_text(joined.to_bytes(token)) == token
    assert animation.reassemble(animation.codes(token)) == token if len(animation.codes(token)) > 1 else True
    assert text.decode(compact.PREFIX + compact.pack(token)) == text.Presentation(token)


def test_an_ending_sign_is_kept() -> None:
    assert joined.to_text(joined.to_bytes("QQ.QQ~~QQ~")) == "QQ.QQ~~QQ~"


def test_one_part_is_no_joined_text() -> None:
    assert not joined.is_joined("QQ")


def test_a_cose_message_is_told_apart() -> None:
    assert compact.to_token(bytes.fromhex("d28441")) == b64url_text(bytes.fromhex("d28441"))


@pytest.mark.parametrize("flaw", ["QR.QQ", "Q=.QQ", "陈.QQ", "Q.QQ"])
def test_what_is_not_base64url(flaw: str) -> None:
    with pytest.raises(MalformedToken):
        joined.to_bytes(flaw)


def test_a_part_that_is_too_long() -> None:
    with pytest.raises(MalformedPacking):
        joined.to_bytes("QQ." + b64url_text(bytes(65_536)))


@pytest.mark.parametrize(
    "flaw",
    ["", "02000141", "01", "0100", "010000", "010001", "01030001", "0103000141", "0101000141", "010000014141"],
    ids=["empty", "mark", "no part", "no length", "half a length", "no bytes", "few", "sign", "end", "rest"],
)
def test_what_was_never_packed(flaw: str) -> None:
    with pytest.raises(MalformedPacking):
        joined.to_text(bytes.fromhex(flaw))
