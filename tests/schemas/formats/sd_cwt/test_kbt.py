"""The holder's proof: it holds for exactly what is shown, and each way in which it does not has its own code."""

from typing import Any

import pytest

from keys.errors import InvalidSignature, TooLarge
from schemas.formats.cose import cbor
from schemas.formats.errors import (
    DisclosureTwice,
    DisclosureUnreferenced,
    HolderKeyMissing,
    KeyBindingAlgorithmRefused,
    KeyBindingClaimInvalid,
    KeyBindingMalformed,
    KeyBindingMissing,
    KeyBindingSignatureInvalid,
    WrongType,
)
from schemas.formats.sd_cwt import credential, kbt, labels, redaction, token
from schemas.formats.sd_cwt.errors import KeyBindingTimesContradict, MalformedSdCwt
from tests.support.sd_cwt import (
    ANOTHER,
    AUDIENCE,
    COPY,
    EXP,
    HOLDER,
    IAT,
    ISSUER,
    NOW,
    full,
    issued,
    p384,
    raw_claims,
    raw_kbt,
    raw_sd_cwt,
    shown,
)

PROOF = {labels.AUD: AUDIENCE, labels.IAT: NOW}


def binding(data: bytes) -> kbt.KbtBinding:
    return kbt.peek(data).verified_by(ISSUER.public_key).holder_verified()


def test_what_is_shown_is_bound_to_audience_and_moment() -> None:
    assert binding(shown("name")) == kbt.KbtBinding(AUDIENCE, NOW, None)
    assert kbt.peek(shown("name")).verified_by(ISSUER.public_key).claims == {"name": "陈大文"}


def test_the_counters_challenge_comes_back() -> None:
    assert binding(shown("name", cnonce=b"8 bytes!")).cnonce == b"8 bytes!"


def test_a_device_signs_what_was_prepared() -> None:
    prepared = kbt.prepare(full().with_disclosures(()), HOLDER.public_key, audience=AUDIENCE, iat=NOW)
    assert binding(prepared.completed(HOLDER.sign(prepared.signing_input))).iat == NOW


def test_a_signature_that_is_not_the_devices_completes_nothing() -> None:
    prepared = kbt.prepare(full(), HOLDER.public_key, audience=AUDIENCE, iat=NOW)
    with pytest.raises(InvalidSignature):
        prepared.completed(ANOTHER.sign(prepared.signing_input))


def test_a_token_comes_back_from_its_text() -> None:
    assert kbt.from_text(kbt.to_text(shown("name"))) == shown("name")


def test_the_long_name_of_the_type_is_accepted() -> None:
    assert binding(raw_kbt(PROOF, protected={labels.TYP: "application/kb+cwt"})).audience == AUDIENCE


def test_what_the_holder_signed_is_the_same_for_every_signature_over_it() -> None:
    one, two = kbt.peek(shown("name")), kbt.peek(shown("name")[:-1] + b"?")
    assert one.signed_by_holder == two.signed_by_holder is not None
    assert one.signed_by_holder != kbt.peek(shown("name", iat=NOW + 1)).signed_by_holder
    assert kbt.peek(issued()).signed_by_holder is None


# Somebody else's


def test_another_holders_signature_is_refused() -> None:
    data = shown("name", signer=ANOTHER)
    with pytest.raises(KeyBindingSignatureInvalid):
        binding(data)


def test_a_signature_by_an_algorithm_that_the_key_does_not_allow_is_refused() -> None:
    data = shown("name", signer=p384())
    with pytest.raises(KeyBindingAlgorithmRefused):
        binding(data)


def test_an_sd_cwt_alone_is_not_bound() -> None:
    with pytest.raises(KeyBindingMissing):
        binding(issued())


def test_a_printed_copy_is_bound_to_nobody() -> None:
    with pytest.raises(HolderKeyMissing):
        binding(issued({}, holder_key=None, printed_copy=COPY))


# Disclosures changed after the holder signed


def swapped(data: bytes, disclosures: list[bytes]) -> bytes:
    """The same signatures around other disclosures."""
    outer = cbor.loads_strict(data)
    header = cbor.loads_strict(outer.value[0])
    header[labels.KCWT].value[1] = {labels.SD_CLAIMS: disclosures} if disclosures else {}
    outer.value[0] = cbor.dumps(header)
    return cbor.dumps(outer)


def disclosures_of(*fields: str) -> list[bytes]:
    return list(credential.choose(full(), fields).disclosures)


@pytest.mark.parametrize("fields", [("name", "address"), (), ("address",)], ids=["added", "taken away", "swapped"])
def test_disclosures_changed_after_the_holder_signed_are_noticed(fields: tuple[str, ...]) -> None:
    with pytest.raises(KeyBindingSignatureInvalid):
        binding(swapped(shown("name"), disclosures_of(*fields)))


def test_an_altered_disclosure_is_referred_to_by_nothing() -> None:
    (one,) = disclosures_of("name")
    altered = one.replace("陈大文".encode(), "陈小文".encode())
    with pytest.raises(DisclosureUnreferenced):
        kbt.peek(swapped(shown("name"), [altered])).verified_by(ISSUER.public_key)


def test_a_disclosure_of_another_certificate_is_referred_to_by_nothing() -> None:
    foreign = cbor.dumps([bytes(16), "陈大文", 1])
    with pytest.raises(DisclosureUnreferenced):
        kbt.peek(swapped(shown("name"), [foreign])).verified_by(ISSUER.public_key)


def test_a_disclosure_sent_twice_is_refused() -> None:
    with pytest.raises(DisclosureTwice):
        kbt.peek(swapped(shown("name"), disclosures_of("name") * 2)).verified_by(ISSUER.public_key)


# Form


@pytest.mark.parametrize(
    "changed",
    [
        {"protected": {labels.KCWT: None}},
        {"protected": {labels.CWT_CLAIMS: {1: "x"}}},
        {"unprotected": {1000: 1}},
        {"protected": {labels.KCWT: b"bytes"}},
        {"protected": {labels.KCWT: [b"", {}, b"", b""]}},
    ],
    ids=["no kcwt", "cwt claims", "unprotected", "kcwt of bytes", "kcwt without tag"],
)
def test_a_key_binding_token_of_another_form_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(MalformedSdCwt):
        kbt.peek(raw_kbt(PROOF, **changed))


def test_a_key_binding_token_without_its_tag_is_refused() -> None:
    with pytest.raises(MalformedSdCwt):
        kbt.peek(cbor.dumps(cbor.loads_strict(shown("name")).value))


def test_another_type_of_message_is_refused() -> None:
    with pytest.raises(WrongType):
        kbt.peek(raw_kbt(PROOF, protected={labels.TYP: "kb+jwt"}))


def test_a_key_binding_token_in_another_one_is_refused() -> None:
    with pytest.raises(WrongType):
        kbt.peek(raw_kbt(PROOF, inner=shown("name")))


def test_a_presentation_over_the_limit_is_not_read() -> None:
    with pytest.raises(TooLarge):
        kbt.peek(bytes(kbt.MAX_BYTES + 1))


@pytest.mark.parametrize(
    "claims",
    [
        {labels.IAT: NOW},
        {labels.AUD: [AUDIENCE], labels.IAT: NOW},
        {labels.AUD: 5, labels.IAT: NOW},
        {labels.AUD: AUDIENCE},
        {labels.AUD: AUDIENCE, labels.CTI: b"1"},
        {labels.AUD: AUDIENCE, labels.IAT: "now"},
        PROOF | {labels.CNONCE: "text"},
        PROOF | {labels.ISS: "x"},
        PROOF | {labels.SUB: "x"},
        PROOF | {b"key": 1},
    ],
    ids=["no aud", "two", "aud", "no moment", "cti alone", "iat", "cnonce", "iss", "sub", "key"],
)
def test_a_claim_of_the_proof_that_breaks_its_rule_is_refused(claims: dict[Any, Any]) -> None:
    with pytest.raises(KeyBindingClaimInvalid):
        binding(raw_kbt(claims))


def test_a_payload_that_is_not_deterministic_is_refused() -> None:
    from schemas.formats.cose import sign1

    header = {labels.KID: None, labels.TYP: labels.TYP_KBT, labels.KCWT: cbor.loads_strict(issued())}
    with pytest.raises(KeyBindingMalformed):
        binding(sign1.sign(b"\xa1\x18\x06\x01", HOLDER, protected=header))


# Times (draft, 9, step 6)


@pytest.mark.parametrize(
    "times",
    [
        {labels.NBF: NOW + 1},
        {labels.EXP: NOW},
        {labels.EXP: EXP + 1},
        {labels.IAT: IAT - 1},
        {labels.IAT: EXP},
    ],
    ids=["nbf after iat", "exp not after iat", "exp after the SD-CWT's", "before the SD-CWT", "after the SD-CWT"],
)
def test_times_of_the_proof_that_contradict_are_refused(times: dict[int, int]) -> None:
    with pytest.raises(KeyBindingTimesContradict):
        binding(raw_kbt(PROOF | times))


@pytest.mark.parametrize("times", [{labels.NBF: IAT - 5}, {labels.IAT: IAT - 5}])
def test_a_proof_from_before_the_sd_cwt_is_good_is_refused(times: dict[int, int]) -> None:
    inner = raw_sd_cwt(raw_claims(NBF=IAT - 1, IAT=IAT))
    with pytest.raises(KeyBindingTimesContradict):
        binding(raw_kbt(PROOF | times, inner=inner))


def test_a_proof_with_its_own_period_inside_the_sd_cwts_holds() -> None:
    found = binding(raw_kbt(PROOF | {labels.NBF: NOW, labels.EXP: NOW + 60}))
    assert (found.nbf, found.exp) == (NOW, NOW + 60)


def test_a_proof_is_not_good_after_an_sd_cwt_that_begins_at_its_end() -> None:
    inner = raw_sd_cwt(raw_claims(IAT=None, EXP=NOW + 10))
    with pytest.raises(KeyBindingTimesContradict):
        binding(raw_kbt({labels.AUD: AUDIENCE, labels.IAT: NOW + 10}, inner=inner))


def test_duplicate_digests_in_what_the_issuer_signed_are_refused() -> None:
    claims = raw_claims(FIELDS={redaction.REDACTED_KEYS: [bytes(32), bytes(32)]})
    from schemas.formats.errors import DigestTwice

    with pytest.raises(DigestTwice):
        kbt.peek(raw_sd_cwt(claims)).verified_by(ISSUER.public_key)


def test_placed_claims_can_be_peeked_by_the_holder() -> None:
    assert token.peek(issued()).peek_placed().hidden == 0
