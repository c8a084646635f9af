"""docs/verify-api.md is run as it stands: every text block is found in what the shell block before it printed."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "verify-api.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(sh|text)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
MARK = "=== after block "


def test_the_walkthrough_goes_as_the_page_says(tmp_path: Path) -> None:
    steps = [f"{text}\necho; echo {MARK}{number}" for number, (kind, text) in enumerate(BLOCKS) if kind == "sh"]
    script = "set -euo pipefail\n" + "\n".join(steps)
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "ecert"
    command.write_text(
        f"#!/bin/sh\nexec {sys.executable} -c 'import sys; from ecert.cli import main; sys.exit(main())' \"$@\"\n"
    )
    command.chmod(0o755)
    port, hook = free_port(), free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ECERT_")}
    environment |= {
        "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "ECERT_HOME": str(tmp_path / "var"),
        "ECERT_PORT": str(port),
        "ECERT_PASSPHRASE": "a passphrase for the page",
        "URL": f"http://127.0.0.1:{port}",
        "HOOK_PORT": str(hook),
    }
    with (tmp_path / "said.txt").open("w") as said:
        process = subprocess.Popen(
            ["bash", "-c", script], cwd=tmp_path, env=environment, stdout=said, stderr=said, start_new_session=True
        )
        try:
            process.wait(timeout=120)
        finally:
            os.killpg(process.pid, signal.SIGTERM)  # the server and the receiver go on after the last step
            process.wait(timeout=30)
    printed = (tmp_path / "said.txt").read_text(encoding="utf-8")
    assert process.returncode == 0, printed[-3000:]
    for number, (kind, text) in enumerate(BLOCKS):
        if kind == "text":
            assert missing(text, printed.partition(f"{MARK}{number - 1}\n")[0].rpartition(MARK)[2]) is None, printed


def missing(expected: str, printed: str) -> str | None:
    """Return the first line of a block that did not come in the block's order; a page may cut both ends of a line."""
    place = 0
    for line in expected.splitlines():
        found = re.compile(r"(?<!\w)" + re.escape(line.strip())).search(printed, place)
        if found is None:
            return line
        place = found.end()
    return None


@pytest.mark.parametrize("printed", ["invalid\n1", "1\nvalid", "valid"])
def test_a_block_is_missed_when_its_lines_did_not_come_in_order(printed: str) -> None:
    assert missing("valid\n1\n", printed) is not None
    assert missing("valid\n1\n", f"is: valid until\n{printed}\n1") is None
