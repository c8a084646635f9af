"""One target for some seconds in this process: by atheris (coverage-guided) where it is there, else by blind scripts.

Started by ``python -m tests.fuzz``. A finding does not end the campaign: each kind is written down once (what escaped,
and where from), with its input, and the process ends with 1.
"""

import contextlib
import hashlib
import importlib.util
import os
import random
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

SLOW = 5.0  # seconds of CPU for one input, instrumented; what takes longer is a finding
_OURS = ("keys", "schemas", "issuer", "verifier")


class Campaign:
    """Runs inputs through a target and remembers each kind of finding once."""

    def __init__(self, target: Any, out: Path) -> None:
        self.target = target
        self.out = out
        self.runs = self.taken = 0
        self.worst = 0.0
        self.found: dict[str, str] = {}

    def run(self, data: bytes) -> None:
        """Run one input; whatever escapes, or takes too long, is written down."""
        self.runs += 1
        started = time.process_time()
        try:
            self.taken += self.target.run(data)
        except Exception as exc:  # noqa: BLE001 - finding what is raised is what this is for
            self.note(
                f"{type(exc).__name__} at {_where(exc.__traceback__)}", data, "".join(traceback.format_exception(exc))
            )
        spent = time.process_time() - started
        self.worst = max(self.worst, spent)
        if spent > SLOW:
            self.note("slow", data, f"{spent:.1f} s of CPU for {len(data)} bytes")

    def note(self, kind: str, data: bytes, text: str) -> None:
        """Write a finding down, once for each kind."""
        if kind in self.found:
            return
        name = hashlib.sha256(data).hexdigest()[:16]
        self.found[kind] = name
        folder = self.out / "findings"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
        (folder / f"{name}.txt").write_text(f"{kind}\n{text}", encoding="utf-8", errors="backslashreplace")

    def report(self, engine: str) -> None:
        """Print what was done."""
        counts = f"{self.runs:10} runs {self.taken:9} taken  worst {self.worst * 1000:7.0f} ms"
        sys.stdout.write(f"{self.target.name:24}{engine:8}{counts}  {len(self.found)} findings\n")
        sys.stdout.writelines(f"    {kind}: {self.out / 'findings' / name}\n" for kind, name in self.found.items())
        sys.stdout.flush()


def _where(trace: TracebackType | None) -> str:
    """Return the innermost line of ours."""
    frames = traceback.extract_tb(trace)
    ours = [frame for frame in frames if "/tests/" not in frame.filename and ".venv" not in frame.filename]
    frame = (ours or frames)[-1]
    return f"{Path(frame.filename).name}:{frame.lineno}"


def _by_scripts(campaign: Campaign, seconds: int) -> None:
    from tests.fuzz.mutate import mutate

    dice = random.Random(1)  # noqa: S311 - the same scripts in every run
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        campaign.run(mutate(campaign.target.form, campaign.target.seeds, dice.randbytes(24)))
    campaign.report("scripts")


def _by_atheris(campaign: Campaign, seconds: int) -> None:
    import atheris

    from tests.fuzz.mutate import mutate

    corpus = campaign.out / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for seed in campaign.target.seeds:
        (corpus / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)

    def custom(data: bytes, max_size: int, number: int) -> bytes:
        dice = random.Random(number)  # noqa: S311
        if number % 3 == 0:
            return bytes(atheris.Mutate(data, max_size))
        made = mutate(campaign.target.form, (data or b"0", *campaign.target.seeds), bytes((0,)) + dice.randbytes(24))
        return made[:max_size]

    # libFuzzer ends the process itself: the report is written when the time is up, before it does.
    until = time.monotonic() + seconds

    def one(data: bytes) -> None:
        campaign.run(data)
        if time.monotonic() > until:
            campaign.report("atheris")
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(int(bool(campaign.found)))

    arguments = ["fuzz", str(corpus), "-max_len=200000", "-timeout=120", "-rss_limit_mb=4096", "-verbosity=0"]
    atheris.Setup(arguments, one, custom_mutator=custom)
    atheris.Fuzz()


def _in_a_child(target: Any, seconds: int, out: Path, *, by_coverage: bool) -> int:
    """Run one campaign in a fork, because libFuzzer ends the process that it runs in; returns its end."""
    sys.stdout.flush()
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    campaign = Campaign(target, out)
    if by_coverage:
        _by_atheris(campaign, seconds)
    _by_scripts(campaign, seconds)
    os._exit(int(bool(campaign.found)))


def main(names: Sequence[str], seconds: int, out: Path) -> int:
    """Run a campaign for each target; returns 1 when something was found."""
    by_coverage = importlib.util.find_spec("atheris") is not None
    instrumented: contextlib.AbstractContextManager[Any] = contextlib.nullcontext()
    if by_coverage:
        import atheris

        instrumented = atheris.instrument_imports(include=list(_OURS))
    with instrumented:
        from tests.fuzz.registry import TARGETS
    ends = [_in_a_child(TARGETS[name], seconds, out / name, by_coverage=by_coverage) for name in names or TARGETS]
    return int(any(ends))


if __name__ == "__main__":
    sys.exit(main(sys.argv[3:], int(sys.argv[1]), Path(sys.argv[2])))
