"""``ecert webhook dead | replay``: what ten tries did not bring to a relying party, and sending it again."""

import argparse

from ecert.cli.common import opened, table
from verifier.api.errors import UnknownWebhook
from verifier.api.webhooks import timestamp


def arguments(parser: argparse.ArgumentParser) -> None:
    """Two actions."""
    actions = parser.add_subparsers(dest="action", metavar="dead|replay", required=True)
    dead = actions.add_parser("dead", help="未送达 / list dead letters, the newest first")
    dead.add_argument("--limit", type=int, default=100, metavar="N", help="最多几条 / at most so many (100)")
    replay = actions.add_parser("replay", help="重新投递 / send one again")
    replay.add_argument("delivery", metavar="DELIVERY", help="投递编号 / id of the delivery")


def run(args: argparse.Namespace) -> int:
    """Do one action; raises UnknownWebhook when there is no such delivery."""
    with opened() as container:
        webhooks, now = container.storage.webhooks, container.clock()
        if args.action == "replay":
            if not webhooks.replay_any(args.delivery, now=now):
                raise UnknownWebhook("no delivery has this id")
            print(f"将重新投递 will be sent again: {args.delivery}")
            return 0
        rows = [("投递 delivery", "事件 event", "核验 verification", "状态码 status", "时间 at")]
        rows += [
            (each.delivery_id, each.event, each.verification_id, str(each.status or "-"), timestamp(each.created_at))
            for each in webhooks.dead(limit=max(1, args.limit))
        ]
        print(table(rows))
    return 0
