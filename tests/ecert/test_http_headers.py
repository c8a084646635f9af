"""The security headers: a route's own policy wins, and https is for a year."""

import asyncio
from typing import Any

import pytest

from ecert.http.headers import HSTS, SecurityHeaders


def headers_of(own: list[tuple[bytes, bytes]], **options: Any) -> list[tuple[bytes, bytes]]:
    """Return the header fields of an answer that began with ``own``."""
    sent: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": own})
        await send({"type": "http.response.body", "body": b""})

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(SecurityHeaders(app, frame_ancestors="'none'", **options)({}, None, send))
    return list(sent[0]["headers"])


def test_a_routes_own_policy_is_the_only_one() -> None:
    found = headers_of([(b"content-security-policy", b"form-action 'self' https://wallet.example")])
    policies = [value for name, value in found if name == b"content-security-policy"]
    assert policies == [b"form-action 'self' https://wallet.example"]


def test_an_own_policy_takes_no_other_header_away() -> None:
    own = (b"content-security-policy", b"default-src 'none'")
    assert {name for name, _ in headers_of([own])} == {name for name, _ in headers_of([])}


def test_an_answer_without_a_policy_gets_one() -> None:
    assert [name for name, _ in headers_of([])].count(b"content-security-policy") == 1


@pytest.mark.parametrize("hsts", [True, False])
def test_browsers_are_held_to_https_when_the_public_address_is_https(hsts: bool) -> None:
    assert ((b"strict-transport-security", HSTS.encode()) in headers_of([], hsts=hsts)) is hsts
