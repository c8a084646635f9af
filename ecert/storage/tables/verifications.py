"""Verifications of relying parties (``verifier.api``), their webhooks, and what is on its way to them."""

from sqlalchemy import BigInteger, Column, Index, text
from sqlmodel import Field

from ecert.storage.tables.base import Long, Row

_WAITING = text("status = 'waiting'")
_DUE = text("state = 'waiting'")


class VerificationRow(Row, table=True):
    """One verification; ``document`` has no claims, ``sealed`` has what was disclosed, until ``claims_until``."""

    __tablename__ = "verifications"
    __table_args__ = (
        Index("ix_verifications_party_id_environment_id", "party_id", "environment", "id"),
        Index("ix_verifications_expires_at", "expires_at", sqlite_where=_WAITING, postgresql_where=_WAITING),
    )

    id: int | None = Field(default=None, sa_column=Column(Long, primary_key=True, autoincrement=True))
    verification_id: str = Field(unique=True)
    party_id: str
    environment: str
    purpose_id: str
    reference: str | None
    status: str
    created_at: int = Field(sa_type=BigInteger, index=True)
    expires_at: int = Field(sa_type=BigInteger)
    claims_until: int | None = Field(default=None, sa_type=BigInteger, index=True)
    document: str
    sealed: bytes | None = None


class WebhookRow(Row, table=True):
    """An endpoint of a relying party; ``sealed`` is the secret that signs what goes there."""

    __tablename__ = "webhooks"
    __table_args__ = (Index("ix_webhooks_party_id_environment", "party_id", "environment"),)

    endpoint_id: str = Field(primary_key=True)
    party_id: str
    environment: str
    url: str
    events: str
    created_at: int = Field(sa_type=BigInteger)
    sealed: bytes


class WebhookDeliveryRow(Row, table=True):
    """One event for one endpoint: the outbox. ``body`` has ids, a verdict and codes."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (Index("ix_webhook_deliveries_due", "due_at", sqlite_where=_DUE, postgresql_where=_DUE),)

    id: int | None = Field(default=None, sa_column=Column(Long, primary_key=True, autoincrement=True))
    delivery_id: str = Field(unique=True)
    endpoint_id: str = Field(foreign_key="webhooks.endpoint_id", index=True)
    verification_id: str
    event: str
    state: str
    tries: int
    status: int | None = None
    created_at: int = Field(sa_type=BigInteger, index=True)
    due_at: int = Field(sa_type=BigInteger)
    body: bytes
