"""``ecert present --holder H --type T --fields a,b --out show.png``: a QR picture of chosen fields, good for 60 s.

With ``--format F --audience A --nonce N`` the presentation itself is written, as somebody asked for it online.
Without ``--holder`` and ``--type`` it lists who holds what, because holders have opaque ids.
"""

import argparse
from pathlib import Path

from ecert.cli.common import opened, table, write_file
from ecert.errors import CommandFailed
from ecert.wiring import Container
from schemas.catalogue import TypeId
from schemas.order import CredentialFormat, HolderId
from wallet_api import Wanted
from wallet_api.showing import COUNTER_AUDIENCE

_PURPOSE = "窗口办事"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Whose certificate, which fields, where the picture goes."""
    parser.add_argument("--holder", help="持证主体编号 / holder id; without it the holders are listed")
    parser.add_argument("--type", help="类型编号 / type id; without it the holder's certificates are listed")
    parser.add_argument("--fields", default="", help="出示的字段 / fields to show, with commas between")
    parser.add_argument("--purpose", default=_PURPOSE, help="用证事由 / purpose (default: %(default)s)")
    parser.add_argument("--format", choices=tuple(CredentialFormat), help="按此格式出示 / the format that is asked for")
    parser.add_argument("--audience", default=COUNTER_AUDIENCE, help="出示给谁 / who asks (default: %(default)s)")
    parser.add_argument("--nonce", help="对方的随机数 / the nonce of who asks")
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="图片 .png、.svg，或出示文件 / picture or presentation"
    )


def run(args: argparse.Namespace) -> int:
    """Write the picture, or list; raises what presenting raises, CommandFailed for a wrong or missing file."""
    with opened() as container:
        if args.holder is None:
            return _holders(container)
        if args.type is None:
            return _certificates(container, HolderId(args.holder))
        return _present(container, args) if args.format is None else _answer(container, args)


def _answer(container: Container, args: argparse.Namespace) -> int:
    if args.out is None or args.nonce is None:
        raise CommandFailed("a presentation needs --nonce and --out FILE")
    wanted = Wanted(_fields(args), type_id=TypeId(args.type), format=CredentialFormat(args.format))
    shown = container.wallet.presenting.present(
        HolderId(args.holder), wanted, nonce=args.nonce, audience=args.audience, purpose=args.purpose
    )
    write_file(args.out, shown.presentation.encode())
    print(f"出示文件 presentation  {args.out}")
    print(f"出示字段 shown         {', '.join(shown.fields)}")
    return 0


def _fields(args: argparse.Namespace) -> tuple[str, ...]:
    return tuple(name.strip() for name in args.fields.split(",") if name.strip())


def _present(container: Container, args: argparse.Namespace) -> int:
    if args.out is None or args.out.suffix.lower() not in (".png", ".svg"):
        raise CommandFailed("picture is neither .png nor .svg: give --out FILE")
    wanted = Wanted(_fields(args), type_id=TypeId(args.type))
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
