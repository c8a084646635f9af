"""The authorization request: both ways, and every rule of section 5 broken by itself."""

from typing import Any

import pytest

from keys.jwe import DecryptionKey
from schemas.openid4vp.client_id import ClientId, Prefix
from schemas.openid4vp.errors import InvalidPresentationRequest
from schemas.openid4vp.request import ResponseMode, is_endpoint, read_parameters, read_request
from tests.support.vp_requests import HOST, QUERY, RESPONSE_URI, SAN_DNS, request_of

BY_NAME = ClientId(Prefix.REDIRECT_URI, RESPONSE_URI)
INFO = {"format": "jwt", "data": "eyJ", "credential_ids": ["licence"]}
GONE = object()


def changed(claims: dict[str, Any], **changes: Any) -> dict[str, Any]:
    merged = claims | changes
    return {name: value for name, value in merged.items() if value is not GONE}


@pytest.mark.parametrize("client_id", [SAN_DNS, BY_NAME, ClientId(Prefix.PRE_REGISTERED, "client")])
@pytest.mark.parametrize("encrypted", [True, False])
def test_a_request_is_read_back_as_it_was(client_id: ClientId, encrypted: bool, key: DecryptionKey) -> None:
    more = {"transaction_data": ("e30",), "verifier_info": (INFO,), "wallet_nonce": "qPmx"}
    for request in (request_of(client_id, key if encrypted else None), request_of(client_id, key, **more)):
        assert read_request(request.claims()) == request


def test_a_request_for_a_browser_is_read_back_as_it_was(key: DecryptionKey) -> None:
    for_browser: dict[str, Any] = {"response_mode": ResponseMode.DC_API_JWT, "response_uri": None, "state": None}
    signed = request_of(SAN_DNS, key, **for_browser, expected_origins=("https://a.example",))
    assert read_request(signed.claims()) == signed
    unsigned = request_of(None, key, **for_browser)
    assert read_request(unsigned.claims()) == unsigned
    assert read_request(unsigned.claims() | {"state": "ignored"}).state is None


def test_parameters_that_we_do_not_know_are_passed_over(claims: dict[str, Any]) -> None:
    assert read_request(claims | {"presentation_definition": {}, "iss": "x"}) == read_request(claims)


def test_modes_say_how_the_response_comes_back() -> None:
    assert [(mode.encrypted, mode.by_dc_api) for mode in ResponseMode] == [
        (False, False),
        (True, False),
        (False, True),
        (True, True),
    ]


FLAWS: dict[str, tuple[dict[str, Any], str]] = {
    "another response type": ({"response_type": "vp_token id_token"}, "response_type"),
    "no response type": ({"response_type": GONE}, "response_type"),
    "another response mode": ({"response_mode": "fragment"}, "response_mode"),
    "no response mode": ({"response_mode": GONE}, "response_mode"),
    "a response mode that is no text": ({"response_mode": []}, "response_mode"),
    "a scope beside the query": ({"scope": "openid"}, "no scope"),
    "no query": ({"dcql_query": GONE}, "dcql_query"),
    "a query that is none": ({"dcql_query": {"credentials": []}}, "dcql_query is not valid"),
    "no client_id": ({"client_id": GONE}, "client_id is no text"),
    "no nonce": ({"nonce": GONE}, "nonce is no text"),
    "a nonce that is not URL-safe": ({"nonce": "a b"}, "nonce is no text"),
    "a nonce too long": ({"nonce": "a" * 513}, "nonce is no text"),
    "a state that is no text": ({"state": 7}, "state is no text"),
    "a redirect_uri beside": ({"redirect_uri": RESPONSE_URI}, "redirect_uri"),
    "no response_uri": ({"response_uri": GONE}, "no https address"),
    "a response_uri without TLS": ({"response_uri": f"http://{HOST}/"}, "no https address"),
    "client_metadata that is none": ({"client_metadata": []}, "client_metadata is no object"),
    "no key to encrypt to": ({"client_metadata": {}}, "no key and encryption"),
    "no metadata to encrypt with": ({"client_metadata": GONE}, "no key and encryption"),
    "transaction_data that is no array": ({"transaction_data": "e30"}, "transaction_data is no array"),
    "no transaction_data in it": ({"transaction_data": []}, "transaction_data is no array"),
    "transaction_data of objects": ({"transaction_data": [{}]}, "transaction_data is no array"),
    "an empty entry": ({"transaction_data": [""]}, "transaction_data is no array"),
    "too many entries": ({"transaction_data": ["e30"] * 21}, "transaction_data is no array"),
    "an entry too long": ({"transaction_data": ["a" * 10_001]}, "transaction_data is no array"),
    "verifier_info that is no array": ({"verifier_info": INFO}, "verifier_info"),
    "no verifier_info in it": ({"verifier_info": []}, "verifier_info"),
    "verifier_info of texts": ({"verifier_info": ["x"]}, "verifier_info"),
    "verifier_info without format": ({"verifier_info": [INFO | {"format": None}]}, "verifier_info"),
    "verifier_info without data": ({"verifier_info": [INFO | {"data": 1}]}, "verifier_info"),
    "verifier_info for no credential": ({"verifier_info": [INFO | {"credential_ids": []}]}, "verifier_info"),
    "verifier_info for one that is no text": ({"verifier_info": [INFO | {"credential_ids": [1]}]}, "verifier_info"),
    "verifier_info for no list": ({"verifier_info": [INFO | {"credential_ids": "x"}]}, "verifier_info"),
    "too many verifier_info": ({"verifier_info": [INFO] * 21}, "verifier_info"),
    "a wallet_nonce that is no text": ({"wallet_nonce": 1}, "wallet_nonce"),
    "an empty wallet_nonce": ({"wallet_nonce": ""}, "wallet_nonce"),
}


@pytest.mark.parametrize("flaw", FLAWS)
def test_each_rule_refuses_by_itself(claims: dict[str, Any], flaw: str) -> None:
    changes, why = FLAWS[flaw]
    with pytest.raises(InvalidPresentationRequest, match=why):
        read_request(changed(claims, **changes))


def test_the_response_goes_to_the_uri_that_the_client_id_names(key: DecryptionKey) -> None:
    claims = request_of(BY_NAME, key).claims()
    assert read_request(changed(claims, response_uri=GONE)).response_uri == RESPONSE_URI
    with pytest.raises(InvalidPresentationRequest, match="not the one that client_id names"):
        read_request(changed(claims, response_uri="https://verifier.example/other"))


def test_the_response_goes_to_the_host_that_the_client_id_names(key: DecryptionKey) -> None:
    claims = request_of(SAN_DNS, key).claims()
    with pytest.raises(InvalidPresentationRequest, match="not at the host"):
        read_request(changed(claims, response_uri="https://other.example/"))


def test_without_holder_binding_the_state_joins_response_and_request(claims: dict[str, Any]) -> None:
    free = QUERY["credentials"][0] | {"require_cryptographic_holder_binding": False}
    asked = claims | {"dcql_query": {"credentials": [free]}}
    assert read_request(asked).state
    with pytest.raises(InvalidPresentationRequest, match="no state"):
        read_request(changed(asked, state=GONE))
    by_browser = changed(asked, state=GONE, response_mode="dc_api.jwt", response_uri=GONE)
    assert read_request(by_browser).state is None
    assert read_request(changed(claims, state=GONE)).state is None


@pytest.mark.parametrize(
    ("uri", "taken"),
    [
        ("https://a.example/x?y=z", True),
        ("https://a.example:8443", True),
        ("http://127.0.0.1:8440/x", True),
        ("http://localhost/", True),
        ("http://[::1]:1/", True),
        ("http://a.example/", False),
        ("ftp://a.example/", False),
        ("https:///x", False),
        ("https://user@a.example/", False),
        ("https://@a.example/", False),
        ("https://a.example/#", False),
        ("https://a.example/#x", False),
        ("https://a.example/ x", False),
        ("https://a.example/\n", False),
        ("https://a.example:99999/", False),
        ("https://[::1/", False),
        ("https://例.example/", False),
        ("https://a.example/" + "x" * 2_000, False),
        ("", False),
        (7, False),
    ],
)
def test_an_endpoint_is_https_without_fragment_and_user(uri: object, taken: bool) -> None:
    assert is_endpoint(uri) is taken


def test_a_request_by_value_is_read_back_from_an_address(key: DecryptionKey) -> None:
    request = request_of(BY_NAME, key, verifier_info=(INFO,), transaction_data=("e30",))
    parameters = request.parameters()
    assert all(isinstance(value, str) for value in parameters.values())
    assert read_parameters(parameters) == request


@pytest.mark.parametrize("text", ["{", '{"a":1,"a":2}', "\ud800"])
def test_a_parameter_that_is_no_json_is_refused(key: DecryptionKey, text: str) -> None:
    with pytest.raises(InvalidPresentationRequest, match="dcql_query is no JSON"):
        read_parameters(request_of(BY_NAME, key).parameters() | {"dcql_query": text})


def test_a_request_by_value_is_not_for_who_must_sign(key: DecryptionKey) -> None:
    with pytest.raises(InvalidPresentationRequest, match="must be signed"):
        read_parameters(request_of(SAN_DNS, key).parameters())
    by_browser = request_of(None, key, response_mode=ResponseMode.DC_API_JWT, response_uri=None, state=None)
    with pytest.raises(InvalidPresentationRequest, match="must be signed"):
        read_parameters(by_browser.parameters())
