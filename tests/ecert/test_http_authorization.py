"""The authorization server inside the whole application: wiring, statuses, headers, limits."""

import hashlib
from datetime import timedelta
from typing import Any

import httpx
import pytest

from issuer.openid4vci.authorization.pre_authorized import GRANT_TYPE
from issuer.openid4vci.grants import Grant, Kind, PreAuthorizedGrant
from keys.encoding import b64url_text
from keys.signer import SoftwareSigner
from tests.support.ecert_world import World
from tests.support.oauth import encoded
from wallet_api.openid4vci.attestation import proof_of_possession

INSTANCE = SoftwareSigner.generate()
LICENCE = "business_licence.dc+sd-jwt"


def issuer_of(world: World) -> str:
    return world.container.installation.issuer_uri("amr")


def fields(world: World, salt: str, **changes: str) -> dict[str, str]:
    """The header fields of an instance of the installation's own wallet."""
    now, provider = world.clock(), world.container.wallet_provider
    audience = issuer_of(world)
    made = iter(hashlib.sha256(f"{salt}{n}".encode()).digest() for n in range(9))
    claims = {"jti": salt, "htm": "POST", "htu": f"{audience}/token", "iat": int(now.timestamp())}
    header = {"alg": "ES256", "typ": "dpop+jwt", "jwk": dict(INSTANCE.public_key.jwk)}
    pop = proof_of_possession(
        INSTANCE,
        client_id=provider.client_id,
        audience=audience,
        challenge=None,
        now=now,
        randomness=lambda length: next(made)[:length],
    )
    return {
        "OAuth-Client-Attestation": provider.attestation(INSTANCE.public_key, now=now),
        "OAuth-Client-Attestation-PoP": pop,
        "DPoP": encoded(header, claims, INSTANCE.sign),
        **changes,
    }


def token(world: World, form: dict[str, Any], salt: str, **changes: str) -> httpx.Response:
    return world.client.post("/issuers/amr/token", data=form, headers=fields(world, salt, **changes))


def pre_authorized(world: World) -> dict[str, str]:
    grant = PreAuthorizedGrant(Grant("amr", world.enterprise(), (LICENCE,)))
    code = b64url_text(hashlib.sha256(str(world.clock()).encode()).digest())
    expires = world.clock() + timedelta(hours=1)
    world.container.storage.protocol.put(Kind.PRE_AUTHORIZED_CODE, code, grant.document(), expires_at=expires)
    return {"grant_type": GRANT_TYPE, "pre-authorized_code": code}


def test_the_wallet_of_the_installation_gets_tokens_and_refreshes_them(world: World) -> None:
    """4.5.4, 4.7.1 The own wallet's attester is known, the state is the database's."""
    first = token(world, pre_authorized(world), "a")
    assert first.status_code == 200
    assert first.headers["cache-control"] == "no-store"
    assert first.headers["x-content-type-options"] == "nosniff"
    refreshed = token(world, {"grant_type": "refresh_token", "refresh_token": first.json()["refresh_token"]}, "b")
    assert refreshed.status_code == 200
    assert refreshed.json()["access_token"] != first.json()["access_token"]


def test_the_metadata_are_of_the_public_address(still_world: World) -> None:
    """4.2.1 The same identifier as in certificates, whatever address was asked."""
    answer = still_world.client.get("/.well-known/oauth-authorization-server/issuers/amr")
    assert answer.json()["issuer"] == issuer_of(still_world)
    assert answer.json()["token_endpoint"] == f"{issuer_of(still_world)}/token"
    assert answer.headers["cache-control"] == "public, max-age=300"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/.well-known/oauth-authorization-server/issuers/nobody"),
        ("POST", "/issuers/nobody/challenge"),
    ],
)
def test_an_unknown_department_is_404(still_world: World, method: str, path: str) -> None:
    """9.4 Missing metadata is 404 and no page."""
    answer = still_world.client.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_department")


def test_another_method_is_405(still_world: World) -> None:
    """The token endpoint takes POST alone (RFC 6749, 3.2): no parameters in addresses."""
    assert still_world.client.get("/issuers/amr/token?grant_type=x").status_code == 405


def test_a_refusal_is_the_protocols_and_no_problem_document(still_world: World) -> None:
    """4.5.6 400 JSON with ``error``."""
    answer = token(still_world, {"grant_type": "x"}, "c")
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/json")
    assert answer.json()["error"] == "unsupported_grant_type"


def test_who_asks_too_often_is_refused_with_a_time(world: World) -> None:
    """Issue 4, operations: the limit by address, over the database."""
    for _ in range(60):
        world.client.post("/issuers/amr/token", data={"grant_type": "x"})
    answer = world.client.post("/issuers/amr/token", data={"grant_type": "x"})
    assert (answer.status_code, answer.json()["error"]) == (429, "slow_down")
    assert 1 <= int(answer.headers["retry-after"]) <= 60
