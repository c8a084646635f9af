"""A wallet that is asked, over the town of ``wallet_fakes``, and a verifier in memory that asks it."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from keys import jws, strict_json
from keys.anchor import Anchor
from keys.chain import load_certificate
from keys.errors import InvalidChain
from keys.jwe import ENCS, DecryptionKey
from keys.public import PublicKey
from keys.signer import SoftwareSigner
from schemas.catalogue import TypeId
from schemas.dcql import read_query
from schemas.openid4vp import request_object, response
from schemas.openid4vp.client_id import ClientId, Prefix, x509_hash
from schemas.openid4vp.metadata import FORMATS, ClientMetadata
from schemas.openid4vp.registration import Registration, attest, find_registration
from schemas.openid4vp.request import AuthorizationRequest, ResponseMode
from schemas.openid4vp.response import Response
from schemas.order import CredentialFormat, CredentialId, HolderId, HolderRef, IssuedCredential, StatusRef
from schemas.report import Check, Outcome
from tests.support import forms
from tests.support.desk import NOW, Certificate
from tests.support.protocol_state import MemoryState
from tests.support.vci_wallet import FakeStates, in_thread, run
from tests.support.wallet_fakes import Town, identifier_of
from wallet_api.openid4vci.errors import HttpFailed
from wallet_api.openid4vci.ports import HttpRequest, HttpResponse
from wallet_api.openid4vp.afterwards import Aftercare
from wallet_api.openid4vp.answering import Answering, Opened
from wallet_api.openid4vp.incoming import DcApiCall
from wallet_api.openid4vp.parts import Parts
from wallet_api.openid4vp.ports import ReportedVerifier

HOST = "bank.example"
REQUEST_URI, RESPONSE_URI = f"https://{HOST}/openid4vp/1/request", f"https://{HOST}/openid4vp/1/response"
ORIGIN = f"https://{HOST}"
LICENCE = TypeId("business_licence")
VCT = "urn:ecert:business_licence:1"
NONCE, STATE = "n-0S6_WzA2Mj", "af0ifjsldkj"
PURPOSE: Mapping[str, Any] = {
    "party_id": "bank",
    "party_zh": "示例银行股份有限公司",
    "party_en": "Example Bank",
    "credit_code": "91440799MA5X00014T",
    "purpose_id": "account_opening",
    "purpose_zh": "企业开户",
    "purpose_en": "Opening a company account",
    "legal_basis_zh": "反洗钱法",
    "legal_basis_en": "Anti-Money Laundering Law",
    "retention_days": 1825,
}
CLAIMS = ("business_scope", "legal_representative")


def leaf(key: SoftwareSigner, *, name: str = "示例银行", common: str = "bank-1", dns: str = HOST) -> bytes:
    """Return a certificate for a verifier's key by some root; who is trusted is the fake's to say."""
    root = ec.derive_private_key(77, ec.SECP256R1())
    subject = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, name)] if name else []
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([*subject, x509.NameAttribute(NameOID.COMMON_NAME, common)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "示例市根")]))
        .public_key(ec.derive_private_key(78, ec.SECP256R1()).public_key() if key is None else _public(key))
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=365))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(dns)]), critical=False)
    )
    made = builder.sign(root, hashes.SHA256())
    from cryptography.hazmat.primitives.serialization import Encoding

    return made.public_bytes(Encoding.DER)


def _public(key: SoftwareSigner) -> ec.EllipticCurvePublicKey:
    from keys.encoding import b64url_decode

    x, y = (int.from_bytes(b64url_decode(str(key.public_key.jwk[name])), "big") for name in ("x", "y"))
    return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()


@dataclass
class Chained:
    """A signer with a chain."""

    signer: SoftwareSigner
    chain: tuple[bytes, ...]

    @property
    def public_key(self) -> PublicKey:
        return self.signer.public_key

    def sign(self, payload: bytes) -> bytes:
        return self.signer.sign(payload)


class FakeAnchors:
    """``RequestAnchors`` that trusts the leaves it is told."""

    def __init__(self) -> None:
        self.trusted: set[bytes] = set()
        self.city = SoftwareSigner.generate()

    def registration_of(self, request: AuthorizationRequest, at: datetime) -> Registration | None:
        return find_registration(request, Anchor((self.city.public_key,)), now=at)

    def key_of(self, chain: Sequence[bytes], at: datetime) -> PublicKey:
        del at
        if chain[0] not in self.trusted:
            raise InvalidChain("chain leads to no trust anchor")
        return PublicKey.from_certificate(load_certificate(chain[0]))


class FakeOperator:
    """``Operator`` that remembers."""

    def __init__(self) -> None:
        self.reports: list[ReportedVerifier] = []

    def verifier_reported(self, report: ReportedVerifier) -> None:
        self.reports.append(report)


@dataclass
class FakeVerifier:
    """A bank: it signs requests, serves them, and takes what is posted. ``served`` changes what it serves."""

    key: Chained
    clock: Callable[[], datetime]
    decryption: DecryptionKey = field(default_factory=DecryptionKey.generate)
    request: AuthorizationRequest | None = None
    served: Callable[[HttpRequest], HttpResponse] | None = None
    answer: HttpResponse = field(default_factory=lambda: answered({"redirect_uri": f"{ORIGIN}/done?code=1"}))
    down: bool = False
    posts: list[dict[str, str]] = field(default_factory=list)
    asked: list[HttpRequest] = field(default_factory=list)

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Serve the request object, or take a response."""
        self.asked.append(request)
        if self.down:
            raise HttpFailed("server was not reached")
        if request.url == RESPONSE_URI:
            self.posts.append(dict(parse_qsl(request.body.decode())))
            return self.answer
        assert request.url == REQUEST_URI
        return self.serve(request) if self.served is None else self.served(request)

    def serve(self, request: HttpRequest, **changes: Any) -> HttpResponse:
        """Return the request object as it is asked for; ``changes`` replaces claims."""
        assert self.request is not None
        made = self.request
        if request.method == "POST":
            nonce = dict(parse_qsl(request.body.decode()))["wallet_nonce"]
            made = request_object.for_wallet_nonce(made, nonce)
        return HttpResponse(200, {"content-type": request_object.MEDIA_TYPE}, self.signed(made, **changes).encode())

    def signed(self, request: AuthorizationRequest, **changes: Any) -> str:
        """Return a request object; with ``changes`` one that no honest verifier would sign."""
        if not changes:
            return request_object.sign(request, self.key, now=self.clock())
        seconds = int(self.clock().timestamp())
        claims = request.claims() | {"aud": "https://self-issued.me/v2", "iat": seconds, "exp": seconds + 300}
        claims = {name: value for name, value in (claims | changes).items() if value is not None}
        return jws.sign(strict_json.dumps(claims), self.key, typ=request_object.TYP, x5c=True, kid=False)

    def received(self) -> Response:
        """Return the last response."""
        form = self.posts[-1]
        if "response" in form:
            return response.read_encrypted(form["response"], keys=[self.decryption])
        return response.read_form(form)


def answered(members: Mapping[str, Any], status: int = 200) -> HttpResponse:
    """Return a JSON answer."""
    return HttpResponse(status, {"content-type": "application/json"}, strict_json.dumps(dict(members)))


def query(*fields: str, form: CredentialFormat = CredentialFormat.SD_JWT_VC, **more: Any) -> dict[str, Any]:
    """Return the DCQL query for fields of the business licence."""
    prefix = [] if form is CredentialFormat.SD_JWT_VC else ["credentialSubject"]
    meta: dict[str, Any] = {"vct_values": [VCT]}
    if prefix:
        meta = {"type_values": [["https://www.w3.org/2018/credentials#VerifiableCredential"]]}
    claims = [{"path": [*prefix, name]} for name in fields]
    made = {"id": "licence", "format": form.value, "meta": meta} | ({"claims": claims} if claims else {})
    return {"credentials": [made | more]}


@dataclass
class AskedWallet:
    """The use case, its verifier, and all that is behind them."""

    town: Town = field(default_factory=lambda: Town(now=NOW))
    sessions: MemoryState = field(default_factory=MemoryState)
    states: FakeStates = field(default_factory=FakeStates)
    anchors: FakeAnchors = field(default_factory=FakeAnchors)
    operator: FakeOperator = field(default_factory=FakeOperator)

    def __post_init__(self) -> None:
        self.town.check.rows = (Check("signature", Outcome.PASSED, "signature_valid"),)
        signer = SoftwareSigner.generate()
        self.verifier = FakeVerifier(Chained(signer, (leaf(signer),)), lambda: self.town.now)
        self.anchors.trusted.add(self.verifier.key.chain[0])
        self.holder: HolderRef = self.town.citizen()
        self.parts = Parts(
            wallets=self.town.wallets,
            custody=self.town.custody,
            http=self.verifier,
            sessions=self.sessions,
            states=self.states,
            anchors=self.anchors,
            operator=self.operator,
            clock=lambda: self.town.now,
            randomness=secrets.token_bytes,
            run=in_thread,
        )
        self.answering = Answering(self.parts)
        self.aftercare = Aftercare(self.parts)

    @property
    def holder_id(self) -> HolderId:
        """The citizen."""
        return self.holder.holder_id

    @property
    def client_id(self) -> ClientId:
        """The bank, by its certificate."""
        return x509_hash(self.verifier.key.chain[0])

    def hold(
        self, form: CredentialFormat = CredentialFormat.SD_JWT_VC, number: int = 1, **changes: Any
    ) -> IssuedCredential:
        """Receive the desk's licence."""
        assert self.holder.key is not None
        bound: Any = SimpleNamespace(public_key=self.holder.key)
        made = Certificate(holder=bound)
        credential = IssuedCredential(
            credential_id=CredentialId(f"licence-{form.value}-{number}"),
            identifier=identifier_of(f"2026{number:04}"),
            type_id=LICENCE,
            holder_id=self.holder_id,
            format=form,
            short_lived=False,
            holder_kid=self.holder.key.kid,
            token=forms.bare(form, made),
            issued_at=made.iat,
            expires_at=made.exp or NOW + timedelta(days=100),
            status=StatusRef("https://ecert.example/status/6tC3", 4711),
        )
        credential = replace(credential, **changes)
        self.town.wallet.receiving.deliver([credential])
        return credential

    def ask(self, asked: dict[str, Any] | None = None, **changes: Any) -> AuthorizationRequest:
        """Let the bank ask; ``changes`` replaces parts of the request."""
        mode = changes.get("response_mode", ResponseMode.DIRECT_POST)
        by_browser = mode.by_dc_api
        keys = (self.verifier.decryption.jwk,) if mode.encrypted else ()
        made: dict[str, Any] = {
            "response_mode": mode,
            "nonce": NONCE,
            "query": read_query(asked or query(*CLAIMS)),
            "client_id": self.client_id,
            "response_uri": None if by_browser else RESPONSE_URI,
            "state": None if by_browser else STATE,
            "metadata": ClientMetadata(keys, ENCS if keys else (), FORMATS),
            "expected_origins": (ORIGIN,) if by_browser else (),
        }
        made |= {"verifier_info": (self.attested(made | changes),)} | changes
        self.verifier.request = AuthorizationRequest(**made)
        return self.verifier.request

    def attested(self, request: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
        """Return what the city attests of a request; ``changes`` replaces what it says."""
        said = Registration(**{**PURPOSE, "client_id": str(request["client_id"])} | changes)
        return attest(said, self.anchors.city, query=request["query"], now=self.town.now)

    def link(self, *, post: bool = False, scheme: str = "openid4vp", **changes: str) -> str:
        """Return the link to what the bank asks."""
        assert self.verifier.request is not None
        given = {"client_id": str(self.verifier.request.client_id), "request_uri": REQUEST_URI}
        given |= {"request_uri_method": "post"} if post else {}
        given |= changes
        return f"{scheme}://?" + urlencode(given, quote_via=quote)

    def unsigned_link(self, **changes: Any) -> str:
        """Return an unsigned request whole in its link."""
        client_id = ClientId(Prefix.REDIRECT_URI, RESPONSE_URI)
        assert self.verifier.request is not None
        claims = replace(self.verifier.request, client_id=client_id).claims() | changes
        given = {
            name: value if isinstance(value, str) else strict_json.dumps(value).decode()
            for name, value in claims.items()
        }
        return "openid4vp://?" + urlencode(given, quote_via=quote)

    def open(self, text: str | DcApiCall | None = None) -> Opened:
        """Open a request as the holder."""
        return run(self.answering.open(self.holder_id, self.link() if text is None else text))

    def share(self, opened: Opened, **given: Any) -> Any:
        """Share."""
        return run(self.answering.share(self.holder_id, opened.request_id, **given))

    def decline(self, opened: Opened) -> Any:
        """Do not share."""
        return run(self.answering.decline(self.holder_id, opened.request_id))
