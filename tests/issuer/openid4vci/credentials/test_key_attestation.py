"""Key attestations: as a proof of their own, and beside a jwt proof."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from issuer.openid4vci.authorization.ports import Attester
from issuer.openid4vci.credentials.attesters import KnownAttesters
from issuer.openid4vci.credentials.key_attestation import Expected
from issuer.openid4vci.credentials.policy import AttestationPolicy
from issuer.openid4vci.credentials.proofs import Proven, prove
from issuer.openid4vci.errors import InvalidProof
from keys.algorithms import Algorithm
from keys.signer import SoftwareSigner
from tests.support.key_proofs import CLIENT, ISSUER, NOW, PROVIDER, Provider, proof, seconds, spoilt

NONCE = "nonce-of-the-issuer"
KEYS = [SoftwareSigner.generate() for _ in range(3)]
BY = Provider()
POLICY = AttestationPolicy(
    offered=True, required=True, key_storage=("iso_18045_moderate",), user_authentication=("iso_18045_basic",)
)
EXPECTED = Expected(ISSUER, CLIENT, POLICY, BY.attesters, NOW)


def attested(token: Any, expected: Expected = EXPECTED) -> Proven:
    return prove({"attestation": [token]}, expected)


def beside(token: Any, *, signer: SoftwareSigner = KEYS[0], expected: Expected = EXPECTED) -> Proven:
    return prove({"jwt": [proof(signer, nonce=NONCE, header={"key_attestation": token})]}, expected)


def refusal(function: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(InvalidProof) as refused:
        function(*args, **kwargs)
    return str(refused.value)


def public(*signers: SoftwareSigner) -> tuple[Any, ...]:
    return tuple(each.public_key for each in signers)


def test_an_attestation_proves_its_keys() -> None:
    """4.8.4 Proof type attestation: credentials are issued for its attested_keys."""
    assert attested(BY.attestation(*KEYS, nonce=NONCE)) == Proven(public(*KEYS), frozenset({NONCE}))


def test_an_attestation_of_its_own_needs_no_end() -> None:
    """4.8.4 exp is optional without a jwt proof (D.1)."""
    assert attested(BY.attestation(KEYS[0], nonce=NONCE, claims={"exp": ...}))


def test_a_proof_with_an_attestation_proves_every_attested_key() -> None:
    """4.8.4 With jwt: the proof's key first, then the others of the attestation (F.1)."""
    found = beside(BY.attestation(*KEYS, nonce="another"), signer=KEYS[1])
    assert found == Proven(public(KEYS[1], KEYS[0], KEYS[2]), frozenset({NONCE, "another"}))


def test_a_batch_with_one_attestation_proves_each_key_once() -> None:
    """2.7 Several proofs with the same key attestation."""
    token = BY.attestation(*KEYS, nonce=NONCE)
    tokens = [proof(each, nonce=NONCE, header={"key_attestation": token}) for each in KEYS]
    assert prove({"jwt": tokens}, EXPECTED) == Proven(public(*KEYS), frozenset({NONCE}))


def test_no_more_keys_are_taken_than_a_batch_has_places() -> None:
    """4.8.10 A request may get fewer credentials than it has keys (VCI 8.3)."""
    many = [SoftwareSigner.generate(Algorithm.EDDSA) for _ in range(22)]
    assert attested(BY.attestation(*many, nonce=NONCE)).keys == public(*many[:20])
    assert len(beside(BY.attestation(*many, nonce=NONCE), signer=many[21]).keys) == 20


def test_a_key_that_is_attested_twice_is_taken_once() -> None:
    """4.8.10 Each credential is bound to another key."""
    assert attested(BY.attestation(KEYS[0], KEYS[0], nonce=NONCE)).keys == public(KEYS[0])


def test_a_trusted_key_without_a_chain_signs_attestations() -> None:
    """4.8.4 kid and iss name the attester's key."""
    signer = SoftwareSigner.generate()
    known = KnownAttesters((Attester(PROVIDER, keys=(signer.public_key,)),))
    header = {"x5c": ..., "kid": signer.public_key.kid}
    expected = replace(EXPECTED, attesters=known)
    assert attested(BY.attestation(KEYS[0], nonce=NONCE, header=header, by=signer), expected)
    assert attested(BY.attestation(KEYS[0], nonce=NONCE, header={"x5c": ...}, by=signer), expected)
    nobody = BY.attestation(KEYS[0], nonce=NONCE, header=header | {"kid": "another"}, by=signer)
    assert "no attester is named" in refusal(attested, nobody, expected)


def test_a_chain_speaks_for_whoever_is_above_it() -> None:
    """4.8.4 iss is no member of D.1: without one the chain decides."""
    assert attested(BY.attestation(KEYS[0], nonce=NONCE, claims={"iss": ...}))
    assert attested(BY.attestation(KEYS[0], nonce=NONCE, claims={"iss": "https://unknown.example"}))


def test_a_chain_of_another_than_iss_is_refused() -> None:
    """4.8.4 An attester that is known speaks by its own anchors alone."""
    other = Attester("https://other.example", anchors=(Provider().chain.root.der(),))
    expected = replace(EXPECTED, attesters=KnownAttesters((*BY.attesters.attesters, other)))
    assert attested(BY.attestation(KEYS[0], nonce=NONCE), expected)
    token = BY.attestation(KEYS[0], nonce=NONCE, claims={"iss": other.iss})
    assert "not signed by the one above it" in refusal(attested, token, expected)


def test_a_chain_is_judged_at_the_moment_of_the_request() -> None:
    late = replace(EXPECTED, now=NOW + timedelta(days=400))
    assert "chain is valid from" in refusal(attested, BY.attestation(KEYS[0], nonce=NONCE), late)


@pytest.mark.parametrize("level", ["iso_18045_moderate", "iso_18045_high"])
def test_the_level_asked_for_and_those_above_satisfy(level: str) -> None:
    """4.8.4 Attested levels satisfy the metadata (D.2)."""
    assert attested(BY.attestation(KEYS[0], nonce=NONCE, claims={"key_storage": ["https://x.example", level]}))


def test_where_nothing_is_asked_for_every_level_satisfies() -> None:
    """4.8.4 key_attestations_required may be empty."""
    expected = replace(EXPECTED, policy=AttestationPolicy(offered=True))
    claims = {"key_storage": ..., "user_authentication": ...}
    assert attested(BY.attestation(KEYS[0], nonce=NONCE, claims=claims), expected)
    assert prove({"jwt": [proof(KEYS[0], nonce=NONCE)]}, expected).keys == public(KEYS[0])


FLAWS: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"typ": "JWT"}, {}, "of another type"),
    ({"alg": "none"}, {}, "no key of ours allows"),
    ({"alg": "ES384"}, {}, "the key allows ES256"),
    ({"jwk": KEYS[0].public_key.jwk}, {}, "embedded key"),
    ({"x5c": ...}, {}, "no attester is named"),
    ({"x5c": [""]}, {}, "certificate is not well formed"),
    ({"x5c": 7}, {}, "not a list of base64"),
    ({}, {"iat": ...}, "claim iat is missing"),
    ({}, {"iat": seconds(seconds=-61)}, "a time to come"),
    ({}, {"exp": seconds(minutes=10)}, "has expired"),
    ({}, {"nonce": ...}, "claim nonce is missing or no text"),
    ({}, {"nonce": 7}, "claim nonce is missing or no text"),
    ({}, {"key_storage": ...}, "no key_storage"),
    ({}, {"key_storage": "iso_18045_high"}, "no key_storage"),
    ({}, {"key_storage": ["iso_18045_enhanced-basic", {}]}, "no key_storage"),
    ({}, {"user_authentication": []}, "no user_authentication"),
    ({}, {"attested_keys": ...}, "1 to 100 attested_keys"),
    ({}, {"attested_keys": []}, "1 to 100 attested_keys"),
    ({}, {"attested_keys": [{"kty": "oct", "k": "c2VjcmV0"}]}, "key is private"),
    (
        {},
        {"attested_keys": [dict(SoftwareSigner.generate(Algorithm.ES512).public_key.jwk)]},
        "key is for ES512",
    ),
]


@pytest.mark.parametrize(
    ("header", "claims", "reason"), FLAWS, ids=[f"{number} {reason}" for number, (_, _, reason) in enumerate(FLAWS)]
)
def test_an_attestation_with_a_flaw_is_refused(header: dict[str, Any], claims: dict[str, Any], reason: str) -> None:
    """4.8.4 typ, alg, signature and chain, times, nonce, levels, keys: in both of its places."""
    token = BY.attestation(KEYS[0], nonce=NONCE, header=header, claims=claims)
    assert reason in refusal(attested, token)
    assert reason in refusal(beside, token)


def test_an_attestation_holds_a_limited_number_of_keys() -> None:
    many = {"attested_keys": [dict(SoftwareSigner.generate(Algorithm.EDDSA).public_key.jwk)] * 101}
    assert "1 to 100 attested_keys" in refusal(attested, BY.attestation(KEYS[0], nonce=NONCE, claims=many))


def test_twenty_proofs_may_each_hold_the_attestation_of_all() -> None:
    """2.7 The largest batch: twenty keys and a chain of two certificates fit into a header."""
    signers = [SoftwareSigner.generate() for _ in range(20)]
    token = BY.attestation(*signers, nonce=NONCE)
    tokens = [proof(each, nonce=NONCE, header={"key_attestation": token}) for each in signers]
    assert prove({"jwt": tokens}, EXPECTED).keys == public(*signers)


def test_a_spoilt_signature_of_an_attestation_is_refused() -> None:
    """2.10 A corrupt key attestation, in both of its places."""
    token = spoilt(BY.attestation(KEYS[0], nonce=NONCE))
    assert "does not match the key" in refusal(attested, token)
    assert "does not match the key" in refusal(beside, token)


def test_an_attestation_by_nobody_whom_we_trust_is_refused() -> None:
    """4.8.4 Its chain leads to a trusted attester."""
    assert "not signed by the one above it" in refusal(attested, Provider().attestation(KEYS[0], nonce=NONCE))


def test_an_attestation_beside_a_proof_needs_an_end() -> None:
    """4.8.4 exp is compulsory with a jwt proof (D.1)."""
    assert "claim exp is missing" in refusal(beside, BY.attestation(KEYS[0], nonce=NONCE, claims={"exp": ...}))


def test_a_proof_by_a_key_that_is_not_attested_is_refused() -> None:
    """4.8.4 The proof's key is among the attested ones."""
    assert "does not hold" in refusal(beside, BY.attestation(KEYS[1], nonce=NONCE))


def test_a_proof_without_an_attestation_is_refused_where_one_is_required() -> None:
    """4.8.4 The configuration requires a key attestation."""
    assert "no key attestation" in refusal(prove, {"jwt": [proof(KEYS[0], nonce=NONCE)]}, EXPECTED)


def test_an_attestation_that_is_no_text_is_refused() -> None:
    assert "is no text" in refusal(attested, 7)
    assert "is no text" in refusal(beside, 7)


def test_a_request_holds_one_attestation() -> None:
    """4.8.4 The array holds one such JWT."""
    tokens = [BY.attestation(each, nonce=NONCE) for each in KEYS[:2]]
    assert "exactly one" in refusal(prove, {"attestation": tokens}, EXPECTED)
