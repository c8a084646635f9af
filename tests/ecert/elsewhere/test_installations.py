"""Two installations: one issues, the other trusts its issuers and verifies online what it never saw before."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from ecert.bulk import bulk_of
from ecert.http.app import create_app
from keys import strict_json
from keys.trust import write_entries
from schemas.formats.bitstring_credential import PURPOSES, BitstringList
from schemas.formats.status_answer import purpose_uri
from schemas.order import HolderId
from tests.support.ecert_world import StillClock, World, world_in
from tests.support.parties import OPERATOR, water
from verifier.evidence import StatusEvidence
from verifier.parties.model import Access, Environment
from wallet_api.openid4vci.ports import HttpRequest, HttpResponse

DECISION = {
    "legal_reason": "《中华人民共和国市场主体登记管理条例》第四十六条，撤销",
    "officer": "王五",
    "case_number": "江市监〔2026〕1号",
}
CHOICE = {"type_id": "business_licence", "fields": ["address"], "purpose": "窗口办事"}


class Way:
    """The way from one installation to the other, in memory; ``broken`` lets nothing through."""

    def __init__(self, there: World) -> None:
        self.app, self.broken = there.client.app, False
        self.asked: list[str] = []

    async def send(self, request: HttpRequest) -> HttpResponse:
        self.asked.append(request.url)
        if self.broken:
            return HttpResponse(503)
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport) as client:
            answer = await client.get(request.url, headers=dict(request.headers))
        return HttpResponse(answer.status_code, dict(answer.headers), answer.content)


class Pair:
    """Both, with one clock; ``here`` knows the other's issuers and nothing else of it."""

    def __init__(self, here: World, there: World, clock: StillClock) -> None:
        self.here, self.there, self.clock = here, there, clock
        self.way = Way(there)
        assert here.container.evidence._elsewhere is not None
        here.container.evidence._elsewhere._fetcher._http = self.way
        container = here.container
        container.storage.parties.add(water(), by=OPERATOR, now=clock())
        access = Access("water", Environment.LIVE)
        key, _ = container.storage.party_keys.issue(access, now=clock(), expires_at=clock() + timedelta(days=90))
        self.bearer = {"Authorization": f"Bearer {key}"}

    def shown(self, holder: HolderId | None = None, **choice: Any) -> str:
        header = self.there.token("holder", holder_id=holder or self.there.enterprise())
        code = self.there.client.post("/v1/wallet/qr", json=CHOICE | choice, headers=header).json()
        return str(code["text"])

    def verified(self, text: str) -> dict[str, Any]:
        answer = self.here.client.post("/v1/verifications/present", json={"text": text}, headers=self.bearer)
        assert answer.status_code == 200, answer.text
        made: dict[str, Any] = answer.json()
        return made

    def status(self, text: str) -> dict[str, Any]:
        report = self.verified(text)
        return next(row for row in report["checks"] if row["code"] == "status")

    def revoke(self) -> None:
        there = self.there
        header = there.token("revoker", department="amr")
        answer = there.client.post(f"/v1/certificates/{there.licence()}/revoke", json=DECISION, headers=header)
        assert answer.status_code == 200, answer.text
        self.way.app = create_app(there.container, watch=False)  # the other one serves a document for two real seconds

    def forward(self, **much: float) -> None:
        self.clock.forward(**much)
        self.here.container.evidence.invalidate()  # what is kept for two seconds is kept by the real clock


@pytest.fixture
def pair(world: World, clock: StillClock, tmp_path: Path) -> Iterator[Pair]:
    issuers = tmp_path / "issuers.json"
    issuers.write_bytes(strict_json.dumps(write_entries(world.container.trust.own_entries())))
    variables = {"PUBLIC_URL": "https://here.example", "TRUSTED_ISSUERS": str(issuers)}
    with world_in(tmp_path / "here", clock, **variables) as here:
        world.container.publish_due()
        yield Pair(here, world, clock)


def test_a_certificate_of_an_issuer_elsewhere_is_valid_with_the_age_of_its_list(pair: Pair) -> None:
    pair.forward(seconds=30)
    report = pair.verified(pair.shown())
    assert report["verdict"] == "valid", report["checks"]
    status = next(row for row in report["checks"] if row["code"] == "status")
    assert status["facts"]["list"] == pair.way.asked[0]
    assert status["facts"]["age_seconds"] >= 30
    assert report["status_age_seconds"] == status["facts"]["age_seconds"]
    assert len(pair.way.asked) == 1


def test_many_verifications_fetch_the_list_once(pair: Pair) -> None:
    for _ in range(3):
        assert pair.status(pair.shown())["reason"] == "status_valid"
        pair.forward(seconds=1)
    assert len(pair.way.asked) == 1


def test_a_revocation_elsewhere_is_seen_within_the_hour(pair: Pair) -> None:
    assert pair.status(pair.shown())["reason"] == "status_valid"
    before = pair.shown()
    pair.revoke()
    assert pair.status(before)["reason"] == "status_valid", "the list of a moment ago is still good"
    pair.forward(hours=1)
    assert pair.status(pair.shown())["reason"] == "revoked"


def test_when_the_other_server_is_away_the_status_is_unknown_and_says_why(pair: Pair) -> None:
    pair.way.broken = True
    report = pair.verified(pair.shown())
    status = next(row for row in report["checks"] if row["code"] == "status")
    assert (report["verdict"], status["reason"]) == ("indeterminate", "status_list_not_fetched")
    assert (status["facts"]["because"], status["reason_zh"]) == ("refused", "暂时取不到状态名单，请稍后再试")
    assert report["claims"] == []
    pair.way.broken = False
    pair.forward(seconds=30)
    assert pair.status(pair.shown())["reason"] == "status_valid"


def test_a_text_that_nobody_signed_leads_to_no_fetch(pair: Pair) -> None:
    text = pair.shown()
    report = pair.verified(text[:-8] + ("AAAAAAAA" if text[-8:] != "AAAAAAAA" else "BBBBBBBB"))
    assert (report["verdict"], pair.way.asked) == ("invalid", [])


def test_batches_and_watches_know_the_list_as_well(pair: Pair) -> None:
    client = pair.here.client
    kept = pair.verified(pair.shown())["id"]
    asked = client.post("/v1/watches", json={"verification": kept}, headers=pair.bearer)
    assert (asked.status_code, asked.json()["watches"][0]["value"]) == (201, 0), asked.text
    items = {"items": [{"id": "again", "verification": kept}]}
    pair.revoke()
    pair.forward(hours=1)
    made = client.post("/v1/batches", json=items, headers=pair.bearer)
    assert made.status_code == 202, made.text
    bulk = bulk_of(pair.here.container)
    while bulk.worker.run_due():
        pass
    results = client.get(f"/v1/batches/{made.json()['id']}/results", headers=pair.bearer).json()
    assert [row["code"] for each in results["results"] for row in each["checks"]] == ["in_force", "revoked"]
    assert bulk.watches.look() == 1
    assert len(pair.way.asked) == 2


def test_an_installation_that_is_told_not_to_fetch_does_not(pair: Pair, clock: StillClock, tmp_path: Path) -> None:
    variables = {"TRUSTED_ISSUERS": str(tmp_path / "issuers.json"), "FETCH_STATUS_LISTS": "no"}
    text = pair.shown()
    with world_in(tmp_path / "here", clock, PUBLIC_URL="https://here.example", **variables) as closed:
        assert closed.container.evidence._elsewhere is None
        asyncio.run(closed.container.evidence.fetch(["https://there.example/1"]))
        pair.here = closed
        assert pair.status(text)["reason"] == "status_list_missing"
    assert pair.way.asked == []


def test_a_bitstring_of_each_purpose_is_had_in_the_same_way(pair: Pair) -> None:
    """As the formats of the W3C refer to: the same statuses as credentials, below the token's address."""
    pair.status(pair.shown())
    base = pair.way.asked[0]
    uris = [purpose_uri(base, purpose) for purpose in PURPOSES]
    lists = pair.here.container.evidence.evidence(uris).status_lists
    for uri in uris:
        found = lists[uri]
        assert isinstance(found, StatusEvidence), found
        assert isinstance(found.statuses, BitstringList)
        assert found.ttl == 3_600
