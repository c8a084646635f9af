"""The command line of the offline verifier: its options, checked in full before any work."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NoReturn

from verifier.errors import NoAnchor, UsageError
from verifier.policy import COUNTER_AUDIENCE

ANCHOR_VARIABLE = "ECERT_ANCHOR"
_EXITS = "exit codes 退出码: 0 valid 有效, 1 invalid 无效, 2 indeterminate 无法确认, 3 could not run 未能验证"


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for on the command line."""

    input: str
    pack: Path
    anchor: Path
    seen: Path | None
    at: datetime | None
    as_json: bool
    types: tuple[str, ...]
    audience: str
    nonce: str | None
    credential: bool


class _Parser(argparse.ArgumentParser):
    """argparse would end the process with 2, which means indeterminate here."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(message)


def parse(argv: Sequence[str], *, environ: Mapping[str, str], prog: str) -> Options:
    """Return the options of ``argv``.

    Raises:
        UsageError: a wrong, missing or malformed option.
        NoAnchor: neither ``--anchor`` nor the environment pins one.
        SystemExit: ``--help`` was asked for and printed.
    """
    values = _parser(prog).parse_args(argv)
    anchor = values.anchor or environ.get(ANCHOR_VARIABLE)
    if not anchor:
        raise NoAnchor(f"no trust anchor is pinned: give --anchor or set {ANCHOR_VARIABLE}")
    return Options(
        input=values.input,
        pack=Path(values.pack),
        anchor=Path(anchor),
        seen=Path(values.seen) if values.seen else None,
        at=_moment(values.at) if values.at else None,
        as_json=values.json,
        types=tuple(values.type),
        audience=values.audience,
        nonce=values.nonce,
        credential=values.credential,
    )


def _parser(prog: str) -> _Parser:
    what = "离线验证电子证照 Check an electronic certificate offline"
    parser = _Parser(prog=prog, description=what, epilog=_EXITS, allow_abbrev=False)
    add = parser.add_argument
    add(
        "input",
        metavar="PICTURE-OR-TEXT",
        help="a PNG, JPEG, PDF or text file, the text, or - for standard input",
    )
    add("--pack", required=True, metavar="FILE", help="offline data 离线数据包")
    add("--anchor", metavar="FILE", help=f"trust anchor, a JWK or JWK Set 信任锚 (default: {ANCHOR_VARIABLE})")
    add("--seen", metavar="FILE", help="remembers what was shown, against replay 防重放记录")
    add("--at", metavar="TIME", help="judge at this moment, ISO 8601 with a time zone 验证时刻")
    add(
        "--type",
        action="append",
        default=[],
        metavar="TYPE",
        help="accept this type only, id or vct; repeatable 证照类型",
    )
    add("--audience", default=COUNTER_AUDIENCE, help="whom it must be shown to 出示对象 (default: %(default)s)")
    add("--nonce", help="the nonce that was asked for 随机数 (default: the holder's own)")
    add("--credential", action="store_true", help="check the certificate itself; nobody shows it 只验证照")
    add("--json", action="store_true", help="print the report as JSON")
    return parser


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as exc:
        raise UsageError("--at is not a time in ISO 8601") from exc
    if moment.tzinfo is None:
        raise UsageError("--at has no time zone: add Z or +08:00")
    return moment
