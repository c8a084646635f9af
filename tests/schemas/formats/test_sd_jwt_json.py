"""The JWS JSON Serialization: both forms, and what makes a document neither."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from keys.errors import AlgorithmNotAllowed, DuplicateMember, MalformedToken
from keys.signer import SoftwareSigner
from schemas.formats import key_binding, sd_jwt, sd_jwt_json
from schemas.formats.errors import MalformedSdJwt, TooManyDisclosures
from schemas.formats.sd_jwt import SdJwt


@pytest.fixture
def shown(claims: dict[str, Any], issuer: SoftwareSigner, holder: SoftwareSigner, salt: Callable[[], bytes]) -> SdJwt:
    presented = sd_jwt.issue(claims, ["name"], issuer, typ="dc+sd-jwt", salt=salt)
    return key_binding.bind(presented, holder, audience="a", nonce="n", iat=1)


@pytest.fixture
def flat(shown: SdJwt) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(sd_jwt_json.flattened(shown))
    return document


@pytest.fixture
def many(shown: SdJwt, stranger: SoftwareSigner) -> dict[str, Any]:
    text = sd_jwt_json.general(shown, others=[sd_jwt_json.cosign(shown, stranger)])
    document: dict[str, Any] = json.loads(text)
    return document


def _parse(document: Any) -> tuple[SdJwt, ...]:
    return sd_jwt_json.parse(json.dumps(document).encode())


def test_disclosures_and_key_binding_stand_in_the_unprotected_header(flat: dict[str, Any], shown: SdJwt) -> None:
    assert set(flat) == {"payload", "protected", "signature", "header"}
    assert flat["header"] == {"disclosures": list(shown.disclosures), "kb_jwt": shown.key_binding}


def test_without_key_binding_there_is_no_kb_jwt(shown: SdJwt) -> None:
    document = json.loads(sd_jwt_json.flattened(shown.present([])))
    assert document["header"] == {"disclosures": []}


def test_only_the_first_header_of_the_general_form_holds_them(many: dict[str, Any], shown: SdJwt) -> None:
    first, second = many["signatures"]
    assert first["header"] == {"disclosures": list(shown.disclosures), "kb_jwt": shown.key_binding}
    assert set(second) == {"protected", "signature"}


def test_the_first_of_the_general_form_carries_the_key_binding(many: dict[str, Any], shown: SdJwt) -> None:
    first, second = _parse(many)
    assert first == shown
    assert (second.key_binding, second.disclosures) == (None, shown.disclosures)


def test_a_document_without_an_unprotected_header_has_no_disclosures(flat: dict[str, Any]) -> None:
    del flat["header"]
    assert _parse(flat)[0].disclosures == ()


def test_other_unprotected_parameters_are_passed_over(flat: dict[str, Any], shown: SdJwt) -> None:
    flat["header"]["note"] = "not protected"
    assert _parse(flat) == (shown,)


def test_signatures_over_two_payloads_are_not_joined(shown: SdJwt, issuer: SoftwareSigner) -> None:
    other = sd_jwt.sign({"a": 1}, (), issuer, typ="dc+sd-jwt").issuer_jwt
    with pytest.raises(MalformedSdJwt):
        sd_jwt_json.general(shown, others=[other])


@pytest.mark.parametrize(
    "change",
    [
        {"header": 1},
        {"header": {"alg": "ES256"}},
        {"header": {"crit": ["x"]}},
        {"header": {"kid": "x"}},
        {"header": {"disclosures": "x"}},
        {"header": {"disclosures": [1]}},
        {"header": {"disclosures": [""]}},
        {"header": {"disclosures": ["a~b"]}},
        {"header": {"disclosures": ["证"]}},
        {"header": {"kb_jwt": None}},
        {"payload": None},
        {"payload": "a.b"},
        {"protected": 1},
        {"signature": ""},
        {"signatures": []},
        {"signatures": "x"},
        {"signatures": [{}] * 9},
        {"signatures": [1]},
        {"signatures": [{}]},
    ],
)
def test_a_document_of_another_form_is_refused(flat: dict[str, Any], change: dict[str, Any]) -> None:
    with pytest.raises(MalformedSdJwt):
        _parse(flat | change)


@pytest.mark.parametrize("place", ["disclosures", "kb_jwt"])
def test_a_further_header_with_disclosures_or_key_binding_is_refused(many: dict[str, Any], place: str) -> None:
    many["signatures"][1]["header"] = {place: []}
    with pytest.raises(MalformedSdJwt):
        _parse(many)


def test_more_disclosures_than_the_limit_are_refused(flat: dict[str, Any]) -> None:
    flat["header"]["disclosures"] = ["x"] * 513
    with pytest.raises(TooManyDisclosures):
        _parse(flat)


def test_a_document_past_the_limit_is_refused() -> None:
    with pytest.raises(MalformedSdJwt):
        sd_jwt_json.parse(b" " * 262_145)


@pytest.mark.parametrize(
    ("raw", "error"),
    [(b"", MalformedToken), (b"[]", MalformedToken), (b'{"payload":"a","payload":"b"}', DuplicateMember)],
)
def test_json_that_is_no_object_or_names_a_member_twice_is_refused(raw: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        sd_jwt_json.parse(raw)


def test_a_protected_header_is_judged_as_in_the_compact_form(flat: dict[str, Any]) -> None:
    with pytest.raises(AlgorithmNotAllowed):
        _parse(flat | {"protected": "eyJhbGciOiJub25lIn0"})
