"""The verifier of OpenID4VP of an installation, joined: requests, answers, and the two endpoints.

``parties`` says who may ask and for what; ``told`` hears how transactions end (the verify API's records).
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ecert import pages
from ecert.request_keys import RequestKeys
from ecert.wiring import Container
from keys.signer import Signer
from schemas.dcql import Query
from schemas.openid4vp.client_id import ClientId
from schemas.openid4vp.registration import Registration, attest
from verifier.openid4vp.answers import AnswerParts, Answers
from verifier.openid4vp.endpoint import Endpoint
from verifier.openid4vp.ports import EvidenceNow, Parties, Told
from verifier.openid4vp.requests import RequestParts, Requests
from verifier.openid4vp.routes import Services
from verifier.openid4vp.transactions import Transaction
from verifier.purposes.model import Purpose, RelyingParty


@dataclass(frozen=True, slots=True)
class OpenId4Vp:
    """The use cases, and what the routes need."""

    requests: Requests
    answers: Answers
    routes: Services


def openid4vp_services(
    container: Container,
    *,
    parties: Parties | None = None,
    told: Told | None = None,
    testing: EvidenceNow | None = None,
) -> OpenId4Vp:
    """Return the verifier over ``container``. Without ``parties`` nobody begins, and what was begun goes on.

    ``testing`` is what the test environment knows (``ecert.testmode``).
    """
    installation, storage = container.installation, container.storage
    known = parties or Nobody()
    requests = Requests(
        RequestParts(
            state=storage.protocol,
            signers=RequestKeys(installation, known, container.clock),
            clock=container.clock,
            random=secrets.token_bytes,
            public_url=installation.public_url,
            secret=installation.keys.secret("openid4vp"),
            attesters=City(installation.anchor_signer, known, container),
        )
    )
    parts = AnswerParts(
        state=storage.protocol,
        evidence=container.evidence,
        told=told or Untold(),
        clock=container.clock,
        random=secrets.token_bytes,
        testing=testing,
    )
    answers = Answers(requests, parts)
    endpoint = Endpoint(requests, answers, storage.rate_limits, container.clock)
    return OpenId4Vp(requests, answers, Services(endpoint, pages.render))


class City:
    """The city says who is registered (``verifier.openid4vp.ports.Attesters``), with the anchor's key."""

    def __init__(self, signer: Signer, parties: Parties, container: Container) -> None:
        self._signer = signer
        self._parties = parties
        self._clock = container.clock

    def info(
        self, party_id: str, purpose_id: str, *, client_id: ClientId, query: Query
    ) -> tuple[Mapping[str, Any], ...]:
        """Return the attestation of a party and its purpose; none for whom nobody registered."""
        party, purpose = self._parties.find(party_id), self._parties.purpose(party_id, purpose_id)
        if party is None or purpose is None:
            return ()
        said = Registration(
            client_id=str(client_id),
            party_id=party.party_id,
            party_zh=party.name_zh,
            party_en=party.name_en,
            credit_code=party.credit_code,
            purpose_id=purpose.purpose_id,
            purpose_zh=purpose.name_zh,
            purpose_en=purpose.name_en,
            legal_basis_zh=purpose.legal_basis_zh,
            legal_basis_en=purpose.legal_basis_en,
            retention_days=purpose.retention_days,
            item_code=purpose.item_code or "",
        )
        return (attest(said, self._signer, query=query, now=self._clock()),)


class Nobody:
    """No relying party is registered (``verifier.openid4vp.ports.Parties``)."""

    def find(self, party_id: str) -> RelyingParty | None:
        """Return nobody."""
        del party_id
        return None

    def purpose(self, party_id: str, purpose_id: str) -> Purpose | None:
        """Return no purpose."""
        del party_id, purpose_id
        return None


class Untold:
    """Nobody hears how transactions end (``verifier.openid4vp.ports.Told``); who began asks."""

    def ended(self, transaction: Transaction, *, now: datetime) -> None:
        """Do nothing."""
        del transaction, now
