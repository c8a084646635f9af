"""The relying party of a unified identity: every check of an answer and of an ID token, one flaw at a time."""

import asyncio
import hashlib
import itertools
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from ecert.identity.configuration import Authentication, ClaimNames, OidcConfiguration
from ecert.identity.oidc import OidcProofing
from ecert.identity.provider import MAX_ANSWER
from issuer.openid4vci.errors import IdentityRefused, IdentityUnavailable, LoginCancelled
from issuer.openid4vci.ports import AssuranceLevel, Begun, Identity, Login
from keys.encoding import b64url_text
from tests.support.issuer_fakes import FixedClock
from tests.support.openid_provider import (
    CLIENT,
    ISSUER,
    SECRET,
    OpenIdProvider,
    ProviderKey,
    answering,
    basic_of,
    parameters_of,
)

RETURN = "https://ecert.example/identity/callback"
CONFIGURATION = OidcConfiguration(
    ISSUER,
    CLIENT,
    "openid profile",
    Authentication.BASIC,
    ClaimNames("id_number", "name", "id_type"),
    {"RESIDENT_ID": "111", "USCC": "001"},
    {"urn:example:l2": AssuranceLevel.REAL_NAME, "urn:example:l3": AssuranceLevel.PRESENCE},
)
DISCOVERY, JWKS, TOKEN, USERINFO = "/.well-known/openid-configuration", "/jwks", "/token", "/userinfo"


class City:
    """The relying party with its provider and its clock."""

    def __init__(self, configuration: OidcConfiguration = CONFIGURATION) -> None:
        self.clock = FixedClock()
        self.provider = OpenIdProvider(self.clock)
        chance = itertools.count(1)
        self.proofing = OidcProofing(
            configuration,
            self.provider.client(),
            secret=SECRET,
            clock=self.clock,
            randomness=lambda size: next(chance).to_bytes(size, "big"),
        )

    def begin(self, level: AssuranceLevel = AssuranceLevel.REAL_NAME) -> Begun:
        return asyncio.run(self.proofing.begin(Login(RETURN, level)))

    def log_in(self, **changes: Any) -> Identity:
        """Log in at the provider and come back; a change of ``...`` leaves a parameter out."""
        begun = self.begin()
        parameters = self.provider.log_in(str(begun.location)) | changes
        given = {name: value for name, value in parameters.items() if value is not ...}
        return asyncio.run(self.proofing.finish(given, Login(RETURN, AssuranceLevel.REAL_NAME, begun.kept)))


@pytest.fixture
def city() -> City:
    return City()


def test_who_logs_in_is_who_the_provider_says(city: City) -> None:
    assert city.log_in() == Identity("111", "440799199001010011", "陈示例", AssuranceLevel.PRESENCE)


def test_the_browser_goes_to_the_provider_with_pkce_state_and_nonce(city: City) -> None:
    begun = city.begin()
    parts = urlsplit(str(begun.location))
    asked = dict(parse_qsl(parts.query))
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{ISSUER}/authorize"
    challenge = b64url_text(hashlib.sha256(begun.kept["verifier"].encode()).digest())
    assert asked == {
        "response_type": "code",
        "client_id": CLIENT,
        "redirect_uri": RETURN,
        "scope": "openid profile",
        "state": begun.kept["state"],
        "nonce": begun.kept["nonce"],
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "acr_values": "urn:example:l2 urn:example:l3",
    }
    assert len({begun.kept["state"], begun.kept["nonce"], begun.kept["verifier"]}) == 3


def test_the_level_that_is_needed_is_asked_for(city: City) -> None:
    location = str(city.begin(AssuranceLevel.PRESENCE).location)
    assert dict(parse_qsl(urlsplit(location).query))["acr_values"] == "urn:example:l3"


def test_a_provider_without_such_a_level_is_not_asked_for_one() -> None:
    city = City(replace(CONFIGURATION, levels={"x": AssuranceLevel.ACCOUNT}))
    assert "acr_values" not in str(city.begin(AssuranceLevel.PRESENCE).location)


def test_an_authorization_endpoint_keeps_its_own_query(city: City) -> None:
    city.provider.metadata["authorization_endpoint"] = f"{ISSUER}/authorize?realm=city"
    assert str(city.begin().location).startswith(f"{ISSUER}/authorize?realm=city&response_type=code")


# The token request.


def test_the_client_authenticates_by_basic(city: City) -> None:
    city.log_in()
    (request,) = city.provider.token_requests
    assert basic_of(request) == "ecert%3Acity:p%25ss%20word"
    assert set(parameters_of(request)) == {"grant_type", "code", "redirect_uri", "code_verifier"}


def test_the_client_authenticates_by_post() -> None:
    city = City(replace(CONFIGURATION, authentication=Authentication.POST))
    city.log_in()
    form = parameters_of(city.provider.token_requests[0])
    assert (form["client_id"], form["client_secret"]) == (CLIENT, SECRET)


def test_a_public_client_names_itself() -> None:
    city = City(replace(CONFIGURATION, authentication=Authentication.NONE))
    city.log_in()
    form = parameters_of(city.provider.token_requests[0])
    assert (form["client_id"], form.get("client_secret")) == (CLIENT, None)
    assert "authorization" not in city.provider.token_requests[0].headers


# The answer.


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"state": "other"}, "state"),
        ({"state": ...}, "state"),
        ({"code": ...}, "code"),
        ({"iss": "https://evil.example"}, "another issuer"),
        ({"code": ..., "error": "login_required"}, "code"),
        ({"code": "code-2"}, "refuses with status 400"),
    ],
)
def test_an_answer_with_a_flaw_is_refused(city: City, changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(IdentityRefused, match=sentence):
        city.log_in(**changes)


def test_an_answer_of_the_issuer_is_taken(city: City) -> None:
    city.provider.metadata["authorization_response_iss_parameter_supported"] = True
    assert city.log_in(iss=ISSUER)


def test_an_answer_without_its_issuer_is_refused_where_the_provider_names_itself(city: City) -> None:
    """RFC 9207, 2.4."""
    city.provider.metadata["authorization_response_iss_parameter_supported"] = True
    with pytest.raises(IdentityRefused, match="another issuer"):
        city.log_in()


def test_who_goes_back_at_the_provider_has_cancelled(city: City) -> None:
    with pytest.raises(LoginCancelled):
        city.log_in(code=..., error="access_denied")


def test_a_cancellation_of_another_login_is_none(city: City) -> None:
    with pytest.raises(IdentityRefused, match="state"):
        city.log_in(code=..., error="access_denied", state="other")


# The ID token.


@pytest.mark.parametrize(
    ("claims", "sentence"),
    [
        ({"iss": "https://evil.example"}, "another issuer"),
        ({"aud": "another"}, "another audience"),
        ({"aud": ["another"]}, "another audience"),
        ({"aud": [CLIENT, "another"]}, "azp"),
        ({"azp": "another"}, "azp"),
        ({"nonce": "other"}, "nonce"),
        ({"nonce": ...}, "nonce"),
        ({"exp": 1}, "expired"),
        ({"exp": ...}, "when it was made"),
        ({"iat": 4_000_000_000}, "time to come"),
        ({"acr": "urn:example:l0"}, "acr"),
        ({"acr": ...}, "acr"),
        ({"acr": ["urn:example:l3"]}, "acr"),
        ({"id_number": ...}, "no number"),
        ({"id_number": 440799}, "no number"),
        ({"name": ""}, "no name"),
        ({"id_type": "PASSPORT"}, "code type"),
        ({"id_type": ...}, "code type"),
    ],
)
def test_an_id_token_with_a_flaw_is_refused(city: City, claims: dict[str, Any], sentence: str) -> None:
    city.provider.claims = claims
    with pytest.raises(IdentityRefused, match=sentence):
        city.log_in()


def test_an_id_token_for_several_names_this_client_as_the_one_it_was_made_for(city: City) -> None:
    city.provider.claims = {"aud": [CLIENT, "another"], "azp": CLIENT}
    assert city.log_in()


def test_an_answer_without_an_id_token_is_refused(city: City) -> None:
    city.provider.answers[TOKEN] = answering(200, {"access_token": "at-1"})
    with pytest.raises(IdentityRefused, match="no ID token"):
        city.log_in()


@pytest.mark.parametrize("token", ["", "a.b", "a.b.c"])
def test_what_is_no_jwt_is_refused(city: City, token: str) -> None:
    city.provider.answers[TOKEN] = answering(200, {"id_token": token})
    with pytest.raises(IdentityRefused, match="no signed JWT"):
        city.log_in()


def test_a_token_signed_by_another_key_of_the_same_name_is_refused(city: City) -> None:
    forged = OpenIdProvider(city.clock)

    def answer(request: httpx.Request) -> httpx.Response:
        forged.nonce = city.provider.nonce
        return httpx.Response(200, json={"id_token": forged.id_token()})

    city.provider.answers[TOKEN] = answer
    with pytest.raises(IdentityRefused, match="signature"):
        city.log_in()


def test_an_rsa_provider_is_taken(city: City) -> None:
    city.provider.keys = [ProviderKey("r1", "RS256")]
    assert city.log_in()


def test_a_token_without_an_algorithm_is_refused(city: City) -> None:
    none = "eyJhbGciOiJub25lIiwia2lkIjoiazEifQ.e30."
    city.provider.answers[TOKEN] = answering(200, {"id_token": none})
    with pytest.raises(IdentityRefused, match="no key"):
        city.log_in()


# Keys.


def test_keys_are_fetched_once(city: City) -> None:
    city.log_in()
    city.log_in()
    assert city.provider.asked.count(JWKS) == 1
    assert city.provider.asked.count(DISCOVERY) == 1


def test_a_new_key_of_the_provider_is_fetched(city: City) -> None:
    city.log_in()
    city.clock.move(timedelta(minutes=2))
    city.provider.keys = [ProviderKey("k2"), *city.provider.keys]
    assert city.log_in()
    assert city.provider.asked.count(JWKS) == 2


def test_an_unknown_kid_makes_us_ask_at_most_once_a_minute(city: City) -> None:
    city.log_in()
    city.clock.move(timedelta(minutes=2))
    signing = ProviderKey("k9")
    listed, city.provider.keys = city.provider.keys, [signing]
    city.provider.answers[JWKS] = lambda request: httpx.Response(200, json={"keys": [key.jwk() for key in listed]})
    for _ in range(3):
        with pytest.raises(IdentityRefused, match="no key"):
            city.log_in()
    assert city.provider.asked.count(JWKS) == 2


@pytest.mark.parametrize("answer", [answering(500), answering(200, []), answering(200, {"keys": 1})])
def test_without_the_provider_s_keys_nobody_is_known(city: City, answer: Callable[..., httpx.Response]) -> None:
    city.provider.answers[JWKS] = answer
    with pytest.raises(IdentityUnavailable, match="keys"):
        city.log_in()


def test_keys_that_cannot_be_reached_are_unavailable(city: City) -> None:
    def fails(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no")

    city.provider.answers[JWKS] = fails
    with pytest.raises(IdentityUnavailable, match="ConnectError"):
        city.log_in()


# Discovery.


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": ...},
        {"token_endpoint": "http://id.example/token"},
        {"authorization_endpoint": "https://["},
        {"jwks_uri": 1},
        {"userinfo_endpoint": "ftp://id.example/"},
    ],
)
def test_a_discovery_document_with_a_flaw_is_refused(city: City, metadata: dict[str, Any]) -> None:
    city.provider.metadata = metadata
    with pytest.raises(IdentityUnavailable, match="discovery"):
        city.begin()


class Dripping(httpx.AsyncByteStream):
    """A body of which a byte comes now and then, for ever."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            await asyncio.sleep(0.01)
            yield b" "


def test_a_provider_that_drips_is_given_up(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each read is quick enough: the whole answer is not."""
    monkeypatch.setattr("ecert.identity.provider.SECONDS", 0.05)
    city.provider.answers[DISCOVERY] = lambda request: httpx.Response(200, stream=Dripping())
    with pytest.raises(IdentityUnavailable):
        city.begin()


def test_an_address_that_is_none_is_the_providers_mistake(city: City) -> None:
    def refused(_: httpx.Request) -> httpx.Response:
        raise httpx.InvalidURL("no address")

    city.provider.answers[DISCOVERY] = refused
    with pytest.raises(IdentityUnavailable):
        city.begin()


@pytest.mark.parametrize(
    "answer",
    [
        answering(404),
        answering(301),
        answering(200, []),
        lambda request: httpx.Response(200, content=b"x" * (MAX_ANSWER + 1)),
    ],
)
def test_an_answer_that_is_no_discovery_document_is_refused(
    city: City, answer: Callable[[httpx.Request], httpx.Response]
) -> None:
    city.provider.answers[DISCOVERY] = answer
    with pytest.raises(IdentityUnavailable):
        city.begin()


def test_a_provider_that_is_down_is_asked_again_after_five_seconds(city: City) -> None:
    city.provider.answers[DISCOVERY] = answering(503)
    for _ in range(3):
        with pytest.raises(IdentityUnavailable):
            city.begin()
    assert city.provider.asked == [DISCOVERY]
    del city.provider.answers[DISCOVERY]
    city.clock.move(timedelta(seconds=5))
    assert city.begin().location


def test_an_old_discovery_document_serves_while_no_new_one_can_be_had(city: City) -> None:
    city.begin()
    city.clock.move(timedelta(hours=2))
    city.provider.answers[DISCOVERY] = answering(503)
    assert city.begin().location
    assert city.provider.asked == [DISCOVERY, DISCOVERY]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_token_endpoint_that_is_busy_is_unavailable(city: City, status: int) -> None:
    city.provider.answers[TOKEN] = answering(status)
    with pytest.raises(IdentityUnavailable, match=str(status)):
        city.log_in()


# UserInfo and code types.

BY_USERINFO = replace(CONFIGURATION, userinfo=True)


def test_claims_come_from_userinfo_where_the_provider_has_them_there() -> None:
    city = City(BY_USERINFO)
    city.provider.claims = {"id_number": ..., "name": ..., "id_type": ...}
    city.provider.info = {"id_number": "91440799MA0000000X", "name": "示例公司", "id_type": "USCC", "acr": "x"}
    assert city.log_in() == Identity("001", "91440799MA0000000X", "示例公司", AssuranceLevel.PRESENCE)


def test_userinfo_of_another_subject_is_refused() -> None:
    """OpenID Connect Core 1.0, 5.3.2."""
    city = City(BY_USERINFO)
    city.provider.info = {"sub": "another"}
    with pytest.raises(IdentityRefused, match="another subject"):
        city.log_in()


def test_an_id_token_without_a_subject_fits_no_userinfo() -> None:
    city = City(BY_USERINFO)
    city.provider.claims = {"sub": ...}
    with pytest.raises(IdentityRefused, match="another subject"):
        city.log_in()


def test_a_provider_without_userinfo_is_refused() -> None:
    city = City(BY_USERINFO)
    city.provider.metadata = {"userinfo_endpoint": ...}
    with pytest.raises(IdentityRefused, match="no way"):
        city.log_in()


@pytest.mark.parametrize("token", [None, "a\r\nb: c", "令牌"])
def test_an_access_token_that_is_none_is_sent_nowhere(token: object) -> None:
    city = City(BY_USERINFO)

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"id_token": city.provider.id_token(), "access_token": token})

    city.provider.answers[TOKEN] = answer
    with pytest.raises(IdentityRefused, match="no way"):
        city.log_in()


def test_a_provider_with_one_kind_of_number_needs_no_code_type() -> None:
    city = City(replace(CONFIGURATION, claims=ClaimNames("id_number", "name", fixed="111"), code_types={}))
    city.provider.claims = {"id_type": ...}
    assert city.log_in().code_type == "111"


def test_one_kind_of_number_by_userinfo() -> None:
    city = City(replace(BY_USERINFO, claims=ClaimNames("id_number", "name", fixed="111"), code_types={}))
    assert city.log_in().code_type == "111"


def test_nothing_that_is_kept_or_refused_shows_who_it_is(city: City) -> None:
    """invariant 4: no personal data in errors."""
    city.provider.claims = {"id_type": "PASSPORT"}
    with pytest.raises(IdentityRefused) as caught:
        city.log_in()
    assert "440799" not in str(caught.value)
    assert "440799" not in repr(Identity("111", "440799199001010011", "陈示例", AssuranceLevel.PRESENCE))
