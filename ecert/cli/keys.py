"""``ecert keys list | rotate | withdraw | export``: the departments' signing keys."""

import argparse
from collections.abc import Mapping
from pathlib import Path

from ecert.cli.common import DRY_RUN, add_yes, doer, opened, table, write_file
from ecert.errors import CommandFailed
from ecert.oauth_clients import attester_document
from ecert.wiring import Container
from keys import strict_json
from keys.trust import write_entries
from schemas.audit import MAX_TEXT, AuditAct, AuditEvent, Detail, Subject

_STATES = {"present": "当前 present", "earlier": "先前 earlier", "withdrawn": "已停用 withdrawn"}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Three actions; the two that change something are dry runs without ``--yes``."""
    actions = parser.add_subparsers(dest="action", metavar="list|rotate|withdraw|export", required=True)
    actions.add_parser("list", help="列出签名密钥 / list the signing keys")
    rotate = actions.add_parser("rotate", help="更换签名密钥 / give a department a new key; the old one verifies on")
    rotate.add_argument("--department", required=True, help="部门编号 / department id, for example amr")
    add_yes(rotate)
    withdraw = actions.add_parser("withdraw", help="停用泄露的密钥 / withdraw a compromised key")
    withdraw.add_argument("--kid", required=True, help="密钥指纹，写作 --kid=… / the key's thumbprint, as --kid=…")
    withdraw.add_argument("--reason", required=True, help="原因 / why")
    withdraw.add_argument("--keep-none", action="store_true", help="不保留已签证照 / keep nothing that it signed")
    add_yes(withdraw)
    export = actions.add_parser("export", help="导出颁发机构，供别处信任 / issuers for another installation to trust")
    export.add_argument("--out", type=Path, required=True, metavar="FILE", help="颁发机构文件 / the issuers' file")
    export.add_argument(
        "--wallet", type=Path, metavar="FILE", help="钱包证明方文件 / the file of our wallet as attester"
    )


def run(args: argparse.Namespace) -> int:
    """Do one action; raises CommandFailed for an unknown department or key."""
    with opened() as container:
        if args.action == "list":
            return _list(container)
        if args.action == "rotate":
            return _rotate(container, args)
        if args.action == "export":
            return _export(container, args.out, args.wallet)
        return _withdraw(container, args)


def _list(container: Container) -> int:
    rows = [("部门 department", "密钥 kid", "状态 state", "起 from", "止 until")]
    for facts in container.trust.facts():
        days = f"{facts.not_before:%Y-%m-%d}", f"{facts.not_after:%Y-%m-%d}"
        rows.append((facts.department, facts.kid, _STATES[facts.state], *days))
    print(table(rows))
    print(f"\n信任锚 anchor  {container.installation.anchor.keys[0].kid}")
    return 0


def _export(container: Container, out: Path, wallet: Path | None) -> int:
    entries = container.trust.own_entries()
    write_file(out, strict_json.dumps(write_entries(entries)))
    print(f"{len(entries)} 个颁发机构 issuers -> {out}")
    print(f"  请核对来源后用作 check where it comes from, then: ECERT_TRUSTED_ISSUERS={out}")
    if wallet is not None:
        provider = container.wallet_provider
        write_file(wallet, strict_json.dumps(attester_document(provider)))
        print(f"本系统的钱包 our wallet {provider.client_id} -> {wallet}\n  ECERT_WALLET_ATTESTERS={wallet}")
    return 0


def _rotate(container: Container, args: argparse.Namespace) -> int:
    if args.department not in {facts.department for facts in container.trust.facts()}:
        raise CommandFailed(f"department {args.department} issues nothing: see ecert keys list")
    before = container.trust.signer(args.department).public_key.kid
    if not args.yes:
        print(f"将更换 would rotate: {args.department}, 当前 present {before}\n{DRY_RUN}")
        return 0
    after = container.trust.rotate(args.department)
    _record(container, AuditAct.MADE, after.kid, args.department, {"after": before})
    container.publish_all()
    print(f"已更换 rotated: {args.department}\n  {before}  先前 earlier\n  {after.kid}  当前 present")
    return 0


def _record(container: Container, act: AuditAct, kid: str, department: str, details: Mapping[str, Detail]) -> None:
    event = AuditEvent(Subject.KEY, kid, act, doer(), container.clock(), department, details)
    container.storage.audit.record(event)


def _withdraw(container: Container, args: argparse.Namespace) -> int:
    found = [facts for facts in container.trust.facts() if facts.kid == args.kid and facts.state != "withdrawn"]
    if not found:
        raise CommandFailed("no key in force has this kid: see ecert keys list")
    if not args.yes:
        print(f"将停用 would withdraw: {found[0].department} {args.kid} ({found[0].state})\n{DRY_RUN}")
        return 0
    kept = 0 if args.keep_none else container.packs.keep(args.kid)
    container.trust.withdraw(args.kid, reason=args.reason)
    _record(
        container, AuditAct.REVOKED, args.kid, found[0].department, {"reason": args.reason[:MAX_TEXT], "kept": kept}
    )
    if found[0].state == "present":
        new = container.trust.signer(found[0].department).public_key.kid
        _record(container, AuditAct.MADE, new, found[0].department, {"after": args.kid})
    container.publish_all()
    print(
        f"已停用 withdrawn: {found[0].department} {args.kid}\n  保留 kept: {kept} 份已签凭证 credentials of the ledger"
    )
    print("  请重新生成核验包 / build and hand out a new pack: ecert pack build --out FILE")
    return 0
