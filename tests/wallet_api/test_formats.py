"""Credentials of every format in a wallet: received, looked at, and presented as a verifier asks for."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from keys.algorithms import Algorithm
from keys.encoding import b64url_decode
from keys.public import PublicKey
from keys.signer import SoftwareSigner
from schemas.catalogue import TypeId
from schemas.formats.data_integrity import Suite
from schemas.order import CredentialFormat, CredentialId, HolderRef, Identifier, IssuedCredential, StatusRef
from schemas.report import Check, Outcome
from tests.support import forms
from tests.support.desk import NOW, Certificate, Desk
from tests.support.wallet_fakes import Town, identifier_of
from wallet_api import Wanted
from wallet_api.errors import FieldNotInCertificate, HandleInvalid, NoCredentialForFields, RequestInvalid
from wallet_api.presenting import Presented

BANK, NONCE = "https://bank.example", "b25jZS1vZi10aGUtYmFuaw"
PURPOSE = "开户核验 Opening an account"
LICENCE = TypeId("business_licence")
VCDM = tuple(form for form in CredentialFormat if form not in (CredentialFormat.SD_JWT_VC, CredentialFormat.SD_CWT))
BY_CHOICE = (CredentialFormat.VC_SD_JWT, CredentialFormat.LDP_VC)
each_vcdm = pytest.mark.parametrize("form", VCDM)


@pytest.fixture
def town() -> Town:
    """A town at the moment of the verifier's desk, whose check finds nothing wrong."""
    made = Town(now=NOW)
    made.check.rows = (Check("signature", Outcome.PASSED, "signature_valid"),)
    return made


def certificate(key: PublicKey | None, **changes: Any) -> Certificate:
    holder: Any = None if key is None else SimpleNamespace(public_key=key)
    return Certificate(holder=holder, **changes)


def credential(holder: HolderRef, form: CredentialFormat, token: str | None = None) -> IssuedCredential:
    """The desk's licence for a holder of the wallet."""
    assert holder.key is not None
    made = certificate(holder.key)
    return IssuedCredential(
        credential_id=CredentialId(f"credential-{form}"),
        identifier=Identifier(identifier_of("20260001")),
        type_id=LICENCE,
        holder_id=holder.holder_id,
        format=form,
        short_lived=False,
        holder_kid=holder.key.kid,
        token=forms.bare(form, made) if token is None else token,
        issued_at=made.iat,
        expires_at=made.exp or NOW,
        status=StatusRef("https://ecert.example/status/6tC3", 4711),
    )


def held(town: Town, holder: HolderRef, *forms_: CredentialFormat, token: str | None = None) -> None:
    town.wallet.receiving.deliver([credential(holder, form, token) for form in forms_])


def present(town: Town, holder: HolderRef, wanted: Wanted, nonce: str = NONCE) -> Presented:
    return town.wallet.presenting.present(holder.holder_id, wanted, nonce=nonce, audience=BANK, purpose=PURPOSE)


@each_vcdm
def test_a_verifier_finds_nothing_wrong_with_what_is_presented(
    town: Town, citizen: HolderRef, form: CredentialFormat
) -> None:
    held(town, citizen, form)
    shown = present(town, citizen, Wanted((forms.SHOWN,), type_id=LICENCE, format=form))
    report = Desk().verify(shown.presentation, audience=BANK, nonce=NONCE)
    assert [check for check in report.checks if check.outcome is Outcome.FAILED] == []
    assert report.accepted_claims().keys() == set(shown.fields)
    assert ("legal_representative" in shown.fields) is (form not in BY_CHOICE)


@each_vcdm
def test_every_claim_is_there_to_be_looked_at(town: Town, citizen: HolderRef, form: CredentialFormat) -> None:
    held(town, citizen, form)
    view = town.wallet.holdings.certificate(citizen.holder_id, Identifier(identifier_of("20260001")))
    texts = {claim.name: claim.value for claim in view.claims}
    assert texts["legal_representative"] == "陈大文"
    assert "id" not in texts


@each_vcdm
def test_a_format_is_presented_only_when_it_is_asked_for(
    town: Town, citizen: HolderRef, form: CredentialFormat
) -> None:
    held(town, citizen, form)
    with pytest.raises(NoCredentialForFields):
        present(town, citizen, Wanted((forms.SHOWN,), type_id=LICENCE))
    named = Wanted((forms.SHOWN,), credential_id=CredentialId(f"credential-{form}"))
    assert present(town, citizen, named).credential_id == f"credential-{form}"


@each_vcdm
def test_a_field_that_is_not_there_is_refused(town: Town, citizen: HolderRef, form: CredentialFormat) -> None:
    held(town, citizen, form)
    with pytest.raises(FieldNotInCertificate):
        present(town, citizen, Wanted(("nickname",), type_id=LICENCE, format=form))


@each_vcdm
def test_one_bound_to_another_key_or_to_none_or_broken_is_not_kept(
    town: Town, citizen: HolderRef, form: CredentialFormat
) -> None:
    stranger = SoftwareSigner.generate().public_key
    for key, reason in ((stranger, "holder_key_mismatch"), (None, None)):
        token = forms.bare(form, certificate(key))
        (refusal,) = town.wallet.receiving.receive([credential(citizen, form, token)]).refused
        assert refusal.reason == reason or (reason is None and refusal.reason in ("holder_key_mismatch", "malformed"))
    (refusal,) = town.wallet.receiving.receive([credential(citizen, form, "x~y~")]).refused
    assert refusal.reason == "malformed"


@each_vcdm
def test_a_device_signs_what_the_wallet_completes(town: Town, citizen: HolderRef, form: CredentialFormat) -> None:
    device = SoftwareSigner.generate(Algorithm.ES256)
    holder = town.registered_device(citizen, device)
    held(town, holder, form)
    wanted = Wanted((forms.SHOWN,), type_id=LICENCE, format=form)
    begun = town.wallet.presenting.begin(holder.holder_id, wanted, nonce=NONCE, audience=BANK, purpose=PURPOSE)
    assert begun.encoding == ("base64url" if form is CredentialFormat.LDP_VC else "text")
    to_sign = begun.signing_input.encode() if begun.encoding == "text" else b64url_decode(begun.signing_input)
    with pytest.raises(HandleInvalid):
        town.wallet.presenting.complete(holder.holder_id, begun.handle, device.sign(to_sign + b"."))
    shown = town.wallet.presenting.complete(holder.holder_id, begun.handle, device.sign(to_sign))
    assert Desk().flaws(shown.presentation, audience=BANK, nonce=NONCE) == []


def test_a_holder_whose_key_has_no_suite_presents_a_proved_credential_in_a_jwt(town: Town, citizen: HolderRef) -> None:
    device = SoftwareSigner.generate(Algorithm.ES512)
    holder = town.registered_device(citizen, device)
    held(town, holder, CredentialFormat.LDP_VC)
    wanted = Wanted((forms.SHOWN,), type_id=LICENCE, format=CredentialFormat.LDP_VC)
    begun = town.wallet.presenting.begin(holder.holder_id, wanted, nonce=NONCE, audience=BANK, purpose=PURPOSE)
    signature = device.sign(begun.signing_input.encode())
    shown = town.wallet.presenting.complete(holder.holder_id, begun.handle, signature)
    assert shown.presentation.count(".") == 2
    assert Desk().flaws(shown.presentation, audience=BANK, nonce=NONCE) == []


def test_a_proof_of_a_suite_without_choice_shows_everything(town: Town, citizen: HolderRef) -> None:
    document = forms.ldp_vc(certificate(citizen.key), suite=Suite.ECDSA_JCS_2019)
    held(town, citizen, CredentialFormat.LDP_VC, token=forms.strict_json.dumps(document).decode())
    wanted = Wanted((forms.SHOWN,), type_id=LICENCE, format=CredentialFormat.LDP_VC)
    assert "legal_representative" in present(town, citizen, wanted).fields


def test_an_sd_cwt_repeats_the_nonce_of_who_asks_for_it(town: Town, citizen: HolderRef) -> None:
    held(town, citizen, CredentialFormat.SD_CWT)
    wanted = Wanted((forms.SHOWN,), type_id=LICENCE, format=CredentialFormat.SD_CWT)
    shown = present(town, citizen, wanted)
    assert Desk().flaws(shown.presentation, audience=BANK, nonce=NONCE) == []
    with pytest.raises(RequestInvalid, match="base64url"):
        present(town, citizen, wanted, nonce="not base64url!")


def test_a_credential_that_begins_later_is_not_presented_yet(town: Town, citizen: HolderRef) -> None:
    begins = NOW + timedelta(hours=3)
    document = forms.bound_vcdm(certificate(citizen.key), validFrom=begins.strftime("%Y-%m-%dT%H:%M:%SZ"))
    token = forms.strict_json.dumps(forms.ldp_vc(certificate(citizen.key), document=document)).decode()
    held(town, citizen, CredentialFormat.LDP_VC, token=token)
    with pytest.raises(NoCredentialForFields, match="not in force yet"):
        present(town, citizen, Wanted((forms.SHOWN,), type_id=LICENCE, format=CredentialFormat.LDP_VC))
