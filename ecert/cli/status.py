"""``ecert status check [--fetch] [--yes]``: compare the ledger with what verifiers get; publish anew what differs."""

import argparse
from collections.abc import Callable, Sequence
from datetime import timedelta

from ecert.cli.common import DRY_RUN, add_yes, opened, table
from ecert.status_source import Fetcher, StatusNotFetched
from ecert.wiring import Container
from issuer.status_check import Checker, Documents, Fault, FindKey, ListReport
from keys.public import PublicKey

CANNOT_TELL = 2
_FAULTS = {
    Fault.MISSING: "缺少 missing",
    Fault.UNREADABLE: "无法核验 not verified",
    Fault.ELSEWHERE: "属于其他列表 of another list",
    Fault.EXPIRED: "已过期 expired",
    Fault.DIFFERENT: "与台账不符 differs from the ledger",
    Fault.ANOTHER_EDITION: "版次不一 of another edition",
    Fault.LATE: "发布逾时 a decision waits for too long",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """``check`` is the only action; a repair is done with ``--yes`` alone."""
    actions = parser.add_subparsers(dest="action", metavar="check", required=True)
    check = actions.add_parser("check", help="核对状态 / compare ledger, served lists and outbox")
    check.add_argument(
        "--fetch", action="store_true", help="从公开地址取回核对 / get the lists from their public addresses"
    )
    add_yes(check)


def run(args: argparse.Namespace) -> int:
    """Check, repair if asked to and needed, check again. 0: all agree; 1: something differs; 2: a list was not had."""
    with opened() as container:
        try:
            reports = _check(container, fetch=args.fetch)
            _print(container, reports)
            faulty = [report for report in reports if not report.sound]
            contradictions = container.storage.ledger.contradictions()
            if contradictions:
                print(f"台账自相矛盾 the ledger contradicts itself: {contradictions} 份凭证 credentials")
            if faulty and args.yes:
                faulty = _repaired(container, faulty, fetch=args.fetch)
            elif faulty:
                print(f"将重新发布 would publish anew: {len(faulty)} 个列表 lists\n{DRY_RUN}")
        except StatusNotFetched as exc:
            print(f"无法取得列表 a list cannot be fetched: {exc}")
            return CANNOT_TELL
    return 1 if faulty or contradictions else 0


def _check(container: Container, *, fetch: bool) -> list[ListReport]:
    documents = Fetcher().document if fetch else _stored(container)
    return _checker(container, documents).check_all(container.clock())


def _checker(container: Container, documents: Documents) -> Checker:
    return Checker(container.storage.ledger, documents, _keys(container), container.publisher.policy)


def _stored(container: Container) -> Documents:
    def documents(uri: str, form: str) -> bytes | None:
        found = container.storage.ledger.document(uri, form)
        return None if found is None else found.body

    return documents


def _keys(container: Container) -> Callable[[str], FindKey]:
    trust = container.trust.current()

    def of_department(department: str) -> FindKey:
        entry = trust.entries.get(container.trust.issuer_uri(department))
        keys: dict[str, PublicKey] = {} if entry is None else {one.key.kid: one.key for one in entry.keys}
        return lambda kid: None if trust.withdrawal(kid) else keys.get(kid)

    return of_department


def _repaired(container: Container, faulty: Sequence[ListReport], *, fetch: bool) -> list[ListReport]:
    """Publish the lists anew and return those that are still not sound."""
    for report in faulty:
        container.publisher.publish(report.row.uri, container.clock())
    container.evidence.invalidate()
    print(f"已重新发布 published anew: {len(faulty)} 个列表 lists")
    left = [report for report in _check(container, fetch=fetch) if not report.sound]
    if left:
        _print(container, left)
    return left


def _print(container: Container, reports: Sequence[ListReport]) -> None:
    rows = [("部门 department", "列表 list", "版次 edition", "时间 age", "待发布 pending", "结果 result")]
    for report in reports:
        result = "一致 agrees" if report.sound else "; ".join(_told(report)) or "待发布 pending"
        name = report.row.uri.rpartition("/")[2]
        age = "-" if report.age is None else _age(report.age)
        rows.append((report.row.department, name, str(report.sequence), age, str(report.waiting), result))
    print(table(rows))
    lag = container.publisher.lag(container.clock())
    ttl = container.publication_ttl
    print(f"\n最久待发布 longest wait {_age(lag)}, 上限 limit {_age(ttl)}")


def _told(report: ListReport) -> list[str]:
    return [
        " ".join(part for part in (finding.form, _FAULTS[finding.fault], finding.detail) if part)
        for finding in report.findings
    ]


def _age(age: timedelta) -> str:
    minutes, seconds = divmod(int(age.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}"
