"""Credential endpoints over an issuing desk that signs: an access check, orders and notifications in memory."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from issuer.issuing import Issuer
from issuer.openid4vci.configuration import default_ids
from issuer.openid4vci.credentials.ports import Delivered, Event
from issuer.openid4vci.credentials.services import (
    CredentialOptions,
    CredentialPorts,
    CredentialServices,
    Incoming,
    credential_services,
)
from issuer.openid4vci.errors import CredentialRequestDenied, ProtocolError
from issuer.openid4vci.grants import Grant, TokenGrant
from issuer.openid4vci.ports import ANY, Among, Entitlement, ProtectedRequest, Wanted
from issuer.records import CredentialIntent, Intent
from keys import strict_json
from keys.algorithms import Algorithm
from keys.pki import SigningRequest, create_root, issue_signing_certificate
from keys.public import PublicKey
from keys.signer import SoftwareSigner
from schemas.catalogue import TypeId
from schemas.order import CredentialFormat, CredentialId, HolderId, HolderRef, Identifier, IssuedCredential, Order
from tests.support.entitlements import within
from tests.support.issuer_fakes import FakeKeys
from tests.support.key_proofs import CLIENT, ISSUER, NOW, Provider, proof
from tests.support.protocol_state import CountingLimits, MemoryState

LICENCE = "business_licence.dc+sd-jwt"
FAMILY = "family-1"


class CertifiedKeys(FakeKeys):
    """Signing keys with certificates under one root, as in an installation."""

    def __init__(self) -> None:
        super().__init__()
        self.root_signer = SoftwareSigner.generate()
        self.root = create_root(self.root_signer, name="示例市电子证照根证书", now=NOW)

    def signer(self, department: str) -> SoftwareSigner:
        """Return the department's key with its chain."""
        found = super().signer(department)
        if not found.chain:
            request = SigningRequest(found.public_key, "示例局", "11440799MB2X00071F", self.issuer_uri(department))
            chain = [issue_signing_certificate(self.root_signer, self.root, request, now=NOW)]
            self._signers[department] = found.with_chain(chain)
        return self._signers[department]

    def use(self, algorithm: Algorithm) -> None:
        """Make the keys from now on by another algorithm."""
        self._make = lambda: SoftwareSigner.generate(algorithm)


class FakeAccess:
    """Access tokens: every request has the one in ``token``, or is refused."""

    def __init__(self, token: TokenGrant) -> None:
        self.token = token
        self.refuses: ProtocolError | None = None
        self.asked: list[tuple[ProtectedRequest, str]] = []

    def grant(self, request: ProtectedRequest, *, department: str) -> TokenGrant:
        self.asked.append((request, department))
        if self.refuses is not None:
            raise self.refuses
        return self.token


class FakeEntitlements:
    """Orders that wait, the newest first; a certificate is really issued when it is fetched."""

    def __init__(self, issuer: Callable[[], Issuer]) -> None:
        self._issuer = issuer
        self.orders: dict[str, tuple[Order, Entitlement]] = {}
        self.certificates: dict[str, Identifier] = {}
        self.wanted: list[Wanted] = []
        self.failing: Exception | None = None

    def add(self, order_id: str, order: Order, *, ready: bool = True) -> None:
        entitlement = Entitlement(order_id, order.type_id, ready)
        self.orders = {order_id: (order, entitlement)} | self.orders

    def make_ready(self, order_id: str) -> None:
        order, _ = self.orders[order_id]
        self.orders[order_id] = (order, Entitlement(order_id, order.type_id, ready=True))

    def of(self, holder_id: HolderId, *, department: str, among: Among = ANY) -> Sequence[Entitlement]:
        del department
        theirs = [
            found for order, found in self.orders.values() if holder_id in {one.holder_id for one in order.holders}
        ]
        return within(theirs, among)

    def issue(self, wanted: Wanted) -> tuple[IssuedCredential, ...]:
        self.wanted.append(wanted)
        if self.failing is not None:
            raise self.failing
        if wanted.order_id not in self.orders:
            raise CredentialRequestDenied("order does not reach the holder")
        plan = _plan(wanted.holder_id, wanted.configuration.format, wanted.keys)
        known = self.certificates.get(wanted.order_id)
        if known is not None:
            return self._issuer().further(known, plan).credentials
        issued = self._issuer().issue_planned(self.orders[wanted.order_id][0], plan)
        self.certificates[wanted.order_id] = issued.identifier
        return issued.credentials


def _plan(holder_id: HolderId, form: CredentialFormat, keys: tuple[PublicKey, ...]) -> Any:
    def plan(intent: Intent, new_id: Callable[[], str]) -> tuple[CredentialIntent, ...]:
        del intent
        return tuple(
            CredentialIntent(CredentialId(new_id()), form, HolderRef(holder_id, key), short_lived=False, fetched=True)
            for key in keys
        )

    return plan


class HeardNotifications:
    """Notifications that came."""

    def __init__(self) -> None:
        self.heard: list[tuple[Delivered, Event]] = []

    def notified(self, delivered: Delivered, event: Event, *, now: datetime) -> None:
        del now
        self.heard.append((delivered, event))


@dataclass
class CredentialWorld:
    """Everything that a test of the endpoints touches. ``desk`` is a desk of ``tests/issuer/conftest.py``."""

    desk: Any
    options: Mapping[str, Any] = field(default_factory=dict)
    state: MemoryState = field(default_factory=MemoryState)
    limits: CountingLimits = field(default_factory=CountingLimits)
    provider: Provider = field(default_factory=Provider)
    notified: HeardNotifications = field(default_factory=HeardNotifications)
    wallet: SoftwareSigner = field(default_factory=SoftwareSigner.generate)

    def __post_init__(self) -> None:
        self.order = self.desk.order()
        self.entitlements = FakeEntitlements(lambda: self.desk.issuer)
        self.entitlements.add("order-1", self.order)
        self.access = FakeAccess(self.token())
        self.services: CredentialServices = credential_services(
            CredentialPorts(
                self.access, self.entitlements, self.state, self.limits, self.desk.keys, clock=self.desk.clock
            ),
            CredentialOptions(
                nonce_key=bytes(32),
                attesters=self.provider.attesters,
                notified=self.notified,
                suite_for=self.desk.rules.profile.suite_for,
                random=secrets.token_bytes,
                **self.options,
            ),
        )

    @property
    def holder_id(self) -> HolderId:
        return self.order.holders[0].holder_id

    def token(self, *, client_id: str | None = CLIENT, family: str = FAMILY, **grant: Any) -> TokenGrant:
        """Return an access token for the licence in every format."""
        ids = tuple(f"business_licence.{form}" for form in ("dc+sd-jwt", "jwt_vc_json", "ldp_vc"))
        ids += default_ids([TypeId("food_business_licence")])
        members = {"department": "amr", "holder_id": self.holder_id, "configuration_ids": ids} | grant
        return TokenGrant(Grant(**members), client_id, family)

    def nonce(self) -> str:
        """Return a fresh nonce of the nonce endpoint."""
        answer = self.services.nonce("amr", address="192.0.2.1")
        return str(strict_json.loads_object(answer.body)["c_nonce"])

    def proofs(self, *signers: SoftwareSigner, nonce: str | None = None) -> dict[str, Any]:
        """Return ``jwt`` proofs by these keys, or the wallet's one."""
        fresh = nonce or self.nonce()
        return {"jwt": [proof(each, nonce=fresh) for each in signers or (self.wallet,)]}

    def asking(self, **members: Any) -> dict[str, Any]:
        """Return a credential request in which everything is right, but for ``members``; ``...`` takes one out."""
        request: dict[str, Any] = {"credential_configuration_id": LICENCE, "proofs": self.proofs()} | members
        return {name: value for name, value in request.items() if value is not ...}

    def call(self, endpoint: str, members: Any, **incoming: Any) -> tuple[int, dict[str, Any]]:
        """Return status and members of the answer of an endpoint; its refusals are raised."""
        answer = getattr(self.services, endpoint)("amr", self.incoming(members, **incoming))
        return answer.status, strict_json.loads_object(answer.body) if answer.body else {}

    def credential(self, **members: Any) -> tuple[int, dict[str, Any]]:
        """Ask for credentials; ``members`` are the flaws."""
        return self.call("credential", self.asking(**members))

    @staticmethod
    def incoming(members: Any, **changes: Any) -> Incoming:
        """Return a request with these members as JSON."""
        body = members if isinstance(members, bytes) else strict_json.dumps(members)
        parts = {
            "authorization": ["DPoP token"],
            "dpop": ["proof"],
            "query": [],
            "content_type": "application/json",
            "body": body,
        }
        return Incoming(**(parts | changes))


def certified_world(make_desk: Callable[..., Any], **options: Any) -> CredentialWorld:
    """Return a world whose keys have certificates."""
    return CredentialWorld(make_desk(keys=CertifiedKeys()), options)


__all__ = ["FAMILY", "ISSUER", "LICENCE", "CredentialWorld", "certified_world"]
