"""``ecert order``: orders that wait for their holders, and the offers by which wallets fetch them.

ecert order hand-in --type business_licence --claims claims.json --office amr-example
ecert order list --department amr --state waiting
ecert order approve ORDER --officer A-17            a second officer, where the type wants four eyes
ecert order offer ORDER --pre-authorized --tx-code numeric --qr offer.png
ecert order bulk records.csv --type business_licence --offers offers.csv --qr pictures/
"""

import argparse
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from ecert.cli.common import officer, opened, read_json, table, write_file
from ecert.errors import CommandFailed
from ecert.orders import OrderParts, bulk_orders, order_parts
from ecert.wiring import Container
from issuer.bulk import ErrorReport, open_records
from issuer.orders.bulk import BulkSummary, BulkTerms
from issuer.orders.desk import Wish
from issuer.orders.offers import Flow, MadeOffer, OfferWish, TxWish
from issuer.orders.offers_file import OffersFile
from issuer.orders.records import OrderState, Query, WaitingOrder
from schemas.order import HolderId
from schemas.types import certificate_type

_STATES = {
    OrderState.AWAITING_APPROVAL: "待复核 awaiting approval",
    OrderState.WAITING: "待领取 waiting",
    OrderState.ISSUED: "已签发 issued",
    OrderState.WITHDRAWN: "已撤回 withdrawn",
    OrderState.DECLINED: "未通过 declined",
    OrderState.EXPIRED: "已过期 expired",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Seven actions; each that changes something may name the officer whose act it is."""
    actions = parser.add_subparsers(
        dest="action", metavar="hand-in|list|approve|decline|withdraw|offer|bulk", required=True
    )
    acting = {name: actions.add_parser(name, help=words) for name, words in _ACTIONS.items()}
    for one in acting.values():
        one.add_argument(
            "--officer", metavar="ID", help="经办人编号 / the officer's number (default: the system's user)"
        )
    _handing_in(acting["hand-in"])
    for name in ("approve", "decline", "withdraw"):
        acting[name].add_argument("order", metavar="ORDER", help="待领证照编号 / order id")
    for name in ("decline", "withdraw"):
        acting[name].add_argument("--reason", default="", help="理由 / reason, without anybody's name")
    acting["offer"].add_argument("orders", nargs="+", metavar="ORDER", help="待领证照编号 / order ids, of one holder")
    acting["offer"].add_argument("--holder", help="持证主体编号 / one of several holders")
    acting["offer"].add_argument("--qr", type=Path, metavar="FILE", help="二维码 .png 或 .svg / picture of the QR code")
    acting["bulk"].add_argument("file", type=Path, metavar="FILE", help="CSV 或 .jsonl / CSV or JSON Lines")
    acting["bulk"].add_argument("--offers", type=Path, required=True, metavar="OUT", help="邀约清单 / table of offers")
    acting["bulk"].add_argument("--qr", type=Path, metavar="FOLDER", help="二维码文件夹 / folder of QR pictures")
    report = "错误报告 / report (default: FILE.errors.csv)"
    acting["bulk"].add_argument("--report", type=Path, metavar="FILE", help=report)
    for name in ("offer", "bulk"):
        _offering(acting[name])
    for name in ("hand-in", "bulk"):
        _common(acting[name])
    listed = actions.add_parser("list", help="列出待领证照 / list orders, the newest first")
    listed.add_argument("--department", help="部门编号 / department id")
    listed.add_argument("--state", choices=tuple(OrderState), help="状态 / state")
    listed.add_argument("--after", metavar="ORDER", help="从此之后 / those that follow an order")
    listed.add_argument("--limit", type=int, default=50, help="最多几条 / at most so many (default: %(default)s)")


_ACTIONS = {
    "hand-in": "提交待领证照 / hand an order in",
    "approve": "复核通过 / approve, as a second officer",
    "decline": "复核不通过 / decline, as a second officer",
    "withdraw": "撤回 / withdraw what nobody has fetched",
    "offer": "生成领证邀约 / offer orders to their holder's wallet",
    "bulk": "批量提交并生成邀约 / orders and offers from a file",
}


def _handing_in(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--claims", type=Path, required=True, metavar="FILE", help="证照内容 JSON / claims as JSON")
    parser.add_argument("--row-key", help="行键 / key that makes it repeatable")
    parser.add_argument("--ready-at", metavar="TIME", help="可签发时间 / nothing is signed before, ISO 8601 with zone")


def _common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--type", required=True, help="类型编号 / type id, see ecert types")
    parser.add_argument("--office", help="机构编号 / office id (default: the department's own)")
    parser.add_argument("--days", type=int, default=90, help="领取期限 / days that it waits (default: %(default)s)")


def _offering(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--pre-authorized", action="store_true", help="预授权码 / a code instead of a login")
    parser.add_argument("--tx-code", choices=("numeric", "text"), help="领证码 / transaction code that goes with it")
    parser.add_argument("--length", type=int, default=6, help="领证码长度 / its length (default: %(default)s)")
    parser.add_argument("--by-value", action="store_true", help="链接内含邀约 / the link holds the offer itself")
    parser.add_argument("--minutes", type=int, default=60, help="有效分钟 / minutes it lives (default: %(default)s)")


def run(args: argparse.Namespace) -> int:
    """Do one action; raises what the desks raise, CommandFailed for a file or a time that cannot be read."""
    with opened() as container:
        return _RUN[args.action](container, order_parts(container), args)


def _hand_in(container: Container, parts: OrderParts, args: argparse.Namespace) -> int:
    del container
    wish = Wish(args.type, read_json(args.claims), args.office, args.row_key, args.days, _moment(args.ready_at))
    made = parts.desk.hand_in(wish, by=officer(args.officer, "preparer"))
    print(f"{'先前已提交 known' if made.repeated else '已提交 handed in'}: {_line(made.order)}")
    return 0


def _list(container: Container, parts: OrderParts, args: argparse.Namespace) -> int:
    del container
    rows = [("编号 order", "类型 type", "机构 office", "状态 state", "领取期限 until")]
    for order in parts.desk.page(Query(args.department, args.state, args.after, args.limit)):
        rows.append(
            (order.order_id, order.type_id, order.office, _STATES[order.state], f"{order.expires_at:%Y-%m-%d %H:%M}")
        )
    print(table(rows))
    return 0


def _approve(container: Container, parts: OrderParts, args: argparse.Namespace) -> int:
    del container
    print(_line(parts.desk.approve(args.order, by=officer(args.officer, "approver"))))
    return 0


def _decline(container: Container, parts: OrderParts, args: argparse.Namespace) -> int:
    del container
    print(_line(parts.desk.decline(args.order, by=officer(args.officer, "approver"), reason=args.reason)))
    return 0


def _withdraw(container: Container, parts: OrderParts, args: argparse.Namespace) -> int:
    del container
    print(_line(parts.desk.withdraw(args.order, by=officer(args.officer, "preparer"), reason=args.reason)))
    return 0


def _offer(container: Container, parts: OrderParts, args: argparse.Namespace) -> int:
    del container
    if args.qr is not None and args.qr.suffix.lower() not in (".png", ".svg"):
        raise CommandFailed("picture is neither .png nor .svg: give --qr FILE")
    holder = None if args.holder is None else HolderId(args.holder)
    made = parts.offers.make(_wish(args, tuple(args.orders), holder), by=officer(args.officer, "preparer"))
    if args.qr is not None:
        write_file(args.qr, made.png() if args.qr.suffix.lower() == ".png" else made.svg().encode())
        print(f"二维码 picture      {args.qr}")
    _print_offer(made)
    return 0


def _print_offer(made: MadeOffer) -> None:
    print(f"链接 link          {made.link}")
    if made.page is not None:
        print(f"本机页面 page      {made.page}")
    if made.tx_code is not None:
        print(f"领证码（只显示一次） transaction code, shown once  {made.tx_code}")
    print(f"有效至 until       {made.expires_at:%Y-%m-%d %H:%M:%S} UTC")


def _bulk(container: Container, parts: OrderParts, args: argparse.Namespace) -> int:
    del parts
    records = open_records(args.file, certificate_type(args.type))
    report_path: Path = args.report or args.file.with_name(args.file.name + ".errors.csv")
    work = bulk_orders(container, BulkTerms(_wish(args, (), None), args.office, args.days))
    by = officer(args.officer, "preparer")
    with ErrorReport(report_path) as report, OffersFile(args.offers, pictures=args.qr) as out:
        summary = work.run(records, report, out, by=by)
    _print_summary(summary)
    print(f"邀约清单 offers: {args.offers}  错误报告 report: {report_path}")
    return 1 if summary.refused else 0


def _print_summary(summary: BulkSummary) -> None:
    print(
        f"新邀约 offered: {summary.offered}  先前已有 known: {summary.known}  "
        f"待复核 awaiting approval: {summary.awaiting}  已结束 over: {summary.over}  拒绝 refused: {summary.refused}"
    )


def _wish(args: argparse.Namespace, orders: tuple[str, ...], holder: HolderId | None) -> OfferWish:
    flow = Flow.PRE_AUTHORIZED if args.pre_authorized else Flow.AUTHORIZATION_CODE
    return OfferWish(
        order_ids=orders,
        holder_id=holder,
        flows=frozenset({flow}),
        tx_code=None if args.tx_code is None else TxWish(args.tx_code, args.length),
        by_reference=not args.by_value,
        good_for=timedelta(minutes=args.minutes),
    )


def _line(order: WaitingOrder) -> str:
    return f"{order.order_id}  {order.type_id}  {_STATES[order.state]}"


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CommandFailed("time is not ISO 8601") from None
    if moment.tzinfo is None:
        raise CommandFailed("time has no zone: write 2026-03-05T09:00+08:00")
    return moment


_RUN: Mapping[str, Callable[[Container, OrderParts, argparse.Namespace], int]] = {
    "hand-in": _hand_in,
    "list": _list,
    "approve": _approve,
    "decline": _decline,
    "withdraw": _withdraw,
    "offer": _offer,
    "bulk": _bulk,
}
