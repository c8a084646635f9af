"""The example of every type through the whole issuer; every token is read again by our codecs and by ``sd-jwt``."""

from collections.abc import Callable
from typing import Any

import pytest
from jwcrypto.jwk import JWK
from sd_jwt.verifier import SDJWTVerifier

from issuer import Issued
from keys.strict_json import dumps
from schemas import types
from schemas.formats import sd_jwt_vc, vc_jwt
from schemas.formats.sd_jwt import SdJwt
from schemas.national import parse_identifier
from schemas.order import CredentialFormat, IssuedCredential

KINDS = [kind.id for kind in types.all_types()]
SHORT_LIVED = {
    "disabled_person_certificate",
    "employment_entrepreneurship_certificate",
    "housing_fund_certificate",
    "marriage_certificate",
    "minimum_living_certificate",
    "real_estate_ownership_certificate",
    "social_insurance_certificate",
}
REGISTERED = {"iss", "iat", "exp", "vct", "cnf", "status", "_sd", "_sd_alg"}


@pytest.fixture(scope="module")
def issued_of() -> Callable[[Any, str], Issued]:
    """Issue each type once for the whole module."""
    known: dict[str, tuple[Any, Issued]] = {}

    def issue(desk: Any, type_id: str) -> Any:
        if type_id not in known:
            known[type_id] = (desk, desk.issue(type_id))
        return known[type_id]

    return issue


def standard(issued: Issued, form: CredentialFormat = CredentialFormat.SD_JWT_VC) -> list[IssuedCredential]:
    return [each for each in issued.credentials if each.format is form and not each.short_lived]


def test_there_are_forty_types() -> None:
    assert len(KINDS) == 40


@pytest.mark.parametrize("type_id", KINDS)
def test_every_holder_gets_the_same_set_of_credentials(desk: Any, issued_of: Any, type_id: str) -> None:
    _, issued = issued_of(desk, type_id)
    sets: dict[str, list[tuple[str, bool]]] = {}
    for each in issued.credentials:
        sets.setdefault(each.holder_id, []).append((each.format.value, each.short_lived))
    wanted = [("dc+sd-jwt", False), ("vc+jwt", False)] + [("dc+sd-jwt", True)] * (type_id in SHORT_LIVED)
    assert list(sets.values()) == [wanted] * len(sets)


@pytest.mark.parametrize("type_id", KINDS)
def test_an_sd_jwt_vc_verifies_and_holds_what_was_ordered(desk: Any, issued_of: Any, type_id: str) -> None:
    desk, issued = issued_of(desk, type_id)
    kind = types.certificate_type(type_id)
    (credential, *_) = standard(issued)
    verified = sd_jwt_vc.verified_by(sd_jwt_vc.parse(credential.token), desk.key(kind.department))
    assert (verified.vct, verified.issuer) == (kind.vct, f"https://ecert.example/issuers/{kind.department}")
    ordered = desk.claims(type_id)
    for field in kind.fields:
        if field.derivation is None and field.kind != "image":
            assert verified.claims.get(field.name) == ordered.get(field.name)


@pytest.mark.parametrize("type_id", KINDS)
def test_only_what_is_always_shown_stands_in_the_clear(desk: Any, issued_of: Any, type_id: str) -> None:
    _, issued = issued_of(desk, type_id)
    always = {field.name for field in types.credential_fields(type_id) if not field.selective}
    payload = SdJwt.parse(standard(issued)[0].token).issuer_jws.peek_claims()
    assert payload.keys() - REGISTERED <= always


@pytest.mark.parametrize("type_id", KINDS)
def test_the_common_claims_stand_in_every_credential(desk: Any, issued_of: Any, type_id: str) -> None:
    _, issued = issued_of(desk, type_id)
    kind = types.certificate_type(type_id)
    claims = SdJwt.parse(standard(issued)[0].token).peek_claims()
    parts = parse_identifier(claims["certificate_identifier"])
    credit_code = types.department(kind.department).credit_code
    assert (parts.type_code, parts.issuer_code, parts.version) == (kind.type_code, credit_code, 1)
    assert claims["issuing_authority_code"] == credit_code
    assert {"certificate_version", "issuing_authority_name", "effective_date", "area_code"} <= claims.keys()
    assert claims["area_code"] == "440799"


@pytest.mark.parametrize("type_id", KINDS)
def test_a_vc_jwt_verifies_and_holds_the_same_claims(desk: Any, issued_of: Any, type_id: str) -> None:
    desk, issued = issued_of(desk, type_id)
    kind = types.certificate_type(type_id)
    (credential, *_) = standard(issued, CredentialFormat.VC_JWT)
    verified = vc_jwt.parse(credential.token).verified_by(desk.key(kind.department))
    shown = SdJwt.parse(standard(issued)[0].token).peek_claims()
    assert verified.document["credentialSubject"] == {
        name: value for name, value in shown.items() if name not in REGISTERED
    }


@pytest.mark.parametrize("type_id", sorted(SHORT_LIVED))
def test_a_claim_that_can_turn_back_stands_in_the_short_lived_credential_alone(
    desk: Any, issued_of: Any, type_id: str
) -> None:
    _, issued = issued_of(desk, type_id)
    unstable = {
        field.name
        for field in types.certificate_type(type_id).fields
        if field.derivation is not None and not field.derivation.stable
    }
    (short, *_) = [each for each in issued.credentials if each.short_lived]
    held = [SdJwt.parse(each.token).peek_claims().keys() & unstable for each in (standard(issued)[0], short)]
    assert not held[0]
    assert held[1]


@pytest.mark.parametrize("type_id", KINDS)
def test_the_reference_package_reads_what_we_sign(desk: Any, issued_of: Any, type_id: str) -> None:
    desk, issued = issued_of(desk, type_id)
    key = JWK.from_json(dumps(desk.key(types.certificate_type(type_id).department).jwk).decode())
    for credential in issued.credentials:
        if credential.format is CredentialFormat.SD_JWT_VC:
            read = SDJWTVerifier(credential.token, lambda *_: key).get_verified_payload()
            ours = SdJwt.parse(credential.token).peek_claims()
            assert {name: value for name, value in read.items() if name != "_sd_alg"} == {
                name: value for name, value in ours.items() if name != "_sd_alg"
            }
