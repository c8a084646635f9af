"""``ecert order`` and ``ecert proposal``: from a handed-in order to an offer, by one officer and by two."""

import csv
import re
from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from ecert.cli import main
from ecert.wiring import utc_now
from schemas.examples import example_claims
from schemas.qr.reading import read
from schemas.types import certificate_type
from schemas.validity import day_of
from tests.ecert.test_cli import DECISION, Capture, holder_of, records


@pytest.fixture
def claims(tmp_path: Path) -> Path:
    """The claims of an order in a file."""
    made = example_claims(certificate_type("business_licence"), today=day_of(utc_now()))
    path = tmp_path / "claims.json"
    path.write_bytes(orjson.dumps(made | {"business_scope": "示例经营范围。"}))
    return path


def run(*arguments: object) -> int:
    return main(["order", *map(str, arguments)])


def hand_in(claims: Path, capsys: Capture, *more: str) -> str:
    assert run("hand-in", "--type", "business_licence", "--claims", claims, *more) == 0
    return capsys.readouterr().out.split(": ")[1].split()[0]


@pytest.mark.usefixtures("command_home")
def test_an_order_is_handed_in_offered_and_withdrawn(claims: Path, tmp_path: Path, capsys: Capture) -> None:
    order = hand_in(claims, capsys, "--office", "amr-example", "--row-key", "r")
    picture = tmp_path / "offer.png"
    assert run("offer", order, "--pre-authorized", "--tx-code", "numeric", "--qr", picture) == 0
    shown = capsys.readouterr().out
    (link,) = re.findall(r"openid-credential-offer://\S+", shown)
    assert read(picture.read_bytes()).texts == (link,)
    assert re.search(r"shown once +\d{6}\n", shown)
    assert run("list", "--department", "amr", "--state", "waiting") == 0
    assert order in capsys.readouterr().out
    assert run("withdraw", order, "--reason", "重复") == 0
    assert "已撤回 withdrawn" in capsys.readouterr().out
    assert hand_in(claims, capsys, "--row-key", "r") == order


@pytest.mark.usefixtures("command_home")
def test_an_offer_by_value_holds_itself(claims: Path, tmp_path: Path, capsys: Capture) -> None:
    order = hand_in(claims, capsys)
    drawing = tmp_path / "offer.svg"
    assert run("offer", order, "--by-value", "--qr", drawing) == 0
    shown = capsys.readouterr().out
    assert "credential_offer=%7B" in shown
    assert "本机页面" not in shown
    assert drawing.read_text().startswith("<svg")


@pytest.mark.usefixtures("command_home")
def test_four_eyes_two_officers(claims: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECERT_FOUR_EYES", "all")
    order = hand_in(claims, capsys, "--officer", "A-1")
    assert run("approve", order, "--officer", "A-1") == 3
    assert "same_officer" in capsys.readouterr().err
    assert run("approve", order, "--officer", "A-2") == 0
    assert "待领取 waiting" in capsys.readouterr().out
    other = hand_in(claims, capsys, "--officer", "A-1", "--row-key", "other")
    assert run("decline", other, "--officer", "A-2", "--reason", "材料不齐") == 0
    assert "未通过 declined" in capsys.readouterr().out


@pytest.mark.usefixtures("command_home")
@pytest.mark.parametrize("flaw", [["--ready-at", "soon"], ["--ready-at", "2026-03-05T09:00"], ["--officer", "陈 大文"]])
def test_what_cannot_be_read_could_not_run(claims: Path, flaw: list[str], capsys: Capture) -> None:
    assert run("hand-in", "--type", "business_licence", "--claims", claims, *flaw) == 3
    assert "command_failed" in capsys.readouterr().err


@pytest.mark.usefixtures("command_home")
def test_a_missing_file_or_a_strange_picture_could_not_run(claims: Path, tmp_path: Path, capsys: Capture) -> None:
    assert run("hand-in", "--type", "business_licence", "--claims", tmp_path / "none.json") == 3
    assert run("offer", "order", "--qr", "offer.gif") == 3
    assert capsys.readouterr().err.count("command_failed") == 2


@pytest.mark.usefixtures("command_home")
def test_an_order_that_is_ready_later_is_handed_in(claims: Path, capsys: Capture) -> None:
    soon = f"{(day_of(utc_now()) + timedelta(days=1)).isoformat()}T12:00+08:00"
    assert hand_in(claims, capsys, "--ready-at", soon)


@pytest.mark.usefixtures("command_home")
def test_a_file_becomes_offers(tmp_path: Path, capsys: Capture) -> None:
    path, out = records(tmp_path, "甲", "乙"), tmp_path / "offers.csv"
    with path.open("ab") as file:
        file.write(b"{}\n")
    command = ["bulk", path, "--type", "business_licence", "--offers", out, "--pre-authorized", "--qr", tmp_path / "qr"]
    assert run(*command) == 1
    assert "新邀约 offered: 2  先前已有 known: 0" in capsys.readouterr().out
    with out.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    assert [line["row"] for line in lines] == ["1", "2"]
    assert all(Path(line["picture"]).is_file() for line in lines)
    assert run(*command) == 1
    assert "新邀约 offered: 0  先前已有 known: 2" in capsys.readouterr().out


def test_four_eyes_a_revocation_is_proposed_confirmed_and_declined(
    command_home: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECERT_FOUR_EYES", "business_licence")
    _, identifier = holder_of(command_home)

    def propose() -> str:
        assert main(["revoke", identifier, *DECISION, "--yes"]) == 0
        return capsys.readouterr().out.split("proposal confirm ")[1].split()[0]

    first, second = propose(), propose()
    assert main(["proposal", "list", "--state", "proposed"]) == 0
    shown = capsys.readouterr().out
    assert first in shown
    assert second in shown
    assert main(["proposal", "confirm", first, "--officer", "O-17"]) == 3
    assert main(["proposal", "confirm", first, "--officer", "O-18"]) == 0
    assert "revoked" in capsys.readouterr().out
    assert main(["proposal", "decline", second]) == 0
    assert "已驳回 declined" in capsys.readouterr().out


def test_four_eyes_nobody_issues_or_replaces_alone(
    command_home: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECERT_FOUR_EYES", "business_licence")
    path = records(tmp_path, "甲")
    assert main(["issue", "--type", "business_licence", "--input", str(path)]) == 3
    assert "second_officer_needed" in capsys.readouterr().err
    assert main(["issue", "--type", "business_licence", "--input", str(path), "--check"]) == 0
    _, identifier = holder_of(command_home)
    capsys.readouterr()
    decision = ["--reason", "变更", *DECISION[2:], "--yes"]
    assert main(["replace", identifier, "--input", str(path), *decision]) == 0
    proposal = capsys.readouterr().out.split("proposal confirm ")[1].split()[0]
    assert main(["proposal", "confirm", proposal, "--officer", "O-18"]) == 0
    assert "issued" in capsys.readouterr().out


def test_an_officer_named_in_chinese_may_act(command_home: Path, capsys: Capture) -> None:
    _, identifier = holder_of(command_home)
    decision = ["--reason", "吊销", "--officer", "示例经办人", "--case", "示例-2026-0042", "--yes"]
    assert main(["revoke", identifier, *decision]) == 0
    assert "revoked" in capsys.readouterr().out
