"""Which formats a certificate is signed in: the profile's, or those that an order asks for."""

from datetime import timedelta
from typing import Any

import pytest

from issuer import Issued, Resumed, Rules
from issuer.errors import ProfileRefused
from issuer.profile import Profile, ProfileConfig
from keys import strict_json
from keys.algorithms import Algorithm
from keys.encoding import b64url_decode
from keys.signer import SoftwareSigner
from schemas import types
from schemas.catalogue import TypeId
from schemas.formats import data_integrity
from schemas.formats.cose import sign1
from schemas.formats.issued import issuer_part
from schemas.order import CredentialFormat
from tests.support.issuer_fakes import FakeDirectory, FakeKeys


def test_an_order_may_ask_for_other_formats_than_the_profiles(desk: Any) -> None:
    issuer = desk.issuer.with_formats(["vc+jwt"])
    issued = issuer.issue(desk.order())
    assert [each.format for each in issued.credentials] == ["vc+jwt"]


def test_a_refreshed_certificate_keeps_the_formats_that_were_asked_for(desk: Any) -> None:
    desk.rules = type(desk.rules)(Profile.of(ProfileConfig(formats=("dc+sd-jwt",))))
    issued = desk.issuer.with_formats(["vc+jwt"]).issue(desk.order())
    refreshed = desk.issuer.refresh(issued.identifier)
    assert [each.format for each in refreshed.credentials] == ["dc+sd-jwt", "vc+jwt"]


@pytest.mark.parametrize("names", [[], ["mso_mdoc"], ["vc+jwt", "vc+jwt"]])
def test_formats_that_are_none_are_refused(desk: Any, names: list[str]) -> None:
    with pytest.raises(ProfileRefused):
        desk.issuer.with_formats(names)


@pytest.mark.parametrize(
    ("algorithm", "suite"),
    [
        (Algorithm.ES256, "ecdsa-sd-2023"),
        (Algorithm.ES384, "ecdsa-rdfc-2019"),
        (Algorithm.EDDSA, "eddsa-rdfc-2022"),
    ],
)
def test_the_suite_follows_from_the_key_when_the_profile_names_none(algorithm: Algorithm, suite: str) -> None:
    assert Profile.of(ProfileConfig()).suite_for(algorithm) == suite


def test_the_profiles_suite_is_used_with_a_key_that_it_fits() -> None:
    assert Profile.of(ProfileConfig(suite="ecdsa-jcs-2019")).suite_for(Algorithm.ES384) == "ecdsa-jcs-2019"


@pytest.mark.parametrize(
    ("suite", "algorithm"),
    [("ecdsa-sd-2023", Algorithm.ES384), ("eddsa-jcs-2022", Algorithm.ES256), (None, Algorithm.ES512)],
)
def test_a_suite_for_other_keys_is_refused(suite: str | None, algorithm: Algorithm) -> None:
    with pytest.raises(ProfileRefused, match="no Data Integrity suite"):
        Profile.of(ProfileConfig(suite=suite)).suite_for(algorithm)


def test_a_suite_that_is_none_is_refused() -> None:
    with pytest.raises(ProfileRefused, match="names a suite"):
        Profile.of(ProfileConfig(suite="bbs-2023"))


ALL = tuple(CredentialFormat)
KINDS = [kind.id for kind in types.all_types()]


@pytest.mark.parametrize("type_id", KINDS)
def test_every_type_is_signed_in_every_format_by_the_departments_key(desk: Any, type_id: str) -> None:
    issued = desk.issuer.with_formats(ALL).issue(desk.order(type_id))
    kid = desk.key(types.certificate_type(type_id).department).kid
    standard = {each.format: each for each in issued.credentials if not each.short_lived}
    assert tuple(standard) == ALL
    assert {issuer_part(form, each.token).kid for form, each in standard.items()} == {kid}


def _document(issued: Issued) -> dict[str, Any]:
    return strict_json.loads_object(issued.credentials[0].token.encode())


@pytest.mark.parametrize(
    ("algorithm", "suite"),
    [
        (Algorithm.ES256, "ecdsa-sd-2023"),
        (Algorithm.ES256, "ecdsa-rdfc-2019"),
        (Algorithm.ES256, "ecdsa-jcs-2019"),
        (Algorithm.ES384, "ecdsa-rdfc-2019"),
        (Algorithm.ES384, "ecdsa-jcs-2019"),
        (Algorithm.EDDSA, "eddsa-rdfc-2022"),
        (Algorithm.EDDSA, "eddsa-jcs-2022"),
    ],
)
def test_every_suite_signs_with_the_keys_that_it_fits(make_desk: Any, algorithm: Algorithm, suite: str) -> None:
    profile = Profile.of(ProfileConfig(formats=("ldp_vc",), suite=suite))
    desk = make_desk(keys=FakeKeys(lambda: SoftwareSigner.generate(algorithm)), rules=Rules(profile))
    document = _document(desk.issue())
    proof = document["proof"]
    assert (proof["cryptosuite"], proof["created"]) == (suite, "2026-03-02T01:00:00Z")
    key = desk.key("amr")
    assert proof["verificationMethod"] == f"https://ecert.example/issuers/amr#{key.kid}"
    data_integrity.verify(document, lambda _: key, policy=data_integrity.Policy(base_proofs=True))


def test_what_a_key_cannot_sign_is_refused_before_anything_is_recorded(make_desk: Any) -> None:
    desk = make_desk(keys=FakeKeys(lambda: SoftwareSigner.generate(Algorithm.ES512)))
    with pytest.raises(ProfileRefused, match="no Data Integrity suite"):
        desk.issuer.with_formats(["ldp_vc"]).issue(desk.order())
    assert desk.ledger.unfinished(limit=10) == []


def test_an_intent_that_the_new_key_cannot_sign_waits(make_desk: Any) -> None:
    desk = make_desk()
    prepared = desk.issuer.with_formats(["ldp_vc"]).prepare(desk.order())
    desk.ledger.record_intents([prepared.intent])
    desk.keys = FakeKeys(lambda: SoftwareSigner.generate(Algorithm.ES512))
    assert desk.issuer.resume(min_age=timedelta(0)) == Resumed(signed=0, delivered=0, refused=1)


def test_a_certificate_of_a_holder_without_a_key_names_no_subject(make_desk: Any) -> None:
    desk = make_desk(directory=FakeDirectory(keys=False))
    document = _document(desk.issuer.with_formats(["ldp_vc"]).issue(desk.order()))
    assert "id" not in document["credentialSubject"]


def test_a_certificate_without_an_end_is_valid_until_its_signature_ends(desk: Any) -> None:
    issued = desk.issuer.with_formats(["vc+cose"]).issue(desk.order())
    message = sign1.peek(b64url_decode(issued.credentials[0].token))
    document = strict_json.loads_object(message.peeked_payload or b"")
    ends = issued.credentials[0].expires_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert (document["validFrom"], document["validUntil"]) == ("2026-03-02T01:00:00Z", ends)


def test_the_kid_of_what_is_no_token_is_unknown() -> None:
    assert issuer_part(CredentialFormat.VC_JWT, "no token").kid is None


def test_the_claims_that_the_holder_may_leave_out_are_not_mandatory(desk: Any) -> None:
    document = _document(desk.issuer.with_formats(["ldp_vc"]).issue(desk.order("resident_id_card")))
    shown = data_integrity.derive(document, ["/credentialSubject/name"])["credentialSubject"]
    always = {field.name for field in types.credential_fields(TypeId("resident_id_card")) if not field.selective}
    assert shown.keys() - {"id", "name"} <= always
