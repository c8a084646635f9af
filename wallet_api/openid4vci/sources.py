"""Where a certificate came from: the issuer, and what is needed to ask it again. Secrets in it are kept sealed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from schemas.order import CredentialId, HolderId, Identifier


class SourceState(StrEnum):
    """What is to be done with a source."""

    ASKED = "asked"  # asked for, and nothing came yet: an answer may have been lost
    DEFERRED = "deferred"  # the issuer asked to come again (OpenID4VCI 1.0, 9)
    KEPT = "kept"  # a credential is in the wallet; it is fetched again before it ends
    OVER = "over"  # nothing more comes from it


@dataclass(frozen=True, slots=True)
class Access:
    """An access token and what came with it. ``identifiers``: credential identifiers by configuration (6.2).

    ``dpop``: it is bound to the DPoP key. ``client_id`` None is an anonymous client (6.1).
    """

    token: str = field(repr=False)
    dpop: bool
    client_id: str | None
    expires_at: datetime
    refresh_token: str | None = field(default=None, repr=False)
    identifiers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "token": self.token,
            "dpop": self.dpop,
            "client_id": self.client_id,
            "expires_at": self.expires_at.isoformat(),
            "refresh_token": self.refresh_token,
            "identifiers": {name: list(found) for name, found in self.identifiers.items()},
        }

    @staticmethod
    def of(document: Mapping[str, Any]) -> "Access":
        """Return the access that ``document()`` wrote."""
        return Access(
            document["token"],
            document["dpop"],
            document["client_id"],
            datetime.fromisoformat(document["expires_at"]),
            document["refresh_token"],
            {name: tuple(found) for name, found in document["identifiers"].items()},
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: of whom, which configuration (and credential, where the token named it), for which key."""

    holder_id: HolderId
    issuer: str
    server: str
    configuration_id: str
    identifier: str | None
    kid: str

    def document(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "holder_id": self.holder_id,
            "issuer": self.issuer,
            "server": self.server,
            "configuration_id": self.configuration_id,
            "identifier": self.identifier,
            "kid": self.kid,
        }

    @staticmethod
    def of(document: Mapping[str, Any]) -> "Asked":
        """Return what ``document()`` wrote."""
        return Asked(
            HolderId(document["holder_id"]),
            document["issuer"],
            document["server"],
            document["configuration_id"],
            document["identifier"],
            document["kid"],
        )


@dataclass(frozen=True, slots=True)
class Source:
    """One thing that was asked for, and how it stands. ``reason``: why nothing came, or nothing more will."""

    source_id: str
    asked: Asked
    state: SourceState
    access: Access
    due_at: datetime
    changed_at: datetime
    credential_id: CredentialId | None = None
    certificate: Identifier | None = field(default=None, repr=False)
    transaction_id: str | None = field(default=None, repr=False)
    reason: str | None = None

    def content(self) -> dict[str, Any]:
        """Return as JSON what is kept sealed: all but id, holder, state and times."""
        return {
            "asked": self.asked.document(),
            "access": self.access.document(),
            "credential_id": self.credential_id,
            "certificate": self.certificate,
            "transaction_id": self.transaction_id,
            "reason": self.reason,
        }

    @staticmethod
    def of(
        source_id: str, state: str, content: Mapping[str, Any], *, due_at: datetime, changed_at: datetime
    ) -> "Source":
        """Return the source of a ``content()`` and what stood beside it."""
        credential_id, certificate = content["credential_id"], content["certificate"]
        return Source(
            source_id,
            Asked.of(content["asked"]),
            SourceState(state),
            Access.of(content["access"]),
            due_at,
            changed_at,
            None if credential_id is None else CredentialId(credential_id),
            None if certificate is None else Identifier(certificate),
            content["transaction_id"],
            content["reason"],
        )
