"""The share interface: nobody anything without a grant and a cause; every use in the history and in the trail."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from ecert.access import Actor, Role, party_actor
from ecert.errors import InvalidSettings, NotPermitted
from ecert.http.share import share_of
from ecert.parties.fictional import register_fictional
from ecert.share.errors import ShareLinkGone, ShareNotPermitted
from ecert.share.grants import Grants, read_grants
from ecert.share.service import Answer, Facts, Share, caller_of
from ecert.share.uses import Duty
from issuer.lifecycle import Decision
from schemas.audit import Subject
from schemas.types import certificate_type
from tests.support.copies import identifier_of
from tests.support.ecert_world import StillClock, World, settings_of, world_in
from verifier.parties.model import Access, Environment

BANK = "example-bank"
CAUSE = "办理企业开户"
ALL = ["query", "data", "verify", "copy", "duty"]
NARROW = {"type": "resident_id_card", "operations": ["query", "data", "verify"], "fields": ["name"]}
GRANTS = {
    "grants": [
        {"caller": BANK, "types": [{"type": "business_licence", "operations": ALL, "fields": ["*"]}, NARROW]},
        {"caller": "somebody", "types": [NARROW]},
    ]
}


@pytest.fixture
def grants(tmp_path: Path) -> Path:
    path = tmp_path / "grants.json"
    path.write_bytes(orjson.dumps(GRANTS))
    return path


@pytest.fixture
def world(seeded_home: Path, tmp_path: Path, clock: StillClock, grants: Path) -> Iterator[World]:
    home = shutil.copytree(seeded_home, tmp_path / "home")
    with world_in(home, clock, SHARE_GRANTS=str(grants)) as made:
        yield made


@pytest.fixture
def bank(world: World) -> Any:
    return party_actor("key-1", Access(BANK, Environment.LIVE))


@pytest.fixture
def share(world: World) -> Any:
    return share_of(world.container)


@pytest.fixture
def licence(world: World) -> dict[str, Any]:
    return dict(world.container.storage.ledger.standing(world.licence()).intent.claims)


@pytest.fixture
def code(licence: dict[str, Any]) -> str:
    return str(licence["unified_social_credit_code"])


def history(world: World) -> list[Any]:
    return world.container.storage.wallets.shown(world.enterprise(), limit=20)


def trail(world: World) -> list[Any]:
    return list(world.container.storage.audit.records_of(Subject.TOKEN, "key-1"))


def revoke(world: World) -> None:
    world.container.life.revoke(world.licence(), Decision("吊销", "officer-1", "2026-1", ""))


# The operations


def test_a_holders_certificates_are_named_with_their_state(world: World, share: Any, bank: Any, code: str) -> None:
    found = share.query(bank, "business_licence", ("001", code), CAUSE)
    assert found == [{"certificate_identifier": world.licence(), "status": "01", "status_name": "有效"}]
    assert share.query(bank, "business_licence", ("001", "91440799MA5X99999X"), CAUSE) == []


def test_every_use_stands_in_the_history_and_in_the_trail(world: World, share: Any, bank: Any) -> None:
    share.data(bank, world.licence(), CAUSE)
    (shown,) = history(world)
    assert (shown.audience, shown.purpose, shown.channel) == (BANK, CAUSE, "share")
    assert "legal_representative" in shown.fields
    (event,) = trail(world)
    assert (event.act, event.details["certificate"], event.details["cause"]) == ("share_data", world.licence(), CAUSE)


def test_an_answer_that_there_is_none_stands_in_the_trail_too(world: World, share: Any, bank: Any, code: str) -> None:
    nobody = "91440799MA5X99999X"
    asked = "business_licence", ("001", nobody)
    assert share.query(bank, *asked, CAUSE) == []
    duty = Duty("u0042", "示例市政务服务大厅", "440799001000", "2026-0001")
    assert share.duty(bank, *asked, CAUSE, duty) == []
    for facts, answer in (
        (Facts("示例公司", nobody), Answer.NO_RECORD),
        (Facts(holder_code=nobody), Answer.NOT_ENOUGH),
        (Facts(holder_code=nobody, fields={"not_granted": "x"}), Answer.PARTLY_WRONG),
        (Facts(), Answer.NOTHING_GIVEN),
    ):
        assert share.verify(bank, "business_licence", facts, "001", CAUSE) is answer
    events = trail(world)
    assert [each.act for each in events] == ["share_query", "share_duty", *["share_verify"] * 3]
    assert {each.details["found"] for each in events} == {0}
    assert len({each.details["holder_hash"] for each in events}) == 1
    assert nobody not in str(events)


def test_data_are_in_the_words_of_the_standard(world: World, share: Any, bank: Any, licence: dict[str, Any]) -> None:
    found = share.data(bank, world.licence(), CAUSE)
    assert found["certificate_identifier"] == world.licence()
    assert found["certificate_name"] == "营业执照"
    assert found["certificate_issued_date"] == licence["issue_date"].replace("-", "")
    assert found["certificate_holder_code"] == licence["unified_social_credit_code"]
    assert found["certificate_holder_type"] == "001"
    assert found["certificate_number"] == found["extend_info"]["unified_social_credit_code"]
    assert "legal_representative_id_number" not in found["extend_info"]


def test_no_more_is_answered_than_is_granted(world: World, share: Any, bank: Any) -> None:
    found = share.data(bank, identifier_of(world, "resident_id_card"), CAUSE)
    assert set(found["extend_info"]) == {"name"}
    assert not found.keys() & {"certificate_holder_code", "certificate_holder_name", "certificate_number"}


def test_a_duty_needs_its_case_and_stands_in_the_trail(world: World, code: str) -> None:
    body = {
        "certificate_type": "business_licence",
        "certificate_holder_code": code,
        "certificate_holder_type": "001",
        "use_cause": CAUSE,
        "operator": {"account": "u0042", "body": "示例市政务服务大厅"},
        "item_code": "440799001000",
        "case_number": "2026-0001",
    }
    actor = party_actor("key-1", Access(BANK, Environment.LIVE))
    duty = Duty("u0042", "示例市政务服务大厅", "440799001000", "2026-0001")
    (found,) = share_of(world.container).duty(actor, "business_licence", ("001", code), CAUSE, duty)
    assert found["status"] == "01"
    assert trail(world)[0].details["case_number"] == "2026-0001"
    headers = world.token("relying_party")
    for missing in ("operator", "item_code", "case_number", "use_cause"):
        less = {name: value for name, value in body.items() if name != missing}
        assert world.client.post("/v1/share/queryByDuty", json=less, headers=headers).status_code == 422
    assert world.client.post("/v1/share/queryByDuty", json=body, headers=headers).status_code == 403


def test_the_fields_of_a_type_are_those_of_the_grant(share: Any, bank: Any) -> None:
    (only,) = share.fields(bank, "resident_id_card")
    assert (only["name"], only["label_zh"]) == ("name", "姓名")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, 0),
        ({"holder": "江门市 示例侨味食品有限公司"}, 0),
        ({"number": "91440799MA5X00014T", "holder": ""}, None),
        ({"holder": "别的公司"}, 7),
        ({"number": "wrong"}, 7),
        ({"fields": {"legal_representative": "别人"}}, 7),
        ({"fields": {"legal_representative_id_number": "1"}}, 7),
        ({"holder": "", "fields": {}}, 4),
        ({"holder_code": ""}, 4),
        ({"holder_code": "91440799MA5X99999X"}, 5),
        ({"holder_code": "", "holder": "", "fields": {}}, 6),
    ],
)
def test_what_is_said_is_compared(
    share: Any, bank: Any, licence: dict[str, Any], changes: dict[str, Any], expected: int | None
) -> None:
    said = {
        "holder_code": licence["unified_social_credit_code"],
        "holder": licence["name"],
        "fields": {"legal_representative": licence["legal_representative"]},
    } | changes
    if "holder" in changes and changes["holder"].startswith("江门市 "):
        said["holder"] = " ".join(licence["name"])
    if expected is None:
        said["number"], expected = licence["unified_social_credit_code"], 0
    assert share.verify(bank, "business_licence", Facts(**said), "001", CAUSE) == expected


@pytest.mark.parametrize(
    ("state", "expected"), [("suspended", 2), ("revoked", 3), ("replaced", 3), ("expired", 3), ("prepared", 1)]
)
def test_what_is_right_of_a_certificate_not_in_force_is_told_apart(
    share: Any, bank: Any, licence: dict[str, Any], state: str, expected: int
) -> None:
    share = Share(replace(share._parts, state_of=lambda _: state))
    facts = Facts(licence["name"], licence["unified_social_credit_code"])
    assert share.verify(bank, "business_licence", facts, "001", CAUSE) == expected


def test_what_takes_effect_later_is_not_active(world: World, share: Any, bank: Any, licence: dict[str, Any]) -> None:
    world.clock.forward(days=-365 * 10)
    facts = Facts(licence["name"], licence["unified_social_credit_code"])
    assert share.verify(bank, "business_licence", facts, "001", CAUSE) == 1


def test_a_link_gives_the_copy_once(world: World, share: Any, bank: Any) -> None:
    secret, expires_at = share.link(bank, world.licence(), CAUSE, 30)
    assert (expires_at - world.clock()).total_seconds() == 600
    answer = world.client.get(f"/v1/share/files/{secret}")
    assert answer.status_code == 200, answer.text
    assert answer.content.startswith(b"%PDF-")
    assert answer.headers["cache-control"] == "no-store"
    again = world.client.get(f"/v1/share/files/{secret}")
    assert (again.status_code, again.json()["code"]) == (410, "share_link_gone")
    assert [each.channel for each in history(world)] == ["share"]
    assert [each.act for each in trail(world)] == ["share_copy"]


def test_a_link_is_good_for_ten_minutes(world: World, share: Any, bank: Any) -> None:
    secret, _ = share.link(bank, world.licence(), CAUSE, 30)
    world.clock.forward(minutes=10)
    with pytest.raises(ShareLinkGone):
        share.file(secret)


def test_a_copy_of_what_was_revoked_meanwhile_is_not_made(world: World, share: Any, bank: Any) -> None:
    secret, _ = share.link(bank, world.licence(), CAUSE, 30)
    revoke(world)
    assert world.client.get(f"/v1/share/files/{secret}").status_code == 409


# Refused


def test_without_a_grant_nothing_is_shared(world: World, share: Any, bank: Any, code: str) -> None:
    stranger = party_actor("key-2", Access("example-rail", Environment.LIVE))
    with pytest.raises(ShareNotPermitted):
        share.query(stranger, "business_licence", ("001", code), CAUSE)
    with pytest.raises(ShareNotPermitted):
        share.data(bank, identifier_of(world, "driving_licence"), CAUSE)
    with pytest.raises(ShareNotPermitted):
        share.link(bank, identifier_of(world, "resident_id_card"), CAUSE, 30)
    assert history(world) == []


def test_a_test_key_reaches_nobodys_certificate(world: World, share: Any) -> None:
    with pytest.raises(NotPermitted):
        share.data(party_actor("key-3", Access(BANK, Environment.TEST)), world.licence(), CAUSE)


def test_without_a_cause_nothing_is_answered(world: World) -> None:
    headers = world.token("relying_party")
    for cause in ("", "  ", "x" * 201, "two\nlines"):
        body = {"certificate_identifier": world.licence(), "use_cause": cause}
        answer = world.client.post("/v1/share/queryCertInfo", json=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (422, "malformed_request")


def test_a_token_may_be_granted_by_its_id() -> None:
    assert caller_of(Actor("token-1", Role.RELYING_PARTY)) == "token-1"


def test_a_key_that_is_limited_to_purposes_reaches_no_certificate(world: World, share: Any, code: str) -> None:
    limited = party_actor("key-2", Access(BANK, Environment.LIVE, frozenset({"bank.account-opening"})))
    with pytest.raises(NotPermitted, match="limited"):
        share.query(limited, "business_licence", ("001", code), CAUSE)


def test_a_registered_party_is_named_in_the_history(world: World, share: Any, bank: Any) -> None:
    register_fictional(world.container)
    share.data(bank, world.licence(), CAUSE)
    assert history(world)[0].audience == "示例银行"


def test_a_certificate_that_nobody_received_has_no_history_to_stand_in(world: World, share: Any, bank: Any) -> None:
    ledger = world.container.storage.ledger

    class Bare:
        def certificate(self, identifier: Any) -> Any:
            return replace(ledger.certificate(identifier), credentials=())

    Share(replace(share._parts, ledger=Bare())).data(bank, world.licence(), CAUSE)
    assert history(world) == []
    assert len(trail(world)) == 1


# Over HTTP, by a key of the party's own


@pytest.fixture
def over_http(seeded_home: Path, tmp_path: Path, clock: StillClock) -> Iterator[tuple[World, dict[str, str]]]:
    """A world whose newest relying party's token is granted the licence."""
    home = shutil.copytree(seeded_home, tmp_path / "http")
    with world_in(home, clock) as first:
        headers = first.token("relying_party")
        token_id = first.container.storage.tokens.find(headers["Authorization"][7:], now=clock()).token_id  # type: ignore[union-attr]
    path = tmp_path / "http.json"
    path.write_bytes(orjson.dumps({"grants": [GRANTS["grants"][0] | {"caller": token_id}]}))
    with world_in(home, clock, SHARE_GRANTS=str(path)) as made:
        yield made, headers


def test_the_operations_answer_over_http(over_http: tuple[World, dict[str, str]]) -> None:
    world, headers = over_http
    claims = world.container.storage.ledger.standing(world.licence()).intent.claims
    holder = {
        "certificate_type": "business_licence",
        "certificate_holder_code": claims["unified_social_credit_code"],
        "certificate_holder_type": "001",
        "use_cause": CAUSE,
    }
    one = {"certificate_identifier": world.licence(), "use_cause": CAUSE}
    duty = {"operator": {"account": "u1", "body": "示例局"}, "item_code": "1", "case_number": "2"}

    def post(name: str, body: dict[str, Any]) -> Any:
        answer = world.client.post(f"/v1/share/{name}", json=body, headers=headers)
        assert answer.status_code in (200, 201), answer.text
        assert answer.json()["head"]["status"] == 0
        return answer.json()

    assert post("queryCert", holder)["certificates"][0]["certificate_identifier"] == world.licence()
    assert post("queryCertInfo", one)["certificate"]["status"] == "01"
    assert post("queryByDuty", holder | duty)["certificates"]
    assert post("verifyCertInfo", holder | {"certificate_holder_name": claims["name"]})["verdict"] == 0
    assert post("getCertRemarkInfo", {"certificate_type": "business_licence"})["fields"]
    assert "/v1/share/files/" in post("downloadUrl", one)["url"]


# Grants


def test_nobody_is_granted_anything_without_a_file() -> None:
    assert read_grants("") == Grants()


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"operations": ["steal"]}, "operations"),
        ({"fields": ["legal_representative_id_number"]}, "fields"),
        ({"operations": ["copy"], "fields": ["name"]}, "copy"),
        ({"type": "passport"}, "grants"),
        ({"fields": "name"}, "fields"),
    ],
)
def test_a_grant_out_of_form_is_refused(tmp_path: Path, changed: dict[str, Any], wrong: str) -> None:
    entry = {"type": "business_licence", "operations": ["data"], "fields": ["name"]} | changed
    path = tmp_path / "grants.json"
    path.write_bytes(orjson.dumps({"grants": [{"caller": BANK, "types": [entry]}]}))
    with pytest.raises(ValueError, match=wrong):
        read_grants(str(path))
    with pytest.raises(InvalidSettings, match="ECERT_SHARE_GRANTS"):
        settings_of(tmp_path, SHARE_GRANTS=str(path))


def test_a_file_of_grants_that_is_not_there_or_too_large_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="can be read"):
        read_grants(str(tmp_path / "none.json"))
    (tmp_path / "large.json").write_bytes(bytes((1 << 20) + 1))
    with pytest.raises(ValueError, match="at most"):
        read_grants(str(tmp_path / "large.json"))


def test_every_state_has_a_word(world: World) -> None:
    from ecert.share.elements import STATES
    from issuer.records import State

    del world
    assert set(STATES) == {each.value for each in State}
    assert certificate_type("business_licence").id
