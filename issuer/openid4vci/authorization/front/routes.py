"""The routes of the authorization server's front: PAR, authorization endpoint, login, consent.

Nothing here is for other origins: there is no CORS on these routes (FAPI 2.0 Security Profile, 5.2.1). Redirects are
303, so that no form goes on to the client (5.3.2.2).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from fastapi import APIRouter, Request, Response

from issuer.openid4vci.answers import REFUSALS, Answer, error_answer, read_form, read_query
from issuer.openid4vci.authorization.front import views
from issuer.openid4vci.authorization.front.choosing import needed
from issuer.openid4vci.authorization.front.endpoint import AuthorizationEndpoint
from issuer.openid4vci.authorization.front.logins import Session, check_token
from issuer.openid4vci.authorization.front.par import ParEndpoint, ParRequest
from issuer.openid4vci.authorization.front.pushed import LOGIN_LIFETIME
from issuer.openid4vci.authorization.front.requests import AuthorizationRequest, Place
from issuer.openid4vci.authorization.front.views import Page, Render
from issuer.openid4vci.errors import IdentityRefused, LoginCancelled, NoLogin, ProtocolError
from issuer.openid4vci.ports import Begun, IdentityProofing, Login
from schemas.types import department

T = TypeVar("T")
CALLBACK = "/identity/callback"
"""Where an identity provider sends the browser back: one address below the public URL for every department."""
_HTML = "text/html; charset=utf-8"


class Edge(Protocol):
    """What the application gives to a router."""

    async def run(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Run what waits in a thread."""


@dataclass(frozen=True, slots=True)
class Services:
    """The front's parts. ``public_url`` is that of the installation, without a trailing slash."""

    par: ParEndpoint
    endpoint: AuthorizationEndpoint
    proofing: IdentityProofing
    render: Render
    public_url: str

    def place(self, department_id: str) -> Place:
        """Return the server that is asked; raises UnknownDepartment."""
        return Place(department(department_id).id, f"{self.public_url}/issuers/{department_id}")

    def login(self, request: AuthorizationRequest) -> Login:
        """Return the login that a request needs."""
        return Login(self.public_url + CALLBACK, needed(request))

    @property
    def cookie(self) -> str:
        """The session cookie's name; over plain http, which is this machine alone, a browser keeps no ``__Host-``."""
        return "__Host-ecert-login" if self.public_url.startswith("https:") else "ecert-login"


def router(services: Services, edge: Edge) -> APIRouter:
    """Return the front's routes. They are open: a client authenticates by itself, a person logs in."""
    routes = APIRouter(include_in_schema=False)
    front = _Front(services, edge)
    base = "/issuers/{department_id}"
    routes.add_api_route(f"{base}/par", front.par, methods=["POST"])
    routes.add_api_route(f"{base}/authorize", front.shown(front.authorize), methods=["GET"])
    routes.add_api_route(f"{base}/authorize/login", front.shown(front.login_form), methods=["GET"])
    routes.add_api_route(f"{base}/authorize/login", front.shown(front.login), methods=["POST"])
    routes.add_api_route(f"{base}/authorize/consent", front.shown(front.consent_form), methods=["GET"])
    routes.add_api_route(f"{base}/authorize/consent", front.shown(front.consent), methods=["POST"])
    routes.add_api_route(CALLBACK, front.shown(front.callback), methods=["GET"])
    return routes


class _Front:
    def __init__(self, services: Services, edge: Edge) -> None:
        self._services = services
        self._endpoint = services.endpoint
        self._edge = edge

    async def par(self, department_id: str, request: Request) -> Response:
        place = self._services.place(department_id)
        asked = ParRequest(place, await request.body(), _fields(request), _address(request))
        try:
            answer = await self._edge.run(self._services.par.answer, asked)
        except REFUSALS as error:
            answer = error_answer(error)
        return _response(answer)

    def shown(self, step: Callable[..., Any]) -> Callable[..., Any]:
        """Return the route of a step: a refusal is a page."""

        async def route(request: Request) -> Response:
            try:
                made: Response = await step(request)
            except REFUSALS as error:
                refusal = error if isinstance(error, ProtocolError) else NoLogin("the request cannot be read")
                made = self._page(views.error_page(refusal))
                made.headers.update(refusal.headers)
            return made

        return route

    async def authorize(self, request: Request) -> Response:
        place = self._place(request)
        form = read_query(request.url.query.encode())
        request_uri, pushed = await self._edge.run(self._endpoint.open, form, place=place, address=_address(request))
        begun: Begun = await self._services.proofing.begin(self._services.login(pushed))
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
        await self._edge.run(self._endpoint.attempt, session, address=_address(request))
        try:
            return await self._identified(cookie, session, dict(form.parameters))
        except IdentityRefused:
            return self._page(views.login_page(session, refused=True))

    async def callback(self, request: Request) -> Response:
        cookie, session = await self._session(request, None)
        form = read_query(request.url.query.encode())
        await self._edge.run(self._endpoint.attempt, session, address=_address(request))
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
        step = self._endpoint.approve if "approve" in form else self._endpoint.deny
        return self._redirect(await self._edge.run(step, cookie, session), "")

    async def _identified(self, cookie: str, session: Session, parameters: dict[str, str]) -> Response:
        if session.person is not None:
            raise NoLogin("somebody has logged in already")
        login = Login(self._services.public_url + CALLBACK, needed(session.request), session.kept)
        identity = await self._services.proofing.finish(parameters, login)
        renewed = await self._edge.run(self._endpoint.identify, cookie, session, identity)
        issuer = self._services.place(session.request.department).issuer
        return self._redirect(f"{issuer}/authorize/consent", renewed)

    async def _session(self, request: Request, department_id: str | None) -> tuple[str, Session]:
        cookie = request.cookies.get(self._services.cookie, "")
        return cookie, await self._edge.run(self._endpoint.session, cookie, department=department_id)

    def _place(self, request: Request) -> Place:
        return self._services.place(request.path_params["department_id"])

    def _page(self, page: Page) -> Response:
        content = self._services.render(page.name, **page.values)
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


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"


def _fields(request: Request) -> dict[str, tuple[str, ...]]:
    return {name: tuple(request.headers.getlist(name)) for name in request.headers}


def _response(answer: Answer) -> Response:
    return Response(answer.body, answer.status, headers=dict(answer.headers))
