"""The authorization server over real databases: a grant used by several at once, and tokens that are ended."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from ecert.storage import Storage
from issuer.openid4vci.authorization.token_endpoint import TokenRequest
from issuer.openid4vci.errors import InvalidGrant, InvalidToken
from tests.support.oauth import DEPARTMENT, Server, server

THREADS = 6


@pytest.fixture
def desk(storage: Storage) -> Server:
    return server(kept_in=storage.protocol)


def redeemed(desk: Server, form: Callable[[], dict[str, Any]]) -> list[dict[str, Any] | None]:
    """Let every thread send a request at the same moment; None for one that was refused."""
    requests = [desk.request(form()) for _ in range(THREADS)]
    barrier = Barrier(THREADS)

    def send(request: TokenRequest) -> dict[str, Any] | None:
        barrier.wait(timeout=30)
        try:
            return desk.services.token(DEPARTMENT, request)
        except InvalidGrant:
            return None

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(send, requests))


def works(desk: Server, token: str) -> bool:
    try:
        desk.services.access.grant(desk.protected(token), department=DEPARTMENT)
    except InvalidToken:
        return False
    return True


def test_tokens_work_are_refreshed_and_end_with_their_family(desk: Server) -> None:
    """4.5.1, 4.7.1, 3.25 in one go, over the storage of an installation."""
    code = desk.code()
    first = desk.token(desk.code_form(code))
    second = desk.token(desk.refresh_form(first["refresh_token"]))
    assert works(desk, first["access_token"])
    assert works(desk, second["access_token"])
    with pytest.raises(InvalidGrant, match="used before"):
        desk.token(desk.code_form(code))
    assert not works(desk, first["access_token"])
    assert not works(desk, second["access_token"])


def test_a_code_used_by_many_at_once_leaves_no_token_in_force(desk: Server) -> None:
    """3.25 Whatever the order of their steps, the second use ends the tokens of all."""
    code = desk.code()
    answers = redeemed(desk, lambda: desk.code_form(code))
    assert len([answer for answer in answers if answer is not None]) == 1
    assert not any(works(desk, answer["access_token"]) for answer in answers if answer is not None)


def test_a_pre_authorized_code_used_by_many_at_once_gives_tokens_to_one(desk: Server) -> None:
    """4.5.5 Single use."""
    code = desk.pre_authorized()
    (answer,) = (answer for answer in redeemed(desk, lambda: desk.pre_form(code)) if answer is not None)
    assert works(desk, answer["access_token"])
