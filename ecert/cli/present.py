"""``ecert present --holder H --type T --fields a,b --out show.png``: a QR picture of chosen fields, good for 60 s.

Without ``--holder`` and ``--type`` it lists who holds what, because holders have opaque ids.
"""

import argparse
from pathlib import Path

from ecert.cli.common import opened, table, write_file
from ecert.errors import CommandFailed
from ecert.wiring import Container
from schemas.catalogue import TypeId
from schemas.order import HolderId
from wallet_api import Wanted

_PURPOSE = "窗口办事"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Whose certificate, which fields, where the picture goes."""
    parser.add_argument("--holder", help="持证主体编号 / holder id; without it the holders are listed")
    parser.add_argument("--type", help="类型编号 / type id; without it the holder's certificates are listed")
    parser.add_argument("--fields", default="", help="出示的字段 / fields to show, with commas between")
    parser.add_argument("--purpose", default=_PURPOSE, help="用证事由 / purpose (default: %(default)s)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="图片文件 .png 或 .svg / picture file")


def run(args: argparse.Namespace) -> int:
    """Write the picture, or list; raises what presenting raises, CommandFailed for a picture of another kind."""
    with opened() as container:
        if args.holder is None:
            return _holders(container)
        if args.type is None:
            return _certificates(container, HolderId(args.holder))
        return _present(container, args)


def _present(container: Container, args: argparse.Namespace) -> int:
    if args.out is None or args.out.suffix.lower() not in (".png", ".svg"):
        raise CommandFailed("picture is neither .png nor .svg: give --out FILE")
    fields = tuple(name.strip() for name in args.fields.split(",") if name.strip())
    wanted = Wanted(fields, type_id=TypeId(args.type))
    shown = container.wallet.showing.show_qr(HolderId(args.holder), wanted, purpose=args.purpose)
    drawn = shown.png() if args.out.suffix.lower() == ".png" else shown.svg().encode()
    write_file(args.out, drawn)
    print(f"二维码 picture  {args.out}")
    print(f"出示字段 shown  {', '.join(shown.presented.fields)}")
    print(f"有效至 until    {shown.expires_at:%Y-%m-%d %H:%M:%S} UTC")
    if shown.by_reference:
        print("内容较多，二维码只含一次性引用，需联网核验 / too much for one code: a reference, to be verified online")
    return 0


def _holders(container: Container) -> int:
    rows = [("持证主体 holder", "种类 kind", "证照 certificates")]
    for holder in container.wallet.holders.page(limit=500):
        held = container.wallet.holdings.certificates(holder.holder_id)
        rows.append((holder.holder_id, holder.kind, str(len(held))))
    print(table(rows))
    return 0


def _certificates(container: Container, holder_id: HolderId) -> int:
    rows = [("类型 type", "名称 name", "标识 identifier", "状态 state")]
    for held in container.wallet.holdings.certificates(holder_id):
        rows.append((held.type_id, held.type_zh, held.identifier, container.state_of(held.identifier)))
    print(table(rows))
    return 0
