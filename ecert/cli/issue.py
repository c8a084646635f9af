"""``ecert issue --type T --input FILE``: certificates from a department's CSV or JSON Lines file.

A bad row is left out and stands in the report; the same file again issues only what is missing.
"""

import argparse
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ecert.cli.common import opened
from ecert.orders import order_parts
from issuer.bulk import BulkRun, ErrorReport, Summary, open_records
from schemas.order import CredentialFormat
from schemas.types import certificate_type


def arguments(parser: argparse.ArgumentParser) -> None:
    """The type, the file, where the report goes, and whether to look only."""
    parser.add_argument("--type", required=True, help="类型编号 / type id, see ecert types")
    parser.add_argument("--input", type=Path, required=True, metavar="FILE", help="CSV 或 .jsonl / CSV or JSON Lines")
    parser.add_argument("--report", type=Path, metavar="FILE", help="错误报告 / report (default: INPUT.errors.csv)")
    parser.add_argument(
        "--formats",
        metavar="A,B",
        help=f"凭证格式 / formats, with commas between (default: dc+sd-jwt,vc+jwt): {', '.join(CredentialFormat)}",
    )
    parser.add_argument("--check", action="store_true", help="只检查，不签发 / look at every row and issue nothing")


def run(args: argparse.Namespace) -> int:
    """Issue or check the file; 1 when a row was refused. Raises UnknownType, FileRefused, ProfileRefused."""
    kind = certificate_type(args.type)
    records = open_records(args.input, kind)
    report_path: Path = args.report or args.input.with_name(args.input.name + ".errors.csv")
    with opened() as container, ErrorReport(report_path) as report, _bar() as bar:
        task = bar.add_task(kind.name_zh, total=records.total)

        def tell(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        if not args.check:
            order_parts(container).acts.alone(kind.id)
        issuer = container.issuer if args.formats is None else container.issuer.with_formats(args.formats.split(","))
        work = BulkRun(issuer, container.wallet.holders)
        go = work.check if args.check else work.run
        summary = go(records, report, progress=tell)
        if not args.check:
            container.publish_due()
    _print(summary, report_path, checked=args.check)
    return 1 if summary.refused else 0


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns)


def _print(summary: Summary, report: Path, *, checked: bool) -> None:
    done = "可签发 could be issued" if checked else "已签发 issued"
    print(f"{done}: {summary.issued}  先前已签发 issued before: {summary.repeated}  拒绝 refused: {summary.refused}")
    print(f"错误报告 report: {report}")
