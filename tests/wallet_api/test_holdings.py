"""A holder's certificates: grouped, newest first, in a state that the wallet can know, and read in two languages."""

from datetime import timedelta

import pytest

from schemas.catalogue import Disclosure, TypeId
from schemas.order import CredentialFormat, HolderId, HolderRef, Identifier
from schemas.types import all_types
from tests.support.wallet_fakes import ID_CARD, MARRIAGE, NAME, NUMBER, Town, example_claims, identifier_of
from wallet_api.claims import ShownClaim, shown_claims
from wallet_api.errors import UnknownCredential, UnknownHolder
from wallet_api.holdings import HeldState

PORTRAIT = "data:image/jpeg;base64,/9j/4AAQ"


def claim(town: Town, holder: HolderRef, identifier: Identifier, name: str) -> ShownClaim:
    view = town.wallet.holdings.certificate(holder.holder_id, identifier)
    return {one.name: one for one in view.claims}[name]


def state(town: Town, holder: HolderRef) -> HeldState:
    return town.wallet.holdings.certificates(holder.holder_id)[0].state


def test_a_new_wallet_is_empty(town: Town, citizen: HolderRef) -> None:
    assert town.wallet.holdings.certificates(citizen.holder_id) == ()


def test_an_unknown_holder_has_no_wallet(town: Town) -> None:
    with pytest.raises(UnknownHolder):
        town.wallet.holdings.certificates(HolderId("nobody"))


def test_the_credentials_of_a_certificate_stand_together(town: Town, citizen: HolderRef) -> None:
    first = town.holding(citizen)
    second = town.vc_jwt(citizen, identifier=first.identifier)
    town.wallet.receiving.deliver([second])
    (held,) = town.wallet.holdings.certificates(citizen.holder_id)
    assert {one.format for one in held.credentials} == {CredentialFormat.SD_JWT_VC, CredentialFormat.VC_JWT}
    assert (held.identifier, held.type_id, held.version) == (first.identifier, ID_CARD, 1)
    assert (held.type_zh, held.type_en) == ("居民身份证", "Resident Identity Card")


def test_the_last_issued_certificate_comes_first(town: Town, citizen: HolderRef) -> None:
    town.holding(citizen)
    town.later(days=1)
    second = town.holding(citizen, MARRIAGE)
    assert [one.type_id for one in town.wallet.holdings.certificates(citizen.holder_id)] == [MARRIAGE, ID_CARD]
    assert town.wallet.holdings.certificates(citizen.holder_id)[0].identifier == second.identifier


def test_a_certificate_in_its_dates_says_so(town: Town, citizen: HolderRef) -> None:
    town.holding(citizen)
    assert state(town, citizen) is HeldState.IN_DATE


def test_a_certificate_is_expired_at_the_end_of_its_newest_credential(town: Town, citizen: HolderRef) -> None:
    town.now = town.holding(citizen).expires_at
    assert state(town, citizen) is HeldState.EXPIRED


def test_a_refreshed_credential_keeps_the_certificate_in_date(town: Town, citizen: HolderRef) -> None:
    old = town.holding(citizen)
    town.now = old.expires_at
    town.holding(citizen, identifier=old.identifier)
    assert state(town, citizen) is HeldState.IN_DATE


def test_an_expired_short_lived_credential_says_nothing_of_the_certificate(town: Town, citizen: HolderRef) -> None:
    standard = town.holding(citizen)
    short = town.now + timedelta(days=7)
    town.holding(citizen, identifier=standard.identifier, short_lived=True, expires_at=short)
    town.now = short
    assert state(town, citizen) is HeldState.IN_DATE


def test_a_certificate_held_by_a_short_lived_credential_alone_ends_with_it(town: Town, citizen: HolderRef) -> None:
    town.now = town.holding(citizen, short_lived=True).expires_at
    assert state(town, citizen) is HeldState.EXPIRED


def test_a_certificate_of_tomorrow_is_not_yet_in_force(town: Town, citizen: HolderRef) -> None:
    tomorrow = town.now + timedelta(days=1)
    town.holding(citizen, claims=example_claims(ID_CARD, nbf=int(tomorrow.timestamp())))
    assert state(town, citizen) is HeldState.NOT_YET
    town.now = tomorrow
    assert state(town, citizen) is HeldState.IN_DATE


def test_a_version_below_the_newest_one_is_replaced(town: Town, citizen: HolderRef) -> None:
    town.holding(citizen, identifier=identifier_of("A", 1))
    town.later(days=1)
    town.holding(citizen, identifier=identifier_of("A", 2))
    states = {one.version: one.state for one in town.wallet.holdings.certificates(citizen.holder_id)}
    assert states == {1: HeldState.REPLACED, 2: HeldState.IN_DATE}


@pytest.mark.parametrize("word", list(HeldState))
def test_every_state_has_its_word_in_both_languages(word: HeldState) -> None:
    assert word.label_zh
    assert word.label_en.isascii()


def test_a_claim_is_labelled_in_both_languages(town: Town, citizen: HolderRef) -> None:
    name = claim(town, citizen, town.holding(citizen).identifier, "name")
    assert (name.label_zh, name.label_en, name.value) == ("姓名", "Name", NAME)
    assert (name.text_zh, name.text_en) == (NAME, NAME)


def test_a_code_is_read_in_words(town: Town, citizen: HolderRef) -> None:
    gender = claim(town, citizen, town.holding(citizen).identifier, "gender")
    assert (gender.value, gender.text_zh, gender.text_en) == ("1", "男", "Male")


def test_a_claim_says_how_it_is_disclosed_and_whether_it_is_sensitive(town: Town, citizen: HolderRef) -> None:
    identifier = town.holding(citizen).identifier
    number = claim(town, citizen, identifier, "id_number")
    assert (number.disclosure, number.sensitive) == (Disclosure.SELECTIVE, True)
    assert claim(town, citizen, identifier, "issuing_authority").disclosure is Disclosure.ALWAYS
    assert claim(town, citizen, identifier, "age_over_18").disclosure is Disclosure.DERIVED_SELECTIVE


def test_claims_come_in_the_order_of_the_type_and_without_the_technical_ones(town: Town, citizen: HolderRef) -> None:
    identifier = town.holding(citizen).identifier
    names = [one.name for one in town.wallet.holdings.certificate(citizen.holder_id, identifier).claims]
    assert names[:3] == ["name", "gender", "ethnicity"]
    assert not {"iss", "cnf", "vct", "status"} & set(names)


def test_a_portrait_can_be_shown(town: Town, citizen: HolderRef) -> None:
    identifier = town.holding(citizen, claims=example_claims(ID_CARD, photo=PORTRAIT)).identifier
    photo = claim(town, citizen, identifier, "photo")
    assert (photo.is_image, photo.value, photo.text_zh) == (True, PORTRAIT, "")


def test_an_unstable_claim_is_marked_and_read_from_the_short_lived_credential(town: Town, citizen: HolderRef) -> None:
    standard = town.holding(citizen, MARRIAGE, claims=example_claims(MARRIAGE, is_married=None))
    town.holding(
        citizen,
        MARRIAGE,
        identifier=standard.identifier,
        short_lived=True,
        claims=example_claims(MARRIAGE, is_married=True),
        expires_at=town.now + timedelta(days=7),
    )
    married = claim(town, citizen, standard.identifier, "is_married")
    assert (married.short_lived, married.text_zh, married.text_en) == (True, "是", "Yes")
    others = town.wallet.holdings.certificate(citizen.holder_id, standard.identifier).claims
    assert [one.name for one in others if one.short_lived] == ["is_married"]


def test_an_unstable_claim_disappears_with_its_credential(town: Town, citizen: HolderRef) -> None:
    standard = town.holding(citizen, MARRIAGE, claims=example_claims(MARRIAGE, is_married=None))
    short = town.now + timedelta(days=7)
    town.holding(citizen, MARRIAGE, identifier=standard.identifier, short_lived=True, expires_at=short)
    town.now = short
    view = town.wallet.holdings.certificate(citizen.holder_id, standard.identifier)
    assert "is_married" not in {one.name for one in view.claims}


def test_a_vc_jwt_alone_is_read_under_the_same_names(town: Town, citizen: HolderRef) -> None:
    credential = town.vc_jwt(citizen)
    town.wallet.receiving.deliver([credential])
    assert claim(town, citizen, credential.identifier, "name").value == NAME


def test_another_holders_certificate_is_unknown(town: Town, citizen: HolderRef) -> None:
    other = town.citizen("440799198811230220", "李小明")
    theirs = town.holding(other)
    with pytest.raises(UnknownCredential):
        town.wallet.holdings.certificate(citizen.holder_id, theirs.identifier)


def test_one_credential_can_be_taken_elsewhere(town: Town, citizen: HolderRef) -> None:
    credential = town.holding(citizen)
    assert town.wallet.holdings.credential(citizen.holder_id, credential.credential_id).credential == credential


def test_nothing_personal_stands_in_what_can_be_logged(town: Town, citizen: HolderRef) -> None:
    identifier = town.holding(citizen).identifier
    text = repr(town.wallet.holdings.certificate(citizen.holder_id, identifier))
    for personal in (NAME, NUMBER, identifier):
        assert personal not in text


@pytest.mark.parametrize("type_id", [ctype.id for ctype in all_types()])
def test_every_claim_of_every_type_has_words(type_id: TypeId) -> None:
    claims = example_claims(type_id)
    shown = shown_claims(type_id, claims)
    assert {one.name for one in shown} == set(claims)
    assert all(one.label_zh and one.label_en and (one.text_zh or one.rows or one.is_image) for one in shown)


def test_an_array_of_codes_is_read_in_words() -> None:
    licence = TypeId("driving_licence")
    classes = {one.name: one for one in shown_claims(licence, {"driving_classes": ["C1", "D"]})}["driving_classes"]
    assert classes.text_zh.count("、") == 1
    assert classes.text_zh != "C1、D"


def test_an_array_of_objects_is_read_in_rows() -> None:
    insured = TypeId("social_insurance_certificate")
    (shown,) = shown_claims(insured, {"insurances": [{"kind": "110"}, "no object"]})
    ((kind,),) = shown.rows
    assert (kind.name, kind.label_en) == ("kind", "Kind of insurance")


def test_a_code_that_its_list_does_not_hold_stands_for_itself() -> None:
    (gender,) = shown_claims(ID_CARD, {"gender": "7"})
    assert (gender.text_zh, gender.text_en) == ("7", "7")
