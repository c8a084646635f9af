"""The verifier's routes: text, picture, reference; packs; and what a verdict gives away."""

import base64
import io
from typing import Any

import pytest
from PIL import Image

from keys.anchor import Anchor
from schemas.qr import animation, compact, drawing
from schemas.report import COMPARE, Check, Outcome, PrintedCopy, Report
from tests.support.ecert_world import World
from verifier import open_pack
from verifier.routes import described_report


@pytest.fixture
def counter(world: World) -> dict[str, str]:
    return world.token("counter")


def show(world: World, **changed: Any) -> dict[str, Any]:
    header = world.token("holder", holder_id=world.enterprise())
    choice = {"type_id": "business_licence", "fields": ["address"], "purpose": "窗口办事", "image": "png"} | changed
    made: dict[str, Any] = world.client.post("/v1/wallet/qr", json=choice, headers=header).json()
    return made


def judge(world: World, text: str, header: dict[str, str], **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = world.client.post(
        "/v1/verifications/present", json={"text": text} | more, headers=header
    ).json()
    return made


def failed(report: dict[str, Any]) -> dict[str, str]:
    return {row["code"]: row["reason"] for row in report["checks"] if row["outcome"] == "failed"}


def test_a_text_is_accepted_with_the_chosen_fields_and_no_other(world: World, counter: dict[str, str]) -> None:
    report = judge(world, show(world)["text"], counter)
    assert (report["verdict"], report["verdict_zh"]) == ("valid", "有效")
    names = {claim["name"] for claim in report["claims"]}
    assert "address" in names
    assert not names & {"legal_representative", "business_scope", "cnf", "status", "iss"}


def test_a_claim_with_a_code_has_its_word(world: World, counter: dict[str, str]) -> None:
    claims = {claim["name"]: claim for claim in judge(world, show(world)["text"], counter)["claims"]}
    assert claims["entity_type"]["text"]


def test_a_picture_is_accepted_as_its_text_is(world: World, counter: dict[str, str]) -> None:
    picture = base64.b64decode(show(world)["image"].partition(",")[2])
    answer = world.client.post(
        "/v1/verifications/present", content=picture, headers=counter | {"Content-Type": "image/png"}
    )
    assert answer.json()["verdict"] == "valid"


def test_a_reference_is_fetched_and_judged(world: World, counter: dict[str, str]) -> None:
    fields = ["address", "business_scope", "legal_representative", "registered_capital", "term_from", "term_to"]
    fields += ["legal_representative_id_number", "legal_representative_id_type", "main_industry_code"]
    assert judge(world, show(world, fields=fields)["text"], counter)["verdict"] == "valid"


def test_the_second_time_is_a_replay(world: World, counter: dict[str, str]) -> None:
    text = show(world)["text"]
    judge(world, text, counter)
    assert failed(judge(world, text, counter)) == {"presentation": "presentation_replayed"}


def test_a_code_older_than_a_minute_is_refused(world: World, counter: dict[str, str]) -> None:
    text = show(world)["text"]
    world.clock.forward(seconds=61)
    assert failed(judge(world, text, counter)) == {"presentation": "presentation_too_old"}


def test_a_revoked_licence_is_refused_at_once(world: World, counter: dict[str, str]) -> None:
    judge(world, show(world)["text"], counter)
    body = {"legal_reason": "吊销", "officer": "O-1", "case_number": "1"}
    header = world.token("revoker", department="amr")
    world.client.post(f"/v1/certificates/{world.licence()}/revoke", json=body, headers=header)
    report = judge(world, show(world)["text"], counter)
    assert failed(report) == {"status": "revoked"}
    assert report["claims"] == []


def test_a_refused_presentation_gives_no_claim_away(world: World, counter: dict[str, str]) -> None:
    text = show(world)["text"]
    world.clock.forward(minutes=5)
    answer = world.client.post("/v1/verifications/present", json={"text": text}, headers=counter)
    assert "示例路" not in answer.text


def test_another_type_than_asked_for_is_refused(world: World, counter: dict[str, str]) -> None:
    report = judge(world, show(world)["text"], counter, types=["driving_licence"])
    assert failed(report) == {"type": "type_not_accepted"}


def test_an_audience_and_a_nonce_are_judged_when_given(world: World, counter: dict[str, str]) -> None:
    report = judge(world, show(world)["text"], counter, audience="https://bank.example.org", nonce="n-1")
    assert set(failed(report)) == {"presentation"}


def test_what_is_no_presentation_gets_a_report(world: World, counter: dict[str, str]) -> None:
    report = judge(world, "hello", counter)
    assert (report["verdict"], list(failed(report))) == ("invalid", ["format"])


def test_a_picture_without_a_code_is_a_problem(world: World, counter: dict[str, str]) -> None:
    blank = io.BytesIO()
    Image.new("L", (50, 50), 255).save(blank, format="PNG")
    headers = counter | {"Content-Type": "image/png"}
    answer = world.client.post("/v1/verifications/present", content=blank.getvalue(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "unreadable_input")


def _two_codes(first: str, second: str) -> bytes:
    both = Image.new("L", (1200, 600), 255)
    for place, text in ((20, first), (620, second)):
        both.paste(Image.open(io.BytesIO(drawing.png(text))), (place, 20))
    out = io.BytesIO()
    both.save(out, format="PNG")
    return out.getvalue()


def test_a_picture_with_two_presentations_is_a_problem(world: World, counter: dict[str, str]) -> None:
    picture = _two_codes("ecert:r/AAAAAAAAAAAAAAAAAAAAAA", "ecert:r/AAAAAAAAAAAAAAAAAAAAAQ")
    answer = world.client.post(
        "/v1/verifications/present", content=picture, headers=counter | {"Content-Type": "image/png"}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "several_presentations")


def test_a_strangers_code_beside_ours_is_passed_over(world: World, counter: dict[str, str]) -> None:
    picture = _two_codes("https://example.com", "ecert:r/AAAAAAAAAAAAAAAAAAAAAA")
    answer = world.client.post(
        "/v1/verifications/present", content=picture, headers=counter | {"Content-Type": "image/png"}
    )
    assert (answer.status_code, answer.json()["code"]) == (410, "reference_gone")


def _frames() -> tuple[str, ...]:
    """Two frames of what is no certificate."""
    return tuple(frame.text for frame in animation.split(compact.deflate(bytes(range(256)) * 2)))


def test_a_picture_of_one_frame_waits_for_the_others(world: World, counter: dict[str, str]) -> None:
    _, second = _frames()
    headers = counter | {"Content-Type": "image/png"}
    answer = world.client.post("/v1/verifications/present", content=drawing.png(second), headers=headers)
    assert (answer.status_code, answer.json()) == (202, {"frame": {"text": second, "number": 2, "count": 2}})
    assert (
        world.client.post("/v1/verifications/present", content=drawing.png("ZK2/1:A"), headers=headers).status_code
        == 422
    )


def test_the_frames_of_an_animated_code_are_judged_together(world: World, counter: dict[str, str]) -> None:
    first, second = _frames()
    answer = world.client.post("/v1/verifications/present", json={"frames": [second, first, second]}, headers=counter)
    assert (answer.status_code, answer.json()["verdict"]) == (200, "invalid")


def test_a_missing_frame_is_a_problem(world: World, counter: dict[str, str]) -> None:
    answer = world.client.post("/v1/verifications/present", json={"frames": [_frames()[0]]}, headers=counter)
    assert (answer.status_code, answer.json()["code"]) == (422, "frame_refused")


@pytest.mark.parametrize("body", [{}, {"text": "x", "frames": ["y"]}, {"frames": []}])
def test_either_a_text_or_frames_are_judged(world: World, counter: dict[str, str], body: dict[str, Any]) -> None:
    assert world.client.post("/v1/verifications/present", json=body, headers=counter).status_code == 422


def test_a_printed_copy_is_for_comparing_only() -> None:
    checks = (Check("format", Outcome.PASSED, "well_formed"), Check("holder_binding", Outcome.UNKNOWN, COMPARE))
    copy = PrintedCopy("江门市公安局", "办理入学", "2026-03-02T09:00:00Z", "2026-04-02T09:00:00Z")
    report = Report(checks, "2026-03-02T09:41:17Z", printed_copy=copy, _claims={"height": 170})
    described = described_report(report)
    assert (described["verdict"], described["claims"]) == ("indeterminate", [])
    assert described["printed_copy"]["cause"] == "办理入学"
    assert [claim["name"] for claim in described["claims_to_compare"]] == ["height"]


def test_verdicts_are_counted_and_nothing_else_of_them(world: World, counter: dict[str, str]) -> None:
    judge(world, show(world)["text"], counter)
    judge(world, "hello", counter)
    text = world.client.get("/metrics").text
    assert 'ecert_verified_total{verdict="valid"} 1.0' in text
    assert 'ecert_verified_total{verdict="invalid"} 1.0' in text


def test_a_pack_opens_with_the_anchor(world: World, counter: dict[str, str]) -> None:
    pack = world.client.get("/v1/pack", headers=counter).text
    anchor = Anchor.from_json(world.client.get("/v1/anchor").content)
    assert len(open_pack(pack, anchor=anchor, now=world.clock()).types) == 40


def test_a_pack_is_built_once_a_minute(world: World, counter: dict[str, str]) -> None:
    first = world.client.get("/v1/pack", headers=counter).text
    assert world.client.get("/v1/pack", headers=counter).text == first
    world.clock.forward(seconds=61)
    assert world.client.get("/v1/pack", headers=counter).text != first


def test_the_age_of_the_data_is_told(world: World, counter: dict[str, str]) -> None:
    world.clock.forward(minutes=10)
    assert world.client.get("/v1/pack/age", headers=counter).json() == {"age_seconds": 600}


def test_what_an_older_type_signed_has_its_names_as_labels() -> None:
    report = Report(
        (Check("format", Outcome.PASSED, "something_new"),), "2026-03-02T09:41:17Z", _claims={"height": 170}
    )
    described = described_report(report)
    assert described["claims"] == [{"name": "height", "label_zh": "height", "label_en": "", "value": 170, "text": None}]
    assert described["checks"][0]["reason_zh"] == "通过"


def test_what_a_withdrawn_key_signed_passes_when_it_was_kept(world: World, counter: dict[str, str]) -> None:
    kid = world.container.trust.signer("amr").public_key.kid
    world.container.packs.keep(kid)
    world.container.trust.withdraw(kid, reason="密钥泄露")
    world.container.publish_all()
    report = judge(world, show(world)["text"], counter)
    assert report["verdict"] == "valid"
    assert next(row for row in report["checks"] if row["code"] == "issuer")["reason"] == "key_withdrawn_but_kept"


def test_what_a_withdrawn_key_signed_fails_when_it_was_not_kept(world: World, counter: dict[str, str]) -> None:
    world.container.trust.withdraw(world.container.trust.signer("amr").public_key.kid, reason="密钥泄露")
    world.container.publish_all()
    assert failed(judge(world, show(world)["text"], counter)) == {"issuer": "key_withdrawn"}
