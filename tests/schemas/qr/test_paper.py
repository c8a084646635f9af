"""Codes on paper: strong, small, and only of what says that it is a printed copy."""

from typing import Any

import pytest

from keys.encoding import b64url_text
from schemas import types
from schemas.examples import example_claims
from schemas.purposes import purposes_of
from schemas.qr import reading, text
from schemas.qr.drawing import Level, draw
from schemas.qr.errors import NotPrintable, QrTooLarge
from schemas.qr.paper import MAX_VERSION, paper_code
from tests.support.sd_cwt import COPY, DIGEST, issued, shown


def printed(fields: dict[str, Any], **changed: Any) -> str:
    return b64url_text(issued(fields, holder_key=None, printed_copy=COPY, **changed))


def test_a_small_copy_is_printed_at_level_q() -> None:
    code = paper_code(printed({"name": "陈大文"}))
    assert code.level is Level.Q
    assert draw(code.text, level=code.level).version <= MAX_VERSION


def test_a_larger_one_is_printed_at_level_m_in_no_larger_code() -> None:
    code = paper_code(
        printed({"name": "陈大文", "address": "一二三四五六七八九十甲乙丙丁戊己庚辛壬癸" * 2, "photo_digest": DIGEST})
    )
    assert code.level is Level.M
    assert draw(code.text, level=code.level).version <= MAX_VERSION


def test_what_version_16_does_not_hold_is_not_printed() -> None:
    address = "".join(chr(0x4E00 + n * 7919 % 20_000) for n in range(100))
    with pytest.raises(QrTooLarge):
        paper_code(printed({"address": address}))


def test_the_printed_code_reads_back() -> None:
    token = printed({"name": "陈大文"})
    code = paper_code(token)
    assert reading.read(code.png()).texts == (code.text,)
    assert "<svg" in code.svg()
    assert text.decode(code.text) == text.Presentation(token)


@pytest.mark.parametrize("data", [issued(), shown("name")], ids=["bound", "a presentation"])
def test_what_is_bound_to_a_key_is_not_printed(data: bytes) -> None:
    with pytest.raises(NotPrintable):
        paper_code(b64url_text(data))


@pytest.mark.parametrize("ctype", types.all_types(), ids=lambda ctype: ctype.id)
def test_every_purpose_of_every_type_can_be_printed(ctype: Any) -> None:
    claims = example_claims(ctype)
    for each in purposes_of(ctype.id):
        held = {name: DIGEST if name.endswith("_digest") else claims.get(name) for name in each.fields}
        fields = {name: value for name, value in held.items() if value is not None}
        code = paper_code(printed(fields, vct=ctype.vct, issuer=f"https://ecert.example/issuers/{ctype.department}"))
        assert draw(code.text, level=code.level).version <= MAX_VERSION
