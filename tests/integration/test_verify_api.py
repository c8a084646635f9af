"""A relying party by its key over the real application: asked, answered by a stranger's wallet, fetched, stated."""

import json
from base64 import b64decode
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.ecert_world import StillClock, World, make_home
from tests.support.parties import OPERATOR, water
from tests.support.stranger import Provider
from tests.support.stranger_vp import Presenter
from tests.support.stranger_world import licensed, stranger_world
from verifier.api import receipts
from verifier.parties.model import Access, Environment

OWN = "water.enterprise-account"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_home(tmp_path_factory.mktemp("asking"), StillClock())


@pytest.fixture
def world(home: Path, tmp_path: Path, provider: Provider) -> Iterator[World]:
    with stranger_world(home, tmp_path, provider) as made:
        party = water(purposes=frozenset({OWN, "water.account-opening"}))
        made.container.storage.parties.add(party, by=OPERATOR, now=made.clock())
        yield made


@pytest.fixture
def wallet(world: World, provider: Provider) -> Presenter:
    """A wallet that has fetched a licence over OpenID4VCI."""
    return licensed(world, provider)


class Bank:
    """A relying party with one of its keys."""

    def __init__(self, world: World, environment: str = "live", purposes: frozenset[str] | None = None) -> None:
        now = world.clock()
        access = Access("water", Environment(environment), purposes)
        key, _ = world.container.storage.party_keys.issue(access, now=now, expires_at=now + timedelta(days=90))
        self.world = world
        self.headers = {"Authorization": f"Bearer {key}"}

    def get(self, path: str, **more: Any) -> Any:
        headers = self.headers | more.pop("headers", {})
        return self.world.client.get(path, headers=headers, **more)

    def post(self, path: str, body: Any, **headers: str) -> Any:
        return self.world.client.post(path, json=body, headers=self.headers | headers)

    def ask(self, **more: Any) -> dict[str, Any]:
        answer = self.post("/v1/verifications", {"purpose": OWN, "reference": "order-17"} | more)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made


@pytest.fixture
def bank(world: World) -> Bank:
    return Bank(world)


def shared(wallet: Presenter, link: str) -> Any:
    request = wallet.fetch(link)
    return wallet.answer(request, vp_token=wallet.present(request))


def test_a_holder_is_asked_and_the_result_is_fetched_with_its_claims(bank: Bank, wallet: Presenter) -> None:
    made = bank.ask()
    assert made["status"] == "waiting"
    assert b64decode(made["qr"]["svg"].partition(",")[2]).startswith(b"<svg")
    assert shared(wallet, made["link"]).status_code == 200
    found = bank.get(f"/v1/verifications/{made['id']}").json()
    assert (found["status"], found["verdict"], found["reference"]) == ("answered", "valid", "order-17")
    assert [each["check"] for each in found["result"]["checks"]] == [
        "format", "signature", "trust", "entitlement", "type", "validity", "status", "holder", "request_match",
    ]  # fmt: skip
    claims = found["result"]["credentials"][0]["claims"]
    assert claims["address"]
    assert "legal_representative" not in claims


def test_claims_are_there_for_ten_minutes_after_they_were_fetched(bank: Bank, wallet: Presenter, world: World) -> None:
    made = bank.ask()
    shared(wallet, made["link"])
    path = f"/v1/verifications/{made['id']}"
    for minutes, kept in ((0, True), (9, True), (2, False)):
        world.clock.forward(minutes=minutes)
        found = bank.get(path).json()["result"]
        assert (bool(found["credentials"]), found["verdict"]) == (kept, "valid")
    world.container.storage.verifications.sweep(now=world.clock())
    assert bank.get(path).json()["result"]["checks"]


def test_claims_that_nobody_fetches_are_gone_after_a_day(bank: Bank, wallet: Presenter, world: World) -> None:
    made = bank.ask()
    shared(wallet, made["link"])
    world.clock.forward(hours=24)
    assert bank.get(f"/v1/verifications/{made['id']}").json()["result"]["credentials"] == []


def test_a_query_within_the_purpose_is_asked(bank: Bank, wallet: Presenter) -> None:
    allowed = wallet.fetch(bank.ask()["link"])["dcql_query"]
    narrower = json.loads(json.dumps(allowed))
    narrower["credentials"][0]["claims"] = narrower["credentials"][0]["claims"][:1]
    asked = wallet.fetch(bank.ask(query=narrower)["link"])["dcql_query"]
    assert len(asked["credentials"][0]["claims"]) == 1


def test_more_than_the_purpose_is_refused(bank: Bank, wallet: Presenter) -> None:
    allowed = wallet.fetch(bank.ask()["link"])["dcql_query"]
    allowed["credentials"][0]["claims"].append({"path": ["legal_representative"]})
    answer = bank.post("/v1/verifications", {"purpose": OWN, "query": allowed})
    assert (answer.status_code, answer.json()["code"]) == (403, "over_asking")


@pytest.mark.parametrize("purpose", ["water.transfer", "water.account-opening", "nothing"])
def test_a_purpose_that_the_party_or_its_key_does_not_have_is_refused(world: World, purpose: str) -> None:
    answer = Bank(world, purposes=frozenset({OWN})).post("/v1/verifications", {"purpose": purpose})
    assert (answer.status_code, answer.json()["code"]) == (403, "purpose_not_allowed")


def test_a_presentation_that_does_not_hold_is_seen_as_invalid(bank: Bank, wallet: Presenter) -> None:
    made = bank.ask()
    request = wallet.fetch(made["link"])
    refused = wallet.answer(request, vp_token=wallet.present(request, nonce="another"))
    assert refused.status_code == 400
    found = bank.get(f"/v1/verifications/{made['id']}").json()
    assert (found["status"], found["verdict"], found["result"]["credentials"]) == ("answered", "invalid", [])


def test_a_holder_may_decline(bank: Bank, wallet: Presenter) -> None:
    made = bank.ask()
    wallet.answer(wallet.fetch(made["link"]), error="access_denied")
    found = bank.get(f"/v1/verifications/{made['id']}").json()
    assert (found["status"], found["verdict"], found["result"]) == ("declined", None, None)


def test_what_nobody_answers_expires(bank: Bank, world: World) -> None:
    made = bank.ask()
    world.clock.forward(minutes=6)
    assert bank.get(f"/v1/verifications/{made['id']}").json()["status"] == "expired"
    assert bank.get(f"/v1/verifications/{made['id']}/qr.png").json()["code"] == "transaction_not_waiting"


def test_a_picture_of_the_link_is_there_while_it_waits(bank: Bank) -> None:
    made = bank.ask()
    path = made["qr"]["png"].removeprefix(bank.world.container.installation.public_url)
    answer = bank.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert answer.content.startswith(b"\x89PNG")


def test_test_and_live_do_not_see_each_other(world: World, bank: Bank) -> None:
    made, test = bank.ask(), Bank(world, "test")
    assert test.get(f"/v1/verifications/{made['id']}").json()["code"] == "unknown_verification"
    assert test.get("/v1/verifications").json()["verifications"] == []
    assert [each["id"] for each in bank.get("/v1/verifications").json()["verifications"]] == [made["id"]]


def test_a_key_for_one_purpose_does_not_see_what_was_asked_for_another(world: World, bank: Bank) -> None:
    made = bank.ask()
    other = Bank(world, purposes=frozenset({"water.account-opening"}))
    assert other.get(f"/v1/verifications/{made['id']}").status_code == 404


def test_unsigned_requests_are_for_the_test_environment(world: World, bank: Bank) -> None:
    assert bank.post("/v1/verifications", {"purpose": OWN, "unsigned": True}).status_code == 422
    made = Bank(world, "test").ask(unsigned=True)
    assert "redirect_uri%3A" in made["link"]


def test_the_same_idempotency_key_asks_once(bank: Bank) -> None:
    key = {"Idempotency-Key": "order-17-first-try"}
    first = bank.post("/v1/verifications", {"purpose": OWN}, **key)
    again = bank.post("/v1/verifications", {"purpose": OWN}, **key)
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert bank.post("/v1/verifications", {"purpose": OWN, "reference": "x"}, **key).status_code == 422
    assert len(bank.get("/v1/verifications").json()["verifications"]) == 1


def test_pages_are_walked_by_their_cursors(bank: Bank) -> None:
    made = [bank.ask(reference=f"order-{number}")["reference"] for number in range(3)]
    first = bank.get("/v1/verifications?limit=2").json()
    second = bank.get(f"/v1/verifications?limit=2&cursor={first['next_cursor']}").json()
    found = [each["reference"] for page in (first, second) for each in page["verifications"]]
    assert (found, second["next_cursor"]) == (made[::-1], None)
    assert len(bank.get("/v1/verifications?reference=order-1").json()["verifications"]) == 1


@pytest.mark.parametrize("cursor", ["!", "AAAA", ""])
def test_a_cursor_of_somebodys_own_making_is_refused(bank: Bank, cursor: str) -> None:
    answer = bank.get(f"/v1/verifications?cursor={cursor}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_cursor")


def test_on_the_same_device_the_result_is_for_the_browser_that_began(bank: Bank, wallet: Presenter) -> None:
    made = bank.ask(flow="same_device", return_uri="https://water.example/back")
    path = f"/v1/verifications/{made['id']}"
    back = shared(wallet, made["link"]).json()["redirect_uri"]
    code = back.partition("response_code=")[2]
    assert back.startswith("https://water.example/back?")
    assert bank.get(path).json()["result"] is None
    assert bank.get(path).json()["verdict"] is None
    session = {"Verification-Session": made["session"]}
    for address, headers in (
        (path, session),
        (f"{path}?response_code={code}", {}),
        (f"{path}?response_code={code}", {"Verification-Session": "another"}),
        (f"{path}?response_code=another", session),
    ):
        assert bank.get(address, headers=headers).json()["code"] == "result_not_released"
    found = bank.get(f"{path}?response_code={code}", headers=session).json()
    assert found["result"]["credentials"]


def test_a_browser_is_sent_only_where_the_party_registered(bank: Bank) -> None:
    body = {"purpose": OWN, "flow": "same_device", "return_uri": "https://elsewhere.example/"}
    assert bank.post("/v1/verifications", body).json()["code"] == "return_uri_not_allowed"


def test_a_receipt_states_what_was_checked_and_nobodys_data(bank: Bank, wallet: Presenter, world: World) -> None:
    made = bank.ask()
    assert bank.get(f"/v1/verifications/{made['id']}/receipt").json()["code"] == "no_receipt"
    request = wallet.fetch(made["link"])
    token = wallet.present(request)
    wallet.answer(request, vp_token=token)
    answer = bank.get(f"/v1/verifications/{made['id']}/receipt")
    assert answer.headers["content-type"] == "application/jwt"
    receipt = receipts.read(answer.text, world.container.installation.anchor)
    assert (receipt.verdict, receipt.claims["jti"]) == ("valid", made["id"])
    assert receipt.claims["basis"]["status_lists"][0]["uri"].startswith("http")
    (shown,) = next(iter(token.values()))
    assert receipt.names(shown)
    assert not receipt.names(shown + "x")
    address = bank.get(f"/v1/verifications/{made['id']}").json()["result"]["credentials"][0]["claims"]["address"]
    assert address not in json.dumps(receipt.claims, ensure_ascii=False)


def test_a_webhook_is_told_without_claims_and_signed(bank: Bank, wallet: Presenter, world: World) -> None:
    hook = bank.post("/v1/webhooks", {"url": "https://water.example/hooks"}).json()
    assert "secret" not in bank.get("/v1/webhooks").json()["webhooks"][0]
    made = bank.ask()
    shared(wallet, made["link"])
    (found,) = bank.get("/v1/webhooks/deliveries").json()["deliveries"]
    assert (found["event"], found["state"], found["verification"]) == ("verification.valid", "waiting", made["id"])
    now = world.clock()
    (sending,) = world.container.storage.webhooks.claim(now=now, until=now, limit=5)
    address = bank.get(f"/v1/verifications/{made['id']}").json()["result"]["credentials"][0]["claims"]["address"]
    said = json.loads(sending.body)
    assert address not in sending.body.decode()
    assert (said["type"], said["data"]["verdict"], len(said["data"]["checks"])) == ("verification.valid", "valid", 9)
    secret = b64decode(hook["secret"].removeprefix("whsec_"))
    assert sending.secret == secret


def test_a_presentation_in_hand_has_a_result_and_a_receipt(bank: Bank, world: World) -> None:
    holder = world.token("holder", holder_id=world.enterprise())
    choice = {"type_id": "business_licence", "fields": ["address"], "purpose": "开户"}
    text = world.client.post("/v1/wallet/qr", json=choice, headers=holder).json()["text"]
    answer = bank.post("/v1/verifications/present", {"text": text}).json()
    assert answer["verdict"] == answer["result"]["verdict"] == "valid"
    assert len(answer["result"]["checks"]) == 9
    found = bank.get(f"/v1/verifications/{answer['id']}").json()
    assert (found["flow"], found["purpose"], found["result"]["credentials"]) == ("in_hand", None, [])
    receipt = receipts.read(
        bank.get(f"/v1/verifications/{answer['id']}/receipt").text, world.container.installation.anchor
    )
    assert receipt.names(text)
    again = bank.post("/v1/verifications/present", {"text": text}).json()
    assert again["result"]["verdict"] == "invalid"


def test_a_presentation_in_hand_is_compared_with_its_purpose(bank: Bank, world: World) -> None:
    holder = world.token("holder", holder_id=world.enterprise())
    states = {}
    for purpose, fields in ((OWN, ["address", "name"]), ("water.account-opening", ["address"])):
        choice = {"type_id": "business_licence", "fields": fields, "purpose": "开户"}
        text = world.client.post("/v1/wallet/qr", json=choice, headers=holder).json()["text"]
        checks = bank.post("/v1/verifications/present", {"text": text, "purpose": purpose}).json()["result"]["checks"]
        states[purpose] = checks[-1]["code"]
    assert states["water.account-opening"] == "mismatch"
    answer = bank.post("/v1/verifications/present", {"text": "x", "purpose": "water.transfer"})
    assert answer.json()["code"] == "purpose_not_allowed"


def test_a_counters_answer_stays_as_it_is(world: World) -> None:
    answer = world.client.post("/v1/verifications/present", json={"text": "x"}, headers=world.token("counter"))
    assert {"id", "result"}.isdisjoint(answer.json())


def test_a_relying_partys_token_without_a_party_asks_nothing(world: World) -> None:
    answer = world.client.get("/v1/verifications", headers=world.token("relying_party"))
    assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")


def test_webhooks_are_kept_within_their_environment(world: World, bank: Bank) -> None:
    made = bank.post("/v1/webhooks", {"url": "https://water.example/a", "events": ["verification.valid"]}).json()
    assert Bank(world, "test").get("/v1/webhooks").json()["webhooks"] == []
    path = f"/v1/webhooks/{made['id']}"
    assert world.client.request("DELETE", path, headers=Bank(world, "test").headers).status_code == 404
    assert world.client.request("DELETE", path, headers=bank.headers).status_code == 204
    assert bank.post("/v1/webhooks/deliveries/none/replay", {}).json()["code"] == "unknown_webhook"


@pytest.mark.parametrize(
    "flaw",
    [
        {"url": "http://water.example/"},
        {"url": "https://user@water.example/"},
        {"url": "https://water.example:0/"},
        {"url": "https://water.example:x/"},
        {"url": "https:///hooks"},
        {"events": ["verification.everything"]},
        {"events": ["verification.valid", "verification.valid"]},
    ],
)
def test_a_webhook_with_one_flaw_is_refused(bank: Bank, flaw: dict[str, Any]) -> None:
    answer = bank.post("/v1/webhooks", {"url": "https://water.example/a"} | flaw)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_webhook")


def test_a_delivery_is_sent_again_when_its_relying_party_wants_it(bank: Bank, wallet: Presenter, world: World) -> None:
    bank.post("/v1/webhooks", {"url": "https://water.example/hooks"})
    shared(wallet, bank.ask()["link"])
    (found,) = bank.get("/v1/webhooks/deliveries").json()["deliveries"]
    path = f"/v1/webhooks/deliveries/{found['id']}/replay"
    answer = bank.post(path, {})
    assert (answer.status_code, answer.json()) == (202, {"id": found["id"], "state": "waiting"})
    assert Bank(world, "test").post(path, {}).json()["code"] == "unknown_webhook"


def test_what_a_browser_returned_is_for_a_verification_of_ones_own(bank: Bank, world: World) -> None:
    made = bank.ask(flow="dc_api", origin="https://water.example")
    path = f"/v1/verifications/{made['id']}/response"
    other = Bank(world, "test").post(path, {"data": {"response": "x"}})
    assert (other.status_code, other.json()["code"]) == (404, "unknown_verification")
    assert bank.post(path, {"data": {"response": "x"}}).status_code == 400


def test_a_browser_s_answer_ends_the_verification(bank: Bank) -> None:
    """A wallet that declines says so in the clear, over the DC API too."""
    made = bank.ask(flow="dc_api", origin="https://water.example")
    answer = bank.post(f"/v1/verifications/{made['id']}/response", {"data": {"error": "access_denied"}})
    assert (answer.status_code, answer.json()["status"]) == (200, "declined")


def test_the_page_after_an_answer_is_the_same_for_everybody(world: World) -> None:
    page = world.client.get("/openid4vp/done")
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["content-type"] == "text/html; charset=utf-8"
