"""The verify API of an installation, joined: relying parties, OpenID4VP, records, receipts, webhooks."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from ecert.access import Actor
from ecert.errors import NotPermitted
from ecert.openid4vp import OpenId4Vp, openid4vp_services
from ecert.parties.access import AskingParties, party_registry
from ecert.wiring import Container
from verifier.api import receipts
from verifier.api.expiry import Expiry
from verifier.api.in_hand import InHand
from verifier.api.model import Verification
from verifier.api.routes import Services
from verifier.api.service import Listener, Parts, Verifications
from verifier.openid4vp.ports import EvidenceNow
from verifier.parties.model import Access

_new_id = partial(secrets.token_hex, 16)


@dataclass(frozen=True, slots=True)
class VerifyApi:
    """What the routes need, and the verifier of OpenID4VP that tells the API how transactions end."""

    services: Services
    in_hand: InHand
    openid4vp: OpenId4Vp


def verify_api(container: Container, *, testing: EvidenceNow | None = None) -> VerifyApi:
    """Return the verify API over ``container``; ``testing`` is what the test environment knows (``ecert.testmode``)."""
    storage, registry = container.storage, party_registry(container)
    told = Listener(storage.verifications)
    vp = openid4vp_services(container, parties=AskingParties(container), told=told, testing=testing)
    parts = Parts(registry, vp.requests, storage.verifications, container.clock, secrets.token_bytes)
    services = Services(
        verifications=Verifications(parts),
        webhooks=storage.webhooks,
        answer=vp.answers.answer,
        receipt=receipt_of(container),
        access_of=access_of,
        clock=container.clock,
        random=secrets.token_bytes,
        new_id=_new_id,
        public_url=container.installation.public_url,
    )
    in_hand = InHand(registry, storage.verifications, clock=container.clock, random=secrets.token_bytes)
    return VerifyApi(services, in_hand, vp)


def expiry_of(container: Container) -> Expiry:
    """Return what ends the verifications whose time is over."""
    records = container.storage.verifications
    return Expiry(records, container.storage.protocol, Listener(records), container.clock)


def receipt_of(container: Container) -> Callable[[Verification], str]:
    """Return what signs receipts: the trust anchor, which every verifier has pinned (docs/adr/0026)."""
    installation = container.installation

    def signed(verification: Verification) -> str:
        return receipts.sign(
            verification, installation.anchor_signer, issuer=installation.public_url, now=container.clock()
        )

    return signed


def access_of(actor: Any) -> Access:
    """Return the relying party behind an actor; raises NotPermitted for a token that is no relying party's own."""
    if not isinstance(actor, Actor) or actor.access is None:
        raise NotPermitted("token is no relying party's own: use one of its API keys or access tokens")
    return actor.access
