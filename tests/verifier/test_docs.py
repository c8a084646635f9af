"""docs/verification.md says what the code does."""

import re
import runpy
import sys
from pathlib import Path

import pytest

from schemas.report import CHECKS
from verifier import pipeline, reference

DOCUMENT = Path(__file__).resolve().parent.parent.parent / "docs" / "verification.md"


def test_the_generated_part_is_current() -> None:
    text = DOCUMENT.read_text("utf-8")
    assert reference.replaced(text) == text, "run python -m verifier.reference docs/verification.md"


def test_the_document_has_the_steps_of_the_pipeline() -> None:
    document = re.findall(r"^(\d)\. `(\w+)`: (.+)\.$", DOCUMENT.read_text("utf-8"), re.MULTILINE)
    assert [code for _, code, _ in document] == list(CHECKS)
    steps = re.sub(r"\s+", " ", pipeline.__doc__ or "")
    for number, code, sentence in document:
        assert f"{number}. {code} {sentence}" in steps


def test_a_document_is_rewritten_in_place(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text(f"before\n{reference.BEGIN}\nold\n{reference.END}\nafter\n", "utf-8")
    assert reference.main([str(path)]) == 0
    assert path.read_text("utf-8") == f"before\n{reference.generated()}\nafter\n"


def test_a_document_without_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="marks"):
        reference.replaced("no marks")


def test_it_is_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["verifier.reference", str(DOCUMENT)])
    monkeypatch.delitem(sys.modules, "verifier.reference")
    with pytest.raises(SystemExit) as caught:
        runpy.run_module("verifier.reference", run_name="__main__")
    assert caught.value.code == 0


def test_without_a_document_there_is_nothing_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert reference.main([]) == 3
    assert "usage" in capsys.readouterr().err
