"""The tables, one module a subject. ``METADATA`` is what the migrations must agree with (``migrate.check``).

Moments are integers (``ecert.storage.moments``); personal data stands only in columns named ``sealed`` or ``token``,
as ``ecert.storage.crypto`` writes it.
"""

from sqlalchemy import Table
from sqlmodel import SQLModel

from ecert.storage.tables import (
    access,
    audit,
    batches,
    certificates,
    delegations,
    orders,
    parties,
    protocol,
    receivings,
    status,
    verifications,
    wallets,
)

METADATA = SQLModel.metadata

CERTIFICATES: Table = METADATA.tables[str(certificates.Certificate.__tablename__)]
CREDENTIALS: Table = METADATA.tables[str(certificates.Credential.__tablename__)]
REFRESHES: Table = METADATA.tables[str(certificates.Refresh.__tablename__)]
DEPARTMENTS: Table = METADATA.tables[str(status.IssuingDepartment.__tablename__)]
STATUS_LISTS: Table = METADATA.tables[str(status.StatusList.__tablename__)]
STATUS_EDITIONS: Table = METADATA.tables[str(status.StatusEdition.__tablename__)]
STATUS_DOCUMENTS: Table = METADATA.tables[str(status.StatusDocument.__tablename__)]
STATUS_OUTBOX: Table = METADATA.tables[str(status.StatusOutboxEntry.__tablename__)]
AUDIT: Table = METADATA.tables[str(audit.AuditEntry.__tablename__)]
AUDIT_HEAD: Table = METADATA.tables[str(audit.AuditHead.__tablename__)]
HOLDERS: Table = METADATA.tables[str(wallets.HolderRow.__tablename__)]
HOLDER_KEYS: Table = METADATA.tables[str(wallets.HolderKeyRow.__tablename__)]
HOLDINGS: Table = METADATA.tables[str(wallets.HoldingRow.__tablename__)]
SHOWN: Table = METADATA.tables[str(wallets.ShownRow.__tablename__)]
REFERENCES: Table = METADATA.tables[str(wallets.ReferenceRow.__tablename__)]
BLOBS: Table = METADATA.tables[str(access.BlobRow.__tablename__)]
API_TOKENS: Table = METADATA.tables[str(access.ApiTokenRow.__tablename__)]
IDEMPOTENCY: Table = METADATA.tables[str(access.IdempotentAnswerRow.__tablename__)]
PROTOCOL_STATE: Table = METADATA.tables[str(protocol.ProtocolStateRow.__tablename__)]
RATE_WINDOWS: Table = METADATA.tables[str(protocol.RateWindowRow.__tablename__)]
ORDERS: Table = METADATA.tables[str(orders.OrderRow.__tablename__)]
ORDER_HOLDERS: Table = METADATA.tables[str(orders.OrderHolderRow.__tablename__)]
ACT_PROPOSALS: Table = METADATA.tables[str(orders.ActProposalRow.__tablename__)]
RECEIVINGS: Table = METADATA.tables[str(receivings.ReceivingRow.__tablename__)]
PARTIES: Table = METADATA.tables[str(parties.PartyRow.__tablename__)]
PARTY_KEYS: Table = METADATA.tables[str(parties.PartyKeyRow.__tablename__)]
VERIFICATIONS: Table = METADATA.tables[str(verifications.VerificationRow.__tablename__)]
WEBHOOKS: Table = METADATA.tables[str(verifications.WebhookRow.__tablename__)]
WEBHOOK_DELIVERIES: Table = METADATA.tables[str(verifications.WebhookDeliveryRow.__tablename__)]
JOBS: Table = METADATA.tables[str(batches.JobRow.__tablename__)]
BATCHES: Table = METADATA.tables[str(batches.BatchRow.__tablename__)]
BATCH_ITEMS: Table = METADATA.tables[str(batches.BatchItemRow.__tablename__)]
DELEGATIONS: Table = METADATA.tables[str(delegations.DelegationRow.__tablename__)]
DELEGATION_LISTS: Table = METADATA.tables[str(delegations.DelegationListRow.__tablename__)]
WATCHES: Table = METADATA.tables[str(batches.WatchRow.__tablename__)]
