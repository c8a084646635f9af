"""request_uri and response_uri as requests and answers: forms and their flaws, refusals in RFC 6749's words, limits."""

import pytest

from issuer.openid4vci.errors import TooManyRequests
from keys import strict_json
from tests.support.vp_verifier import Verifier
from verifier.errors import PresentationRefused
from verifier.openid4vp.endpoint import MAX_FORM, MAX_PARAMETERS, MAX_REQUEST_FORM, HttpAnswer, Posted, refusal
from verifier.openid4vp.transactions import Flow, State

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def verifier() -> Verifier:
    return Verifier()


def said(answer: HttpAnswer) -> tuple[int, str]:
    body = strict_json.loads_object(answer.body)
    assert body.keys() == {"error", "error_description"}
    assert (answer.media_type, body["error"]) == ("application/json", "invalid_request")
    return answer.status, body["error_description"]


FLAWS: dict[str, tuple[Posted, str]] = {
    "another content type": (Posted(b"{}", "application/json"), "content type"),
    "no content type": (Posted(b"a=1", None), "content type"),
    "a field twice": (Posted(b"response=a&response=b", FORM), "a field stands twice"),
    "U+0000": (Posted(b"response=a%00", FORM), "a field holds U+0000"),
    "U+0000 as it is": (Posted(b"response=a\0", FORM), "a field holds U+0000"),
    "no UTF-8": (Posted(b"response=%ff", FORM), "not url-encoded"),
    "bytes that are not encoded": (Posted("response=拒".encode(), FORM), "not url-encoded"),
    "too many fields": (Posted(b"&".join(b"a%d=1" % n for n in range(MAX_PARAMETERS + 1)), FORM), "too many"),
    "too large": (Posted(b"response=" + b"a" * MAX_FORM, FORM), f"more than {MAX_FORM} bytes"),
    "no response": (Posted(b"response=&x=1", FORM), "response is not there"),
    "no token": (Posted(b"response=x", FORM), "cannot be decrypted"),
}


@pytest.mark.parametrize("flaw", FLAWS)
def test_a_form_that_cannot_be_read_is_refused(verifier: Verifier, flaw: str) -> None:
    posted, why = FLAWS[flaw]
    begun = verifier.begin()
    status, described = said(verifier.endpoint.response(begun.transaction.transaction_id, posted, address="a"))
    assert status == 400
    assert why in described


def test_a_request_form_has_its_own_limit(verifier: Verifier) -> None:
    name = verifier.begin().transaction.transaction_id
    posted = Posted(b"wallet_metadata=" + b"a" * MAX_REQUEST_FORM, FORM)
    assert said(verifier.endpoint.request(name, address="a", posted=posted))[0] == 400
    long = Posted(b"wallet_nonce=" + b"a" * 513, FORM)
    assert "wallet_nonce" in said(verifier.endpoint.request(name, address="a", posted=long))[1]


def test_there_is_no_transaction_but_those_that_were_begun(verifier: Verifier) -> None:
    assert said(verifier.endpoint.request("none", address="a"))[0] == 404
    assert said(verifier.endpoint.response("none", Posted(b"response=x", FORM), address="a"))[0] == 404


def test_what_a_browser_carries_is_not_posted_by_a_wallet(verifier: Verifier) -> None:
    begun = verifier.begin(flow=Flow.DC_API, origin="https://bank.example")
    answer = verifier.endpoint.response(begun.transaction.transaction_id, Posted(b"error=x", FORM), address="a")
    assert said(answer) == (404, "transaction has no response_uri")
    assert verifier.stored(begun).state is State.WAITING


def test_what_has_ended_is_neither_fetched_nor_answered(verifier: Verifier) -> None:
    begun = verifier.begin()
    verifier.answer(begun, verifier.shown(begun))
    name = begun.transaction.transaction_id
    assert said(verifier.endpoint.request(name, address="a"))[0] == 400
    assert said(verifier.endpoint.response(name, Posted(b"response=x", FORM), address="a"))[0] == 400


def test_both_are_limited_by_address(verifier: Verifier) -> None:
    verifier.endpoint.request("none", address="10.0.0.1")
    verifier.endpoint.response("none", Posted(b"", FORM), address="10.0.0.2")
    assert verifier.limits.hits == [("openid4vp", "10.0.0.1"), ("openid4vp", "10.0.0.2")]
    verifier.limits.refused.add("openid4vp")
    with pytest.raises(TooManyRequests):
        verifier.endpoint.request("none", address="10.0.0.1")


def test_a_description_keeps_to_the_characters_of_the_rfc() -> None:
    assert said(refusal(PresentationRefused('a "b" \\ 拒'))) == (400, "a 'b' ' '")
