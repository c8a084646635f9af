"""``ecert copy``: an annotated copy (加注件) as a signed PDF.

ecert copy IDENTIFIER --cause 办理开户 --maker 示例银行 --out copy.pdf
"""

import argparse
from pathlib import Path

from ecert.cli.common import opened, write_file
from ecert.errors import CommandFailed
from issuer.records import CopyMark
from schemas.order import Identifier


def arguments(parser: argparse.ArgumentParser) -> None:
    """The certificate, the mark, and where the file goes."""
    parser.add_argument("identifier", metavar="IDENTIFIER", help="电子证照标识 / the certificate")
    parser.add_argument("--cause", required=True, help="用证事由 / why")
    parser.add_argument("--maker", required=True, help="加注人 / who makes the copy")
    parser.add_argument("--days", type=int, default=30, help="有效天数 / for how many days (default: %(default)s)")
    parser.add_argument("--purpose", default="show", help="二维码用途 / purpose of the code (default: %(default)s)")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="输出文件 .pdf / the file")


def run(args: argparse.Namespace) -> int:
    """Make the file; raises what issuing raises, CommandFailed for another kind of file."""
    with opened() as container:
        copies = container.copies
        if args.out.suffix.lower() != copies.suffix:
            raise CommandFailed(f"file is no {copies.suffix}: give --out FILE{copies.suffix}")
        mark = CopyMark(args.maker, args.cause, args.days)
        made = copies.make(Identifier(args.identifier), mark, purpose=args.purpose)
        container.publish_due()
    write_file(args.out, made.data)
    print(f"加注件 annotated copy  {args.out}")
    print(f"有效至 until           {made.expires_at:%Y-%m-%d %H:%M} UTC")
    return 0
