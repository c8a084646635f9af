"""What fuzzing found, and other inputs that must go wrong in one way: each a file, each names what must refuse it.

    {"id", "source", "importance", "now", "target": a name of tests/fuzz/registry.py, "input": {"text"} or {"base64"},
     "seconds": of CPU at the most, ten times what was measured,
     "expect": {"error": code}}, or for a target of ``verify`` {"verdict", "check", "reason"}, for a status list
     {"untrusted": code}, for claims {"problem": path and rule}

``now`` is the moment of the verdict; the files can be given to any other program. Large inputs are not in the files:
{"made"} names one of tests/limits/worst.py.
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
from tests.limits.worst import WORST
from tests.support.desk import LIST, Desk
from verifier import Policy, accept_status_list, verify
from verifier.evidence import UntrustedStatus

SECONDS = 2.0
"""Of CPU, where a vector says nothing else."""
VECTORS: list[dict[str, Any]] = [
    json.loads(path.read_bytes()) | {"file": path.stem} for path in sorted(Path(__file__).parent.glob("*.json"))
]
MEMBERS = {"id", "source", "importance", "now", "target", "input", "expect", "file"}
OPTIONAL = {"seconds"}


def _data(vector: dict[str, Any]) -> bytes:
    given = vector["input"]
    if "made" in given:
        return WORST[given["made"]].make()
    return base64.b64decode(given["base64"]) if "base64" in given else given["text"].encode("utf-8", "surrogatepass")


def _found(vector: dict[str, Any], data: bytes) -> dict[str, str]:
    expect, now = vector["expect"], datetime.fromisoformat(vector["now"])
    if "untrusted" in expect:
        found = accept_status_list(as_text(data), uri=LIST, trust=Desk(now=now).trust())
        return {"untrusted": found.reason} if isinstance(found, UntrustedStatus) else {}
    if "verdict" in expect:
        desk = Desk(now=now)
        report = verify(as_text(data), policy=Policy(accepted_types=None), evidence=desk.evidence(), now=now)
        row = next((row for row in report.checks if row.outcome is Outcome.FAILED), report.checks[-1])
        return {"verdict": report.verdict.value, "check": row.code, "reason": row.reason}
    try:
        result = TARGETS[vector["target"]].decode(data)
    except EcertError as exc:
        return {"error": exc.code}
    return {"problem": expect["problem"]} if expect.get("problem") in (result or ()) else {}


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["id"] for vector in VECTORS])
def test_a_vector_goes_wrong_as_it_must_and_soon(vector: dict[str, Any]) -> None:
    TARGETS[vector["target"]].seeds  # noqa: B018 - made outside the time that is measured
    data = _data(vector)
    started = time.process_time()
    assert _found(vector, data) == vector["expect"]
    assert time.process_time() - started < vector.get("seconds", SECONDS)


def test_every_vector_has_the_members_of_one_and_an_id_of_its_own() -> None:
    assert VECTORS
    assert all(MEMBERS <= vector.keys() <= MEMBERS | OPTIONAL and vector["target"] in TARGETS for vector in VECTORS)
    assert all(vector["importance"] in ("critical", "high", "medium", "low") for vector in VECTORS)
    assert all(vector["file"] == vector["id"].replace("::", "-").replace("_", "-") for vector in VECTORS)
    assert len({vector["id"] for vector in VECTORS}) == len(VECTORS)
