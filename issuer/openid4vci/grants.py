"""What codes and tokens stand for. Each is a value that goes into the protocol state as JSON and comes back equal."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from schemas.order import HolderId


class Kind(StrEnum):
    """The kinds of protocol state; each has keys of its own."""

    PUSHED_REQUEST = "pushed_request"  # request_uri -> PAR parameters
    LOGIN = "login"  # browser session of the authorization endpoint
    CODE = "code"  # authorization code -> CodeGrant
    PRE_AUTHORIZED_CODE = "pre_authorized_code"  # -> PreAuthorizedGrant
    ISSUER_STATE = "issuer_state"  # of an offer -> Grant, GROUP
    OFFER = "offer"  # id of an offer by reference -> its JSON
    ACCESS_TOKEN = "access_token"  # noqa: S105 - a kind; -> TokenGrant
    REFRESH_TOKEN = "refresh_token"  # noqa: S105 - a kind; -> TokenGrant
    NONCE_SPENT = "nonce_spent"  # c_nonce values that were used
    JTI = "jti"  # of DPoP proofs, client assertions and attestation proofs that were used
    TRANSACTION = "transaction"  # deferred issuance
    NOTIFICATION = "notification"  # notification ids


GROUP = "group"
"""The member of an offer's values that names the group they are in: the use of one grant ends the others."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a holder may fetch from a department.

    ``order_ids`` are the orders that it reaches (``issuer.orders``), none meaning every one that waits for the holder;
    ``identified``: ``authorization_details`` were asked for, so the token response names credential identifiers
    (OpenID4VCI 1.0, 6.2).
    """

    department: str
    holder_id: HolderId
    configuration_ids: tuple[str, ...]
    order_ids: tuple[str, ...] = ()
    identified: bool = False

    def document(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "department": self.department,
            "holder_id": self.holder_id,
            "configuration_ids": list(self.configuration_ids),
            "order_ids": list(self.order_ids),
            "identified": self.identified,
        }

    @staticmethod
    def of(document: Mapping[str, Any]) -> "Grant":
        """Return the grant that ``document()`` wrote."""
        return Grant(
            document["department"],
            HolderId(document["holder_id"]),
            tuple(document["configuration_ids"]),
            tuple(document["order_ids"]),
            document["identified"],
        )


@dataclass(frozen=True, slots=True)
class CodeGrant:
    """What an authorization code stands for: the grant, and what the token request must match (RFC 6749, 4.1.3;
    RFC 7636; RFC 9449, 10)."""

    grant: Grant
    client_id: str
    redirect_uri: str
    code_challenge: str
    dpop_jkt: str | None = None

    def document(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "grant": self.grant.document(),
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "code_challenge": self.code_challenge,
            "dpop_jkt": self.dpop_jkt,
        }

    @staticmethod
    def of(document: Mapping[str, Any]) -> "CodeGrant":
        """Return the grant that ``document()`` wrote."""
        return CodeGrant(
            Grant.of(document["grant"]),
            document["client_id"],
            document["redirect_uri"],
            document["code_challenge"],
            document["dpop_jkt"],
        )


@dataclass(frozen=True, slots=True)
class TxCode:
    """The transaction code that goes with a pre-authorized code (OpenID4VCI 1.0, 4.1.1): its form, and a salted
    SHA-256 (base64url) of ``salt`` and the code in UTF-8."""

    input_mode: str
    length: int
    salt: str
    digest: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PreAuthorizedGrant:
    """What a pre-authorized code stands for. ``tries`` counts wrong transaction codes; its use ends its ``group``."""

    grant: Grant
    tx_code: TxCode | None = None
    tries: int = 0
    group: str = ""

    def document(self) -> dict[str, Any]:
        """Return it as JSON."""
        code = self.tx_code
        return {
            "grant": self.grant.document(),
            "tx_code": None if code is None else [code.input_mode, code.length, code.salt, code.digest],
            "tries": self.tries,
            GROUP: self.group,
        }

    @staticmethod
    def of(document: Mapping[str, Any]) -> "PreAuthorizedGrant":
        """Return the grant that ``document()`` wrote."""
        code = document["tx_code"]
        return PreAuthorizedGrant(
            Grant.of(document["grant"]),
            None if code is None else TxCode(*code),
            document["tries"],
            document.get(GROUP, ""),
        )


@dataclass(frozen=True, slots=True)
class TokenGrant:
    """What an access or refresh token stands for.

    ``client_id`` None is an anonymous client (OpenID4VCI 1.0, 6.1). ``jkt`` is the thumbprint of the DPoP key that an
    access token is bound to; ``instance_kid`` that of the client instance's key, to which a refresh token is bound.
    ``family`` joins the tokens of one authorization, so that a code used twice ends all of them.
    """

    grant: Grant
    client_id: str | None
    family: str
    jkt: str | None = None
    instance_kid: str | None = None

    def document(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "grant": self.grant.document(),
            "client_id": self.client_id,
            "family": self.family,
            "jkt": self.jkt,
            "instance_kid": self.instance_kid,
        }

    @staticmethod
    def of(document: Mapping[str, Any]) -> "TokenGrant":
        """Return the grant that ``document()`` wrote."""
        return TokenGrant(
            Grant.of(document["grant"]),
            document["client_id"],
            document["family"],
            document["jkt"],
            document["instance_kid"],
        )
