"""The seam for packing: what stands in a code."""

import pytest

from schemas.qr import text
from schemas.qr.errors import UnknownQrText
from schemas.qr.text import Packing, Presentation, Reference, TooBig

TOKEN = "AAECAwQFBgcICQoLDA0ODw"  # 16 bytes
AGENTS = "aa.bb.cc~dd~~hh.ii.jj~kk.ll.mm"  # a certificate, and a delegation with its agent's proof


@pytest.mark.parametrize("shown", ["aa.bb.cc", "aa.bb.cc~", "aa.bb.cc~dd~", "aa.bb.cc~dd~ee.ff.gg", AGENTS])
def test_a_presentation_comes_back_as_it_was(shown: str) -> None:
    packed = text.encode(shown)
    assert isinstance(packed, str)
    assert text.decode(packed) == Presentation(shown)


def test_a_presentation_that_does_not_fit_says_by_how_much() -> None:
    assert text.encode("a" * 2954) == TooBig(2954, 2953)
    assert text.encode("a" * 2953) == "a" * 2953


def test_a_reference_comes_back_as_it_was() -> None:
    assert text.decode(Reference(TOKEN).text) == Reference(TOKEN)


@pytest.mark.parametrize(
    "other",
    [
        "",
        "https://example.org/",
        "ZK5:ABC",
        "ecert:r/short",
        f"ecert:r/{TOKEN}A",
        f"ecert:r/{TOKEN[:-1]}B",
        "a.b",
        "a.b.c\n",
        "证照",
    ],
)
def test_other_text_is_refused_without_repeating_it(other: str) -> None:
    with pytest.raises(UnknownQrText) as caught:
        text.decode(other)
    assert not other or other not in str(caught.value)


def test_a_packing_is_chosen_by_its_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    turned = Packing("ZK0:", lambda shown: shown[::-1], lambda packed: packed[::-1])
    monkeypatch.setitem(text.PACKINGS, turned.prefix, turned)
    packed = text.encode("aa.bb.cc~", packing=turned)
    assert packed == "ZK0:~cc.bb.aa"
    assert text.decode("ZK0:~cc.bb.aa") == Presentation("aa.bb.cc~")


def test_neither_a_presentation_nor_a_reference_shows_itself_in_a_log() -> None:
    assert TOKEN not in repr([Presentation(TOKEN), Reference(TOKEN)])
