"""The demo: exits 0 when every expectation holds, and otherwise names the one that did not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ecert.cli import main
from ecert.demo.story import Story, Verdict, expect
from ecert.errors import ExpectationFailed
from schemas.qr.reading import read

Capture = pytest.CaptureFixture[str]
ROOT = Path(__file__).resolve().parent.parent.parent


def test_the_demo_as_a_process_exits_0_on_a_clean_folder(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ECERT_")}
    environment["PYTHONPATH"] = str(ROOT)
    code = "import sys; from ecert.cli import main; sys.exit(main(['demo', '--home', sys.argv[1]]))"
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "demo")],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "every expectation held" in done.stdout
    assert done.stdout.count("[ok]") == 23
    for picture, code in ((1, "ZK1:"), (2, "eyJ"), (3, "ZK1:")):
        (text,) = read((tmp_path / "demo" / f"show-{picture}.png").read_bytes()).texts
        assert text.startswith(code)


def test_the_demo_takes_no_setting_from_the_environment(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECERT_HOME", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("ECERT_PASSPHRASE", "mine")
    monkeypatch.setattr("tempfile.mkdtemp", lambda **_: str(tmp_path / "made"))
    assert main(["demo"]) == 0
    assert not (tmp_path / "elsewhere").exists()


def test_the_demo_refuses_a_folder_that_is_not_empty(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "file").write_text("mine")
    assert main(["demo", "--home", str(tmp_path)]) == 3
    assert "not empty" in capsys.readouterr().err


def test_a_counter_that_would_accept_a_revoked_licence_fails_the_demo(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The licence is never revoked, so the counter accepts it where it must not."""
    monkeypatch.setattr(Story, "_revoke", lambda *_: None)
    assert main(["demo", "--home", str(tmp_path)]) == 1
    assert "the offline counter refuses the revoked licence (exit 1)" in capsys.readouterr().err


def test_a_counter_that_sees_more_than_was_chosen_fails_the_demo(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One more field is shown than the story says."""
    monkeypatch.setattr("ecert.demo.story.SHOWN_FIELDS", ("address",))
    shown = ("address", "business_scope")
    real = Story._show

    def more(self: Story, holder: object, name: str) -> Path:
        monkeypatch.setattr("ecert.demo.story.SHOWN_FIELDS", shown)
        picture = real(self, holder, name)  # type: ignore[arg-type]
        monkeypatch.setattr("ecert.demo.story.SHOWN_FIELDS", ("address",))
        return picture

    monkeypatch.setattr(Story, "_show", more)
    assert main(["demo", "--home", str(tmp_path)]) == 1
    assert "sees the chosen fields and no other selective one" in capsys.readouterr().err


def test_a_purpose_certificate_that_no_wallet_has_fails_the_demo(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ecert.demo.story.prefetch", lambda _: 40)
    assert main(["demo", "--home", str(tmp_path)]) == 1
    assert "a purpose certificate is one compact code" in capsys.readouterr().err


def test_a_verifier_that_says_nothing_fails_the_demo(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert main(["demo", "--home", str(tmp_path)]) == 1
    assert "accepts the licence" in capsys.readouterr().err


def test_an_expectation_that_did_not_hold_is_named() -> None:
    with pytest.raises(ExpectationFailed, match="the sky is green"):
        expect(False, "the sky is green")


def test_a_report_that_could_not_be_made_has_no_reason() -> None:
    assert Verdict(3, {}).reason("status") == ""
