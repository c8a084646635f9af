"""The wallet's side of OpenID4VP, joined.

presenting = WalletPresenting(container, receiving.http)      # its own verifier is answered in memory, too
app.include_router(routes.router(presenting.services(edge.pictures), edge))
"""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from secrets import token_bytes
from typing import Any, TypeVar

from fastapi.concurrency import run_in_threadpool

from ecert.installation import ROOT
from ecert.receiving import RegisterStates
from ecert.storage import SqlAudit
from ecert.wiring import Container
from keys.anchor import Anchor
from keys.encoding import b64url_text
from keys.public import PublicKey
from keys.request_chain import verify_request_chain
from schemas.audit import AuditAct, AuditEvent, Doer, Subject
from schemas.openid4vp.registration import Registration, find_registration
from schemas.openid4vp.request import AuthorizationRequest
from wallet_api.edge import Gate
from wallet_api.openid4vci.ports import HttpPort
from wallet_api.openid4vp.afterwards import Aftercare
from wallet_api.openid4vp.answering import Answering
from wallet_api.openid4vp.parts import Parts
from wallet_api.openid4vp.ports import ReportedVerifier
from wallet_api.openid4vp.routes import Services

T = TypeVar("T")
_REPORTER = Doer("holder", "holder")  # who it was stays with the holder


class CityAnchors:
    """The city's root vouches for verifiers, its anchor attests what they ask for (``RequestAnchors``)."""

    def __init__(self, root: bytes, anchor: Anchor) -> None:
        self._root = root
        self._anchor = anchor

    def key_of(self, chain: Sequence[bytes], at: datetime) -> PublicKey:
        """Return the key of the leaf of ``chain``; raises InvalidChain."""
        return verify_request_chain(chain, anchors=(self._root,), at=at)

    def registration_of(self, request: AuthorizationRequest, at: datetime) -> Registration | None:
        """Return what the anchor attests of an authenticated request, or None."""
        return find_registration(request, self._anchor, now=at)


class AuditedReports:
    """Reports of verifiers in the audit trail (``wallet_api.openid4vp.ports.Operator``)."""

    def __init__(self, audit: SqlAudit) -> None:
        self._audit = audit

    def verifier_reported(self, report: ReportedVerifier) -> None:
        """Record a report; a client identifier that is too long to be a subject is recorded by its digest."""
        client_id = report.client_id
        if len(client_id) > 128 or not all("!" <= letter <= "~" for letter in client_id):
            client_id = f"sha256:{b64url_text(hashlib.sha256(client_id.encode()).digest())}"
        details = {"complaint": report.complaint.value}
        event = AuditEvent(Subject.PARTY, client_id, AuditAct.REPORTED, _REPORTER, report.at, details=details)
        self._audit.record(event)


class WalletPresenting:
    """Answering requests over one container. ``http`` is the wallet's way to other servers, and to this one."""

    def __init__(self, container: Container, http: HttpPort) -> None:
        storage, installation = container.storage, container.installation
        parts = Parts(
            wallets=storage.wallets,
            custody=installation.keys,
            http=http,
            sessions=storage.protocol,
            states=RegisterStates(container),
            anchors=CityAnchors(installation.blobs.read(ROOT) or b"", installation.anchor),
            operator=AuditedReports(storage.audit),
            clock=container.clock,
            randomness=token_bytes,
            run=_in_thread,
        )
        self.parts = parts
        self._limits = storage.rate_limits
        self.answering = Answering(parts)
        self.aftercare = Aftercare(parts)

    def services(self, pictures: Gate) -> Services:
        """Return what the routes need; ``pictures`` is the gate before reading them."""
        return Services(self.answering, self.aftercare, pictures, self._limits, self.parts.clock)


async def _in_thread(function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    return await run_in_threadpool(function, *args, **kwargs)
