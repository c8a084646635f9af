"""Project Wycheproof's vectors: every case of our algorithms gives the expected result, every other one is refused.

There is no "acceptable" case among those of our algorithms; a test holds that, so that a new one is looked at. What is
refused because we do not have its algorithm is counted by name: nothing is passed over in silence.
"""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from keys import jws
from keys.algorithms import Algorithm
from keys.errors import AlgorithmNotAllowed, KeysError, MalformedKey, MalformedToken
from keys.public import PublicKey

pytestmark = pytest.mark.vectors
SIGNATURES = {
    "ed25519_test.json": Algorithm.EDDSA,
    "ecdsa_secp256r1_sha256_p1363_test.json": Algorithm.ES256,
    "ecdsa_secp384r1_sha384_p1363_test.json": Algorithm.ES384,
}
COUNTS = {
    "ed25519_test.json": {"valid": 88, "invalid": 63},
    "ecdsa_secp256r1_sha256_p1363_test.json": {"valid": 173, "invalid": 89},
    "ecdsa_secp384r1_sha384_p1363_test.json": {"valid": 193, "invalid": 87},
}


def groups(vectors: Path, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((vectors / "wycheproof" / name).read_text("utf-8"))["testGroups"]
    return found


def cases(vectors: Path, name: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for group in groups(vectors, name):
        for case in group["tests"]:
            yield group, case


def key_of(group: dict[str, Any]) -> PublicKey:
    """The group's key, by way of its JWK; some groups have it in DER alone."""
    loaded = serialization.load_der_public_key(bytes.fromhex(group["publicKeyDer"]))
    jwk = group.get("publicKeyJwk") or PublicKey(loaded).jwk  # type: ignore[arg-type]
    return PublicKey.from_jwk(jwk)


def result(action: Any) -> str:
    try:
        action()
    except KeysError:
        return "invalid"
    return "valid"


@pytest.mark.parametrize("name", SIGNATURES)
def test_every_signature_gives_the_expected_result(vectors: Path, name: str) -> None:
    wrong = []
    for group, case in cases(vectors, name):
        key = key_of(group)
        assert key.algorithm is SIGNATURES[name]
        signature, message = bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"])
        if result(lambda k=key, s=signature, m=message: k.verify(s, m)) != case["result"]:
            wrong.append((case["tcId"], case["comment"], case["result"]))
    assert wrong == []


@pytest.mark.parametrize("name", SIGNATURES)
def test_every_case_was_looked_at_and_none_is_only_acceptable(vectors: Path, name: str) -> None:
    assert Counter(case["result"] for _, case in cases(vectors, name)) == COUNTS[name]


def verify_jws(key: dict[str, Any], text: str) -> None:
    jws.peek(text).payload_verified_by(PublicKey.from_jwk(key))


def keys_of(group: dict[str, Any]) -> list[dict[str, Any]]:
    found = group.get("public") or group["private"]
    keys: list[dict[str, Any]] = found.get("keys", [found])
    return keys


def is_ours(group: dict[str, Any]) -> bool:
    """Whether the group is about an algorithm or a curve of ours, rightly or wrongly named."""
    return all(key.get("kty") == "EC" and key.get("crv") in ("P-256", "P-384", "P-521") for key in keys_of(group))


@pytest.mark.parametrize("name", ["json_web_signature_test.json", "json_web_key_test.json"])
def test_every_token_of_our_algorithms_gives_the_expected_result(vectors: Path, name: str) -> None:
    wrong = [
        (case["tcId"], group["comment"], case["comment"], case["result"])
        for group, case in cases(vectors, name)
        if is_ours(group) and result(lambda g=group, c=case: verify_jws(keys_of(g)[0], c["jws"])) != case["result"]
        if (name, case["tcId"]) not in MISNAMED
    ]
    assert wrong == []


# RFC 7520, figure 27 with keys that name "ES521", which is no algorithm; the RFC's own key names none.
MISNAMED = {("json_web_signature_test.json", 347), ("json_web_signature_test.json", 351)}


def test_keys_that_misname_es512_are_refused_and_verify_under_its_name(vectors: Path) -> None:
    name = "json_web_signature_test.json"
    misnamed = [(group, case) for group, case in cases(vectors, name) if (name, case["tcId"]) in MISNAMED]
    assert [keys_of(group)[0]["alg"] for group, _ in misnamed] == ["ES521", "ES521"]
    for group, case in misnamed:
        with pytest.raises(MalformedKey):
            verify_jws(keys_of(group)[0], case["jws"])
        verify_jws(keys_of(group)[0] | {"alg": "ES512"}, case["jws"])


REFUSED = {
    "json_web_signature_test.json": {
        "RSA": 2,
        "RSA PS256": 50,
        "RSA PS384": 5,
        "RSA PS512": 20,
        "RSA RS256": 233,
        "RSA RS384": 4,
        "RSA RS512": 4,
        "oct HS256": 40,
    },
    "json_web_key_test.json": {
        "EC P-256, oct HS256": 1,
        "RSA P-256": 1,
        "RSA RS256": 4,
        "RSA RSA1_5": 1,
        "oct A256GCM": 1,
        "oct A256KW": 1,
        "oct HS256": 6,
        "oct HS384": 3,
        "oct HS512": 3,
    },
}
OURS = {"json_web_signature_test.json": 43, "json_web_key_test.json": 5}


def kind(group: dict[str, Any]) -> str:
    return ", ".join(sorted({f"{key['kty']} {key.get('crv', key.get('alg', ''))}".strip() for key in keys_of(group)}))


@pytest.mark.parametrize("name", REFUSED)
def test_every_token_of_another_algorithm_is_refused_and_counted(vectors: Path, name: str) -> None:
    refused: Counter[str] = Counter()
    for group, case in cases(vectors, name):
        if not is_ours(group):
            for key in keys_of(group):
                with pytest.raises((MalformedKey, AlgorithmNotAllowed, MalformedToken)):
                    verify_jws(key, case["jws"])
            refused[kind(group)] += 1
    assert refused == REFUSED[name]


@pytest.mark.parametrize("name", OURS)
def test_the_tokens_of_our_algorithms_are_as_many_as_known(vectors: Path, name: str) -> None:
    assert sum(is_ours(group) for group, _ in cases(vectors, name)) == OURS[name]


def test_tokens_are_compact_in_every_case(vectors: Path) -> None:
    assert all(type(case["jws"]) is str for name in OURS for _, case in cases(vectors, name))
