"""Addresses that a wallet asks."""

import pytest

from tests.support.vci_wallet import run
from wallet_api.openid4vci.errors import AddressRefused, error_word
from wallet_api.openid4vci.ports import HttpRequest, HttpResponse
from wallet_api.openid4vci.web import Web, check_identifier, check_url, well_known


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example",
        "https://a.example:8443/x?y=1",
        "http://127.0.0.1:8440/x",
        "http://localhost",
        "http://[::1]/",
    ],
)
def test_an_address_that_may_be_asked(url: str) -> None:
    assert check_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        None,
        7,
        "",
        "a.example",
        "http://a.example",
        "http://127.0.0.1.example",
        "ftp://a.example",
        "https://",
        "https://user@a.example",
        "https://a.example#x",
        "https://a.example#",
        "https://a.example:port",
        "https://[a.example",
        "https://a.example/ x",
        "https://a.example/中",
        "https://a.example/" + "x" * 2_048,
    ],
)
def test_an_address_that_may_not(url: object) -> None:
    with pytest.raises(AddressRefused):
        check_url(url)


@pytest.mark.parametrize("url", ["https://a.example?", "https://a.example/x?y"])
def test_an_identifier_has_no_query(url: str) -> None:
    with pytest.raises(AddressRefused, match="query"):
        check_identifier(url)


@pytest.mark.parametrize(
    ("identifier", "address"),
    [
        ("https://a.example", "https://a.example/.well-known/x"),
        ("https://a.example:1/t/u", "https://a.example:1/.well-known/x/t/u"),
    ],
)
def test_the_well_known_segment_stands_between_host_and_path(identifier: str, address: str) -> None:
    """4.1.1"""
    assert well_known(identifier, "x") == address


class _Http:
    def __init__(self, response: HttpResponse) -> None:
        self.response = response

    async def send(self, request: HttpRequest) -> HttpResponse:
        del request
        return self.response


@pytest.mark.parametrize(
    ("kind", "body", "members"),
    [
        ("application/json", b'{"a":1}', {"a": 1}),
        ("application/json; charset=utf-8", b'{"a":1}', {"a": 1}),
        ("application/problem+json", b'{"a":1}', {"a": 1}),
        ("text/html", b'{"a":1}', None),
        ("application/json", b"[]", None),
        ("application/json", b'{"a":1,"a":2}', None),
        ("application/json", b"<html>", None),
    ],
)
def test_only_a_json_object_is_one(kind: str, body: bytes, members: object) -> None:
    answer = run(Web(_Http(HttpResponse(200, {"content-type": kind}, body))).get("https://a.example"))
    assert answer.members == members
    assert answer.error is None


@pytest.mark.parametrize(
    ("value", "word"), [("invalid_grant", "invalid_grant"), ("陈大文", "unknown_error"), (7, "unknown_error")]
)
def test_only_words_of_the_standards_are_repeated(value: object, word: str) -> None:
    assert error_word(value) == word
