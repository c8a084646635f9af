"""What fuzzing found, and other inputs that must go wrong in one way: each a file, each names what must refuse it.

    {"id", "source", "importance", "now", "target": a name of tests/fuzz/registry.py, "input": {"text"} or {"base64"},
     "expect": {"error": code}}, or for a target of ``verify`` {"verdict", "check", "reason"}

``now`` is the moment of the verdict; the files can be given to any other program.
"""

import base64
import json
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from keys.errors import EcertError
from schemas.report import Outcome
from tests.fuzz.registry import TARGETS
from tests.fuzz.target import as_text
from tests.support.desk import Desk
from verifier import Policy, verify

SECONDS = 2.0
VECTORS: list[dict[str, Any]] = [
    json.loads(path.read_bytes()) | {"file": path.stem} for path in sorted(Path(__file__).parent.glob("*.json"))
]
MEMBERS = {"id", "source", "importance", "now", "target", "input", "expect", "file"}


def _data(vector: dict[str, Any]) -> bytes:
    given = vector["input"]
    return base64.b64decode(given["base64"]) if "base64" in given else given["text"].encode("utf-8", "surrogatepass")


def _found(vector: dict[str, Any]) -> dict[str, str]:
    data = _data(vector)
    if "verdict" in vector["expect"]:
        now = datetime.fromisoformat(vector["now"])
        desk = Desk(now=now)
        report = verify(as_text(data), policy=Policy(accepted_types=None), evidence=desk.evidence(), now=now)
        row = next((row for row in report.checks if row.outcome is Outcome.FAILED), report.checks[-1])
        return {"verdict": report.verdict.value, "check": row.code, "reason": row.reason}
    try:
        TARGETS[vector["target"]].decode(data)
    except EcertError as exc:
        return {"error": exc.code}
    return {}


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["id"] for vector in VECTORS])
def test_a_vector_goes_wrong_as_it_must_and_soon(vector: dict[str, Any]) -> None:
    TARGETS[vector["target"]].seeds  # noqa: B018 - made outside the time that is measured
    started = time.process_time()
    assert _found(vector) == vector["expect"]
    assert time.process_time() - started < SECONDS


def test_every_vector_has_the_members_of_one_and_an_id_of_its_own() -> None:
    assert VECTORS
    assert all(vector.keys() == MEMBERS and vector["target"] in TARGETS for vector in VECTORS)
    assert all(vector["importance"] in ("critical", "high", "medium", "low") for vector in VECTORS)
    assert all(vector["file"] == vector["id"].replace("::", "-").replace("_", "-") for vector in VECTORS)
    assert len({vector["id"] for vector in VECTORS}) == len(VECTORS)
