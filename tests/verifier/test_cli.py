"""The command: its inputs, its exit codes, its memory. No file of it is written but the one of --seen."""

import importlib
import io
import json
import runpy
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from keys.anchor import Anchor
from schemas.order import CredentialFormat
from schemas.qr import animation, compact, drawing
from tests.support import forms
from tests.support.delegations import Showing
from tests.support.desk import DAY, INDEX, LICENCE, NOW, STRANGER, Certificate, Desk
from verifier import cli, seen
from verifier.cli import run
from verifier.reading import read_presentation

ROOT = Path(__file__).resolve().parent.parent.parent
REFERENCE = "ecert:r/AAECAwQFBgcICQoLDA0ODw"


@dataclass
class Counter:
    """The command with its files in a folder."""

    desk: Desk
    folder: Path
    environ: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.path("anchor.json").write_bytes(self.desk.anchor.to_json())
        self.update()

    def update(self) -> None:
        """Write the pack anew."""
        self.path("pack.jwt").write_text(self.desk.pack_text() + "\n")

    def path(self, name: str) -> Path:
        return self.folder / name

    def save(self, name: str, data: bytes | str) -> str:
        """Write a file and return its name for the command line."""
        self.path(name).write_bytes(data.encode() if isinstance(data, str) else data)
        return str(self.path(name))

    def options(self) -> list[str]:
        return ["--pack", str(self.path("pack.jwt")), "--anchor", str(self.path("anchor.json"))]

    def run(self, *argv: str, stdin: bytes = b"", now: datetime = NOW) -> tuple[int, str]:
        """Exit code and what was printed."""
        out = io.StringIO()
        return run(argv, io.BytesIO(stdin), out, now, environ=self.environ), out.getvalue()

    def check(self, shown: str, *argv: str, **rest: Any) -> tuple[int, str]:
        """The same with pack and anchor given."""
        return self.run(shown, *self.options(), *argv, **rest)

    def error(self, shown: str, *argv: str, **rest: Any) -> str:
        """The code of the error for which it could not run."""
        code, text = self.check(shown, *argv, "--json", **rest)
        assert code == 3, text
        value = json.loads(text)
        assert value["verdict"] is None
        return str(value["error"]["code"])


@pytest.fixture
def counter(desk: Desk, tmp_path: Path) -> Counter:
    return Counter(desk, tmp_path)


@pytest.fixture
def shown(desk: Desk) -> str:
    return desk.certificate().present("business_scope")


def test_a_valid_presentation_exits_0_and_shows_its_claims(counter: Counter, shown: str) -> None:
    code, text = counter.check(shown)
    assert code == 0
    assert text.startswith("有效  VALID\n")
    assert "示例食品销售和餐饮服务" in text
    assert text.endswith("! 没有 --seen 文件，未检查重放 / replay was not checked: no --seen file\n")


def test_a_revoked_one_exits_1(counter: Counter, shown: str) -> None:
    counter.desk.statuses[INDEX] = 1
    counter.update()
    code, text = counter.check(shown)
    assert (code, text[:11]) == (1, "无效  INVALID")


def test_a_stale_status_exits_2(counter: Counter, shown: str) -> None:
    counter.desk.status_iat = NOW - 2 * DAY
    counter.update()
    assert counter.check(shown)[0] == 2


def test_a_status_older_than_seven_days_exits_3_with_the_report(counter: Counter, shown: str) -> None:
    counter.desk.status_iat = NOW - 8 * DAY
    counter.update()
    code, text = counter.check(shown)
    assert code == 3
    assert "status_hard_stop" in text


def test_the_report_as_json_has_claims_only_when_valid(counter: Counter, shown: str) -> None:
    code, text = counter.check(shown, "--json")
    value = json.loads(text)
    assert (code, value["verdict"], value["notices"]) == (0, "valid", ["no_seen_file"])
    assert value["claims"]["business_scope"] == "示例食品销售和餐饮服务"
    code, text = counter.check(shown, "--json", now=NOW + timedelta(minutes=5))
    value = json.loads(text)
    assert (code, value["verdict"], "claims" in value) == (1, "invalid", False)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_picture_is_read(counter: Counter, shown: str, kind: str) -> None:
    out = io.BytesIO()
    Image.open(io.BytesIO(drawing.png(shown, module_pixels=4))).convert("L").save(out, format=kind)
    assert counter.check(counter.save("shown.png", out.getvalue()))[0] == 0


def test_a_text_file_is_read(counter: Counter, shown: str) -> None:
    assert counter.check(counter.save("shown.txt", shown + "\r\n"))[0] == 0


@pytest.mark.parametrize("form", ["text", "picture"])
def test_standard_input_is_read(counter: Counter, shown: str, form: str) -> None:
    data = shown.encode() if form == "text" else drawing.png(shown, module_pixels=4)
    assert counter.check("-", stdin=data)[0] == 0


def test_the_environment_pins_the_anchor(counter: Counter, shown: str) -> None:
    counter.environ["ECERT_ANCHOR"] = str(counter.path("anchor.json"))
    assert counter.run(shown, "--pack", str(counter.path("pack.jwt")))[0] == 0


def test_without_an_anchor_it_could_not_run(counter: Counter, shown: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert counter.run(shown, "--pack", str(counter.path("pack.jwt"))) == (3, "")
    assert "no_anchor: no trust anchor is pinned" in capsys.readouterr().err


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["x"],
        ["x", "--pack"],
        ["x", "--pack", "p", "--unknown"],
        ["x", "y", "--pack", "p"],
        ["x", "--pack", "p", "--anchor", "a", "--at", "yesterday"],
        ["x", "--pack", "p", "--anchor", "a", "--at", "2026-03-02T10:30:00"],
        ["x", "--pack", "p", "--anch", "a"],
    ],
)
def test_a_wrong_command_line_exits_3(counter: Counter, argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    code, _ = counter.run(*argv)
    assert code == 3
    assert "usage: " in capsys.readouterr().err


def test_help_exits_0(counter: Counter, capsys: pytest.CaptureFixture[str]) -> None:
    assert counter.run("--help") == (0, "")
    assert "2 indeterminate" in capsys.readouterr().out


def test_a_missing_pack_is_named_by_its_file(counter: Counter, shown: str, capsys: pytest.CaptureFixture[str]) -> None:
    counter.path("pack.jwt").unlink()
    assert counter.error(shown) == "unreadable_input"
    counter.check(shown)
    assert "file pack.jwt cannot be read: No such file or directory" in capsys.readouterr().err


def test_a_pack_that_is_no_document_is_refused(counter: Counter, shown: str) -> None:
    counter.save("pack.jwt", b"\xff\xfe")
    assert counter.error(shown) == "unreadable_input"
    counter.save("pack.jwt", b"a.b.c")
    assert counter.error(shown) == "malformed_token"


def test_a_pack_of_another_anchor_is_refused(counter: Counter, shown: str) -> None:
    counter.path("anchor.json").write_bytes(Anchor((STRANGER.public_key,)).to_json())
    assert counter.error(shown) == "unknown_anchor"


def test_an_anchor_that_is_no_key_is_refused(counter: Counter, shown: str) -> None:
    counter.path("anchor.json").write_bytes(b"{}")
    assert counter.error(shown) == "malformed_key"


def test_an_oversized_input_is_refused(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("verifier.reading._MAX_INPUT", 10)
    assert counter.error(counter.save("shown.txt", "a" * 11)) == "unreadable_input"
    assert counter.error("-", stdin=b"a" * 11) == "unreadable_input"


@pytest.mark.parametrize("argument", ["nowhere.png", "a" * 5000, "x\0y", ""])
def test_what_is_neither_file_nor_presentation_is_refused(counter: Counter, argument: str) -> None:
    assert counter.error(argument) == "unreadable_input"


def test_an_empty_file_is_refused(counter: Counter) -> None:
    assert counter.error(counter.save("empty.txt", b" \n")) == "unreadable_input"


def test_a_file_with_something_else_is_judged_invalid(counter: Counter) -> None:
    code, text = counter.check(counter.save("other.txt", "ISBN 978-3-16-148410-0"))
    assert code == 1
    assert "malformed_token" in text


def test_a_code_with_something_else_is_judged_invalid(counter: Counter) -> None:
    assert counter.check(counter.save("other.png", drawing.png("https://example.org/")))[0] == 1


def test_another_code_beside_ours_is_passed_over(counter: Counter, shown: str) -> None:
    assert counter.check(counter.save("two.png", _beside(shown, "https://example.org/pay")))[0] == 0


def test_two_presentations_in_one_picture_are_refused(counter: Counter) -> None:
    certificate = counter.desk.certificate(holder=None)
    one, two = (certificate.but(vct=f"urn:ecert:x:{n}").sd_jwt().issuer_jwt + "~" for n in (1, 2))
    assert counter.error(counter.save("two.png", _beside(one, two))) == "several_presentations"


@pytest.mark.parametrize("form", ["argument", "file", "picture"])
def test_a_reference_needs_the_network(counter: Counter, form: str) -> None:
    forms = {"file": REFERENCE.encode(), "picture": drawing.png(REFERENCE)}
    argument = REFERENCE if form == "argument" else counter.save("reference", forms[form])
    assert counter.error(argument) == "reference_needs_network"


def test_a_file_with_all_frames_of_an_animated_code_is_judged(counter: Counter) -> None:
    frames = [frame.text for frame in animation.split(compact.deflate(bytes(range(256))))]
    assert counter.check(counter.save("frames.txt", "\n".join(frames)))[0] == 1


@pytest.mark.parametrize("form", ["argument", "file", "picture"])
def test_one_frame_of_an_animated_code_is_not_enough(counter: Counter, form: str) -> None:
    frame = animation.split(compact.deflate(bytes(range(256))))[0].text
    forms = {"file": frame.encode(), "picture": drawing.png(frame)}
    assert counter.error(frame if form == "argument" else counter.save("frame", forms[form])) == "frame_refused"


def test_a_broken_picture_is_unreadable(counter: Counter) -> None:
    assert counter.error(counter.save("broken.png", b"\x89PNG\r\n\x1a\nbroken")) == "unreadable_input"


def test_a_picture_without_a_code_says_what_was_left_out(
    counter: Counter, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name = counter.save("white.png", _png(Image.new("L", (40, 40), 255)))
    monkeypatch.setattr("schemas.qr.reading._zbar", lambda: None)
    assert counter.check(name)[0] == 3
    assert "holds no QR code that can be read (zbar is not installed" in capsys.readouterr().err
    monkeypatch.setattr("schemas.qr.reading._zbar", lambda: lambda picture: ())
    assert counter.check(name)[0] == 3
    assert "zbar" not in capsys.readouterr().err
    monkeypatch.setattr("schemas.qr.reading.MAX_SEARCH", -1.0)
    assert counter.check(name)[0] == 3
    assert "(the search took too long, so the other readers were left out)" in capsys.readouterr().err


def test_the_second_showing_is_a_replay(counter: Counter, shown: str) -> None:
    memory = ["--seen", str(counter.path("seen.json"))]
    code, text = counter.check(shown, *memory)
    assert code == 0
    assert "--seen" not in text
    code, text = counter.check(shown, *memory, now=NOW + timedelta(seconds=10))
    assert code == 1
    assert "presentation_replayed" in text


def test_a_presentation_that_was_refused_is_not_remembered(counter: Counter, shown: str) -> None:
    memory = ["--seen", str(counter.path("seen.json"))]
    assert counter.check(shown, *memory, "--audience", "https://bank.example")[0] == 1
    assert counter.check(shown, *memory)[0] == 0


def test_an_older_pack_than_before_is_refused(counter: Counter, shown: str) -> None:
    memory = ["--seen", str(counter.path("seen.json"))]
    assert counter.check(shown, *memory)[0] == 0
    counter.desk.version = 6
    counter.update()
    assert counter.error(shown, *memory) == "pack_version_fell"


def test_a_memory_that_is_not_ours_is_refused(counter: Counter, shown: str) -> None:
    assert counter.error(shown, "--seen", counter.save("seen.json", "{}")) == "seen_file_broken"


def test_a_memory_that_cannot_be_written_is_refused(
    counter: Counter, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert counter.error(shown, "--seen", str(counter.path("nowhere") / "seen.json")) == "unreadable_input"

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(seen.os, "replace", full)
    assert counter.error(shown, "--seen", str(counter.path("seen.json"))) == "unreadable_input"


def test_another_moment_can_be_asked_for(counter: Counter, shown: str) -> None:
    assert counter.check(shown, now=NOW + DAY)[0] == 1
    assert counter.check(shown, "--at", "2026-03-02T10:30:00+08:00", now=NOW + DAY)[0] == 0


@pytest.mark.parametrize(
    ("types", "code"),
    [(["business_licence"], 0), ([LICENCE], 0), (["marriage_certificate", LICENCE], 0), (["marriage_certificate"], 1)],
)
def test_types_are_accepted_by_id_or_vct(counter: Counter, shown: str, types: list[str], code: int) -> None:
    assert counter.check(shown, *(word for name in types for word in ("--type", name)))[0] == code


def test_a_type_that_does_not_exist_is_a_wrong_command_line(counter: Counter, shown: str) -> None:
    assert counter.error(shown, "--type", "bussiness_licence") == "usage"


def test_a_nonce_can_be_asked_for(counter: Counter, shown: str) -> None:
    assert counter.check(shown, "--nonce", "q7Zk")[0] == 0
    assert counter.check(shown, "--nonce", "other")[0] == 1


def test_a_certificate_itself_is_checked_on_demand(counter: Counter) -> None:
    token = counter.desk.certificate().vc_jwt()
    assert counter.check(token)[0] == 1
    code, text = counter.check(token, "--credential")
    assert code == 0
    assert "!" not in text


def test_no_personal_data_is_in_what_it_says_of_an_error(
    counter: Counter, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    counter.check(shown + "!", "--type", "陈大文")
    counter.check("陈大文")
    assert "陈大文" not in capsys.readouterr().err


def test_it_runs_as_a_process(counter: Counter, shown: str) -> None:
    argv = [sys.executable, "-m", "verifier", "-", *counter.options(), "--at", "2026-03-02T02:30:00Z", "--json"]
    done = subprocess.run(argv, input=shown.encode(), capture_output=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["verdict"] == "valid"
    wrong = subprocess.run([*argv, "--unknown"], input=b"", capture_output=True, check=False, cwd=ROOT)
    assert wrong.returncode == 3


def test_the_module_is_the_command(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["verifier", "nowhere.png", *counter.options(), "--json"])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    monkeypatch.delitem(sys.modules, "verifier.__main__", raising=False)
    with pytest.raises(SystemExit) as caught:
        runpy.run_module("verifier", run_name="__main__")
    assert caught.value.code == 3


def test_importing_the_module_runs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "verifier.__main__", raising=False)
    assert importlib.import_module("verifier.__main__").run is run


def test_the_exit_codes_are_these() -> None:
    assert {verdict.value: code for verdict, code in cli.EXIT_CODES.items()} == {
        "valid": 0,
        "invalid": 1,
        "indeterminate": 2,
    }


def _png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, format="PNG")
    return out.getvalue()


def _beside(*texts: str) -> bytes:
    codes = [Image.open(io.BytesIO(drawing.png(text, module_pixels=4))).convert("L") for text in texts]
    page = Image.new("L", (sum(code.width for code in codes), max(code.height for code in codes)), 255)
    left = 0
    for code in codes:
        page.paste(code, (left, 0))
        left += code.width
    return _png(page)


def test_a_json_document_is_checked_as_it_is_given(desk: Desk) -> None:
    text = forms.present(CredentialFormat.LDP_VC, desk.certificate())
    assert read_presentation(f"  {text}\n", io.BytesIO()) == (text, ())


# An agent


def test_an_agent_is_named_below_the_verdict(counter: Counter) -> None:
    code, text = counter.check(Showing().shown())
    lines = text.splitlines()
    assert code == 0
    assert lines[0] == "有效  VALID"
    assert lines[2] == "陈小文（代理人）代 持证人 用证，至 2026-04-01 10:30：办理食品经营许可、年报"
    assert lines[3].startswith("陈小文 (agent) for the holder, until 2026-04-01 10:30: ")
    assert any("授权用证 delegation" in line and "delegation_valid" in line for line in lines)


def test_an_agents_report_as_json_has_the_delegation_when_it_is_valid(counter: Counter) -> None:
    shown = Showing().shown()
    value = json.loads(counter.check(shown, "--json")[1])
    assert [row["check"] for row in value["checks"]][-1] == "delegation"
    assert value["checks"][-1]["text"]["zh"] == "授权有效，由被授权的代理人出示"
    assert (value["delegation"]["agent_name"], value["delegation"]["relation"]) == ("陈小文", "agent")
    late = json.loads(counter.check(shown, "--json", now=NOW + timedelta(minutes=5))[1])
    assert (late["verdict"], "delegation" in late, "claims" in late) == ("invalid", False, False)


def test_what_an_agent_shows_is_not_taken_twice(counter: Counter) -> None:
    shown, memory = Showing().shown(), str(counter.path("seen.json"))
    assert counter.check(shown, "--seen", memory)[0] == 0
    code, text = counter.check(shown, "--seen", memory)
    assert (code, "presentation_replayed" in text) == (1, True)


def test_an_agents_text_comes_out_of_a_file(counter: Counter) -> None:
    assert counter.check(counter.save("agent.txt", Showing().shown() + "\n"))[0] == 0


def test_the_codes_of_an_agent_are_read(counter: Counter) -> None:
    frames = animation.codes(Showing().shown())
    assert len(frames) > 1
    assert counter.check(counter.save("frames.txt", "\n".join(frames)))[0] == 0
    less = Showing(fields=(), certificate=Certificate(claims={"certificate_version": 1}).sd_jwt()).shown()
    assert counter.check(counter.save("agent.png", drawing.png(f"ZK1:{compact.pack(less)}")))[0] == 0
