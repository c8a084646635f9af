"""What the holder decides on: which certificates answer, what is shown, what is too much."""

from datetime import timedelta
from typing import Any

import pytest

from keys.signer import SoftwareSigner
from schemas.dcql import Match
from schemas.items import all_items
from schemas.openid4vp import transaction_data
from schemas.order import CredentialFormat, Identifier
from tests.support import forms
from tests.support.desk import NOW
from tests.support.vp_wallet import VCT, AskedWallet, query
from tests.support.wallet_fakes import ID_CARD, identifier_of
from wallet_api.openid4vp import candidates
from wallet_api.openid4vp.choices import asked_fields
from wallet_api.openid4vp.errors import ChoiceInvalid
from wallet_api.records import Trust

SD_JWT_VC, LDP_VC, JWT = CredentialFormat.SD_JWT_VC, CredentialFormat.LDP_VC, CredentialFormat.JWT_VC_JSON


def ids(wallet: AskedWallet) -> list[str]:
    """What is offered for the licence."""
    (asked,) = wallet.open().weighed.asked
    return [each.credential_id for each in asked.options]


def test_the_preview_names_what_is_asked_for_and_what_comes_along(wallet: AskedWallet) -> None:
    wallet.hold()
    wallet.ask()
    weighed = wallet.open().weighed
    (asked,) = weighed.asked
    (option,) = asked.options
    assert (option.name_zh, option.name_en) == ("营业执照", "Business Licence")
    assert {claim.name for claim in option.asked} == {"business_scope", "legal_representative"}
    assert {"issuing_authority_name", "issue_date"} <= {claim.name for claim in option.always}
    assert all(claim.label_zh and claim.label_en for claim in (*option.asked, *option.always))
    assert not weighed.over_asking


@pytest.mark.parametrize("form", [JWT, LDP_VC])
def test_a_format_without_choice_shows_all_that_it_holds(wallet: AskedWallet, form: CredentialFormat) -> None:
    wallet.hold(form)
    wallet.ask(query("business_scope", form=form))
    (asked,) = wallet.open().weighed.asked
    (option,) = asked.options
    assert ("legal_representative" in option.shown) is (form is JWT)


@pytest.mark.parametrize(
    ("flaw", "changes"),
    [
        ("over", {"expires_at": NOW}),
        ("not in force yet", {"issued_at": NOW + timedelta(seconds=1)}),
        ("of another format", {"format": CredentialFormat.VC_JWT}),
    ],
)
def test_what_a_verifier_would_refuse_is_not_offered(wallet: AskedWallet, flaw: str, changes: dict[str, Any]) -> None:
    if "format" in changes:
        wallet.hold(CredentialFormat.VC_JWT)
    else:
        wallet.hold(**changes)
    wallet.ask()
    assert ids(wallet) == []


@pytest.mark.parametrize("state", ["suspended", "revoked", "cancelled", "replaced", "expired", "prepared"])
def test_what_is_not_in_force_by_the_register_is_not_offered(wallet: AskedWallet, state: str) -> None:
    wallet.hold()
    wallet.states.state = state
    wallet.ask()
    assert ids(wallet) == []


@pytest.mark.parametrize("state", ["issued", None])
def test_what_is_in_force_or_of_another_issuer_is_offered(wallet: AskedWallet, state: str | None) -> None:
    wallet.hold()
    wallet.states.state = state
    wallet.ask()
    assert len(ids(wallet)) == 1


def test_an_older_version_is_not_offered(wallet: AskedWallet) -> None:
    wallet.hold(number=1, identifier=identifier_of("20260001", 1))
    newer = wallet.hold(number=2, identifier=identifier_of("20260001", 2))
    wallet.ask()
    assert ids(wallet) == [newer.credential_id]


def test_of_one_certificate_the_newest_standard_credential_is_taken(wallet: AskedWallet) -> None:
    same: dict[str, Any] = {"identifier": Identifier(identifier_of("20260001"))}
    wallet.hold(number=1, issued_at=NOW - timedelta(days=9), **same)
    newest = wallet.hold(number=2, issued_at=NOW - timedelta(days=2), **same)
    wallet.hold(number=3, issued_at=NOW - timedelta(days=1), short_lived=True, **same)
    wallet.ask()
    assert ids(wallet) == [newest.credential_id]


@pytest.mark.parametrize(
    "asked",
    [
        query("nickname"),
        query("business_scope", meta={"vct_values": ["urn:ecert:marriage_certificate:1"]}),
        query("business_scope", trusted_authorities=[{"type": "aki", "values": ["AAAA"]}]),
        query(claims=[{"path": ["business_scope"], "values": ["another"]}]),
        query("business_scope", form=LDP_VC),
    ],
)
def test_what_does_not_answer_is_not_offered(wallet: AskedWallet, asked: dict[str, Any]) -> None:
    wallet.hold()
    wallet.ask(asked)
    assert ids(wallet) == []


def test_what_is_missing_is_named(wallet: AskedWallet) -> None:
    wallet.ask()
    (asked,) = wallet.open().weighed.asked
    assert (asked.chosen, asked.types) == (False, (("营业执照", "Business Licence"),))


def sets(*, required: list[list[str]], optional: list[list[str]]) -> dict[str, Any]:
    licence = query("business_scope")["credentials"][0]
    card = {"id": "card", "format": SD_JWT_VC.value, "meta": {"vct_values": ["urn:ecert:resident_id_card:1"]}}
    other = {**card, "id": "other", "claims": [{"path": ["nickname"]}]}
    made = [{"options": required}, {"options": optional, "required": False}]
    return {"credentials": [licence, card, other], "credential_sets": made}


def test_the_first_option_that_can_be_answered_is_proposed_and_optional_ones_are_not(wallet: AskedWallet) -> None:
    wallet.hold()
    wallet.town.holding(wallet.holder, ID_CARD, issued_at=NOW - timedelta(days=1))
    wallet.ask(sets(required=[["other"], ["licence"]], optional=[["card"]]))
    opened = wallet.open()
    assert {each.query_id: each.chosen for each in opened.weighed.asked} == {
        "licence": True,
        "card": False,
        "other": False,
    }
    wallet.share(opened)
    assert set(wallet.verifier.received().presentations) == {"licence"}


def test_the_holder_may_add_an_optional_one_and_not_leave_out_a_required_one(wallet: AskedWallet) -> None:
    first = wallet.hold()
    card = wallet.town.holding(wallet.holder, ID_CARD, issued_at=NOW - timedelta(days=1))
    wallet.ask(sets(required=[["licence"]], optional=[["card"]]))
    opened = wallet.open()
    with pytest.raises(ChoiceInvalid):
        wallet.share(opened, chosen={"card": (card.credential_id,)})
    wallet.share(opened, chosen={"card": (card.credential_id,), "licence": (first.credential_id,)})
    assert set(wallet.verifier.received().presentations) == {"licence", "card"}


def stating(wallet: AskedWallet, item_code: str) -> None:
    request = wallet.ask()
    parts = {"client_id": request.client_id, "query": request.query}
    wallet.ask(verifier_info=(wallet.attested(parts, item_code=item_code),))


def test_a_field_that_the_service_item_does_not_need_is_marked(wallet: AskedWallet) -> None:
    item = next(
        one
        for one in all_items()
        for need in one.requires
        for each in need.any_of
        if each.type_id == "business_licence" and "business_scope" not in each.claims
    )
    wallet.hold()
    stating(wallet, item.code)
    weighed = wallet.open().weighed
    assert weighed.over_asking
    assert "business_scope" in weighed.asked[0].options[0].beyond


def test_an_item_that_nobody_knows_marks_nothing(wallet: AskedWallet) -> None:
    wallet.hold()
    stating(wallet, "000000000000000000000000000000")
    assert not wallet.open().weighed.over_asking


def test_what_is_to_be_authorised_is_said_in_words(wallet: AskedWallet) -> None:
    entry = transaction_data.authorisation(["licence"], subject_zh="开立基本户", subject_en="Open an account")
    wallet.hold()
    wallet.ask(transaction_data=(entry.encoded,))
    assert wallet.open().weighed.transactions == (entry,)


def test_the_city_says_who_asks_and_why(wallet: AskedWallet) -> None:
    wallet.ask()
    weighed = wallet.open().weighed
    assert (weighed.party.name_zh, weighed.party.name_en) == ("示例银行股份有限公司", "Example Bank")
    assert weighed.purpose is not None
    assert (weighed.purpose.purpose_zh, weighed.purpose.retention_days) == ("企业开户", 1825)


def test_by_its_certificate_alone_a_verifier_has_a_name_and_no_purpose(wallet: AskedWallet) -> None:
    wallet.ask(verifier_info=())
    weighed = wallet.open().weighed
    assert (weighed.party.name_zh, weighed.party.trust, weighed.purpose) == ("示例银行", Trust.LISTED, None)


@pytest.mark.parametrize("flaw", ["another query", "another verifier", "over", "of no city"])
def test_an_attestation_that_does_not_hold_says_nothing(wallet: AskedWallet, flaw: str) -> None:
    request = wallet.ask()
    if flaw == "another query":
        wallet.ask(query("registered_capital"), verifier_info=request.verifier_info)
    elif flaw == "another verifier":
        parts = {"client_id": "x509_hash:" + "a" * 43, "query": request.query}
        wallet.ask(verifier_info=(wallet.attested(parts),))
    elif flaw == "over":
        wallet.town.later(minutes=12)
    else:
        wallet.anchors.city = SoftwareSigner.generate()
    assert wallet.open().weighed.purpose is None


def test_what_the_city_attested_stays_while_the_holder_reads(wallet: AskedWallet) -> None:
    wallet.hold()
    wallet.ask()
    opened = wallet.open()
    wallet.town.later(minutes=14)
    wallet.share(opened)
    (record,) = wallet.town.wallets.shown(wallet.holder_id, limit=1)
    assert record.purpose == "企业开户 Opening a company account"


def test_a_pointer_to_the_root_or_into_the_subject_names_its_field() -> None:
    match = Match("q", (), (("credentialSubject", "name", 0), ("issuer",), ("credentialSubject",), ()))
    assert asked_fields(match) == {"name", "issuer"}


def test_a_credential_in_the_w3c_s_formats_has_its_expanded_types(wallet: AskedWallet) -> None:
    found = candidates.candidate(wallet.hold(JWT))
    assert found.types == {
        "https://www.w3.org/2018/credentials#VerifiableCredential",
        "urn:ecert:vocab#BusinessLicence",
    }
    assert found.claims["credentialSubject"]["business_scope"]


def test_a_credential_says_by_whose_key_its_issuer_is_certified(wallet: AskedWallet) -> None:
    assert candidates.authority_keys(wallet.hold()) == frozenset()
    assert candidates.authority_keys(wallet.hold(LDP_VC)) == frozenset()
    assert forms.SHOWN
    assert VCT in candidates.candidate(wallet.hold()).types
