"""A stranger's wallet receives our certificates over the real application: nothing of ours on its side."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest

from ecert.identity.unsafe import UnsafeIdentityWarning
from issuer.orders.offers import Flow, TxWish
from tests.support.ecert_world import StillClock, World, make_home
from tests.support.office import KIND, Office
from tests.support.stranger import Provider, Stranger, new_key, public
from tests.support.stranger_world import stranger_world
from verifier import Policy, verify

CONFIGURATION = f"{KIND}.dc+sd-jwt"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_home(tmp_path_factory.mktemp("stranger"), StillClock())


@pytest.fixture
def world(home: Path, tmp_path: Path, provider: Provider) -> Iterator[World]:
    with (
        pytest.warns(UnsafeIdentityWarning),
        stranger_world(home, tmp_path, provider, UNSAFE_IDENTITY="yes") as made,
    ):
        yield made


@pytest.fixture
def stranger(world: World, provider: Provider) -> Stranger:
    return Stranger(world.client, provider, now=lambda: world.clock().timestamp())


@pytest.fixture
def office(world: World) -> Office:
    return Office(world)


def read(credential: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(credential.partition("~")[0], options={"verify_signature": False})
    return claims


def verdict(world: World, credential: str) -> Any:
    world.container.publish_due()
    policy = Policy(accepted_types=None, require_key_binding=False)
    return verify(credential, policy=policy, evidence=world.container.evidence.gather(), now=world.clock())


def test_a_pre_authorized_offer_becomes_certificates(world: World, office: Office, stranger: Stranger) -> None:
    made = office.offer(Flow.PRE_AUTHORIZED, tx_code=TxWish())
    offer = stranger.offer(made.link)
    issuer, server = stranger.discover(offer["credential_issuer"])
    answer = stranger.redeem(server, offer, made.tx_code)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    token = answer.json()["access_token"]
    keys = [new_key() for _ in range(3)]
    fetched = stranger.fetch(issuer, token, {"credential_configuration_id": CONFIGURATION}, keys)
    assert fetched.status_code == 200, fetched.text
    credentials = [each["credential"] for each in fetched.json()["credentials"]]
    bound = [read(each)["cnf"]["jwk"] for each in credentials]
    assert sorted(map(str, bound)) == sorted(str(public(key)) for key in keys)
    statuses = {str(read(each)["status"]) for each in credentials}
    assert len(statuses) == 3
    assert all(verdict(world, each).verdict == "valid" for each in credentials)
    told = stranger.notify(issuer, token, fetched.json()["notification_id"], "credential_accepted")
    assert told.status_code == 204
    assert stranger.redeem(server, offer, made.tx_code).json()["error"] == "invalid_grant"


def test_a_wrong_transaction_code_is_refused(office: Office, stranger: Stranger) -> None:
    made = office.offer(Flow.PRE_AUTHORIZED, tx_code=TxWish())
    offer = stranger.offer(made.link)
    _, server = stranger.discover(offer["credential_issuer"])
    wrong = str((int(made.tx_code) + 1) % 10**6).zfill(6)
    assert stranger.redeem(server, offer, wrong).json()["error"] == "invalid_grant"
    assert stranger.redeem(server, offer).json()["error"] == "invalid_request"
    assert stranger.redeem(server, offer, made.tx_code).status_code == 200


def person(office: Office) -> dict[str, str]:
    """The enterprise that the licence is of, as the stand-in's form takes it."""
    claims = office.claims
    return {"username": claims["unified_social_credit_code"], "name": claims["name"], "level": "real_name"}


def authorized(stranger: Stranger, office: Office, server: dict[str, Any], **more: str) -> Any:
    verifier = "v" * 43
    pushed = stranger.push(server, CONFIGURATION, verifier=verifier, **more)
    assert pushed.status_code == 201, pushed.text
    back = stranger.authorize(server, pushed.json()["request_uri"], person(office))
    assert back.status_code == 303, back.text
    query = parse_qs(urlsplit(back.headers["location"]).query)
    assert query["iss"] == [server["issuer"]]
    assert query["state"] == ["the-state"]
    assert query["keep"] == ["this"]
    form = {"grant_type": "authorization_code", "code": query["code"][0], "code_verifier": verifier}
    return stranger.token(server, form | {"redirect_uri": "https://wallet.stranger.example/cb?keep=this"})


def test_a_citizen_logs_in_and_agrees(world: World, office: Office, stranger: Stranger) -> None:
    made = office.offer(Flow.AUTHORIZATION_CODE)
    offer = stranger.offer(made.link)
    issuer, server = stranger.discover(offer["credential_issuer"])
    issuer_state = offer["grants"]["authorization_code"]["issuer_state"]
    answer = authorized(stranger, office, server, issuer_state=issuer_state)
    assert answer.status_code == 200, answer.text
    token = answer.json()
    wanted = {"credential_configuration_id": CONFIGURATION}
    fetched = stranger.fetch_encrypted(issuer, token["access_token"], wanted, new_key())
    assert verdict(world, fetched["credentials"][0]["credential"]).verdict == "valid"
    refreshed = stranger.token(server, {"grant_type": "refresh_token", "refresh_token": token["refresh_token"]})
    again = stranger.fetch(issuer, refreshed.json()["access_token"], wanted, [new_key()])
    assert verdict(world, again.json()["credentials"][0]["credential"]).verdict == "valid"


@pytest.mark.parametrize("form", ["jwt_vc_json", "ldp_vc"])
def test_the_formats_of_the_w3c_are_fetched_too(world: World, office: Office, stranger: Stranger, form: str) -> None:
    name = f"{KIND}.{form}"
    made = office.offer(Flow.PRE_AUTHORIZED, configuration_ids=(name,))
    offer = stranger.offer(made.link)
    issuer, server = stranger.discover(offer["credential_issuer"])
    token = stranger.redeem(server, offer).json()["access_token"]
    fetched = stranger.fetch(issuer, token, {"credential_configuration_id": name}, [new_key()])
    assert fetched.status_code == 200, fetched.text
    credential = fetched.json()["credentials"][0]["credential"]
    text = credential if isinstance(credential, str) else json.dumps(credential)
    assert verdict(world, text).verdict == "valid", verdict(world, text).to_dict()


def test_a_denial_goes_back_to_the_wallet(office: Office, stranger: Stranger) -> None:
    offer = stranger.offer(office.offer(Flow.AUTHORIZATION_CODE).link)
    _, server = stranger.discover(offer["credential_issuer"])
    pushed = stranger.push(server, CONFIGURATION, verifier="v" * 43).json()
    back = stranger.authorize(server, pushed["request_uri"], person(office), press="deny")
    query = parse_qs(urlsplit(back.headers["location"]).query)
    assert (query["error"], query["state"]) == (["access_denied"], ["the-state"])


def test_what_is_revoked_is_revoked_in_every_copy(world: World, office: Office, stranger: Stranger) -> None:
    made = office.offer(Flow.PRE_AUTHORIZED)
    offer = stranger.offer(made.link)
    issuer, server = stranger.discover(offer["credential_issuer"])
    token = stranger.redeem(server, offer).json()["access_token"]
    fetched = stranger.fetch(issuer, token, {"credential_configuration_id": CONFIGURATION}, [new_key(), new_key()])
    credentials = [each["credential"] for each in fetched.json()["credentials"]]
    identifier = (
        read(credentials[0]).get("certificate_identifier")
        or verdict(world, credentials[0]).accepted_claims()["certificate_identifier"]
    )
    decision = {"legal_reason": "吊销", "officer": "O-1", "case_number": "示例-1"}
    done = world.client.post(f"/v1/certificates/{identifier}/revoke", json=decision, headers=world.token("revoker"))
    assert done.status_code == 200, done.text
    world.container.evidence.invalidate()
    assert {verdict(world, each).check("status").reason for each in credentials} == {"revoked"}
