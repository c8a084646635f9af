"""The offline verifier as a command, run by ``python -m verifier`` and ``ecert verify``: parse, read, verify, print."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import BinaryIO, TextIO

import orjson

from keys.anchor import MAX_ANCHOR_BYTES, Anchor
from keys.errors import EcertError
from schemas.formats.pack import MAX_PACK
from schemas.report import Verdict
from verifier import acting
from verifier.arguments import Options, parse
from verifier.errors import UnreadableInput, UsageError
from verifier.judging import Judgement, judge
from verifier.pack import Pack, open_pack
from verifier.policy import Policy
from verifier.reading import read_file, read_presentation
from verifier.rendering import render
from verifier.seen import Seen, opened

EXIT_CODES = {Verdict.VALID: 0, Verdict.INVALID: 1, Verdict.INDETERMINATE: 2}
COULD_NOT_RUN = 3
NO_MEMORY = "no_seen_file"
_NOTICES = {
    NO_MEMORY: "没有 --seen 文件，未检查重放 / replay was not checked: no --seen file",
    "zbar_missing": "没有安装 zbar / zbar is not installed",
}


def run(
    argv: Sequence[str],
    stdin: BinaryIO,
    stdout: TextIO,
    now: datetime,
    *,
    environ: Mapping[str, str] = os.environ,
    prog: str = "ecert verify",
) -> int:
    """Check what ``argv`` names and return the exit code: 0 valid, 1 invalid, 2 indeterminate, 3 could not run.

    The report goes to ``stdout``; why it could not run to standard error, with ``--json`` to ``stdout``. ``now`` is the
    moment of judgement unless ``--at`` gives one.
    """
    as_json = "--json" in argv
    try:
        options = parse(argv, environ=environ, prog=prog)
        judged, notices = _checked(options, stdin, options.at or now)
    except SystemExit:  # --help
        return 0
    except EcertError as exc:
        return _could_not_run(exc.code, str(exc), stdout, as_json=as_json)
    except OSError as exc:
        return _could_not_run(UnreadableInput.code, f"file cannot be used: {exc.strerror}", stdout, as_json=as_json)
    _print(judged, notices, stdout, as_json=options.as_json)
    report = judged.report
    if report.verdict is Verdict.INDETERMINATE and report.check("status").reason == "status_hard_stop":
        return COULD_NOT_RUN
    return EXIT_CODES[report.verdict]


def _checked(options: Options, stdin: BinaryIO, now: datetime) -> tuple[Judgement, tuple[str, ...]]:
    anchor = Anchor.from_json(read_file(options.anchor, limit=MAX_ANCHOR_BYTES))
    pack_text = _ascii(read_file(options.pack, limit=MAX_PACK))
    presentation, notices = read_presentation(options.input, stdin)
    with _memory(options, now) as seen:
        pack = open_pack(pack_text, anchor=anchor, now=now, floor_version=seen.floor(anchor))
        seen.remember_version(anchor, pack.version)
        evidence = pack.evidence(seen=seen.recent())
        judged = judge(presentation, policy=_policy(options, pack), evidence=evidence, now=now)
        # Only a proof that held is remembered: anyone could fill the memory with others.
        if judged.report.shown is not None:
            seen.remember(judged.report.shown, now)
    missing = () if options.seen or options.credential else (NO_MEMORY,)
    return judged, (*notices, *missing)


@contextmanager
def _memory(options: Options, now: datetime) -> Iterator[Seen]:
    if options.seen is None:
        yield Seen({}, {})
        return
    with opened(options.seen, now) as seen:
        yield seen


def _policy(options: Options, pack: Pack) -> Policy:
    return Policy(
        accepted_types=_accepted(options.types, pack) if options.types else None,
        audience=options.audience,
        nonce=options.nonce,
        require_key_binding=not options.credential,
    )


def _accepted(names: Sequence[str], pack: Pack) -> frozenset[str]:
    """Return the ``vct`` of every type and revision named, by id or by ``vct``."""
    accepted: set[str] = set()
    for name in names:
        found = {vct for vct, label in pack.types.items() if name in (vct, label.type_id)}
        if not found:
            raise UsageError("--type names a type that the pack does not know")
        accepted |= found
    return frozenset(accepted)


def _ascii(data: bytes) -> str:
    try:
        return data.decode("ascii").strip()
    except UnicodeDecodeError as exc:
        raise UnreadableInput("pack is not a signed document") from exc


def _print(judged: Judgement, notices: Sequence[str], stdout: TextIO, *, as_json: bool) -> None:
    if as_json:
        value = judged.report.to_dict(include_claims=True) | acting.member(judged.delegation)
        value |= {"notices": list(notices)}
        stdout.write(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode("utf-8") + "\n")
        return
    stdout.write(render(judged.report, judged.delegation))
    for notice in notices:
        stdout.write(f"! {_NOTICES[notice]}\n")


def _could_not_run(code: str, message: str, stdout: TextIO, *, as_json: bool) -> int:
    if as_json:
        value = {"verdict": None, "error": {"code": code, "message": message}}
        stdout.write(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode("utf-8") + "\n")
    else:
        sys.stderr.write(f"未能验证 could not run: {code}: {message}\n")
    return COULD_NOT_RUN
