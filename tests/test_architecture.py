"""The budgets and borders that docs/architecture.md promises, held by a machine."""

import ast
import statistics
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("keys", "schemas", "issuer", "verifier", "wallet_api", "services", "ecert")
NOT_PYTHON = {"tests", "bench", "docs", "tools", "requirements", "web", "var", "build"}


def _sources() -> list[Path]:
    found = [path for name in PACKAGES for path in (ROOT / name).rglob("*.py")]
    return [path for path in found if "migrations/versions" not in path.as_posix()]


def _functions() -> Iterator[tuple[str, int]]:
    for path in _sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert node.end_lineno is not None
                yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", node.end_lineno - node.lineno + 1


def test_every_top_level_package_stands_in_the_layers_contract() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    layers = next(contract["layers"] for contract in contracts if contract["id"] == "layers")
    listed = {name for layer in layers for name in layer.replace("|", " ").split()}
    present = {path.parent.name for path in ROOT.glob("*/__init__.py")} - NOT_PYTHON
    assert listed == present == set(PACKAGES)


def test_no_file_is_over_its_budget() -> None:
    lines = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8").count("\n") for path in _sources()}
    assert {name: count for name, count in lines.items() if count > 400} == {}
    assert statistics.median(lines.values()) < 150


def test_no_function_is_over_its_budget() -> None:
    lengths = dict(_functions())
    assert {name: count for name, count in lengths.items() if count > 60} == {}
    assert statistics.quantiles(lengths.values(), n=10)[8] <= 40
    assert statistics.median(lengths.values()) < 10


@pytest.mark.parametrize("package", PACKAGES)
def test_no_broad_except_outside_the_two_places_that_may(package: str) -> None:
    allowed = {"ecert/problems.py", "ecert/cli/__init__.py"}
    found = set()
    for path in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            broad = isinstance(node, ast.ExceptHandler) and (
                node.type is None
                or (isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException"))
            )
            if broad:
                found.add(path.relative_to(ROOT).as_posix())
    assert found <= allowed


def test_the_verifier_loads_nothing_beyond_the_base_install() -> None:
    heavy = "pydantic fastapi starlette sqlmodel sqlalchemy stdnum qrcode jwt httpx issuer wallet_api services ecert"
    code = f"import sys, verifier; print([n for n in {heavy.split()!r} if n in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert shown.stdout.strip() == "[]"
