"""docs/verify-api.md is run as it stands: every shell block in order, every text block found in what is printed."""

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "verify-api.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(sh|text)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def test_the_walkthrough_goes_as_the_page_says(tmp_path: Path) -> None:
    script = "set -euo pipefail\n" + "\n".join(text for kind, text in BLOCKS if kind == "sh")
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
    process = subprocess.Popen(
        ["bash", "-c", script],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    # The server and the receiver keep the pipe open: read until the last step has spoken, then end all of them.
    said: list[str] = []
    try:
        assert process.stdout is not None
        process.wait(timeout=120)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        said.append(process.communicate(timeout=30)[0])
    printed = "".join(said)
    assert process.returncode == 0, printed[-3000:]
    expected = [line.strip() for kind, text in BLOCKS if kind == "text" for line in text.splitlines()]
    assert [line for line in expected if line not in printed] == []
