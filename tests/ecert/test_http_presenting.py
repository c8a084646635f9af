"""A holder answers a bank of the same installation over HTTP: opened, shared or declined, followed up."""

from typing import Any

import pytest

from ecert.openid4vp import OpenId4Vp, openid4vp_services
from schemas.audit import Subject
from schemas.dcql import read_query
from schemas.qr import drawing
from tests.support.ecert_world import World
from verifier.openid4vp.requests import Asked
from verifier.openid4vp.transactions import Flow, State
from verifier.purposes.model import Purpose, RelyingParty, Sector

QUERY = {
    "credentials": [
        {
            "id": "licence",
            "format": "dc+sd-jwt",
            "meta": {"vct_values": ["urn:ecert:business_licence:1"]},
            "claims": [{"path": ["legal_representative"]}],
        }
    ]
}
BANK = RelyingParty("bank", "示例银行", "Example Bank", "91440799MA5X00014T", Sector.BANK)
OPENING = Purpose(
    purpose_id="account_opening",
    sector=Sector.BANK,
    name_zh="企业开户",
    name_en="Opening a company account",
    legal_basis_zh="中华人民共和国反洗钱法",
    legal_basis_en="Anti-Money Laundering Law",
    retention_days=1825,
    query=read_query(QUERY),
)


class Bank:
    """The one relying party."""

    def find(self, party_id: str) -> RelyingParty | None:
        return BANK if party_id == "bank" else None

    def purpose(self, party_id: str, purpose_id: str) -> Purpose | None:
        return OPENING if (party_id, purpose_id) == ("bank", "account_opening") else None


@pytest.fixture
def verifier(world: World) -> OpenId4Vp:
    return openid4vp_services(world.container, parties=Bank())


@pytest.fixture
def holder(world: World) -> dict[str, str]:
    return world.token("holder", holder_id=world.enterprise())


def begin(verifier: OpenId4Vp, **changes: Any) -> Any:
    asked = {"party_id": "bank", "purpose_id": "account_opening", "query": read_query(QUERY)}
    return verifier.requests.begin(Asked(**asked | {"flow": Flow.CROSS_DEVICE} | changes))


def opened(world: World, holder: dict[str, str], link: str) -> dict[str, Any]:
    answer = world.client.post("/v1/wallet/requests", json={"text": link}, headers=holder)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


SENDING = [
    "requests",
    "requests/x/share",
    "requests/x/signatures",
    "requests/x/decline",
    "offers/x/accept",
    "receivings/x/signatures",
    "logins",
    "sources/x/fetch",
]


@pytest.mark.parametrize("path", SENDING)
def test_a_holder_does_not_make_the_server_send_without_end(world: World, holder: dict[str, str], path: str) -> None:
    """Wherever a link leads, and whatever stands in it: of all routes together so many a minute, then none."""
    for _ in range(30):
        assert world.client.get("/v1/wallet/receivings/x", headers=holder).status_code == 410
        assert world.client.post(f"/v1/wallet/{path}", json={}, headers=holder).status_code < 429
    for answer in (
        world.client.post(f"/v1/wallet/{path}", json={}, headers=holder),
        world.client.get("/v1/wallet/receivings/x", headers=holder),
    ):
        assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests")
    another = world.token("holder", holder_id=world.person())
    assert world.client.get("/v1/wallet/receivings/x", headers=another).status_code == 410


def test_a_bank_asks_a_holder_shares_and_the_bank_knows(
    world: World, verifier: OpenId4Vp, holder: dict[str, str]
) -> None:
    begun = begin(verifier)
    preview = opened(world, holder, begun.link)
    assert preview["party"] | {"client_id": ""} == {
        "client_id": "",
        "trust": "listed",
        "name_zh": "示例银行",
        "name_en": "Example Bank",
    }
    assert (preview["reason"]["purpose_zh"], preview["reason"]["retention_days"]) == ("企业开户", 1825)
    (certificate,) = preview["certificates"]
    (option,) = certificate["options"]
    assert [claim["name"] for claim in option["asked"]] == ["legal_representative"]
    done = world.client.post(f"/v1/wallet/requests/{preview['request_id']}/share", json={}, headers=holder)
    assert (done.status_code, done.json()["stage"]) == (200, "shared")
    assert done.json()["redirect_uri"].startswith("http")
    ended = verifier.requests.transaction(begun.transaction.transaction_id)
    assert (ended.state, (ended.result or {})["verdict"]) == (State.ANSWERED, "valid")


def test_the_history_shows_it_and_lets_the_holder_follow_it_up(
    world: World, verifier: OpenId4Vp, holder: dict[str, str]
) -> None:
    preview = opened(world, holder, begin(verifier).link)
    world.client.post(f"/v1/wallet/requests/{preview['request_id']}/share", json={}, headers=holder)
    (record,) = world.client.get("/v1/wallet/history", headers=holder).json()["shown"]
    assert (record["name_zh"], record["purpose"]) == ("营业执照", "企业开户 Opening a company account")
    assert record["exchange"]["outcome"] == "shared"
    place = f"/v1/wallet/history/{record['presentation_id']}"
    asked = world.client.post(f"{place}/deletion", headers=holder)
    assert "示例银行" in asked.json()["text_zh"]
    told = world.client.post(f"{place}/report", json={"complaint": "misuse"}, headers=holder)
    assert told.status_code == 204
    (event,) = world.container.storage.audit.records_of(Subject.PARTY, preview["party"]["client_id"])
    assert (event.act, event.by.actor, event.details) == ("reported", "holder", {"complaint": "misuse"})
    (record,) = world.client.get("/v1/wallet/history", headers=holder).json()["shown"]
    assert [act for act, _ in record["exchange"]["afterwards"]] == ["deletion_asked", "reported"]


def test_a_holder_declines_and_the_bank_knows(world: World, verifier: OpenId4Vp, holder: dict[str, str]) -> None:
    begun = begin(verifier)
    preview = opened(world, holder, begun.link)
    done = world.client.post(f"/v1/wallet/requests/{preview['request_id']}/decline", headers=holder)
    assert done.json()["stage"] == "declined"
    ended = verifier.requests.transaction(begun.transaction.transaction_id)
    assert (ended.state, ended.error) == (State.DECLINED, "access_denied")
    (record,) = world.client.get("/v1/wallet/history", headers=holder).json()["shown"]
    assert record["exchange"]["outcome"] == "declined"


def test_the_request_is_in_a_picture(world: World, verifier: OpenId4Vp, holder: dict[str, str]) -> None:
    picture = drawing.png(begin(verifier).link)
    headers = holder | {"content-type": "image/png"}
    answer = world.client.post("/v1/wallet/requests", content=picture, headers=headers)
    assert answer.json()["party"]["name_zh"] == "示例银行"


def test_a_person_who_has_no_licence_is_told_what_is_missing(world: World, verifier: OpenId4Vp) -> None:
    person = world.token("holder", holder_id=world.person())
    preview = opened(world, person, begin(verifier).link)
    assert preview["answerable"] is False
    (certificate,) = preview["certificates"]
    assert certificate["types"] == [{"name_zh": "营业执照", "name_en": "Business Licence"}]
    refused = world.client.post(f"/v1/wallet/requests/{preview['request_id']}/share", json={}, headers=person)
    assert refused.json()["code"] == "presentation_choice_invalid"
    world.client.post(f"/v1/wallet/requests/{preview['request_id']}/decline", headers=person)
    (record,) = world.client.get("/v1/wallet/history", headers=person).json()["shown"]
    assert (record["name_zh"], record["labels"]) == ("", [])


def test_a_revoked_licence_is_not_offered(world: World, verifier: OpenId4Vp, holder: dict[str, str]) -> None:
    revoker = world.token("revoker", department="amr")
    body = {"legal_reason": "吊销", "officer": "O-1", "case_number": "1"}
    world.client.post(f"/v1/certificates/{world.licence()}/revoke", json=body, headers=revoker)
    assert opened(world, holder, begin(verifier).link)["answerable"] is False


def test_a_request_that_waits_takes_no_signatures(world: World, verifier: OpenId4Vp, holder: dict[str, str]) -> None:
    preview = opened(world, holder, begin(verifier).link)
    place = f"/v1/wallet/requests/{preview['request_id']}/signatures"
    refused = world.client.post(place, json={"signatures": {"licence.0": "AAAA"}}, headers=holder)
    assert (refused.status_code, refused.json()["code"]) == (410, "presentation_request_gone")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, None),
        ({"text": "x", "dc_api": {"protocol": "p", "data": {}, "origin": "o"}}, 422, None),
        ({"text": "hello"}, 422, "presentation_link_invalid"),
        ({"dc_api": {"protocol": "p", "data": {}, "origin": "https://b.example"}}, 422, "invalid_presentation_request"),
    ],
)
def test_what_is_no_request_is_refused(
    world: World, holder: dict[str, str], body: dict[str, Any], status: int, code: str | None
) -> None:
    answer = world.client.post("/v1/wallet/requests", json=body, headers=holder)
    assert answer.status_code == status
    assert code in (None, answer.json()["code"])


def test_an_entry_that_is_not_there_is_not_found(world: World, holder: dict[str, str]) -> None:
    answer = world.client.post("/v1/wallet/history/nothing/deletion", headers=holder)
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_history_record")
