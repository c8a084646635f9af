"""What README and docs say is what the program does."""

import re
from pathlib import Path

from ecert.cli import COMMANDS
from ecert.settings import VARIABLES

ROOT = Path(__file__).resolve().parent.parent.parent


def test_every_setting_stands_in_the_operations_page() -> None:
    page = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    for variable in VARIABLES:
        default = f"`{variable.default}`" if variable.default else "–"
        assert f"| `{variable.name}` | {default} | {variable.about_zh} {variable.about_en} |" in page


def test_the_readme_names_only_commands_that_exist() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8") + (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^ecert ([a-z-]+)", text, flags=re.MULTILINE))
    assert named <= set(COMMANDS)
    assert {"types", "issue", "present", "pack", "revoke"} <= named


def test_every_link_in_the_readme_leads_somewhere() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / target).exists(), target


def test_what_code_and_tests_cite_is_here() -> None:
    """A reader finds the invariant, the decision and the page that a comment names."""
    rules = re.findall(r"^(\d+)\. ", (ROOT / "docs/invariants.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    decisions = {str(int(path.name[:4])) for path in (ROOT / "docs/adr").glob("*.md")}
    pages = {path.name for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]}
    for folder in ("keys", "schemas", "issuer", "verifier", "wallet_api", "ecert", "tests", "bench", "tools"):
        for path in (ROOT / folder).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            assert set(re.findall(r"\b[Ii]nvariant (\d+)", text)) <= set(rules), path
            assert set(re.findall(r"\bADR (\d+)", text)) <= decisions, path
            assert set(re.findall(r"\b[A-Z][A-Z0-9]+\.md\b", text)) <= pages, path
