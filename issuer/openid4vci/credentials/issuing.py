"""The credential endpoint (OpenID4VCI 1.0, 8): from a request that may be made to credentials, or to a promise of them.

The order of the checks decides which error a wallet gets (8.3.1.2):

1. the ids: unknown ones first, whatever else is wrong
2. the key proofs
3. their nonces
4. whether anything is there to be had

Then the nonces are spent, once for the request, and the credentials are issued, or the request is kept until they can
be (9).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from issuer.openid4vci.configuration import configuration, types_of
from issuer.openid4vci.credentials.key_attestation import Expected
from issuer.openid4vci.credentials.nonces import ProofNonces
from issuer.openid4vci.credentials.policy import AttestationPolicies
from issuer.openid4vci.credentials.ports import Attesters
from issuer.openid4vci.credentials.proofs import prove
from issuer.openid4vci.credentials.request import choose
from issuer.openid4vci.errors import CredentialRequestDenied
from issuer.openid4vci.grants import Kind, TokenGrant
from issuer.openid4vci.nonces import Random
from issuer.openid4vci.ports import Among, Entitlements, ProtocolState, Wanted
from keys import strict_json
from keys.encoding import b64url_text
from keys.public import PublicKey
from schemas.order import CredentialFormat, HolderId, IssuedCredential

INTERVAL = 5
"""Seconds that a wallet waits before it asks again for a deferred credential."""
KEPT = timedelta(days=30)
"""How long a deferred request, and the id of a notification, is known."""
_ID = 24  # bytes


@dataclass(frozen=True, slots=True)
class Result:
    """The members of an answer and its HTTP status."""

    members: Mapping[str, Any]
    status: int = 200


@dataclass(frozen=True, slots=True)
class Call:
    """A request that the access token lets through: to which credential issuer, with which token, when."""

    issuer: str
    token: TokenGrant
    now: datetime


@dataclass(frozen=True, slots=True)
class Counter:
    """Where credentials are handed out."""

    entitlements: Entitlements
    state: ProtocolState
    random: Random

    def hand_over(self, wanted: Wanted, call: Call) -> Result:
        """Return the answer with new credentials; raises as ``Entitlements.issue``."""
        issued = self.entitlements.issue(wanted)
        notification_id = self.new_id()
        delivered = {
            "family": call.token.family,
            "identifier": issued[0].identifier,
            "credential_ids": [each.credential_id for each in issued],
        }
        self.keep(Kind.NOTIFICATION, notification_id, delivered, call)
        credentials = [{"credential": _value(each)} for each in issued]
        return Result({"credentials": credentials, "notification_id": notification_id})

    def keep(self, kind: Kind, key: str, value: Mapping[str, Any], call: Call) -> None:
        """Keep a value for the token's family, and no longer than the family."""
        self.state.put(kind, key, value, expires_at=call.now + KEPT, group=call.token.family)

    def new_id(self) -> str:
        """Return an id that nobody guesses."""
        return b64url_text(self.random(_ID))


@dataclass(frozen=True, slots=True)
class CredentialEndpoint:
    """The use case of the credential endpoint."""

    counter: Counter
    nonces: ProofNonces
    attesters: Attesters
    policies: AttestationPolicies

    def answer(self, members: Mapping[str, Any], call: Call) -> Result:
        """Return the credentials of a request (200), or the transaction that stands for them (202).

        Raises:
            InvalidCredentialRequest, UnknownCredentialConfiguration, UnknownCredentialIdentifier, InsufficientScope:
                as ``request.choose``.
            InvalidProof, InvalidNonce: as ``proofs.prove`` and ``ProofNonces``.
            CredentialRequestDenied: nothing waits for the holder.
        """
        grant = call.token.grant
        among = Among(types_of(grant.configuration_ids), grant.order_ids)
        held = self.counter.entitlements.of(grant.holder_id, department=grant.department, among=among)
        chosen = choose(members, grant, held)
        proven = prove(members.get("proofs"), self._expected(chosen.configuration.type.id, call))
        self.nonces.check(proven.nonces, issuer=call.issuer, now=call.now)
        if chosen.entitlement is None:
            raise CredentialRequestDenied("nothing waits for the holder in this credential configuration")
        self.nonces.spend(proven.nonces, now=call.now)
        wanted = Wanted(chosen.entitlement.order_id, grant.holder_id, chosen.configuration, proven.keys)
        if not chosen.entitlement.ready:
            return self._defer(wanted, call)
        return self.counter.hand_over(wanted, call)

    def _expected(self, type_id: Any, call: Call) -> Expected:
        policy = self.policies.of(type_id)
        return Expected(call.issuer, call.token.client_id, policy, self.attesters, call.now)

    def _defer(self, wanted: Wanted, call: Call) -> Result:
        transaction_id = self.counter.new_id()
        self.counter.keep(Kind.TRANSACTION, transaction_id, kept(wanted, call.token), call)
        return pending(transaction_id)


def pending(transaction_id: str) -> Result:
    """Return the answer that credentials cannot be issued yet (8.3, 9.2)."""
    return Result({"transaction_id": transaction_id, "interval": INTERVAL}, 202)


def kept(wanted: Wanted, token: TokenGrant) -> dict[str, Any]:
    """Return what is kept of a deferred request."""
    return {
        "family": token.family,
        "order_id": wanted.order_id,
        "holder_id": wanted.holder_id,
        "department": token.grant.department,
        "configuration_id": wanted.configuration.id,
        "keys": [dict(key.jwk) for key in wanted.keys],
    }


def wanted_of(transaction: Mapping[str, Any]) -> Wanted:
    """Return what ``kept`` kept."""
    return Wanted(
        transaction["order_id"],
        HolderId(transaction["holder_id"]),
        configuration(transaction["department"], transaction["configuration_id"]),
        tuple(PublicKey.from_jwk(jwk) for jwk in transaction["keys"]),
    )


def _value(credential: IssuedCredential) -> Any:
    # A.1.2.4: an object; the other formats are texts (A.1.1.4, A.3.4).
    if credential.format is CredentialFormat.LDP_VC:
        return strict_json.loads_object(credential.token.encode())
    return credential.token
