"""Records as sealed JSON and back: intents, credentials, acts. The forms are private to the storage."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from ecert.storage.moments import micros, moment
from issuer.records import Act, ActKind, CopyMark, CredentialIntent, Intent
from keys import strict_json
from keys.public import PublicKey
from schemas.catalogue import TypeId
from schemas.order import (
    CredentialFormat,
    CredentialId,
    HolderId,
    HolderRef,
    Identifier,
    IssuedCredential,
    LegalDates,
    StatusRef,
)


def intent_document(intent: Intent) -> bytes:
    """Return the whole intent as JSON, for ``intent_of``."""
    dates, decision = intent.dates, intent.decision
    known = {id(holder): _holder_document(holder) for holder in intent.holders}  # mostly those of the credentials, too
    return strict_json.dumps(
        {
            "identifier": intent.identifier,
            "version": intent.version,
            "type_id": intent.type_id,
            "revision": intent.revision,
            "department": intent.department,
            "holders": [known[id(holder)] for holder in intent.holders],
            "claims": intent.claims if type(intent.claims) is dict else dict(intent.claims),
            "dates": [dates.issued, dates.effective, dates.expires],
            "credentials": [
                [
                    each.credential_id,
                    each.format,
                    known.get(id(each.holder)) or _holder_document(each.holder),
                    each.short_lived,
                    *_showing(each),
                ]
                for each in intent.credentials
            ],
            "planned_at": micros(intent.planned_at),
            "row_key": intent.row_key,
            "row_digest": intent.row_digest,
            "replaces": intent.replaces,
            "decision": None if decision is None else act_members(decision),
        }
    )


def intent_of(document: bytes) -> Intent:
    """Return the intent that ``intent_document`` wrote."""
    members = strict_json.loads_object(document)
    issued, effective, expires = members["dates"]
    decision = members["decision"]
    return Intent(
        identifier=Identifier(members["identifier"]),
        version=members["version"],
        type_id=TypeId(members["type_id"]),
        revision=members["revision"],
        department=members["department"],
        holders=tuple(_holder_of(holder) for holder in members["holders"]),
        claims=members["claims"],
        dates=LegalDates(
            date.fromisoformat(issued),
            date.fromisoformat(effective),
            None if expires is None else date.fromisoformat(expires),
        ),
        credentials=tuple(
            CredentialIntent(
                CredentialId(id_), CredentialFormat(format_), _holder_of(holder), short_lived, *_shown_for(showing)
            )
            for id_, format_, holder, short_lived, *showing in members["credentials"]
        ),
        planned_at=moment(members["planned_at"]),
        row_key=members["row_key"],
        row_digest=members["row_digest"],
        replaces=members["replaces"],
        decision=None if decision is None else act_of(decision),
    )


def act_members(act: Act) -> dict[str, Any]:
    """Return an act as JSON members, for ``act_of``."""
    return {
        "kind": act.kind,
        "identifier": act.identifier,
        "legal_reason": act.legal_reason,
        "officer": act.officer,
        "case_number": act.case_number,
        "at": micros(act.at),
        "note": act.note,
        **({} if act.proposal is None else {"proposal": act.proposal}),
    }


def act_of(members: Mapping[str, Any]) -> Act:
    """Return the act that ``act_members`` wrote."""
    return Act(
        kind=ActKind(members["kind"]),
        identifier=Identifier(members["identifier"]),
        legal_reason=members["legal_reason"],
        officer=members["officer"],
        case_number=members["case_number"],
        at=moment(members["at"]),
        note=members["note"],
        proposal=members.get("proposal"),
    )


def credential_document(credential: IssuedCredential) -> bytes:
    """Return a whole credential as JSON, for ``credential_of``."""
    return strict_json.dumps(
        {
            "credential_id": credential.credential_id,
            "identifier": credential.identifier,
            "type_id": credential.type_id,
            "holder_id": credential.holder_id,
            "format": credential.format,
            "short_lived": credential.short_lived,
            "holder_kid": credential.holder_kid,
            "token": credential.token,
            "issued_at": micros(credential.issued_at),
            "expires_at": micros(credential.expires_at),
            "status": [credential.status.uri, credential.status.index],
        }
    )


def credential_of(document: bytes) -> IssuedCredential:
    """Return the credential that ``credential_document`` wrote."""
    members = strict_json.loads_object(document)
    uri, index = members["status"]
    return IssuedCredential(
        credential_id=CredentialId(members["credential_id"]),
        identifier=Identifier(members["identifier"]),
        type_id=TypeId(members["type_id"]),
        holder_id=HolderId(members["holder_id"]),
        format=CredentialFormat(members["format"]),
        short_lived=members["short_lived"],
        holder_kid=members["holder_kid"],
        token=members["token"],
        issued_at=moment(members["issued_at"]),
        expires_at=moment(members["expires_at"]),
        status=StatusRef(uri, index),
    )


def _showing(credential: CredentialIntent) -> list[Any]:
    """What a purpose certificate or a fetched credential has beside other credentials; nothing for those."""
    copy = credential.copy
    if credential.purpose is None and copy is None and not credential.fetched:
        return []
    marked = None if copy is None else [copy.maker, copy.cause, copy.days]
    return [credential.purpose, marked, *([True] if credential.fetched else [])]


def _shown_for(members: list[Any]) -> tuple[str | None, CopyMark | None, bool]:
    # Earlier records end before the members that were not known then.
    purpose, copy = members[:2] or (None, None)
    return purpose, None if copy is None else CopyMark(*copy), len(members) > 2


def _holder_document(holder: HolderRef) -> list[Any]:
    return [holder.holder_id, None if holder.key is None else holder.key.jwk]


def _holder_of(members: list[Any]) -> HolderRef:
    holder_id, jwk = members
    return HolderRef(HolderId(holder_id), None if jwk is None else PublicKey.from_jwk(jwk))
