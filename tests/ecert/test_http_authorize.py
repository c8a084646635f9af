"""The authorization server's front in the whole application: real storage, real pages, every middleware."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from ecert.identity.unsafe import UnsafeIdentityWarning
from issuer.openid4vci.authorization.client_auth import ASSERTION_TYPE
from keys.signer import SoftwareSigner
from tests.support.authorization_front import CHALLENGE, CLIENT, LICENCE, REDIRECT, returned
from tests.support.ecert_world import StillClock, World, world_in
from tests.support.key_proofs import signed
from tests.support.numbers import credit_code

SIGNER = SoftwareSigner.generate()
LOGIN = {"username": credit_code("MA000000"), "name": "江门市示例贸易有限公司", "level": "real_name"}


@pytest.fixture
def city(tmp_path: Path, clock: StillClock) -> Iterator[World]:
    clients = {"client_id": CLIENT, "redirect_uris": [REDIRECT], "jwks": {"keys": [dict(SIGNER.public_key.jwk)]}}
    file = tmp_path / "clients.json"
    file.write_text(json.dumps({"clients": [clients]}))
    with (
        pytest.warns(UnsafeIdentityWarning),
        world_in(tmp_path / "home", clock, UNSAFE_IDENTITY="yes", OAUTH_CLIENTS=str(file)) as world,
    ):
        yield world


def issuer(world: World) -> str:
    return f"{world.container.installation.public_url}/issuers/amr"


def push(world: World, scope: str = LICENCE) -> httpx.Response:
    now = int(world.clock().timestamp())
    claims = {"iss": CLIENT, "sub": CLIENT, "aud": issuer(world), "iat": now, "exp": now + 60, "jti": "1"}
    form = {
        "response_type": "code",
        "redirect_uri": REDIRECT,
        "scope": scope,
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": signed(SIGNER, {"alg": "ES256", "typ": "JWT"}, claims),
    }
    return world.client.post("/issuers/amr/par", data=form)


def cookie_of(answer: httpx.Response) -> dict[str, str]:
    return {"cookie": answer.headers["set-cookie"].partition(";")[0]}


def token_of(answer: httpx.Response) -> str:
    found = re.search(r'name="token" value="([^"]+)"', answer.text)
    assert found is not None
    return found[1]


def test_a_holder_without_orders_comes_through_the_login_and_goes_back(city: World) -> None:
    params = {"client_id": CLIENT, "request_uri": push(city).json()["request_uri"]}
    opened = city.client.get("/issuers/amr/authorize", params=params)
    assert opened.headers["location"] == f"{issuer(city)}/authorize/login"
    session = cookie_of(opened)
    form = city.client.get("/issuers/amr/authorize/login", headers=session)
    data = {"token": token_of(form)} | LOGIN
    logged_in = city.client.post("/issuers/amr/authorize/login", data=data, headers=session)
    assert logged_in.headers["location"] == f"{issuer(city)}/authorize/consent"
    session = cookie_of(logged_in)
    consent = city.client.get("/issuers/amr/authorize/consent", headers=session)
    assert 'id="nothing-to-receive"' in consent.text
    data = {"token": token_of(consent), "deny": "1"}
    answer = city.client.post("/issuers/amr/authorize/consent", data=data, headers=session)
    found = returned(answer)
    assert (found["error"], found["iss"]) == ("access_denied", issuer(city))


def test_a_page_has_one_content_security_policy(city: World) -> None:
    answer = city.client.get("/issuers/amr/authorize")
    assert answer.status_code == 400
    assert len(answer.headers.get_list("content-security-policy")) == 1
    assert "script-src" not in answer.headers["content-security-policy"]


def test_a_refused_push_is_answered_in_the_words_of_the_protocol(city: World) -> None:
    answer = push(city, scope="resident_id_card.dc+sd-jwt")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")
    assert answer.headers["cache-control"] == "no-store"


def test_an_unknown_department_is_a_problem(city: World) -> None:
    assert city.client.get("/issuers/nobody/authorize").json()["code"] == "unknown_department"


def test_a_way_back_from_a_login_that_nobody_began_is_an_error_page(still_world: World) -> None:
    answer = still_world.client.get("/identity/callback?code=a")
    assert (answer.status_code, answer.headers["content-type"]) == (400, "text/html; charset=utf-8")
