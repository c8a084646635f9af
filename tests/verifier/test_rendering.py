"""The report as a table that lines up, also in Chinese."""

import pytest

from schemas.report import Check, Outcome, Report
from tests.support.desk import Desk
from verifier.rendering import age, printable, render, table, width


@pytest.mark.parametrize(("text", "columns"), [("abc", 3), ("证照", 4), ("（）", 4), ("e\u0301", 1), ("", 0)])
def test_a_chinese_character_takes_two_columns(text: str, columns: int) -> None:
    assert width(text) == columns


def test_columns_line_up() -> None:
    assert table([("证照", "a", "x"), ("b", "长期", "y")]) == ["证照  a     x", "b     长期  y"]


def test_a_valid_report_shows_its_rows_and_claims(desk: Desk) -> None:
    text = render(desk.verify(desk.certificate().present("business_scope")))
    lines = text.splitlines()
    assert lines[0] == "有效  VALID"
    assert "证照类型 type         营业执照 Business licence" in lines
    assert "状态数据 status data  1 小时前 1 h old" in lines
    assert any(line.startswith("+ 通过 passed  签名 signature") for line in lines)
    assert any(line.startswith("经营范围 ") and line.endswith(" 示例食品销售和餐饮服务") for line in lines)


def test_the_rows_line_up(desk: Desk) -> None:
    rows = [line for line in render(desk.verify(desk.certificate().present())).splitlines() if line[:1] == "+"]
    starts = {width(line[: line.index(code)]) for line, code in zip(rows, REASONS, strict=True)}
    assert len(rows) == 9
    assert len(starts) == 1


REASONS = (
    "well_formed",
    "issuer_listed",
    "signature_valid",
    "disclosures_match",
    "type_accepted",
    "in_force",
    "status_valid",
    "holder_bound",
    "presentation_fresh",
)


def test_an_invalid_report_shows_the_reason_and_no_claims(desk: Desk) -> None:
    desk.statuses[4711] = 1
    text = render(desk.verify(desk.certificate().present("business_scope")))
    assert text.startswith("无效  INVALID\n")
    assert "已吊销、撤销或注销 / revoked or cancelled [age_seconds 3600]" in text
    assert "business_scope" not in text


def test_a_failed_gate_shows_when_and_nothing_more(desk: Desk) -> None:
    text = render(desk.verify("x"))
    assert text.splitlines()[2] == "验证时间 verified  2026-03-02T02:30:00Z"
    assert "- 未检查 skipped  颁发机构 issuer" in text


def test_a_valid_report_without_claims_ends_with_its_rows() -> None:
    report = Report((Check("format", Outcome.PASSED, "well_formed"),), "2026-03-02T02:30:00Z")
    assert render(report).rstrip().endswith("the certificate is well formed")


def test_an_unknown_type_is_named_by_its_vct() -> None:
    report = Report((), "2026-03-02T02:30:00Z", vct="urn:ecert:x:1", issuer="https://e.example/issuers/x")
    text = render(report)
    assert "urn:ecert:x:1" in text
    assert "https://e.example/issuers/x" in text
    assert text.startswith("无法确认  CANNOT CONFIRM\n")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (5, "5 秒前 5 s old"),
        (65, "1 分钟前 1 min old"),
        (93_600, "26 小时前 26 h old"),
        (172_800, "2 天前 2 d old"),
        (-30, "-30 秒前 -30 s old"),
    ],
)
def test_an_age_is_said_in_its_largest_unit(seconds: int, text: str) -> None:
    assert age(seconds) == text


def test_what_could_steer_a_terminal_is_not_printed() -> None:
    assert printable("\x1b[2J某\u202e\n") == "�[2J某��"
