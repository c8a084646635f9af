"""What docs/adr/0015 freezes: the golden codes are read for ever, and made today they hold the same bytes."""

import pytest

from schemas.formats.sd_cwt import kbt
from schemas.qr import animation, text
from tests.support.golden_qr import FOLDER, LONG_ADDRESS, GoldenCode, codes
from tests.support.sd_cwt import AUDIENCE, COPY, FIELDS, ISSUER, NOW

ALL = {golden.name: golden for golden in codes()}


def texts(name: str) -> list[str]:
    return (FOLDER / f"{name}.txt").read_text(encoding="ascii").splitlines()


def data(name: str) -> bytes:
    lines = texts(name)
    if len(lines) > 1:
        return kbt.from_text(animation.reassemble(lines))
    read = text.decode(lines[0])
    assert isinstance(read, text.Presentation)
    return kbt.from_text(read.token)


def verified(name: str) -> kbt.VerifiedSdCwt:
    return kbt.peek(data(name)).verified_by(ISSUER.public_key)


def test_every_golden_code_is_made_and_every_made_one_is_there() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(ALL)


@pytest.mark.parametrize("golden", ALL.values(), ids=list(ALL))
def test_a_code_made_today_holds_the_same_bytes(golden: GoldenCode) -> None:
    assert data(golden.name) == golden.data
    assert len(texts(golden.name)) == len(golden.texts)


def test_the_golden_purpose_certificate_is_read() -> None:
    read = verified("purpose")
    assert read.claims == {name: FIELDS[name] for name in ("name", "photo_digest", "age_over_18")}
    assert read.holder_verified() == kbt.KbtBinding(AUDIENCE, NOW, None)


def test_the_golden_full_sd_cwt_is_read() -> None:
    read = verified("full")
    assert read.claims == {name: FIELDS[name] for name in ("name", "address")}
    assert read.hidden == len(FIELDS) - 2


def test_the_golden_answer_to_a_challenge_is_read() -> None:
    assert verified("challenge").holder_verified().cnonce == b"8 bytes!"


def test_the_golden_printed_copy_is_read() -> None:
    assert verified("printed-copy").printed_copy == COPY


def test_the_golden_animation_is_read_in_any_order() -> None:
    assert verified("animated").claims == {"address": LONG_ADDRESS}
    assert animation.reassemble(texts("animated")[::-1]) == kbt.to_text(data("animated"))
