"""Presenting: what leaves the wallet is exactly what was chosen, bound to the one who asked, and remembered."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.algorithms import Algorithm
from keys.signer import SoftwareSigner
from schemas.catalogue import TypeId
from schemas.formats import key_binding
from schemas.formats.key_binding import KeyBinding
from schemas.formats.sd_jwt import SdJwt
from schemas.order import HolderId, HolderRef
from schemas.types import all_types, credential_fields
from tests.support.wallet_fakes import ID_CARD, MARRIAGE, NAME, NUMBER, Town, example_claims
from wallet_api import Presented, Wanted
from wallet_api.errors import (
    CustodyKeyNeeded,
    DeviceKeyNeeded,
    FieldNotInCertificate,
    HandleInvalid,
    NoCredentialForFields,
    PurposeInvalid,
    RequestInvalid,
    UnknownCredential,
    UnknownHolder,
)
from wallet_api.presenting import Begun
from wallet_api.showing import GOOD_FOR

NONCE = "n-0S6_WzA2Mj"
BANK = "https://bank.example"
PURPOSE = "开户核验 Opening an account"
TECHNICAL = {"iss", "iat", "exp", "vct", "cnf", "status"}
SELECTIVE = sorted(
    name for name in example_claims(ID_CARD) if name in {f.name for f in credential_fields(ID_CARD) if f.selective}
)
ALWAYS = set(example_claims(ID_CARD)) - set(SELECTIVE)


def present(
    town: Town, holder: HolderRef, *fields: str, type_id: TypeId = ID_CARD, purpose: str = PURPOSE
) -> Presented:
    wanted = Wanted(fields, type_id=type_id)
    return town.wallet.presenting.present(holder.holder_id, wanted, nonce=NONCE, audience=BANK, purpose=purpose)


def begin(town: Town, holder: HolderRef, *fields: str) -> Begun:
    wanted = Wanted(fields, type_id=ID_CARD)
    return town.wallet.presenting.begin(holder.holder_id, wanted, nonce=NONCE, audience=BANK, purpose=PURPOSE)


def opened(town: Town, holder: HolderRef, presentation: str) -> tuple[dict[str, object], KeyBinding]:
    """What a verifier gets: the claims that the issuer signed, and the proof of the holder's key."""
    shown = SdJwt.parse(presentation)
    claims = shown.verified_by(town.issuer.public_key).claims
    assert key_binding.holder_key(claims) == holder.key
    assert holder.key is not None
    return claims, key_binding.verified_by(shown, holder.key)


def test_a_presentation_is_bound_to_nonce_audience_and_moment(town: Town, citizen: HolderRef) -> None:
    town.holding(citizen)
    _, proof = opened(town, citizen, present(town, citizen, "name").presentation)
    assert (proof.nonce, proof.audience, proof.iat) == (NONCE, BANK, int(town.now.timestamp()))


@given(chosen=st.sets(st.sampled_from(SELECTIVE)))
def test_any_choice_shows_exactly_that_and_the_fields_always_shown(chosen: set[str]) -> None:
    town = Town()
    citizen = town.citizen()
    town.holding(citizen)
    shown = present(town, citizen, *sorted(chosen))
    claims, _ = opened(town, citizen, shown.presentation)
    assert claims.keys() - TECHNICAL == chosen | ALWAYS
    assert set(shown.fields) == chosen | ALWAYS


@pytest.mark.parametrize("type_id", [ctype.id for ctype in all_types()])
def test_every_type_can_be_presented(type_id: TypeId) -> None:
    town = Town()
    citizen = town.citizen()
    town.holding(citizen, type_id)
    selective = [field.name for field in credential_fields(type_id) if field.selective]
    chosen = [name for name in selective if name in example_claims(type_id)][:2]
    claims, _ = opened(town, citizen, present(town, citizen, *chosen, type_id=type_id).presentation)
    assert set(chosen) == {name for name in selective if name in claims}


def test_the_history_remembers_when_to_whom_which_fields_and_why(town: Town, citizen: HolderRef) -> None:
    credential = town.holding(citizen)
    shown = present(town, citizen, "name")
    (record,) = town.wallet.history.page(citizen.holder_id).records
    assert (record.audience, record.purpose, record.channel) == (BANK, PURPOSE, "api")
    assert (record.at, record.credential_id) == (town.now.replace(microsecond=0), credential.credential_id)
    assert set(record.fields) == {"name"} | ALWAYS
    assert record.presentation_id == shown.presentation_id


def test_nothing_is_remembered_of_what_was_refused(town: Town, citizen: HolderRef) -> None:
    town.holding(citizen)
    with pytest.raises(FieldNotInCertificate, match="shoe_size"):
        present(town, citizen, "shoe_size")
    assert town.wallet.history.page(citizen.holder_id).records == ()


@pytest.mark.parametrize(
    "purpose",
    ["", "   ", "x" * 201, "a" + "\u0301\u0316" * 40_000, "two\nlines"],
    ids=["none", "blank", "long", "heaped", "lines"],
)
def test_a_purpose_is_one_line_of_1_to_200_characters(town: Town, citizen: HolderRef, purpose: str) -> None:
    town.holding(citizen)
    with pytest.raises(PurposeInvalid):
        present(town, citizen, "name", purpose=purpose)


def test_a_purpose_of_200_characters_is_kept_without_the_space_around_it(town: Town, citizen: HolderRef) -> None:
    town.holding(citizen)
    assert present(town, citizen, "name", purpose=f" {'证' * 200} ").purpose == "证" * 200


@pytest.mark.parametrize(
    ("nonce", "audience", "named"),
    [("", BANK, "nonce"), ("n" * 513, BANK, "nonce"), (NONCE, "", "audience"), (NONCE, "a\nb", "audience")],
)
def test_nonce_and_audience_are_compulsory_texts(
    town: Town, citizen: HolderRef, nonce: str, audience: str, named: str
) -> None:
    town.holding(citizen)
    wanted = Wanted(("name",), type_id=ID_CARD)
    with pytest.raises(RequestInvalid, match=named):
        town.wallet.presenting.present(citizen.holder_id, wanted, nonce=nonce, audience=audience, purpose=PURPOSE)


def test_one_credential_can_be_named(town: Town, citizen: HolderRef) -> None:
    first = town.holding(citizen)
    town.holding(citizen)
    wanted = Wanted(("name",), credential_id=first.credential_id)
    shown = town.wallet.presenting.present(citizen.holder_id, wanted, nonce=NONCE, audience=BANK, purpose=PURPOSE)
    assert shown.credential_id == first.credential_id


def test_another_holders_credential_is_unknown(town: Town, citizen: HolderRef) -> None:
    other = town.citizen("440799198811230220", "李小明")
    theirs = town.holding(other)
    wanted = Wanted(("name",), credential_id=theirs.credential_id)
    with pytest.raises(UnknownCredential):
        town.wallet.presenting.present(citizen.holder_id, wanted, nonce=NONCE, audience=BANK, purpose=PURPOSE)


def test_an_unknown_holder_presents_nothing(town: Town) -> None:
    with pytest.raises(UnknownHolder):
        present(town, HolderRef(HolderId("nobody"), None), "name")


def test_a_vc_jwt_discloses_everything_and_is_never_presented_for_fields(town: Town, citizen: HolderRef) -> None:
    town.wallet.receiving.deliver([town.vc_jwt(citizen)])
    with pytest.raises(NoCredentialForFields):
        present(town, citizen, "name")


def test_an_unstable_claim_comes_from_the_short_lived_credential(town: Town, citizen: HolderRef) -> None:
    standard = town.holding(citizen, MARRIAGE, claims=example_claims(MARRIAGE, is_married=None))
    short = town.holding(
        citizen, MARRIAGE, short_lived=True, identifier=standard.identifier, claims=example_claims(MARRIAGE)
    )
    assert present(town, citizen, "is_married", type_id=MARRIAGE).credential_id == short.credential_id


def test_a_device_signs_and_the_wallet_completes(town: Town, citizen: HolderRef) -> None:
    device = SoftwareSigner.generate(Algorithm.ES256)
    holder = town.registered_device(citizen, device)
    town.holding(holder)
    begun = begin(town, holder, "name")
    town.later(seconds=5)
    signature = device.sign(begun.signing_input.encode("ascii"))
    shown = town.wallet.presenting.complete(holder.holder_id, begun.handle, signature)
    claims, proof = opened(town, holder, shown.presentation)
    assert claims["name"] == NAME
    assert (proof.nonce, proof.audience) == (NONCE, BANK)
    assert (begun.kid, begun.algorithm, begun.fields) == (device.public_key.kid, "ES256", shown.fields)
    assert len(town.wallet.history.page(holder.holder_id).records) == 1


def test_a_begun_presentation_is_not_in_the_history(town: Town, citizen: HolderRef) -> None:
    holder = town.registered_device(citizen, SoftwareSigner.generate())
    town.holding(holder)
    begin(town, holder, "name")
    assert town.wallet.history.page(holder.holder_id).records == ()


def test_the_signature_of_another_key_is_refused(town: Town, citizen: HolderRef) -> None:
    holder = town.registered_device(citizen, SoftwareSigner.generate())
    town.holding(holder)
    begun = begin(town, holder, "name")
    stranger = SoftwareSigner.generate()
    with pytest.raises(HandleInvalid, match="signature"):
        town.wallet.presenting.complete(holder.holder_id, begun.handle, stranger.sign(begun.signing_input.encode()))


def test_a_handle_is_too_old_after_two_minutes(town: Town, citizen: HolderRef) -> None:
    device = SoftwareSigner.generate()
    holder = town.registered_device(citizen, device)
    town.holding(holder)
    begun = begin(town, holder, "name")
    town.now = begun.expires_at
    with pytest.raises(HandleInvalid, match="over"):
        town.wallet.presenting.complete(holder.holder_id, begun.handle, device.sign(begun.signing_input.encode()))


def test_a_changed_handle_is_refused(town: Town, citizen: HolderRef) -> None:
    device = SoftwareSigner.generate()
    holder = town.registered_device(citizen, device)
    town.holding(holder)
    begun = begin(town, holder, "name")
    with pytest.raises(HandleInvalid, match="not sealed here"):
        town.wallet.presenting.complete(holder.holder_id, "A" + begun.handle, device.sign(begun.signing_input.encode()))


def test_another_holder_cannot_complete(town: Town, citizen: HolderRef) -> None:
    device = SoftwareSigner.generate()
    holder = town.registered_device(citizen, device)
    town.holding(holder)
    begun = begin(town, holder, "name")
    other = town.citizen("440799198811230220", "李小明")
    with pytest.raises(HandleInvalid, match="another holder"):
        town.wallet.presenting.complete(other.holder_id, begun.handle, device.sign(begun.signing_input.encode()))


def test_a_handle_of_a_code_completes_no_presentation(town: Town, citizen: HolderRef) -> None:
    device = SoftwareSigner.generate()
    holder = town.registered_device(citizen, device)
    town.holding(holder)
    begun = town.wallet.showing.begin_qr(holder.holder_id, Wanted(("name",), type_id=ID_CARD), purpose=PURPOSE)
    assert begun.expires_at == town.now.replace(microsecond=0) + GOOD_FOR
    with pytest.raises(HandleInvalid, match="another way"):
        town.wallet.presenting.complete(holder.holder_id, begun.handle, device.sign(begun.signing_input.encode()))


def test_a_device_key_is_not_presented_in_one_step(town: Town, citizen: HolderRef) -> None:
    holder = town.registered_device(citizen, SoftwareSigner.generate())
    town.holding(holder)
    with pytest.raises(DeviceKeyNeeded):
        present(town, holder, "name")


def test_a_custody_key_is_not_presented_in_two_steps(town: Town, citizen: HolderRef) -> None:
    town.holding(citizen)
    with pytest.raises(CustodyKeyNeeded):
        begin(town, citizen, "name")


def test_an_earlier_key_still_presents_what_is_bound_to_it(town: Town, citizen: HolderRef) -> None:
    town.holding(citizen)
    town.registered_device(citizen, SoftwareSigner.generate())
    claims, _ = opened(town, citizen, present(town, citizen, "name").presentation)
    assert claims["name"] == NAME


def test_nothing_personal_stands_in_what_can_be_logged(town: Town, citizen: HolderRef) -> None:
    device = SoftwareSigner.generate()
    town.holding(citizen)
    shown = present(town, citizen, "name", "id_number")
    holder = town.registered_device(citizen, device)
    town.holding(holder)
    begun = begin(town, holder, "name")
    record = town.wallet.history.page(citizen.holder_id).records[0]
    for text in (repr(shown), repr(begun), repr(record)):
        assert NAME not in text
        assert NUMBER not in text
        assert "~" not in text


def test_the_moment_is_aware_utc(town: Town, citizen: HolderRef) -> None:
    town.holding(citizen)
    at = present(town, citizen, "name").at
    assert at == datetime(2026, 3, 2, 1, 23, 45, tzinfo=UTC)
