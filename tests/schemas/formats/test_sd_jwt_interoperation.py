"""What we write the ``sd-jwt`` package reads, and what it writes we read, key binding included.

By name: the package (0.10.4) keeps ``disclosures`` and ``kb_jwt`` of the JSON serialization beside ``payload``, as
drafts before RFC 9901 did; ours stand in the unprotected header (RFC 9901, 8.1). Members are moved before reading.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from jwcrypto.jwk import JWK
from sd_jwt.common import SDObj
from sd_jwt.holder import SDJWTHolder
from sd_jwt.issuer import SDJWTIssuer
from sd_jwt.verifier import SDJWTVerifier

from keys.public import PublicKey
from keys.signer import SoftwareSigner
from schemas.formats import key_binding, sd_jwt, sd_jwt_json, sd_jwt_vc
from schemas.formats.sd_jwt import SdJwt

AUDIENCE, NONCE = "https://verifier.example", "n-0S6_WzA2Mj"


@pytest.fixture(scope="module")
def their_issuer() -> JWK:
    return JWK.generate(kty="EC", crv="P-256")


@pytest.fixture(scope="module")
def their_holder() -> JWK:
    return JWK.generate(kty="EC", crv="P-256")


def _ours(key: JWK) -> PublicKey:
    return PublicKey.from_jwk(json.loads(key.export_public()))


def _theirs(key: PublicKey) -> JWK:
    return JWK(**key.jwk)


def _read_by_package(text: str, key: PublicKey, **expected: str) -> dict[str, Any]:
    payload: dict[str, Any] = SDJWTVerifier(
        text, lambda _issuer, _header: _theirs(key), **expected
    ).get_verified_payload()
    return payload


def test_the_package_reads_what_we_issue(
    claims: Mapping[str, Any], issuer: SoftwareSigner, salt: Callable[[], bytes]
) -> None:
    selective = ["name", "address", ("address", "street"), ("scope", 1), ("scope", 2)]
    issued = sd_jwt_vc.issue(claims, selective, issuer, salt=salt, decoys=2)
    assert _read_by_package(issued.text(), issuer.public_key) == claims


def test_the_package_reads_what_we_present_with_key_binding(
    claims: dict[str, Any], issuer: SoftwareSigner, holder: SoftwareSigner, salt: Callable[[], bytes]
) -> None:
    issued = sd_jwt_vc.issue(claims, ["name", "address", ("address", "street"), ("scope", 1)], issuer, salt=salt)
    presented = SdJwt.parse_issued(issued.text()).present([("address", "street")])
    shown = key_binding.bind(presented, holder, audience=AUDIENCE, nonce=NONCE, iat=1_760_000_000)
    read = _read_by_package(shown.text(), issuer.public_key, expected_aud=AUDIENCE, expected_nonce=NONCE)
    del claims["name"]
    assert read == claims | {"scope": ["食品销售", "技术服务"]}


def test_the_package_presents_what_we_issue(
    claims: Mapping[str, Any], issuer: SoftwareSigner, their_holder: JWK, salt: Callable[[], bytes]
) -> None:
    bound = dict(claims) | {"cnf": {"jwk": _ours(their_holder).jwk}}
    issued = sd_jwt_vc.issue(bound, ["name", "legal_representative"], issuer, salt=salt)
    wallet = SDJWTHolder(issued.text())
    wallet.create_presentation({"name": True}, NONCE, AUDIENCE, their_holder)
    shown = SdJwt.parse(wallet.sd_jwt_presentation)
    verified = sd_jwt_vc.verified_by(shown, issuer.public_key)
    proof = key_binding.verified_by(shown, key_binding.holder_key(verified.claims))
    assert (proof.audience, proof.nonce) == (AUDIENCE, NONCE)
    assert verified.claims == {name: value for name, value in bound.items() if name != "legal_representative"}


@pytest.fixture
def their_claims() -> dict[Any, Any]:
    return {
        "iss": "https://issuer.example",
        SDObj("name"): "陈大文",
        SDObj("address"): {"city": "江门市", SDObj("street"): "示例路 1 号"},
        "scope": [SDObj("食品销售"), "货物进出口", SDObj("技术服务")],
    }


@pytest.mark.parametrize("decoys", [False, True])
def test_we_read_and_present_what_the_package_issues(
    their_claims: dict[Any, Any], their_issuer: JWK, their_holder: JWK, decoys: bool
) -> None:
    issued = SDJWTIssuer(their_claims, their_issuer, their_holder, add_decoy_claims=decoys)
    stored = SdJwt.parse_issued(issued.sd_jwt_issuance)
    shown = stored.present([("address", "street"), ("scope", 2)])
    assert shown.verified_by(_ours(their_issuer)).claims == {
        "iss": "https://issuer.example",
        "cnf": {"jwk": json.loads(their_holder.export_public())},
        "address": {"city": "江门市", "street": "示例路 1 号"},
        "scope": ["货物进出口", "技术服务"],
    }


def test_we_read_what_the_package_presents_with_key_binding(
    their_claims: dict[Any, Any], their_issuer: JWK, their_holder: JWK
) -> None:
    wallet = SDJWTHolder(SDJWTIssuer(their_claims, their_issuer, their_holder).sd_jwt_issuance)
    wallet.create_presentation({"name": True}, NONCE, AUDIENCE, their_holder)
    shown = SdJwt.parse(wallet.sd_jwt_presentation)
    claims = shown.verified_by(_ours(their_issuer)).claims
    assert claims["name"] == "陈大文"
    proof = key_binding.verified_by(shown, key_binding.holder_key(claims))
    assert (proof.audience, proof.nonce) == (AUDIENCE, NONCE)


def test_we_read_the_packages_json_once_its_members_are_moved(their_claims: dict[Any, Any], their_issuer: JWK) -> None:
    theirs = json.loads(SDJWTIssuer(their_claims, their_issuer, serialization_format="json").sd_jwt_issuance)
    theirs["header"] = {"disclosures": theirs.pop("disclosures")}
    (read,) = sd_jwt_json.parse(json.dumps(theirs).encode())
    assert read.verified_by(_ours(their_issuer)).claims["name"] == "陈大文"


def test_the_package_reads_our_json_once_its_members_are_moved(
    claims: Mapping[str, Any], issuer: SoftwareSigner, salt: Callable[[], bytes]
) -> None:
    ours = json.loads(sd_jwt_json.flattened(sd_jwt.issue(claims, ["name"], issuer, typ="dc+sd-jwt", salt=salt)))
    ours |= ours.pop("header")
    reader = SDJWTVerifier(
        json.dumps(ours), lambda _issuer, _header: _theirs(issuer.public_key), serialization_format="json"
    )
    assert reader.get_verified_payload() == claims
