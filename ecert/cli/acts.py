"""What suspending, reinstating, revoking, cancelling and replacing share: the decision, the dry run, the answer."""

import argparse

from ecert.cli.common import DRY_RUN, add_yes, doer, officer, opened
from ecert.errors import CommandFailed
from ecert.orders import order_parts
from ecert.wiring import Container
from issuer.lifecycle import Decision
from issuer.orders.records import Proposal
from issuer.records import ActKind
from schemas.audit import Doer
from schemas.order import Identifier
from schemas.types import certificate_type

_WORDS = {
    ActKind.SUSPEND: "暂扣 suspended",
    ActKind.REINSTATE: "恢复 reinstated",
    ActKind.REVOKE: "吊销/撤销 revoked",
    ActKind.CANCEL: "注销 cancelled",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """The certificate, the reason, the officer, the case; a dry run without ``--yes``."""
    parser.add_argument("identifier", metavar="IDENTIFIER", help="电子证照标识 / the certificate's identifier")
    parser.add_argument("--reason", required=True, help="法定事由 / legal reason; a revocation says 吊销 or 撤销")
    parser.add_argument("--officer", required=True, help="经办人编号 / the officer's number")
    parser.add_argument("--case", required=True, help="案号 / case number")
    parser.add_argument("--note", default="", help="备注 / note")
    add_yes(parser)


def decision_of(args: argparse.Namespace) -> Decision:
    """Return the decision that the arguments state; raises ActIncomplete."""
    return Decision(args.reason, officer=args.officer, case_number=args.case, note=args.note)


def act(kind: ActKind, args: argparse.Namespace) -> int:
    """Do the act, or say what it would lead to; raises ActNotAllowed, UnknownCertificate, StateChanged."""
    decision, identifier = decision_of(args), Identifier(args.identifier)
    with opened() as container:
        planned = container.life.check(kind, identifier, decision)
        print(_about(container, identifier))
        if not args.yes:
            print(f"{planned.expected} -> {planned.new} ({planned.national_code})\n{DRY_RUN}")
            return 0
        done = order_parts(container).acts.act(kind, identifier, decision, by=by(args.officer))
    if isinstance(done, Proposal):
        return awaits(done)
    print(f"{_WORDS[kind]}: {planned.expected} -> {done.record.state}")
    return published(done.pending)


def awaits(proposal: Proposal) -> int:
    """Say that a second officer has to confirm."""
    print(f"待复核 awaits a second officer: ecert proposal confirm {proposal.proposal_id} --officer ...")
    return 0


def by(name: str) -> Doer:
    """Return who acts, for the audit trail."""
    try:
        return officer(name, "revoker")
    except CommandFailed:
        return doer()  # a name in Chinese stands in the decision, and the system's user in the trail


def published(pending: tuple[str, ...]) -> int:
    """Say whether the status lists are published; 1 while some are pending."""
    for uri in pending:
        print(f"待发布 pending: {uri}")
    if not pending:
        print("状态列表已发布 status lists published; 离线窗口需要新的核验包 offline counters need a new pack")
    return 1 if pending else 0


def _about(container: Container, identifier: Identifier) -> str:
    intent = container.storage.ledger.standing(identifier).intent
    kind = certificate_type(intent.type_id)
    return f"{identifier}  {kind.name_zh} {kind.name_en}, 版本 version {intent.version}"
