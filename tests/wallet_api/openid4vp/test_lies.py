"""Every lie that a verifier can tell, one at a time, each refused for its own reason; and who is told of it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from keys import did, jws, strict_json
from keys.signer import SoftwareSigner
from schemas.openid4vp import request_object, transaction_data
from schemas.openid4vp.client_id import ClientId, Prefix, x509_hash
from schemas.openid4vp.errors import (
    InvalidPresentationRequest,
    InvalidRequestUriMethod,
    InvalidTransactionData,
    PresentationRequestRefused,
    VerifierNotAuthenticated,
)
from schemas.openid4vp.request import ResponseMode
from schemas.order import CredentialFormat
from schemas.qr import drawing
from tests.support.vci_wallet import run
from tests.support.vp_wallet import (
    HOST,
    ORIGIN,
    REQUEST_URI,
    RESPONSE_URI,
    STATE,
    AskedWallet,
    Chained,
    leaf,
    query,
)
from wallet_api.openid4vci.errors import AddressRefused, HttpFailed
from wallet_api.openid4vci.ports import HttpRequest, HttpResponse
from wallet_api.openid4vp import links
from wallet_api.openid4vp.errors import LinkInvalid, RequestNotServed
from wallet_api.openid4vp.incoming import DcApiCall
from wallet_api.records import Trust

Refused = type[PresentationRequestRefused]


@pytest.fixture(autouse=True)
def _asked(wallet: AskedWallet) -> None:
    wallet.hold()
    wallet.ask()


def told(wallet: AskedWallet) -> list[str]:
    return [post["error"] for post in wallet.verifier.posts]


# Who it is


def test_a_certificate_that_nobody_vouches_for(wallet: AskedWallet) -> None:
    wallet.anchors.trusted.clear()
    with pytest.raises(VerifierNotAuthenticated):
        wallet.open()
    assert told(wallet) == []


def test_a_certificate_of_somebody_else_in_front_of_the_own_key(wallet: AskedWallet) -> None:
    thief = Chained(SoftwareSigner.generate(), wallet.verifier.key.chain)
    wallet.verifier.key = thief
    with pytest.raises(VerifierNotAuthenticated):
        wallet.open()


def test_a_client_id_of_another_certificate(wallet: AskedWallet) -> None:
    other = SoftwareSigner.generate()
    text = wallet.verifier.signed(wallet.ask(), iat=1)  # keeps the claims, signed by the bank
    del text
    with pytest.raises(VerifierNotAuthenticated):
        wallet.open(wallet.link(client_id=str(x509_hash(leaf(other)))))
    assert told(wallet) == []


def test_a_client_id_beside_the_request_that_is_not_the_one_inside(wallet: AskedWallet) -> None:
    claims = {"client_id": "x509_san_dns:" + HOST}
    wallet.verifier.served = lambda request: wallet.verifier.serve(request, **claims)
    with pytest.raises(InvalidPresentationRequest):
        wallet.open()


def test_a_dns_name_that_is_not_in_the_certificate(wallet: AskedWallet) -> None:
    wallet.ask(client_id=ClientId(Prefix.X509_SAN_DNS, HOST))
    wallet.verifier.served = lambda request: wallet.verifier.serve(request, client_id="x509_san_dns:rich.example")
    with pytest.raises(VerifierNotAuthenticated):
        wallet.open(wallet.link(client_id="x509_san_dns:rich.example"))


def test_a_response_uri_at_another_host_than_the_dns_name(wallet: AskedWallet) -> None:
    wallet.ask(client_id=ClientId(Prefix.X509_SAN_DNS, HOST))
    wallet.verifier.served = lambda request: wallet.verifier.serve(request, response_uri="https://thief.example/r")
    with pytest.raises(InvalidPresentationRequest):
        wallet.open()
    assert told(wallet) == []


def test_by_its_dns_name_an_honest_verifier_is_known(wallet: AskedWallet) -> None:
    wallet.ask(client_id=ClientId(Prefix.X509_SAN_DNS, HOST))
    assert wallet.open().weighed.party.trust is Trust.LISTED


def signed_by_did(wallet: AskedWallet, key: SoftwareSigner, named: SoftwareSigner) -> str:
    request = replace(
        wallet.ask(), client_id=ClientId(Prefix.DECENTRALIZED_IDENTIFIER, did.to_did_key(named.public_key))
    )
    wallet.verifier.request = request
    if key is named:
        return request_object.sign(request, key, now=wallet.town.now)
    seconds = int(wallet.town.now.timestamp())
    claims = request.claims() | {"iat": seconds, "exp": seconds + 60}
    method = did.verification_method(did.to_did_key(named.public_key))
    return jws.sign(strict_json.dumps(claims), key, typ=request_object.TYP, kid=False, extra=(("kid", method),))


def serving(text: str) -> Callable[[HttpRequest], HttpResponse]:
    return lambda request: HttpResponse(200, {"content-type": request_object.MEDIA_TYPE}, text.encode())


def test_a_did_proves_a_key_and_no_name(wallet: AskedWallet) -> None:
    key = SoftwareSigner.generate()
    wallet.verifier.served = serving(signed_by_did(wallet, key, key))
    party = wallet.open().weighed.party
    assert (party.trust, party.name_zh) == (Trust.KEY, "")


def test_a_did_that_the_city_attests_is_known_by_name(wallet: AskedWallet) -> None:
    key = SoftwareSigner.generate()
    client_id = ClientId(Prefix.DECENTRALIZED_IDENTIFIER, did.to_did_key(key.public_key))
    request = wallet.ask()
    info = wallet.attested({"client_id": client_id, "query": request.query})
    asked = wallet.ask(client_id=client_id, verifier_info=(info,))
    wallet.verifier.served = serving(request_object.sign(asked, key, now=wallet.town.now))
    party = wallet.open().weighed.party
    assert (party.trust, party.name_zh) == (Trust.LISTED, "示例银行股份有限公司")


def test_an_attestation_makes_nobody_known_who_does_not_sign(wallet: AskedWallet) -> None:
    request = wallet.ask()
    named = f"redirect_uri:{RESPONSE_URI}"
    info = wallet.attested({"client_id": named, "query": request.query})
    weighed = wallet.open(wallet.unsigned_link(verifier_info=[info])).weighed
    assert (weighed.party.trust, weighed.party.name_zh, weighed.purpose) == (Trust.UNVERIFIED, "", None)


def test_a_did_of_somebody_else(wallet: AskedWallet) -> None:
    text = signed_by_did(wallet, SoftwareSigner.generate(), SoftwareSigner.generate())
    wallet.verifier.served = serving(text)
    with pytest.raises(VerifierNotAuthenticated):
        wallet.open()


def test_a_name_of_its_own_in_client_metadata_is_not_shown(wallet: AskedWallet) -> None:
    metadata = {"client_name": "中国人民银行", "vp_formats_supported": {"dc+sd-jwt": {}}}
    served = {"client_metadata": metadata, "verifier_info": None}
    wallet.verifier.served = lambda request: wallet.verifier.serve(request, **served)
    party = wallet.open().weighed.party
    assert (party.name_zh, party.name_en) == ("示例银行", "bank-1")


def test_a_certificate_without_an_organisation_is_known_by_its_common_name(wallet: AskedWallet) -> None:
    signer = SoftwareSigner.generate()
    wallet.verifier.key = Chained(signer, (leaf(signer, name=""),))
    wallet.anchors.trusted.add(wallet.verifier.key.chain[0])
    wallet.ask(verifier_info=())
    party = wallet.open().weighed.party
    assert (party.name_zh, party.name_en) == ("bank-1", "")


@pytest.mark.parametrize("client_id", ["x509_hash:" + "a" * 43, "decentralized_identifier:did:key:z6Mk", "bank"])
def test_an_unsigned_request_by_who_must_sign(wallet: AskedWallet, client_id: str) -> None:
    with pytest.raises(VerifierNotAuthenticated):
        wallet.open(wallet.unsigned_link(client_id=client_id))


def test_an_unsigned_request_with_another_response_uri_than_its_name(wallet: AskedWallet) -> None:
    with pytest.raises(InvalidPresentationRequest):
        wallet.open(wallet.unsigned_link(response_uri="https://thief.example/r"))


def test_a_signed_request_by_a_name_that_cannot_sign(wallet: AskedWallet) -> None:
    with pytest.raises(InvalidPresentationRequest):
        wallet.open(wallet.link(client_id=f"redirect_uri:{RESPONSE_URI}"))


# What the request object says

CHANGED: list[tuple[str, dict[str, Any], str]] = [
    ("for another audience", {"aud": "https://other-wallet.example"}, "invalid_request"),
    ("over", {"exp": 1_700_000_000}, "invalid_request"),
    ("of a time to come", {"iat": 1_900_000_000}, "invalid_request"),
    ("a nonce of nobody", {"wallet_nonce": "abc"}, "invalid_request"),
    ("another response type", {"response_type": "code"}, "invalid_request"),
    ("another response mode", {"response_mode": "fragment"}, "invalid_request"),
    ("a mode for browsers", {"response_mode": "dc_api"}, "invalid_request"),
    ("no nonce", {"nonce": None}, "invalid_request"),
    ("no query", {"dcql_query": None}, "invalid_request"),
    ("a scope", {"scope": "openid"}, "invalid_request"),
    ("a query without credentials", {"dcql_query": {"credentials": []}}, "invalid_request"),
    ("a redirect_uri", {"redirect_uri": "https://bank.example/done"}, "invalid_request"),
    ("a format nobody presents", {"dcql_query": query(format="mso_mdoc", meta={})}, "vp_formats_not_supported"),
    ("transaction data of no type", {"transaction_data": ["e30"]}, "invalid_transaction_data"),
    ("encryption without a key", {"response_mode": "direct_post.jwt"}, "invalid_request"),
]


@pytest.mark.parametrize(("claims", "word"), [row[1:] for row in CHANGED], ids=[row[0] for row in CHANGED])
def test_an_authenticated_verifier_hears_what_is_wrong(wallet: AskedWallet, claims: dict[str, Any], word: str) -> None:
    wallet.verifier.served = lambda request: wallet.verifier.serve(request, **claims)
    with pytest.raises(PresentationRequestRefused) as raised:
        wallet.open()
    # The mode for browsers has no address: response_uri stands beside it, but says nothing there.
    assert raised.value.error == word
    assert told(wallet) == ([] if claims == {"response_mode": "dc_api"} else [word])
    assert all(post["state"] == STATE for post in wallet.verifier.posts)


@pytest.mark.parametrize("uri", ["http://bank.example/r", "https://bank.example/r#f", "ftp://bank.example", 7, None])
def test_nothing_is_sent_to_what_is_no_address(wallet: AskedWallet, uri: Any) -> None:
    wallet.verifier.served = lambda request: wallet.verifier.serve(request, response_uri=uri)
    with pytest.raises(InvalidPresentationRequest):
        wallet.open()
    assert wallet.verifier.posts == []


def test_a_verifier_that_does_not_hear_changes_nothing(wallet: AskedWallet) -> None:
    def served(request: HttpRequest) -> HttpResponse:
        wallet.verifier.down = True
        return wallet.verifier.serve(request, nonce=None)

    wallet.verifier.served = served
    with pytest.raises(InvalidPresentationRequest):
        wallet.open()


def test_an_entry_to_authorise_with_a_format_that_cannot(wallet: AskedWallet) -> None:
    entry = transaction_data.authorisation(["licence"], subject_zh="开户", subject_en="Account")
    wallet.ask(query("business_scope", form=CredentialFormat.LDP_VC), transaction_data=(entry.encoded,))
    with pytest.raises(InvalidTransactionData):
        wallet.open()
    assert told(wallet) == ["invalid_transaction_data"]


def test_a_request_that_is_too_long_to_keep(wallet: AskedWallet) -> None:
    infos = [{"format": "other", "data": "x" * 9_000}] * 5
    wallet.verifier.served = lambda request: wallet.verifier.serve(request, verifier_info=infos)
    with pytest.raises(InvalidPresentationRequest):
        wallet.open()


# How it is served


def test_a_request_by_post_is_made_for_this_wallets_nonce(wallet: AskedWallet) -> None:
    assert wallet.open(wallet.link(post=True)).weighed.answerable
    (asked,) = wallet.verifier.asked
    assert asked.method == "POST"
    assert b"vp_formats_supported" in asked.body


@pytest.mark.parametrize("nonce", ["another", None])
def test_a_request_by_post_with_another_nonce_or_none(wallet: AskedWallet, nonce: str | None) -> None:
    wallet.verifier.served = lambda request: wallet.verifier.serve(request, wallet_nonce=nonce)
    with pytest.raises(InvalidPresentationRequest):
        wallet.open(wallet.link(post=True))


@pytest.mark.parametrize(
    "answer",
    [
        HttpResponse(404, {"content-type": request_object.MEDIA_TYPE}, b"x"),
        HttpResponse(200, {"content-type": "text/html"}, b"<html>"),
        HttpResponse(200, {}, b"x"),
        HttpResponse(302, {"location": "https://thief.example"}, b""),
        HttpResponse(200, {"content-type": request_object.MEDIA_TYPE}, b"x" * (request_object.MAX_REQUEST + 1)),
        HttpResponse(200, {"content-type": request_object.MEDIA_TYPE}, "请".encode()),
    ],
)
def test_what_is_served_is_no_request_object(wallet: AskedWallet, answer: HttpResponse) -> None:
    wallet.verifier.served = lambda request: answer
    with pytest.raises(RequestNotServed):
        wallet.open()


@pytest.mark.parametrize("text", ["", "no token", "e30.e30.e30"])
def test_what_is_served_is_no_signed_request(wallet: AskedWallet, text: str) -> None:
    wallet.verifier.served = serving(text)
    with pytest.raises(InvalidPresentationRequest):
        wallet.open()


def test_a_token_of_another_kind(wallet: AskedWallet) -> None:
    wallet.verifier.served = serving(jws.sign(b"{}", wallet.verifier.key, typ="JWT", x5c=True))
    with pytest.raises(InvalidPresentationRequest):
        wallet.open()


@pytest.mark.parametrize("uri", ["http://bank.example/r", "file:///etc/passwd", "https://u@bank.example/r"])
def test_an_address_that_is_not_asked(wallet: AskedWallet, uri: str) -> None:
    with pytest.raises(AddressRefused):
        wallet.open(wallet.link(request_uri=uri))
    assert wallet.verifier.asked == []


def test_a_server_that_is_down(wallet: AskedWallet) -> None:
    wallet.verifier.down = True
    with pytest.raises(HttpFailed):
        wallet.open()


# The link


def test_a_request_by_value(wallet: AskedWallet) -> None:
    request = wallet.ask()
    text = wallet.link().partition("&request_uri")[0] + "&request=" + wallet.verifier.signed(request)
    assert wallet.open(text).weighed.party.trust is Trust.LISTED
    assert wallet.verifier.asked == []


@pytest.mark.parametrize("scheme", ["openid4vp", "haip-vp"])
def test_links_of_both_schemes(wallet: AskedWallet, scheme: str) -> None:
    assert wallet.open(wallet.link(scheme=scheme)).weighed.answerable


def test_an_https_link_and_space_round_it(wallet: AskedWallet) -> None:
    text = wallet.link().replace("openid4vp://", " https://wallet.example/open") + "\n"
    assert wallet.open(text).weighed.answerable


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "openid4vp://",
        "openid4vp://?client_id=a",
        "openid4vp://?request_uri=https://bank.example/r",
        "openid-credential-offer://?client_id=a&request_uri=b",
        "javascript:?client_id=a&request_uri=b",
        "openid4vp://?client_id=a&request_uri=b" + "&x=1" * 50,
        "openid4vp://[?client_id=a&request_uri=b",
        "openid4vp://?client_id=a&request_uri=b" + "c" * 70_000,
        "openid4vp://?client_id=a\u0000&request_uri=b",
    ],
)
def test_a_text_that_is_no_request(wallet: AskedWallet, text: str) -> None:
    assert not links.is_request(text)
    with pytest.raises(LinkInvalid):
        wallet.open(text)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("&request=x", InvalidPresentationRequest),
        (f"&request_uri={REQUEST_URI}", InvalidPresentationRequest),
        ("&request_uri_method=PUT", InvalidRequestUriMethod),
    ],
)
def test_a_link_that_contradicts_itself(wallet: AskedWallet, text: str, error: Refused) -> None:
    with pytest.raises(error):
        wallet.open(wallet.link() + text)
    assert wallet.verifier.asked == []


def test_a_method_without_an_address(wallet: AskedWallet) -> None:
    with pytest.raises(InvalidPresentationRequest):
        wallet.open(wallet.unsigned_link(request_uri_method="post"))


def test_a_parameter_that_is_no_json(wallet: AskedWallet) -> None:
    with pytest.raises(InvalidPresentationRequest):
        wallet.open(wallet.unsigned_link(dcql_query='{"credentials": [], "credentials": []}'))


def test_the_one_request_of_a_picture(wallet: AskedWallet) -> None:
    assert links.text_in_picture(drawing.png(wallet.link())) == wallet.link()


@pytest.mark.parametrize("picture", [drawing.png("https://bank.example"), b"no picture"])
def test_a_picture_without_a_request(picture: bytes) -> None:
    with pytest.raises(LinkInvalid):
        links.text_in_picture(picture)


# The browser


def called(
    wallet: AskedWallet, *, origin: str = ORIGIN, protocol: str = "openid4vp-v1-signed", **claims: Any
) -> DcApiCall:
    request = wallet.ask(response_mode=ResponseMode.DC_API)
    return DcApiCall(protocol, {"request": wallet.verifier.signed(request, **claims)}, origin)


def test_a_site_that_the_request_does_not_expect(wallet: AskedWallet) -> None:
    with pytest.raises(InvalidPresentationRequest):
        wallet.open(called(wallet, origin="https://thief.example"))


def test_a_signed_request_that_expects_no_site(wallet: AskedWallet) -> None:
    with pytest.raises(InvalidPresentationRequest):
        wallet.open(called(wallet, expected_origins=None))


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "bank.example",
        "http://bank.example",
        ORIGIN + "/path",
        ORIGIN + "?q",
        "x" * 999,
        "https://[",
        "https://[::1",
    ],
)
def test_what_is_no_origin(wallet: AskedWallet, origin: str) -> None:
    with pytest.raises(InvalidPresentationRequest):
        wallet.open(called(wallet, origin=origin))


@pytest.mark.parametrize("protocol", ["openid4vp-v1-multisigned", "openid4vp", "org-iso-mdoc"])
def test_a_protocol_that_is_not_spoken(wallet: AskedWallet, protocol: str) -> None:
    with pytest.raises(InvalidPresentationRequest):
        wallet.open(called(wallet, protocol=protocol))


def test_a_mode_for_links_over_the_browser(wallet: AskedWallet) -> None:
    request = wallet.ask(expected_origins=(ORIGIN,))
    with pytest.raises(InvalidPresentationRequest):
        wallet.open(DcApiCall("openid4vp-v1-signed", {"request": wallet.verifier.signed(request)}, ORIGIN))


@pytest.mark.parametrize("data", [{}, {"request": 7}, {"request": "x"}, {"request": "e30.e30.e30"}])
def test_a_call_without_a_request(wallet: AskedWallet, data: dict[str, Any]) -> None:
    with pytest.raises(InvalidPresentationRequest):
        wallet.open(DcApiCall("openid4vp-v1-signed", data, ORIGIN))


def test_an_unsigned_call_is_nobody_but_its_site_whatever_it_says(wallet: AskedWallet) -> None:
    request = wallet.ask(response_mode=ResponseMode.DC_API)
    opened = wallet.open(DcApiCall("openid4vp-v1-unsigned", request.claims(), ORIGIN))
    party = opened.weighed.party
    assert (party.client_id, party.trust, party.name_zh) == (f"origin:{ORIGIN}", Trust.ORIGIN, "")
    assert opened.weighed.incoming.request.client_id is None


def test_a_signed_call_by_a_stranger(wallet: AskedWallet) -> None:
    wallet.anchors.trusted.clear()
    with pytest.raises(VerifierNotAuthenticated):
        wallet.open(called(wallet))


def test_nobody_hears_of_a_call_that_is_refused(wallet: AskedWallet) -> None:
    call = called(wallet, nonce=None)
    with pytest.raises(InvalidPresentationRequest):
        run(wallet.answering.open(wallet.holder_id, call))
    assert wallet.verifier.asked == []
