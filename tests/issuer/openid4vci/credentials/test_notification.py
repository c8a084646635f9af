"""The notification endpoint."""

from datetime import timedelta
from typing import Any

import pytest

from issuer.openid4vci.answers import error_answer
from issuer.openid4vci.credentials.ports import Delivered, Event
from issuer.openid4vci.errors import InvalidNotificationId, InvalidNotificationRequest
from keys import strict_json
from keys.signer import SoftwareSigner
from tests.support.credential_world import CredentialWorld


def given(world: CredentialWorld) -> str:
    """Return the notification id of an answer with two credentials."""
    proofs = world.proofs(SoftwareSigner.generate(), SoftwareSigner.generate())
    return str(world.credential(proofs=proofs)[1]["notification_id"])


def tell(world: CredentialWorld, notification_id: Any, event: Any = "credential_accepted", **members: Any) -> int:
    body = {"notification_id": notification_id, "event": event} | members
    return world.call("notification", {name: value for name, value in body.items() if value is not ...})[0]


def test_an_accepted_answer_is_heard_with_its_credentials(world: CredentialWorld) -> None:
    """4.10.3 204; unknown members are ignored."""
    notification_id = given(world)
    assert tell(world, notification_id, x_unknown=[1]) == 204
    identifier = world.entitlements.certificates["order-1"]
    kept = world.desk.ledger.certificate(identifier).credentials
    ids = tuple(each.credential_id for each in kept)
    assert world.notified.heard == [(Delivered(identifier, ids), Event.ACCEPTED)]


@pytest.mark.parametrize("event", ["credential_accepted", "credential_failure", "credential_deleted"])
def test_every_event_is_taken(world: CredentialWorld, event: str) -> None:
    """4.10.3 The three events, with a description."""
    assert tell(world, given(world), event, event_description="Out of storage.") == 204
    assert [heard for _, heard in world.notified.heard] == [event]


def test_a_notification_may_be_repeated(world: CredentialWorld) -> None:
    """4.10.3 Idempotent."""
    notification_id = given(world)
    assert [tell(world, notification_id) for _ in range(2)] == [204, 204]
    assert tell(world, notification_id, "credential_deleted") == 204


def test_a_credential_without_a_notification_is_as_good(world: CredentialWorld) -> None:
    """2.6 A wallet that never notifies."""
    given(world)
    assert not world.notified.heard
    assert world.credential()[0] == 200


@pytest.mark.parametrize(
    "members",
    [
        {"notification_id": ...},
        {"notification_id": 7},
        {"event": ...},
        {"event": "accepted"},
        {"event": "Credential_accepted"},
        {"event": ["credential_accepted"]},
        {"event_description": 7},
        {"event_description": 'a "quoted" word'},
        {"event_description": "存不下"},
        {"event_description": "x" * 1001},
    ],
)
def test_a_malformed_notification_is_refused(world: CredentialWorld, members: dict[str, Any]) -> None:
    """4.10.3 Missing or illegal members: 400 invalid_notification_request."""
    with pytest.raises(InvalidNotificationRequest) as refused:
        tell(world, **({"notification_id": given(world)} | members))
    answer = error_answer(refused.value)
    assert (answer.status, strict_json.loads_object(answer.body)["error"]) == (400, "invalid_notification_request")
    assert not world.notified.heard


@pytest.mark.parametrize(
    ("body", "content_type"),
    [(b"[]", "application/json"), (b'{"event":1,"event":2}', "application/json"), (b"{}", "text/plain")],
)
def test_a_body_that_is_no_json_object_is_refused(world: CredentialWorld, body: bytes, content_type: str) -> None:
    """4.10.3 invalid_notification_request: malformed, or a parameter twice."""
    with pytest.raises(InvalidNotificationRequest):
        world.call("notification", body, content_type=content_type)


def test_an_id_that_nobody_gave_is_refused(world: CredentialWorld) -> None:
    """4.10.3 Unknown id: 400 invalid_notification_id."""
    with pytest.raises(InvalidNotificationId) as refused:
        tell(world, "unknown")
    answer = error_answer(refused.value)
    assert (answer.status, strict_json.loads_object(answer.body)["error"]) == (400, "invalid_notification_id")


def test_another_authorizations_id_is_refused(world: CredentialWorld) -> None:
    """4.10.3 A token tells of its own credentials alone."""
    notification_id = given(world)
    world.access.token = world.token(family="family-2")
    with pytest.raises(InvalidNotificationId):
        tell(world, notification_id)


def test_an_id_ends_after_a_month(world: CredentialWorld) -> None:
    notification_id = given(world)
    world.desk.clock.move(timedelta(days=30))
    with pytest.raises(InvalidNotificationId):
        tell(world, notification_id)
