"""The authorization server's front in memory: a browser, two clients, people with waiting orders, identity providers.

A page is the JSON of its name and values, so that a test reads what a person would.
"""

import asyncio
import itertools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

import httpx
from fastapi import FastAPI

from ecert.problems import Problems
from issuer.edge import Render
from issuer.openid4vci.authorization.client_auth import ASSERTION_TYPE, KnownClients
from issuer.openid4vci.authorization.codes import find_code
from issuer.openid4vci.authorization.front.routes import router
from issuer.openid4vci.authorization.front.services import FrontPorts, front_services
from issuer.openid4vci.authorization.policy import Policy
from issuer.openid4vci.authorization.ports import Attester, RegisteredClient
from issuer.openid4vci.authorization.services import AuthorizationPorts, authorization_services
from issuer.openid4vci.errors import IdentityRefused, IdentityUnavailable, LoginCancelled
from issuer.openid4vci.grants import CodeGrant, Grant, Kind
from issuer.openid4vci.ports import ANY, Among, AssuranceLevel, Begun, Entitlement, Identity, Login
from keys.public import PublicKey
from keys.signer import SoftwareSigner
from schemas.order import HolderId
from tests.support.entitlements import within
from tests.support.issuer_fakes import FakeDirectory, FixedClock
from tests.support.key_proofs import signed
from tests.support.protocol_state import CountingLimits, MemoryState

T = TypeVar("T")
PUBLIC = "https://ecert.example"
ISSUER = f"{PUBLIC}/issuers/amr"
LICENCE = "business_licence.dc+sd-jwt"
CLIENT, OTHER = "https://wallet.example", "https://other.example"
REDIRECT = "https://wallet.example/cb"
QUERIED = "https://other.example/cb?dummy1=lorem&dummy2=ipsum"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
NUMBER = "91440799MA0000000X"


class Edge:
    """The application, for the router."""

    async def run(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        return function(*args, **kwargs)

    def answers(self, *codes: int, example: Any = None, media_type: str = "application/json") -> dict[Any, Any]:
        del codes, example, media_type
        return {}


class FakeEntitlements:
    """What waits, by holder."""

    def __init__(self) -> None:
        self.waiting: dict[HolderId, list[Entitlement]] = {}

    def of(self, holder_id: HolderId, *, department: str, among: Among = ANY) -> list[Entitlement]:
        assert department == "amr"
        return within(self.waiting.get(holder_id, []), among)

    def issue(self, wanted: Any) -> Any:
        raise NotImplementedError


@dataclass
class FakeProofing:
    """A provider with a form here, or elsewhere when it has a ``location``; ``identity`` is who logs in."""

    location: str | None = None
    identity: Identity | None = None
    failure: type[Exception] | None = None
    begun: list[Login] = field(default_factory=list)
    finished: list[tuple[Mapping[str, str], Login]] = field(default_factory=list)

    async def begin(self, login: Login) -> Begun:
        if self.failure is IdentityUnavailable:
            raise IdentityUnavailable("provider does not answer")
        self.begun.append(login)
        return Begun(self.location, None if self.location else "login", {"secret": "kept"})

    async def finish(self, parameters: Mapping[str, str], login: Login) -> Identity:
        self.finished.append((parameters, login))
        if self.failure in (IdentityRefused, LoginCancelled):
            raise self.failure("not today")
        assert self.identity is not None
        return self.identity


class NoAttesters:
    """No attester is trusted."""

    def find(self, iss: str) -> Attester | None:
        del iss
        return None


@dataclass
class Registered:
    """The registered clients: one key for all of them."""

    key: PublicKey
    clients: dict[str, tuple[str, ...]]

    def find(self, client_id: str) -> RegisteredClient | None:
        uris = self.clients.get(client_id)
        return None if uris is None else RegisteredClient(client_id, (self.key,), uris)


@dataclass
class Front:
    """Everything that a test of the front touches."""

    proofing: Any = field(default_factory=FakeProofing)
    state: MemoryState = field(default_factory=MemoryState)
    limits: CountingLimits = field(default_factory=CountingLimits)
    clock: FixedClock = field(default_factory=FixedClock)
    directory: FakeDirectory = field(default_factory=FakeDirectory)
    entitlements: FakeEntitlements = field(default_factory=FakeEntitlements)
    signer: SoftwareSigner = field(default_factory=SoftwareSigner.generate)
    policy: Policy = field(default_factory=Policy)
    public_url: str = PUBLIC
    render: Render | None = None
    cookies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        chance = itertools.count(1)
        self._jti = itertools.count(1)
        registered = Registered(self.signer.public_key, {CLIENT: (REDIRECT,), OTHER: (QUERIED,)})
        ports = AuthorizationPorts(
            self.state,
            self.limits,
            self.entitlements,
            KnownClients(registered, NoAttesters()),
            lambda department: f"{self.public_url}/issuers/{department}",
            bytes(32),
        )

        def random(size: int) -> bytes:
            return next(chance).to_bytes(size, "big")

        server = authorization_services(ports, policy=self.policy, clock=self.clock, random=random)
        outside = FrontPorts(self.proofing, self.directory, self.render or _render, self.public_url)
        app = FastAPI()
        app.include_router(router(front_services(ports, server, outside, random=random), Edge()))
        app.add_middleware(Problems)
        self.app = app

    def send(self, method: str, address: str, **kwargs: Any) -> httpx.Response:
        """Send one request as this browser does, and keep its cookies."""
        address = address if address.startswith("http") else f"{self.public_url}{address}"
        headers = dict(kwargs.pop("headers", {}))
        if self.cookies:
            headers["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())

        async def sent() -> httpx.Response:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app)) as client:
                return await client.request(method, address, headers=headers, **kwargs)

        answer = asyncio.run(sent())
        if "set-cookie" in answer.headers:
            name, _, rest = answer.headers["set-cookie"].partition("=")
            self.cookies[name] = rest.partition(";")[0]
        return answer

    def holder(self, *types: str, level: AssuranceLevel = AssuranceLevel.PRESENCE, number: str = NUMBER) -> HolderId:
        """Let somebody log in for whom orders of these types wait, and return them."""
        self.proofing.identity = Identity("001", number, "江门市示例贸易有限公司", level)
        holder_id = self.directory.resolve("001", number, "").holder_id
        waiting = [Entitlement(f"order-{type_id}", type_id, True) for type_id in types]
        self.entitlements.waiting[holder_id] = waiting
        return holder_id

    def offer(self, holder_id: HolderId, *ids: str, department: str = "amr", orders: tuple[str, ...] = ()) -> str:
        """Return the ``issuer_state`` of an offer."""
        value = Grant(department, holder_id, ids, orders).document()
        self.state.put(Kind.ISSUER_STATE, "state-1", value, expires_at=self.clock() + timedelta(days=1))
        return "state-1"

    def form(self, client_id: str = CLIENT, **changes: Any) -> dict[str, str]:
        """Return a request that holds, with its client assertion; a change of ``...`` leaves a parameter out."""
        now = int(self.clock().timestamp())
        claims = {"iss": client_id, "sub": client_id, "aud": ISSUER, "iat": now, "exp": now + 60}
        claims["jti"] = f"jti-{next(self._jti)}"
        whole = {
            "client_id": client_id,
            "response_type": "code",
            "redirect_uri": REDIRECT if client_id == CLIENT else QUERIED,
            "scope": LICENCE,
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            "state": "af0ifjsldkj",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": signed(self.signer, {"alg": "ES256", "typ": "JWT"}, claims),
        }
        return {name: value for name, value in (whole | changes).items() if value is not ...}

    def push(
        self, client_id: str = CLIENT, *, headers: Mapping[str, str] | None = None, **changes: Any
    ) -> httpx.Response:
        """Push a request."""
        return self.send("POST", "/issuers/amr/par", data=self.form(client_id, **changes), headers=headers or {})

    def request_uri(self, client_id: str = CLIENT, **changes: Any) -> str:
        """Push a request that holds and return where it is kept."""
        answer = self.push(client_id, **changes)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["request_uri"])

    def open(self, request_uri: str, client_id: str = CLIENT, **more: str) -> httpx.Response:
        """Open the authorization endpoint as a browser does."""
        return self.send(
            "GET", "/issuers/amr/authorize", params={"client_id": client_id, "request_uri": request_uri, **more}
        )

    def token(self, path: str = "login") -> str:
        """Return the token of the form that is shown."""
        return str(page(self.send("GET", f"/issuers/amr/authorize/{path}"))["token"])

    def log_in(self, **parameters: str) -> httpx.Response:
        """Fill the login form in and send it."""
        return self.send("POST", "/issuers/amr/authorize/login", data={"token": self.token(), **parameters})

    def consent(self, answer: str = "approve") -> httpx.Response:
        """Answer the consent page."""
        return self.send("POST", "/issuers/amr/authorize/consent", data={"token": self.token("consent"), answer: "1"})

    def reach_consent(self, client_id: str = CLIENT, **changes: Any) -> dict[str, Any]:
        """Push, open, log in; return the consent page."""
        self.open(self.request_uri(client_id, **changes), client_id)
        assert self.log_in().status_code == 303
        return page(self.send("GET", "/issuers/amr/authorize/consent"))

    def grant(self, answer: httpx.Response) -> CodeGrant:
        """Return what the code of a redirect stands for."""
        return find_code(self.state, returned(answer)["code"], now=self.clock())


def _render(name: str, /, **values: Any) -> bytes:
    return json.dumps({"page": name, **values}, default=str).encode()


def page(answer: httpx.Response) -> dict[str, Any]:
    """Return a page's name and values."""
    assert answer.headers["content-type"].startswith("text/html"), answer.text
    found: dict[str, Any] = answer.json()
    return found


def returned(answer: httpx.Response) -> dict[str, str]:
    """Return the parameters of a redirect to the client."""
    assert answer.status_code == 303, answer.text
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query, strict_parsing=True))


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """Return status and ``error`` of a refused pushed request."""
    assert answer.headers["content-type"] == "application/json"
    assert set(answer.json()) == {"error", "error_description"}
    return answer.status_code, answer.json()["error"]
