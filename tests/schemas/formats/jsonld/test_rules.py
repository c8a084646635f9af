"""The rule book: one document for each rule, with one thing wrong in it."""

import base64
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from keys import base58
from keys.encoding import b64url_text
from schemas.formats.jsonld import contexts, rules
from schemas.formats.jsonld.rules import errors
from schemas.formats.vc_jose_cose.errors import EnvelopeInvalid

V2, V1 = contexts.CREDENTIALS_V2, contexts.CREDENTIALS_V1
ISSUER = "https://vc.example/issuers/5678"
EARLIER_SRI = "sha384-NSOcNpmdIVUxIJGvGUoe22FjTWrXiaXlsZ8q6912LdnR3KraQO2n75Ica4wK4Qeg"


def _credential(**changed: Any) -> dict[str, Any]:
    document = {
        "@context": [V2, "https://example.org/context", {"said": "urn:x:said"}],
        "id": "urn:uuid:1",
        "type": ["VerifiableCredential"],
        "issuer": {"id": ISSUER, "name": "示例"},
        "name": {"@value": "示例", "@language": "zh", "@direction": "ltr"},
        "description": ["text", {"@value": "text", "@language": "en"}],
        "validFrom": "2026-01-01T00:00:00.5+08:00",
        "validUntil": "2026-01-02T00:00:00Z",
        "credentialSubject": [{"id": "did:example:1"}, {"said": "x"}],
        "credentialStatus": {"type": "CredentialStatusList2017"},
        "credentialSchema": [{"id": "https://example.org/schema", "type": ["JsonSchema"]}],
        "refreshService": {"type": "Own"},
        "termsOfUse": {"type": "Own", "id": "urn:x:1"},
        "evidence": [{"type": ["Own"]}],
        "relatedResource": {"id": "https://example.org/image", "digestSRI": EARLIER_SRI},
    }
    return {name: value for name, value in (document | changed).items() if value != "absent"}


def _old(**changed: Any) -> dict[str, Any]:
    document = {
        "@context": [V1],
        "type": ["VerifiableCredential"],
        "issuer": ISSUER,
        "issuanceDate": "2026-01-01T00:00:00Z",
        "expirationDate": "2026-01-02T00:00:00Z",
        "credentialSubject": {"id": "did:example:1"},
    }
    return {name: value for name, value in (document | changed).items() if value != "absent"}


def _presentation(**changed: Any) -> dict[str, Any]:
    document = {
        "@context": [V2],
        "type": "VerifiablePresentation",
        "holder": {"id": "did:example:1"},
        "verifiableCredential": [_credential(), _envelope()],
    }
    return {name: value for name, value in (document | changed).items() if value != "absent"}


def _envelope(**changed: Any) -> dict[str, Any]:
    return {"@context": V2, "type": "EnvelopedVerifiableCredential", "id": "data:application/vc+jwt,a.b.c"} | changed


@pytest.mark.parametrize(
    "document",
    [
        _credential(),
        _credential(validFrom="absent", validUntil="absent", id="absent", issuer=ISSUER),
        _credential(type="VerifiableCredential"),
        _old(),
        _old(expirationDate="absent"),
    ],
    ids=["whole", "small", "one type", "version 1.1", "version 1.1 without end"],
)
def test_a_credential_that_breaks_no_rule_passes(document: dict[str, Any]) -> None:
    rules.check_credential(document)


@pytest.mark.parametrize(
    "document",
    [
        _presentation(),
        _presentation(holder="did:example:1", verifiableCredential=_old()),
        _presentation(holder="absent", verifiableCredential="absent"),
    ],
    ids=["whole", "one old credential", "nothing in it"],
)
def test_a_presentation_that_breaks_no_rule_passes(document: dict[str, Any]) -> None:
    rules.check_presentation(document)


def _related(**members: Any) -> dict[str, Any]:
    return _credential(relatedResource=[{"id": V2, **members}])


BROKEN: Mapping[str, tuple[dict[str, Any], type[Exception]]] = {
    "no context": (_credential(**{"@context": "absent"}), errors.BaseContextMissing),
    "a context that is a text": (_credential(**{"@context": V2}), errors.BaseContextMissing),
    "no contexts": (_credential(**{"@context": []}), errors.BaseContextMissing),
    "another context first": (_credential(**{"@context": [contexts.EXAMPLES_V2, V2]}), errors.BaseContextMissing),
    "an object first": (_credential(**{"@context": [{"a": "urn:x:1"}, V2]}), errors.BaseContextMissing),
    "a number among the contexts": (_credential(**{"@context": [V2, 1]}), errors.BaseContextMissing),
    "no URL among the contexts": (_credential(**{"@context": [V2, "https ://not-a-url"]}), errors.BaseContextMissing),
    "no type": (_credential(type="absent"), errors.DocumentTypeInvalid),
    "another type": (_credential(type=["Other"]), errors.DocumentTypeInvalid),
    "a number among the types": (_credential(type=["VerifiableCredential", 1]), errors.DocumentTypeInvalid),
    "an id that is null": (_credential(id=None), errors.DocumentIdInvalid),
    "several ids": (_credential(id=["urn:x:1"]), errors.DocumentIdInvalid),
    "an id that is no URL": (_credential(id="not-a-url"), errors.DocumentIdInvalid),
    "no issuer": (_credential(issuer="absent"), errors.DocumentIssuerInvalid),
    "an issuer that is null": (_credential(issuer=None), errors.DocumentIssuerInvalid),
    "an issuer that is no URL": (_credential(issuer="fake-issuer"), errors.DocumentIssuerInvalid),
    "an issuer with null for its id": (_credential(issuer={"id": None}), errors.DocumentIssuerInvalid),
    "a name of the issuer that is a number": (
        _credential(issuer={"id": ISSUER, "name": 1}),
        errors.DocumentTextInvalid,
    ),
    "a name that is a number": (_credential(name=1), errors.DocumentTextInvalid),
    "a name with a URL in it": (_credential(name={"@value": "x", "url": "y"}), errors.DocumentTextInvalid),
    "a name without a value": (_credential(name={"@language": "zh"}), errors.DocumentTextInvalid),
    "no names": (_credential(name=[]), errors.DocumentTextInvalid),
    "a description that is a number": (_credential(description={"@value": 1}), errors.DocumentTextInvalid),
    "no subject": (_credential(credentialSubject="absent"), errors.CredentialSubjectInvalid),
    "no subjects": (_credential(credentialSubject=[]), errors.CredentialSubjectInvalid),
    "an empty subject": (_credential(credentialSubject={}), errors.CredentialSubjectInvalid),
    "an empty subject among others": (_credential(credentialSubject=[{"a": 1}, {}]), errors.CredentialSubjectInvalid),
    "a subject that is a text": (_credential(credentialSubject="did:example:1"), errors.CredentialSubjectInvalid),
    "a subject's id that is no URL": (_credential(credentialSubject={"id": "x"}), errors.DocumentIdInvalid),
    "a beginning that is no text": (_credential(validFrom=1), errors.DocumentDateInvalid),
    "a beginning in another form": (_credential(validFrom="Thu, 01 Jan 2026 00:00:00 GMT"), errors.DocumentDateInvalid),
    "an end without a time zone": (_credential(validUntil="2026-01-02T00:00:00"), errors.DocumentDateInvalid),
    "an end before the beginning": (_credential(validUntil="2025-01-01T00:00:00Z"), errors.DocumentPeriodInvalid),
    "no issuance date in 1.1": (_old(issuanceDate="absent"), errors.DocumentDateInvalid),
    "a status without a type": (_credential(credentialStatus={"id": "urn:x:1"}), errors.CredentialStatusInvalid),
    "a status with a number for its type": (_credential(credentialStatus={"type": 1}), errors.CredentialStatusInvalid),
    "a status with no types": (_credential(credentialStatus={"type": []}), errors.CredentialStatusInvalid),
    "a status with an id that is no URL": (
        _credential(credentialStatus={"type": "Own", "id": "not-a-url"}),
        errors.DocumentIdInvalid,
    ),
    "a schema without an id": (_credential(credentialSchema={"type": "JsonSchema"}), errors.CredentialSchemaInvalid),
    "a schema that is a text": (_credential(credentialSchema="urn:x:1"), errors.CredentialSchemaInvalid),
    "a refresh service without a type": (_credential(refreshService={"id": "urn:x:1"}), errors.RefreshServiceInvalid),
    "terms of use without a type": (_credential(termsOfUse=[{}]), errors.TermsOfUseInvalid),
    "evidence without a type": (_credential(evidence={"id": "urn:x:1"}), errors.EvidenceInvalid),
    "a related resource that is a text": (_credential(relatedResource=V2), errors.RelatedResourceInvalid),
    "a related resource without a URL": (_credential(relatedResource={"id": "x"}), errors.RelatedResourceInvalid),
    "a related resource named twice": (
        _credential(relatedResource=[{"id": "urn:x:1", "digestSRI": EARLIER_SRI}] * 2),
        errors.RelatedResourceInvalid,
    ),
    "a related resource without a digest": (_related(), errors.RelatedResourceInvalid),
    "an integrity text that is none": (_related(digestSRI="md5-AAAA"), errors.RelatedResourceInvalid),
    "an integrity text that is a number": (_related(digestSRI=1), errors.RelatedResourceInvalid),
    "an integrity text that is empty": (_related(digestSRI=" "), errors.RelatedResourceInvalid),
    "an integrity text that is too short": (_related(digestSRI="sha384-AAAA"), errors.RelatedResourceInvalid),
    "an integrity text that is no base64": (_related(digestSRI="sha384-A"), errors.RelatedResourceInvalid),
    "a multibase digest that is a number": (_related(digestMultibase=1), errors.RelatedResourceInvalid),
    "a multibase digest that is none": (_related(digestMultibase="u%"), errors.RelatedResourceInvalid),
    "a multibase digest of another base": (_related(digestMultibase="mAAAA"), errors.RelatedResourceInvalid),
    "a multibase digest that is too short": (_related(digestMultibase="uAAAA"), errors.RelatedResourceInvalid),
    "an integrity text of something else": (
        _related(digestSRI="sha256-" + base64.b64encode(bytes(32)).decode()),
        errors.RelatedResourceMismatch,
    ),
    "a multibase digest of something else": (
        _related(digestMultibase="u" + b64url_text(bytes(32))),
        errors.RelatedResourceMismatch,
    ),
}


@pytest.mark.parametrize(("document", "error"), BROKEN.values(), ids=BROKEN.keys())
def test_a_credential_that_breaks_a_rule_is_refused(document: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(errors.DocumentRuleBroken) as caught:
        rules.check_credential(document)
    assert type(caught.value) is error


BROKEN_PRESENTATIONS: Mapping[str, tuple[dict[str, Any], type[Exception]]] = {
    "no context": (_presentation(**{"@context": [contexts.EXAMPLES_V2]}), errors.BaseContextMissing),
    "another type": (_presentation(type=["VerifiableCredential"]), errors.DocumentTypeInvalid),
    "an id that is no URL": (_presentation(id="x"), errors.DocumentIdInvalid),
    "a holder that is no URL": (_presentation(holder="x"), errors.HolderInvalid),
    "a holder without an id": (_presentation(holder={"name": "x"}), errors.HolderInvalid),
    "terms of use without a type": (_presentation(termsOfUse={}), errors.TermsOfUseInvalid),
    "a credential that is a text": (_presentation(verifiableCredential=["a.b.c"]), errors.HeldCredentialInvalid),
    "a credential that is null": (_presentation(verifiableCredential=None), errors.HeldCredentialInvalid),
    "a credential that breaks a rule": (
        _presentation(verifiableCredential=[_credential(id=1)]),
        errors.DocumentIdInvalid,
    ),
    "an envelope without data": (_presentation(verifiableCredential=_envelope(id="urn:x:1")), EnvelopeInvalid),
}


@pytest.mark.parametrize(("document", "error"), BROKEN_PRESENTATIONS.values(), ids=BROKEN_PRESENTATIONS.keys())
def test_a_presentation_that_breaks_a_rule_is_refused(document: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        rules.check_presentation(document)


FINAL = contexts.known(V2) or b""


@pytest.mark.parametrize(
    "digest",
    [
        {"digestSRI": EARLIER_SRI},
        {"digestSRI": "sha256-" + base64.b64encode(hashlib.sha256(FINAL).digest()).decode() + "?ct=text/x"},
        {"digestSRI": f"sha256-{'A' * 43}= {EARLIER_SRI}"},
        {"digestMultibase": "u" + b64url_text(hashlib.sha256(FINAL).digest())},
        {"digestMultibase": "u" + b64url_text(b"\x12\x20" + hashlib.sha256(FINAL).digest())},
        {"digestMultibase": "z" + base58.encode(b"\x20\x30" + hashlib.sha384(FINAL).digest())},
        {"digestMultibase": "uJKGMkOmFbVJhEfKTduMC2XCyvRAYLjOVmZWwIH1wQ7k"},
    ],
    ids=["earlier text", "final text", "the strongest counts", "bare", "multihash", "base58btc", "earlier text, bare"],
)
def test_the_digests_of_both_published_texts_are_right(digest: dict[str, Any]) -> None:
    rules.check_credential(_related(**digest))


def test_the_digest_of_our_own_context_is_checked() -> None:
    own = "https://vc.example/contexts/business_licence/1"
    resource = {"id": own, "digestMultibase": "u" + b64url_text(bytes(32))}
    with pytest.raises(errors.RelatedResourceMismatch):
        rules.check_credential(_credential(relatedResource=resource))


@pytest.mark.parametrize(
    ("value", "media_type"),
    [(rules.check_enveloped_credential, "vc"), (rules.check_enveloped_presentation, "vp")],
)
def test_an_envelope_that_breaks_no_rule_passes(value: Any, media_type: str) -> None:
    kind = {"vc": "EnvelopedVerifiableCredential", "vp": "EnvelopedVerifiablePresentation"}[media_type]
    value({"@context": [V2], "type": [kind], "id": f"data:application/{media_type}+jwt,a.b.c"})


def test_issuer_holder_and_period_are_read_from_both_forms() -> None:
    assert rules.issuer_of(_credential()) == rules.issuer_of(_old()) == ISSUER
    assert rules.holder_of(_presentation()) == rules.holder_of(_presentation(holder="did:example:1")) == "did:example:1"
    assert rules.holder_of(_presentation(holder="absent")) is None
    assert rules.period(_old()) == (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC))
    assert rules.period(_credential(validFrom="absent", validUntil="absent")) == (None, None)


def test_codes_are_stable_and_each_of_one_rule() -> None:
    codes = [error.code for error in errors.DocumentRuleBroken.__subclasses__()]
    assert len(set(codes)) == len(codes) == 17
