"""Issuing: what the data model refuses, one flaw each, and what it allows."""

from base64 import b64encode
from hashlib import sha384
from typing import Any

import pytest

from schemas.formats.jsonld.contexts import known
from tests.support.vc_api import EMBEDDED, EXAMPLES, REMOVED, V1, V2, VcApi, assert_refused

TERM = {"Known": "https://example.org/terms#Known", "known": "https://example.org/terms#known"}
STATUS_2017 = {"CredentialStatusList2017": "https://example.org/terms#CredentialStatusList2017"}
SCHEMA = {"id": "https://example.org/schema.json", "type": "JsonSchema"}
RESOURCE = {"id": V2, "digestSRI": "sha384-" + b64encode(sha384(known(V2) or b"").digest()).decode()}

REFUSED: dict[str, dict[str, Any]] = {
    "no context": {"context": REMOVED},
    "context null": {"context": None},
    "context a text": {"context": V2},
    "context empty": {"context": []},
    "context a number": {"context": [V2, 7]},
    "context an object": {"context": {"@vocab": "https://example.org/"}},
    "base context not first": {"context": [EXAMPLES, V2]},
    "base context absent": {"context": [EXAMPLES]},
    "context no URL": {"context": [V2, "https ://not-a-url/context"]},
    "context relative": {"context": [V2, "context.jsonld"]},
    "context unknown": {"context": [V2, "https://example.org/unknown/v1"]},
    "context null inside": {"context": [V2, None]},
    "protected term of the base context": {"context": [V2, {"VerifiableCredential": "https://example.org/#Other"}]},
    "protected term of its own": {
        "context": [
            V2,
            {"@protected": True, "known": "https://example.org/a#known"},
            {"known": "https://example.org/b#known"},
        ]
    },
    "no type": {"type": REMOVED},
    "type null": {"type": None},
    "type empty": {"type": []},
    "type a number": {"type": ["VerifiableCredential", 7]},
    "type without VerifiableCredential": {"context": [V2, TERM], "type": ["Known"]},
    "type undefined": {"type": ["VerifiableCredential", "Unknown"]},
    "type undefined without vocabulary": {
        "context": [V2, {"@vocab": None}],
        "type": ["VerifiableCredential", "Unknown"],
    },
    "type mapped to no URL": {
        "context": [V2, {"Known": "https ://not-a-url#Known"}],
        "type": ["VerifiableCredential", "Known"],
    },
    "id null": {"id": None},
    "id an array": {"id": ["urn:uuid:0", "urn:uuid:1"]},
    "id no URL": {"id": "not-a-url"},
    "id an object": {"id": {"id": "urn:uuid:0"}},
    "issuer absent": {"issuer": REMOVED},
    "issuer null": {"issuer": None},
    "issuer no URL": {"issuer": "fake-issuer"},
    "issuer object with id null": {"issuer": {"id": None}},
    "issuer object with no URL": {"issuer": {"id": "fake-issuer"}},
    "issuer object without id": {"issuer": {"name": "Example"}},
    "issuer another": {"issuer": "did:key:z6MkhTNL7i2etLerDK8Acz5t528giE5KA4p75T6ka1E1D74r"},
    "issuer a number": {"issuer": 7},
    "issuer an array": {"issuer": []},
    "subject absent": {"credentialSubject": REMOVED},
    "subject null": {"credentialSubject": None},
    "subject a text": {"credentialSubject": "did:example:subject"},
    "subject empty": {"credentialSubject": {}},
    "subjects none": {"credentialSubject": []},
    "subjects one empty": {"credentialSubject": [{"id": "did:example:a"}, {}]},
    "subject id no URL": {"credentialSubject": {"id": "not-a-url"}},
    "subject id null": {"credentialSubject": {"id": None}},
    "subject id an array": {"credentialSubject": {"id": ["did:example:a", "did:example:b"]}},
    "validFrom as in a letter": {"validFrom": "Mon, 02 Mar 2026 09:41:17 GMT"},
    "validFrom without time zone": {"validFrom": "2026-03-02T09:41:17"},
    "validFrom a number": {"validFrom": 1772444477},
    "validUntil as in a letter": {"validUntil": "Mon, 02 Mar 2026 09:41:17 GMT"},
    "validUntil before validFrom": {"validFrom": "2026-02-02T00:00:00Z", "validUntil": "2026-02-01T00:00:00Z"},
    "name a number": {"name": 7},
    "name with a URL": {"name": {"@value": "Example", "@language": "en", "url": "https://example.org"}},
    "name a list with a number": {"name": [{"@value": "Example", "@language": "en"}, 7]},
    "description with a URL": {"description": {"@value": "Example", "@language": "en", "url": "did:example:a"}},
    "status without type": {"credentialStatus": {"id": "https://example.org/status/1"}},
    "status type a number": {"credentialStatus": {"type": 7}},
    "status id no URL": {"credentialStatus": {"id": "not-a-url", "type": "BitstringStatusListEntry"}},
    "status id several": {"credentialStatus": {"id": ["urn:a:b", "urn:a:c"], "type": "BitstringStatusListEntry"}},
    "status a text": {"credentialStatus": "https://example.org/status/1"},
    "status type undefined": {"credentialStatus": {"type": "CredentialStatusList2017"}},
    "status under another name": {
        "statusEntry": {"type": "BitstringStatusListEntry", "statusListIndex": True, "statusPurpose": "revocation"}
    },
    "schema without id": {"credentialSchema": {"type": "JsonSchema"}},
    "schema without type": {"credentialSchema": {"id": "https://example.org/schema.json"}},
    "schema id no URL": {"credentialSchema": {"id": "not-a-url", "type": "JsonSchema"}},
    "schema type a number": {"credentialSchema": {"id": "https://example.org/schema.json", "type": 7}},
    "schemas one without type": {"credentialSchema": [SCHEMA, {"id": "https://example.org/other.json"}]},
    "terms of use without type": {"termsOfUse": {"id": "https://example.org/terms"}},
    "evidence without type": {"evidence": {"id": "https://example.org/evidence"}},
    "evidence a text": {"evidence": "seen"},
    "refresh service without type": {"refreshService": {"id": "https://example.org/refresh"}},
    "refresh service type a number": {"refreshService": {"id": "https://example.org/refresh", "type": 7}},
    "resource without digest": {"relatedResource": {"id": V2}},
    "resource without id": {"relatedResource": {"digestSRI": RESOURCE["digestSRI"]}},
    "resource id no URL": {"relatedResource": RESOURCE | {"id": "not-a-url"}},
    "resource twice": {"relatedResource": [RESOURCE, RESOURCE]},
    "resource a text": {"relatedResource": V2},
    "resource with a wrong digest": {"relatedResource": RESOURCE | {"digestSRI": "sha384-" + "A" * 64}},
    "resource with a wrong multibase digest": {"relatedResource": {"id": V2, "digestMultibase": "u" + "A" * 43}},
    "member undefined": {"unknown": "dropped"},
    "member of the subject undefined": {"credentialSubject": {"id": "did:example:a", "unknown": "dropped"}},
    "type of the subject undefined": {"credentialSubject": {"id": "did:example:a", "type": "Unknown"}},
    "proof already there": {"proof": {"type": "DataIntegrityProof"}},
    "envelope": {"type": "EnvelopedVerifiableCredential", "id": "data:application/vc+jwt,e30.e30.e30"},
}
ISSUED: dict[str, dict[str, Any]] = {
    "minimal": {},
    "with an id": {"id": "urn:uuid:36245ee9-9074-4b05-a777-febff2e69757"},
    "type order free": {"context": [V2, TERM], "type": ["Known", "VerifiableCredential"]},
    "type an absolute URL": {"type": ["VerifiableCredential", "https://example.org/terms#Known"]},
    "term of an inline context": {
        "context": [V2, TERM],
        "credentialSubject": {"id": "did:example:a", "type": "Known", "known": "kept"},
    },
    "examples' vocabulary": {
        "context": [V2, EXAMPLES],
        "type": ["VerifiableCredential", "ExampleDegreeCredential"],
        "credentialSubject": {"id": "did:example:a", "degree": {"type": "ExampleBachelorDegree"}},
    },
    "several subjects": {"credentialSubject": [{"id": "did:example:a"}, {"id": "did:example:b"}]},
    "begins far ahead": {"validFrom": "2100-01-01T00:00:00Z"},
    "is over": {"validUntil": "2020-01-01T00:00:00Z"},
    "fraction and offset": {"validFrom": "2026-01-01T08:00:00.123+08:00"},
    "name in a language": {"name": {"@value": "示例证", "@language": "zh"}},
    "names in languages": {
        "name": [{"@value": "示例证", "@language": "zh"}, {"@value": "شهادة", "@language": "ar", "@direction": "rtl"}]
    },
    "description a text": {"description": "示例"},
    "status of an unknown type": {
        "context": [V2, STATUS_2017],
        "credentialStatus": {"id": "https://example.org/status/1", "type": "CredentialStatusList2017"},
    },
    "status without id": {"context": [V2, STATUS_2017], "credentialStatus": {"type": "CredentialStatusList2017"}},
    "schema": {"credentialSchema": SCHEMA},
    "schemas": {"credentialSchema": [SCHEMA, SCHEMA | {"id": "https://example.org/other.json"}]},
    "resource": {"relatedResource": RESOURCE},
    "resource nobody holds": {
        "relatedResource": {"id": "https://example.org/logo.png", "digestMultibase": "u" + "A" * 43}
    },
    # T3: published digests are of the context's text of 20 July 2024.
    "resource by the earlier text of the context": {
        "relatedResource": {
            "id": V2,
            "digestSRI": "sha384-NSOcNpmdIVUxIJGvGUoe22FjTWrXiaXlsZ8q6912LdnR3KraQO2n75Ica4wK4Qeg",
        }
    },
    "resource by the raw digest of the earlier text": {
        "relatedResource": {"id": V2, "digestMultibase": "uJKGMkOmFbVJhEfKTduMC2XCyvRAYLjOVmZWwIH1wQ7k"}
    },
}


@pytest.mark.parametrize("flaw", REFUSED)
def test_a_flawed_credential_is_not_issued(vc_api: VcApi, flaw: str) -> None:
    assert_refused(vc_api.issue("eddsa-rdfc-2022", vc_api.credential(**REFUSED[flaw])))


@pytest.mark.parametrize("name", [*EMBEDDED, "vc-jwt"])
@pytest.mark.parametrize(
    "flaw", ["member undefined", "type undefined", "issuer no URL", "subject empty", "protected term of its own"]
)
def test_no_instance_issues_a_flawed_credential(vc_api: VcApi, name: str, flaw: str) -> None:
    assert_refused(vc_api.issue(name, vc_api.credential(name, **REFUSED[flaw])))


@pytest.mark.parametrize("case", ISSUED)
def test_what_the_data_model_allows_is_issued_unchanged(vc_api: VcApi, case: str) -> None:
    credential = vc_api.credential(**ISSUED[case])
    answer = vc_api.issue("eddsa-rdfc-2022", credential)
    assert answer.status_code == 201, answer.text
    issued = answer.json()["verifiableCredential"]
    assert {name: value for name, value in issued.items() if name != "proof"} == credential


def test_an_issuer_may_be_an_object_with_a_name(vc_api: VcApi) -> None:
    issuer = {"id": vc_api.issuer("eddsa-rdfc-2022").id, "name": "示例局", "description": {"@value": "示例"}}
    assert vc_api.issued(issuer=issuer)["issuer"] == issuer


@pytest.mark.parametrize("member", ["name", "description"])
def test_an_issuers_name_with_a_member_that_no_language_value_has_is_refused(vc_api: VcApi, member: str) -> None:
    issuer = {
        "id": vc_api.issuer("eddsa-rdfc-2022").id,
        member: {"@value": "Example", "url": "https://example.org"},
    }
    assert_refused(vc_api.issue("eddsa-rdfc-2022", vc_api.credential(issuer=issuer)))


def test_a_credential_of_the_first_version_comes_back_with_the_context_of_its_proof(vc_api: VcApi) -> None:
    answer = vc_api.issue("eddsa-rdfc-2022", vc_api.credential_v1())
    assert answer.json()["verifiableCredential"]["@context"] == [V1, "https://w3id.org/security/data-integrity/v2"]


@pytest.mark.parametrize(
    "changes",
    [
        {"issuanceDate": REMOVED},
        {"issuanceDate": "last Monday"},
        {"credentialSubject": {}},
        {"unknown": "dropped"},
        {"type": ["VerifiableCredential", "Unknown"]},
        {"context": [V1, "https://example.org/unknown/v1"]},
        {"issuer": "fake-issuer"},
        {"expirationDate": "2020-13-01T00:00:00Z"},
    ],
)
def test_a_flawed_credential_of_the_first_version_is_not_issued(vc_api: VcApi, changes: dict[str, Any]) -> None:
    assert_refused(vc_api.issue("eddsa-rdfc-2022", vc_api.credential_v1(**changes)))


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{}", b'{"credential": null}', b'{"credential": "x"}', b"\xff"])
def test_a_body_without_a_credential_is_refused(vc_api: VcApi, body: bytes) -> None:
    assert_refused(vc_api.client.post("/issuers/eddsa-rdfc-2022/credentials/issue", content=body))


@pytest.mark.parametrize(
    "options",
    [[], "x", 7, {"mandatoryPointers": "/issuer"}, {"mandatoryPointers": [7]}, {"mandatoryPointers": [""] * 257}],
)
def test_options_of_the_wrong_kind_are_refused(vc_api: VcApi, options: Any) -> None:
    assert_refused(vc_api.issue("ecdsa-sd-2023", vc_api.credential("ecdsa-sd-2023"), options))


def test_a_body_that_names_a_member_twice_is_refused(vc_api: VcApi) -> None:
    answer = vc_api.client.post(
        "/issuers/eddsa-rdfc-2022/credentials/issue", content=b'{"credential": {}, "credential": {}}'
    )
    assert_refused(answer, "duplicate_member")


def test_unknown_options_are_passed_over(vc_api: VcApi) -> None:
    options = {"mandatoryPointers": ["/issuer"], "credentialId": "urn:uuid:0"}
    assert vc_api.issue("eddsa-rdfc-2022", vc_api.credential(), options).status_code == 201


def test_an_instance_that_is_not_there_is_not_found(vc_api: VcApi) -> None:
    answer = vc_api.issue("rsa-1977", vc_api.credential())
    assert (answer.status_code, answer.json()["problemDetails"][0]["code"]) == (404, "vc_api_no_such_issuer")
