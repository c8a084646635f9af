"""Our wallet receives from our issuers over the real application, in memory, by the protocol that a stranger speaks."""

import asyncio
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from ecert.http import upkeep
from ecert.identity.unsafe import UnsafeIdentityWarning
from ecert.protocol_http import ProtocolHttp
from ecert.receiving import WalletReceiving
from ecert.storage.errors import StorageError
from issuer.openid4vci.credentials.encryption import EncryptedMessages
from issuer.orders.offers import Flow, TxWish
from keys.encoding import b64url_text
from schemas.order import HolderId, Identifier
from schemas.qr import drawing
from tests.support.ecert_world import StillClock, World, make_home, world_in
from tests.support.office import KIND, Office
from wallet_api.openid4vci.ports import HttpRequest, HttpResponse
from wallet_api.openid4vci.sources import Source
from wallet_api.selection import lineage_of

CONFIGURATION = f"{KIND}.dc+sd-jwt"
Sent = list[tuple[HttpRequest, HttpResponse]]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_home(tmp_path_factory.mktemp("receiving"), StillClock())


@pytest.fixture
def world(home: Path, tmp_path: Path) -> Iterator[World]:
    copy = shutil.copytree(home, tmp_path / "home")
    with pytest.warns(UnsafeIdentityWarning), world_in(copy, StillClock(), UNSAFE_IDENTITY="yes") as made:
        yield made


class Citizen:
    """Somebody with a wallet, who knows no more than what its routes say."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.receiving = WalletReceiving(world.container)
        self.receiving.http.serve(world.client.app)
        self.holder_id: HolderId = world.enterprise()
        self.header = world.token("holder", holder_id=self.holder_id)

    def post(self, path: str, body: Any = None, *, status: int = 200) -> Any:
        answer = self.world.client.post(path, json={} if body is None else body, headers=self.header)
        assert answer.status_code == status, answer.text
        return answer.json()

    def open(self, link: str) -> Any:
        return self.post("/v1/wallet/offers", {"text": link})

    def accept(self, preview: Any, **choice: Any) -> Any:
        return self.post(f"/v1/wallet/offers/{preview['offer_id']}/accept", choice)

    def sources(self) -> list[Source]:
        return list(self.world.container.storage.receivings.of_holder(self.holder_id))

    def held(self) -> list[str]:
        mine = self.world.container.storage.wallets.holdings(self.holder_id)
        return [one.credential.credential_id for one in mine]


@pytest.fixture
def citizen(world: World) -> Citizen:
    return Citizen(world)


@pytest.fixture
def sent(citizen: Citizen, monkeypatch: pytest.MonkeyPatch) -> Sent:
    """What goes from the wallet to the issuer, and back."""
    seen: Sent = []
    send = ProtocolHttp.send

    async def watched(self: ProtocolHttp, request: HttpRequest) -> HttpResponse:
        response = await send(self, request)
        seen.append((request, response))
        return response

    monkeypatch.setattr(ProtocolHttp, "send", watched)
    return seen


@pytest.fixture
def office(world: World) -> Office:
    return Office(world)


def test_a_link_with_a_transaction_code_becomes_a_certificate(citizen: Citizen, office: Office) -> None:
    made = office.offer(Flow.PRE_AUTHORIZED, tx_code=TxWish())
    before = set(citizen.held())
    preview = citizen.open(made.link)
    assert (preview["trusted"], preview["needs_login"]) == (True, False)
    assert preview["configurations"][0]["name_zh"] == "营业执照"
    assert {"label_zh": "统一社会信用代码", "name": "unified_social_credit_code"}.items() <= {
        field["name"]: field for field in preview["configurations"][0]["fields"]
    }["unified_social_credit_code"].items()
    assert preview["tx_code"]["length"] == len(made.tx_code)
    done = citizen.accept(preview, tx_code=made.tx_code)
    assert done["stage"] == "received", done
    (kept,) = set(citizen.held()) - before
    assert done["results"][0]["credential_id"] == kept
    shown = citizen.world.client.get(f"/v1/wallet/certificates/{kept}", headers=citizen.header).json()
    assert shown["state"] == "issued"


def test_what_is_received_goes_over_the_wire_encrypted(citizen: Citizen, office: Office, sent: Sent) -> None:
    done = citizen.accept(citizen.open(office.offer(Flow.PRE_AUTHORIZED).link))
    assert done["stage"] == "received", done
    ((request, response),) = [(one, back) for one, back in sent if one.url.endswith("/credential")]
    assert (request.headers["Content-Type"], response.headers["content-type"]) == ("application/jwt",) * 2


def test_an_issuer_that_requires_encryption_gets_it(citizen: Citizen, office: Office, sent: Sent) -> None:
    """The real endpoints refuse what is not encrypted; the metadata say so first."""
    messages = EncryptedMessages(citizen.world.container.installation.keys.secret("credential-requests"), required=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(EncryptedMessages, "read_request", messages.read_request)
        patch.setattr(EncryptedMessages, "metadata", messages.metadata)
        done = citizen.accept(citizen.open(office.offer(Flow.PRE_AUTHORIZED).link))
    assert done["stage"] == "received", done


def test_a_key_in_custody_is_attested_where_the_type_wants_it(home: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(home, tmp_path / "home")
    with world_in(copy, StillClock(), KEY_ATTESTATIONS=f"{KIND}=required") as world:
        citizen, office = Citizen(world), Office(world)
        done = citizen.accept(citizen.open(office.offer(Flow.PRE_AUTHORIZED).link))
        assert done["stage"] == "received", done
        world.register_device(citizen.header)
        path = f"/v1/wallet/offers/{citizen.open(office.offer(Flow.PRE_AUTHORIZED).link)['offer_id']}/accept"
        assert citizen.post(path, status=422)["code"] == "holder_key_not_supported"


def test_a_level_that_nobody_has_found_is_not_claimed(home: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(home, tmp_path / "home")
    with world_in(copy, StillClock(), KEY_ATTESTATIONS=f"{KIND}=required:iso_18045_basic") as world:
        citizen, office = Citizen(world), Office(world)
        preview = citizen.open(office.offer(Flow.PRE_AUTHORIZED).link)
        assert (preview["configurations"], preview["unsupported"]) == ([], 1)


@pytest.mark.parametrize("form", ["jwt_vc_json", "ldp_vc"])
def test_the_formats_of_the_w3c_are_received_too(citizen: Citizen, office: Office, form: str) -> None:
    made = office.offer(Flow.PRE_AUTHORIZED, configuration_ids=(f"{KIND}.{form}",))
    done = citizen.accept(citizen.open(made.link))
    assert done["stage"] == "received", done


def test_a_picture_of_the_offer_does_as_well(citizen: Citizen, office: Office) -> None:
    made = office.offer(Flow.PRE_AUTHORIZED)
    headers = citizen.header | {"Content-Type": "image/png"}
    answer = citizen.world.client.post("/v1/wallet/offers", content=drawing.png(made.link), headers=headers)
    assert answer.status_code == 200, answer.text
    assert citizen.accept(answer.json())["stage"] == "received"


def log_in(world: World, office: Office, url: str, *, press: str = "approve") -> dict[str, str]:
    """Log in as the enterprise and agree, as a browser; return what it brings back to the wallet."""
    place = urlsplit(url)
    claims = office.claims
    fields = {"username": claims["unified_social_credit_code"], "name": claims["name"], "level": "real_name"}
    jar: dict[str, str] = {}

    def go(method: str, address: str, form: dict[str, str] | None = None) -> Any:
        cookie = {"Cookie": "; ".join(f"{name}={value}" for name, value in jar.items())} if jar else {}
        answer = world.client.request(method, address, data=form, headers=cookie)
        for each in answer.headers.get_list("set-cookie"):
            name, _, value = each.partition(";")[0].partition("=")
            jar[name] = value
        return answer

    here = f"{place.path}?{place.query}"
    page = go("GET", here)
    while "/wallet/callback" not in page.headers.get("location", ""):
        if page.status_code in (302, 303):
            there = urlsplit(page.headers["location"])
            here = f"{there.path}?{there.query}"
            page = go("GET", here)
            continue
        assert page.status_code == 200, page.text
        hidden = dict(re.findall(r'name="(token)" value="([^"]*)"', page.text))
        page = go("POST", here, hidden | fields | ({} if "username" in page.text and press != "deny" else {press: "1"}))
    answer = go("GET", "/wallet/callback?" + urlsplit(page.headers["location"]).query)
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).fragment).items()}


def test_a_login_in_the_browser_brings_the_certificate(citizen: Citizen, office: Office) -> None:
    preview = citizen.open(office.offer(Flow.AUTHORIZATION_CODE).link)
    assert preview["needs_login"]
    asked = citizen.accept(preview)
    assert asked["stage"] == "browser"
    came = log_in(citizen.world, office, asked["authorization_url"])
    assert set(came) == {"code", "state", "iss"}
    stranger = citizen.world.token("holder", holder_id=citizen.world.person())
    stolen = citizen.world.client.post("/v1/wallet/logins", json=came, headers=stranger)
    assert stolen.json()["code"] == "authorization_response_invalid"
    done = citizen.post("/v1/wallet/logins", came)
    assert done["stage"] == "received", done


def test_a_holder_who_says_no_in_the_browser_gets_nothing(citizen: Citizen, office: Office) -> None:
    asked = citizen.accept(citizen.open(office.offer(Flow.AUTHORIZATION_CODE).link))
    came = log_in(citizen.world, office, asked["authorization_url"], press="deny")
    assert citizen.post("/v1/wallet/logins", came, status=409)["code"] == "token_refused"


def test_a_certificate_is_deferred_to_nobody_else(citizen: Citizen, office: Office) -> None:
    """Another holder's offer cannot be accepted, nor its progress be seen."""
    preview = citizen.open(office.offer(Flow.PRE_AUTHORIZED).link)
    other = citizen.world.token("holder", holder_id=citizen.world.person())
    path = f"/v1/wallet/offers/{preview['offer_id']}/accept"
    assert citizen.world.client.post(path, json={}, headers=other).json()["code"] == "credential_offer_gone"
    done = citizen.accept(preview)
    seen = citizen.world.client.get(f"/v1/wallet/receivings/{done['receiving_id']}", headers=other)
    assert seen.json()["code"] == "receiving_gone"


def test_a_declined_offer_stays_with_the_department(citizen: Citizen, office: Office) -> None:
    made = office.offer(Flow.PRE_AUTHORIZED)
    preview = citizen.open(made.link)
    answer = citizen.world.client.request("DELETE", f"/v1/wallet/offers/{preview['offer_id']}", headers=citizen.header)
    assert answer.status_code == 204
    assert citizen.accept(citizen.open(made.link))["stage"] == "received"


def test_a_device_signs_and_the_certificate_is_its_own(citizen: Citizen, office: Office) -> None:
    device = citizen.world.register_device(citizen.header)
    asked = citizen.accept(citizen.open(office.offer(Flow.PRE_AUTHORIZED).link))
    assert asked["stage"] == "signature"
    signatures = {each["id"]: b64url_text(device.sign(each["signing_input"].encode())) for each in asked["to_sign"]}
    path = f"/v1/wallet/receivings/{asked['receiving_id']}/signatures"
    done = citizen.post(path, {"signatures": signatures})
    assert done["stage"] == "received", done


def test_a_holder_opens_so_many_offers_and_no_more(citizen: Citizen) -> None:
    for _ in range(20):
        citizen.post("/v1/wallet/offers", {"text": "no offer"}, status=422)
    refused = citizen.world.client.post("/v1/wallet/offers", json={"text": "no offer"}, headers=citizen.header)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
    assert 0 < int(refused.headers["retry-after"]) <= 60
    other = citizen.world.token("holder", holder_id=citizen.world.person())
    answer = citizen.world.client.post("/v1/wallet/offers", json={"text": "no offer"}, headers=other)
    assert answer.status_code == 422
    citizen.world.clock.forward(minutes=2)
    citizen.post("/v1/wallet/offers", {"text": "no offer"}, status=422)


def replaced(citizen: Citizen, office: Office) -> Source:
    """The citizen's only source, whose certificate the department has replaced a day later."""
    citizen.accept(citizen.open(office.offer(Flow.PRE_AUTHORIZED).link))
    (source,) = citizen.sources()
    citizen.world.clock.forward(days=1)
    changed = {"legal_reason": "变更", "officer": "O-1", "case_number": "示例-1", "claims": office.claims}
    path = f"/v1/certificates/{source.certificate}/replace"
    done = citizen.world.client.post(path, json=changed, headers=citizen.world.token("preparer", department="amr"))
    assert done.status_code == 201, done.text
    return source


def test_a_replaced_certificate_is_fetched_by_upkeep(citizen: Citizen, office: Office) -> None:
    source = replaced(citizen, office)
    assert [each.due_at for each in citizen.sources()] == [citizen.world.clock()]
    assert citizen.receiving.refresh_due() == 1
    (newer,) = citizen.sources()
    assert newer.state == "kept", newer
    assert newer.certificate not in (None, source.certificate)
    assert newer.credential_id in citizen.held()


def test_a_server_fetches_a_replaced_certificate_at_once(citizen: Citizen, office: Office) -> None:
    async def followed() -> tuple[Source, Source]:
        task = asyncio.create_task(upkeep.follow(citizen.world.container, citizen.receiving))
        await asyncio.sleep(0)  # it listens now
        source = await asyncio.to_thread(replaced, citizen, office)
        async with asyncio.timeout(30):
            while citizen.sources()[0].certificate == source.certificate:
                await asyncio.sleep(0.01)
        task.cancel()
        return source, citizen.sources()[0]

    source, newer = asyncio.run(followed())
    assert newer.certificate is not None
    assert lineage_of(newer.certificate) == lineage_of(Identifier(str(source.certificate)))
    assert newer.credential_id in citizen.held()


def test_a_wallet_that_cannot_be_woken_does_not_undo_the_act(
    citizen: Citizen, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(holder_id: HolderId) -> Any:
        raise StorageError("the database is not there")

    with monkeypatch.context() as patch:
        patch.setattr(citizen.world.container.waking, "_sources", SimpleNamespace(of_holder=broken))
        source = replaced(citizen, office)
    assert citizen.world.container.state_of(Identifier(str(source.certificate))) == "replaced"
    assert [each.due_at for each in citizen.sources()] == [source.due_at]


def test_what_ends_is_fetched_again_by_upkeep(citizen: Citizen, office: Office) -> None:
    """A year passes: the refresh token is used now and then, and the certificate is fetched once, near its end."""
    citizen.accept(citizen.open(office.offer(Flow.PRE_AUTHORIZED).link))
    before = len(citizen.held())
    for _ in range(13):
        citizen.world.clock.forward(days=28)
        citizen.world.container.trust.refresh()
        citizen.receiving.refresh_due()
    (source,) = citizen.world.container.storage.receivings.of_holder(citizen.holder_id)
    assert (source.state, source.reason) == ("kept", None)
    assert len(citizen.held()) == before + 1
    assert source.due_at > citizen.world.clock()


def test_a_holder_fetches_again_by_hand(citizen: Citizen, office: Office) -> None:
    citizen.accept(citizen.open(office.offer(Flow.PRE_AUTHORIZED).link))
    (source,) = citizen.world.client.get("/v1/wallet/sources", headers=citizen.header).json()["sources"]
    citizen.world.clock.forward(hours=2)
    assert citizen.post(f"/v1/wallet/sources/{source['source_id']}/fetch")["stage"] == "received"
    citizen.post("/v1/wallet/sources/none/fetch", status=410)
    assert source["issuer"].endswith("/issuers/amr")


def test_the_browser_is_sent_back_to_the_page_with_what_it_brought(citizen: Citizen) -> None:
    answer = citizen.world.client.get("/wallet/callback?code=c&state=s&iss=i&token=evil&error=a&error=b")
    assert answer.status_code == 303
    place = urlsplit(answer.headers["location"])
    assert (place.path, place.query) == ("/wallet", "")
    assert parse_qs(place.fragment) == {"code": ["c"], "state": ["s"], "iss": ["i"]}
