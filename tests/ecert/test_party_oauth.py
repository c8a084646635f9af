"""The relying parties' token endpoint: client credentials by a signed JWT, and every way not to get a token."""

from collections.abc import Mapping
from datetime import timedelta
from secrets import token_bytes
from typing import Any
from urllib.parse import urlencode

import pytest

from ecert.parties.access import AskingParties, PartyBearers
from ecert.parties.oauth import LIFE, OAuthParts, PartyTokens
from issuer.openid4vci.answers import Form
from issuer.openid4vci.authorization.client_auth import ASSERTION_TYPE
from issuer.openid4vci.errors import InvalidClient
from keys.algorithms import Algorithm
from keys.signer import SoftwareSigner
from tests.support.ecert_world import World
from tests.support.oauth import changed, encoded
from tests.support.parties import NOW, OPERATOR, water
from verifier.openid4vp.ports import Parties
from verifier.parties.model import Access, Environment, Party, PartyStatus
from verifier.purposes.shipped import shipped

KEY = SoftwareSigner.generate(Algorithm.ES256)
LIVE_KEY = SoftwareSigner.generate(Algorithm.EDDSA)
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def registered(world: World) -> World:
    keys = {Environment.TEST: (KEY.public_key,), Environment.LIVE: (LIVE_KEY.public_key,)}
    world.container.storage.parties.add(water(keys=keys), by=OPERATOR, now=NOW)
    return world


def issuer(world: World) -> str:
    return f"{world.container.installation.public_url}/v1/oauth"


def assertion(
    world: World, *, signer: SoftwareSigner = KEY, header: Mapping[str, Any] | None = None, **claims: Any
) -> str:
    now = world.clock()
    members = {
        "iss": "test_water",
        "sub": "test_water",
        "aud": issuer(world),
        "jti": "j-1",
        "iat": int(now.timestamp()),
        "exp": int((now + timedelta(minutes=5)).timestamp()),
    }
    head = {"alg": str(signer.public_key.algorithm), "typ": "JWT"} | dict(header or {})
    return encoded(head, changed(members, claims), signer.sign)


def ask(world: World, token: str | None = None, **parameters: str | None) -> Any:
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion(world) if token is None else token,
    }
    return world.client.post("/v1/oauth/token", content=urlencode(changed(form, parameters)), headers=FORM)


def refused(answer: Any) -> tuple[int, str]:
    assert set(answer.json()) == {"error", "error_description"}
    assert answer.headers["cache-control"] == "no-store"
    return answer.status_code, answer.json()["error"]


def test_a_client_gets_a_token_for_all_its_purposes(registered: World) -> None:
    answer = ask(registered)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    given = answer.json()
    token = given.pop("access_token")
    assert token.startswith("at_test_")
    actor = PartyBearers(registered.container).find(token)
    assert actor is not None
    assert actor.access == Access("water", Environment.TEST)
    assert given == {"token_type": "Bearer", "expires_in": 600, "scope": "water.account-opening water.transfer"}


def test_a_token_opens_what_its_party_reaches_and_says_who_it_is(registered: World) -> None:
    live = assertion(registered, signer=LIVE_KEY, iss="live_water", sub="live_water")
    token = ask(registered, live, scope="water.transfer").json()["access_token"]
    header = {"Authorization": f"Bearer {token}"}
    assert registered.client.get("/v1/pack/age", headers=header).status_code == 200
    assert registered.client.get("/v1/tokens", headers=header).status_code == 403
    bearers = PartyBearers(registered.container)
    assert bearers.is_one(token)
    actor = bearers.find(token)
    assert actor is not None
    assert actor.access == Access("water", Environment.LIVE, frozenset({"water.transfer"}))
    assert token not in actor.token_id


def test_a_token_ends_after_ten_minutes_and_with_its_party(registered: World) -> None:
    token = ask(registered).json()["access_token"]
    bearers = PartyBearers(registered.container)
    assert bearers.find(token) is not None
    registered.container.storage.parties.change(
        "water", lambda _: water(status=PartyStatus.SUSPENDED), by=OPERATOR, now=NOW
    )
    assert bearers.find(token) is None
    registered.container.storage.parties.change("water", lambda _: water(), by=OPERATOR, now=NOW)
    registered.clock.forward(seconds=LIFE.total_seconds())
    assert bearers.find(token) is None
    assert bearers.find("at_test_" + "x" * 43) is None


ASSERTIONS: dict[str, dict[str, Any]] = {
    "another party's id": {"iss": "test_gas", "sub": "test_gas"},
    "the other environment": {"iss": "live_water", "sub": "live_water"},
    "an environment that there is not": {"iss": "prod_water", "sub": "prod_water"},
    "a name without environment": {"iss": "water", "sub": "water"},
    "another subject": {"sub": "live_water"},
    "another audience": {"aud": "https://elsewhere.example"},
    "the audience in a list": {"aud": ["https://elsewhere.example"]},
    "no audience": {"aud": None},
    "no id": {"jti": None},
    "no end": {"exp": None},
    "an end that is past": {"exp": 1_000_000_000},
    "an end too far ahead": {"exp": 4_000_000_000},
}


@pytest.mark.parametrize("flaw", ASSERTIONS)
def test_an_assertion_with_one_flaw_is_refused(registered: World, flaw: str) -> None:
    answer = ask(registered, assertion(registered, **ASSERTIONS[flaw]))
    assert refused(answer) == (401, "invalid_client")


def test_an_assertion_by_another_key_or_of_another_kind_is_refused(registered: World) -> None:
    stranger = SoftwareSigner.generate(Algorithm.ES256)
    for token in (
        assertion(registered, signer=stranger),
        assertion(registered, header={"alg": "none"}),
        assertion(registered, header={"typ": "dpop+jwt"}),
        "not a token",
    ):
        assert refused(ask(registered, token)) == (401, "invalid_client")


def test_an_assertion_is_used_once(registered: World) -> None:
    token = assertion(registered)
    assert ask(registered, token).status_code == 200
    assert refused(ask(registered, token)) == (401, "invalid_client")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"grant_type": None}, (400, "invalid_request")),
        ({"grant_type": "authorization_code"}, (400, "unsupported_grant_type")),
        ({"client_assertion": None, "client_assertion_type": None}, (401, "invalid_client")),
        ({"client_assertion": None}, (401, "invalid_client")),
        ({"client_assertion_type": "urn:other"}, (401, "invalid_client")),
        ({"client_id": "live_water"}, (401, "invalid_client")),
        ({"scope": "bank.adult-check"}, (400, "invalid_scope")),
        ({"scope": "water.transfer  water.account-opening"}, (400, "invalid_scope")),
    ],
)
def test_a_request_with_one_flaw_is_refused(
    registered: World, changes: dict[str, str | None], expected: tuple[int, str]
) -> None:
    assert refused(ask(registered, **changes)) == expected


def test_a_body_that_is_no_form_is_refused(registered: World) -> None:
    assert refused(registered.client.post("/v1/oauth/token", json={})) == (400, "invalid_request")


def test_a_suspended_party_and_one_without_keys_get_no_token(registered: World) -> None:
    parties = registered.container.storage.parties
    kept = parties.find("water")
    assert kept is not None
    parties.change("water", lambda _: kept.with_status(PartyStatus.SUSPENDED), by=OPERATOR, now=NOW)
    assert refused(ask(registered)) == (401, "invalid_client")
    parties.change("water", lambda _: water(), by=OPERATOR, now=NOW)
    assert refused(ask(registered)) == (401, "invalid_client")


class Suspending:
    """The parties of a place, the second time as if nobody were there."""

    def __init__(self, party: Party) -> None:
        self._found: list[Party | None] = [party, None]

    def find(self, party_id: str) -> Party | None:
        del party_id
        return self._found.pop(0)


def test_a_party_that_is_suspended_meanwhile_gets_no_token(registered: World) -> None:
    storage = registered.container.storage
    party = storage.parties.find("water")
    assert party is not None
    tokens = PartyTokens(
        OAuthParts(
            parties=Suspending(party),
            state=storage.protocol,
            limits=storage.rate_limits,
            clock=registered.clock,
            random=token_bytes,
            public_url=registered.container.installation.public_url,
            secret=b"s" * 32,
        )
    )
    form = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE}
    with pytest.raises(InvalidClient):
        tokens.respond(Form(form | {"client_assertion": assertion(registered)}), address="here")


def test_who_asks_too_often_waits(registered: World) -> None:
    answers = [ask(registered, "no").status_code for _ in range(61)]
    assert set(answers[:60]) == {401}
    assert answers[60] == 429


def test_the_metadata_say_where_and_how(registered: World) -> None:
    found = registered.client.get("/.well-known/oauth-authorization-server/v1/oauth").json()
    assert found["issuer"] == issuer(registered)
    assert found["token_endpoint"] == issuer(registered) + "/token"
    assert found["grant_types_supported"] == ["client_credentials"]
    assert found["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]
    assert "ES256" in found["token_endpoint_auth_signing_alg_values_supported"]
    assert "none" not in found["token_endpoint_auth_signing_alg_values_supported"]


def test_active_parties_alone_may_ask(registered: World) -> None:
    port: Parties = AskingParties(registered.container)
    assert port.find("water") == water().body
    assert port.purpose("water", "water.transfer") is shipped()["water.transfer"]
    assert port.purpose("water", "bank.adult-check") is None
    assert (port.find("gas"), port.purpose("gas", "water.transfer")) == (None, None)
    registered.container.storage.parties.change(
        "water", lambda _: water(status=PartyStatus.SUSPENDED), by=OPERATOR, now=NOW
    )
    assert (port.find("water"), port.purpose("water", "water.transfer")) == (None, None)
