"""What the credential endpoints need from outside, beside ``issuer.openid4vci.ports``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from keys.public import PublicKey
from schemas.order import CredentialId, Identifier


class Attesters(Protocol):
    """Who may say how a wallet keeps its keys: wallet providers and key storage that this installation trusts."""

    def key_of(self, iss: str | None, x5c: Sequence[bytes], *, kid: str | None, now: datetime) -> PublicKey:
        """Return the key that signs an attester's statements; what names it stands in the statement, unverified.

        Raises:
            KeysError: no attester is named whom this installation trusts, or its chain leads to no anchor.
        """


class Event(StrEnum):
    """What a wallet says of credentials that it was given (OpenID4VCI 1.0, 11.1)."""

    ACCEPTED = "credential_accepted"
    FAILURE = "credential_failure"
    DELETED = "credential_deleted"


@dataclass(frozen=True, slots=True)
class Delivered:
    """The credentials of one answer: of which certificate, and which."""

    identifier: Identifier
    credential_ids: tuple[CredentialId, ...]


class Notified(Protocol):
    """Who hears what wallets say."""

    def notified(self, delivered: Delivered, event: Event, *, now: datetime) -> None:
        """Record what became of credentials; a repeated call changes nothing, a later event stands beside the first.

        ``ACCEPTED`` is the mark that they arrived. Nothing is revoked because of the others.
        """


@dataclass(frozen=True, slots=True)
class ResponseEncryption:
    """``credential_response_encryption`` of a request (8.2): the wallet's key, the ``enc``, and ``zip`` or none."""

    jwk: Mapping[str, Any]
    enc: str
    zip: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """The body of an answer with its media type."""

    media_type: str
    body: bytes


class Messages(Protocol):
    """Reading requests and writing answers of the credential and deferred credential endpoints (10)."""

    def metadata(self, department: str) -> Mapping[str, Any]:
        """Return ``credential_request_encryption`` and ``credential_response_encryption``, or neither."""

    def read_request(
        self, content_type: str | None, body: bytes, *, department: str
    ) -> tuple[dict[str, Any], ResponseEncryption | None]:
        """Return the members of a request, and how its answer is to be encrypted.

        Raises:
            InvalidEncryptionParameters: the request cannot be decrypted, is not encrypted and must be, or asks for an
                answer encrypted in a way that is not offered.
            InvalidCredentialRequest: no JSON object, a member twice, another media type.
        """

    def write_response(self, members: Mapping[str, Any], encryption: ResponseEncryption | None) -> Message:
        """Return an answer, encrypted when the request asked for it."""


class SignsMetadata(Protocol):
    """Signed metadata (12.2.3)."""

    def signed(self, metadata: Mapping[str, Any], *, department: str, now: datetime) -> str:
        """Return the metadata as a JWT by the department's key."""
