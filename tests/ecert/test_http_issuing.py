"""The officers' routes: issue, preview, look up, decide, replace; and the same request twice."""

from typing import Any

import httpx
import pytest

from issuer.records import PublishedList
from tests.support.ecert_world import World

DECISION = {"legal_reason": "吊销", "officer": "O-17", "case_number": "示例-2026-0042"}
NAME = "江门市示例新味食品有限公司"
CODE = "91440799MA5X00022N"


@pytest.fixture
def preparer(world: World) -> dict[str, str]:
    return world.token("preparer", department="amr")


@pytest.fixture
def revoker(world: World) -> dict[str, str]:
    return world.token("revoker", department="amr")


def order(world: World, **changed: Any) -> dict[str, Any]:
    """Another drug licence than the seeded one: same holder, other scope."""
    return {"type_id": "business_licence", "claims": world.claims(business_scope="示例经营范围;食品销售。", **changed)}


def act(world: World, kind: str, header: dict[str, str], **changed: Any) -> httpx.Response:
    body = DECISION | changed
    return world.client.post(f"/v1/certificates/{world.licence()}/{kind}", json=body, headers=header)


def test_an_order_is_issued_to_its_holders_wallet(world: World, preparer: dict[str, str]) -> None:
    answer = world.client.post("/v1/certificates", json=order(world), headers=preparer)
    assert (answer.status_code, answer.json()["delivered"]) == (201, True)
    held = world.container.wallet.holdings.certificates(world.enterprise())
    assert answer.json()["identifier"] in {one.identifier for one in held}


def test_an_answer_to_issuing_holds_no_signed_document(world: World, preparer: dict[str, str]) -> None:
    answer = world.client.post("/v1/certificates", json=order(world), headers=preparer)
    assert "token" not in answer.text
    assert "eyJ" not in answer.text


def test_an_issued_certificate_is_counted_by_its_type(world: World, preparer: dict[str, str]) -> None:
    world.client.post("/v1/certificates", json=order(world), headers=preparer)
    assert 'ecert_issued_total{type="business_licence"} 1.0' in world.client.get("/metrics").text


def test_a_bad_claim_is_named_by_field_and_rule_and_not_by_value(world: World, preparer: dict[str, str]) -> None:
    wrong = "91440799MA5X00014X"
    answer = world.client.post(
        "/v1/certificates", json=order(world, unified_social_credit_code=wrong), headers=preparer
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "order_refused")
    assert {error["field"] for error in answer.json()["errors"]} == {"unified_social_credit_code"}
    assert wrong not in answer.text


def test_a_row_key_makes_an_order_repeatable(world: World, preparer: dict[str, str]) -> None:
    body = order(world) | {"row_key": "2026-0042"}
    first = world.client.post("/v1/certificates", json=body, headers=preparer)
    second = world.client.post("/v1/certificates", json=body, headers=preparer)
    assert (second.status_code, second.json()["repeated"]) == (200, True)
    assert second.json()["identifier"] == first.json()["identifier"]


@pytest.mark.parametrize("row_key", ["order:7", "proposal:7", "idempotency:7"])
def test_a_row_key_of_the_programs_own_is_refused(world: World, preparer: dict[str, str], row_key: str) -> None:
    answer = world.client.post("/v1/certificates", json=order(world) | {"row_key": row_key}, headers=preparer)
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed_request")
    assert [each["field"] for each in answer.json()["errors"]] == ["row_key"]


def test_a_preview_shows_computed_claims_and_records_nothing(world: World, preparer: dict[str, str]) -> None:
    before = len(world.container.wallet.holdings.certificates(world.enterprise()))
    answer = world.client.post("/v1/certificates/preview", json=order(world), headers=preparer)
    assert answer.json()["claims"]["issuing_authority_name"]
    assert [one["format"] for one in answer.json()["credentials"]] == ["dc+sd-jwt", "vc+jwt"]
    assert len(world.container.wallet.holdings.certificates(world.enterprise())) == before


def test_an_unknown_member_of_a_body_is_named(world: World, preparer: dict[str, str]) -> None:
    answer = world.client.post("/v1/certificates", json=order(world) | {"extra": "陈大文"}, headers=preparer)
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"field": "extra", "rule": "extra_forbidden", "message": "extra forbidden"}]


def test_a_body_that_names_a_member_twice_is_refused(world: World, preparer: dict[str, str]) -> None:
    raw = b'{"type_id": "business_licence", "type_id": "driving_licence", "claims": {}}'
    answer = world.client.post("/v1/certificates", content=raw, headers=preparer)
    assert (answer.status_code, answer.json()["code"]) == (400, "duplicate_member")


def test_an_officer_looks_up_state_dates_claims_and_acts(world: World, preparer: dict[str, str]) -> None:
    answer = world.client.get(f"/v1/certificates/{world.licence()}", headers=preparer).json()
    assert (answer["state"], answer["version"], answer["acts"]) == ("issued", 1, [])
    assert answer["claims"]["name"]


def test_an_auditor_sees_no_claims(world: World) -> None:
    header = world.token("auditor")
    assert "claims" not in world.client.get(f"/v1/certificates/{world.licence()}", headers=header).json()


def test_an_unknown_certificate_is_not_found(world: World, preparer: dict[str, str]) -> None:
    answer = world.client.get("/v1/certificates/1.2.156.0", headers=preparer)
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_certificate")


def test_a_revocation_is_recorded_published_and_counted(world: World, revoker: dict[str, str]) -> None:
    answer = act(world, "revoke", revoker)
    assert (answer.status_code, answer.json()["state"], answer.json()["pending"]) == (200, "revoked", [])
    assert answer.json()["acts"][0]["case_number"] == "示例-2026-0042"
    assert 'ecert_acts_total{act="revoke"} 1.0' in world.client.get("/metrics").text


def test_an_act_that_the_type_does_not_know_is_refused(world: World, revoker: dict[str, str]) -> None:
    answer = act(world, "suspend", revoker, legal_reason="暂扣")
    assert (answer.status_code, answer.json()["code"]) == (409, "act_not_allowed")


def test_a_decision_without_its_parts_is_refused(world: World, revoker: dict[str, str]) -> None:
    answer = act(world, "revoke", revoker, officer=" ")
    assert (answer.status_code, answer.json()["code"]) == (422, "act_incomplete")


def test_a_cancelled_certificate_cannot_be_revoked(world: World, revoker: dict[str, str]) -> None:
    assert act(world, "cancel", revoker, legal_reason="注销").status_code == 200
    assert act(world, "revoke", revoker).status_code == 409


def test_a_replacement_has_the_next_version_and_ends_the_old_one(world: World, preparer: dict[str, str]) -> None:
    old = world.licence()
    body = DECISION | {"legal_reason": "变更", "claims": order(world)["claims"]}
    answer = world.client.post(f"/v1/certificates/{old}/replace", json=body, headers=preparer)
    assert (answer.status_code, answer.json()["replaces"], answer.json()["pending"]) == (201, old, [])
    assert world.container.state_of(old) == "replaced"


def keyed(header: dict[str, str], key: str = "a-key-of-32-letters-0123456789ab") -> dict[str, str]:
    return header | {"Idempotency-Key": key}


def test_the_same_key_and_body_give_the_same_answer(world: World, preparer: dict[str, str]) -> None:
    first = world.client.post("/v1/certificates", json=order(world), headers=keyed(preparer))
    second = world.client.post("/v1/certificates", json=order(world), headers=keyed(preparer))
    assert second.content == first.content
    assert (second.status_code, second.headers["idempotency-replayed"]) == (201, "true")


def test_the_same_key_and_another_body_are_refused(world: World, preparer: dict[str, str]) -> None:
    world.client.post("/v1/certificates", json=order(world), headers=keyed(preparer))
    answer = world.client.post(
        "/v1/certificates", json=order(world, registered_capital="人民币贰佰万元"), headers=keyed(preparer)
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


def test_another_actor_may_use_the_same_key(world: World, preparer: dict[str, str]) -> None:
    world.client.post("/v1/certificates", json=order(world), headers=keyed(preparer))
    other = keyed(world.token("preparer", department="amr"))
    answer = world.client.post("/v1/certificates/preview", json=order(world), headers=other)
    assert answer.status_code == 200


def test_a_refusal_is_repeated_too(world: World, revoker: dict[str, str]) -> None:
    first = act(world, "suspend", keyed(revoker), legal_reason="暂扣")
    second = act(world, "suspend", keyed(revoker), legal_reason="暂扣")
    assert (first.status_code, second.status_code) == (409, 409)
    # Each request has an id of its own; everything else is the first answer.
    assert second.json() | {"request_id": ""} == first.json() | {"request_id": ""}
    assert second.headers["content-type"] == "application/problem+json"


def test_a_repeated_revocation_answers_as_the_first_time(world: World, revoker: dict[str, str]) -> None:
    first = act(world, "revoke", keyed(revoker))
    assert act(world, "revoke", keyed(revoker)).content == first.content


def test_a_key_that_is_none_is_refused(world: World, preparer: dict[str, str]) -> None:
    answer = world.client.post("/v1/certificates", json=order(world), headers=keyed(preparer, "short"))
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "Idempotency-Key")


def test_a_lost_answer_still_gives_the_same_certificate(world: World, preparer: dict[str, str]) -> None:
    first = world.client.post("/v1/certificates", json=order(world), headers=keyed(preparer))
    world.container.storage.idempotency.forget(before=world.clock().replace(year=2030))
    second = world.client.post("/v1/certificates", json=order(world), headers=keyed(preparer))
    assert second.json()["identifier"] == first.json()["identifier"]


def test_a_list_that_could_not_be_published_is_named_as_pending(
    world: World, revoker: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from issuer.errors import PublicationConflict
    from issuer.status import StatusPublisher

    def busy(*_: object) -> PublishedList:
        raise PublicationConflict("busy")

    monkeypatch.setattr(StatusPublisher, "publish", busy)
    answer = act(world, "revoke", revoker)
    assert answer.status_code == 200
    assert answer.json()["pending"]
    assert world.client.get("/readyz").json()["publications_pending"] == 1


def test_an_order_may_ask_for_formats(world: World, preparer: dict[str, str]) -> None:
    body = order(world) | {"formats": ["ldp_vc", "vc+sd-jwt"]}
    answer = world.client.post("/v1/certificates", json=body, headers=preparer)
    assert [one["format"] for one in answer.json()["credentials"]] == ["ldp_vc", "vc+sd-jwt"]
    preview = world.client.post("/v1/certificates/preview", json=body, headers=preparer).json()
    assert [one["format"] for one in preview["credentials"]] == ["ldp_vc", "vc+sd-jwt"]


def test_a_format_that_is_none_is_refused(world: World, preparer: dict[str, str]) -> None:
    body = order(world) | {"formats": ["mso_mdoc"]}
    answer = world.client.post("/v1/certificates", json=body, headers=preparer)
    assert (answer.status_code, answer.json()["code"]) == (422, "profile_refused")
