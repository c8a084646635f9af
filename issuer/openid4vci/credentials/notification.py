"""The notification endpoint (OpenID4VCI 1.0, 11): what a wallet says of the credentials of one answer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from issuer.openid4vci.credentials.issuing import Call
from issuer.openid4vci.credentials.messages import json_members
from issuer.openid4vci.credentials.ports import Delivered, Event, Notified
from issuer.openid4vci.errors import CredentialError, InvalidNotificationId, InvalidNotificationRequest
from issuer.openid4vci.grants import Kind
from issuer.openid4vci.ports import ProtocolState

_DESCRIPTION = re.compile(r"[\x20\x21\x23-\x5b\x5d-\x7e]{0,1000}")  # 11.1


@dataclass(frozen=True, slots=True)
class NotificationEndpoint:
    """The use case of the notification endpoint."""

    state: ProtocolState
    notified: Notified

    def answer(self, members: Mapping[str, Any], call: Call) -> None:
        """Record an event. A repeated notification is answered as the first (11); a description is read by nobody.

        Raises:
            InvalidNotificationRequest: ``notification_id`` or ``event`` is missing or of no such value, or
                ``event_description`` is no ASCII text.
            InvalidNotificationId: the token was given no such id.
        """
        notification_id, event = members.get("notification_id"), members.get("event")
        if type(notification_id) is not str:
            raise InvalidNotificationRequest("notification_id is missing or no text")
        if event not in list(Event):
            raise InvalidNotificationRequest("event is missing or none of OpenID4VCI 1.0, 11.1")
        description = members.get("event_description", "")
        if type(description) is not str or not _DESCRIPTION.fullmatch(description):
            raise InvalidNotificationRequest("event_description is no ASCII text of 1000 characters at most")
        found = self.state.get(Kind.NOTIFICATION, notification_id, now=call.now)
        if found is None or found["family"] != call.token.family:
            raise InvalidNotificationId("no such notification id")
        delivered = Delivered(found["identifier"], tuple(found["credential_ids"]))
        self.notified.notified(delivered, Event(event), now=call.now)


def read_notification(content_type: str | None, body: bytes) -> dict[str, Any]:
    """Return the members of a notification; raises InvalidNotificationRequest for what is no JSON object."""
    try:
        return json_members(content_type, body)
    except CredentialError as exc:
        raise InvalidNotificationRequest(str(exc)) from None
