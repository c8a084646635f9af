"""Purposes: every type has one, each names fields that the type has, and each fits one code that scans."""

import hashlib
import secrets

import pytest

from keys.encoding import b64url_text
from keys.signer import SoftwareSigner
from schemas import types
from schemas.catalogue import CertificateType, Kind
from schemas.errors import UnknownPurpose, UnknownType
from schemas.examples import example_claims
from schemas.formats.sd_cwt import credential, kbt, token
from schemas.formats.status_claim import StatusReference
from schemas.purposes import Purpose, purpose, purpose_for, purposes_of
from schemas.qr import compact
from tests.support.sd_cwt import AUDIENCE, NOW, content

ALL = [each for ctype in types.all_types() for each in purposes_of(ctype.id)]


def named(each: Purpose) -> str:
    return f"{each.type_id}/{each.id}"


@pytest.mark.parametrize("ctype", types.all_types(), ids=lambda ctype: ctype.id)
def test_every_type_can_be_shown(ctype: CertificateType) -> None:
    assert purpose(ctype.id, "show").fields


@pytest.mark.parametrize("each", ALL, ids=named)
def test_a_purpose_names_fields_of_its_type_each_once_and_no_picture(each: Purpose) -> None:
    fields = {field.name: field for field in types.credential_fields(each.type_id)}
    assert len(set(each.fields)) == len(each.fields)
    assert all(fields[name].kind is not Kind.IMAGE for name in each.fields)
    assert each.name_zh
    assert each.name_en


@pytest.mark.parametrize("ctype", types.all_types(), ids=lambda ctype: ctype.id)
def test_showing_a_type_shows_what_is_always_shown(ctype: CertificateType) -> None:
    always = {field.name for field in ctype.fields if not field.selective}
    assert always <= set(purpose(ctype.id, "show").fields)


@pytest.mark.parametrize("each", ALL, ids=named)
def test_a_purpose_certificate_fits_one_code_that_scans(each: Purpose) -> None:
    ctype = types.certificate_type(each.type_id)
    claims = example_claims(ctype)
    digest = "sha256-" + b64url_text(hashlib.sha256(b"picture").digest())
    held = {name: digest if name.endswith("_digest") else claims.get(name) for name in each.fields}
    fields = {name: value for name, value in held.items() if value is not None}
    uri = "https://ecert.example/status/" + b64url_text(secrets.token_bytes(16))
    holder = SoftwareSigner.generate()
    signed = content(
        fields,
        vct=ctype.vct,
        issuer=f"https://ecert.example/issuers/{ctype.department}",
        subject=f"{uri}#1000",
        status=StatusReference(uri, 1000),
        holder_key=holder.public_key,
    )
    data = credential.issue(signed, SoftwareSigner.generate(), salt=lambda: secrets.token_bytes(16))
    shown = kbt.bind(token.peek(data), holder, audience=AUDIENCE, iat=NOW)
    assert len(compact.deflate(shown)) <= 600  # version 17 at level L: reads at 720p and half of the frame


def test_the_smallest_purpose_that_shows_what_is_wanted_is_found() -> None:
    found = purpose_for("resident_id_card", ["age_over_18"])
    assert found is not None
    assert found.id == "age"
    assert purpose_for("resident_id_card", ["name", "age_over_18"]) == purpose("resident_id_card", "identity")
    assert purpose_for("resident_id_card", ["ethnicity"]) is None


def test_a_purpose_or_a_type_that_is_not_there_is_refused() -> None:
    with pytest.raises(UnknownPurpose):
        purpose("resident_id_card", "nothing")
    with pytest.raises(UnknownType):
        purposes_of("passport")


@pytest.mark.parametrize("ctype", types.all_types(), ids=lambda ctype: ctype.id)
def test_no_two_purposes_of_a_type_look_alike_to_a_person(ctype: CertificateType) -> None:
    found = purposes_of(ctype.id)
    assert len({each.name_zh for each in found}) == len({each.name_en.lower() for each in found}) == len(found)
