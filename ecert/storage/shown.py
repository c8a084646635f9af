"""An entry of a holder's history as it is sealed: JSON; what older versions wrote has no ``exchange`` or ``acting``."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from keys import strict_json
from schemas.order import CredentialId, HolderId
from wallet_api.records import (
    ActingRecord,
    Afterwards,
    CertificateRecord,
    Exchange,
    ExchangeOutcome,
    PartyRecord,
    ReasonRecord,
    ShownRecord,
    Trust,
)


def shown_document(record: ShownRecord) -> bytes:
    """Return what is sealed of an entry: all but its ids and its moment, which are columns."""
    content: dict[str, Any] = {
        "credential_id": record.credential_id,
        "type_id": record.type_id,
        "fields": list(record.fields),
        "audience": record.audience,
        "purpose": record.purpose,
        "channel": record.channel,
    }
    if record.exchange is not None:
        content["exchange"] = _exchange_document(record.exchange)
    if record.acting is not None:
        acting = record.acting
        content["acting"] = [acting.delegation_id, acting.relation, acting.as_agent, acting.other]
    return strict_json.dumps(content)


def shown_of(document: bytes, presentation_id: str, holder_id: HolderId, at: datetime) -> ShownRecord:
    """Return the entry that ``shown_document`` wrote, in this version or an older one."""
    content = strict_json.loads_object(document)
    return ShownRecord(
        presentation_id=presentation_id,
        holder_id=holder_id,
        credential_id=CredentialId(content["credential_id"]),
        type_id=content["type_id"],
        fields=tuple(content["fields"]),
        audience=content["audience"],
        purpose=content["purpose"],
        channel=content["channel"],
        at=at,
        exchange=_exchange(content["exchange"]) if "exchange" in content else None,
        acting=ActingRecord(*content["acting"]) if "acting" in content else None,
    )


def _exchange_document(exchange: Exchange) -> dict[str, Any]:
    party, reason = exchange.party, exchange.reason
    return {
        "party": [party.client_id, party.trust.value, party.name_zh, party.name_en, party.contact],
        "outcome": exchange.outcome.value,
        "certificates": [[one.credential_id, one.type_id, list(one.fields)] for one in exchange.certificates],
        "reason": [reason.purpose_id, reason.legal_basis_zh, reason.legal_basis_en, reason.retention_days],
        "afterwards": [[act.value, at.isoformat()] for act, at in exchange.afterwards],
    }


def _exchange(content: Mapping[str, Any]) -> Exchange:
    client_id, trust, *names = content["party"]
    return Exchange(
        party=PartyRecord(client_id, Trust(trust), *names),
        outcome=ExchangeOutcome(content["outcome"]),
        certificates=tuple(
            CertificateRecord(CredentialId(credential_id), type_id, tuple(fields))
            for credential_id, type_id, fields in content["certificates"]
        ),
        reason=ReasonRecord(*content["reason"]),
        afterwards=tuple((Afterwards(act), datetime.fromisoformat(at)) for act, at in content["afterwards"]),
    )
