"""``ecert party``: relying parties (用证单位), their purposes and their API keys.

ecert party add water --name-zh 示例供水公司 --name-en "Example Water" --code C --sector water --contact OFFICE
ecert party purposes --sector water            the shipped purposes of a sector
ecert party purposes water --set water.account-opening water.transfer
ecert party key new water --environment test   shown once
"""

import argparse
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from pathlib import Path

from ecert.cli.common import doer, opened, read_json, table
from ecert.errors import CommandFailed
from ecert.parties.access import party_registry
from ecert.parties.forms import KeyWish, Registration, new_key
from ecert.wiring import Container
from verifier.parties.model import Environment, Party, PartyStatus
from verifier.purposes.model import Purpose, Sector
from verifier.purposes.shipped import shipped

_STATUS = {PartyStatus.ACTIVE: "有效 active", PartyStatus.SUSPENDED: "停用 suspended"}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Six actions; ``key`` has three of its own."""
    actions = parser.add_subparsers(dest="action", metavar="add|list|suspend|resume|purposes|key", required=True)
    _adding(actions.add_parser("add", help="登记用证单位 / register a relying party"))
    actions.add_parser("list", help="列出用证单位 / list the relying parties")
    for name, words in (("suspend", "停用 / suspend a party and its keys"), ("resume", "恢复 / let it ask again")):
        actions.add_parser(name, help=words).add_argument("party", metavar="PARTY", help="用证单位编号 / its id")
    purposes = actions.add_parser("purposes", help="列出或授予用证事由 / list or give purposes")
    purposes.add_argument("party", nargs="?", metavar="PARTY", help="用证单位编号 / its id")
    purposes.add_argument("--sector", choices=tuple(Sector), help="某行业的预置事由 / shipped purposes of a sector")
    purposes.add_argument("--set", nargs="*", metavar="ID", help="改为这些事由 / let it ask for exactly these")
    _keys(actions.add_parser("key", help="接口密钥 / API keys"))


def _adding(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("party", metavar="PARTY", help="编号 / id: small letters, digits, -")
    for name, words in (
        ("--name-zh", "中文名称 / Chinese name"),
        ("--name-en", "英文名称 / English name"),
        ("--code", "统一社会信用代码 / unified social credit code"),
        ("--contact", "联系部门 / an office to ask, no person"),
    ):
        parser.add_argument(name, required=True, help=words)
    parser.add_argument("--sector", required=True, choices=tuple(Sector), help="行业 / sector")
    parser.add_argument("--purpose", action="append", default=[], metavar="ID", help="用证事由 / purpose, repeatable")
    parser.add_argument(
        "--own", action="append", default=[], type=Path, metavar="FILE", help="自定事由 JSON / a purpose of its own"
    )
    parser.add_argument(
        "--return-uri", action="append", default=[], metavar="URI", help="返回地址 / where browsers return to"
    )
    for environment in Environment:
        parser.add_argument(
            f"--{environment}-jwks", type=Path, metavar="FILE", help=f"公钥 JWKS / its public keys, {environment}"
        )


def _keys(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="key_action", metavar="new|list|revoke", required=True)
    new = actions.add_parser("new", help="发放 / give a key, shown once")
    new.add_argument("party", metavar="PARTY", help="用证单位编号 / its id")
    new.add_argument("--environment", choices=tuple(Environment), required=True, help="环境 / test or live")
    new.add_argument("--purpose", action="append", metavar="ID", help="限于事由 / for this purpose alone, repeatable")
    new.add_argument("--days", type=int, default=365, help="有效天数 / for how many days (default: %(default)s)")
    listed = actions.add_parser("list", help="列出 / list the keys of a party")
    listed.add_argument("party", metavar="PARTY", help="用证单位编号 / its id")
    actions.add_parser("revoke", help="停用 / end a key").add_argument("key", metavar="KEY", help="密钥编号 / key id")


def run(args: argparse.Namespace) -> int:
    """Do one action; raises what the registry raises, CommandFailed for a file or a number that does not fit."""
    with opened() as container:
        if args.action == "key":
            return _RUN_KEY[args.key_action](container, args)
        return _RUN[args.action](container, args)


def _add(container: Container, args: argparse.Namespace) -> int:
    asked = Registration(
        party_id=args.party,
        name_zh=args.name_zh,
        name_en=args.name_en,
        credit_code=args.code,
        sector=args.sector,
        contact=args.contact,
        purposes=args.purpose,
        own=[read_json(path) for path in args.own],
        return_uris=args.return_uri,
        keys={
            each.value: read_json(path) for each in Environment if (path := getattr(args, f"{each}_jwks")) is not None
        },
    )
    now = container.clock()
    party = asked.party(now)
    party_registry(container).register(party, by=doer(), now=now)
    print(f"已登记 registered: {_line(party)}")
    return 0


def _list(container: Container, args: argparse.Namespace) -> int:
    del args
    rows = [("编号 id", "名称 name", "行业 sector", "状态 status", "事由 purposes")]
    for each in party_registry(container).all():
        rows.append((each.party_id, each.body.name_zh, each.body.sector, _STATUS[each.status], str(len(each.purposes))))
    print(table(rows))
    return 0


def _suspend(container: Container, args: argparse.Namespace) -> int:
    return _set(container, args, PartyStatus.SUSPENDED)


def _resume(container: Container, args: argparse.Namespace) -> int:
    return _set(container, args, PartyStatus.ACTIVE)


def _set(container: Container, args: argparse.Namespace, status: PartyStatus) -> int:
    print(_line(party_registry(container).set_status(args.party, status, by=doer(), now=container.clock())))
    return 0


def _purposes(container: Container, args: argparse.Namespace) -> int:
    registry = party_registry(container)
    if args.party is None:
        if args.sector is None or args.set is not None:
            raise CommandFailed("neither a relying party nor --sector is given")
        _print_purposes(each for each in shipped().values() if each.sector == args.sector)
        return 0
    if args.set is not None:
        registry.allow(args.party, frozenset(args.set), by=doer(), now=container.clock())
    _print_purposes(registry.purposes_of(args.party))
    return 0


def _print_purposes(purposes: Iterable[Purpose]) -> None:
    rows = [("编号 id", "名称 name", "留存天数 days", "依据 basis")]
    for each in purposes:
        rows.append((each.purpose_id, f"{each.name_zh} {each.name_en}", str(each.retention_days), each.legal_basis_zh))
    print(table(rows))


def _new_key(container: Container, args: argparse.Namespace) -> int:
    if not 1 <= args.days <= 366:
        raise CommandFailed("key lives for 1 to 366 days")
    purposes = None if args.purpose is None else frozenset(args.purpose)
    wish = KeyWish(args.party, args.environment, purposes, timedelta(days=args.days))
    key, kept = new_key(container, wish, by=doer())
    print(f"密钥（只显示一次） key, shown once  {key}")
    print(f"编号 key id        {kept.key_id}")
    print(f"有效至 until       {kept.expires_at:%Y-%m-%d %H:%M} UTC")
    return 0


def _list_keys(container: Container, args: argparse.Namespace) -> int:
    party = party_registry(container).party(args.party)
    rows = [("编号 key id", "环境", "事由 purposes", "有效至 until", "停用 revoked", "最近使用 last used")]
    for each in container.storage.party_keys.of_party(party.party_id):
        scope = "全部 all" if each.access.purposes is None else " ".join(sorted(each.access.purposes))
        ended = "-" if each.revoked_at is None else f"{each.revoked_at:%Y-%m-%d}"
        used = "-" if each.last_used_on is None else each.last_used_on.isoformat()
        rows.append((each.key_id, each.access.environment, scope, f"{each.expires_at:%Y-%m-%d}", ended, used))
    print(table(rows))
    return 0


def _revoke_key(container: Container, args: argparse.Namespace) -> int:
    if not container.storage.party_keys.revoke(args.key, now=container.clock(), by=doer()):
        raise CommandFailed("no API key in force has this id")
    print(f"已停用 ended: {args.key}")
    return 0


def _line(party: Party) -> str:
    return f"{party.party_id}  {party.body.name_zh}  {party.body.sector}  {_STATUS[party.status]}"


_RUN: Mapping[str, Callable[[Container, argparse.Namespace], int]] = {
    "add": _add,
    "list": _list,
    "suspend": _suspend,
    "resume": _resume,
    "purposes": _purposes,
}
_RUN_KEY: Mapping[str, Callable[[Container, argparse.Namespace], int]] = {
    "new": _new_key,
    "list": _list_keys,
    "revoke": _revoke_key,
}
