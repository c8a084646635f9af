"""docs/threat-model.md names tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NAMED = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8"))


def test_every_test_that_the_threat_model_names_exists() -> None:
    missing = []
    for file, name in NAMED:
        path = ROOT / file
        if not path.is_file() or (name and f"def {name}(" not in path.read_text(encoding="utf-8")):
            missing.append(f"{file}::{name}")
    assert len(NAMED) > 30
    assert missing == []
