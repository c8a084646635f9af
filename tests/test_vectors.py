"""Published vectors are skipped with a reason where they are absent, and missed where they were named."""

import re
from pathlib import Path

import pytest

from tests.support import vectors

ROOT = Path(__file__).parents[1]


def test_a_setting_that_names_no_folder_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(vectors, "NAMED", str(tmp_path))
    monkeypatch.setattr(vectors, "FOLDER", tmp_path)
    vectors.check_setting()
    monkeypatch.setattr(vectors, "FOLDER", tmp_path / "absent")
    with pytest.raises(pytest.UsageError, match="ECERT_VECTORS names no folder"):
        vectors.check_setting()


def test_without_the_setting_nothing_is_demanded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(vectors, "NAMED", None)
    monkeypatch.setattr(vectors, "FOLDER", tmp_path / "absent")
    vectors.check_setting()


def test_the_folder_is_looked_for_in_one_place() -> None:
    """Others ask ``tests.support.vectors`` or the fixture."""
    asking = re.compile(r"environ.*ECERT_VECTORS|\"shared\" / \"vectors\"")
    own = {ROOT / "tests" / "support" / "vectors.py", Path(__file__)}
    found = [path for path in (ROOT / "tests").rglob("*.py") if path not in own]
    assert [path.name for path in found if asking.search(path.read_text(encoding="utf-8"))] == []
