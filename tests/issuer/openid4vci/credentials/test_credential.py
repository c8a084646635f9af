"""The credential endpoint: what it gives, and which error comes first."""

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from issuer.openid4vci.answers import error_answer
from issuer.openid4vci.credentials.policy import AttestationPolicies, AttestationPolicy
from issuer.openid4vci.errors import (
    CredentialRequestDenied,
    InsufficientScope,
    InvalidCredentialRequest,
    InvalidEncryptionParameters,
    InvalidNonce,
    InvalidProof,
    ProtocolError,
    UnknownCredentialConfiguration,
    UnknownCredentialIdentifier,
)
from issuer.openid4vci.grants import Kind
from keys import did, strict_json
from keys.chain import verify_chain
from keys.jws import peek
from keys.signer import SoftwareSigner
from schemas.formats import disclosures, sd_jwt_vc
from tests.support.credential_world import ISSUER, CredentialWorld
from tests.support.key_proofs import NOW, proof, spoilt

BATCH = 20


def one(world: CredentialWorld, **members: Any) -> str:
    status, answer = world.credential(**members)
    assert status == 200
    (found,) = answer["credentials"]
    return str(found["credential"])


def test_a_request_is_answered_with_a_credential_bound_to_the_proven_key(world: CredentialWorld) -> None:
    """4.8.7 200 with credentials and notification_id alone; 4.13.3 cnf.jwk is the proof's key, and nothing else."""
    status, answer = world.credential()
    assert status == 200
    assert answer.keys() == {"credentials", "notification_id"}
    assert [each.keys() for each in answer["credentials"]] == [{"credential"}]
    token = answer["credentials"][0]["credential"]
    claims = sd_jwt_vc.verified_by(sd_jwt_vc.parse(token), world.desk.key()).claims
    assert claims["cnf"] == {"jwk": world.wallet.public_key.jwk}
    assert claims["vct"] == "urn:ecert:business_licence:1"
    assert claims["iss"] == ISSUER


def test_the_credential_ends_without_a_key_binding_and_names_its_chain(world: CredentialWorld) -> None:
    """4.8.9 and 4.13.1 A compact string that ends in ~; typ, alg of the configuration, x5c without the anchor."""
    token = one(world)
    assert token.endswith("~")
    header = peek(token.partition("~")[0]).header
    assert (header.typ, header.alg) == ("dc+sd-jwt", "ES256")
    chain = header.x5c()
    assert world.desk.keys.root not in chain
    key = verify_chain(chain, anchors=[world.desk.keys.root], issuer=ISSUER, at=NOW)
    assert sd_jwt_vc.verified_by(sd_jwt_vc.parse(token), key).claims


def test_unknown_members_are_ignored(world: CredentialWorld) -> None:
    """2.3 and 4.8.2 Unknown top-level members; the proof of older drafts is one."""
    assert one(world, x_unknown={"a": 1}, proof={"proof_type": "jwt", "jwt": "x"})


def test_each_format_has_its_form(world: CredentialWorld) -> None:
    """4.8.7 credentials: a JWT (A.1.1.4), an object bound to the holder's did:key (A.1.2.4)."""
    token = one(world, credential_configuration_id="business_licence.jwt_vc_json")
    claims = peek(token).verified_by(world.desk.key())
    assert claims["vc"]["type"] == ["VerifiableCredential", "BusinessLicence"]
    assert claims["cnf"] == {"jwk": world.wallet.public_key.jwk}
    _, answer = world.credential(credential_configuration_id="business_licence.ldp_vc")
    document = answer["credentials"][0]["credential"]
    assert document["credentialSubject"]["id"] == did.to_did_key(world.wallet.public_key)
    assert document["proof"]["cryptosuite"] == "ecdsa-sd-2023"


def test_an_identifier_serves_as_well(world: CredentialWorld) -> None:
    """4.5.3 Both forms at the credential endpoint."""
    assert one(world, credential_configuration_id=..., credential_identifier="order-1.dc+sd-jwt")


def test_the_access_check_sees_the_request_at_its_public_address(world: CredentialWorld) -> None:
    """4.6.7 htu is compared with an address made from the public URL."""
    world.credential()
    ((request, department),) = world.access.asked
    assert (request.method, request.url, department) == ("POST", f"{ISSUER}/credential", "amr")
    assert (list(request.authorization), list(request.dpop)) == (["DPoP token"], ["proof"])


def test_a_batch_gives_a_credential_for_each_key_in_their_order(world: CredentialWorld) -> None:
    """2.7 and 4.8.10 As many as proofs, one dataset, each bound to another key; 4.13.2 to 4.13.4, 4.13.7."""
    signers = [SoftwareSigner.generate() for _ in range(BATCH)]
    _, answer = world.credential(proofs=world.proofs(*signers))
    tokens = [each["credential"] for each in answer["credentials"]]
    read = [sd_jwt_vc.verified_by(sd_jwt_vc.parse(token), world.desk.key()).claims for token in tokens]
    assert [claims["cnf"] for claims in read] == [{"jwk": each.public_key.jwk} for each in signers]
    own = {"cnf", "iat", "nbf", "exp", "status"}
    datasets = [{name: value for name, value in each.items() if name not in own} for each in read]
    assert datasets == [datasets[0]] * BATCH
    salts = [disclosures.parse(text)[0] for token in tokens for text in token.split("~")[1:-1]]
    assert len(set(salts)) == len(salts)
    assert {each[name] % 3600 for each in read for name in ("iat", "exp")} == {0}


def test_a_batch_shares_a_list_and_no_index(world: CredentialWorld) -> None:
    """4.8.10 Status: distinct indexes at random places of one list."""
    signers = [SoftwareSigner.generate() for _ in range(BATCH)]
    _, answer = world.credential(proofs=world.proofs(*signers))
    status = [
        sd_jwt_vc.verified_by(sd_jwt_vc.parse(each["credential"]), world.desk.key()).claims["status"]["status_list"]
        for each in answer["credentials"]
    ]
    indexes = [each["idx"] for each in status]
    assert len(set(indexes)) == BATCH
    assert len({each["uri"] for each in status}) == 1
    assert len({second - first for first, second in pairwise(indexes)}) > 1


def test_a_second_request_adds_to_the_same_certificate(world: CredentialWorld) -> None:
    """4.8.11 A token serves again; no time claim follows the clock."""
    first = one(world)
    world.desk.clock.move(timedelta(seconds=7))
    second = one(world)
    read = [sd_jwt_vc.verified_by(sd_jwt_vc.parse(each), world.desk.key()).claims for each in (first, second)]
    assert read[0]["certificate_identifier"] == read[1]["certificate_identifier"]
    assert read[0]["status"] != read[1]["status"]
    assert [read[0][name] for name in ("iat", "exp")] == [read[1][name] for name in ("iat", "exp")]


def test_an_attestation_gives_a_credential_for_each_attested_key(make_world: Callable[..., CredentialWorld]) -> None:
    """4.8.4 Proof type attestation; never more credentials than attested keys."""
    world = make_world(policies=AttestationPolicies(AttestationPolicy(offered=True)))
    signers = [SoftwareSigner.generate() for _ in range(3)]
    attestation = world.provider.attestation(*signers, nonce=world.nonce())
    _, answer = world.credential(proofs={"attestation": [attestation]})
    read = [
        sd_jwt_vc.verified_by(sd_jwt_vc.parse(each["credential"]), world.desk.key()).claims["cnf"]["jwk"]
        for each in answer["credentials"]
    ]
    assert read == [each.public_key.jwk for each in signers]


def test_an_anonymous_client_proves_without_a_name(world: CredentialWorld) -> None:
    """4.8.3 iss absent for an anonymous client."""
    world.access.token = world.token(client_id=None)
    nameless = {"jwt": [proof(world.wallet, nonce=world.nonce(), claims={"iss": ...})]}
    assert one(world, proofs=nameless)
    with pytest.raises(InvalidProof):
        world.credential()


def test_the_nonce_is_spent_once_a_request(world: CredentialWorld) -> None:
    """4.8.5 Nonces are consumed once per request: a batch has one; again it is invalid_nonce (section 9, 9)."""
    proofs = world.proofs(SoftwareSigner.generate(), SoftwareSigner.generate())
    assert world.credential(proofs=proofs)[0] == 200
    with pytest.raises(InvalidNonce, match="used before"):
        world.credential(proofs=proofs)


def test_a_refused_request_spends_no_nonce(world: CredentialWorld) -> None:
    """4.8.5 Consumed after everything else holds."""
    proofs = world.proofs()
    with pytest.raises(UnknownCredentialConfiguration):
        world.credential(proofs=proofs, credential_configuration_id="nobody")
    world.entitlements.orders.clear()
    with pytest.raises(CredentialRequestDenied):
        world.credential(proofs=proofs)
    assert not [kind for kind, _ in world.state.kept if kind == Kind.NONCE_SPENT]


REFUSALS: list[tuple[str, Callable[[CredentialWorld], dict[str, Any]], type[ProtocolError]]] = [
    (
        "4.8.5 a before b: encryption before an unknown id",
        lambda it: {"credential_response_encryption": {}, "credential_configuration_id": "nobody"},
        InvalidEncryptionParameters,
    ),
    (
        "4.8.5 b before c: an unknown configuration before missing proofs",
        lambda it: {"credential_configuration_id": "nobody", "proofs": ...},
        UnknownCredentialConfiguration,
    ),
    (
        "4.8.5 b before c: an unknown identifier before a bad proof",
        lambda it: {"credential_configuration_id": ..., "credential_identifier": "nobody", "proofs": {"jwt": ["x"]}},
        UnknownCredentialIdentifier,
    ),
    ("4.8.5 malformed: no id", lambda it: {"credential_configuration_id": ...}, InvalidCredentialRequest),
    ("2.17 no proofs", lambda it: {"proofs": ...}, InvalidProof),
    (
        "2.9 a spoilt signature with a good nonce",
        lambda it: {"proofs": {"jwt": [spoilt(proof(it.wallet, nonce=it.nonce()))]}},
        InvalidProof,
    ),
    (
        "4.8.5 c before d: a spoilt signature with a bad nonce",
        lambda it: {"proofs": {"jwt": [spoilt(proof(it.wallet, nonce="nobody's"))]}},
        InvalidProof,
    ),
    ("4.8.5 c: no nonce at all", lambda it: {"proofs": {"jwt": [proof(it.wallet, nonce=...)]}}, InvalidProof),
    (
        "2.8 a random UUID as nonce",
        lambda it: {"proofs": {"jwt": [proof(it.wallet, nonce="0b9dd4a1-2b5c-4b7e-8a34-d1c6a5c3b0f1")]}},
        InvalidNonce,
    ),
    (
        "4.8.6 a configuration that the token is not for",
        lambda it: {"credential_configuration_id": "food_business_licence.ldp_vc"},
        InsufficientScope,
    ),
    (
        "4.8.5 final refusal: nothing waits",
        lambda it: {"credential_configuration_id": "food_business_licence.dc+sd-jwt"},
        CredentialRequestDenied,
    ),
    (
        "4.8.5 d before the refusal: nothing waits, and the nonce is bad",
        lambda it: {
            "credential_configuration_id": "food_business_licence.dc+sd-jwt",
            "proofs": {"jwt": [proof(it.wallet, nonce="nobody's")]},
        },
        InvalidNonce,
    ),
]


@pytest.mark.parametrize(("flaw", "error"), [row[1:] for row in REFUSALS], ids=[row[0] for row in REFUSALS])
def test_a_request_is_refused_for_the_first_reason_in_order(
    world: CredentialWorld, flaw: Callable[[CredentialWorld], dict[str, Any]], error: type[ProtocolError]
) -> None:
    """4.8.5 The order of errors; 4.8.6 JSON, 400, and only error and error_description."""
    with pytest.raises(error) as refused:
        world.credential(**flaw(world))
    answer = error_answer(refused.value)
    assert answer.status == (403 if error is InsufficientScope else 400)
    assert answer.headers["Content-Type"] == "application/json"
    assert strict_json.loads_object(answer.body).keys() == {"error", "error_description"}
    assert strict_json.loads_object(answer.body)["error"] == error.error
    assert not world.entitlements.wanted


def test_a_corrupt_key_attestation_is_an_invalid_proof(make_world: Callable[..., CredentialWorld]) -> None:
    """2.10 invalid_proof, in both of its places."""
    world = make_world(policies=AttestationPolicies(AttestationPolicy(required=True)))
    bad = spoilt(world.provider.attestation(world.wallet, nonce=world.nonce()))
    for proofs in (
        {"attestation": [bad]},
        {"jwt": [proof(world.wallet, nonce=world.nonce(), header={"key_attestation": bad})]},
    ):
        with pytest.raises(InvalidProof, match="does not match the key"):
            world.credential(proofs=proofs)


def test_a_nonce_in_the_key_attestation_alone_may_be_wrong(make_world: Callable[..., CredentialWorld]) -> None:
    """2.8 invalid_nonce for the attestation's nonce, too."""
    world = make_world(policies=AttestationPolicies(AttestationPolicy(offered=True)))
    bad = world.provider.attestation(world.wallet, nonce="nobody's")
    for proofs in (
        {"attestation": [bad]},
        {"jwt": [proof(world.wallet, nonce=world.nonce(), header={"key_attestation": bad})]},
    ):
        with pytest.raises(InvalidNonce):
            world.credential(proofs=proofs)


def test_what_the_orders_refuse_is_refused(world: CredentialWorld) -> None:
    """4.8.5 credential_request_denied, by the orders."""
    world.entitlements.failing = CredentialRequestDenied("certificate is not in force")
    with pytest.raises(CredentialRequestDenied, match="not in force"):
        world.credential()


def test_what_is_not_ready_is_promised(world: CredentialWorld) -> None:
    """4.10.1 202 with transaction_id and interval, and neither credentials nor notification_id; section 9, 7."""
    world.entitlements.add("order-2", world.order, ready=False)
    members = {"credential_configuration_id": ..., "credential_identifier": "order-2.dc+sd-jwt"}
    status, answer = world.credential(**members)
    assert (status, answer.keys()) == (202, {"transaction_id", "interval"})
    assert answer["interval"] == 5
    assert not world.entitlements.wanted


def test_what_is_kept_ends_with_the_family_of_tokens(world: CredentialWorld) -> None:
    world.credential()
    world.entitlements.add("order-2", world.order, ready=False)
    world.credential(credential_configuration_id=..., credential_identifier="order-2.dc+sd-jwt")
    assert world.state.remove_group(world.access.token.family) == 2
