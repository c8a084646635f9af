"""The profile of e-certificates as SD-CWT: what the issuer signs is what comes out, and each rule is broken once."""

from dataclasses import replace
from typing import Any

import pytest

from keys.errors import AlgorithmNotAllowed, InvalidSignature
from schemas.errors import UnknownType
from schemas.formats.cose import cbor
from schemas.formats.cose.errors import CwtClaimInvalid
from schemas.formats.errors import (
    HolderKeyUnsupported,
    StatusClaimInvalid,
    UnknownClaimPath,
    UnsupportedHashAlgorithm,
    VctInvalid,
    WrongType,
)
from schemas.formats.sd_cwt import credential, kbt, labels, token
from schemas.formats.sd_cwt.errors import (
    ClaimKeyUnknown,
    ClaimValueInvalid,
    ConfirmationMissing,
    MalformedSdCwt,
    PrintedCopyInvalid,
    SdCwtTimesContradict,
    SubjectMissing,
)
from schemas.formats.status_claim import StatusReference
from tests.support.sd_cwt import (
    ANOTHER,
    COPY,
    EXP,
    FIELDS,
    HOLDER,
    IAT,
    ISSUER,
    ISSUER_URI,
    LIST,
    VCT,
    content,
    full,
    issued,
    numbered_salts,
    p384,
    raw_claims,
    raw_sd_cwt,
)


def verified(data: bytes) -> kbt.VerifiedSdCwt:
    return kbt.peek(data).verified_by(ISSUER.public_key)


def test_a_purpose_certificate_says_what_was_signed() -> None:
    read = verified(issued({"name": "陈大文", "age_over_18": True}))
    assert read.claims == {"name": "陈大文", "age_over_18": True}
    assert (read.issuer, read.vct, read.iat, read.exp, read.nbf) == (ISSUER_URI, VCT, IAT, EXP, None)
    assert read.status == StatusReference(LIST, 300_000)
    assert read.cnf == HOLDER.public_key
    assert read.printed_copy is None
    assert read.hidden == 0


def test_what_selects_the_key_is_there_before_anything_is_verified() -> None:
    opened = kbt.peek(issued())
    assert (opened.issuer, opened.vct, opened.iat, opened.kid) == (ISSUER_URI, VCT, IAT, ISSUER.public_key.kid)
    assert opened.chain == ()


def test_a_full_sd_cwt_hides_every_field_and_discloses_what_is_chosen() -> None:
    bare = full().with_disclosures(())
    assert verified(bare.to_bytes()).claims == {}
    assert verified(bare.to_bytes()).hidden == len(FIELDS)
    chosen = credential.choose(full(), ("name", "birth_date", "name"))
    assert verified(chosen.to_bytes()).claims == {"name": "陈大文", "birth_date": "1990-03-07"}


def test_a_field_in_the_clear_needs_no_disclosure() -> None:
    mixed = token.peek(issued(FIELDS, {"address"}))
    assert credential.choose(mixed, ("name",)).disclosures == ()
    assert len(credential.choose(mixed, ("name", "address")).disclosures) == 1


def test_a_field_that_is_not_there_cannot_be_chosen() -> None:
    with pytest.raises(UnknownClaimPath):
        credential.choose(token.peek(issued({"name": "x"}, {"name"})), ("address",))


def test_sd_claims_is_left_out_when_nothing_is_disclosed() -> None:
    assert full().with_disclosures(()).item().value[1] == {}


def test_the_holders_point_is_compressed() -> None:
    assert token.peek(issued()).peek_claims()[labels.CNF][1][-3] in (True, False)


def test_another_issuers_key_verifies_nothing() -> None:
    with pytest.raises(InvalidSignature):
        kbt.peek(issued()).verified_by(ANOTHER.public_key)


def test_a_key_of_another_algorithm_verifies_nothing() -> None:
    with pytest.raises(AlgorithmNotAllowed):
        kbt.peek(issued()).verified_by(p384().public_key)


def test_an_altered_field_is_noticed() -> None:
    altered = issued({"gender": "1", "name": "陈大文"}).replace("陈大文".encode(), "陈小文".encode())
    with pytest.raises(InvalidSignature):
        verified(altered)


# Printed copies


def test_a_printed_copy_says_who_made_it_and_why() -> None:
    read = verified(issued({"name": "陈大文"}, holder_key=None, printed_copy=COPY))
    assert read.printed_copy == COPY
    assert read.cnf is None


@pytest.mark.parametrize(
    "changed",
    [
        {"maker": ""},
        {"cause": "x" * 201},
        {"cause": "two\nlines"},
        {"maker": None},
        {"made_at": "x"},
        {"expires_at": IAT},
        {"expires_at": float("inf")},
    ],
)
def test_a_printed_copy_without_all_of_its_mark_is_not_made(changed: dict[str, Any]) -> None:
    with pytest.raises(PrintedCopyInvalid):
        issued({}, holder_key=None, printed_copy=replace(COPY, **changed))


@pytest.mark.parametrize("changed", [{"printed_copy": COPY}, {"holder_key": None}], ids=["both", "neither"])
def test_a_credential_is_either_bound_or_a_printed_copy(changed: dict[str, Any]) -> None:
    with pytest.raises(PrintedCopyInvalid):
        issued({}, **changed)


def test_a_printed_copy_that_names_a_key_is_refused() -> None:
    mark = token.peek(issued({}, holder_key=None, printed_copy=COPY)).peek_claims()[labels.PRINTED_COPY]
    with pytest.raises(PrintedCopyInvalid):
        verified(raw_sd_cwt(raw_claims(PRINTED_COPY=mark)))


@pytest.mark.parametrize("mark", [{}, None, "x", {1: "a", 2: "b", 3: 5, 4: 4}])
def test_a_broken_mark_of_a_printed_copy_is_refused(mark: Any) -> None:
    claims = raw_claims(CNF=None) | {labels.PRINTED_COPY: mark}
    with pytest.raises(PrintedCopyInvalid):
        verified(raw_sd_cwt(claims))


# Claims


def test_neither_a_key_nor_a_printed_copy_is_refused() -> None:
    with pytest.raises(ConfirmationMissing):
        verified(raw_sd_cwt(raw_claims(CNF=None)))


@pytest.mark.parametrize("value", [{}, "x", {3: b"x"}, {1: "x"}, {1: {1: 2, -1: 1, -2: bytes(32), -3: b"short"}}])
def test_a_holders_key_of_another_form_is_refused(value: Any) -> None:
    with pytest.raises(HolderKeyUnsupported):
        verified(raw_sd_cwt(raw_claims(CNF=value)))


@pytest.mark.parametrize("value", [None, 65_000, b"x", ""])
def test_a_type_that_is_no_text_is_refused(value: Any) -> None:
    opened = kbt.peek(raw_sd_cwt(raw_claims(VCT=value)))
    assert not opened.vct
    with pytest.raises(VctInvalid):
        opened.verified_by(ISSUER.public_key)


def test_a_type_that_is_not_known_is_refused() -> None:
    with pytest.raises(UnknownType):
        verified(raw_sd_cwt(raw_claims(VCT="urn:ecert:passport:1")))


def test_fields_that_are_no_map_are_refused() -> None:
    with pytest.raises(ClaimValueInvalid):
        verified(raw_sd_cwt(raw_claims(FIELDS=[])))


def test_without_fields_there_are_no_claims() -> None:
    assert verified(raw_sd_cwt(raw_claims(FIELDS=None))).claims == {}


def test_a_field_that_the_type_does_not_have_is_refused() -> None:
    with pytest.raises(ClaimKeyUnknown):
        verified(raw_sd_cwt(raw_claims(FIELDS={999: 1})))


def test_a_status_that_refers_to_no_list_is_refused() -> None:
    with pytest.raises(StatusClaimInvalid):
        verified(raw_sd_cwt(raw_claims(STATUS={"status_list": {"idx": -1, "uri": LIST}})))


def test_without_a_status_there_is_none() -> None:
    assert verified(issued(status=None)).status is None


@pytest.mark.parametrize(("name", "value"), [("ISS", 5), ("EXP", "soon"), ("IAT", float("inf")), ("SUB", b"x")])
def test_a_registered_claim_of_another_kind_is_refused(name: str, value: Any) -> None:
    with pytest.raises(CwtClaimInvalid):
        kbt.peek(raw_sd_cwt(raw_claims(**{name: value})))


@pytest.mark.parametrize("times", [{"EXP": IAT}, {"NBF": IAT + 1}, {"NBF": EXP, "IAT": None}])
def test_times_that_contradict_each_other_are_refused(times: dict[str, Any]) -> None:
    with pytest.raises(SdCwtTimesContradict):
        verified(raw_sd_cwt(raw_claims(**times)))


def test_an_end_before_the_beginning_is_not_signed() -> None:
    with pytest.raises(SdCwtTimesContradict):
        issued(exp=IAT)


def test_a_subject_and_a_key_are_needed_by_the_draft() -> None:
    claims = raw_claims()
    for label, error in ((labels.SUB, SubjectMissing), (labels.CNF, ConfirmationMissing)):
        rest = {name: value for name, value in claims.items() if name != label}
        with pytest.raises(error):
            token.issue(rest, ISSUER, salt=numbered_salts(), protected={})


def test_a_redacted_subject_is_a_subject() -> None:
    from tests.support.sd_cwt import marked

    claims = {label: value for label, value in raw_claims().items() if label != labels.SUB}
    data = token.issue(claims | {marked(labels.SUB): "x"}, ISSUER, salt=numbered_salts(), protected={})
    assert token.peek(data).verified_by(ISSUER.public_key).claims[labels.SUB] == "x"
    assert set(credential.selective_fields(token.peek(data))) == set()


# Headers


def test_the_long_name_of_the_type_is_accepted() -> None:
    assert verified(raw_sd_cwt(raw_claims(), protected={labels.TYP: "application/sd-cwt"})).claims == FIELDS


@pytest.mark.parametrize("typ", [None, 294, 292, "application/cwt", "x+sd-cwt"])
def test_another_type_of_message_is_refused(typ: Any) -> None:
    with pytest.raises((WrongType, MalformedSdCwt)):
        token.peek(raw_sd_cwt(raw_claims(), protected={labels.TYP: typ}))


def test_a_hash_that_is_named_is_accepted_when_it_is_sha_256() -> None:
    assert verified(raw_sd_cwt(raw_claims(), protected={labels.SD_ALG: -16})).claims == FIELDS


@pytest.mark.parametrize("algorithm", [-15, -43, "SHA-256", None])
def test_another_hash_is_refused(algorithm: Any) -> None:
    with pytest.raises(UnsupportedHashAlgorithm):
        token.peek(raw_sd_cwt(raw_claims(), protected={labels.SD_ALG: algorithm}))


@pytest.mark.parametrize("label", [labels.SD_CLAIMS, labels.SD_AEAD_CLAIMS])
@pytest.mark.parametrize("value", [[], {}, None, b"x"])
def test_a_list_of_disclosures_with_nothing_in_it_is_refused(label: int, value: Any) -> None:
    with pytest.raises(MalformedSdCwt):
        token.peek(raw_sd_cwt(raw_claims(), unprotected={label: value}))


def test_encrypted_disclosures_stay_undisclosed() -> None:
    data = raw_sd_cwt(raw_claims(), unprotected={labels.SD_AEAD_CLAIMS: [[b"n", b"c", b"t"]]})
    assert verified(data).claims == FIELDS
    assert token.peek(data).to_bytes() == data


@pytest.mark.parametrize(
    "headers",
    [
        {"protected": {labels.CWT_CLAIMS: {1: "x"}}},
        {"protected": {labels.SD_CLAIMS: [b"x"]}},
        {"unprotected": {labels.SD_ALG: -16}},
        {"unprotected": {labels.SD_CLAIMS: ["x"]}},
    ],
)
def test_a_header_parameter_in_the_wrong_place_is_refused(headers: dict[str, Any]) -> None:
    with pytest.raises(MalformedSdCwt):
        token.peek(raw_sd_cwt(raw_claims(), **headers))


def test_a_message_without_its_tag_is_refused() -> None:
    with pytest.raises(MalformedSdCwt):
        token.peek(cbor.dumps(token.peek(issued()).item().value))


def test_a_kid_that_is_no_thumbprint_is_its_own_text() -> None:
    opened = kbt.peek(raw_sd_cwt(raw_claims(), protected={labels.KID: b"key-1"}))
    assert opened.kid == "key-1"
    assert kbt.peek(raw_sd_cwt(raw_claims(), protected={labels.KID: None})).kid is None


def test_nothing_personal_shows_in_a_log() -> None:
    shown = repr([content(), full(), kbt.peek(issued()), verified(issued())])
    assert "陈大文" not in shown
    assert "440799199003070112" not in shown
