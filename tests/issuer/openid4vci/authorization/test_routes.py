"""The routes of the authorization server over HTTP: bodies, headers, statuses."""

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from fastapi import FastAPI

from issuer.openid4vci.authorization.policy import Policy
from issuer.openid4vci.authorization.routes import router
from schemas.errors import UnknownDepartment
from tests.support.oauth import ISSUER, TOKEN_URL, Proof, Server, server

FORM = "application/x-www-form-urlencoded"


class InlineEdge:
    """Runs what waits at once."""

    async def run(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    def answers(self, *codes: int, example: Any = None, media_type: str = "application/json") -> dict[Any, Any]:
        return {200: {"description": "Done", "content": {media_type: {"example": example}}}}


def sent(desk: Server, method: str, path: str, **kwargs: Any) -> httpx.Response:
    app = FastAPI()
    app.include_router(router(desk.services, InlineEdge()))

    async def send() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://inside") as client:
            return await client.request(method, path, **kwargs)

    return asyncio.run(send())


def headers(desk: Server) -> list[tuple[str, str]]:
    fields = desk.wallet.attested()
    return [
        ("Content-Type", FORM),
        ("OAuth-Client-Attestation", fields.attestations[0]),
        ("OAuth-Client-Attestation-PoP", fields.proofs[0]),
        ("DPoP", desk.wallet.dpop("POST", TOKEN_URL, Proof(desk.key))),
    ]


@pytest.fixture
def desk() -> Server:
    return server()


def test_a_token_comes_as_json_that_nobody_keeps(desk: Server) -> None:
    """4.5.1 200 JSON, ``Cache-Control: no-store``; 4.7 of ``htu``: the public address, not the one asked."""
    answer = sent(desk, "POST", "/issuers/amr/token", content=urlencode(desk.code_form()), headers=headers(desk))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["token_type"] == "DPoP"


@pytest.mark.parametrize("name", ["DPoP", "DPOP", "dpop"])
def test_the_name_of_the_field_may_be_in_capitals(desk: Server, name: str) -> None:
    """4.6.4 The header's name in capitals."""
    fields = [(name if key == "DPoP" else key, value) for key, value in headers(desk)]
    answer = sent(desk, "POST", "/issuers/amr/token", content=urlencode(desk.code_form()), headers=fields)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("name", "error", "status"),
    [("DPoP", "invalid_dpop_proof", 400), ("OAuth-Client-Attestation", "invalid_client_attestation", 401)],
)
def test_a_field_twice_is_seen_twice(desk: Server, name: str, error: str, status: int) -> None:
    """4.4.1, 4.6.4 Every field of a name counts."""
    fields = headers(desk)
    fields.append(next(field for field in fields if field[0] == name))
    answer = sent(desk, "POST", "/issuers/amr/token", content=urlencode(desk.code_form()), headers=fields)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_a_refusal_is_json_with_error_and_description(desk: Server) -> None:
    """4.5.6 400 JSON with ``error``; no-store."""
    answer = sent(desk, "POST", "/issuers/amr/token", content="grant_type=x", headers=headers(desk))
    assert answer.status_code == 400
    assert answer.json() == {"error": "unsupported_grant_type", "error_description": "grant type is not supported"}
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("content", ["grant_type=x&grant_type=y", "%FF=1"])
def test_a_body_that_cannot_be_read_is_an_invalid_request(desk: Server, content: str) -> None:
    """RFC 6749, 3.2: a parameter twice."""
    answer = sent(desk, "POST", "/issuers/amr/token", content=content, headers=headers(desk))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_a_body_of_another_type_is_an_invalid_request(desk: Server) -> None:
    """RFC 6749, 4.1.3: a form."""
    answer = sent(desk, "POST", "/issuers/amr/token", json={"grant_type": "authorization_code"})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_a_nonce_is_asked_for_in_a_header() -> None:
    """4.6.2, 9.6 400 JSON ``use_dpop_nonce`` and ``DPoP-Nonce``."""
    desk = server(Policy(dpop_nonces=True))
    answer = sent(desk, "POST", "/issuers/amr/token", content=urlencode(desk.code_form()), headers=headers(desk))
    assert (answer.status_code, answer.json()["error"]) == (400, "use_dpop_nonce")
    assert answer.headers["dpop-nonce"]


def test_a_challenge_is_fresh_each_time_and_kept_by_nobody(desk: Server) -> None:
    """4.4.6 POST: 200 JSON ``attestation_challenge``, ``no-store``, nothing else."""
    first, second = (sent(desk, "POST", "/issuers/amr/challenge") for _ in range(2))
    assert first.status_code == 200
    assert first.headers["cache-control"] == "no-store"
    assert set(first.json()) == {"attestation_challenge"}
    assert first.json() != second.json()


def test_a_challenge_is_counted(desk: Server) -> None:
    """Issue 4, operations: a limit by address."""
    desk.limits.refused.add("nonce")
    answer = sent(desk, "POST", "/issuers/amr/challenge")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "30")


def test_the_metadata_stand_where_the_path_is_inserted(desk: Server) -> None:
    """4.2.1 200 JSON at the well-known address with path insertion; anybody may keep it for a while."""
    answer = sent(desk, "GET", "/.well-known/oauth-authorization-server/issuers/amr")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert answer.json()["issuer"] == ISSUER


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/issuers/nobody/challenge"),
        ("GET", "/.well-known/oauth-authorization-server/issuers/nobody"),
    ],
)
def test_an_unknown_department_is_a_problem_and_no_page(desk: Server, method: str, path: str) -> None:
    """9.4 Missing metadata is 404: the error goes on to the application, which knows its status."""
    with pytest.raises(UnknownDepartment):
        sent(desk, method, path)


def test_an_unknown_departments_token_endpoint_is_a_problem(desk: Server) -> None:
    """9.4 The same at the token endpoint."""
    with pytest.raises(UnknownDepartment):
        sent(desk, "POST", "/issuers/nobody/token", content=urlencode(desk.code_form()), headers=headers(desk))
