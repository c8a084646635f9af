"""The share interface over HTTP (GB/T 36906): an operation is a POST, so that no number of a person is in an address.

Names of elements are those of GB/T 36903. Refusals are problem documents; the head statuses of older interfaces stand
beside them: 0 成功, 10 not_found and unknown_certificate, 11 not_authenticated, 12 malformed_request,
100 share_not_permitted, 113 unknown_type.
"""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from ecert.access import Actor, Role
from ecert.http.edge import Edge
from ecert.parties.access import party_registry
from ecert.share.service import Answer, Facts, Share, ShareParts
from ecert.share.uses import Duty
from ecert.wiring import Container
from issuer.purpose import MAX_COPY_DAYS
from schemas.order import Identifier
from verifier.errors import UnknownParty

Cause = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*$")]
TypeName = Annotated[str, Field(min_length=1, max_length=64)]
Code = Annotated[str, Field(min_length=1, max_length=64)]
CodeType = Annotated[str, Field(pattern=r"^[0-9]{3}$")]
Word = Annotated[str, Field(pattern=r"^[!-~]{1,64}$")]
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
_CAUSE = "办理企业开户 Opening a company account"
_IDENTIFIER = "1.2.156.3005.2.11440799MB2X00004G001.11440799MB2X00004G.A1B2C3D4.001.X"
_HOLDER = {"certificate_holder_code": "91440799MA5X00014T", "certificate_holder_type": "001"}
_ASKED = {"certificate_type": "business_licence", **_HOLDER, "use_cause": _CAUSE}
_HEAD = {"status": 0, "message_zh": "成功", "message_en": "done"}
_WORDS: dict[Answer, tuple[str, str]] = {
    Answer.VALID: ("信息正确，证照有效", "correct and valid"),
    Answer.NOT_ACTIVE: ("信息正确，证照尚未生效", "correct, not active yet"),
    Answer.SUSPENDED: ("信息正确，证照已暂扣", "correct, suspended"),
    Answer.NO_LONGER_VALID: ("信息正确，证照已失效", "correct, no longer valid"),
    Answer.NOT_ENOUGH: ("信息不足，无法判断", "not enough to decide"),
    Answer.NO_RECORD: ("没有记录", "no such record"),
    Answer.NOTHING_GIVEN: ("没有给出信息", "nothing was given"),
    Answer.PARTLY_WRONG: ("信息部分有误或不全", "partly wrong or incomplete"),
}


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class QueryBody(_Body):
    """A type and a holder's number (GB/T 36903 annex A), and why it is asked."""

    certificate_type: TypeName
    certificate_holder_code: Code
    certificate_holder_type: CodeType
    use_cause: Cause


class InfoBody(_Body):
    """One certificate, and why it is asked."""

    certificate_identifier: Annotated[str, Field(min_length=1, max_length=128)]
    use_cause: Cause


class LinkBody(InfoBody):
    """One certificate, why, and for how many days the copy shall be good."""

    days: int = Field(default=30, ge=1, le=MAX_COPY_DAYS)


class VerifyBody(_Body):
    """What somebody says of a certificate; whatever is empty is not compared."""

    certificate_type: TypeName
    certificate_holder_name: str = Field(default="", max_length=200)
    certificate_holder_code: str = Field(default="", max_length=64)
    certificate_holder_type: CodeType = "111"
    certificate_number: str = Field(default="", max_length=200)
    extend_info: dict[str, Any] = Field(default={}, max_length=50)
    use_cause: Cause


class TypeBody(_Body):
    """A type."""

    certificate_type: TypeName


class Operator(_Body):
    """Who looks up by duty: account and body; both go into the audit trail."""

    account: Word
    body: Name


class DutyBody(QueryBody):
    """A look-up by duty: who, for which item, in which case."""

    operator: Operator
    item_code: Word
    case_number: Word


def router(container: Container, edge: Edge) -> APIRouter:
    """Return the routes of the share interface."""
    routes = APIRouter(prefix="/v1/share", tags=["share"])
    share = share_of(container)
    _looking_up(routes, share, edge)
    _judging(routes, share, edge)
    _handing_out(routes, share, edge, container.installation.public_url)
    return routes


def share_of(container: Container) -> Share:
    """Return the share interface over ``container``."""
    storage, registry = container.storage, party_registry(container)

    def name_of(caller: str) -> str:
        try:
            return registry.party(caller).body.name_zh
        except UnknownParty:
            return caller

    return Share(
        ShareParts(
            ledger=storage.ledger,
            holders=storage.wallets,
            links=storage.protocol,
            trail=storage.audit,
            copies=container.copies,
            state_of=container.state_of,
            name_of=name_of,
            clock=container.clock,
            grants=container.settings.share_grants,
            audit_key=container.installation.keys.secret("share-audit"),
        )
    )


def _looking_up(routes: APIRouter, share: Share, edge: Edge) -> None:
    caller = edge.authorise(Role.RELYING_PARTY)
    found = {"certificate_identifier": _IDENTIFIER, "status": "01", "status_name": "有效"}

    @routes.post(
        "/queryCert",
        summary="按持证主体查询 / Query by holder",
        openapi_extra=edge.body(QueryBody, _ASKED),
        responses=edge.answers(400, 404, 422, example={"head": _HEAD, "certificates": [found]}),
    )
    async def query(request: Request, actor: Annotated[Actor, Depends(caller)]) -> Response:
        """Identifiers and states alone. Every certificate that is named stands in its holder's history."""
        asked = await edge.read(request, QueryBody)
        holder = asked.certificate_holder_type, asked.certificate_holder_code
        certificates = await edge.run(share.query, actor, asked.certificate_type, holder, asked.use_cause)
        return _json(certificates=certificates)

    @routes.post(
        "/queryCertInfo",
        summary="按标识取数据 / Data by identifier",
        openapi_extra=edge.body(InfoBody, {"certificate_identifier": _IDENTIFIER, "use_cause": _CAUSE}),
        responses=edge.answers(400, 404, 422, example={"head": _HEAD, "certificate": found}),
    )
    async def info(request: Request, actor: Annotated[Actor, Depends(caller)]) -> Response:
        """The elements of GB/T 36903; of the face (extend_info) the fields that the caller's grant names."""
        asked = await edge.read(request, InfoBody)
        identifier = Identifier(asked.certificate_identifier)
        return _json(certificate=await edge.run(share.data, actor, identifier, asked.use_cause))

    operator = {"account": "u0042", "body": "示例市政务服务大厅"}
    by_duty = _ASKED | {"operator": operator, "item_code": "440799001000", "case_number": "2026-0001"}

    @routes.post(
        "/queryByDuty",
        summary="依职能查验 / Look-up by duty",
        openapi_extra=edge.body(DutyBody, by_duty),
        responses=edge.answers(400, 404, 422, example={"head": _HEAD, "certificates": [found]}),
    )
    async def by_duty_(request: Request, actor: Annotated[Actor, Depends(caller)]) -> Response:
        """Certificates of a holder with their data, for an official act: operator, item and case are compulsory."""
        asked = await edge.read(request, DutyBody)
        duty = Duty(asked.operator.account, asked.operator.body, asked.item_code, asked.case_number)
        holder = asked.certificate_holder_type, asked.certificate_holder_code
        found = await edge.run(share.duty, actor, asked.certificate_type, holder, asked.use_cause, duty)
        return _json(certificates=found)


def _judging(routes: APIRouter, share: Share, edge: Edge) -> None:
    caller = edge.authorise(Role.RELYING_PARTY)
    said = _ASKED | {"certificate_holder_name": "江门市示例侨味食品有限公司", "extend_info": {}}

    @routes.post(
        "/verifyCertInfo",
        summary="核对信息 / Compare what is said",
        openapi_extra=edge.body(VerifyBody, said),
        responses=edge.answers(400, 404, 422, example=_verdict(Answer.VALID)),
    )
    async def verify(request: Request, actor: Annotated[Actor, Depends(caller)]) -> Response:
        """0 correct and valid, 1 not active, 2 suspended, 3 no longer valid, 4 not enough to decide, 5 no such record,
        6 nothing given, 7 partly wrong or incomplete."""
        asked = await edge.read(request, VerifyBody)
        facts = Facts(
            asked.certificate_holder_name, asked.certificate_holder_code, asked.certificate_number, asked.extend_info
        )
        code_type = asked.certificate_holder_type
        answer = await edge.run(share.verify, actor, asked.certificate_type, facts, code_type, asked.use_cause)
        return Response(orjson.dumps(_verdict(answer)), media_type="application/json")

    listed = {"name": "name", "label_zh": "名称", "label_en": "Name", "kind": "string", "required": True}

    @routes.post(
        "/getCertRemarkInfo",
        summary="证照字段 / Fields of a type",
        openapi_extra=edge.body(TypeBody, {"certificate_type": "business_licence"}),
        responses=edge.answers(400, 404, 422, example={"head": _HEAD, "fields": [listed]}),
    )
    async def fields(request: Request, actor: Annotated[Actor, Depends(caller)]) -> Response:
        """The fields of a type that the caller's grant reaches."""
        asked = await edge.read(request, TypeBody)
        return _json(fields=await edge.run(share.fields, actor, asked.certificate_type))


def _handing_out(routes: APIRouter, share: Share, edge: Edge, public_url: str) -> None:
    caller = edge.authorise(Role.RELYING_PARTY)
    link = {"head": _HEAD, "url": f"{public_url}/v1/share/files/…", "expires_at": "2026-03-02T09:51:17Z"}

    @routes.post(
        "/downloadUrl",
        summary="加注件链接 / Link to an annotated copy",
        status_code=201,
        openapi_extra=edge.body(LinkBody, {"certificate_identifier": _IDENTIFIER, "use_cause": _CAUSE, "days": 30}),
        responses=edge.answers(201, 400, 404, 422, example=link),
    )
    async def download(request: Request, actor: Annotated[Actor, Depends(caller)]) -> Response:
        """A link that works once and for ten minutes. The copy is made, and the use recorded, when it is opened."""
        asked = await edge.read(request, LinkBody)
        identifier = Identifier(asked.certificate_identifier)
        secret, expires_at = await edge.run(share.link, actor, identifier, asked.use_cause, asked.days)
        return _json(201, url=f"{public_url}/v1/share/files/{secret}", expires_at=expires_at)

    @routes.get(
        "/files/{link}",
        summary="取加注件 / The annotated copy",
        responses=edge.answers(404, 409, 410, 422, 503, media_type="application/pdf"),
    )
    async def file(link: str) -> Response:
        """The signed PDF; whoever has the link may open it, once."""
        made = await edge.run(share.file, link)
        headers = {"cache-control": "no-store", "content-disposition": f'attachment; filename="copy{made.suffix}"'}
        return Response(made.data, media_type=made.media_type, headers=headers)


def _verdict(answer: Answer) -> dict[str, Any]:
    zh, en = _WORDS[answer]
    return {"head": _HEAD, "verdict": int(answer), "verdict_zh": zh, "verdict_en": en}


def _json(status: int = 200, **members: Any) -> Response:
    return Response(orjson.dumps({"head": _HEAD, **members}), status_code=status, media_type="application/json")
