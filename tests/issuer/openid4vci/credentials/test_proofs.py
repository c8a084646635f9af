"""Key proofs of type jwt: what is proved, and each flaw refused for its own reason."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from issuer.openid4vci.credentials.key_attestation import Expected
from issuer.openid4vci.credentials.policy import AttestationPolicy
from issuer.openid4vci.credentials.proofs import Proven, prove
from issuer.openid4vci.errors import InvalidProof
from keys import did
from keys.algorithms import Algorithm
from keys.signer import SoftwareSigner
from tests.support.key_proofs import CLIENT, ISSUER, NOW, Provider, certificate_of, proof, seconds, signed, spoilt

NONCE = "nonce-of-the-issuer"
KEY = SoftwareSigner.generate()
PROVIDER = Provider()
EXPECTED = Expected(ISSUER, CLIENT, AttestationPolicy(), PROVIDER.attesters, NOW)


def proved(*tokens: Any, expected: Expected = EXPECTED) -> Proven:
    return prove({"jwt": list(tokens)}, expected)


def refusal(proofs: Any, expected: Expected = EXPECTED) -> str:
    with pytest.raises(InvalidProof) as refused:
        prove(proofs, expected)
    return str(refused.value)


def test_a_proof_proves_its_key() -> None:
    """4.8.3 The proof as wallets send it."""
    assert proved(proof(KEY, nonce=NONCE)) == Proven((KEY.public_key,), frozenset({NONCE}))


@pytest.mark.parametrize("algorithm", [Algorithm.ES256, Algorithm.ES384, Algorithm.EDDSA])
def test_every_listed_algorithm_is_taken(algorithm: Algorithm) -> None:
    """4.8.3 alg is one of the metadata's."""
    key = SoftwareSigner.generate(algorithm)
    assert proved(proof(key, nonce=NONCE)).keys == (key.public_key,)


def test_ed25519_is_taken_by_its_new_name() -> None:
    """4.8.3 alg is one of the metadata's (RFC 9864)."""
    key = SoftwareSigner.generate(Algorithm.EDDSA)
    assert proved(proof(key, nonce=NONCE, header={"alg": "Ed25519"})).keys == (key.public_key,)


@pytest.mark.parametrize("name", [did.to_did_jwk, did.to_did_key])
def test_a_key_may_be_named_as_a_did(name: Any) -> None:
    """4.8.3 kid: a DID URL that is the key itself."""
    method = did.verification_method(name(KEY.public_key))
    assert proved(proof(KEY, nonce=NONCE, header={"jwk": ..., "kid": method})).keys == (KEY.public_key,)


def test_a_key_may_come_in_a_certificate() -> None:
    """4.8.3 x5c: the first certificate holds the key."""
    key = ec.generate_private_key(ec.SECP256R1())
    found = proved(proof(SoftwareSigner(key), nonce=NONCE, header={"jwk": ..., "x5c": [certificate_of(key)]}))
    assert found.keys == (SoftwareSigner(key).public_key,)


def test_twenty_proofs_prove_twenty_keys_in_their_order() -> None:
    """2.7 A batch of twenty proofs with one nonce."""
    signers = [SoftwareSigner.generate() for _ in range(20)]
    found = proved(*(proof(each, nonce=NONCE) for each in signers))
    assert found == Proven(tuple(each.public_key for each in signers), frozenset({NONCE}))


def test_proofs_without_an_issuer_are_of_any_client() -> None:
    """4.8.3 iss is optional (F.1)."""
    assert proved(proof(KEY, nonce=NONCE, claims={"iss": ...}))


def test_an_anonymous_client_names_none() -> None:
    """4.8.3 iss is absent for an anonymous client."""
    anonymous = replace(EXPECTED, client_id=None)
    assert proved(proof(KEY, nonce=NONCE, claims={"iss": ...}), expected=anonymous)
    assert "another client" in refusal({"jwt": [proof(KEY, nonce=NONCE)]}, anonymous)


@pytest.mark.parametrize("age", [{"seconds": -59}, {"minutes": 5, "seconds": 59}], ids=["ahead", "old"])
def test_clocks_of_wallets_may_differ_by_a_minute(age: Mapping[str, float]) -> None:
    """4.8.3 iat within the leeway."""
    assert proved(proof(KEY, nonce=NONCE, claims={"iat": seconds(**age), "nbf": seconds(**age)}))


def test_an_attestation_by_nobody_known_is_passed_over() -> None:
    """4.8.4 Where no attester is trusted the proof stands for itself."""
    stranger = Provider().attestation(KEY, nonce=NONCE)
    assert proved(proof(KEY, nonce=NONCE, header={"key_attestation": stranger})).keys == (KEY.public_key,)


@pytest.mark.parametrize(
    ("proofs", "reason"),
    [
        (None, "not an object of exactly one"),
        ({}, "not an object of exactly one"),
        ([], "not an object of exactly one"),
        ({"jwt": ["x"], "attestation": ["x"]}, "not an object of exactly one"),
        ({"jwt": []}, "1 to 20 proofs"),
        ({"jwt": "x"}, "1 to 20 proofs"),
        ({"jwt": ["x"] * 21}, "1 to 20 proofs"),
        ({"di_vp": [{}]}, "a type that this credential does not take"),
        ({"attestation": ["x"]}, "a type that this credential does not take"),
        ({"jwt": [7]}, "is no text"),
        ({"jwt": ["no.jws"]}, "three parts"),
        ({"jwt": ["a" * 40_000]}, "limit"),
    ],
)
def test_proofs_that_are_missing_or_malformed_are_refused(proofs: Any, reason: str) -> None:
    """2.17 and 4.8.5 c Proofs missing or malformed."""
    assert reason in refusal(proofs)


HEADERS: list[tuple[dict[str, Any], str]] = [
    ({"typ": ...}, "of another type"),
    ({"typ": "JWT"}, "of another type"),
    ({"alg": ...}, "no key of ours allows"),
    ({"alg": "none"}, "no key of ours allows"),
    ({"alg": "HS256"}, "no key of ours allows"),
    ({"alg": "ES512"}, "the key allows ES256"),
    ({"alg": "ES384"}, "the key allows ES256"),
    ({"jwk": ...}, "exactly one of jwk, kid, x5c"),
    ({"kid": "did:jwk:x"}, "exactly one of jwk, kid, x5c"),
    ({"jwk": ..., "kid": "0"}, "neither did:key nor did:jwk"),
    ({"jwk": ..., "kid": None}, "neither did:key nor did:jwk"),
    ({"jwk": ..., "kid": "did:web:wallet.example#1"}, "neither did:key nor did:jwk"),
    ({"jwk": ..., "x5c": []}, "x5c has 0 certificates"),
    ({"jwk": ..., "x5c": ["AAAA"]}, "certificate is not well formed"),
    ({"jwk": ..., "x5c": "AAAA"}, "not a list of base64"),
    ({"jwk": {"kty": "oct", "k": "c2VjcmV0"}}, "key is private"),
    ({"jwk": KEY.public_key.jwk | {"d": "AAAA"}}, "key is private"),
    ({"jwk": "x"}, "not a JSON object"),
    ({"jwk": SoftwareSigner.generate().public_key.jwk}, "does not match the key"),
    ({"jwk": SoftwareSigner.generate(Algorithm.ES512).public_key.jwk}, "key is for ES512"),
    ({"jku": "https://wallet.example/keys"}, "jku"),
    ({"x5u": "https://wallet.example/chain"}, "x5u"),
    ({"crit": ["exp"]}, "crit"),
]


@pytest.mark.parametrize(
    ("flaw", "reason"), HEADERS, ids=[f"{number} {reason}" for number, (_, reason) in enumerate(HEADERS)]
)
def test_a_proof_with_a_flaw_in_its_header_is_refused(flaw: dict[str, Any], reason: str) -> None:
    """4.8.3 typ, alg, exactly one key, no private key, no symmetric key; section 9, 9 an unsigned proof."""
    assert reason in refusal({"jwt": [proof(KEY, nonce=NONCE, header=flaw)]})


CLAIMS: list[tuple[dict[str, Any], str]] = [
    ({"aud": ...}, "not for this credential issuer"),
    ({"aud": "https://ecert.example/issuers/psb"}, "not for this credential issuer"),
    ({"aud": [ISSUER]}, "not for this credential issuer"),
    ({"aud": ISSUER + "/"}, "not for this credential issuer"),
    ({"iss": "https://other.example"}, "another client"),
    ({"iss": None}, "another client"),
    ({"iat": ...}, "claim iat is missing"),
    ({"iat": True}, "claim iat is no time"),
    ({"iat": str(seconds())}, "claim iat is no time"),
    ({"iat": seconds(days=1)}, "not made just now"),
    ({"iat": seconds(minutes=6, seconds=1)}, "not made just now"),
    ({"iat": seconds(seconds=-61)}, "not made just now"),
    ({"nbf": seconds(seconds=-61)}, "not valid yet"),
    ({"exp": seconds(seconds=60)}, "has expired"),
    ({"exp": "soon"}, "claim exp is no time"),
    ({"nonce": ...}, "claim nonce is missing or no text"),
    ({"nonce": 7}, "claim nonce is missing or no text"),
]


@pytest.mark.parametrize(
    ("flaw", "reason"), CLAIMS, ids=[f"{number} {reason}" for number, (_, reason) in enumerate(CLAIMS)]
)
def test_a_proof_with_a_flaw_in_its_claims_is_refused(flaw: dict[str, Any], reason: str) -> None:
    """4.8.3 aud, iss, iat, nonce; section 9, 9 a proof a day old, a proof for another audience."""
    assert reason in refusal({"jwt": [proof(KEY, nonce=NONCE, claims=flaw)]})


def test_a_spoilt_signature_is_refused() -> None:
    """2.9 A corrupt signature of the proof."""
    assert "does not match the key" in refusal({"jwt": [spoilt(proof(KEY, nonce=NONCE))]})


def test_claims_that_are_no_object_or_stand_twice_are_refused() -> None:
    header = {"typ": "openid4vci-proof+jwt", "alg": "ES256", "jwk": KEY.public_key.jwk}
    assert "not a JSON object" in refusal({"jwt": [signed(KEY, header, b"[]")]})
    assert "stands twice" in refusal({"jwt": [signed(KEY, header, b'{"aud":"a","aud":"b"}')]})


def test_two_proofs_by_one_key_are_refused() -> None:
    """4.8.10 Each credential is bound to another key."""
    assert "by one key" in refusal({"jwt": [proof(KEY, nonce=NONCE), proof(KEY, nonce="another")]})


def test_one_bad_proof_of_several_spoils_the_request() -> None:
    """4.8.5 c One of the proofs is invalid."""
    good, bad = proof(SoftwareSigner.generate(), nonce=NONCE), spoilt(proof(KEY, nonce=NONCE))
    assert "does not match the key" in refusal({"jwt": [good, bad]})


def test_a_refusal_repeats_nothing_of_the_request() -> None:
    """4.8.6 error_description is ASCII without quotes."""
    text = refusal({"jwt": [proof(KEY, nonce=NONCE, claims={"iss": "王小明"})]})
    assert text.isascii()
    assert '"' not in text
