"""The holder's routes: see, choose, show, take, register a device, look back."""

import base64
from typing import Any

import pytest

from keys import jws
from keys.encoding import b64url_text
from tests.support.ecert_world import World


@pytest.fixture
def enterprise(world: World) -> dict[str, str]:
    return world.token("holder", holder_id=world.enterprise())


CHOICE: dict[str, Any] = {"type_id": "business_licence", "fields": ["address"], "purpose": "窗口办事"}


def test_the_list_names_state_and_authority_and_no_claim(world: World, enterprise: dict[str, str]) -> None:
    listed = world.client.get("/v1/wallet/certificates", headers=enterprise).json()["certificates"]
    licence = next(one for one in listed if one["type_id"] == "business_licence")
    assert (licence["state"], licence["name_zh"]) == ("issued", "营业执照")
    assert "91440799" not in str(listed)


def test_one_certificate_has_every_field_with_its_disclosure(world: World, enterprise: dict[str, str]) -> None:
    listed = world.client.get("/v1/wallet/certificates", headers=enterprise).json()["certificates"]
    wanted = next(one["credential_id"] for one in listed if one["type_id"] == "business_licence")
    shown = world.client.get(f"/v1/wallet/certificates/{wanted}", headers=enterprise).json()
    fields = {field["name"]: field for field in shown["fields"]}
    assert (fields["address"]["selective"], fields["name"]["selective"]) == (True, False)
    assert fields["legal_representative_id_number"]["sensitive"]


def test_a_revoked_certificate_is_shown_as_revoked(world: World, enterprise: dict[str, str]) -> None:
    header = world.token("revoker", department="amr")
    body = {"legal_reason": "吊销", "officer": "O-1", "case_number": "1"}
    world.client.post(f"/v1/certificates/{world.licence()}/revoke", json=body, headers=header)
    listed = world.client.get("/v1/wallet/certificates", headers=enterprise).json()["certificates"]
    assert [one["state"] for one in listed if one["type_id"] == "business_licence"] == ["revoked"]


def test_a_holder_takes_the_signed_document_away(world: World, enterprise: dict[str, str]) -> None:
    listed = world.client.get("/v1/wallet/certificates", headers=enterprise).json()["certificates"]
    taken = world.client.get(f"/v1/wallet/credentials/{listed[0]['credential_id']}", headers=enterprise).json()
    assert taken["token"].startswith("eyJ")


@pytest.mark.parametrize(("image", "start"), [("svg", "data:image/svg+xml;base64,"), ("png", "data:image/png;base64,")])
def test_a_qr_code_is_a_picture_that_is_good_for_a_minute(
    world: World, enterprise: dict[str, str], image: str, start: str
) -> None:
    code = world.client.post("/v1/wallet/qr", json=CHOICE | {"image": image}, headers=enterprise).json()
    assert code["image"].startswith(start)
    assert (code["mode"], code["seconds"]) == ("inline", 60)


def test_a_png_is_one_that_can_be_scanned(world: World, enterprise: dict[str, str]) -> None:
    from schemas.qr import reading

    code = world.client.post("/v1/wallet/qr", json=CHOICE | {"image": "png"}, headers=enterprise).json()
    assert reading.read(base64.b64decode(code["image"].partition(",")[2])).texts == (code["text"],)


def test_too_much_for_one_code_becomes_a_reference(world: World, enterprise: dict[str, str]) -> None:
    fields = ["address", "business_scope", "legal_representative", "registered_capital", "term_from", "term_to"]
    fields += ["legal_representative_id_number", "legal_representative_id_type", "main_industry_code"]
    code = world.client.post("/v1/wallet/qr", json=CHOICE | {"fields": fields}, headers=enterprise).json()
    assert code["mode"] == "reference"
    assert code["text"].startswith("ecert:r/")


def test_a_reference_is_fetched_once(world: World, enterprise: dict[str, str]) -> None:
    fields = ["address", "business_scope", "legal_representative", "registered_capital", "term_from", "term_to"]
    fields += ["legal_representative_id_number", "legal_representative_id_type", "main_industry_code"]
    code = world.client.post("/v1/wallet/qr", json=CHOICE | {"fields": fields}, headers=enterprise).json()
    counter = world.token("counter")
    first = world.client.post("/v1/references", json={"reference": code["text"]}, headers=counter)
    second = world.client.post("/v1/references", json={"reference": code["text"]}, headers=counter)
    assert "~" in first.json()["presentation"]
    assert (second.status_code, second.json()["code"]) == (410, "reference_gone")


def test_a_field_that_is_not_there_is_named(world: World, enterprise: dict[str, str]) -> None:
    answer = world.client.post("/v1/wallet/qr", json=CHOICE | {"fields": ["photo"]}, headers=enterprise)
    assert (answer.status_code, answer.json()["code"]) == (422, "field_not_in_certificate")


def test_a_purpose_is_compulsory(world: World, enterprise: dict[str, str]) -> None:
    answer = world.client.post("/v1/wallet/qr", json={"type_id": "business_licence"}, headers=enterprise)
    assert answer.json()["errors"] == [{"field": "purpose", "rule": "missing", "message": "missing"}]


def test_a_presentation_is_bound_to_nonce_and_audience(world: World, enterprise: dict[str, str]) -> None:
    asked = CHOICE | {"nonce": "n-0S6_WzA2Mj", "audience": "https://bank.example.org"}
    shown = world.client.post("/v1/wallet/presentations", json=asked, headers=enterprise).json()
    binding = jws.peek(shown["presentation"].rpartition("~")[2]).peek_claims()
    assert (binding["nonce"], binding["aud"]) == ("n-0S6_WzA2Mj", "https://bank.example.org")


def test_the_history_names_fields_and_purpose_and_no_value(world: World, enterprise: dict[str, str]) -> None:
    world.client.post("/v1/wallet/qr", json=CHOICE, headers=enterprise)
    page = world.client.get("/v1/wallet/history", headers=enterprise).json()
    (record,) = page["shown"]
    assert (record["purpose"], record["channel"], page["next_offset"]) == ("窗口办事", "qr", None)
    assert [label["label_en"] for label in record["labels"]] == ["Registered address (place of business)"]
    assert "示例路" not in str(page)


def test_a_history_with_a_size_that_is_no_number_is_refused_without_it(
    world: World, enterprise: dict[str, str]
) -> None:
    answer = world.client.get("/v1/wallet/history?size=陈大文", headers=enterprise)
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed_request")
    assert "陈" not in answer.text


def test_a_device_registers_its_key_and_shows_in_two_steps(world: World, enterprise: dict[str, str]) -> None:
    device = world.register_device(enterprise)
    world.clock.forward(hours=2)  # the newest certificate is shown, and times are rounded to the hour
    preparer = world.token("preparer", department="amr")
    body = {"type_id": "business_licence", "claims": world.claims(business_scope="示例经营范围。")}
    world.client.post("/v1/certificates", json=body, headers=preparer)
    for begin, complete in (("qr/begin", "qr/complete"), ("presentations/begin", "presentations/complete")):
        asked = CHOICE | ({"nonce": "nonce", "audience": "https://a.example"} if "presentations" in begin else {})
        begun = world.client.post(f"/v1/wallet/{begin}", json=asked, headers=enterprise).json()
        signature = b64url_text(device.sign(begun["signing_input"].encode()))
        signed = {"handle": begun["handle"], "signature": signature}
        done = world.client.post(f"/v1/wallet/{complete}", json=signed, headers=enterprise)
        assert done.status_code == 200


def test_a_proof_that_does_not_hold_registers_nothing(world: World, enterprise: dict[str, str]) -> None:
    answer = world.client.post("/v1/wallet/keys", json={"proof": "a.b.c"}, headers=enterprise)
    assert (answer.status_code, answer.json()["code"]) == (422, "key_proof_invalid")


def test_a_presentation_is_in_the_format_that_was_asked_for(world: World, enterprise: dict[str, str]) -> None:
    asked = CHOICE | {"nonce": "n-0S6_WzA2Mj", "audience": "https://bank.example.org", "format": "vc+jwt"}
    shown = world.client.post("/v1/wallet/presentations", json=asked, headers=enterprise).json()
    assert jws.peek(shown["presentation"]).header.typ == "vp+jwt"


def test_a_format_that_is_none_is_refused(world: World, enterprise: dict[str, str]) -> None:
    asked = CHOICE | {"nonce": "n", "audience": "https://bank.example.org", "format": "mso_mdoc"}
    answer = world.client.post("/v1/wallet/presentations", json=asked, headers=enterprise)
    assert (answer.status_code, answer.json()["code"]) == (422, "presentation_request_invalid")
