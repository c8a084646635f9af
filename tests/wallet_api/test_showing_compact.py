"""Codes of SD-CWTs: purpose certificates shown once, full ones otherwise, renewed every 20 seconds, animated if big."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from keys.public import PublicKey
from keys.signer import SoftwareSigner
from schemas.formats.sd_cwt import kbt
from schemas.order import CredentialFormat, HolderRef, IssuedCredential
from schemas.qr import animation, text
from tests.support.wallet_fakes import ID_CARD, NAME, Town
from wallet_api import COUNTER_AUDIENCE, Challenge, ShownQr, Wanted
from wallet_api.errors import DeviceKeyNeeded, FieldNotInCertificate, HandleInvalid, RequestInvalid

PURPOSE = "办理入住 Check-in"
IDENTITY = ("name", "age_over_18")
ALL = ("name", "age_over_18", "gender", "birth_date", "address", "id_number", "photo_digest")


def keep(town: Town, *credentials: IssuedCredential) -> None:
    town.wallet.receiving.deliver(credentials)


def show(town: Town, holder: HolderRef, *fields: str, **terms: Any) -> ShownQr:
    return town.wallet.showing.show_qr(holder.holder_id, Wanted(fields, type_id=ID_CARD), purpose=PURPOSE, **terms)


def read(town: Town, shown: ShownQr) -> kbt.VerifiedSdCwt:
    presentation = text.decode(shown.text)
    assert isinstance(presentation, text.Presentation)
    return kbt.peek(kbt.from_text(presentation.token)).verified_by(town.issuer.public_key)


def same_certificate(first: IssuedCredential, *others: IssuedCredential) -> tuple[IssuedCredential, ...]:
    return (first, *(replace(each, identifier=first.identifier) for each in others))


def key_of(holder: HolderRef) -> PublicKey:
    assert holder.key is not None
    return holder.key


@pytest.fixture
def purposes(town: Town, citizen: HolderRef) -> tuple[IssuedCredential, ...]:
    """Two purpose certificates, a full SD-CWT and an SD-JWT VC of one certificate."""
    made = same_certificate(
        town.credential(citizen),
        town.sd_cwt(citizen, IDENTITY),
        town.sd_cwt(citizen, IDENTITY),
        town.sd_cwt(citizen, ALL, full=True),
    )
    keep(town, *made)
    return made


def test_a_purpose_certificate_is_shown_when_it_holds_just_what_was_chosen(
    town: Town, citizen: HolderRef, purposes: tuple[IssuedCredential, ...]
) -> None:
    shown = show(town, citizen, *IDENTITY)
    assert shown.text.startswith("ZK1:")
    assert shown.frames == (shown.text,)
    assert shown.presented.credential_id in {purposes[1].credential_id, purposes[2].credential_id}
    assert read(town, shown).claims == {"name": NAME, "age_over_18": True}


def test_the_code_is_bound_to_any_counter_and_to_now(town: Town, citizen: HolderRef, purposes: Any) -> None:
    binding = read(town, show(town, citizen, *IDENTITY)).holder_verified()
    assert binding == kbt.KbtBinding(COUNTER_AUDIENCE, int(town.now.timestamp()), None)


def test_each_purpose_certificate_is_shown_once_and_then_the_full_one(
    town: Town, citizen: HolderRef, purposes: tuple[IssuedCredential, ...]
) -> None:
    used = [show(town, citizen, *IDENTITY).presented.credential_id for _ in range(3)]
    assert {*used[:2]} == {purposes[1].credential_id, purposes[2].credential_id}
    assert used[2] == purposes[3].credential_id


def test_the_one_that_ends_first_is_shown_first(town: Town, citizen: HolderRef) -> None:
    later, sooner = same_certificate(town.sd_cwt(citizen, IDENTITY), town.sd_cwt(citizen, IDENTITY))
    sooner = replace(sooner, expires_at=town.now + timedelta(hours=2))
    keep(town, later, sooner)
    assert show(town, citizen, *IDENTITY).presented.credential_id == sooner.credential_id


def test_a_purpose_certificate_that_shows_more_than_was_chosen_is_not_taken(
    town: Town, citizen: HolderRef, purposes: tuple[IssuedCredential, ...]
) -> None:
    shown = show(town, citizen, "name")
    assert shown.presented.credential_id == purposes[3].credential_id
    assert read(town, shown).claims == {"name": NAME}


def test_fields_that_the_type_shows_always_may_come_along(town: Town, citizen: HolderRef) -> None:
    keep(town, town.sd_cwt(citizen, ("name", "valid_to", "issuing_authority")))
    shown = show(town, citizen, "name")
    assert set(shown.presented.fields) == {"name", "valid_to", "issuing_authority"}


def test_a_full_sd_cwt_discloses_what_was_chosen(
    town: Town, citizen: HolderRef, purposes: tuple[IssuedCredential, ...]
) -> None:
    assert set(read(town, show(town, citizen, "address", "gender")).claims) == {"address", "gender"}


def test_without_an_sd_cwt_the_sd_jwt_is_shown_as_it_is(town: Town, citizen: HolderRef) -> None:
    town.holding(citizen)
    assert "~" in show(town, citizen, "name").text


def test_what_no_sd_cwt_holds_is_shown_by_the_sd_jwt(
    town: Town, citizen: HolderRef, purposes: tuple[IssuedCredential, ...]
) -> None:
    assert show(town, citizen, "ethnicity").presented.credential_id == purposes[0].credential_id


def test_an_expired_purpose_certificate_is_not_shown(town: Town, citizen: HolderRef) -> None:
    keep(town, *same_certificate(town.credential(citizen), town.sd_cwt(citizen, IDENTITY)))
    town.later(days=8)
    assert "~" in show(town, citizen, *IDENTITY).text


def test_a_full_sd_cwt_is_not_shown_before_its_certificate_takes_effect(town: Town, citizen: HolderRef) -> None:
    early = town.sd_cwt(citizen, ALL, full=True, claims={"effective_date": "2026-03-03"})
    keep(town, *same_certificate(town.credential(citizen), early))
    assert "~" in show(town, citizen, "name").text
    town.later(days=1)
    assert show(town, citizen, "name").text.startswith("ZK1:")


def test_online_an_sd_cwt_is_not_presented(
    town: Town, citizen: HolderRef, purposes: tuple[IssuedCredential, ...]
) -> None:
    wanted = Wanted(("name",), type_id=ID_CARD)
    shown = town.wallet.presenting.present(citizen.holder_id, wanted, nonce="n", audience="a", purpose=PURPOSE)
    assert shown.credential_id == purposes[0].credential_id


def test_a_field_that_nothing_holds_is_named(town: Town, citizen: HolderRef, purposes: Any) -> None:
    with pytest.raises(FieldNotInCertificate, match="nothing_such"):
        show(town, citizen, "nothing_such")


# Renewing


def test_a_showing_is_signed_anew_with_the_same_certificate_and_one_record(
    town: Town, citizen: HolderRef, purposes: tuple[IssuedCredential, ...]
) -> None:
    first = show(town, citizen, *IDENTITY)
    town.later(seconds=20)
    second = town.wallet.showing.renew_qr(citizen.holder_id, first.renewal)
    assert second.presented.credential_id == first.presented.credential_id
    assert second.presented.presentation_id == first.presented.presentation_id
    assert read(town, second).holder_verified().iat - read(town, first).holder_verified().iat == 20
    assert second.expires_at - first.expires_at == timedelta(seconds=20)
    assert len(town.wallet.history.page(citizen.holder_id).records) == 1


def test_a_renewed_showing_is_renewed_again_until_its_ten_minutes_are_over(
    town: Town, citizen: HolderRef, purposes: Any
) -> None:
    first = show(town, citizen, *IDENTITY)
    town.later(seconds=300)
    second = town.wallet.showing.renew_qr(citizen.holder_id, first.renewal)
    town.later(seconds=300)
    with pytest.raises(HandleInvalid):
        town.wallet.showing.renew_qr(citizen.holder_id, second.renewal)


def test_an_sd_jwt_is_renewed_as_well(town: Town, citizen: HolderRef) -> None:
    town.holding(citizen)
    first = show(town, citizen, "name")
    town.later(seconds=20)
    assert town.wallet.showing.renew_qr(citizen.holder_id, first.renewal).text != first.text


def test_nobody_renews_what_another_shows(town: Town, citizen: HolderRef, purposes: Any) -> None:
    shown = show(town, citizen, *IDENTITY)
    other = town.citizen("440799198001010015", "李小明")
    with pytest.raises(HandleInvalid):
        town.wallet.showing.renew_qr(other.holder_id, shown.renewal)


@pytest.mark.parametrize("renewal", ["", "broken"])
def test_what_is_no_renewal_is_refused(town: Town, citizen: HolderRef, renewal: str) -> None:
    with pytest.raises(HandleInvalid):
        town.wallet.showing.renew_qr(citizen.holder_id, renewal)


# A counter's challenge


def test_the_counters_challenge_is_answered(town: Town, citizen: HolderRef, purposes: Any) -> None:
    shown = show(town, citizen, *IDENTITY, challenge=Challenge("urn:ecert:counter:17", b"8 bytes!"))
    binding = read(town, shown).holder_verified()
    assert (binding.audience, binding.cnonce) == ("urn:ecert:counter:17", b"8 bytes!")
    assert shown.presented.audience == "urn:ecert:counter:17"


def test_a_challenge_is_answered_at_every_renewal(town: Town, citizen: HolderRef, purposes: Any) -> None:
    shown = show(town, citizen, *IDENTITY, challenge=Challenge("urn:ecert:counter:17", b"8 bytes!"))
    town.later(seconds=20)
    again = town.wallet.showing.renew_qr(citizen.holder_id, shown.renewal)
    assert read(town, again).holder_verified().cnonce == b"8 bytes!"


@pytest.mark.parametrize("cnonce", [b"", b"7 bytes", b"x" * 65])
def test_a_challenge_of_another_length_is_refused(town: Town, citizen: HolderRef, cnonce: bytes) -> None:
    with pytest.raises(RequestInvalid):
        show(town, citizen, "name", challenge=Challenge("urn:ecert:counter:17", cnonce))


# The holder's device


def device_of(town: Town, citizen: HolderRef) -> tuple[SoftwareSigner, HolderRef]:
    device = SoftwareSigner.generate()
    holder = town.registered_device(citizen, device)
    keep(town, town.sd_cwt(holder, IDENTITY))
    return device, holder


def test_a_device_signs_a_code(town: Town, citizen: HolderRef) -> None:
    device, holder = device_of(town, citizen)
    begun = town.wallet.showing.begin_qr(holder.holder_id, Wanted(IDENTITY, type_id=ID_CARD), purpose=PURPOSE)
    assert begun.encoding == "base64url"
    town.later(seconds=3)
    signature = device.sign(kbt.from_text(begun.signing_input))
    shown = town.wallet.showing.complete_qr(holder.holder_id, begun.handle, signature)
    assert read(town, shown).holder_verified().audience == COUNTER_AUDIENCE
    assert shown.expires_at == begun.expires_at


def test_another_devices_signature_completes_nothing(town: Town, citizen: HolderRef) -> None:
    _, holder = device_of(town, citizen)
    begun = town.wallet.showing.begin_qr(holder.holder_id, Wanted(IDENTITY, type_id=ID_CARD), purpose=PURPOSE)
    signature = SoftwareSigner.generate().sign(kbt.from_text(begun.signing_input))
    with pytest.raises(HandleInvalid):
        town.wallet.showing.complete_qr(holder.holder_id, begun.handle, signature)


def test_a_devices_showing_is_begun_anew_and_not_renewed(town: Town, citizen: HolderRef) -> None:
    device, holder = device_of(town, citizen)
    begun = town.wallet.showing.begin_qr(holder.holder_id, Wanted(IDENTITY, type_id=ID_CARD), purpose=PURPOSE)
    shown = town.wallet.showing.complete_qr(
        holder.holder_id, begun.handle, device.sign(kbt.from_text(begun.signing_input))
    )
    with pytest.raises(DeviceKeyNeeded):
        town.wallet.showing.renew_qr(holder.holder_id, shown.renewal)


# Size


def large(town: Town, citizen: HolderRef, characters: int) -> IssuedCredential:
    # Characters that nothing packs: a long address of different ones.
    address = "".join(chr(0x4E00 + n * 7919 % 20_000) for n in range(characters))
    return town.sd_cwt(citizen, ALL, full=True, claims={"address": address})


def test_what_is_too_big_for_one_code_is_animated(town: Town, citizen: HolderRef) -> None:
    keep(town, large(town, citizen, 300))
    shown = show(town, citizen, "address")
    assert len(shown.frames) == 2
    assert shown.text == shown.frames[0]
    assert not shown.by_reference
    assembly = animation.Assembly()
    assert [assembly.add(frame) for frame in shown.frames][-1] == shown.presented.presentation


def test_what_no_animation_holds_waits_under_a_reference(town: Town, citizen: HolderRef) -> None:
    keep(town, large(town, citizen, 1000))
    shown = show(town, citizen, "address")
    assert shown.by_reference
    assert shown.frames == (shown.text,)
    assert town.wallet.showing.take_reference(shown.text) == shown.presented.presentation


# Receiving and holding


def test_an_sd_cwt_for_another_key_is_not_kept(town: Town, citizen: HolderRef) -> None:
    other = town.citizen("440799198001010015", "李小明")
    foreign = replace(town.sd_cwt(other, IDENTITY), holder_id=citizen.holder_id, holder_kid=key_of(citizen).kid)
    (refusal,) = town.wallet.receiving.receive([foreign]).refused
    assert refusal.reason == "holder_key_mismatch"


@pytest.mark.parametrize("token", ["", "AAAA", "a.b.c"])
def test_a_broken_sd_cwt_is_not_kept(town: Town, citizen: HolderRef, token: str) -> None:
    (refusal,) = town.wallet.receiving.receive([replace(town.sd_cwt(citizen, IDENTITY), token=token)]).refused
    assert refusal.reason == "malformed"


def test_an_sd_cwt_alone_is_read_under_the_same_names(town: Town, citizen: HolderRef) -> None:
    only = town.sd_cwt(citizen, ALL, full=True)
    keep(town, only)
    view = town.wallet.holdings.certificate(citizen.holder_id, only.identifier)
    assert {claim.name for claim in view.claims} == set(ALL)
    assert view.certificate.newest.format is CredentialFormat.SD_CWT


def test_a_showing_and_its_challenge_do_not_stand_in_a_log(town: Town, citizen: HolderRef, purposes: Any) -> None:
    shown = show(town, citizen, *IDENTITY)
    logged = repr([shown, Challenge("urn:ecert:counter:17", b"8 bytes!")])
    assert shown.text not in logged
    assert shown.renewal not in logged
    assert "8 bytes!" not in logged
