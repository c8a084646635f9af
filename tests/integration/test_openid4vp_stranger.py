"""A stranger's wallet answers our verifier over the real application: nothing of ours on its side."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest

from ecert.openid4vp import OpenId4Vp, openid4vp_services
from ecert.parties.access import AskingParties
from schemas.dcql import read_query
from tests.support.ecert_world import StillClock, World, make_home
from tests.support.parties import OPERATOR, water
from tests.support.stranger import Provider
from tests.support.stranger_vp import Presenter
from tests.support.stranger_world import licensed, stranger_world
from tests.support.vp_requests import QUERY
from verifier.errors import ResultNotReleased
from verifier.openid4vp import answers
from verifier.openid4vp.releasing import check_release
from verifier.openid4vp.requests import Asked, Begun
from verifier.openid4vp.transactions import Flow, State, Transaction


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_home(tmp_path_factory.mktemp("presenting"), StillClock())


@pytest.fixture
def world(home: Path, tmp_path: Path, provider: Provider) -> Iterator[World]:
    with stranger_world(home, tmp_path, provider) as made:
        made.container.storage.parties.add(water(), by=OPERATOR, now=made.clock())
        yield made


@pytest.fixture
def verifier(world: World) -> OpenId4Vp:
    return openid4vp_services(world.container, parties=AskingParties(world.container))


@pytest.fixture
def wallet(world: World, provider: Provider) -> Presenter:
    """A wallet that has fetched a licence over OpenID4VCI."""
    return licensed(world, provider)


def begin(verifier: OpenId4Vp, **more: Any) -> Begun:
    asked = {"party_id": "water", "purpose_id": "water.account-opening", "query": read_query(QUERY)} | more
    return verifier.requests.begin(Asked(**asked))


def stored(verifier: OpenId4Vp, begun: Begun) -> Transaction:
    return verifier.requests.transaction(begun.transaction.transaction_id)


@pytest.mark.parametrize("post", [True, False])
def test_across_devices_a_certificate_is_verified_at_once(
    verifier: OpenId4Vp, wallet: Presenter, post: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "forget_claims", lambda *_, **__: None)  # to look at what is told
    begun = begin(verifier)
    request = wallet.fetch(begun.link or "", post=post)
    assert request["response_mode"] == "direct_post.jwt"
    answer = wallet.answer(request, vp_token=wallet.present(request))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json"), answer.text
    assert answer.json().keys() == {"redirect_uri"}
    assert answer.headers["cache-control"] == "no-store"
    kept = stored(verifier, begun)
    assert kept.state is State.ANSWERED
    assert kept.result is not None
    assert kept.result["verdict"] == "valid", kept.result["checks"]
    claims = kept.result["credentials"][0]["claims"]
    assert claims["business_scope"]
    assert "legal_representative" not in claims
    check_release(kept, session=None, response_code=None)
    page = wallet.http.request("GET", answer.json()["redirect_uri"])
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert 'id="openid4vp-done"' in page.text


def test_why_somebody_asks_is_attested_by_the_city(world: World, verifier: OpenId4Vp, wallet: Presenter) -> None:
    request = wallet.fetch(begin(verifier).link or "")
    (info,) = request["verifier_info"]
    assert info["format"] == "jwt"
    anchor = world.client.get("/v1/anchor").json()
    options: Any = {"verify_exp": False, "verify_iat": False}
    key = jwt.PyJWK({**anchor.get("keys", [anchor])[0], "alg": "ES256"}).key
    said = jwt.decode(info["data"], key, ["ES256"], options=options)
    assert said["sub"] == request["client_id"]
    assert (said["party_zh"], said["purpose_id"]) == ("示例供水公司", "water.account-opening")
    assert said["legal_basis_zh"]
    assert said["retention_days"] >= 0


def test_on_the_same_device_only_the_browser_that_began_gets_the_result(verifier: OpenId4Vp, wallet: Presenter) -> None:
    begun = begin(verifier, flow=Flow.SAME_DEVICE, session="of-this-browser", return_uri="https://water.example/back")
    request = wallet.fetch(begun.link or "")
    back = wallet.answer(request, vp_token=wallet.present(request)).json()["redirect_uri"]
    assert back.startswith("https://water.example/back?response_code=")
    (code,) = parse_qs(urlsplit(back).query)["response_code"]
    kept = stored(verifier, begun)
    check_release(kept, session="of-this-browser", response_code=code)
    with pytest.raises(ResultNotReleased):
        check_release(kept, session="of-another", response_code=code)


def test_a_holder_declines(verifier: OpenId4Vp, wallet: Presenter) -> None:
    begun = begin(verifier, encrypted=False)
    request = wallet.fetch(begun.link or "")
    assert request["response_mode"] == "direct_post"
    answer = wallet.answer(request, error="access_denied")
    assert answer.status_code == 200
    assert (stored(verifier, begun).state, stored(verifier, begun).result) == (State.DECLINED, None)
    assert wallet.answer(request, vp_token=wallet.present(request)).status_code == 400


def test_what_does_not_hold_is_refused_and_nothing_is_kept_of_it(verifier: OpenId4Vp, wallet: Presenter) -> None:
    begun = begin(verifier)
    request = wallet.fetch(begun.link or "")
    answer = wallet.answer(request, vp_token=wallet.present(request, nonce="another"))
    assert answer.status_code == 400
    assert answer.json() == {"error": "invalid_request", "error_description": "holder: nonce_mismatch"}
    kept = stored(verifier, begun)
    assert kept.result is not None
    assert (kept.result["verdict"], kept.result["credentials"]) == ("invalid", [])


def test_nobody_finds_what_was_not_begun(world: World, wallet: Presenter) -> None:
    del wallet
    for method, path in (("GET", "request"), ("POST", "request"), ("POST", "response")):
        answer = world.client.request(
            method, f"/openid4vp/none/{path}", data={"response": "x"} if method == "POST" else None
        )
        assert (answer.status_code, answer.json()["error"]) == (404, "invalid_request")


def test_who_asks_too_often_waits(world: World) -> None:
    statuses = [world.client.get("/openid4vp/none/request").status_code for _ in range(121)]
    assert (statuses[0], statuses[-1]) == (404, 429)


def test_a_party_has_one_key_for_every_worker_and_a_new_one_in_time(world: World) -> None:
    parties = AskingParties(world.container)
    first, second = (openid4vp_services(world.container, parties=parties) for _ in range(2))
    ids = [begin(each).transaction.request.client_id for each in (first, second, first)]
    assert len(set(ids)) == 1
    world.clock.forward(days=701)
    assert begin(first).transaction.request.client_id not in ids
    assert [name for name in world.container.installation.keys.names() if name.startswith("verifying/")] == [
        "verifying/water/1",
        "verifying/water/2",
    ]
