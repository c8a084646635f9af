"""The verifier's routes: judge a text or a picture; give out the offline pack and the trust anchor.

The report is the same as offline. Claims stand in it only when the verdict is valid; nothing of them is kept, logged or
counted.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Annotated, Any, Protocol, Self

import orjson
from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from schemas.catalogue import Field as TypeField
from schemas.errors import UnknownType
from schemas.qr import animation, text
from schemas.report import Check, Outcome, Report, Verdict
from schemas.report_texts import OUTCOMES, VERDICTS
from schemas.types import certificate_type, code_lists, credential_fields
from verifier import acting
from verifier.api.in_hand import InHand, Judged
from verifier.edge import Edge, Gate
from verifier.evidence import Evidence
from verifier.judging import judge
from verifier.parties.model import Environment
from verifier.pdf_reading import PdfCopy, read_pdf
from verifier.policy import Policy
from verifier.purposes.model import is_purpose_id
from verifier.reading import code_in_picture

_PICTURES = ("image/png", "image/jpeg")
_PDF = "application/pdf"


class Sources(Protocol):
    """Where evidence comes from and where what was shown is remembered."""

    async def evidence(self, *, testing: bool = False, wanted: Sequence[str] = ()) -> Evidence:
        """Return the evidence of now, what was seen in the last 70 s included; ``testing``: of the test environment.

        ``wanted`` status lists (``Report.wanted_lists``) of issuers elsewhere are fetched first: a few seconds at most.
        """

    async def remember(self, digest: str) -> bool:
        """Remember the digest of a presentation, for every worker; False when one of them remembers it already."""

    def take_reference(self, reference: str) -> str:
        """Return what a short reference stands for, once; raises an error of the wallet when it is gone."""

    def pack(self) -> tuple[bytes, int]:
        """Return the newest offline pack and the seconds since its oldest status list was signed."""

    def anchor(self) -> bytes:
        """Return the trust anchor as JSON."""

    def judged(self, verdict: str) -> None:
        """Count a verdict."""


@dataclass(frozen=True, slots=True)
class Services:
    """What the routes need beside the edge: the sources, the clock, the gate before pictures, and what is kept of
    relying parties' verifications."""

    sources: Sources
    clock: Callable[[], Any]
    pictures: Gate
    in_hand: InHand | None = None


class VerificationBody(BaseModel):
    """A presentation as text: a document of any format, or what a QR code holds; or an animated code's ``frames``."""

    model_config = ConfigDict(
        extra="forbid", strict=True, json_schema_extra={"oneOf": [{"required": ["text"]}, {"required": ["frames"]}]}
    )
    text: str = Field(default="", max_length=131_072)
    frames: list[Annotated[str, Field(max_length=animation.MAX_FRAME_TEXT)]] = Field(
        default_factory=list, min_length=1, max_length=64
    )
    purpose: str = Field(default="", max_length=200)
    types: list[Annotated[str, Field(max_length=64)]] | None = Field(default=None, max_length=64)
    nonce: str | None = Field(default=None, max_length=512)
    audience: str | None = Field(default=None, max_length=1024)

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if ("text" in self.model_fields_set) == ("frames" in self.model_fields_set):
            raise ValueError("text or frames")
        return self


_EXAMPLE = {"text": "eyJhbGciOiJFUzI1NiIs…~WyJ…~eyJ…", "purpose": "窗口办事", "types": ["business_licence"]}
_ONE_FRAME = {
    202: {
        "description": "动态二维码的一帧 One frame of an animated code",
        "content": {"application/json": {"example": {"frame": {"text": "ZK2/1:…", "number": 1, "count": 2}}}},
    }
}
_REPORT = {
    "verdict": "valid",
    "verdict_zh": "有效",
    "checks": [{"code": "signature", "outcome": "passed", "reason": "signature_valid"}],
    "claims": [{"name": "enterprise_name", "label_zh": "名称", "label_en": "Name", "value": "…"}],
}


def router(services: Services, edge: Edge) -> APIRouter:
    """Return the verifier's routes."""
    routes = APIRouter(tags=["verifier"])
    _verifying(routes, services, edge)
    _giving_out(routes, services, edge)
    return routes


def _verifying(routes: APIRouter, services: Services, edge: Edge) -> None:
    reader = edge.authorise("counter", "relying_party", "operator")
    described = edge.body(VerificationBody, _EXAMPLE)
    pictures = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in (*_PICTURES, _PDF)}
    described["requestBody"]["content"] |= pictures

    async def verifications(request: Request) -> Response:
        """Judge a text (JSON), the QR code in a picture (the body itself is a PNG or a JPEG), or a PDF.

        A picture of one frame of an animated code is no whole presentation: the answer is 202 with the frame's text,
        number and count. Send the texts of all of them as ``frames``.

        A PDF is judged by the credential that is attached and by the code on its pages: both must hold and agree, and
        what it looks like counts for nothing. It is a copy, so never more than "compare".

        What an agent shows has the row ``delegation`` after the others and, when all is valid, the member
        ``delegation``: who acts for the holder, for what, until when. A purpose that is named by its id has to be one
        of the delegation's.

        A relying party's own key names the id of a purpose, or none; its answer has ``id`` and ``result`` as well.
        """
        actor = await reader(request)
        kind, given = request.headers.get("content-type", "").partition(";")[0].strip(), None
        if kind == _PDF:
            given = await services.pictures.run(read_pdf, await request.body())
            asked = VerificationBody(text=given.attached)
        elif kind in _PICTURES:
            found = (await services.pictures.run(code_in_picture, await request.body()))[0]
            if animation.is_frame(found):
                return _json({"frame": _frame(found)}, status=202)
            asked = VerificationBody(text=found)
        else:
            asked = await edge.read(request, VerificationBody)
        return _json(await _answered(asked, actor, services, edge, given))

    routes.add_api_route(
        "/v1/verifications/present",
        verifications,
        methods=["POST"],
        summary="核验 / Verify",
        openapi_extra=described,
        responses=edge.answers(400, 410, 413, 422, 503, example=_REPORT) | _ONE_FRAME,
        route_class_override=edge.direct,
    )


async def _answered(
    asked: VerificationBody, actor: Any, services: Services, edge: Edge, given: PdfCopy | None
) -> dict[str, Any]:
    """Return the report; for a relying party's own key the result as well, which is kept without its claims."""
    access, in_hand = getattr(actor, "access", None), services.in_hand
    if access is None or in_hand is None:
        return _described(await _judge(asked, services, edge, given))
    purpose = await edge.run(in_hand.purpose, access, asked.purpose)
    judged = await _judge(asked, services, edge, given, testing=access.environment is Environment.TEST)
    return _described(judged) | await edge.run(in_hand.keep, access, purpose, judged)


async def _judge(
    asked: VerificationBody, services: Services, edge: Edge, given: PdfCopy | None, *, testing: bool = False
) -> Judged:
    # A counter says in words why it asks, and the clerk compares; an id is compared here.
    purpose = asked.purpose if is_purpose_id(asked.purpose) else None
    sources = services.sources
    presentation = animation.reassemble(asked.frames) if asked.frames else asked.text.strip()
    if presentation.startswith(text.REFERENCE_PREFIX):
        presentation = await edge.run(sources.take_reference, presentation)
    evidence, policy, now = await sources.evidence(testing=testing), _policy(asked), services.clock()
    judged = judge(given or presentation, policy=policy, evidence=evidence, now=now, purpose=purpose)
    if judged.report.wanted_lists:
        evidence = await sources.evidence(testing=testing, wanted=judged.report.wanted_lists)
        judged = judge(given or presentation, policy=policy, evidence=evidence, now=now, purpose=purpose)
    # Shown is shown, whatever else stood in the way: the same rule as offline (verifier.cli).
    shown = judged.report.shown
    if shown is not None and not await sources.remember(shown):
        # Another worker was shown it since this one looked.
        seen = replace(evidence, seen={shown})
        judged = judge(presentation, policy=policy, evidence=seen, now=now, purpose=purpose)
    sources.judged(judged.verdict)
    return Judged(presentation, judged.report, evidence, judged.delegation)


def _described(judged: Judged) -> dict[str, Any]:
    return described_report(judged.report) | acting.member(judged.delegation)


def _policy(asked: VerificationBody) -> Policy:
    types = None if asked.types is None else frozenset(str(certificate_type(name).vct) for name in asked.types)
    policy = Policy(accepted_types=types, nonce=asked.nonce)
    if asked.audience is None:
        return policy
    return Policy(accepted_types=types, nonce=asked.nonce, audience=asked.audience)


def _giving_out(routes: APIRouter, services: Services, edge: Edge) -> None:
    reader = edge.authorise("counter", "relying_party", "operator", "auditor")

    @routes.get(
        "/v1/pack", summary="离线核验包 / The offline pack", responses=edge.answers(media_type="application/jwt")
    )
    async def pack(actor: Annotated[Any, Depends(reader)]) -> Response:
        """The newest pack, signed by the trust anchor: what an offline counter needs for a day."""
        del actor
        made, _ = await edge.run(services.sources.pack)
        return Response(made, media_type="application/jwt", headers={"cache-control": "private, max-age=60"})

    @routes.get("/v1/pack/age", summary="离线数据的时效 / Age of the data", responses=edge.answers())
    async def age(actor: Annotated[Any, Depends(reader)]) -> Response:
        """Seconds since the oldest status list was signed."""
        del actor
        _, seconds = await edge.run(services.sources.pack)
        return _json({"age_seconds": seconds})

    key: dict[int | str, dict[str, Any]] = {200: {"description": "JWK", "content": {"application/jwk+json": {}}}}

    @routes.get("/v1/anchor", summary="信任锚 / The trust anchor", responses=key)
    async def anchor() -> Response:
        """The public key to pin. Compare its thumbprint by another way before trusting it."""
        return Response(services.sources.anchor(), media_type="application/jwk+json")


def _frame(found: str) -> dict[str, Any]:
    frame = animation.read(found)
    return {"text": found, "number": frame.number, "count": frame.count}


def described_report(report: Report) -> dict[str, Any]:
    """Return the report as JSON for people: words in zh and en beside every code; claims only when valid.

    A printed copy in order is never valid; its claims stand apart, in ``claims_to_compare``.
    """
    verdict = report.verdict
    words = VERDICTS[verdict]
    return {
        "verdict": verdict,
        "verdict_zh": words.zh,
        "verdict_en": words.en,
        "verified_at": report.verified_at,
        "format": report.format,
        "issuer": report.issuer,
        "issuer_name_zh": report.issuer_name_zh,
        "issuer_name_en": report.issuer_name_en,
        "vct": report.vct,
        "type_id": report.type_id,
        "name_zh": report.type_name_zh,
        "name_en": report.type_name_en,
        "status_age_seconds": report.status_age_seconds,
        "checks": [_check(check) for check in report.checks],
        "claims": _claims(report, report.accepted_claims()) if verdict is Verdict.VALID else [],
        "printed_copy": None if report.printed_copy is None else asdict(report.printed_copy),
        "claims_to_compare": _claims(report, report.claims_to_compare()) if report.is_to_compare else [],
    }


def _check(check: Check) -> dict[str, Any]:
    return {**_worded(check.code, check.outcome, check.reason), "facts": dict(check.facts)}


@lru_cache(maxsize=512)
def _worded(code: str, outcome: Outcome, reason: str) -> Mapping[str, Any]:
    # Kept, because outcomes and reasons are few, and every report has a row of each check.
    row = Check(code, outcome, reason)
    label, words = row.name, row.text
    if words.zh == reason:  # a reason that nobody put into words
        words = OUTCOMES[outcome]
    return {
        "code": code,
        "outcome": outcome,
        "reason": reason,
        "label_zh": label.zh,
        "label_en": label.en,
        "reason_zh": words.zh,
        "reason_en": words.en,
    }


_UNSHOWN = frozenset({"iss", "iat", "exp", "nbf", "vct", "cnf", "status", "vct#integrity", "_sd_alg", "sub", "jti"})


def _claims(report: Report, claims: Mapping[str, Any]) -> list[dict[str, Any]]:
    fields = _fields(report.type_id)
    known = [name for name in fields if name in claims]
    others = [name for name in claims if name not in fields and name not in _UNSHOWN]
    return [_claim(name, claims[name], fields.get(name)) for name in [*known, *others]]


def _fields(type_id: str | None) -> Mapping[str, TypeField]:
    try:
        return {member.name: member for member in credential_fields(type_id or "")}
    except UnknownType:
        return {}


def _claim(name: str, value: Any, member: TypeField | None) -> dict[str, Any]:
    listed = code_lists().get(member.code_list) if member and member.code_list else None
    return {
        "name": name,
        "label_zh": member.label_zh if member else name,
        "label_en": member.label_en if member else "",
        "value": value,
        "text": listed.values.get(value) if listed and isinstance(value, str) else None,
    }


def _json(value: Any, *, status: int = 200) -> Response:
    return Response(orjson.dumps(value), media_type="application/json", status_code=status)
