"""``ecert audit verify | list``: does every entry of the audit trail fit, and what stands there.

A head that is kept elsewhere (``verify --keep FILE``, carried away) proves the trail of that day: with ``--head FILE``
a trail that was cut short or written anew is found, even if its writer had every key.
"""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ecert.cli.common import opened, write_file
from ecert.errors import CommandFailed
from ecert.storage.audit import AuditHead
from ecert.storage.errors import AuditBroken
from keys import strict_json
from keys.errors import KeysError
from schemas.audit import AuditRecord

_MOST = 10_000
_HEAD_BYTES = 4_096
_DIGEST_BYTES = 32


def arguments(parser: argparse.ArgumentParser) -> None:
    """Two actions; neither changes the trail."""
    actions = parser.add_subparsers(dest="action", metavar="verify|list", required=True)
    verify = actions.add_parser("verify", help="核对 / verify every entry, and print the head")
    verify.add_argument("--head", type=Path, metavar="FILE", help="另存的链头 / a head kept before: compare with it")
    verify.add_argument("--keep", type=Path, metavar="FILE", help="写出链头 / write the head to a file, to carry away")
    listed = actions.add_parser("list", help="列出 / print entries as JSON Lines, without free notes")
    listed.add_argument("--since", type=int, default=0, metavar="N", help="从第 N 条之后 / entries after number N")
    listed.add_argument("--limit", type=int, default=100, metavar="N", help="最多几条 / at most so many (100)")


def run(args: argparse.Namespace) -> int:
    """Do one action; ``verify`` ends with 1 when the trail is broken.

    Raises:
        CommandFailed: the file of ``--head`` is none, or a number is out of its bounds.
    """
    return _verify(args) if args.action == "verify" else _list(args)


def _verify(args: argparse.Namespace) -> int:
    kept = None if args.head is None else _kept(args.head)
    with opened() as container:
        try:
            head = container.storage.audit.verify(kept=kept)
        except AuditBroken as broken:
            print(f"审计记录第 {broken.sequence} 条有误 / {broken}")
            return 1
    print(f"审计记录完整 the audit trail holds: {head.sequence} 条 entries, {head.digest.hex()}")
    if kept is not None:
        print(f"与另存的链头一致 it goes on from the head that was kept: {kept.sequence} 条 entries")
    if args.keep is not None:
        document = {"entries": head.sequence, "digest": head.digest.hex()}
        print(f"链头已写出 head written: {write_file(args.keep, strict_json.dumps(document))}")
    return 0


def _kept(path: Path) -> AuditHead:
    try:
        with path.open("rb") as file:
            members = strict_json.loads_object(file.read(_HEAD_BYTES))
        head = AuditHead(members["entries"], bytes.fromhex(members["digest"]))
    except (OSError, KeysError, KeyError, TypeError, ValueError):
        raise CommandFailed("file holds no head of an audit trail (ecert audit verify --keep FILE)") from None
    if type(head.sequence) is not int or head.sequence < 0 or len(head.digest) != _DIGEST_BYTES:
        raise CommandFailed("file holds no head of an audit trail (ecert audit verify --keep FILE)")
    return head


def _list(args: argparse.Namespace) -> int:
    if args.since < 0 or not 1 <= args.limit <= _MOST:
        raise CommandFailed(f"expected --since of at least 0 and --limit from 1 to {_MOST}")
    with opened() as container:
        for record in container.storage.audit.records(after=args.since, limit=args.limit):
            print(strict_json.dumps(_line(record)).decode())
    return 0


def _line(record: AuditRecord) -> Mapping[str, Any]:
    return {
        "entry": record.sequence,
        "at": record.at.isoformat(),
        "subject": record.subject,
        "subject_id": record.subject_id,
        "act": record.act,
        "actor": record.by.actor,
        "role": record.by.role,
        "department": record.department,
        "details": dict(record.details),
        "digest": record.digest.hex(),
    }
