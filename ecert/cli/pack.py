"""``ecert pack build --out FILE``: the offline verifier's pack, and the trust anchor beside it."""

import argparse
from pathlib import Path

from ecert.cli.common import opened, write_file


def arguments(parser: argparse.ArgumentParser) -> None:
    """``build`` is the only action so far."""
    actions = parser.add_subparsers(dest="action", metavar="build", required=True)
    build = actions.add_parser("build", help="生成离线核验包 / build the pack")
    build.add_argument("--out", type=Path, required=True, metavar="FILE", help="核验包文件 / where to write the pack")
    build.add_argument(
        "--anchor-out", type=Path, metavar="FILE", help="信任锚文件 / the anchor (default: anchor.json beside it)"
    )


def run(args: argparse.Namespace) -> int:
    """Publish what is due, build the pack, write both files and print how to use them."""
    anchor_file: Path = args.anchor_out or args.out.with_name("anchor.json")
    with opened() as container:
        container.publish_due()
        built = container.packs.build()
        write_file(args.out, built.text.encode())
        write_file(anchor_file, container.installation.anchor.to_json())
        kid = container.installation.anchor.keys[0].kid
    print(f"核验包 pack      {args.out}  (版本 version {built.version}, {len(built.text)} bytes)")
    print(f"信任锚 anchor    {anchor_file}")
    print(f"锚指纹 thumbprint {kid}  请另行核对 / compare it by another way")
    print(f"核验 verify      ecert verify PICTURE --pack {args.out} --anchor {anchor_file}")
    return 0
