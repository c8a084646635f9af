"""An agent at a counter and before a relying party: the row, the sentence, the purpose, recalls, and what is kept."""

import hashlib
import io
import json
import logging
from datetime import timedelta
from typing import Any

import pytest

from ecert.http.adapters import Sources
from ecert.http.observe import JsonLines
from ecert.pack import PackBuilder
from keys.encoding import b64url_text
from schemas.qr.text import Reference
from tests.support.agents import NAME, OWN, URI, Recalls, showing
from tests.support.ecert_world import World
from tests.support.parties import OPERATOR, water
from verifier import Policy, open_pack
from verifier.api import receipts
from verifier.evidence import StatusEvidence
from verifier.judging import judge
from verifier.parties.model import Access, Environment

PATH = "/v1/verifications/present"


@pytest.fixture
def recalls(world: World, monkeypatch: pytest.MonkeyPatch) -> Recalls:
    made = Recalls(world)
    monkeypatch.setattr(world.container.packs, "_recalls", made)
    return made


@pytest.fixture
def counter(world: World, recalls: Recalls) -> dict[str, str]:
    del recalls
    return world.token("counter")


@pytest.fixture
def party(world: World, recalls: Recalls) -> dict[str, str]:
    """The key of a relying party with two purposes."""
    del recalls
    now = world.clock()
    world.container.storage.parties.add(water(purposes=frozenset({OWN, "water.account-opening"})), by=OPERATOR, now=now)
    access = Access("water", Environment("live"), None)
    key, _ = world.container.storage.party_keys.issue(access, now=now, expires_at=now + timedelta(days=90))
    return {"Authorization": f"Bearer {key}"}


def judged(world: World, text: str, header: dict[str, str], **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = world.client.post(PATH, json={"text": text} | more, headers=header).json()
    return made


def row(report: dict[str, Any]) -> tuple[str, str]:
    found = report["checks"][-1]
    assert found["code"] == "delegation"
    assert found["label_zh"] == "授权用证"
    return found["outcome"], found["reason"]


def test_a_counter_is_told_who_stands_there_for_whom(world: World, counter: dict[str, str]) -> None:
    report = judged(world, showing(world).shown(), counter, purpose="窗口办事")
    assert (report["verdict"], row(report)) == ("valid", ("passed", "delegation_valid"))
    assert len(report["checks"]) == 10
    said = report["delegation"]
    assert (said["agent_name"], said["relation_zh"], said["purposes"]) == (NAME, "代理人", [OWN])
    assert said["sentence_zh"].startswith(f"{NAME}（代理人）代 持证人 用证，至 2026-04-01 17:41：")
    assert said["sentence_en"].startswith(f"{NAME} (agent) for the holder, until 2026-04-01 17:41: ")
    assert {claim["name"] for claim in report["claims"]} & {"address", "legal_representative"} == {"address"}


def test_a_holders_answer_has_no_such_row(world: World, counter: dict[str, str]) -> None:
    holder = world.token("holder", holder_id=world.enterprise())
    choice = {"type_id": "business_licence", "fields": ["address"], "purpose": "窗口办事"}
    text = world.client.post("/v1/wallet/qr", json=choice, headers=holder).json()["text"]
    report = judged(world, text, counter)
    assert (report["verdict"], len(report["checks"]), "delegation" in report) == ("valid", 9, False)


def test_a_reference_that_an_agent_shows_is_fetched_and_judged(world: World, counter: dict[str, str]) -> None:
    reference = Reference("AAECAwQFBgcICQoLDA0ODw")
    digest = b64url_text(hashlib.sha256(reference.token.encode()).digest())
    until = world.clock() + timedelta(minutes=1)
    world.container.storage.wallets.add_reference(digest, showing(world).shown(), until)
    report = judged(world, reference.text, counter)
    assert (report["verdict"], row(report)) == ("valid", ("passed", "delegation_valid"))


def test_what_an_agent_shows_is_not_taken_twice(world: World, counter: dict[str, str]) -> None:
    text = showing(world).shown()
    judged(world, text, counter)
    again = judged(world, text, counter)
    assert (again["verdict"], row(again)) == ("invalid", ("failed", "presentation_replayed"))
    assert "delegation" not in again
    assert NAME not in json.dumps(again, ensure_ascii=False)


def test_another_worker_has_seen_it(world: World, counter: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    async def known(self: Sources, digest: str) -> bool:
        return False

    monkeypatch.setattr(Sources, "remember", known)
    assert row(judged(world, showing(world).shown(), counter)) == ("failed", "presentation_replayed")


def test_a_recall_is_seen_with_the_next_evidence(world: World, counter: dict[str, str], recalls: Recalls) -> None:
    assert judged(world, showing(world).shown(), counter)["verdict"] == "valid"
    recalls.recalled[7] = 1
    world.container.evidence.invalidate()
    report = judged(world, showing(world, nonce="n2").shown(), counter)
    assert (report["verdict"], row(report)) == ("invalid", ("failed", "delegation_recalled"))
    assert report["claims"] == []


def test_without_the_list_it_stays_open(world: World) -> None:
    report = judged(world, showing(world).shown(), world.token("counter"))
    assert (report["verdict"], row(report)) == ("indeterminate", ("unknown", "delegation_status_unknown"))
    assert "delegation" not in report


@pytest.mark.parametrize(("purpose", "reason"), [(OWN, "delegation_valid"), ("bank.loan", "delegation_other_purpose")])
def test_a_counter_that_names_a_purpose_by_its_id_is_heeded(
    world: World, counter: dict[str, str], purpose: str, reason: str
) -> None:
    assert row(judged(world, showing(world).shown(), counter, purpose=purpose))[1] == reason


def test_a_relying_party_hears_it_as_a_check_and_in_the_receipt(world: World, party: dict[str, str]) -> None:
    text = showing(world, fields=("address", "name", "unified_social_credit_code")).shown()
    answer = judged(world, text, party, purpose=OWN)
    states = {each["check"]: (each["state"], each["code"]) for each in answer["result"]["checks"]}
    assert answer["result"]["verdict"] == "valid"
    assert states["delegation"] == ("passed", "delegation_valid")
    assert states["holder"] == ("skipped", "by_delegation")
    assert states["request_match"] == ("passed", "request_matched")
    assert answer["delegation"]["agent_name"] == NAME
    assert answer["result"]["credentials"]
    path = f"/v1/verifications/{answer['id']}"
    kept = world.client.get(path, headers=party)
    receipt = receipts.read(
        world.client.get(f"{path}/receipt", headers=party).text, world.container.installation.anchor
    )
    assert receipt.names(text)
    assert receipt.claims["checks"][-1] == {"check": "delegation", "state": "passed", "code": "delegation_valid"}
    assert URI in [each["uri"] for each in receipt.claims["basis"]["status_lists"]]
    assert NAME not in kept.text + json.dumps(receipt.claims, ensure_ascii=False)


def test_a_relying_partys_purpose_is_one_of_the_delegations(world: World, party: dict[str, str]) -> None:
    answer = judged(world, showing(world).shown(), party, purpose="water.account-opening")
    assert (answer["verdict"], row(answer)) == ("invalid", ("failed", "delegation_other_purpose"))
    assert answer["result"]["verdict"] == "invalid"
    assert "delegation" not in answer


def test_a_relying_party_that_names_no_purpose_reads_them(world: World, party: dict[str, str]) -> None:
    answer = judged(world, showing(world).shown(), party)
    assert (answer["verdict"], answer["delegation"]["purposes"]) == ("valid", [OWN])


def test_neither_name_nor_text_stands_in_the_log(
    world: World, counter: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    monkeypatch.setattr(logging.getLogger(), "handlers", [handler])
    text = showing(world).shown()
    judged(world, text, counter)
    assert NAME not in stream.getvalue()
    assert text[:40] not in stream.getvalue()


# Where the lists come from


def test_a_pack_has_the_recall_lists(world: World, counter: dict[str, str], recalls: Recalls) -> None:
    recalls.recalled[7] = 1
    text = world.client.get("/v1/pack", headers=counter).text
    pack = open_pack(text, anchor=world.container.installation.anchor, now=world.clock())
    found = pack.recall_lists[URI]
    assert isinstance(found, StatusEvidence)
    assert (found.statuses[7], found.statuses[8]) == (1, 0)  # type: ignore[index]


def test_a_recall_list_is_opened_once_for_each_token(world: World, counter: dict[str, str], recalls: Recalls) -> None:
    first = world.container.evidence.gather().recall_lists[URI]
    assert isinstance(first, StatusEvidence)
    assert recalls.asked == 1
    fixed = recalls.tokens()
    recalls.tokens = lambda: fixed  # type: ignore[method-assign]
    one, other = (world.container.evidence.gather().recall_lists[URI] for _ in range(2))
    assert one is other


def test_an_installation_without_delegations_has_none(world: World) -> None:
    container = world.container
    assert container.evidence.gather().recall_lists == {}
    builder = PackBuilder(container.installation, container.trust, container.storage.ledger)
    pack = open_pack(builder.build().text, anchor=container.installation.anchor, now=world.clock())
    assert pack.recall_lists == {}


# Given, shown and recalled over HTTP


BASE = "/v1/wallet/delegations"
PERSON = {"code_type": "111", "code": "440799199505050015", "name": NAME}


@pytest.fixture
def lent(world: World) -> tuple[dict[str, str], dict[str, str], str]:
    """The enterprise and its agent as callers, and the path of what was given."""
    holder = world.container.wallet.holders.resolve(*PERSON.values())
    agent = world.token("holder", holder_id=holder.holder_id)
    enterprise = world.token("holder", holder_id=world.enterprise())
    until = (world.clock() + timedelta(days=30)).isoformat()
    body = {"type_id": "business_licence", "fields": ["address"], "agent": PERSON, "purposes": [OWN], "until": until}
    given = world.client.post(BASE, json=body, headers=enterprise).json()
    return enterprise, agent, f"{BASE}/{given['delegation_id']}"


def test_what_an_agents_wallet_shows_is_taken_at_a_counter(world: World, lent: Any) -> None:
    _, agent, path = lent
    code = world.client.post(f"{path}/qr", json={"purpose": OWN, "image": "png"}, headers=agent).json()
    header = world.token("counter")
    report = world.client.post(PATH, json={"frames": code["frames"], "purpose": OWN}, headers=header).json()
    assert (report["verdict"], row(report)) == ("valid", ("passed", "delegation_valid"))
    assert report["delegation"]["sentence_zh"].startswith(f"{NAME}（代理人）代 持证人 用证，至 ")


def test_a_recall_reaches_the_counter_and_the_pack_at_once(world: World, lent: Any) -> None:
    enterprise, agent, path = lent
    use = {"nonce": "n-1", "audience": "urn:ecert:counter", "purpose": OWN}
    shown = [
        world.client.post(f"{path}/presentations", json=use | {"nonce": nonce}, headers=agent).json()["presentation"]
        for nonce in ("n-1", "n-2", "n-3")
    ]
    header = world.token("counter")
    assert judged(world, shown[0], header)["verdict"] == "valid"
    assert world.client.post(f"{path}/recall", headers=enterprise).json()["state"] == "recalled"
    report = judged(world, shown[1], header)
    assert (report["verdict"], row(report)) == ("invalid", ("failed", "delegation_recalled"))
    container = world.container
    pack = open_pack(container.packs.build().text, anchor=container.installation.anchor, now=world.clock())
    offline = judge(shown[2], policy=Policy(accepted_types=None), evidence=pack.evidence(), now=world.clock())
    assert offline.report.check("delegation").reason == "delegation_recalled"
