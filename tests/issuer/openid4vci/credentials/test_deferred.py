"""The deferred credential endpoint."""

from datetime import timedelta
from typing import Any

import pytest

from issuer.errors import StatusListFull
from issuer.openid4vci.answers import error_answer
from issuer.openid4vci.errors import (
    CredentialRequestDenied,
    InvalidCredentialRequest,
    InvalidEncryptionParameters,
    InvalidTransactionId,
)
from issuer.openid4vci.grants import Kind
from keys import strict_json
from keys.signer import SoftwareSigner
from schemas.formats import sd_jwt_vc
from tests.support.credential_world import CredentialWorld

SIGNERS = [SoftwareSigner.generate() for _ in range(3)]


def promised(world: CredentialWorld) -> str:
    """Return the transaction of a request for three credentials that are not ready."""
    world.entitlements.orders.clear()
    world.entitlements.add("order-2", world.order, ready=False)
    status, answer = world.credential(proofs=world.proofs(*SIGNERS))
    assert status == 202
    return str(answer["transaction_id"])


def collect(world: CredentialWorld, transaction_id: Any, **members: Any) -> tuple[int, dict[str, Any]]:
    return world.call("deferred_credential", {"transaction_id": transaction_id} | members)


def test_what_still_waits_is_answered_with_the_same_transaction(world: CredentialWorld) -> None:
    """4.10.2 Pending: 202 with transaction_id and interval."""
    transaction_id = promised(world)
    assert collect(world, transaction_id) == (202, {"transaction_id": transaction_id, "interval": 5})


def test_what_is_ready_is_handed_over_for_the_keys_of_the_first_request(world: CredentialWorld) -> None:
    """4.10.1 At the first poll after it is ready: 200 with credentials; unknown members are ignored."""
    transaction_id = promised(world)
    world.entitlements.make_ready("order-2")
    status, answer = collect(world, transaction_id, x_unknown=1)
    assert status == 200
    assert answer.keys() == {"credentials", "notification_id"}
    read = [
        sd_jwt_vc.verified_by(sd_jwt_vc.parse(each["credential"]), world.desk.key()).claims["cnf"]["jwk"]
        for each in answer["credentials"]
    ]
    assert read == [each.public_key.jwk for each in SIGNERS]


def test_a_refreshed_token_collects_days_later(world: CredentialWorld) -> None:
    """4.10.2 An access token of the same authorization."""
    transaction_id = promised(world)
    world.desk.clock.move(timedelta(days=29))
    world.access.token = world.token(identified=True)
    world.entitlements.make_ready("order-2")
    assert collect(world, transaction_id)[0] == 200


def test_a_transaction_is_delivered_once(world: CredentialWorld) -> None:
    """4.10.2 The id is unusable after delivery: 400 invalid_transaction_id."""
    transaction_id = promised(world)
    world.entitlements.make_ready("order-2")
    collect(world, transaction_id)
    with pytest.raises(InvalidTransactionId) as refused:
        collect(world, transaction_id)
    answer = error_answer(refused.value)
    assert (answer.status, strict_json.loads_object(answer.body)["error"]) == (400, "invalid_transaction_id")


def test_of_two_requests_at_once_one_gets_the_credentials(
    world: CredentialWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    transaction_id, issue = promised(world), world.entitlements.issue
    world.entitlements.make_ready("order-2")

    def meanwhile(wanted: Any) -> Any:
        assert collect(world, transaction_id)[0] == 202
        return issue(wanted)

    monkeypatch.setattr(world.entitlements, "issue", meanwhile)
    assert collect(world, transaction_id)[0] == 200
    assert len(world.entitlements.wanted) == 1


def test_what_is_delivered_while_a_request_looks_is_delivered_once(
    world: CredentialWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    transaction_id, change = promised(world), world.state.change
    world.entitlements.make_ready("order-2")

    def late(*args: Any, **more: Any) -> Any:
        monkeypatch.setattr(world.state, "change", change)
        assert collect(world, transaction_id)[0] == 200
        return change(*args, **more)

    monkeypatch.setattr(world.state, "change", late)
    with pytest.raises(InvalidTransactionId, match="has been delivered"):
        collect(world, transaction_id)
    assert len(world.entitlements.wanted) == 1


def test_after_a_crash_while_it_is_issued_the_promise_holds(
    world: CredentialWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Invariant 7. For a minute another request may still be at it."""
    transaction_id = promised(world)
    world.entitlements.make_ready("order-2")

    def crash(_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(world.entitlements, "issue", crash)
        with pytest.raises(KeyboardInterrupt):
            collect(world, transaction_id)
    assert collect(world, transaction_id)[0] == 202
    world.desk.clock.move(timedelta(seconds=60))
    world.access.token = world.token(identified=True)
    assert collect(world, transaction_id)[0] == 200


def test_a_transaction_that_nobody_gave_is_refused(world: CredentialWorld) -> None:
    """4.10.2 Unknown id: 400 invalid_transaction_id."""
    with pytest.raises(InvalidTransactionId, match="no such transaction"):
        collect(world, "unknown")


def test_another_authorizations_transaction_is_refused(world: CredentialWorld) -> None:
    """4.10.2 The token's binding is that of the first request."""
    transaction_id = promised(world)
    world.access.token = world.token(family="family-2")
    with pytest.raises(InvalidTransactionId, match="no such transaction"):
        collect(world, transaction_id)


def test_a_transaction_ends_after_a_month(world: CredentialWorld) -> None:
    transaction_id = promised(world)
    world.desk.clock.move(timedelta(days=30))
    with pytest.raises(InvalidTransactionId, match="no such transaction"):
        collect(world, transaction_id)


@pytest.mark.parametrize("members", [{}, {"transaction_id": 7}, {"transaction_id": None}])
def test_a_request_without_a_transaction_is_malformed(world: CredentialWorld, members: Any) -> None:
    """4.10.2 Other errors as of the credential endpoint."""
    with pytest.raises(InvalidCredentialRequest):
        world.call("deferred_credential", members)


def test_an_encrypted_answer_that_is_not_offered_is_refused(world: CredentialWorld) -> None:
    """4.9.3 and 4.9.4 A deferred request has a credential_response_encryption of its own."""
    with pytest.raises(InvalidEncryptionParameters):
        collect(world, promised(world), credential_response_encryption={"jwk": {}, "enc": "A128GCM"})


def test_an_order_that_was_withdrawn_is_denied(world: CredentialWorld) -> None:
    """4.10.2 credential_request_denied, as often as the wallet asks (VCI 9.3)."""
    transaction_id = promised(world)
    world.entitlements.orders.clear()
    for _ in range(2):
        with pytest.raises(CredentialRequestDenied):
            collect(world, transaction_id)


def test_an_order_that_has_not_become_another_is_looked_for_among_all(world: CredentialWorld) -> None:
    transaction_id = promised(world)
    world.entitlements.add("order-3", world.order)
    assert collect(world, transaction_id)[0] == 202


def test_where_issuing_fails_the_transaction_stays(world: CredentialWorld) -> None:
    """4.10.2 The id is invalid after delivery, and not before."""
    transaction_id = promised(world)
    world.entitlements.make_ready("order-2")
    world.entitlements.failing = StatusListFull("no list has an index left")
    with pytest.raises(StatusListFull):
        collect(world, transaction_id)
    assert world.state.get(Kind.TRANSACTION, transaction_id, now=world.desk.clock()) is not None
    world.entitlements.failing = None
    assert collect(world, transaction_id)[0] == 200
