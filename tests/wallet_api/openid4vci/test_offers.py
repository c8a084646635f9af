"""Credential offers: what is one, and each way in which it is none (rows 4.12; OpenID4VCI 1.0, 4.1)."""

from typing import Any
from urllib.parse import quote

import pytest

from keys import strict_json
from schemas.qr import drawing
from tests.support.vci_issuer import CARD, ISSUER, PRE_AUTHORIZED, FakeIssuer, answer, broken
from tests.support.vci_wallet import run
from tests.support.wallet_fakes import Town
from wallet_api.openid4vci.errors import AddressRefused, CopyNotHeld, HttpFailed, OfferInvalid
from wallet_api.openid4vci.offers import Offer, TxCodeForm, offer_in_picture, read_offer, resolve
from wallet_api.openid4vci.web import Web


@pytest.fixture
def issuer() -> FakeIssuer:
    return FakeIssuer(Town())


def link(value: Any, scheme: str = "openid-credential-offer://", name: str = "credential_offer") -> str:
    text = value if isinstance(value, str) else strict_json.dumps(value).decode()
    return f"{scheme}?{name}={quote(text, safe='')}"


def resolved(text: str, issuer: FakeIssuer) -> Offer:
    return run(resolve(text, web=Web(issuer)))


@pytest.mark.parametrize(
    "scheme",
    ["openid-credential-offer://", "haip-vci://", "https://wallet.example/receive", "OPENID-CREDENTIAL-OFFER://"],
)
def test_an_offer_by_value_comes_with_any_scheme(issuer: FakeIssuer, scheme: str) -> None:
    """4.12.1, 4.12.3"""
    offer = resolved(link(issuer.offer(), scheme), issuer)
    assert (offer.issuer, offer.configuration_ids) == (ISSUER, (CARD,))
    assert offer.pre_authorized is not None
    assert offer.pre_authorized.code == "pre-1"
    assert offer.by_login is None


def test_an_offer_by_reference_is_fetched(issuer: FakeIssuer) -> None:
    """4.12.1"""
    offer = resolved(link(f"{ISSUER}/offers/offer-1", name="credential_offer_uri"), issuer)
    assert offer.issuer == ISSUER
    assert issuer.asked[0].method == "GET"


def test_blanks_around_a_pasted_link_do_no_harm(issuer: FakeIssuer) -> None:
    assert resolved(f"  {link(issuer.offer())}\n", issuer).issuer == ISSUER


def test_a_reference_that_is_gone_is_no_offer(issuer: FakeIssuer) -> None:
    with pytest.raises(OfferInvalid, match="status 404"):
        resolved(link(f"{ISSUER}/offers/offer-2", name="credential_offer_uri"), issuer)


def test_a_reference_to_what_is_no_json_is_no_offer(issuer: FakeIssuer) -> None:
    issuer.lies["offer-1"] = lambda *_: answer(200, [])
    with pytest.raises(OfferInvalid):
        resolved(link(f"{ISSUER}/offers/offer-1", name="credential_offer_uri"), issuer)


def test_a_reference_that_is_not_https_is_not_asked(issuer: FakeIssuer) -> None:
    with pytest.raises(AddressRefused):
        resolved(link("http://city.example/offers/offer-1", name="credential_offer_uri"), issuer)
    assert issuer.asked == []


def test_a_server_without_answer_is_said(issuer: FakeIssuer) -> None:
    issuer.lies["offer-1"] = broken
    with pytest.raises(HttpFailed):
        resolved(link(f"{ISSUER}/offers/offer-1", name="credential_offer_uri"), issuer)


TWO = "openid-credential-offer://?credential_offer=%7B%7D&credential_offer_uri=https%3A%2F%2Fcity.example"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "openid-credential-offer://",
        "openid-credential-offer://?other=1",
        TWO,
        "openid-credential-offer://?credential_offer=%7B%7D&credential_offer=%7B%7D",
        "javascript:?credential_offer=%7B%7D",
        "openid-credential-offer://[?credential_offer=%7B%7D",
        "openid-credential-offer://?credential_offer=nothing",
        "openid-credential-offer://?credential_offer=%5B%5D",
        "openid-credential-offer://?credential_offer=%FF",
        "openid-credential-offer://?credential_offer=" + "x" * 20_000,
        "openid-credential-offer://?" + "a=1&" * 40 + "credential_offer=%7B%7D",
        "openid-credential-offer://?credential_offer=%7B%22a%22%3A1%2C%22a%22%3A2%7D",
    ],
    ids=[
        "empty",
        "words",
        "no-query",
        "no-offer",
        "both",
        "twice",
        "scheme",
        "no-url",
        "no-json",
        "array",
        "no-utf-8",
        "long",
        "many",
        "member-twice",
    ],
)
def test_what_is_no_link_to_one_offer_is_refused(issuer: FakeIssuer, text: str) -> None:
    """4.12.1"""
    with pytest.raises(OfferInvalid):
        resolved(text, issuer)


CERTIFICATES = {
    "an SD-JWT": "eyJhbGciOiJFUzI1NiJ9.e30.AAAA~WyJzIiwibiIsInYiXQ~",
    "a code": "ZK1:6BF",
    "a frame": "ZK2/1:6BF",
    "a reference": "ecert:r/AAAAAAAAAAAAAAAAAAAAAA",
}


@pytest.mark.parametrize("text", CERTIFICATES.values(), ids=list(CERTIFICATES))
def test_a_certificate_is_no_offer_of_one_and_is_told_apart(issuer: FakeIssuer, text: str) -> None:
    with pytest.raises(CopyNotHeld):
        resolved(f" {text}\n", issuer)
    with pytest.raises(CopyNotHeld):
        offer_in_picture(drawing.png(text))


def flawed(**changes: Any) -> dict[str, Any]:
    return FakeIssuer(Town()).offer(**changes)


def pre(**changes: Any) -> dict[str, Any]:
    return flawed(grants={PRE_AUTHORIZED: {"pre-authorized_code": "c"} | changes})


@pytest.mark.parametrize(
    ("document", "names"),
    [
        (flawed(credential_issuer=None), "credential_issuer"),
        (flawed(credential_issuer="http://city.example"), "credential_issuer"),
        (flawed(credential_issuer=f"{ISSUER}?a=1"), "query"),
        (flawed(credential_issuer=f"{ISSUER}#a"), "fragment"),
        (flawed(credential_configuration_ids=None), "credential_configuration_ids"),
        (flawed(credential_configuration_ids=[]), "credential_configuration_ids"),
        (flawed(credential_configuration_ids=[1]), "credential_configuration_ids"),
        (flawed(credential_configuration_ids=["a", "a"]), "twice"),
        (flawed(credential_configuration_ids=[str(n) for n in range(51)]), "credential_configuration_ids"),
        (flawed(grants=[]), "grants"),
        (flawed(grants={PRE_AUTHORIZED: "code"}), "pre-authorized_code"),
        (pre(**{"pre-authorized_code": ""}), "pre-authorized_code"),
        (pre(**{"pre-authorized_code": "x" * 5_000}), "pre-authorized_code"),
        (pre(tx_code="1234"), "tx_code"),
        (pre(tx_code={"input_mode": "voice"}), "input_mode"),
        (pre(tx_code={"length": 0}), "length"),
        (pre(tx_code={"length": "6"}), "length"),
        (pre(tx_code={"description": "x" * 301}), "description"),
        (pre(authorization_server="http://elsewhere.example"), "authorization_server"),
        (flawed(grants={"authorization_code": {"issuer_state": 7}}), "issuer_state"),
        (flawed(grants={"authorization_code": []}), "authorization_code"),
    ],
)
def test_an_offer_with_one_flaw_is_refused_by_its_name(document: dict[str, Any], names: str) -> None:
    """4.12.2"""
    with pytest.raises(OfferInvalid, match=names):
        read_offer(document)


def test_a_refusal_does_not_repeat_the_offer() -> None:
    with pytest.raises(OfferInvalid) as caught:
        read_offer(flawed(credential_issuer="http://440799199003070112.example"))
    assert "4407" not in str(caught.value)


def test_an_offer_without_grants_means_a_login() -> None:
    """OpenID4VCI 1.0, 4.1.1: the wallet finds the grant in the metadata."""
    document = FakeIssuer(Town()).offer()
    del document["grants"]
    assert read_offer(document).by_login is not None


def test_an_offer_with_unknown_grants_alone_names_none_that_we_know() -> None:
    offer = read_offer(flawed(grants={"urn:example": {}}))
    assert (offer.pre_authorized, offer.by_login) == (None, None)


def test_the_grant_of_a_login_carries_the_issuers_state() -> None:
    """4.12.4"""
    grants = {"authorization_code": {"issuer_state": "s", "authorization_server": ISSUER}}
    offer = read_offer(flawed(grants=grants))
    assert offer.by_login is not None
    assert (offer.by_login.issuer_state, offer.by_login.server) == ("s", ISSUER)


@pytest.mark.parametrize(
    ("form", "code", "fits"),
    [
        (TxCodeForm("numeric", 4), "1234", True),
        (TxCodeForm("numeric", 4), "123", False),
        (TxCodeForm("numeric", None), "12a4", False),
        (TxCodeForm("numeric", None), "١٢٣٤", False),
        (TxCodeForm("text", None), "钥匙", True),
        (TxCodeForm("text", None), "", False),
        (TxCodeForm("text", None), "x" * 65, False),
    ],
)
def test_a_transaction_code_has_a_form(form: TxCodeForm, code: str, fits: bool) -> None:
    assert form.fits(code) is fits


def test_an_offer_is_read_from_a_picture(issuer: FakeIssuer) -> None:
    text = link(f"{ISSUER}/offers/offer-1", name="credential_offer_uri")
    assert offer_in_picture(drawing.png(text)) == text


def test_a_picture_of_another_code_holds_no_offer() -> None:
    with pytest.raises(OfferInvalid, match="0 credential offers"):
        offer_in_picture(drawing.png("hello"))


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(OfferInvalid, match="cannot be read"):
        offer_in_picture(b"no picture")
