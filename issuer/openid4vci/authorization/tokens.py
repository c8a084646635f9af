"""Access and refresh tokens: opaque, random, kept in the protocol state; and the token response that hands them out.

An access token lives for ten minutes and is bound to a DPoP key. A refresh token lives for 90 days after its last use
(a certificate lives for a year, and a wallet fetches it again shortly before), is not rotated (FAPI 2.0 Security
Profile, 5.3.2.1) and is bound to the client and its instance's key, not to a DPoP key. The tokens of one authorization
are a family and can be ended together.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from issuer.openid4vci.authorization.details import TYPE
from issuer.openid4vci.authorization.policy import Policy
from issuer.openid4vci.configuration import configuration, types_of
from issuer.openid4vci.errors import InvalidGrant
from issuer.openid4vci.grants import Grant, Kind, TokenGrant
from issuer.openid4vci.nonces import Random
from issuer.openid4vci.ports import Among, Entitlement, Entitlements, ProtocolState
from keys.encoding import b64url_text

_BYTES = 32


@dataclass(frozen=True, slots=True)
class TokenBook:
    """The tokens of every department."""

    state: ProtocolState
    entitlements: Entitlements
    policy: Policy
    random: Random

    def respond(self, grant: TokenGrant, *, refreshable: bool, now: datetime) -> dict[str, Any]:
        """Keep new tokens for ``grant`` and return the token response (RFC 6749, 5.1; OpenID4VCI 1.0, 6.2).

        Raises:
            InvalidGrant: identifiers were asked for, and nothing waits for the holder any more.
        """
        details = self._details(grant.grant)
        if details:
            # The identifiers that are named now stay the same for as long as the tokens of this family live.
            grant = replace(grant, grant=replace(grant.grant, order_ids=_orders_in(details)))
        response: dict[str, Any] = {
            "access_token": self._keep(Kind.ACCESS_TOKEN, grant, now),
            "token_type": "DPoP",
            "expires_in": int(self.policy.access_life.total_seconds()),
        }
        if refreshable:
            response["refresh_token"] = self._keep(Kind.REFRESH_TOKEN, replace(grant, jkt=None), now)
        if details:
            return response | {"authorization_details": details}
        return response | {"scope": " ".join(grant.grant.configuration_ids)}

    def refresh_grant(self, token: str, *, now: datetime) -> TokenGrant:
        """Return what a refresh token stands for; raises InvalidGrant when it is unknown, ended or too old."""
        found = self.state.get(Kind.REFRESH_TOKEN, token, now=now)
        if found is None:
            raise InvalidGrant("refresh token is unknown, was ended or has expired")
        return TokenGrant.of(found)

    def used(self, token: str, family: str, *, now: datetime) -> None:
        """Let a refresh token live on from its use, once new tokens of its family are kept.

        Raises:
            InvalidGrant: it was ended meanwhile; so are the new tokens, then.
        """
        if not self.state.prolong(Kind.REFRESH_TOKEN, token, expires_at=now + self.policy.refresh_life, now=now):
            self.end_family(family)
            raise InvalidGrant("refresh token is unknown, was ended or has expired")

    def new_family(self) -> str:
        """Return the name of a family of tokens that nobody knows."""
        return f"family {b64url_text(self.random(_BYTES))}"

    def end_family(self, family: str) -> int:
        """End every token of a family and return how many there were."""
        return self.state.remove_group(family)

    def _keep(self, kind: Kind, grant: TokenGrant, now: datetime) -> str:
        token = b64url_text(self.random(_BYTES))
        life = self.policy.access_life if kind is Kind.ACCESS_TOKEN else self.policy.refresh_life
        self.state.put(kind, token, grant.document(), expires_at=now + life, group=grant.family)
        return token

    def _details(self, grant: Grant) -> list[dict[str, Any]]:
        if not grant.identified:
            return []
        among = Among(types_of(grant.configuration_ids), grant.order_ids)
        waiting = self.entitlements.of(grant.holder_id, department=grant.department, among=among)
        reached = [one for one in waiting if not grant.order_ids or one.order_id in grant.order_ids]
        found = [_detail(grant.department, name, reached) for name in grant.configuration_ids]
        details = [detail for detail in found if detail["credential_identifiers"]]
        if not details:
            raise InvalidGrant("nothing waits for the holder any more")
        return details


def _detail(department: str, name: str, reached: Sequence[Entitlement]) -> dict[str, Any]:
    wanted = configuration(department, name)
    ids = [credential_identifier(one.order_id, wanted.format) for one in reached if one.type_id == wanted.type.id]
    return {"type": TYPE, "credential_configuration_id": name, "credential_identifiers": ids}


def credential_identifier(order_id: str, form: str) -> str:
    """Return the identifier of what an order gives in a format; it is the same whenever it is asked for."""
    return f"{order_id}.{form}"


def _orders_in(details: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    named = (identifier for detail in details for identifier in detail["credential_identifiers"])
    return tuple(dict.fromkeys(identifier.rpartition(".")[0] for identifier in named))
