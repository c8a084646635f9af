"""Forms in, answers out (RFC 6749, 3.2, 5.1 and 5.2)."""

import json

import pytest

from issuer.openid4vci.answers import (
    MAX_FORM,
    MAX_PARAMETERS,
    error_answer,
    json_answer,
    public_answer,
    read_form,
    read_query,
)
from issuer.openid4vci.errors import InvalidClient, InvalidRequest, UseDpopNonce
from keys.errors import MalformedToken

FORM = "application/x-www-form-urlencoded"


def test_a_form_gives_its_parameters_the_unknown_ones_too() -> None:
    form = read_form(b"grant_type=refresh_token&note=%E6%B1%9F+%E9%97%A8&x=", FORM)
    assert (form.need("grant_type"), form.get("note"), form.get("y")) == ("refresh_token", "江 门", None)


@pytest.mark.parametrize("content_type", [FORM + "; charset=UTF-8", "Application/X-WWW-Form-Urlencoded"])
def test_a_content_type_may_have_parameters_and_capitals(content_type: str) -> None:
    assert read_form(b"a=1", content_type).need("a") == "1"


@pytest.mark.parametrize("content_type", [None, "", "application/json", "multipart/form-data"])
def test_another_content_type_is_refused(content_type: str | None) -> None:
    with pytest.raises(InvalidRequest, match="content type"):
        read_form(b"a=1", content_type)


def test_a_parameter_without_a_value_counts_as_not_sent() -> None:
    form = read_form(b"client_id=&scope", FORM)
    assert "client_id" not in form
    with pytest.raises(InvalidRequest, match="parameter client_id is missing"):
        form.need("client_id")


@pytest.mark.parametrize("body", [b"a=1&a=2", b"a=1&a=1", b"a=&a=1", b"a=1&%61=1"])
def test_a_parameter_twice_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidRequest, match="twice"):
        read_form(body, FORM)


@pytest.mark.parametrize("body", [b"a=%FF", b"a=\xff", b"&".join(b"p%d=1" % n for n in range(MAX_PARAMETERS + 1))])
def test_what_is_not_utf8_or_too_many_parameters_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidRequest, match="too many"):
        read_form(body, FORM)


@pytest.mark.parametrize("body", [b"client_id=test_%00", b"client_id=test_\0", b"%00=test"])
def test_a_parameter_with_a_nul_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidRequest, match=r"U\+0000"):
        read_form(body, FORM)


def test_a_form_over_the_limit_is_refused_before_it_is_read() -> None:
    with pytest.raises(InvalidRequest, match="limit"):
        read_form(b"a=" + b"1" * MAX_FORM, FORM)


def test_a_query_follows_the_same_rules() -> None:
    assert read_query(b"client_id=w&request_uri=urn%3Ax").need("request_uri") == "urn:x"
    with pytest.raises(InvalidRequest):
        read_query(b"client_id=w&client_id=v")


def test_an_answer_is_json_that_nobody_keeps() -> None:
    answer = json_answer({"a": 1}, status=201, headers={"DPoP-Nonce": "n"})
    assert (answer.status, answer.body) == (201, b'{"a":1}')
    assert answer.headers == {
        "Content-Type": "application/json",
        "Cache-Control": "no-store",
        "Pragma": "no-cache",
        "DPoP-Nonce": "n",
    }


def test_metadata_may_be_kept_and_read_from_anywhere() -> None:
    answer = public_answer({"issuer": "i"}, headers={"Vary": "Accept"})
    assert (answer.status, answer.body) == (200, b'{"issuer":"i"}')
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert (answer.headers["Access-Control-Allow-Origin"], answer.headers["Vary"]) == ("*", "Accept")


def test_an_error_brings_its_status_its_word_and_its_headers() -> None:
    answer = error_answer(UseDpopNonce("proof lacks a nonce", nonce="n-1"))
    assert answer.status == 400
    assert json.loads(answer.body) == {"error": "use_dpop_nonce", "error_description": "proof lacks a nonce"}
    assert answer.headers["DPoP-Nonce"] == "n-1"
    assert answer.headers["Cache-Control"] == "no-store"
    assert error_answer(InvalidClient("no client authentication")).status == 401


def test_a_description_has_no_character_that_rfc_6749_forbids() -> None:
    answer = error_answer(InvalidRequest('says "a\\b" 江\n'))
    assert json.loads(answer.body)["error_description"] == "says 'a'b' ''"


def test_an_error_that_is_not_the_protocols_is_an_invalid_request() -> None:
    answer = error_answer(MalformedToken("text is not JSON"))
    assert (answer.status, json.loads(answer.body)["error"]) == (400, "invalid_request")
