"""What every router is given: access, reading bodies, threads for storage, and the words of the OpenAPI document.

Routers stand in the packages of the roles and know this object only by the protocol that they declare.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ValidationError

from ecert.access import Actor
from ecert.errors import FieldFault, MalformedRequest
from ecert.http import auth
from ecert.http.direct import DirectRoute
from ecert.http.gate import Gate
from ecert.http.limits import check_json_text
from ecert.http.metrics import Metrics
from keys import strict_json

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")
_PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_GOOD = {202: "已受理 Accepted"}
_WORDS = {
    400: "内容格式错误 Malformed",
    401: "未认证 Not authenticated",
    403: "没有权限 Not permitted",
    404: "没有找到 Not found",
    409: "与现状冲突 Conflict",
    410: "已经失效 Gone",
    413: "过大 Too large",
    422: "不符合要求 Not acceptable",
    429: "请求过于频繁 Too many requests",
    502: "对方服务器没有正常回应 Bad gateway",
    503: "暂时繁忙 Busy",
}


class Edge:
    """The edge of the application, as routers see it."""

    direct = DirectRoute

    def __init__(self, metrics: Metrics, *, pictures: int = 2) -> None:
        self.metrics = metrics
        self.pictures = Gate(pictures)  # one for all routers: it is the processor that is shared
        self.schemas: dict[str, Any] = {}

    def authorise(self, *roles: str) -> Callable[[Request], Awaitable[Actor]]:
        """Return the dependency that lets only ``roles`` in; see ``ecert.http.auth.authorise``."""
        return auth.authorise(*roles)

    async def run(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Run what waits for storage or a picture in the bounded thread pool."""
        return await run_in_threadpool(function, *args, **kwargs)

    async def read(self, request: Request, model: type[M]) -> M:
        """Return the request's JSON body as ``model``.

        Raises:
            MalformedToken: no JSON object, a member twice, or nested too deep.
            ForbiddenCharacter: a text holds U+0000.
            MalformedRequest: it does not fit ``model``; names the places and rules, not the values.
            RequestTooLarge: more bytes than the limit.
        """
        raw = await request.body() or b"{}"
        members = strict_json.loads_object(raw)
        check_json_text(raw)
        try:
            return model.model_validate(members)
        except ValidationError as exc:
            raise MalformedRequest(faults_of(exc)) from None

    def body(self, model: type[BaseModel], example: Any) -> dict[str, Any]:
        """Return the OpenAPI members that describe a JSON body of ``model``, with an example."""
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        self.schemas.update(schema.pop("$defs", {}))
        content = {"application/json": {"schema": schema, "examples": {"示例 example": {"value": example}}}}
        return {"requestBody": {"required": True, "content": content}}

    def answers(
        self,
        *codes: int,
        example: Any = None,
        media_type: str = "application/json",
        others: Mapping[int, Any] | None = None,
    ) -> dict[Any, Any]:
        """Return the OpenAPI ``responses``: the good answers, which are those below 300 among ``codes``, or 200; and
        the problems that may come instead. ``example`` is of the first good one, ``others`` of those after it."""
        good = [code for code in codes if code < 300] or [200]
        examples = {good[0]: example, **(others or {})}
        made = {code: _good_answer(code, examples.get(code), media_type) for code in good}
        return made | {code: problem_answer(code) for code in sorted({401, 403, *codes} - set(good))}


def _good_answer(code: int, example: Any, media_type: str) -> dict[str, Any]:
    made: dict[str, Any] = {"description": _GOOD.get(code, "成功 Done")}
    return made if code == 204 else made | {"content": {media_type: {"example": example}}}


def problem_answer(code: int) -> dict[str, Any]:
    """Return the OpenAPI answer of a problem document with this status."""
    return {"description": _WORDS[code], "content": _PROBLEM}


def faults_of(error: ValidationError) -> list[FieldFault]:
    """Return pydantic's faults as ours: place, rule, sentence; what was given is left out."""
    found = error.errors(include_input=False, include_context=False, include_url=False)
    return [FieldFault(".".join(map(str, item["loc"])), item["type"], _sentence(item["type"])) for item in found]


def _sentence(rule: str) -> str:
    # Pydantic's own sentences may repeat what was given; the rule's name never does.
    return rule.replace("_", " ")
