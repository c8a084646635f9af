"""Credential, deferred credential and notification requests (OpenID4VCI 1.0, 8, 9 and 11)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from keys import strict_json
from wallet_api.openid4vci.client import Client, Instance
from wallet_api.openid4vci.discovery import IssuerMetadata
from wallet_api.openid4vci.errors import CredentialRequestRefused, CredentialResponseInvalid, ReceiveError, error_word
from wallet_api.openid4vci.sources import Access, Asked
from wallet_api.openid4vci.web import Answer

ACCEPTED = "credential_accepted"
FAILURE = "credential_failure"
MAX_CREDENTIAL = 262_144  # characters; a certificate with a portrait of 20 kB stays under a quarter of it
_MAX_ID = 2_048
_SOONEST, _LATEST = 1, 86_400 * 7  # seconds of ``interval``


@dataclass(frozen=True, slots=True)
class Issued:
    """Credentials as they came, JSON documents as their text; ``notification_id`` to answer with."""

    tokens: tuple[str, ...] = field(repr=False)
    notification_id: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Deferred:
    """The issuer asks to come again, after ``interval`` seconds."""

    transaction_id: str = field(repr=False)
    interval: int


class CredentialEndpoints:
    """The protected endpoints of one credential issuer, asked with one access token."""

    __slots__ = ("_access", "_client", "_instance", "_metadata")

    def __init__(self, client: Client, metadata: IssuerMetadata, access: Access, instance: Instance) -> None:
        self._client = client
        self._metadata = metadata
        self._access = access
        self._instance = instance

    async def request(self, asked: Asked, proofs: Sequence[str]) -> Issued | Deferred:
        """Ask for credentials, one for each proof.

        Raises:
            CredentialRequestRefused: the issuer refused.
            CredentialResponseInvalid: its answer breaks 8.3.
        """
        if asked.identifier is None:
            body: dict[str, Any] = {"credential_configuration_id": asked.configuration_id}
        else:
            body = {"credential_identifier": asked.identifier}
        body["proofs"] = {"jwt": list(proofs)}
        answer = await self._post_sealed(self._metadata.credential_endpoint, body)
        return _credentials(answer, most=len(proofs))

    async def poll(self, transaction_id: str, *, most: int = 1) -> Issued | Deferred:
        """Ask for what was deferred; raises as ``request``."""
        if self._metadata.deferred_endpoint is None:
            raise CredentialResponseInvalid("issuer deferred a credential and has no deferred credential endpoint")
        answer = await self._post_sealed(self._metadata.deferred_endpoint, {"transaction_id": transaction_id})
        found = _credentials(answer, most=most)
        if isinstance(found, Deferred) and found.transaction_id != transaction_id:
            raise CredentialResponseInvalid("deferred credential response names another transaction")  # 9.2
        return found

    async def notify(self, notification_id: str | None, event: str) -> bool:
        """Tell the issuer what became of a credential (11); tell whether it heard. Nothing depends on it."""
        if notification_id is None or self._metadata.notification_endpoint is None:
            return False
        body = {"notification_id": notification_id, "event": event}
        try:
            answer = await self._post(self._metadata.notification_endpoint, body)
        except ReceiveError:
            return False
        return 200 <= answer.status < 300

    async def _post_sealed(self, url: str, body: Mapping[str, Any]) -> Answer:
        """POST what may be encrypted, as far as the issuer offers it (10); raises CredentialResponseInvalid."""
        if self._metadata.encryption is None:
            return await self._post(url, body)
        sealed = self._metadata.encryption.sealed(body)
        return sealed.opened(await self._post(url, sealed.token))

    async def _post(self, url: str, body: Mapping[str, Any] | str) -> Answer:
        return await self._client.call(url, body, access=self._access, instance=self._instance)


def _credentials(answer: Answer, *, most: int) -> Issued | Deferred:
    if answer.status not in (200, 202):
        raise CredentialRequestRefused("credential issuer refused", word=error_word(_refusal(answer)))
    members = answer.members
    if members is None:
        raise CredentialResponseInvalid("credential response is no JSON object")
    if ("credentials" in members) == ("transaction_id" in members):  # 8.3: one of them, never both
        raise CredentialResponseInvalid("credential response holds both credentials and transaction_id, or neither")
    if "transaction_id" in members:
        return _deferred(members)
    listed = members["credentials"]
    if not isinstance(listed, list) or not 0 < len(listed) <= most:
        raise CredentialResponseInvalid(f"credential response holds not from 1 to {most} credentials")
    notification_id = members.get("notification_id")
    if notification_id is not None:
        notification_id = _id(notification_id, "notification_id")
    return Issued(tuple(_token(each) for each in listed), notification_id)


def _refusal(answer: Answer) -> Any:
    # RFC 6750, 3: a refusal of the access token may stand in the header alone.
    return answer.error or ("invalid_token" if answer.status == 401 else None)


def _deferred(members: Mapping[str, Any]) -> Deferred:
    interval = members.get("interval")
    if not isinstance(interval, int | float) or isinstance(interval, bool) or interval <= 0:
        raise CredentialResponseInvalid("deferred credential response has no interval")
    return Deferred(_id(members["transaction_id"], "transaction_id"), int(min(max(interval, _SOONEST), _LATEST)))


def _token(entry: Any) -> str:
    credential = entry.get("credential") if isinstance(entry, dict) else None
    if isinstance(credential, dict):
        credential = strict_json.dumps(credential).decode()
    if not isinstance(credential, str) or not 0 < len(credential) <= MAX_CREDENTIAL:
        raise CredentialResponseInvalid(f"a credential is neither text nor object, or over {MAX_CREDENTIAL} characters")
    return credential


def _id(value: Any, name: str) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_ID:
        raise CredentialResponseInvalid(f"{name} is no text of up to {_MAX_ID} characters")
    return value
