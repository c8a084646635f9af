"""What is sealed of a delegation, as JSON; ids, moments and the place are columns."""

from datetime import datetime
from typing import Any

from keys import strict_json
from schemas.catalogue import TypeId
from schemas.formats.delegation import Relation
from schemas.formats.status_claim import StatusReference
from schemas.order import CredentialId, HolderId, Identifier
from wallet_api.delegating.records import Delegation

_TEXTS = ("agent_kid", "credential_id", "identifier", "type_id", "holder_name", "agent_name", "certificate", "granted")


def delegation_document(delegation: Delegation) -> bytes:
    """Return what is sealed of a delegation."""
    content: dict[str, Any] = {name: getattr(delegation, name) for name in _TEXTS}
    content |= {"fields": list(delegation.fields), "purposes": list(delegation.purposes)}
    return strict_json.dumps(content | {"uri": delegation.place.uri})


def delegation_of(
    document: bytes, row: Any, *, since: datetime, until: datetime, recalled: datetime | None
) -> Delegation:
    """Return the delegation that ``delegation_document`` wrote, with the columns of its row."""
    content = strict_json.loads_object(document)
    return Delegation(
        delegation_id=row.delegation_id,
        holder_id=HolderId(row.holder_id),
        agent_id=HolderId(row.agent_id),
        agent_kid=content["agent_kid"],
        relation=Relation(row.relation),
        credential_id=CredentialId(content["credential_id"]),
        identifier=Identifier(content["identifier"]),
        type_id=TypeId(content["type_id"]),
        fields=tuple(content["fields"]),
        purposes=tuple(content["purposes"]),
        since=since,
        until=until,
        place=StatusReference(content["uri"], row.place),
        holder_name=content["holder_name"],
        agent_name=content["agent_name"],
        certificate=content["certificate"],
        granted=content["granted"],
        under=row.under,
        recalled_at=recalled,
    )
