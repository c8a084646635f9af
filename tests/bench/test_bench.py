"""The bench runs, and its rows are complete. What they say is for people: a shared machine proves no aim."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from bench import table
from bench.load import Load
from bench.timing import Operation, Result, Row, Unavailable, measure, process_clock, repeated
from tests.support.postgres import binaries

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
    "issue SD-CWT, ES256",
    "show SD-CWT + KBT, ES256",
    "verify SD-CWT + KBT, ES256",
    "pack ZK1",
    "unpack ZK1",
    "status list, build",
    "status list, encode",
    "status list, encode quick",
    "status list, decode",
    "status list, check 10,000",
    "status list, check 10,000 one by one",
    "status list, publish in every form",
    "QR encode 800 bytes, modules",
    "QR encode 800 bytes, SVG",
    "QR encode 800 bytes, PNG",
    "QR decode 800 bytes, PNG",
    "store certificates, SQLite",
    "store signatures, SQLite",
    "store certificates, PostgreSQL",
    *(
        f"HTTP {what}, {where}"
        for where in ("in process", "uvicorn")
        for what in (
            "verify vc+jwt, ES256",
            "verify SD-JWT VC + KB, ES256",
            "VC-API verify vc+jwt, ES256",
            "GET /healthz",
        )
    ),
]


def _bench(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--quick", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_bench("--json"))
    return found


@pytest.fixture(scope="module")
def rows(document: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = document["rows"]
    return found


def test_every_row_is_there_or_says_why_not(document: dict[str, Any]) -> None:
    missing = [line["operation"] for line in document["missing"] if line["by"] == "ecert"]
    measured = [row["operation"] for row in document["rows"] if row["by"] == "ecert"]
    assert sorted(measured + missing) == sorted(ROWS)
    assert measured == [name for name in ROWS if name not in missing]


def test_only_what_the_machine_lacks_is_missing(document: dict[str, Any]) -> None:
    allowed = [] if binaries() else ["store certificates, PostgreSQL"]
    assert [line["operation"] for line in document["missing"] if line["by"] == "ecert"] == allowed
    assert all(line["unavailable"] for line in document["missing"])


def test_every_row_is_complete(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        assert row[f"{row['against']}_us"] > 0
        assert row["ours_us"] > 0
        assert row["ratio"] > 0
        assert (row["met"] is None) == (row["aim"] is None)


def test_another_implementation_stands_beside_a_row_of_ours(rows: list[dict[str, Any]]) -> None:
    others = {row["by"]: row["operation"] for row in rows if row["by"] != "ecert"}
    assert others["segno"] == others["qrcode"] == "QR encode 800 bytes, modules"


def test_one_group_can_be_asked_for() -> None:
    found = json.loads(_bench("--json", "--only", "cwt"))["rows"]
    assert {row["operation"] for row in found} == {name for name in ROWS if "CWT" in name or "ZK1" in name}


def test_a_peer_that_is_not_installed_is_named_with_how_to_install_it() -> None:
    hidden = "import sys; sys.modules.update(dict.fromkeys(('openvc', 'sd_jwt', 'joserfc.jws', 'pyld')))"
    code = f"{hidden}; from bench.__main__ import main; main(['--json', '--quick', '--peers', '--only', 'jose'])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    missing = json.loads(done.stdout)["missing"]
    assert {line["by"] for line in missing} == {"openvc-core", "sd-jwt", "joserfc"}
    assert all("pip install" in line["unavailable"] for line in missing)


def test_a_ratio_is_that_of_the_two_operations() -> None:
    work = Operation(lambda: sum(range(20_000)), 1)
    twice = Operation(lambda: (sum(range(20_000)), sum(range(20_000))), 1)
    (result,) = measure([Row("twice", "limit", work, twice, 10.0)], rounds=5)
    assert 1 < result.ratio < 4
    assert result.met is True


def test_a_row_has_no_more_rounds_than_it_allows() -> None:
    runs: list[int] = []
    work = Operation(lambda: runs.append(1), 1)
    measure([Row("few", "limit", repeated(lambda: sum(range(9_999)), 1), work, None, rounds=2)], rounds=5)
    assert len(runs) == 3  # one to warm up


def test_an_aim_that_is_missed_is_said() -> None:
    assert Result("slow", "limit", 1.0, 3.0, 3.0, 2.0).met is False
    assert Result("no aim", "limit", 1.0, 3.0, 3.0, None).met is None


def test_the_clock_of_another_process_is_its_cpu_time() -> None:
    clock = process_clock(os.getpid())
    first, mine = clock(), time.process_time()
    assert abs(first - mine) < 0.5
    sum(range(100_000))
    assert clock() > first


def test_there_is_no_clock_of_a_process_that_is_not_there() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    with pytest.raises(OSError, match="argument"):
        process_clock(ended.pid)


def test_the_table_marks_what_is_met_what_is_not_and_what_is_missing() -> None:
    results = [
        Result("quick", "limit", 1.0, 1.5, 1.5, 2.0),
        Result("slow", "prototype", 1.0, 3.0, 3.0, 2.0),
        Result("quick", "limit", 1.0, 6.0, 6.0, None, "another"),
    ]
    missing = [Unavailable("absent", "its server is not here"), Unavailable("quick", "pip install x", "third")]
    lines = table.lines(results, missing, rounds=3, machine={"python": "3"})
    assert [line.split()[-1] for line in lines if line.startswith(("quick", "slow"))] == ["yes", "NO", "4.0"]
    assert "1 of 2 aims met" in lines
    assert lines[-2:] == ["  absent: its server is not here", "  quick, third: pip install x"]


def test_a_load_of_verifications_is_answered_without_errors() -> None:
    asked = [sys.executable, "-m", "bench", "load", "--rate", "20", "--seconds", "1"]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("20 verifications of SD-JWT VC + KB in ")
    assert "errors: 0" in done.stdout
    assert "p95" in done.stdout


def test_a_percentile_is_the_latency_that_a_share_does_not_exceed() -> None:
    found = Load(asked=101, seconds=1.0, milliseconds=[float(number) for number in range(100)], errors=1, server_us=7.0)
    assert [found.percentile(share) for share in (0.5, 0.95, 0.99)] == [50.0, 95.0, 99.0]
    assert "errors: 1" in found.lines()[0]


def test_a_load_that_is_never_answered_has_no_latency() -> None:
    found = Load(asked=1, seconds=1.0, milliseconds=[], errors=1, server_us=7.0)
    assert found.lines()[1] == "no answer was good"
