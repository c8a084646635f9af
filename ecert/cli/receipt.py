"""``ecert receipt verify FILE [--presentation FILE] [--anchor FILE]``: re-check what was stated of a verification.

Offline: the receipt and the pinned anchor are enough, years later. Without ``--anchor`` it is ``ECERT_ANCHOR``'s.
Exit codes: 0 the receipt holds (and is of this presentation), 1 it does not, 3 a file could not be read.
"""

import argparse
import os
from pathlib import Path

from ecert.errors import CommandFailed
from ecert.settings import load
from keys.anchor import Anchor
from keys.errors import KeysError
from verifier.api import receipts
from verifier.api.errors import ReceiptRefused

_MAX_PRESENTATION = 1 << 20


def arguments(parser: argparse.ArgumentParser) -> None:
    """One action; it needs no installation."""
    actions = parser.add_subparsers(dest="action", metavar="verify", required=True)
    verify = actions.add_parser("verify", help="核对回执 / verify a receipt")
    verify.add_argument("file", type=Path, metavar="FILE", help="回执 / the receipt")
    verify.add_argument("--presentation", type=Path, metavar="FILE", help="当时的出示 / is it of this presentation")
    verify.add_argument("--anchor", type=Path, metavar="FILE", help="信任锚 / the pinned trust anchor")


def run(args: argparse.Namespace) -> int:
    """Verify; raises CommandFailed when there is no anchor or a file cannot be read."""
    path = args.anchor or load(os.environ).anchor
    if path is None:
        raise CommandFailed("no trust anchor is pinned: give --anchor FILE or ECERT_ANCHOR")
    anchor = Anchor.from_json(_read(path, _MAX_PRESENTATION))
    text = _read(args.file, receipts.MAX_RECEIPT).decode("ascii", "replace")
    try:
        receipt = receipts.read(text, anchor)
        if args.presentation is not None:
            shown = _read(args.presentation, _MAX_PRESENTATION).decode("utf-8", "replace")
            receipts.check_presentation(receipt, shown)
    except (KeysError, ReceiptRefused) as exc:
        print(f"回执不成立 the receipt does not hold: {exc}")
        return 1
    _print(receipt, compared=args.presentation is not None)
    return 0


def _print(receipt: receipts.Receipt, *, compared: bool) -> None:
    claims = receipt.claims
    print(f"回执成立 the receipt holds: {claims['verdict']}, {claims['verified_at']}")
    print(f"出具 by          {claims['iss']}, {claims['jti']} ({claims['environment']})")
    print(f"用证单位 party   {claims['party']}, {claims['purpose'] or '-'}")
    for each in claims["checks"]:
        print(f"  {each['state']:8} {each['check']:14} {each['code']}")
    basis = claims["basis"]
    print(f"信任名单 trust list  version {basis['trust_list_version']}")
    for each in basis["status_lists"]:
        print(f"状态列表 status list {each['uri']} {each['issued_at']}")
    print("出示相符 of this presentation" if compared else "出示未比对 the presentation was not compared")


def _read(path: Path, most: int) -> bytes:
    try:
        raw = path.read_bytes()
    except OSError as exc:
        raise CommandFailed(f"file {path.name} cannot be read ({exc.strerror})") from None
    if len(raw) > most:
        raise CommandFailed(f"file {path.name} has {len(raw)} bytes, limit {most}")
    return raw
