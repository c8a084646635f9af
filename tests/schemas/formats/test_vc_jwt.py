"""VCDM 2.0 as vc+jwt: written and read by the rules of VC-JOSE-COSE and of the data model."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from keys import jws
from keys.errors import InvalidSignature
from keys.signer import SoftwareSigner
from schemas.formats import vc_jwt
from schemas.formats.errors import (
    FormatError,
    RegisteredClaimInvalid,
    StatusClaimInvalid,
    VcClaimForbidden,
    VcClaimsConflict,
    VcModelInvalid,
    WrongType,
)
from schemas.formats.status_claim import StatusReference

ISSUER = "https://ecert.example/issuers/amr"


@pytest.fixture
def document() -> dict[str, Any]:
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": "urn:uuid:7f0a2a5e-0000-4000-8000-000000000001",
        "type": ["VerifiableCredential", "BusinessLicence"],
        "issuer": ISSUER,
        "validFrom": "2026-01-01T00:00:00+08:00",
        "validUntil": "2027-01-01T00:00:00+08:00",
        "credentialSubject": {"id": "did:example:1", "name": "江门市示例陈皮有限公司"},
        "iss": ISSUER,
        "iat": 1_767_200_000,
        "exp": 1_790_000_000,
        "status": {"status_list": {"idx": 7, "uri": "https://ecert.example/status/1"}},
    }


def test_a_credential_comes_back_with_what_policy_needs(document: dict[str, Any], issuer: SoftwareSigner) -> None:
    read = vc_jwt.parse(vc_jwt.issue(document, issuer)).verified_by(issuer.public_key)
    assert (read.issuer, read.types, read.iat) == (ISSUER, ("VerifiableCredential", "BusinessLicence"), 1_767_200_000)
    assert read.not_before == datetime(2025, 12, 31, 16, tzinfo=UTC)
    assert read.not_after == datetime.fromtimestamp(1_790_000_000, UTC)
    assert read.status == StatusReference("https://ecert.example/status/1", 7)
    assert read.document == document


def test_the_header_says_what_it_is(document: dict[str, Any], issuer: SoftwareSigner) -> None:
    header = vc_jwt.parse(vc_jwt.issue(document, issuer)).issuer_jws.header
    assert dict(header.parameters) == {"alg": "ES256", "typ": "vc+jwt", "kid": issuer.public_key.kid, "cty": "vc"}


def test_the_chain_is_written_when_asked_for(document: dict[str, Any], issuer: SoftwareSigner) -> None:
    token = vc_jwt.parse(vc_jwt.issue(document, issuer.with_chain([b"leaf"]), x5c=True))
    assert token.issuer_jws.header.x5c() == (b"leaf",)


def test_another_key_verifies_nothing(
    document: dict[str, Any], issuer: SoftwareSigner, stranger: SoftwareSigner
) -> None:
    with pytest.raises(InvalidSignature):
        vc_jwt.parse(vc_jwt.issue(document, issuer)).verified_by(stranger.public_key)


@pytest.mark.parametrize(("typ", "cty"), [("JWT", "vc"), ("vp+jwt", "vc"), ("dc+sd-jwt", "vc"), ("vc+jwt", "vp")])
def test_another_type_is_refused(document: dict[str, Any], issuer: SoftwareSigner, typ: str, cty: str) -> None:
    text = jws.sign(json.dumps(document).encode(), issuer, typ=typ, extra=(("cty", cty),))
    with pytest.raises(WrongType):
        vc_jwt.parse(text)


def test_a_content_type_is_not_required(document: dict[str, Any], issuer: SoftwareSigner) -> None:
    text = jws.sign(json.dumps(document).encode(), issuer, typ="vc+jwt")
    assert vc_jwt.parse(text).verified_by(issuer.public_key).document == document


def test_both_periods_count_and_the_narrower_one_wins(document: dict[str, Any]) -> None:
    read = vc_jwt.check(document | {"nbf": 1_780_000_000.5, "exp": 1_900_000_000})
    assert read.not_before == datetime.fromtimestamp(1_780_000_000.5, UTC)
    assert read.not_after == datetime(2026, 12, 31, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "microsecond"), [("2026-01-01T00:00:00.5Z", 500_000), ("2026-01-01T00:00:00.1234567+00:00", 123_456)]
)
def test_a_fraction_of_a_second_is_read_to_the_microsecond(
    document: dict[str, Any], text: str, microsecond: int
) -> None:
    moment = vc_jwt.check(document | {"validFrom": text}).not_before
    assert moment == datetime(2026, 1, 1, microsecond=microsecond, tzinfo=UTC)


def test_without_any_period_there_is_no_bound(document: dict[str, Any]) -> None:
    for name in ("validFrom", "validUntil", "exp", "status", "id", "iss"):
        del document[name]
    read = vc_jwt.check(document)
    assert (read.not_before, read.not_after, read.status) == (None, None, None)


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": {"id": ISSUER, "name": "江门市市场监督管理局"}},
        {"type": "VerifiableCredential"},
        {"credentialSubject": [{"id": "did:example:1"}, {"id": "did:example:2"}], "sub": "did:example:3"},
        {"credentialSubject": {"name": "示例"}, "sub": "did:example:3"},
        {"validFrom": "2026-01-01T00:00:00.123456789Z"},
        {"jti": "urn:uuid:7f0a2a5e-0000-4000-8000-000000000001", "sub": "did:example:1"},
    ],
)
def test_what_the_data_model_allows_is_accepted(document: dict[str, Any], change: dict[str, Any]) -> None:
    assert vc_jwt.check(document | change).issuer == ISSUER


FLAWS: list[tuple[dict[str, Any], type[FormatError]]] = [
    ({"vc": {}}, VcClaimForbidden),
    ({"vp": {}}, VcClaimForbidden),
    ({"iss": "https://ecert.example/issuers/psb"}, VcClaimsConflict),
    ({"jti": "urn:uuid:another"}, VcClaimsConflict),
    ({"sub": "did:example:2"}, VcClaimsConflict),
    ({"iss": 1}, RegisteredClaimInvalid),
    ({"exp": "2027"}, RegisteredClaimInvalid),
    ({"status": {}}, StatusClaimInvalid),
    ({"@context": None}, VcModelInvalid),
    ({"@context": []}, VcModelInvalid),
    ({"@context": "https://www.w3.org/ns/credentials/v2"}, VcModelInvalid),
    ({"@context": ["https://www.w3.org/2018/credentials/v1"]}, VcModelInvalid),
    ({"type": None}, VcModelInvalid),
    ({"type": ["BusinessLicence"]}, VcModelInvalid),
    ({"type": ["VerifiableCredential", {}]}, VcModelInvalid),
    ({"id": "no URL"}, VcModelInvalid),
    ({"id": 1}, VcModelInvalid),
    ({"issuer": None}, VcModelInvalid),
    ({"issuer": "amr"}, VcModelInvalid),
    ({"issuer": {"name": "amr"}}, VcModelInvalid),
    ({"credentialSubject": None}, VcModelInvalid),
    ({"credentialSubject": {}}, VcModelInvalid),
    ({"credentialSubject": []}, VcModelInvalid),
    ({"credentialSubject": [{"id": "did:example:1"}, {}]}, VcModelInvalid),
    ({"credentialSubject": {"id": 1}}, VcModelInvalid),
    ({"validFrom": None}, VcModelInvalid),
    ({"validFrom": "2026-01-01"}, VcModelInvalid),
    ({"validFrom": "2026-01-01T00:00:00.+08:00"}, VcModelInvalid),
    ({"validFrom": "9999-12-31T23:59:59-08:00"}, VcModelInvalid),
    ({"validFrom": f"2026-01-01T00:00:00.{'0' * 33}Z"}, VcModelInvalid),
    ({"validFrom": "2026-01-01T00:00:00"}, VcModelInvalid),
    ({"validFrom": "2026-13-01T00:00:00Z"}, VcModelInvalid),
    ({"validFrom": "0001-01-01T00:00:00+08:00"}, VcModelInvalid),
    ({"validUntil": "2025-01-01T00:00:00Z"}, VcModelInvalid),
]


@pytest.mark.parametrize(("change", "error"), FLAWS)
def test_a_flaw_is_refused_when_reading(
    document: dict[str, Any], issuer: SoftwareSigner, change: dict[str, Any], error: type[FormatError]
) -> None:
    text = jws.sign(json.dumps(document | change).encode(), issuer, typ="vc+jwt")
    with pytest.raises(error):
        vc_jwt.parse(text).verified_by(issuer.public_key)


@pytest.mark.parametrize(("change", "error"), FLAWS)
def test_a_flaw_is_not_signed(
    document: dict[str, Any], issuer: SoftwareSigner, change: dict[str, Any], error: type[FormatError]
) -> None:
    with pytest.raises(error):
        vc_jwt.issue(document | change, issuer)


def test_a_credential_without_an_issuer_is_refused(document: dict[str, Any]) -> None:
    del document["issuer"]
    with pytest.raises(VcModelInvalid):
        vc_jwt.check(document)
