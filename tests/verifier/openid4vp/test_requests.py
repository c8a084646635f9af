"""Starting a transaction: who asks by which name, where the wallet is, and what cannot be asked."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from keys import jws
from keys.request_chain import verify_request_chain
from schemas.openid4vp import dc_api
from schemas.openid4vp.client_id import Prefix
from schemas.openid4vp.errors import InvalidPresentationRequest, InvalidTransactionData
from schemas.openid4vp.request import read_parameters
from schemas.openid4vp.request_object import peek, peek_alone
from schemas.openid4vp.transaction_data import authorisation
from tests.support.vp_verifier import PUBLIC_URL, SD_JWT_QUERY, Attests, Verifier, w3c_query
from verifier.errors import ResultNotReleased, UnknownParty, UnknownTransaction
from verifier.openid4vp.releasing import check_release
from verifier.openid4vp.requests import SCHEMES, digest
from verifier.openid4vp.transactions import Flow, State, Transaction

ORIGIN = "https://bank.example"
SIGNED = (Prefix.X509_HASH, Prefix.X509_SAN_DNS, Prefix.DECENTRALIZED_IDENTIFIER)


@pytest.fixture
def verifier() -> Verifier:
    return Verifier(attests=Attests())


def anchors(verifier: Verifier) -> Any:
    return lambda chain, at: verify_request_chain(chain, anchors=[verifier.party.root], at=at)


@pytest.mark.parametrize("prefix", SIGNED)
def test_a_wallet_authenticates_who_asks(verifier: Verifier, prefix: Prefix) -> None:
    begun = verifier.begin(prefix=prefix)
    link = dict(parse_qsl(urlsplit(begun.link or "").query))
    token = verifier.requests.request_object(begun.transaction.transaction_id)
    read = peek(token, client_id=link["client_id"]).verified_by(anchors(verifier), now=verifier.now)
    assert read == begun.transaction.request
    assert read.client_id is not None
    assert read.client_id.prefix is prefix
    assert verifier.answer(begun, verifier.shown(begun)).transaction.state is State.ANSWERED


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_wallet_is_opened_by_either_scheme(verifier: Verifier, scheme: str) -> None:
    assert (verifier.begin(scheme=scheme).link or "").startswith(f"{scheme}?client_id=x509_hash%3A")


def test_in_the_test_environment_a_request_may_be_unsigned_and_by_value(verifier: Verifier) -> None:
    begun = verifier.begin(prefix=Prefix.REDIRECT_URI, environment="test", encrypted=False)
    request = begun.transaction.request
    assert begun.request_uri is None
    assert str(request.client_id) == f"redirect_uri:{request.response_uri}"
    assert read_parameters(dict(parse_qsl(urlsplit(begun.link or "").query))) == request
    with pytest.raises(UnknownTransaction, match="no request by reference"):
        verifier.requests.request_object(begun.transaction.transaction_id)
    assert verifier.answer(begun, verifier.shown(begun)).transaction.state is State.ANSWERED


def test_a_browser_gets_the_signed_request_first_and_the_unsigned_beside_it(verifier: Verifier) -> None:
    begun = verifier.begin(flow=Flow.DC_API, origin=ORIGIN)
    assert (begun.link, begun.request_uri) == (None, None)
    signed, unsigned = begun.browser
    assert (signed["protocol"], unsigned["protocol"]) == ("openid4vp-v1-signed", "openid4vp-v1-unsigned")
    read = peek_alone(dc_api.signed_text(signed["data"])).verified_by(anchors(verifier), now=verifier.now)
    dc_api.check_origin(read, ORIGIN)
    assert read == begun.transaction.request
    free = dc_api.read_unsigned(unsigned["data"])
    assert (free.nonce, free.query, free.client_id) == (read.nonce, read.query, None)
    with pytest.raises(UnknownTransaction, match="no request by reference"):
        verifier.requests.request_object(begun.transaction.transaction_id)


ENTRY = authorisation(["licence"], subject_zh="开户", subject_en="Opening an account")
FLAWS: dict[str, tuple[dict[str, Any], str]] = {
    "a return_uri without TLS": ({"return_uri": "http://bank.example/"}, "return_uri"),
    "a return_uri with a fragment": ({"return_uri": "https://bank.example/#x"}, "return_uri"),
    "the same device without a session": ({"flow": Flow.SAME_DEVICE}, "needs the session"),
    "a browser without an origin": ({"flow": Flow.DC_API}, "needs the origin"),
    "a browser with an address for an origin": ({"flow": Flow.DC_API, "origin": f"{ORIGIN}/x"}, "needs the origin"),
    "a browser with no address": ({"flow": Flow.DC_API, "origin": "bank.example"}, "needs the origin"),
    "unsigned for real": ({"prefix": Prefix.REDIRECT_URI}, "test environment"),
    "unsigned by browser": (
        {"prefix": Prefix.REDIRECT_URI, "environment": "test", "flow": Flow.DC_API, "origin": ORIGIN},
        "test environment",
    ),
    "a scheme of nobody's": ({"scheme": "https://"}, "opened by this scheme"),
    "a client of nobody's": ({"prefix": Prefix.PRE_REGISTERED}, "registered this verifier"),
}


@pytest.mark.parametrize("flaw", FLAWS)
def test_what_cannot_be_asked_is_not_begun(verifier: Verifier, flaw: str) -> None:
    changes, why = FLAWS[flaw]
    with pytest.raises(InvalidPresentationRequest, match=why):
        verifier.begin(**changes)
    assert verifier.state.kept == {}


@pytest.mark.parametrize("query", [w3c_query("ldp_vc"), SD_JWT_QUERY | {"require_cryptographic_holder_binding": False}])
def test_what_nobody_can_authorise_is_not_asked(verifier: Verifier, query: dict[str, Any]) -> None:
    with pytest.raises(InvalidTransactionData):
        verifier.begin(query, transaction_data=(ENTRY.encoded,))


def test_a_party_that_nobody_knows_asks_for_nothing(verifier: Verifier) -> None:
    with pytest.raises(UnknownParty):
        verifier.begin(party_id="gas")


@pytest.mark.parametrize("ended", [False, True])
def test_a_transaction_is_kept_as_it_is(verifier: Verifier, ended: bool) -> None:
    begun = verifier.begin(flow=Flow.SAME_DEVICE, session="the-session", return_uri="https://bank.example/back?a=1")
    if ended:
        verifier.answer(begun, verifier.shown(begun))
    stored = verifier.stored(begun)
    assert Transaction.of(stored.document()) == stored
    assert "the-session" not in str(verifier.state.kept)


def test_the_redirect_keeps_what_the_relying_party_wrote(verifier: Verifier) -> None:
    begun = verifier.begin(return_uri="https://bank.example/back?a=1")
    assert verifier.answer(begun, verifier.shown(begun)).redirect_uri.startswith(
        "https://bank.example/back?a=1&response_code="
    )
    plain = verifier.begin()
    assert plain.transaction.return_uri == f"{PUBLIC_URL}/openid4vp/done"


def test_a_request_object_is_good_for_five_minutes_from_its_signing(verifier: Verifier) -> None:
    begun = verifier.begin()
    verifier.now += timedelta(minutes=4)
    claims = jws.peek(verifier.requests.request_object(begun.transaction.transaction_id)).peek_claims()
    assert claims["iat"] == int(verifier.now.timestamp())


# Who gets the result


def answered(verifier: Verifier, **more: Any) -> tuple[Transaction, str]:
    begun = verifier.begin(**more)
    redirect = verifier.answer(begun, verifier.shown(begun)).redirect_uri
    return verifier.stored(begun), redirect.partition("response_code=")[2]


def test_on_the_same_device_session_and_code_together_release_it(verifier: Verifier) -> None:
    transaction, code = answered(verifier, flow=Flow.SAME_DEVICE, session="mine")
    check_release(transaction, session="mine", response_code=code)
    for session, brought in (("mine", None), ("mine", "other"), (None, code), ("other", code), (None, None)):
        with pytest.raises(ResultNotReleased):
            check_release(transaction, session=session, response_code=brought)


def test_before_the_answer_nothing_is_released_on_the_same_device(verifier: Verifier) -> None:
    begun = verifier.begin(flow=Flow.SAME_DEVICE, session="mine")
    with pytest.raises(ResultNotReleased):
        check_release(begun.transaction, session="mine", response_code="")


@pytest.mark.parametrize("more", [{}, {"flow": Flow.DC_API, "origin": ORIGIN}])
def test_elsewhere_who_began_asks_by_its_own_authority(verifier: Verifier, more: dict[str, Any]) -> None:
    check_release(answered(verifier, **more)[0], session=None, response_code=None)


def test_what_is_kept_of_a_secret_is_its_digest() -> None:
    assert digest("a") != digest("b")
    assert len(digest("a")) == 43


def test_a_request_too_large_for_a_wallet_is_not_made(verifier: Verifier) -> None:
    entry = authorisation(["licence"], subject_zh="文" * 500, subject_en="文" * 500, reference="文" * 500).encoded
    verifier.begin(transaction_data=(entry,))
    with pytest.raises(InvalidPresentationRequest, match="more than 38000 bytes"):
        verifier.begin(transaction_data=(entry,) * 7)
