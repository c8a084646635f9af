"""Redirection endpoints: which addresses are taken, and how an answer gets there (RFC 6749, 3.1.2; RFC 8252, 7)."""

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuer.openid4vci.authorization.front.redirects import MAX_LENGTH, answered, check, form_source
from issuer.openid4vci.errors import InvalidRequest

TAKEN = [
    "https://wallet.example/cb",
    "https://wallet.example:8443/cb?a=b",
    "https://[::1]:8443/cb",
    "http://127.0.0.1:51004/cb",
    "http://localhost/cb",
    "http://[::1]:1/cb",
    "eu.example.wallet://authorize",
    "com.example.app:/oauth2redirect",
]
REFUSED = [
    "http://wallet.example/cb",
    "https:///cb",
    "https://user@wallet.example/cb",
    "https://wallet.example/cb#fragment",
    "https://wallet.example/c b",
    "https://wallet.example/\r\nset-cookie:a=b",
    "https://wallet.example;script-src/cb",
    "https://wallet.example:port/cb",
    "https://[::1/cb",
    "https://wallet.example/" + "x" * MAX_LENGTH,
    "javascript:alert(1)",
    "data:text/html,x",
    "wallet://cb",
    "/cb",
    "1.2:/cb",
]


@pytest.mark.parametrize("uri", TAKEN)
def test_an_address_of_a_client_without_registration_is_taken(uri: str) -> None:
    """4.3.3 https, loopback, private-use schemes (RFC 8252, 7)."""
    check(uri, registered=None)


@pytest.mark.parametrize("uri", REFUSED)
def test_an_address_that_is_none_of_these_is_refused(uri: str) -> None:
    """4.3.3 nothing else, and nothing that could open another header or directive."""
    with pytest.raises(InvalidRequest):
        check(uri, registered=None)


def test_a_registered_scheme_needs_no_dot() -> None:
    """4.3.3 the operator has registered it."""
    check("wallet://cb", registered=("wallet://cb",))


def test_a_registered_address_is_taken_character_for_character() -> None:
    """4.3.3 exact match, the query is significant."""
    with pytest.raises(InvalidRequest, match="not registered"):
        check("https://wallet.example/cb/", registered=("https://wallet.example/cb",))


def test_a_client_that_registered_none_is_answered_nowhere() -> None:
    """4.3.3 no address is no permission."""
    with pytest.raises(InvalidRequest, match="not registered"):
        check("https://wallet.example/cb", registered=())


def test_a_registered_address_that_a_browser_runs_is_refused_all_the_same() -> None:
    """4.3.3 javascript: is nobody's address."""
    with pytest.raises(InvalidRequest, match="private-use"):
        check("javascript:alert", registered=("javascript:alert",))


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("https://w.example/cb", "https://w.example/cb?code=a%2Fb"),
        ("https://w.example/cb?", "https://w.example/cb?code=a%2Fb"),
        ("https://w.example/cb?x=%7E&y=2", "https://w.example/cb?x=%7E&y=2&code=a%2Fb"),
        ("com.example.app:/cb", "com.example.app:/cb?code=a%2Fb"),
    ],
)
def test_an_answer_stands_behind_the_addresss_own_query(uri: str, expected: str) -> None:
    """4.3.4 in the query, never the fragment; the query that is there stays byte for byte."""
    assert answered(uri, {"code": "a/b"}) == expected


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("https://Wallet.example:8443/cb?a=b", "https://wallet.example:8443"),
        ("http://localhost:99/cb", "http://localhost:99"),
        ("https://wallet.example:/cb", "https://wallet.example"),
        ("http://[::1]:99/cb", "http:"),
        ("com.example.app:/cb", "com.example.app:"),
    ],
)
def test_a_form_may_lead_to_the_clients_origin(uri: str, expected: str) -> None:
    """4.3.8 Chromium holds the redirect after a form to form-action."""
    assert form_source(uri) == expected


_PARTS = [
    "https://",
    "http://",
    "a.b:",
    "//",
    "localhost",
    "::1",
    "[",
    "]",
    ":",
    "@",
    "/",
    "?",
    "#",
    ";",
    "'",
    "%",
    "99",
    "é",
]


@given(st.lists(st.sampled_from(_PARTS) | st.text(max_size=3), max_size=8).map("".join))
def test_whatever_is_taken_makes_one_source_of_a_policy_and_one_header(uri: str) -> None:
    """4.3.8 nothing that a client names opens another directive or another header."""
    with suppress(InvalidRequest):
        check(uri, registered=None)
        assert re.fullmatch(r"[a-z][a-z0-9+.-]*:(//[a-z0-9.-]+(:[0-9]+)?)?", form_source(uri))
        assert re.fullmatch(r"[!-~]+", answered(uri, {"state": "\r\nset-cookie: a=b; 状态"}))
