"""``ecert purpose``: purposes of a type, certificates fetched ahead for a wallet, printed copies.

ecert purpose --type business_licence                                    the purposes, and what each shows
ecert purpose IDENTIFIER --purpose licence --count 5                     for the wallets of its holders
ecert purpose IDENTIFIER --purpose licence --print copy.svg --maker M --cause C --days 30
"""

import argparse
from pathlib import Path

from ecert.cli.common import opened, table, write_file
from ecert.errors import CommandFailed
from ecert.wiring import Container
from issuer.records import CopyMark
from schemas.order import HolderRef, Identifier
from schemas.purposes import purposes_of
from schemas.qr.paper import paper_code


def arguments(parser: argparse.ArgumentParser) -> None:
    """The certificate or the type, the purpose, how many or which copy."""
    parser.add_argument("identifier", nargs="?", metavar="IDENTIFIER", help="电子证照标识 / the certificate")
    parser.add_argument("--type", help="类型编号，列出其用途 / type id: list its purposes")
    parser.add_argument("--purpose", default="show", help="用途编号 / purpose (default: %(default)s)")
    parser.add_argument(
        "--count", type=int, default=5, help="预取数量 / how many for each holder (default: %(default)s)"
    )
    parser.add_argument(
        "--print", type=Path, metavar="FILE", help="打印加注件 .svg 或 .png / picture of a printed copy"
    )
    parser.add_argument("--maker", default="", help="加注人 / who makes the copy")
    parser.add_argument("--cause", default="", help="加注事由 / why")
    parser.add_argument("--days", type=int, default=30, help="有效天数 / for how many days (default: %(default)s)")


def run(args: argparse.Namespace) -> int:
    """List, fetch or print; raises what issuing raises, CommandFailed when neither type nor certificate is named."""
    if args.identifier is None:
        return _listed(args)
    with opened() as container:
        if args.print is not None:
            return _print(container, args)
        return _fetch(container, args)


def _listed(args: argparse.Namespace) -> int:
    if args.type is None:
        raise CommandFailed("neither a certificate nor --type is given")
    rows = [("用途 purpose", "名称 name", "字段 fields")]
    rows += [(each.id, f"{each.name_zh} {each.name_en}", ", ".join(each.fields)) for each in purposes_of(args.type)]
    print(table(rows))
    return 0


def _fetch(container: Container, args: argparse.Namespace) -> int:
    identifier = Identifier(args.identifier)
    for listed in container.storage.ledger.certificate(identifier).intent.holders:
        key = container.wallet.holders.present_key(listed.holder_id).key
        holder = HolderRef(listed.holder_id, key)
        issued = container.purposes.prefetch(identifier, args.purpose, holder=holder, count=args.count)
        until = issued.credentials[0].expires_at
        print(
            f"{listed.holder_id}: {len(issued.credentials)} × {args.purpose}, 有效至 until {until:%Y-%m-%d %H:%M} UTC"
        )
    return 0


def _print(container: Container, args: argparse.Namespace) -> int:
    kind = args.print.suffix.lower()
    if kind not in (".png", ".svg"):
        raise CommandFailed("picture is neither .png nor .svg: give --print FILE")
    mark = CopyMark(args.maker, args.cause, args.days)
    issued = container.purposes.printed_copy(Identifier(args.identifier), args.purpose, mark=mark)
    code = paper_code(issued.credentials[0].token)
    write_file(args.print, code.png() if kind == ".png" else code.svg().encode())
    print(f"加注件 printed copy  {args.print}")
    print(f"有效至 until         {issued.credentials[0].expires_at:%Y-%m-%d %H:%M} UTC")
    return 0
