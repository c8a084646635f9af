"""The bench runs, and its rows are complete. What they say is for people: a shared machine proves no aim."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench.timing import Operation, Result, Row, measure

ROOT = Path(__file__).resolve().parents[2]
ROWS = [
    "issue SD-JWT VC, ES256",
    "verify SD-JWT VC + KB, ES256",
    "verifier.verify SD-JWT VC + KB, ES256",
    "issue SD-JWT VC, EdDSA",
    "verify SD-JWT VC + KB, EdDSA",
    "verifier.verify SD-JWT VC + KB, EdDSA",
    "issue vc+jwt, ES256",
    "verify vc+jwt, ES256",
    *(
        f"{act} {suite}, known type"
        for suite in ("eddsa-rdfc-2022", "eddsa-jcs-2022", "ecdsa-rdfc-2019", "ecdsa-jcs-2019")
        for act in ("issue", "verify")
    ),
    "issue ecdsa-sd-2023, known type",
    "derive ecdsa-sd-2023, known type",
    "verify ecdsa-sd-2023, known type",
    "status list, build",
    "status list, encode",
    "status list, encode quick",
    "status list, decode",
    "status list, check 10,000",
    "status list, check 10,000 one by one",
    "status list, publish in every form",
]


def _bench(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--quick", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(_bench("--json"))["rows"]
    return found


def test_every_row_is_there(rows: list[dict[str, Any]]) -> None:
    assert [row["operation"] for row in rows] == ROWS


def test_every_row_is_complete(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        assert row[f"{row['against']}_us"] > 0
        assert row["ours_us"] > 0
        assert row["ratio"] > 0
        assert (row["met"] is None) == (row["aim"] is None)


def test_a_ratio_is_that_of_the_two_operations() -> None:
    work = Operation(lambda: sum(range(20_000)), 1)
    twice = Operation(lambda: (sum(range(20_000)), sum(range(20_000))), 1)
    (result,) = measure([Row("twice", "limit", work, twice, 10.0)], rounds=5)
    assert 1 < result.ratio < 4
    assert result.met is True


def test_an_aim_that_is_missed_is_said() -> None:
    assert Result("slow", "limit", 1.0, 3.0, 3.0, 2.0).met is False
    assert Result("no aim", "limit", 1.0, 3.0, 3.0, None).met is None
