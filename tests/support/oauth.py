"""An authorization server in memory, and wallets that speak to it; a test changes one member of one token."""

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from issuer.openid4vci.answers import Form
from issuer.openid4vci.authorization.attestation import POP_TYP, TYP, Attestation
from issuer.openid4vci.authorization.client_auth import ASSERTION_TYPE, ClientRequest, KnownClients
from issuer.openid4vci.authorization.codes import issue_code
from issuer.openid4vci.authorization.policy import Policy
from issuer.openid4vci.authorization.ports import Attester, RegisteredClient
from issuer.openid4vci.authorization.pre_authorized import GRANT_TYPE
from issuer.openid4vci.authorization.services import AuthorizationPorts, TokenServices, authorization_services
from issuer.openid4vci.authorization.token_endpoint import TokenRequest
from issuer.openid4vci.grants import CodeGrant, Grant, Kind, PreAuthorizedGrant, TxCode
from issuer.openid4vci.ports import ANY, Among, Entitlement, ProtectedRequest, ProtocolState, Wanted
from keys import strict_json
from keys.encoding import b64url, b64url_text
from keys.signer import SoftwareSigner
from schemas.order import HolderId, IssuedCredential
from tests.support.entitlements import within
from tests.support.keys import Chain
from tests.support.protocol_state import CountingLimits, MemoryState

DEPARTMENT = "amr"
PUBLIC_URL = "https://ecert.example"
ISSUER = f"{PUBLIC_URL}/issuers/{DEPARTMENT}"
TOKEN_URL = f"{ISSUER}/token"
CREDENTIAL_URL = f"{ISSUER}/credential"
ATTESTER = "https://wallets.example"
WALLET = "wallets.example"
BANK = "bank"
BACK = "https://wallets.example/back?dummy=1"
HOLDER = HolderId("h-1")
LICENCE = "business_licence.dc+sd-jwt"
LICENCE_JWT = "business_licence.jwt_vc_json"
VERIFIER = "v" * 43
CHALLENGE = b64url_text(hashlib.sha256(VERIFIER.encode()).digest())
GRANT = Grant(DEPARTMENT, HOLDER, (LICENCE, LICENCE_JWT))

Changes = Mapping[str, Any]
_NONE: Changes = {}


def encoded(header: Changes, claims: Changes, sign: Callable[[bytes], bytes]) -> str:
    """Return a compact JWS of whatever header and claims."""
    signing_input = b64url(strict_json.dumps(dict(header))) + b"." + b64url(strict_json.dumps(dict(claims)))
    return (signing_input + b"." + b64url(sign(signing_input))).decode()


def changed(members: Changes, changes: Changes) -> dict[str, Any]:
    """Return the members with some changed; one that is changed to None is left out."""
    return {name: value for name, value in {**members, **changes}.items() if value is not None}


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, 41, 17, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **kwargs: float) -> None:
        self.now += timedelta(**kwargs)


class Random:
    """Bytes that are different each time, and the same in each run."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, length: int) -> bytes:
        self.count += 1
        return hashlib.shake_256(self.count.to_bytes(4, "big")).digest(length)


class Waiting:
    """Entitlements: what waits for the holder (``issuer.openid4vci.ports.Entitlements``)."""

    def __init__(self) -> None:
        self.orders = [Entitlement("o-1", "business_licence", True)]

    def of(self, holder_id: HolderId, *, department: str, among: Among = ANY) -> Sequence[Entitlement]:
        return within(self.orders, among) if (holder_id, department) == (HOLDER, DEPARTMENT) else ()

    def issue(self, wanted: Wanted) -> tuple[IssuedCredential, ...]:
        raise NotImplementedError


@dataclass
class Known:
    """The ports ``Clients`` and ``Attesters``."""

    entries: dict[str, Any]

    def find(self, name: str) -> Any:
        return self.entries.get(name)


@dataclass(frozen=True)
class Proof:
    """How a DPoP proof is made: the key, and what of it is changed."""

    key: SoftwareSigner
    header: Changes = field(default_factory=dict)
    claims: Changes = field(default_factory=dict)


@dataclass
class Instance:
    """An instance of a wallet: its own key, its attester's, and a clock."""

    clock: Clock
    attester: SoftwareSigner
    chain: Sequence[bytes]
    key: SoftwareSigner = field(default_factory=SoftwareSigner.generate)
    count: int = 0

    def jti(self) -> str:
        self.count += 1
        return f"{self.key.public_key.kid}-{self.count}"

    def seconds(self) -> int:
        return int(self.clock().timestamp())

    def attestation(self, header: Changes = _NONE, claims: Changes = _NONE, *, by: SoftwareSigner | None = None) -> str:
        """Return a client attestation."""
        now = self.seconds()
        x5c = [base64.b64encode(der).decode() for der in self.chain]
        head = changed({"alg": "ES256", "typ": TYP, "x5c": x5c}, header)
        cnf = {"jwk": dict(self.key.public_key.jwk)}
        body = {"iss": ATTESTER, "sub": WALLET, "iat": now, "nbf": now, "exp": now + 3600, "cnf": cnf}
        return encoded(head, changed(body, claims), (by or self.attester).sign)

    def pop(self, header: Changes = _NONE, claims: Changes = _NONE, *, by: SoftwareSigner | None = None) -> str:
        """Return a proof of possession."""
        head = changed({"alg": "ES256", "typ": POP_TYP}, header)
        body = {"iss": WALLET, "aud": ISSUER, "jti": self.jti(), "iat": self.seconds()}
        return encoded(head, changed(body, claims), (by or self.key).sign)

    def attested(self) -> Attestation:
        """Return both fields, as they should be."""
        return Attestation((self.attestation(),), (self.pop(),))

    def dpop(self, method: str, url: str, made: Proof, *, token: str | None = None) -> str:
        """Return a DPoP proof."""
        head = {"alg": "ES256", "typ": "dpop+jwt", "jwk": dict(made.key.public_key.jwk)}
        body: dict[str, Any] = {"jti": self.jti(), "htm": method, "htu": url, "iat": self.seconds()}
        if token is not None:
            body["ath"] = b64url_text(hashlib.sha256(token.encode()).digest())
        return encoded(changed(head, made.header), changed(body, made.claims), made.key.sign)


@dataclass
class Server:
    """The authorization server, its state, and one wallet."""

    services: TokenServices
    clock: Clock
    state: MemoryState
    limits: CountingLimits
    waiting: Waiting
    wallet: Instance
    bank: SoftwareSigner
    random: Random
    key: SoftwareSigner = field(default_factory=SoftwareSigner.generate)

    def assertion(self, header: Changes = _NONE, claims: Changes = _NONE, *, by: SoftwareSigner | None = None) -> str:
        """Return the bank's client assertion."""
        now = self.wallet.seconds()
        body = {"iss": BANK, "sub": BANK, "aud": ISSUER, "jti": self.wallet.jti(), "iat": now, "exp": now + 60}
        return encoded(changed({"alg": "ES256"}, header), changed(body, claims), (by or self.bank).sign)

    def client(self, form: Changes = _NONE, attestation: Attestation | None = None) -> ClientRequest:
        """Return what a request says about its client; the wallet's attestation unless another is given."""
        sent = self.wallet.attested() if attestation is None else attestation
        return ClientRequest(Form(dict(form)), sent, ISSUER)

    def bank_form(self, **changes: Any) -> dict[str, Any]:
        """Return the bank's authentication."""
        return changed({"client_assertion_type": ASSERTION_TYPE, "client_assertion": self.assertion()}, changes)

    def code(self, grant: Grant = GRANT, **changes: Any) -> str:
        """Return a new code of the wallet."""
        stands_for = replace(CodeGrant(grant, WALLET, BACK, CHALLENGE), **changes)
        return issue_code(self.state, stands_for, now=self.clock(), random=self.random)

    def pre_authorized(self, tx_code: TxCode | None = None, grant: Grant = GRANT, *, code: str = "pre-1") -> str:
        """Return a new pre-authorized code."""
        document = PreAuthorizedGrant(grant, tx_code).document()
        self.state.put(Kind.PRE_AUTHORIZED_CODE, code, document, expires_at=self.clock() + timedelta(hours=1))
        return code

    def request(self, form: Changes, attestation: Attestation | None = None, dpop: Any = None) -> TokenRequest:
        """Return a token request; the wallet's attestation and a proof of the usual key unless others are given."""
        if dpop is None:
            dpop = (self.wallet.dpop("POST", TOKEN_URL, Proof(self.key)),)
        sent = self.wallet.attested() if attestation is None else attestation
        return TokenRequest(Form(changed(form, {})), tuple(dpop), sent, "192.0.2.7")

    def token(self, form: Changes, attestation: Attestation | None = None, dpop: Any = None) -> dict[str, Any]:
        """Send a token request and return the response."""
        return self.services.token(DEPARTMENT, self.request(form, attestation, dpop))

    def code_form(self, code: str | None = None, **changes: Any) -> dict[str, Any]:
        """Return the form of an authorization code."""
        form = {
            "grant_type": "authorization_code",
            "code": code or self.code(),
            "redirect_uri": BACK,
            "code_verifier": VERIFIER,
        }
        return changed(form, changes)

    def pre_form(self, code: str | None = None, **changes: Any) -> dict[str, Any]:
        """Return the form of a pre-authorized code."""
        form = {"grant_type": GRANT_TYPE, "pre-authorized_code": code or self.pre_authorized()}
        return changed(form, changes)

    def refresh_form(self, token: str, **changes: Any) -> dict[str, Any]:
        """Return the form of a refresh token."""
        return changed({"grant_type": "refresh_token", "refresh_token": token}, changes)

    def protected(self, token: str, made: Proof | None = None, **changes: Any) -> ProtectedRequest:
        """Return a request at the credential endpoint."""
        proof = self.wallet.dpop("POST", CREDENTIAL_URL, made or Proof(self.key), token=token)
        request = ProtectedRequest("POST", CREDENTIAL_URL, (f"DPoP {token}",), (proof,))
        return replace(request, **changes)


NOBODY = Attestation((), ())


def server(policy: Policy | None = None, *, kept_in: ProtocolState | None = None, **attester: Any) -> Server:
    """Return a server with one attester, one registered client and one wallet; its state is in memory by default."""
    clock, limits, waiting, random = Clock(), CountingLimits(), Waiting(), Random()
    state: Any = kept_in or MemoryState()
    chain, bank = Chain.good(), SoftwareSigner.generate()
    trusted = replace(Attester(ATTESTER, (chain.root.der(),)), **attester)
    clients = Known({BANK: RegisteredClient(BANK, (bank.public_key,), ("https://bank.example/back",))})
    known = KnownClients(clients, Known({ATTESTER: trusted}))
    ports = AuthorizationPorts(state, limits, waiting, known, lambda name: f"{PUBLIC_URL}/issuers/{name}", b"s" * 32)
    services = authorization_services(ports, policy=policy or Policy(), clock=clock, random=random)
    wallet = Instance(clock, SoftwareSigner(chain.leaf.key), chain.ders)  # type: ignore[arg-type]
    return Server(services, clock, state, limits, waiting, wallet, bank, random)
