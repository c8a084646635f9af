"""The issuer's routes: issue, look up, suspend … replace; and what everyone may read: status lists, keys, types.

An officer's token is of a department and reaches its certificates alone. What an act leads to is published before the
answer, or the answer says which lists are pending.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from issuer.edge import Actor, Edge, Guard
from issuer.issuing import Issued, Issuer
from issuer.lifecycle import Decision, Done, LifeCycle, Replaced
from issuer.orders.bodies import PROPOSED, proposed
from issuer.orders.proposals import ActDesk
from issuer.orders.records import Proposal
from issuer.outbox import is_pending
from issuer.ports import HolderDirectory, Ledger
from issuer.prepare import Prepared, type_of
from issuer.records import ActKind, CertificateRecord
from issuer.row_keys import IDEMPOTENCY, is_free
from schemas.catalogue import TypeId
from schemas.order import CredentialFormat, Identifier


@dataclass(frozen=True, slots=True)
class Services:
    """The issuer's use cases. ``changed`` hears of every act, ``issued`` of every new certificate's type; ``acts`` lets
    a second officer confirm what the switch by type says."""

    issuer: Issuer
    life: LifeCycle
    ledger: Ledger
    holders: HolderDirectory
    issued: Callable[[str], None]
    changed: Callable[[str], None]
    acts: ActDesk


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


def _free(row_key: str) -> str:
    if not is_free(row_key):
        raise ValueError("row key begins with a word of the program's own")
    return row_key


class OrderBody(_Body):
    """A certificate to issue: the type, its claims by field name, and a key that makes the order repeatable.

    ``formats`` are those of its credentials; without them the installation's profile says which.
    """

    type_id: str = Field(max_length=64)
    claims: dict[str, Any]
    row_key: Annotated[str, AfterValidator(_free)] | None = Field(default=None, min_length=1, max_length=200)
    formats: list[str] | None = Field(default=None, min_length=1, max_length=len(CredentialFormat))


class DecisionBody(_Body):
    """Why, by whom and in which case."""

    legal_reason: str = Field(max_length=200)
    officer: str = Field(max_length=100)
    case_number: str = Field(max_length=100)
    note: str = Field(default="", max_length=1000)

    def decision(self) -> Decision:
        """Return it in the issuer's terms; raises ActIncomplete."""
        return Decision(self.legal_reason, self.officer, self.case_number, self.note)


class ReplacementBody(DecisionBody):
    """A decision with the claims of the certificate that replaces the old one."""

    claims: dict[str, Any]


_ORDER = {"type_id": "business_licence", "claims": {"enterprise_name": "江门市示例贸易有限公司", "…": "…"}}
_DECISION = {"legal_reason": "吊销", "officer": "O-17", "case_number": "示例-2026-0042"}
_ISSUED = {"identifier": "1.2.156.3005.2.…", "state": "issued", "credentials": [], "repeated": False, "delivered": True}
_ACTED = {"identifier": "1.2.156.3005.2.…", "state": "revoked", "acts": [{"kind": "revoke"}], "pending": []}


def router(services: Services, edge: Edge) -> APIRouter:
    """Return the officers' routes."""
    routes = APIRouter(tags=["issuer"])
    _issuing(routes, services, edge)
    _looking(routes, services, edge)
    _deciding(routes, services, edge)
    _replacing(routes, services, edge)
    return routes


def _issuing(routes: APIRouter, services: Services, edge: Edge) -> None:
    preparer = edge.authorise("preparer")

    @routes.post(
        "/v1/certificates",
        summary="签发 / Issue",
        status_code=201,
        openapi_extra=edge.body(OrderBody, _ORDER),
        responses=edge.answers(201, 200, 400, 409, 422, example=_ISSUED, others={200: _ISSUED | {"repeated": True}}),
    )
    async def issue(request: Request, actor: Annotated[Actor, Depends(preparer)]) -> Response:
        """Issues one certificate to its holders' wallets. With ``Idempotency-Key`` a retry gives the same answer.

        A type that wants four eyes is issued by orders alone (/v1/orders).
        """
        body = await edge.read(request, OrderBody)
        actor.must_reach(type_of(TypeId(body.type_id)).department)
        services.acts.alone(body.type_id)
        row_key = body.row_key or _row_key(actor, request.headers.get("idempotency-key"))
        issued = await edge.run(_issue, services, body, row_key)
        if not issued.repeated:
            services.issued(body.type_id)
        return _json(_issued(issued), 200 if issued.repeated else 201)

    @routes.post(
        "/v1/certificates/preview",
        summary="预览 / Preview",
        openapi_extra=edge.body(OrderBody, _ORDER),
        responses=edge.answers(400, 422),
    )
    async def preview(request: Request, actor: Annotated[Actor, Depends(preparer)]) -> Response:
        """Every check and every computed claim, and nothing recorded; no holder is made."""
        body = await edge.read(request, OrderBody)
        actor.must_reach(type_of(TypeId(body.type_id)).department)
        return _json(_previewed(await edge.run(_preview, services, body)))


def _looking(routes: APIRouter, services: Services, edge: Edge) -> None:
    reader = edge.authorise("preparer", "approver", "revoker", "auditor")

    @routes.get("/v1/certificates/{identifier}", summary="查询 / Look up", responses=edge.answers(404))
    async def certificate(identifier: str, actor: Annotated[Actor, Depends(reader)]) -> Response:
        """State, dates, credentials and acts; the claims for everyone but an auditor."""
        record = await edge.run(services.ledger.certificate, Identifier(identifier))
        actor.must_reach(record.intent.department)
        claims = {} if actor.role == "auditor" else {"claims": dict(record.intent.claims)}
        return _json(await edge.run(_described, record, services) | claims)


def _deciding(routes: APIRouter, services: Services, edge: Edge) -> None:
    revoker = edge.authorise("revoker")
    words = {
        ActKind.SUSPEND: "暂扣 / Suspend",
        ActKind.REINSTATE: "恢复 / Reinstate",
        ActKind.REVOKE: "吊销、撤销 / Revoke",
        ActKind.CANCEL: "注销 / Cancel",
    }
    for kind, summary in words.items():
        routes.add_api_route(
            f"/v1/certificates/{{identifier}}/{kind}",
            _act_route(kind, services, edge, revoker),
            methods=["POST"],
            summary=summary,
            operation_id=kind,
            openapi_extra=edge.body(DecisionBody, _DECISION),
            responses=edge.answers(200, 202, 404, 409, 422, example=_ACTED, others={202: PROPOSED}),
        )


def _act_route(kind: ActKind, services: Services, edge: Edge, revoker: Guard) -> Callable[..., Awaitable[Response]]:
    async def act(identifier: str, request: Request, actor: Annotated[Actor, Depends(revoker)]) -> Response:
        """Records the decision, sets the status of every credential, and publishes the lists that it touches.

        With four eyes it is a proposal (202) that an approver confirms at /v1/proposals.
        """
        body = await edge.read(request, DecisionBody)
        done = await edge.run(_act, services, actor, kind, Identifier(identifier), body.decision())
        if isinstance(done, Proposal):
            return _json(proposed(done), 202)
        services.changed(kind)
        described = await edge.run(_looked_up, services, Identifier(identifier))
        return _json(described | {"pending": list(done.pending)})

    return act


def _replacing(routes: APIRouter, services: Services, edge: Edge) -> None:
    preparer = edge.authorise("preparer")

    @routes.post(
        "/v1/certificates/{identifier}/replace",
        summary="变更、延续 / Replace",
        status_code=201,
        openapi_extra=edge.body(ReplacementBody, _DECISION | {"legal_reason": "变更", "claims": _ORDER["claims"]}),
        responses=edge.answers(201, 202, 404, 409, 422, example=_ISSUED, others={202: PROPOSED}),
    )
    async def replace_route(identifier: str, request: Request, actor: Annotated[Actor, Depends(preparer)]) -> Response:
        """Issues the next version; the old one becomes "replaced" in the same transaction.

        With four eyes it is a proposal (202) that an approver confirms at /v1/proposals.
        """
        body = await edge.read(request, ReplacementBody)
        row_key = _row_key(actor, request.headers.get("idempotency-key"))
        made = await edge.run(_replace, services, actor, Identifier(identifier), (body, row_key))
        if isinstance(made, Proposal):
            return _json(proposed(made), 202)
        services.changed(ActKind.REPLACE)
        return _json(_issued(made.issued) | {"replaces": identifier, "pending": list(made.pending)}, 201)


def _issuer(services: Services, body: OrderBody) -> Issuer:
    return services.issuer if body.formats is None else services.issuer.with_formats(body.formats)


def _issue(services: Services, body: OrderBody, row_key: str | None) -> Issued:
    issuer = _issuer(services, body)
    return issuer.issue(issuer.order_for(body.type_id, body.claims, services.holders, row_key=row_key))


def _preview(services: Services, body: OrderBody) -> Prepared:
    issuer = _issuer(services, body)
    return issuer.prepare(issuer.order_for(body.type_id, body.claims, services.holders))


def _act(
    services: Services, actor: Actor, kind: ActKind, identifier: Identifier, decision: Decision
) -> Done | Proposal:
    actor.must_reach(services.ledger.standing(identifier).intent.department)
    return services.acts.act(kind, identifier, decision, by=actor.doer)


def _replace(
    services: Services, actor: Actor, identifier: Identifier, asked: tuple[ReplacementBody, str | None]
) -> Replaced | Proposal:
    body, row_key = asked
    actor.must_reach(services.ledger.standing(identifier).intent.department)
    return services.acts.replace(identifier, body.claims, body.decision(), by=actor.doer, row_key=row_key)


def _row_key(actor: Actor, idempotency_key: str | None) -> str | None:
    # The ledger's own memory: even when the stored answer is lost, a retry gives the same certificate.
    if idempotency_key is None:
        return None
    return IDEMPOTENCY + hashlib.sha256(f"{actor.token_id}\0{idempotency_key}".encode()).hexdigest()


def _issued(issued: Issued) -> dict[str, Any]:
    return {
        "identifier": issued.identifier,
        "state": "issued",
        "credentials": [
            {
                "credential_id": credential.credential_id,
                "format": credential.format,
                "short_lived": credential.short_lived,
                "issued_at": credential.issued_at,
                "expires_at": credential.expires_at,
                "status": {"uri": credential.status.uri, "index": credential.status.index},
            }
            for credential in issued.credentials
        ],
        "repeated": issued.repeated,
        "delivered": issued.delivered,
    }


def _previewed(prepared: Prepared) -> dict[str, Any]:
    intent = prepared.intent
    return {
        "type_id": intent.type_id,
        "claims": dict(intent.claims),
        "issued": intent.dates.issued,
        "effective": intent.dates.effective,
        "expires": intent.dates.expires,
        "credentials": [{"format": one.format, "short_lived": one.short_lived} for one in intent.credentials],
    }


def _looked_up(services: Services, identifier: Identifier) -> dict[str, Any]:
    return _described(services.ledger.certificate(identifier), services)


def _described(record: CertificateRecord, services: Services) -> dict[str, Any]:
    intent = record.intent
    decisions = services.ledger.outbox_of(intent.identifier)
    return {
        "identifier": intent.identifier,
        "version": intent.version,
        "type_id": intent.type_id,
        "department": intent.department,
        "state": services.life.state(record),
        "issued": intent.dates.issued,
        "effective": intent.dates.effective,
        "expires": intent.dates.expires,
        "replaces": intent.replaces,
        "credentials": _issued(Issued(intent.identifier, record.credentials))["credentials"],
        "acts": [
            {
                "kind": act.kind,
                "at": act.at,
                "legal_reason": act.legal_reason,
                "officer": act.officer,
                "case_number": act.case_number,
            }
            for act in record.acts
        ],
        "publication": {
            "pending": is_pending(decisions),
            "decisions": [decision.document() for decision in decisions],
        },
    }


def _json(value: Mapping[str, Any], status: int = 200) -> Response:
    return Response(orjson.dumps(value), status, media_type="application/json")
