"""``ecert proposal list | confirm | decline``: acts on certificates that need a second officer (four eyes)."""

import argparse

from ecert.cli.acts import published
from ecert.cli.common import officer, opened, table
from ecert.orders import order_parts
from issuer.orders.records import ProposalState, Query


def arguments(parser: argparse.ArgumentParser) -> None:
    """Three actions; the two that decide name the officer."""
    actions = parser.add_subparsers(dest="action", metavar="list|confirm|decline", required=True)
    listed = actions.add_parser("list", help="列出待复核的决定 / list proposed acts, the newest first")
    listed.add_argument("--department", help="部门编号 / department id")
    listed.add_argument("--state", choices=tuple(ProposalState), help="状态 / state")
    for name, words in (("confirm", "复核并执行 / do it, as a second officer"), ("decline", "驳回 / end it undone")):
        decide = actions.add_parser(name, help=words)
        decide.add_argument("proposal", metavar="PROPOSAL", help="编号 / proposal id")
        decide.add_argument(
            "--officer", metavar="ID", help="复核人编号 / the officer's number (default: system's user)"
        )


def run(args: argparse.Namespace) -> int:
    """Do one action; raises what the desk raises; 1 while a status list is pending."""
    with opened() as container:
        acts = order_parts(container).acts
        if args.action == "list":
            rows = [("编号 proposal", "决定 act", "证照 certificate", "状态 state", "提出人 proposed by")]
            for one in acts.page(Query(args.department, args.state, limit=200)):
                rows.append((one.proposal_id, one.kind, one.identifier, one.state, one.proposed_by))
            print(table(rows))
            return 0
        by = officer(args.officer, "approver")
        if args.action == "decline":
            print(f"已驳回 declined: {acts.decline(args.proposal, by=by).proposal_id}")
            return 0
        done = acts.confirm(args.proposal, by=by)
    print(f"已执行 done: {done.identifier}  {done.state}")
    return published(done.pending)
