"""A holder who lets an agent use a licence, and the agent who shows it: all right, until a test changes one thing."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from keys import strict_json
from keys.encoding import b64url, b64url_decode, b64url_text
from keys.signer import SoftwareSigner
from schemas.formats import delegation
from schemas.formats import delegation_registration as registrations
from schemas.formats.delegation import Grant, Relation
from schemas.formats.sd_jwt import SdJwt
from schemas.formats.status_claim import StatusReference
from tests.support.desk import ANCHOR, DAY, HOLDER, HOUR, NOW, RECALL_LIST, Certificate, p256, seconds
from verifier import COUNTER_AUDIENCE

AGENT = p256(51)
PURPOSE = "办理食品经营许可"
PLACE = 4712
RECALLS = StatusReference(RECALL_LIST, PLACE)
CERTIFICATE = Certificate().sd_jwt()
"""Signed once: a signature by ECDSA is another one each time."""


@dataclass(frozen=True)
class Showing:
    """What is granted and how it is shown; ``but`` makes one that differs."""

    certificate: SdJwt = CERTIFICATE
    fields: tuple[str, ...] = ("business_scope",)
    holder: SoftwareSigner = HOLDER
    agent: SoftwareSigner = AGENT
    relation: Relation = Relation.AGENT
    purposes: tuple[str, ...] = (PURPOSE, "年报")
    since: datetime = NOW - HOUR
    until: datetime = NOW + 30 * DAY
    status: StatusReference | None = RECALLS
    at: datetime = NOW - timedelta(seconds=5)
    audience: str = COUNTER_AUDIENCE
    nonce: str = "q7Zk"
    anchor: SoftwareSigner | None = ANCHOR

    def but(self, **changes: Any) -> "Showing":
        """The same with one thing changed."""
        return replace(self, **changes)

    def handed_over(self) -> str:
        """The certificate with the disclosures that the agent has."""
        return self.certificate.present([(name,) for name in self.fields]).text()

    def grant(self) -> Grant:
        """What the holder gives, registered by the anchor."""
        made = self.unregistered()
        if self.anchor is None:
            return made
        return replace(made, registration=registrations.register(made.claims(self.holder.public_key), self.anchor))

    def unregistered(self) -> Grant:
        """What the holder gives."""
        return Grant(
            certificate=self.handed_over(),
            agent_key=self.agent.public_key,
            agent_name="陈小文",
            relation=self.relation,
            purposes=self.purposes,
            since=self.since,
            until=self.until,
            status=self.status,
        )

    def granted(self) -> str:
        """The delegation."""
        prepared = delegation.prepare(self.grant(), self.holder.public_key)
        return prepared.completed(self.holder.sign(prepared.signing_input))

    def forged(self, **claims: Any) -> str:
        """A delegation that the holder signed and that says something else; None leaves a claim out."""
        prepared = delegation.prepare(self.grant(), self.holder.public_key)
        head, _, payload = prepared.signing_input.decode().partition(".")
        said = strict_json.loads_object(b64url_decode(payload)) | claims
        said = {name: value for name, value in said.items() if value is not None}
        signing_input = head.encode() + b"." + b64url(strict_json.dumps(said))
        return f"{signing_input.decode()}.{b64url_text(self.holder.sign(signing_input))}~"

    def shown(self, *, granted: str | None = None, certificate: str | None = None, by: SoftwareSigner = AGENT) -> str:
        """What the agent shows."""
        prepared = delegation.present(
            certificate or self.handed_over(),
            granted or self.granted(),
            by.public_key,
            audience=self.audience,
            nonce=self.nonce,
            iat=seconds(self.at),
        )
        return prepared.completed(by.sign(prepared.signing_input))
