"""The Credential Issuer Metadata (OpenID4VCI 1.0, 12.2)."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from issuer.openid4vci.credentials.metadata import (
    MetadataOptions,
    in_languages,
    issuer_metadata,
    well_known_path,
)
from issuer.openid4vci.credentials.policy import AttestationPolicies, AttestationPolicy
from issuer.profile import ProfileConfig
from keys import strict_json
from keys.algorithms import Algorithm
from keys.jws import peek
from schemas.catalogue import TypeId
from schemas.errors import UnknownDepartment
from schemas.formats import sd_jwt_vc
from schemas.order import CredentialFormat
from schemas.types import departments
from tests.issuer.conftest import Desk
from tests.support.issuer_metadata_rules import faults

ISSUER = "https://ecert.example/issuers/amr"
LICENCE = "business_licence.dc+sd-jwt"
ENCRYPTION = {
    "credential_request_encryption": {
        "jwks": {"keys": [{"kty": "EC", "kid": "1", "use": "enc", "alg": "ECDH-ES", "crv": "P-256", "x": "", "y": ""}]},
        "enc_values_supported": ["A128GCM", "A256GCM"],
        "zip_values_supported": ["DEF"],
        "encryption_required": False,
    },
    "credential_response_encryption": {
        "alg_values_supported": ["ECDH-ES"],
        "enc_values_supported": ["A128GCM", "A256GCM"],
        "zip_values_supported": ["DEF"],
        "encryption_required": False,
    },
}
STRICT = AttestationPolicy(offered=True, required=True, key_storage=("iso_18045_moderate",))


def options(policy: AttestationPolicy | None = None, **changes: Any) -> MetadataOptions:
    policies = AttestationPolicies(policy or AttestationPolicy())
    return MetadataOptions(Algorithm.ES256, "ecdsa-sd-2023", **({"policies": policies} | changes))


def described(name: str = LICENCE, policy: AttestationPolicy | None = None) -> dict[str, Any]:
    metadata = issuer_metadata("amr", issuer=ISSUER, options=options(policy))
    return metadata["credential_configurations_supported"][name]


@pytest.mark.parametrize("department", [each.id for each in departments()])
def test_the_metadata_of_every_department_keep_the_rules(department: str) -> None:
    """4.1.3 and 4.1.5 Members, formats, scopes, algorithms, displays, paths."""
    issuer = f"https://ecert.example/issuers/{department}"
    for policy in (None, AttestationPolicy(offered=True), STRICT):
        assert faults(issuer_metadata(department, issuer=issuer, options=options(policy, encryption=ENCRYPTION))) == []


def test_the_path_stands_between_host_and_issuers_path() -> None:
    """4.1.1 The well-known segment goes between authority and path."""
    base = "/.well-known/openid-credential-issuer"
    assert well_known_path(ISSUER) == f"{base}/issuers/amr"
    assert well_known_path("https://city.example/ecert/issuers/amr") == f"{base}/ecert/issuers/amr"
    assert well_known_path("https://issuer.example") == base


def test_the_identifier_is_that_of_the_caller_to_the_letter() -> None:
    """4.1.2 credential_issuer is the issuer's identifier."""
    assert issuer_metadata("amr", issuer=ISSUER, options=options())["credential_issuer"] == ISSUER


def test_every_endpoint_stands_under_the_issuer() -> None:
    """4.1.3 The credential, nonce, deferred credential and notification endpoints."""
    metadata = issuer_metadata("amr", issuer=ISSUER, options=options())
    assert {name: value for name, value in metadata.items() if name.endswith("_endpoint")} == {
        "credential_endpoint": f"{ISSUER}/credential",
        "nonce_endpoint": f"{ISSUER}/nonce",
        "deferred_credential_endpoint": f"{ISSUER}/deferred_credential",
        "notification_endpoint": f"{ISSUER}/notification",
    }


def test_the_issuer_is_its_own_authorization_server() -> None:
    """4.1.4 No authorization_servers: AS issuer == credential issuer."""
    assert "authorization_servers" not in issuer_metadata("amr", issuer=ISSUER, options=options())


def test_a_department_that_does_not_exist_has_none() -> None:
    with pytest.raises(UnknownDepartment):
        issuer_metadata("nobody", issuer=ISSUER, options=options())


def test_the_default_format_is_described_by_its_vct() -> None:
    """4.1.5 vct for dc+sd-jwt; a scope on every configuration; 4.13.2 it is that of the credentials."""
    found = described()
    assert (found["format"], found["scope"], found["vct"]) == ("dc+sd-jwt", LICENCE, "urn:ecert:business_licence:1")
    assert found["cryptographic_binding_methods_supported"] == ["jwk"]
    assert found["credential_signing_alg_values_supported"] == ["ES256"]


def test_vcdm_formats_are_described_by_their_definition() -> None:
    """4.1.5 credential_definition as OpenID4VCI, A.1.1.2 and A.1.2.2 say."""
    assert described("business_licence.jwt_vc_json")["credential_definition"] == {
        "type": ["VerifiableCredential", "BusinessLicence"]
    }
    linked = described("business_licence.ldp_vc")
    assert linked["credential_definition"] == {
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://ecert.example/contexts/business_licence/1",
        ],
        "type": ["VerifiableCredential", "BusinessLicence"],
    }
    assert linked["credential_signing_alg_values_supported"] == ["ecdsa-sd-2023"]
    assert linked["cryptographic_binding_methods_supported"] == ["did:key", "jwk"]


def test_a_key_without_a_suite_signs_no_linked_data() -> None:
    """4.1.5 What cannot be issued is not offered."""
    found = issuer_metadata("amr", issuer=ISSUER, options=MetadataOptions(Algorithm.EDDSA))
    offered = found["credential_configurations_supported"]
    assert {each["format"] for each in offered.values()} == {"dc+sd-jwt", "jwt_vc_json"}
    assert offered[LICENCE]["credential_signing_alg_values_supported"] == ["EdDSA"]


def test_the_metadata_describe_what_is_signed(make_desk: Callable[..., Desk]) -> None:
    """4.13.2 and A.1: type, context and every path of a claim fit real documents of each format."""
    desk = make_desk()
    formats = [CredentialFormat.SD_JWT_VC, CredentialFormat.JWT_VC_JSON, CredentialFormat.LDP_VC]
    desk.rules = type(desk.rules)(desk.rules.profile.of(ProfileConfig(formats=tuple(formats), x5c=False)))
    issued = {each.format: each.token for each in desk.issue().credentials if not each.short_lived}
    documents = {
        "business_licence.dc+sd-jwt": sd_jwt_vc.verified_by(sd_jwt_vc.parse(issued[formats[0]]), desk.key()).claims,
        "business_licence.jwt_vc_json": peek(issued[formats[1]]).verified_by(desk.key())["vc"],
        "business_licence.ldp_vc": strict_json.loads_object(issued[formats[2]].encode()),
    }
    for name, document in documents.items():
        found = described(name)
        assert document.get("type") == found.get("credential_definition", {}).get("type")
        for claim in found["credential_metadata"]["claims"]:
            assert not claim.get("mandatory") or _select(document, claim["path"]), (name, claim["path"])
    assert (
        documents["business_licence.ldp_vc"]["@context"]
        == described("business_licence.ldp_vc")["credential_definition"]["@context"]
    )


def _select(value: Any, path: list[str | None]) -> bool:
    for step in path:
        if step not in value:
            return False
        value = value[step]
    return True


def test_claims_have_paths_labels_and_duties() -> None:
    """4.1.5 claims[].path; section 9, 3: credential_metadata stands in the configurations."""
    claims = {tuple(each["path"]): each for each in described()["credential_metadata"]["claims"]}
    assert claims["name",] == {
        "path": ["name"],
        "display": [{"name": "名称", "locale": "zh-CN"}, {"name": "Name", "locale": "en"}],
        "mandatory": True,
    }
    nested = described("business_licence.jwt_vc_json")["credential_metadata"]["claims"]
    assert nested[0]["path"] == ["credentialSubject", "unified_social_credit_code"]


def test_a_list_is_described_to_its_members() -> None:
    """4.1.5 A path goes through null into every element (appendix C)."""
    paths = [
        each["path"]
        for department in departments()
        for one in issuer_metadata(department.id, issuer=ISSUER, options=options())[
            "credential_configurations_supported"
        ].values()
        for each in one["credential_metadata"]["claims"]
    ]
    assert any(None in path for path in paths)


def test_the_batch_has_twenty_places() -> None:
    """4.8.10 batch_size."""
    metadata = issuer_metadata("amr", issuer=ISSUER, options=options())
    assert metadata["batch_credential_issuance"] == {"batch_size": 20}


def test_without_attesters_only_the_jwt_proof_is_taken() -> None:
    """4.1.5 key_attestations_required is absent where none is required."""
    assert described()["proof_types_supported"] == {
        "jwt": {"proof_signing_alg_values_supported": ["ES256", "ES384", "EdDSA", "Ed25519"]}
    }


def test_with_attesters_an_attestation_is_a_proof() -> None:
    """4.1.5 key_attestations_required may be empty."""
    found = described(policy=AttestationPolicy(offered=True))["proof_types_supported"]
    assert "key_attestations_required" not in found["jwt"]
    assert found["attestation"]["key_attestations_required"] == {}


def test_a_policy_names_its_level_and_those_above() -> None:
    """4.1.5 key_storage lists what is accepted (D.2)."""
    found = described(policy=STRICT)["proof_types_supported"]
    levels = {"key_storage": ["iso_18045_moderate", "iso_18045_high"]}
    assert found["jwt"]["key_attestations_required"] == levels
    assert found["attestation"]["key_attestations_required"] == levels


def test_a_type_may_have_a_policy_of_its_own() -> None:
    policies = AttestationPolicies(by_type={TypeId("business_licence"): STRICT})
    assert policies.of(TypeId("business_licence")) is STRICT
    assert policies.of(TypeId("food_business_licence")) == AttestationPolicy()


def test_levels_of_another_list_stand_for_themselves() -> None:
    policy = AttestationPolicy(user_authentication=("https://levels.example/2", "iso_18045_high"))
    assert policy.accepted() == {"user_authentication": ["https://levels.example/2", "iso_18045_high"]}


def test_one_language_is_left_where_one_was_asked_for() -> None:
    """Section 7, 12.2.2: display is filtered at every depth, and nothing else is."""
    metadata = issuer_metadata("amr", issuer=ISSUER, options=options())
    english = in_languages(metadata, frozenset({"en"}))
    assert faults(english) == []
    assert [each["locale"] for each in english["display"]] == ["en"]
    assert "zh-CN" not in strict_json.dumps(english).decode()
    assert in_languages(metadata, frozenset({"zh-CN", "en"})) == metadata


FLAWS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "credential_endpoint is missing": lambda it: it.pop("credential_endpoint"),
    "nonce_endpoint is no https address": lambda it: it.update(nonce_endpoint="http://ecert.example/nonce"),
    "the metadata has key": lambda it: it.update(key=1),
    "batch_size is under 2": lambda it: it.update(batch_credential_issuance={"batch_size": 1}),
    "only one side is encrypted": lambda it: it.pop("credential_request_encryption"),
    "display of the issuer is empty, names a language twice, or one that is none": lambda it: it.update(display=[]),
    f"{LICENCE}: scope is no token": lambda it: _one(it).update(scope="a b"),
    f"{LICENCE}: what its format needs is missing": lambda it: _one(it).pop("vct"),
    f"{LICENCE}: binding methods without proof types, or the reverse": lambda it: _one(it).pop("proof_types_supported"),
    f"{LICENCE}: no claims, or one twice": lambda it: _one(it)["credential_metadata"].update(claims=[]),
    f"{LICENCE}: signing algorithms that are none": lambda it: _one(it).update(
        credential_signing_alg_values_supported=["HS256"]
    ),
}


def _one(metadata: dict[str, Any]) -> dict[str, Any]:
    return metadata["credential_configurations_supported"][LICENCE]


@pytest.mark.parametrize("fault", FLAWS)
def test_the_rules_of_the_test_find_a_flaw(fault: str) -> None:
    metadata = copy.deepcopy(issuer_metadata("amr", issuer=ISSUER, options=options(encryption=ENCRYPTION)))
    FLAWS[fault](metadata)
    assert faults(metadata) == [fault]
