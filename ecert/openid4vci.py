"""The credential issuers of an installation, joined: authorization servers, their fronts, the credential endpoints, the
departments' desks. Built once from the container; the application mounts it, the commands use its desks.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

from ecert import pages
from ecert.http.metrics import Metrics
from ecert.identity.proofing import identity_proofing
from ecert.wiring import Container
from issuer.openid4vci.authorization.front.services import FrontPorts, FrontServices, front_services
from issuer.openid4vci.authorization.ports import AttestedClient, Attester
from issuer.openid4vci.authorization.services import AuthorizationPorts, TokenServices, authorization_services
from issuer.openid4vci.credentials.attesters import KnownAttesters
from issuer.openid4vci.credentials.encryption import EncryptedMessages
from issuer.openid4vci.credentials.ports import Delivered, Event
from issuer.openid4vci.credentials.services import (
    CredentialOptions,
    CredentialPorts,
    CredentialServices,
    credential_services,
)
from issuer.openid4vci.credentials.signed_metadata import SignedMetadata
from issuer.openid4vci.ports import IdentityProofing
from wallet_api.openid4vci.attestation import WalletProvider


@dataclass(frozen=True, slots=True)
class CredentialIssuers:
    """The protocol servers of all departments."""

    authorization: TokenServices
    front: FrontServices
    credentials: CredentialServices


def credential_issuers(container: Container, *, proofing: IdentityProofing | None = None) -> CredentialIssuers:
    """Return the servers over ``container``; ``proofing`` stands in for the provider that the settings name."""
    installation, storage = container.installation, container.storage
    own = own_attester(container.wallet_provider)
    known = container.settings.authorization.known(attesters=(own,))
    ports = AuthorizationPorts(
        state=storage.protocol,
        limits=storage.rate_limits,
        entitlements=container.entitlements,
        known=known,
        issuer_uri=installation.issuer_uri,
        secret=installation.keys.secret("authorization"),
    )
    server = authorization_services(
        ports, policy=container.settings.authorization.policy, clock=container.clock, random=secrets.token_bytes
    )
    outside = FrontPorts(
        proofing=proofing or _proofing(container),
        holders=storage.directory,
        render=pages.render,
        public_url=installation.public_url,
    )
    front = front_services(ports, server, outside, random=secrets.token_bytes)
    return CredentialIssuers(server, front, _credentials(container, server, own))


def own_attester(provider: WalletProvider) -> Attester:
    """Return this installation's wallet server as an attester: it vouches for its own client and no other."""
    client = AttestedClient(provider.client_id)
    return Attester(provider.issuer, keys=(provider.signer.public_key,), clients=(client,))


def _proofing(container: Container) -> IdentityProofing:
    return identity_proofing(container.settings.identity, clock=container.clock, randomness=secrets.token_bytes)


def _credentials(container: Container, server: TokenServices, own: Attester) -> CredentialServices:
    keys, settings = container.installation.keys, container.settings.authorization
    ports = CredentialPorts(
        access=server.access,
        entitlements=container.entitlements,
        state=container.storage.protocol,
        limits=container.storage.rate_limits,
        keys=container.trust,
        clock=container.clock,
    )
    options = CredentialOptions(
        nonce_key=keys.secret("credential-nonces"),
        attesters=KnownAttesters((own, *settings.attesters.entries.values())),
        notified=Notifications(container.metrics),
        suite_for=container.issuer.profile.suite_for,
        policies=container.settings.key_attestations,
        messages=EncryptedMessages(keys.secret("credential-requests")),
        signs=SignedMetadata(container.trust),
        dpop_nonces=server.dpop.nonces,
    )
    return credential_services(ports, options)


class Notifications:
    """What wallets say of the credentials that they fetched (``credentials.ports.Notified``): counted, by event.

    A fetched credential counts as delivered when it has been sent; nothing is revoked because a wallet deleted it.
    """

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def notified(self, delivered: Delivered, event: Event, *, now: datetime) -> None:
        """Count the event."""
        del delivered, now
        self._metrics.notified(event.value)
