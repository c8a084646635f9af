"""``ecert replace IDENTIFIER --input FILE …``: issue the next version of a certificate (变更、延续)."""

import argparse
from pathlib import Path

from ecert.cli import acts
from ecert.cli.common import DRY_RUN, opened
from ecert.errors import CommandFailed
from ecert.orders import order_parts
from issuer.bulk import open_records
from issuer.errors import OrderRefused
from issuer.orders.records import Proposal
from issuer.records import ActKind
from schemas.order import Identifier
from schemas.types import certificate_type


def arguments(parser: argparse.ArgumentParser) -> None:
    """The decision, and a file with the one record of the new version."""
    acts.arguments(parser)
    parser.add_argument(
        "--input", type=Path, required=True, metavar="FILE", help="新版本的一条记录 / the one new record"
    )


def run(args: argparse.Namespace) -> int:
    """Issue the next version, or say that it could be; raises what issuing and replacing raise."""
    decision, identifier = acts.decision_of(args), Identifier(args.identifier)
    with opened() as container:
        container.life.check(ActKind.REPLACE, identifier, decision)
        old = container.storage.ledger.standing(identifier).intent
        rows = list(open_records(args.input, certificate_type(old.type_id)))
        if len(rows) != 1:
            raise CommandFailed(f"input holds {len(rows)} records, expected one")
        problems = rows[0].problems or container.issuer.problems(old.type_id, rows[0].claims)
        if problems:
            raise OrderRefused(problems)
        if not args.yes:
            print(f"{identifier} -> 版本 version {old.version + 1}\n{DRY_RUN}")
            return 0
        done = order_parts(container).acts.replace(identifier, rows[0].claims, decision, by=acts.by(args.officer))
    if isinstance(done, Proposal):
        return acts.awaits(done)
    print(f"已变更 replaced: {identifier}\n  新版本 next version: {done.issued.identifier}")
    return acts.published(done.pending)
