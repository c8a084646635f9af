"""Showing a code at a counter: good for a minute, and by a reference once when it does not fit."""

from datetime import timedelta

import pytest

from keys.signer import SoftwareSigner
from schemas.formats import key_binding
from schemas.formats.sd_jwt import SdJwt
from schemas.order import HolderRef
from schemas.qr import reading, text
from schemas.qr.text import MAX_BYTES
from tests.support.wallet_fakes import ID_CARD, NAME, Town, digest_of, example_claims
from wallet_api import COUNTER_AUDIENCE, ShownQr, Wanted
from wallet_api.errors import HandleInvalid, PurposeInvalid, ReferenceGone

PURPOSE = "办理入住 Check-in"
LARGE = example_claims(ID_CARD, address="江门市示例区示例路" * 200)


def show(town: Town, holder: HolderRef, *fields: str) -> ShownQr:
    return town.wallet.showing.show_qr(holder.holder_id, Wanted(fields, type_id=ID_CARD), purpose=PURPOSE)


def by_reference(town: Town, holder: HolderRef) -> ShownQr:
    town.holding(holder, claims=LARGE)
    return show(town, holder, "address")


def test_a_few_fields_fit_one_code(town: Town, citizen: HolderRef) -> None:
    town.holding(citizen)
    shown = show(town, citizen, "name")
    assert not shown.by_reference
    assert text.decode(shown.text) == text.Presentation(shown.presented.presentation)


def test_the_code_is_bound_to_any_counter_and_to_now(town: Town, citizen: HolderRef) -> None:
    town.holding(citizen)
    presented = SdJwt.parse(show(town, citizen, "name").text)
    assert citizen.key is not None
    proof = key_binding.verified_by(presented, citizen.key)
    assert (proof.audience, proof.iat) == (COUNTER_AUDIENCE, int(town.now.timestamp()))


def test_a_code_is_good_for_60_seconds(town: Town, citizen: HolderRef) -> None:
    town.holding(citizen)
    shown = show(town, citizen, "name")
    assert shown.expires_at - shown.presented.at == timedelta(seconds=60)


def test_two_codes_have_two_nonces(town: Town, citizen: HolderRef) -> None:
    town.holding(citizen)
    assert citizen.key is not None
    nonces = {
        key_binding.verified_by(SdJwt.parse(show(town, citizen, "name").text), citizen.key).nonce for _ in range(3)
    }
    assert len(nonces) == 3


def test_the_picture_reads_back_to_the_text(town: Town, citizen: HolderRef) -> None:
    town.holding(citizen)
    shown = show(town, citizen, "name")
    assert shown.png().startswith(b"\x89PNG")
    assert "<svg" in shown.svg()
    assert reading.read(shown.png()).texts == (shown.text,)


def test_a_shown_code_stands_in_the_history(town: Town, citizen: HolderRef) -> None:
    town.holding(citizen)
    show(town, citizen, "name")
    (record,) = town.wallet.history.page(citizen.holder_id).records
    assert (record.channel, record.audience, record.purpose) == ("qr", COUNTER_AUDIENCE, PURPOSE)


def test_a_code_needs_a_purpose(town: Town, citizen: HolderRef) -> None:
    town.holding(citizen)
    with pytest.raises(PurposeInvalid):
        town.wallet.showing.show_qr(citizen.holder_id, Wanted(("name",), type_id=ID_CARD), purpose=" ")


def test_what_does_not_fit_waits_under_a_short_reference(town: Town, citizen: HolderRef) -> None:
    shown = by_reference(town, citizen)
    assert shown.by_reference
    assert len(shown.presented.presentation) > MAX_BYTES
    assert isinstance(text.decode(shown.text), text.Reference)


def test_a_reference_gives_its_presentation_once(town: Town, citizen: HolderRef) -> None:
    shown = by_reference(town, citizen)
    assert town.wallet.showing.take_reference(shown.text) == shown.presented.presentation
    with pytest.raises(ReferenceGone):
        town.wallet.showing.take_reference(shown.text)


def test_a_reference_can_be_taken_by_its_token_alone(town: Town, citizen: HolderRef) -> None:
    shown = by_reference(town, citizen)
    token = shown.text.removeprefix(text.REFERENCE_PREFIX)
    assert town.wallet.showing.take_reference(token) == shown.presented.presentation


def test_a_reference_is_gone_after_60_seconds(town: Town, citizen: HolderRef) -> None:
    shown = by_reference(town, citizen)
    town.now = shown.expires_at
    with pytest.raises(ReferenceGone):
        town.wallet.showing.take_reference(shown.text)


def test_a_reference_that_never_was_is_gone(town: Town) -> None:
    with pytest.raises(ReferenceGone):
        town.wallet.showing.take_reference("ecert:r/AAAAAAAAAAAAAAAAAAAAAA")


def test_only_the_digest_of_a_reference_is_kept(town: Town, citizen: HolderRef) -> None:
    token = by_reference(town, citizen).text.removeprefix(text.REFERENCE_PREFIX)
    assert list(town.wallets.references) == [digest_of(token)]


def test_a_reference_stands_in_the_history_as_one(town: Town, citizen: HolderRef) -> None:
    by_reference(town, citizen)
    (record,) = town.wallet.history.page(citizen.holder_id).records
    assert record.channel == "reference"


def test_a_device_signs_a_code(town: Town, citizen: HolderRef) -> None:
    device = SoftwareSigner.generate()
    holder = town.registered_device(citizen, device)
    town.holding(holder)
    begun = town.wallet.showing.begin_qr(holder.holder_id, Wanted(("name",), type_id=ID_CARD), purpose=PURPOSE)
    town.later(seconds=3)
    shown = town.wallet.showing.complete_qr(
        holder.holder_id, begun.handle, device.sign(begun.signing_input.encode("ascii"))
    )
    key_binding.verified_by(SdJwt.parse(shown.text), device.public_key)
    assert shown.expires_at == begun.expires_at


def test_a_code_is_not_completed_after_its_60_seconds(town: Town, citizen: HolderRef) -> None:
    device = SoftwareSigner.generate()
    holder = town.registered_device(citizen, device)
    town.holding(holder)
    begun = town.wallet.showing.begin_qr(holder.holder_id, Wanted(("name",), type_id=ID_CARD), purpose=PURPOSE)
    town.now = begun.expires_at
    with pytest.raises(HandleInvalid):
        town.wallet.showing.complete_qr(holder.holder_id, begun.handle, device.sign(begun.signing_input.encode()))


def test_a_code_is_not_shown_in_a_log(town: Town, citizen: HolderRef) -> None:
    town.holding(citizen)
    shown = show(town, citizen, "name")
    assert shown.text not in repr(shown)
    assert NAME not in repr(shown)
