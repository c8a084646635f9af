"""Whatever a wallet sends: an answer of the protocol, never a fault of ours (section 9, 9: 400 with its code)."""

import contextlib
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from issuer.openid4vci.answers import REFUSALS
from issuer.openid4vci.credentials.policy import AttestationPolicies, AttestationPolicy
from tests.support.credential_world import CredentialWorld
from tests.support.key_proofs import proof

LEAVES = st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | st.text(max_size=20)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
HEADER = st.dictionaries(
    st.sampled_from(["typ", "alg", "jwk", "kid", "x5c", "key_attestation", "crit", "jku", "trust_chain"]), JSON
)
CLAIMS = st.dictionaries(st.sampled_from(["iss", "aud", "iat", "exp", "nbf", "nonce"]), JSON)
ATTESTATION = st.dictionaries(
    st.sampled_from(["iss", "iat", "exp", "nonce", "attested_keys", "key_storage", "user_authentication"]), JSON
)
REQUEST = st.dictionaries(
    st.sampled_from(
        [
            "credential_configuration_id",
            "credential_identifier",
            "proofs",
            "credential_response_encryption",
            "transaction_id",
            "notification_id",
            "event",
            "event_description",
        ]
    ),
    JSON,
)
# One world for all examples: what is refused changes nothing in it.
FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def refused_or_answered(call: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
    with contextlib.suppress(*REFUSALS):
        call(*args, **kwargs)


@FEW
@given(members=REQUEST, raw=st.binary(max_size=40))
def test_any_body_is_answered(world: CredentialWorld, members: dict[str, Any], raw: bytes) -> None:
    for endpoint in ("credential", "deferred_credential", "notification"):
        refused_or_answered(world.call, endpoint, members)
        refused_or_answered(world.call, endpoint, raw)
    refused_or_answered(world.credential, **members)


@FEW
@given(header=HEADER, claims=CLAIMS)
def test_any_proof_is_answered(world: CredentialWorld, header: dict[str, Any], claims: dict[str, Any]) -> None:
    token = proof(world.wallet, nonce=world.nonce(), header=header, claims=claims)
    refused_or_answered(world.credential, proofs={"jwt": [token]})


@FEW
@given(header=HEADER, claims=ATTESTATION)
def test_any_attestation_is_answered(
    make_world: Callable[..., CredentialWorld], header: dict[str, Any], claims: dict[str, Any]
) -> None:
    policy = AttestationPolicy(offered=True, key_storage=("iso_18045_basic",), user_authentication=("iso_18045_high",))
    world = make_world(policies=AttestationPolicies(policy))
    token = world.provider.attestation(world.wallet, nonce=world.nonce(), header=header, claims=claims)
    refused_or_answered(world.credential, proofs={"attestation": [token]})
    beside = proof(world.wallet, nonce=world.nonce(), header={"key_attestation": token})
    refused_or_answered(world.credential, proofs={"jwt": [beside]})
