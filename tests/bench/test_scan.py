"""The scan bench: its camera is the same every time, and the identity purpose code is read."""

import io
import json
from random import Random

import pytest
from PIL import Image, ImageChops, ImageStat

from bench.scan import __main__ as command
from bench.scan import codes, rates, writers
from bench.scan.camera import FRAMES, SETTINGS, Frame, photograph
from bench.scan.rates import Rate
from schemas.qr import reading

MODERATE = SETTINGS["moderate"]
SMALL = Frame(640, 480, 0.5)


def picture(seed: int, setting: str = "moderate") -> Image.Image:
    taken = photograph(codes.of_version(10).drawn, SMALL, SETTINGS[setting], Random(seed))  # noqa: S311
    return Image.open(io.BytesIO(taken))


def test_the_identity_purpose_code_is_read_in_the_moderate_setting() -> None:
    code = codes.identity()
    found = [rates.rate(code, frame, MODERATE, shown=4) for frame in FRAMES]
    share = rates.identity_share(found)
    assert share is not None
    assert share >= rates.AIM


def test_the_identity_purpose_code_is_small() -> None:
    assert codes.identity().drawn.version <= 14


@pytest.mark.parametrize("version", codes.VERSIONS)
def test_a_code_fills_its_version(version: int) -> None:
    assert codes.of_version(version).drawn.version == version


def test_the_same_seed_takes_the_same_picture() -> None:
    assert picture(1).tobytes() == picture(1).tobytes()
    assert picture(1).tobytes() != picture(2).tobytes()


def test_the_picture_has_the_frame_s_size_and_the_code_its_share() -> None:
    still = SETTINGS["mild"]
    code = codes.of_version(10)
    shown = Image.open(io.BytesIO(photograph(code.drawn, SMALL, still, Random(3))))  # noqa: S311
    white = shown.point(lambda value: 255 if value > 140 else 0).getbbox()
    assert shown.size == (640, 480)
    assert white is not None
    quiet = code.drawn.size / (code.drawn.size - 8)
    assert white[2] - white[0] == pytest.approx(240 * quiet, rel=0.2)


def test_a_worse_setting_is_further_from_the_code() -> None:
    plain = ImageStat.Stat(ImageChops.difference(picture(4, "mild"), picture(4, "harsh")))
    assert plain.mean[0] > 5


def test_a_code_of_too_many_modules_is_not_read_and_counts_as_such() -> None:
    cell = rates.rate(codes.of_version(26), Frame(320, 240, 0.4), MODERATE, shown=2)
    assert (cell.read, cell.share, cell.measured) == (0, 0.0, None)


def test_a_cell_says_what_was_measured_before() -> None:
    cell = Rate("version 22", 22, "moderate", "720p 40 %", 10, {"as_is": 3, "upscaled": 1})
    assert cell.as_json() == {
        "code": "version 22",
        "version": 22,
        "setting": "moderate",
        "frame": "720p 40 %",
        "shown": 10,
        "read": 4,
        "rate": 0.4,
        "measured": 0.43,
        "steps": {"as_is": 3, "upscaled": 1},
    }


def test_what_was_not_measured_has_no_share() -> None:
    assert rates.identity_share([]) is None


def test_all_writers_draw_what_is_read_back() -> None:
    text = writers.text(60)
    drawn = writers.all_writers(text)
    assert reading.read(drawn["ours, PNG"]()).texts == (text,)  # type: ignore[arg-type]
    assert list(drawn) == ["zxing-cpp", "segno", "qrcode", "ours, modules", "ours, SVG", "ours, PNG"]


@pytest.fixture
def one_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codes, "VERSIONS", (12,))
    monkeypatch.setattr(command, "FRAMES", (FRAMES[0],))
    monkeypatch.setattr(writers, "measure", lambda rounds: {"qrcode": 40.0, "ours, PNG": 4.0})


@pytest.mark.usefixtures("one_code")
def test_the_command_prints_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--pictures", "1"]) == 0
    printed = capsys.readouterr().out
    assert "identity purpose code: 100.0% read, aim 98%, met" in printed
    assert "drawing: 4.0 ms, aim 10 ms, met" in printed
    assert "100 (100)" in printed


@pytest.mark.usefixtures("one_code")
def test_the_command_prints_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--json", "--pictures", "1", "--setting", "mild"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [cell["code"] for cell in document["rates"]] == ["identity purpose code", "version 12"]
    assert document["identity"] is None


def test_a_missed_aim_is_an_exit_code(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(writers, "measure", lambda rounds: {"ours, PNG": 11.0})
    assert command.main(["--drawing"]) == 1
    assert "NOT MET" in capsys.readouterr().out
