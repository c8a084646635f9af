"""The holder's routes (/v1/wallet …): see, choose, show, register a key, look back. Each reaches only the own wallet.

The holder comes from the token, never from the address; certificates are named by opaque credential ids, because an
address is kept by logs and histories and the national identifier would link.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Request, Response

from keys.encoding import b64url_decode
from schemas.catalogue import Disclosure
from schemas.order import CredentialId, HolderId, Identifier
from schemas.types import certificate_type, credential_fields
from wallet_api.bodies import KeyProof, Presentation, QrChoice, ReferenceBody, Renewal, Signed, SignedQr
from wallet_api.claims import ShownClaim
from wallet_api.drawing import drawn
from wallet_api.edge import Actor, Edge, Guard
from wallet_api.history import History
from wallet_api.holders import Holders
from wallet_api.holdings import HeldCertificate, HeldState, Holdings
from wallet_api.presenting import Begun, Presented, Presenting
from wallet_api.records import ShownRecord
from wallet_api.showing import Showing


@dataclass(frozen=True, slots=True)
class Services:
    """The wallet's use cases. ``state_of`` says what the register knows of a certificate (revoked …), or None."""

    holders: Holders
    holdings: Holdings
    presenting: Presenting
    showing: Showing
    history: History
    state_of: Callable[[Identifier], str | None]


_IN_FORCE = ("issued", HeldState.IN_DATE)
_CHOICE = {"type_id": "business_licence", "fields": ["certificate_identifier"], "purpose": "窗口办事"}
_SHOWN = {"mode": "inline", "image": "data:image/svg+xml;base64,…", "text": "eyJ…", "seconds": 60}


def router(services: Services, edge: Edge) -> APIRouter:
    """Return the routes of the wallet."""
    routes = APIRouter(tags=["wallet"])
    holder = edge.authorise("holder")
    _seeing(routes, services, edge, holder)
    _showing(routes, services, edge, holder)
    _presenting(routes, services, edge, holder)
    _keys(routes, services, edge, holder)
    _fetching(routes, services, edge)
    return routes


def _seeing(routes: APIRouter, services: Services, edge: Edge, holder: Guard) -> None:
    @routes.get("/v1/wallet/certificates", summary="我的证照 / My certificates", responses=edge.answers())
    async def certificates(actor: Annotated[Actor, Depends(holder)]) -> Response:
        """Every certificate of the holder, the last issued first, without its claims."""
        held = await edge.run(services.holdings.certificates, _holder(actor))
        states = await edge.run(lambda: [services.state_of(one.identifier) for one in held])
        return _json({"certificates": [_summary(one, state) for one, state in zip(held, states, strict=True)]})

    @routes.get(
        "/v1/wallet/certificates/{credential_id}", summary="一个证照 / One certificate", responses=edge.answers(404)
    )
    async def certificate(credential_id: str, actor: Annotated[Actor, Depends(holder)]) -> Response:
        """One certificate with every claim, for the holder's own eyes, and ``ahead``: by purpose, the unused codes."""
        return _json(await edge.run(_view, services, _holder(actor), CredentialId(credential_id)))

    @routes.get(
        "/v1/wallet/credentials/{credential_id}", summary="取出凭证 / Take a credential", responses=edge.answers(404)
    )
    async def credential(credential_id: str, actor: Annotated[Actor, Depends(holder)]) -> Response:
        """The signed document itself, for its holder to take to another wallet."""
        held = await edge.run(services.holdings.credential, _holder(actor), CredentialId(credential_id))
        return _json({"format": held.credential.format, "token": held.credential.token})

    @routes.get("/v1/wallet/history", summary="用证记录 / What was shown", responses=edge.answers())
    async def history(actor: Annotated[Actor, Depends(holder)], size: int = 20, offset: int = 0) -> Response:
        """When, to whom, which fields, why; newest first."""
        page = await edge.run(services.history.page, _holder(actor), size=size, offset=offset)
        return _json({"shown": [_record(one) for one in page.records], "next_offset": page.next_offset})


def _showing(routes: APIRouter, services: Services, edge: Edge, holder: Guard) -> None:
    @routes.post(
        "/v1/wallet/qr",
        summary="亮证二维码 / A QR code to show",
        openapi_extra=edge.body(QrChoice, _CHOICE),
        responses=edge.answers(404, 409, 422, example=_SHOWN),
    )
    async def qr(request: Request, actor: Annotated[Actor, Depends(holder)]) -> Response:
        """A code that is good for 60 seconds, signed by the custody key."""
        choice = await edge.read(request, QrChoice)
        show = services.showing.show_qr
        terms = {"purpose": choice.purpose, "challenge": choice.challenge()}
        shown = await edge.run(show, _holder(actor), choice.wanted(), **terms)
        return _json(await edge.run(drawn, shown, choice.image))

    @routes.post(
        "/v1/wallet/qr/renew",
        summary="亮证二维码续签 / The same code, signed anew",
        openapi_extra=edge.body(Renewal, {"renewal": "eyJ…", "image": "svg"}),
        responses=edge.answers(404, 409, 422, example=_SHOWN),
    )
    async def renew_qr(request: Request, actor: Annotated[Actor, Depends(holder)]) -> Response:
        """What is shown goes on, every 20 seconds, for ten minutes: same certificate, same fields, one record."""
        going_on = await edge.read(request, Renewal)
        shown = await edge.run(services.showing.renew_qr, _holder(actor), going_on.renewal)
        return _json(await edge.run(drawn, shown, going_on.image))

    @routes.post(
        "/v1/wallet/qr/begin",
        summary="亮证（设备签名）第一步 / A QR code signed by the device, step 1",
        openapi_extra=edge.body(QrChoice, _CHOICE),
        responses=edge.answers(404, 409, 422),
    )
    async def begin_qr(request: Request, actor: Annotated[Actor, Depends(holder)]) -> Response:
        """What the device has to sign."""
        choice = await edge.read(request, QrChoice)
        begin = services.showing.begin_qr
        terms = {"purpose": choice.purpose, "challenge": choice.challenge()}
        return _json(_begun(await edge.run(begin, _holder(actor), choice.wanted(), **terms)))

    @routes.post(
        "/v1/wallet/qr/complete",
        summary="亮证（设备签名）第二步 / A QR code signed by the device, step 2",
        openapi_extra=edge.body(SignedQr, {"handle": "eyJ…", "signature": "MEUC…", "image": "png"}),
        responses=edge.answers(404, 409, 422, example=_SHOWN),
    )
    async def complete_qr(request: Request, actor: Annotated[Actor, Depends(holder)]) -> Response:
        """The code, once the device has signed."""
        signed = await edge.read(request, SignedQr)
        complete = services.showing.complete_qr
        shown = await edge.run(complete, _holder(actor), signed.handle, b64url_decode(signed.signature))
        return _json(await edge.run(drawn, shown, signed.image))


def _presenting(routes: APIRouter, services: Services, edge: Edge, holder: Guard) -> None:
    example = _CHOICE | {"nonce": "n-0S6_WzA2Mj", "audience": "https://bank.example.org"}

    @routes.post(
        "/v1/wallet/presentations",
        summary="出示 / Present",
        openapi_extra=edge.body(Presentation, example),
        responses=edge.answers(404, 409, 422),
    )
    async def present(request: Request, actor: Annotated[Actor, Depends(holder)]) -> Response:
        """An SD-JWT with key binding for a nonce and an audience, signed by the custody key."""
        terms = await edge.read(request, Presentation)
        present = services.presenting.present
        given = {"nonce": terms.nonce, "audience": terms.audience, "purpose": terms.purpose}
        return _json(_presented(await edge.run(present, _holder(actor), terms.wanted(), **given)))

    @routes.post(
        "/v1/wallet/presentations/begin",
        summary="出示（设备签名）第一步 / Present with the device's key, step 1",
        openapi_extra=edge.body(Presentation, example),
        responses=edge.answers(404, 409, 422),
    )
    async def begin(request: Request, actor: Annotated[Actor, Depends(holder)]) -> Response:
        """What the device has to sign."""
        terms = await edge.read(request, Presentation)
        given = {"nonce": terms.nonce, "audience": terms.audience, "purpose": terms.purpose}
        begun = await edge.run(services.presenting.begin, _holder(actor), terms.wanted(), **given)
        return _json(_begun(begun))

    @routes.post(
        "/v1/wallet/presentations/complete",
        summary="出示（设备签名）第二步 / Present with the device's key, step 2",
        openapi_extra=edge.body(Signed, {"handle": "eyJ…", "signature": "MEUC…"}),
        responses=edge.answers(404, 409, 422),
    )
    async def complete(request: Request, actor: Annotated[Actor, Depends(holder)]) -> Response:
        """The presentation, once the device has signed."""
        signed = await edge.read(request, Signed)
        complete = services.presenting.complete
        return _json(
            _presented(await edge.run(complete, _holder(actor), signed.handle, b64url_decode(signed.signature)))
        )


def _keys(routes: APIRouter, services: Services, edge: Edge, holder: Guard) -> None:
    @routes.post("/v1/wallet/keys/challenge", summary="设备密钥质询 / A challenge", responses=edge.answers(404))
    async def challenge(actor: Annotated[Actor, Depends(holder)]) -> Response:
        """What a device signs to register its key."""
        return _json(asdict(await edge.run(services.holders.challenge, _holder(actor))))

    @routes.post(
        "/v1/wallet/keys",
        summary="登记设备密钥 / Register a device's key",
        openapi_extra=edge.body(KeyProof, {"proof": "eyJ…"}),
        responses=edge.answers(404, 422),
    )
    async def register(request: Request, actor: Annotated[Actor, Depends(holder)]) -> Response:
        """Makes the proved key the one that new credentials are bound to."""
        proof = await edge.read(request, KeyProof)
        key = await edge.run(services.holders.register_device_key, _holder(actor), proof.proof)
        return _json({"kid": key.key.kid, "place": key.place})


def _fetching(routes: APIRouter, services: Services, edge: Edge) -> None:
    reader = edge.authorise("counter", "relying_party", "operator")

    @routes.post(
        "/v1/references",
        summary="取回一次性引用 / Fetch what a reference stands for",
        openapi_extra=edge.body(ReferenceBody, {"reference": "ecert:r/…"}),
        responses=edge.answers(404, 410),
    )
    async def fetch(request: Request, actor: Annotated[Any, Depends(reader)]) -> Response:
        """Works once, within 60 seconds. A POST, because it takes the reference away."""
        del actor
        body = await edge.read(request, ReferenceBody)
        return _json({"presentation": await edge.run(services.showing.take_reference, body.reference)})


def _holder(actor: Actor) -> HolderId:
    return HolderId(actor.holder_id or "")


def _summary(held: HeldCertificate, state: str | None) -> dict[str, Any]:
    ctype = certificate_type(held.type_id)
    return {
        "credential_id": held.newest.credential_id,
        "type_id": held.type_id,
        "name_zh": held.type_zh,
        "name_en": held.type_en,
        "issuing_authority_name": ctype.issuer_zh,
        "version": held.version,
        "state": state or held.state,
        "issued_at": held.newest.issued_at,
        "expires_at": held.newest.expires_at,
    }


def _view(services: Services, holder_id: HolderId, credential_id: CredentialId) -> dict[str, Any]:
    identifier = services.holdings.credential(holder_id, credential_id).credential.identifier
    view = services.holdings.certificate(holder_id, identifier)
    summary = _summary(view.certificate, services.state_of(identifier))
    # No purpose certificate is made of what is not in force, by the register or by the dates.
    in_force = view.certificate.state is HeldState.IN_DATE and summary["state"] in _IN_FORCE
    ahead = view.ahead if in_force else {}
    return summary | {"identifier": identifier, "fields": [_claim(claim) for claim in view.claims], "ahead": ahead}


def _claim(claim: ShownClaim) -> dict[str, Any]:
    return {
        "name": claim.name,
        "label_zh": claim.label_zh,
        "label_en": claim.label_en,
        "selective": claim.disclosure is not Disclosure.ALWAYS,
        "sensitive": claim.sensitive,
        "value": claim.value,
        "text": claim.text_zh or None,
        "rows": [[{"label_zh": cell.label_zh, "text": cell.text_zh} for cell in row] for row in claim.rows],
    }


def _record(record: ShownRecord) -> dict[str, Any]:
    labels = [label for type_id, fields in _what(record) for label in _labels(type_id, fields)]
    named = [certificate_type(type_id) for type_id, _ in _what(record)]
    return {
        "presentation_id": record.presentation_id,
        "name_zh": "、".join(ctype.name_zh for ctype in named),
        "name_en": ", ".join(ctype.name_en for ctype in named),
        "labels": labels,
        "audience": record.audience,
        "purpose": record.purpose,
        "channel": record.channel,
        "at": record.at,
        "exchange": None if record.exchange is None else asdict(record.exchange),
        "acting": None if record.acting is None else asdict(record.acting),
    }


def _what(record: ShownRecord) -> list[tuple[str, tuple[str, ...]]]:
    if record.exchange is None:
        return [(record.type_id, record.fields)]
    return [(one.type_id, one.fields) for one in record.exchange.certificates]


def _labels(type_id: str, names: tuple[str, ...]) -> list[dict[str, str]]:
    fields = {member.name: member for member in credential_fields(type_id)}
    chosen = [fields[name] for name in names if name in fields and fields[name].selective]
    return [{"label_zh": member.label_zh, "label_en": member.label_en} for member in chosen]


def _begun(begun: Begun) -> dict[str, Any]:
    return asdict(begun)


def _presented(presented: Presented) -> dict[str, Any]:
    return asdict(presented)


def _json(value: Any) -> Response:
    return Response(orjson.dumps(value), media_type="application/json")
