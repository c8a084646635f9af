"""The story, step by step: records, issuing, holding, receiving, showing, checking offline,
lending and recalling, revoking, being refused.

Every step states what must be so; the first thing that is not ends the story with its name (``ExpectationFailed``).
The offline counter is a process of its own: it gets the picture, the pack and the anchor, and no setting of ours.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

import verifier
from ecert.cli.common import write_file
from ecert.demo.lending import Lending, Lent
from ecert.demo.receiving import Counterparts, last_types
from ecert.demo.records import write_records
from ecert.demo.seed import prefetch
from ecert.errors import ExpectationFailed
from ecert.wiring import Container
from issuer.bulk import BulkRun, ErrorReport, open_records
from issuer.lifecycle import Decision
from schemas.catalogue import Disclosure, TypeId
from schemas.order import HolderId, Identifier
from schemas.purposes import purpose
from schemas.types import all_types, certificate_type
from schemas.validity import day_of
from wallet_api import ShownQr, Wanted
from wallet_api.openid4vci.progress import Stage

SHOWN_TYPE = "business_licence"
SHOWN_FOR = "licence"
SHOWN_FIELDS = ("address", "business_scope")
PURPOSE = "办理食品经营许可"

Say = Callable[[str], None]


def expect(held: bool, name: str) -> None:
    """Return when an expectation held; raises ExpectationFailed with its name."""
    if not held:
        raise ExpectationFailed(name)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the offline process said."""

    exit_code: int
    report: dict[str, Any]

    def reason(self, check: str) -> str:
        """Return the reason of one row of the report; empty when it could not run."""
        rows = {row["check"]: row["reason"] for row in self.report.get("checks", [])}
        return str(rows.get(check, ""))


class Story:
    """One telling, in the folder ``home``."""

    def __init__(self, container: Container, home: Path, say: Say) -> None:
        self._container = container
        self._home = home
        self._say = say
        self._lending = Lending(container, SHOWN_TYPE, PURPOSE)

    def tell(self) -> None:
        """Tell all of it; raises ExpectationFailed."""
        self._issue(self._records())
        holder, identifier = self._hold()
        self._receive()
        self._ahead()
        lent = self._lend(holder)
        anchor, first = self._pack("pack-1.jws")
        picture = self._show_purpose(holder, identifier, "show-1.png")
        self._accepted(self._verify(picture, first, anchor), self._of_purpose(holder, identifier))
        self._replayed(self._verify(picture, first, anchor))
        picture = self._show(holder, "show-2.png")
        self._accepted(self._verify(picture, first, anchor), frozenset(SHOWN_FIELDS))
        self._for_holder(self._verify(self._show_lent(lent, "agent-1.txt"), first, anchor))
        code = self._show_lent(lent, "agent-2.txt")
        self._recall(lent)
        _, second = self._pack("pack-2.jws")
        self._recalled(self._verify(code, second, anchor))
        self._revoke(identifier)
        _, third = self._pack("pack-3.jws")
        picture = self._show_purpose(holder, identifier, "show-3.png")
        self._refused(self._verify(picture, third, anchor))
        self._older(self._verify(picture, first, anchor))

    def _records(self) -> dict[str, Path]:
        today = day_of(self._container.clock())
        files = write_records(self._home / "records", today)
        expect(len(files) == len(all_types()) == 40, "there are 40 types and a file of records for each")
        self._step("部门登记 records", f"{len(files)} 个文件 files: {self._home / 'records'}")
        return files

    def _issue(self, files: dict[str, Path]) -> None:
        work = BulkRun(self._container.issuer, self._container.wallet.holders)
        for type_id, path in files.items():
            kind = certificate_type(type_id)
            with ErrorReport(path.with_name(path.name + ".errors.csv")) as report:
                summary = work.run(open_records(path, kind), report)
            expect(summary.issued == 1 and not summary.refused, f"the record of {type_id} is issued")
            self._say(f"      {kind.name_zh}  {kind.name_en}")
        self._step("签发 issued", f"{len(files)} 种证照已签名 types signed, ES256, SD-JWT VC + vc+jwt")

    def _hold(self) -> tuple[HolderId, Identifier]:
        wallet = self._container.wallet
        held: set[str] = set()
        shown: tuple[HolderId, Identifier] | None = None
        holders = wallet.holders.page(limit=500)
        for holder in holders:
            for certificate in wallet.holdings.certificates(holder.holder_id):
                held.add(certificate.type_id)
                if certificate.type_id == SHOWN_TYPE:
                    shown = holder.holder_id, certificate.identifier
        expect(held == {str(ctype.id) for ctype in all_types()}, "every type is held by somebody")
        expect(shown is not None, "somebody holds the business licence")
        self._step("持证 held", f"{len(holders)} 个持证主体 holders; 都已收到 all delivered")
        return shown or (HolderId(""), Identifier(""))

    def _receive(self) -> None:
        counterparts = Counterparts(self._container)
        kinds = [kind for kind in last_types() if kind.id != SHOWN_TYPE]
        for kind in kinds:
            received = counterparts.hand_over(kind)
            expect(received.trusted, f"the issuer of {kind.id} is on the trust list")
            expect((received.stage, received.kept) == (Stage.RECEIVED, 1), f"the wallet received {kind.id}")
            self._say(f"      {kind.name_zh}  {kind.name_en}")
        self._step(
            "按协议领取 received", f"{len(kinds)} 个部门 departments, OpenID4VCI 1.0: 邀约 offer, 领证码 tx_code, DPoP"
        )

    def _ahead(self) -> None:
        fetched = prefetch(self._container)
        expect(fetched >= len(all_types()), "every holder has codes ahead for the first purpose")
        self._step("预取 fetched ahead", f"{fetched} 份专用凭证 purpose certificates, SD-CWT")

    def _pack(self, name: str) -> tuple[Path, Path]:
        self._container.publish_due()
        built = self._container.packs.build()
        pack = write_file(self._home / name, built.text.encode())
        anchor = write_file(self._home / "anchor.json", self._container.installation.anchor.to_json())
        self._step("离线核验包 pack", f"{pack} (版本 version {built.version}, {len(built.text)} bytes)")
        return anchor, pack

    def _of_purpose(self, holder: HolderId, identifier: Identifier) -> frozenset[str]:
        """The selective fields that the purpose shows of this licence."""
        view = self._container.wallet.holdings.certificate(holder, identifier)
        held = frozenset(claim.name for claim in view.claims if claim.disclosure is not Disclosure.ALWAYS)
        return held.intersection(purpose(SHOWN_TYPE, SHOWN_FOR).fields)

    def _show_purpose(self, holder: HolderId, identifier: Identifier, name: str) -> Path:
        shown = self._code(holder, tuple(sorted(self._of_purpose(holder, identifier))))
        expect(shown.text.startswith("ZK1:") and len(shown.frames) == 1, "a purpose certificate is one compact code")
        picture = write_file(self._home / name, shown.png())
        what = purpose(SHOWN_TYPE, SHOWN_FOR)
        size = f"{len(shown.text)} 字符 characters"
        self._step("按用途亮证 shown for a purpose", f"{what.name_zh} {what.name_en}, {size} -> {picture}")
        return picture

    def _show(self, holder: HolderId, name: str) -> Path:
        shown = self._code(holder, SHOWN_FIELDS)
        picture = write_file(self._home / name, shown.png())
        labels = "、".join(certificate_type(SHOWN_TYPE).by_name[field].label_zh for field in SHOWN_FIELDS)
        self._step("自选亮证 shown by choice", f"营业执照 business licence, 只出示 only: {labels} -> {picture}")
        return picture

    def _code(self, holder: HolderId, fields: tuple[str, ...]) -> ShownQr:
        wanted = Wanted(fields, type_id=TypeId(SHOWN_TYPE))
        shown = self._container.wallet.showing.show_qr(holder, wanted, purpose=PURPOSE)
        expect(not shown.by_reference, "the presentation fits one QR code")
        return shown

    def _verify(self, picture: Path, pack: Path, anchor: Path) -> Verdict:
        files = ["--pack", str(pack), "--anchor", str(anchor), "--seen", str(self._home / "seen.json")]
        command = [sys.executable, "-m", "verifier", str(picture), *files, "--json"]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ECERT_")}
        environment["PYTHONPATH"] = str(Path(verifier.__file__).parent.parent)
        done = subprocess.run(  # noqa: S603 - our own interpreter and files
            command, capture_output=True, cwd=self._home, env=environment, timeout=60, check=False
        )
        self._say(f"      $ python -m verifier {picture.name} --pack {pack.name} --anchor {anchor.name}")
        try:
            report = orjson.loads(done.stdout)
        except orjson.JSONDecodeError:
            report = {}
        self._say(f"      -> {report.get('verdict') or '-'}, exit {done.returncode}")
        return Verdict(done.returncode, report)

    def _accepted(self, verdict: Verdict, fields: frozenset[str]) -> None:
        expect(verdict.exit_code == 0, "the offline counter accepts the licence (exit 0)")
        kind = certificate_type(SHOWN_TYPE)
        chosen = {field.name for field in kind.fields if field.selective} & verdict.report["claims"].keys()
        expect(chosen == fields, "the counter sees the chosen fields and no other selective one")
        self._step("离线核验 verified", "有效 VALID: 签名、颁发机构、有效期、状态、持证主体均通过 all checks passed")

    def _replayed(self, verdict: Verdict) -> None:
        expect(verdict.exit_code == 1, "the same picture is refused the second time (exit 1)")
        expect(verdict.reason("presentation") == "presentation_replayed", "it is refused as replayed")
        self._step("重复出示 shown again", "拒绝 REFUSED: 截图或重放 a screenshot, or replayed")

    def _lend(self, holder: HolderId) -> Lent:
        lent = self._lending.lend(holder, SHOWN_FIELDS)
        self._step("授权用证 lent", f"营业执照 business licence -> {lent.agent.name}，用于 for: {PURPOSE}")
        return lent

    def _show_lent(self, lent: Lent, name: str) -> Path:
        shown = self._lending.show(lent)
        expect(not shown.by_reference, "what the agent shows fits an animated code")
        frames = write_file(self._home / name, "\n".join(shown.frames).encode())
        self._step("代为亮证 shown by the agent", f"{len(shown.frames)} 幅画面 frames -> {frames}")
        return frames

    def _for_holder(self, verdict: Verdict) -> None:
        expect(verdict.exit_code == 0, "the offline counter accepts what the agent shows (exit 0)")
        expect(verdict.reason("delegation") == "delegation_valid", "it knows that an agent shows it")
        self._step("离线核验 verified", "有效 VALID: 由代理人代持证主体出示 shown by an agent for the holder")

    def _recall(self, lent: Lent) -> None:
        self._lending.recall(lent)
        self._step("收回授权 recalled", "列表已由信任锚签署 the list is signed by the trust anchor")

    def _recalled(self, verdict: Verdict) -> None:
        expect(verdict.exit_code == 1, "the offline counter refuses the agent after the recall (exit 1)")
        expect(verdict.reason("delegation") == "delegation_recalled", "it is refused as recalled")
        self._step("离线核验 verified", "无效 INVALID: 授权已收回 the delegation was recalled")

    def _revoke(self, identifier: Identifier) -> None:
        decision = Decision("吊销", officer="示例-17", case_number="示例监罚〔2026〕7号")
        done = self._container.life.revoke(identifier, decision)
        self._container.evidence.invalidate()
        expect(done.record.state == "revoked", "the licence is revoked")
        expect(not done.pending, "the status lists are published")
        credentials = self._container.storage.ledger.certificate(identifier).credentials
        self._step("吊销 revoked", f"{len(credentials)} 份凭证的状态已发布 credentials' statuses published")

    def _refused(self, verdict: Verdict) -> None:
        expect(verdict.exit_code == 1, "the offline counter refuses the revoked licence (exit 1)")
        expect(verdict.reason("status") == "revoked", "it is refused as revoked")
        self._step("离线核验 verified", "无效 INVALID: 已吊销 revoked")

    def _older(self, verdict: Verdict) -> None:
        expect(verdict.exit_code == 3, "a pack older than one that was seen is not used (exit 3)")
        self._step("旧核验包 older pack", "拒绝 REFUSED: 比见过的旧 older than one seen before")

    def _step(self, what: str, how: str) -> None:
        self._say(f"[ok] {what}: {how}")
