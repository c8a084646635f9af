"""Generated documents: valid for every example, invalid for broken ones, whole, safe, and always the same bytes."""

import hashlib
import re
from base64 import b64encode
from typing import Any
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator
from pyld import jsonld
from pyld.documentloader.frozen import BUNDLED_CONTEXTS, FrozenDocumentLoader

from schemas.catalogue import CertificateType, Disclosure, Kind
from schemas.generate import (
    LOCALES,
    card_uri,
    claims_schema,
    credential_schema,
    document_bytes,
    jsonld_context,
    svg_card,
    type_metadata,
)
from schemas.generate.svg_card import card_fields, palette_of
from schemas.types import all_types, certificate_type, credential_fields
from schemas.validation import normalise

BASE = "https://ecert.example"
EVERY = pytest.mark.parametrize("ctype", all_types(), ids=lambda ctype: ctype.id)
JPEG = "data:image/jpeg;base64,/9j/4A=="


def _claims(ctype: CertificateType) -> dict[str, Any]:
    examples = {member.name: member.example for member in credential_fields(ctype.id)}
    images = {member.name: JPEG for member in ctype.fields if member.kind is Kind.IMAGE}
    return normalise(ctype, examples) | images


def _is_valid(schema: dict[str, Any], claims: dict[str, Any]) -> bool:
    return bool(Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).is_valid(claims))


@EVERY
def test_a_schema_is_a_schema(ctype: CertificateType) -> None:
    Draft202012Validator.check_schema(claims_schema(ctype, base=BASE))
    Draft202012Validator.check_schema(credential_schema(ctype, base=BASE))


@EVERY
def test_every_example_is_valid(ctype: CertificateType) -> None:
    assert _is_valid(claims_schema(ctype, base=BASE), _claims(ctype))


@EVERY
def test_a_presentation_of_the_least_is_valid(ctype: CertificateType) -> None:
    always = {m.name for m in credential_fields(ctype.id) if m.disclosure is Disclosure.ALWAYS}
    least = {name: value for name, value in _claims(ctype).items() if name in always}
    assert _is_valid(claims_schema(ctype, base=BASE, presented=True), least)


@EVERY
def test_each_broken_value_is_invalid(ctype: CertificateType) -> None:
    schema, claims = claims_schema(ctype, base=BASE), _claims(ctype)
    broken: dict[Kind, Any] = dict.fromkeys(Kind, 1.5) | {
        Kind.DATE: "2019-02-30",
        Kind.ENUM: "ZZZ",
        Kind.MONTH: "2019-13",
    }
    passed = [m.name for m in ctype.fields if _is_valid(schema, claims | {m.name: broken[m.kind]})]
    assert passed == []


@EVERY
def test_each_missing_claim_is_invalid(ctype: CertificateType) -> None:
    schema, claims = claims_schema(ctype, base=BASE), _claims(ctype)
    wanted = schema["required"]
    assert [name for name in wanted if _is_valid(schema, {k: v for k, v in claims.items() if k != name})] == []


@EVERY
def test_a_stranger_claim_is_invalid(ctype: CertificateType) -> None:
    assert not _is_valid(claims_schema(ctype, base=BASE), _claims(ctype) | {"nickname": "小文"})


def test_digits_of_other_scripts_do_not_fit_a_pattern() -> None:
    ctype = certificate_type("driving_licence")
    assert not _is_valid(claims_schema(ctype, base=BASE), _claims(ctype) | {"file_number": "４４0799000123"})


@EVERY
def test_a_credential_around_the_claims_is_valid(ctype: CertificateType) -> None:
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential", "Any"],
        "issuer": f"{BASE}/issuers/psb",
        "validFrom": "2019-06-18T00:00:00Z",
        "credentialSubject": _claims(ctype),
    }
    assert _is_valid(credential_schema(ctype, base=BASE), document)


@EVERY
def test_metadata_labels_every_claim_in_both_languages(ctype: CertificateType) -> None:
    claims = type_metadata(ctype, base=BASE)["claims"]
    assert all([each["locale"] for each in claim["display"]] == list(LOCALES) for claim in claims)
    assert all(each["label"] for claim in claims for each in claim["display"])


@EVERY
def test_metadata_has_every_claim_of_a_credential(ctype: CertificateType) -> None:
    paths = [claim["path"] for claim in type_metadata(ctype, base=BASE)["claims"]]
    assert [path[0] for path in paths if len(path) == 1] == [m.name for m in credential_fields(ctype.id)]


@EVERY
def test_svg_ids_are_unique_and_of_the_drafts_form(ctype: CertificateType) -> None:
    ids = [claim["svg_id"] for claim in type_metadata(ctype, base=BASE)["claims"] if "svg_id" in claim]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", each) for each in ids)


def test_metadata_says_which_claims_the_holder_chooses() -> None:
    claims = {c["path"][0]: c["sd"] for c in type_metadata(certificate_type("resident_id_card"), base=BASE)["claims"]}
    assert (claims["id_number"], claims["valid_to"]) == ("always", "never")


def test_members_of_an_array_have_their_own_path() -> None:
    paths = [c["path"] for c in type_metadata(certificate_type("social_insurance_certificate"), base=BASE)["claims"]]
    assert ["insurances", None, "last_month"] in paths


@EVERY
@pytest.mark.parametrize("place", range(len(LOCALES)))
def test_metadata_pins_the_card(ctype: CertificateType, place: int) -> None:
    shown = type_metadata(ctype, base=BASE)["display"][place]["rendering"]["svg_templates"][0]
    digest = b64encode(hashlib.sha256(svg_card(ctype, LOCALES[place]).encode()).digest()).decode()
    assert (shown["uri"], shown["uri#integrity"]) == (card_uri(ctype, LOCALES[place], base=BASE), f"sha256-{digest}")


@EVERY
@pytest.mark.parametrize("locale", LOCALES)
def test_a_card_has_placeholders_in_text_alone(ctype: CertificateType, locale: str) -> None:
    root = ElementTree.fromstring(svg_card(ctype, locale))  # noqa: S314 (our own text)
    in_text = {match for node in root.iter() for match in re.findall(r"{{(\w+)}}", node.text or "")}
    in_attributes = [value for node in root.iter() for value in node.attrib.values() if "{{" in value]
    assert (in_text, in_attributes) == ({member.name for member in card_fields(ctype)}, [])


@EVERY
@pytest.mark.parametrize("locale", LOCALES)
def test_a_card_fetches_and_runs_nothing(ctype: CertificateType, locale: str) -> None:
    root = ElementTree.fromstring(svg_card(ctype, locale))  # noqa: S314 (our own text)
    tags = {node.tag.rpartition("}")[2] for node in root.iter()}
    allowed = {
        "svg",
        "title",
        "desc",
        "defs",
        "linearGradient",
        "stop",
        "clipPath",
        "rect",
        "g",
        "path",
        "circle",
        "text",
    }
    assert tags <= allowed


@EVERY
def test_a_card_says_its_name_in_both_languages(ctype: CertificateType) -> None:
    root = ElementTree.fromstring(svg_card(ctype, "en"))  # noqa: S314 (our own text)
    title = root.findtext("{http://www.w3.org/2000/svg}title") or ""
    assert ctype.name_zh in title
    assert ctype.name_en in title


@EVERY
def test_a_card_shows_two_to_eight_fields(ctype: CertificateType) -> None:
    assert 2 <= len(card_fields(ctype)) <= 8


def _luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@EVERY
def test_colours_of_a_card_can_be_read(ctype: CertificateType) -> None:
    palette = palette_of(ctype)
    for ground in (palette.background, palette.shade):
        for ink in (palette.ink, palette.accent):
            light, dark = sorted((_luminance(ground), _luminance(ink)), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5


def _expand(ctype: CertificateType, document: dict[str, Any]) -> list[Any]:
    loader = FrozenDocumentLoader(documents=dict(BUNDLED_CONTEXTS, **{f"{BASE}/context": jsonld_context(ctype)}))
    return list(jsonld.expand(document, {"documentLoader": loader}))


def _count(value: Any) -> int:
    if isinstance(value, dict):
        return len(value) + sum(_count(member) for member in value.values())
    if isinstance(value, list):
        return sum(_count(member) for member in value)
    return 0


def _kept(node: Any) -> int:
    """Count the members that expansion kept: properties, without the keywords that it adds."""
    if isinstance(node, list):
        return sum(_kept(member) for member in node)
    if not isinstance(node, dict):
        return 0
    return sum((not name.startswith("@")) + _kept(member) for name, member in node.items() if name != "@value")


@EVERY
def test_expansion_drops_no_term(ctype: CertificateType) -> None:
    claims = _claims(ctype)
    document = {"@context": [f"{BASE}/context"], **claims}
    assert _kept(_expand(ctype, document)) == _count(claims)


@EVERY
def test_a_context_stands_after_that_of_the_data_model(ctype: CertificateType) -> None:
    claims = _claims(ctype)
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2", f"{BASE}/context"],
        "type": ["VerifiableCredential"],
        "issuer": f"{BASE}/issuers/psb",
        "credentialSubject": claims,
    }
    assert _kept(_expand(ctype, document)) == _count(claims) + 2


@EVERY
def test_terms_of_a_context_are_protected(ctype: CertificateType) -> None:
    assert jsonld_context(ctype)["@context"]["@protected"] is True


GOLDEN = {
    "claims schema": "245b3abb3b440b9f",
    "credential schema": "301bb22644fd0e2d",
    "type metadata": "b51169b8008aad90",
    "context": "2863200e737966b2",
    "cards": "60142babbf70e4a1",
}


def test_documents_are_the_same_bytes_until_a_type_changes() -> None:
    made = {
        "claims schema": [document_bytes(claims_schema(t, base=BASE)) for t in all_types()],
        "credential schema": [document_bytes(credential_schema(t, base=BASE)) for t in all_types()],
        "type metadata": [document_bytes(type_metadata(t, base=BASE)) for t in all_types()],
        "context": [document_bytes(jsonld_context(t)) for t in all_types()],
        "cards": [svg_card(t, locale).encode() for t in all_types() for locale in LOCALES],
    }
    assert {name: hashlib.sha256(b"".join(parts)).hexdigest()[:16] for name, parts in made.items()} == GOLDEN


def test_written_documents_end_with_one_newline() -> None:
    written = document_bytes(jsonld_context(certificate_type("business_licence")))
    assert written.endswith(b"}\n")
