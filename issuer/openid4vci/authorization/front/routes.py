"""The routes of the authorization server's front: PAR, authorization endpoint, login, consent.

Nothing here is for other origins: there is no CORS on these routes (FAPI 2.0 Security Profile, 5.2.1). Redirects are
303, so that no form goes on to the client (5.3.2.2).
"""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from fastapi import APIRouter, Request, Response

from issuer.edge import address_of, response_of
from issuer.openid4vci.answers import answered, read_form, read_query
from issuer.openid4vci.authorization.front import views
from issuer.openid4vci.authorization.front.logins import Session, check_token
from issuer.openid4vci.authorization.front.par import ParRequest
from issuer.openid4vci.authorization.front.pushed import LOGIN_LIFETIME
from issuer.openid4vci.authorization.front.requests import Place
from issuer.openid4vci.authorization.front.services import CALLBACK, FrontServices
from issuer.openid4vci.authorization.front.views import Page
from issuer.openid4vci.errors import IdentityRefused, InvalidRequest, LoginCancelled, NoLogin, ProtocolError

T = TypeVar("T")
_HTML = "text/html; charset=utf-8"
_REQUEST = {
    "client_id": "https://wallet.example",
    "response_type": "code",
    "redirect_uri": "https://wallet.example/back",
    "scope": "business_licence.dc+sd-jwt",
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256",
    "state": "…",
}
_CONTENT = {"schema": {}, "examples": {"示例 example": {"value": _REQUEST}}}
_FORM = {"requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": _CONTENT}}}
_REFUSED = {400: {"description": "拒绝 Refused (RFC 6749, 5.2)", "content": {"application/json": {"schema": {}}}}}
_PUSHED = {"request_uri": "urn:ietf:params:oauth:request_uri:…", "expires_in": 90}


class Edge(Protocol):
    """What the application gives to a router."""

    async def run(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Run what waits in a thread."""

    def answers(self, *codes: int, example: Any = None, media_type: str = "application/json") -> dict[Any, Any]:
        """Describe the answers: the good one, when it is not 200, and the problems."""


def router(services: FrontServices, edge: Edge) -> APIRouter:
    """Return the front's routes. They are open: a client authenticates by itself, a person logs in."""
    routes = APIRouter(tags=["openid4vci"])
    front = _Front(services, edge)
    base = "/issuers/{department_id}"
    routes.add_api_route(
        f"{base}/par",
        front.par,
        methods=["POST"],
        status_code=201,
        summary="推送授权请求 / Pushed authorization request",
        openapi_extra=_FORM,
        responses=edge.answers(201, 404, example=_PUSHED) | _REFUSED,
    )
    pages = {
        ("GET", f"{base}/authorize"): front.authorize,
        ("GET", f"{base}/authorize/login"): front.login_form,
        ("POST", f"{base}/authorize/login"): front.login,
        ("GET", f"{base}/authorize/consent"): front.consent_form,
        ("POST", f"{base}/authorize/consent"): front.consent,
        ("GET", CALLBACK): front.callback,
    }
    for (method, path), step in pages.items():
        routes.add_api_route(path, front.shown(step), methods=[method], include_in_schema=False)
    return routes


class _Front:
    def __init__(self, services: FrontServices, edge: Edge) -> None:
        self._services = services
        self._endpoint = services.endpoint
        self._edge = edge

    async def par(self, department_id: str, request: Request) -> Response:
        """RFC 9126, 2: a client pushes its authorization request and gets a ``request_uri`` for 90 seconds."""
        place = self._services.place(department_id)
        asked = ParRequest(place, await request.body(), _fields(request), address_of(request))
        return response_of(await self._edge.run(answered, lambda: self._services.par.answer(asked)))

    def shown(self, step: Callable[..., Any]) -> Callable[..., Any]:
        """Return the route of a step: a refusal is a page."""

        async def route(request: Request) -> Response:
            try:
                made: Response = await step(request)
            except ProtocolError as refusal:
                made = self._page(views.error_page(refusal))
                made.headers.update(refusal.headers)
            return made

        return route

    async def authorize(self, request: Request) -> Response:
        place = self._place(request)
        form = read_query(request.scope["query_string"])
        request_uri, pushed = await self._edge.run(self._endpoint.open, form, place=place, address=address_of(request))
        begun = await self._services.ports.proofing.begin(self._services.begin(pushed))
        cookie = await self._edge.run(self._endpoint.start, request_uri, pushed, begun)
        location = begun.location or f"{place.issuer}/authorize/login"
        return self._redirect(location, cookie)

    async def login_form(self, request: Request) -> Response:
        _, session = await self._session(request, self._place(request).department)
        return self._page(views.login_page(_with_form(session)))

    async def login(self, request: Request) -> Response:
        place = self._place(request)
        cookie, session = await self._session(request, place.department)
        form = read_form(await request.body(), request.headers.get("content-type"))
        check_token(_with_form(session), form.get("token"))
        if "deny" in form:
            return self._redirect(await self._edge.run(self._endpoint.deny, cookie, session), "")
        await self._edge.run(self._endpoint.attempt, session, address=address_of(request))
        try:
            return await self._identified(cookie, session, dict(form.parameters))
        except IdentityRefused:
            return self._page(views.login_page(session, refused=True))

    async def callback(self, request: Request) -> Response:
        cookie, session = await self._session(request, None)
        if session.form is not None:
            raise NoLogin("the login in this browser goes by a form")
        form = read_query(request.scope["query_string"])
        await self._edge.run(self._endpoint.attempt, session, address=address_of(request))
        try:
            return await self._identified(cookie, session, dict(form.parameters))
        except LoginCancelled:
            return self._redirect(await self._edge.run(self._endpoint.deny, cookie, session), "")

    async def consent_form(self, request: Request) -> Response:
        _, session = await self._session(request, self._place(request).department)
        choice = await self._edge.run(self._endpoint.choice, session)
        return self._page(views.consent_page(session, choice))

    async def consent(self, request: Request) -> Response:
        cookie, session = await self._session(request, self._place(request).department)
        form = read_form(await request.body(), request.headers.get("content-type"))
        check_token(session, form.get("token"))
        if ("approve" in form) == ("deny" in form):
            raise InvalidRequest("the form says neither yes nor no")
        step = self._endpoint.approve if "approve" in form else self._endpoint.deny
        return self._redirect(await self._edge.run(step, cookie, session), "")

    async def _identified(self, cookie: str, session: Session, parameters: dict[str, str]) -> Response:
        if session.person is not None:
            raise NoLogin("somebody has logged in already")
        identity = await self._services.ports.proofing.finish(parameters, self._services.begun(session))
        renewed = await self._edge.run(self._endpoint.identify, cookie, session, identity)
        issuer = self._services.place(session.request.department).issuer
        return self._redirect(f"{issuer}/authorize/consent", renewed)

    async def _session(self, request: Request, department_id: str | None) -> tuple[str, Session]:
        cookie = request.cookies.get(self._services.cookie, "")
        return cookie, await self._edge.run(self._endpoint.session, cookie, department=department_id)

    def _place(self, request: Request) -> Place:
        return self._services.place(request.path_params["department_id"])

    def _page(self, page: Page) -> Response:
        content = self._services.ports.render(page.name, **page.values)
        headers = {"content-security-policy": page.policy, "cache-control": "no-store"}
        return Response(content, page.status, headers=headers, media_type=_HTML)

    def _redirect(self, location: str, cookie: str) -> Response:
        """Go on, with the session's cookie set, or with none when it has ended."""
        secure = "; Secure" if self._services.cookie.startswith("__Host-") else ""
        age = int(LOGIN_LIFETIME.total_seconds()) if cookie else 0
        kept = f"{self._services.cookie}={cookie}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax{secure}"
        headers = {"location": location, "cache-control": "no-store", "set-cookie": kept}
        return Response(status_code=303, headers=headers)


def _with_form(session: Session) -> Session:
    if session.form is None:
        raise NoLogin("there is no form to log in by")
    return session


def _fields(request: Request) -> dict[str, tuple[str, ...]]:
    return {name: tuple(request.headers.getlist(name)) for name in request.headers}
