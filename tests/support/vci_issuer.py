"""A credential issuer in memory, as OpenID4VCI 1.0 wants it, which can tell one lie at a time.

It checks what the wallet sends: attestation and its proof, DPoP, PKCE, nonces, key proofs. ``lies`` changes an answer:
from a path's last part to a function of the honest answer.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from keys import did, jwe, jws, strict_json
from keys.encoding import b64url_text
from keys.jwe import DecryptionKey
from keys.public import PublicKey
from keys.signer import SoftwareSigner
from schemas.catalogue import TypeId
from schemas.order import HolderId, HolderRef
from schemas.types import certificate_type
from tests.support.wallet_fakes import ID_CARD, Town, example_claims, identifier_of
from wallet_api.openid4vci.errors import HttpFailed
from wallet_api.openid4vci.ports import HttpRequest, HttpResponse

ISSUER = "https://city.example/issuers/psb"
PRE_AUTHORIZED = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
CARD = "resident_id_card.dc+sd-jwt"
Lie = Callable[[HttpRequest, HttpResponse], HttpResponse]


def answer(status: int, members: Any = None, **headers: str) -> HttpResponse:
    """Return a JSON answer."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpResponse(status, {"content-type": "application/json"} | names, strict_json.dumps(members))


def members_of(response: HttpResponse) -> dict[str, Any]:
    """Return the JSON object of an answer."""
    return strict_json.loads_object(response.body)


def saying(**changes: Any) -> Lie:
    """Return a lie that replaces members of the answer; None takes one out."""

    def lie(request: HttpRequest, honest: HttpResponse) -> HttpResponse:
        del request
        members = members_of(honest) | changes
        return answer(honest.status, {name: value for name, value in members.items() if value is not None})

    return lie


@dataclass
class FakeIssuer:
    """The server; ``asked`` is every request that it saw."""

    town: Town
    lies: dict[str, Lie] = field(default_factory=dict)
    asked: list[HttpRequest] = field(default_factory=list)
    deferrals: int = 0
    dpop_nonce: str | None = None
    tx_code: str | None = None
    identified: bool = False
    signer: SoftwareSigner | None = None
    bound_to: PublicKey | None = None
    type_id: TypeId = ID_CARD
    encryption: DecryptionKey | None = None
    wants_encryption: bool = False
    wants_attestation: bool = False

    def __post_init__(self) -> None:
        self.nonces: set[str] = set()
        self.tokens: dict[str, str] = {}  # access token -> jkt
        self.refresh: dict[str, str] = {}  # refresh token -> instance kid
        self.codes: dict[str, dict[str, str]] = {}
        self.pushed: dict[str, dict[str, str]] = {}
        self.waiting: dict[str, HolderRef] = {}
        self.notified: list[tuple[str, str]] = []
        self.serial = identifier_of("20260001")
        self.pre_authorized = "pre-1"
        self.provider: PublicKey | None = None

    def metadata(self) -> dict[str, Any]:
        """Return the honest issuer metadata."""
        proofs: dict[str, Any] = {"jwt": {"proof_signing_alg_values_supported": ["ES256", "ES384", "EdDSA"]}}
        if self.wants_attestation:
            proofs["jwt"]["key_attestations_required"] = {}
        labels = [{"name": "姓名", "locale": "zh-CN"}, {"name": "Name", "locale": "en"}]
        card = {
            "format": "dc+sd-jwt",
            "scope": CARD,
            "vct": certificate_type(ID_CARD).vct,
            "cryptographic_binding_methods_supported": ["jwk"],
            "proof_types_supported": proofs,
            "credential_metadata": {
                "display": [{"name": "居民身份证", "locale": "zh-CN"}, {"name": "Identity card", "locale": "en"}],
                "claims": [{"path": ["name"], "display": labels}, {"path": ["people", None, "name"]}],
            },
        }
        return {
            "credential_issuer": ISSUER,
            "credential_endpoint": f"{ISSUER}/credential",
            "nonce_endpoint": f"{ISSUER}/nonce",
            "deferred_credential_endpoint": f"{ISSUER}/deferred_credential",
            "notification_endpoint": f"{ISSUER}/notification",
            "display": [{"name": "示例市公安局", "locale": "zh-CN"}, {"name": "Public Security", "locale": "en"}],
            "credential_configurations_supported": {CARD: card, "other.mso_mdoc": {"format": "mso_mdoc"}},
            **({} if self.encryption is None else self.encryptions(self.encryption)),
        }

    def encryptions(self, key: DecryptionKey) -> dict[str, Any]:
        """Return the members of the metadata on encryption (10)."""
        both = {"enc_values_supported": ["A128GCM", "A256GCM"], "encryption_required": self.wants_encryption}
        return {
            "credential_request_encryption": {"jwks": {"keys": [dict(key.jwk)]}, **both},
            "credential_response_encryption": {"alg_values_supported": ["ECDH-ES"], **both},
        }

    def server_metadata(self) -> dict[str, Any]:
        """Return the honest authorization server metadata."""
        return {
            "issuer": ISSUER,
            "token_endpoint": f"{ISSUER}/token",
            "authorization_endpoint": f"{ISSUER}/authorize",
            "pushed_authorization_request_endpoint": f"{ISSUER}/par",
            "challenge_endpoint": f"{ISSUER}/challenge",
            "token_endpoint_auth_methods_supported": ["attest_jwt_client_auth"],
            "dpop_signing_alg_values_supported": ["ES256"],
            "authorization_response_iss_parameter_supported": True,
            "authorization_details_types_supported": ["openid_credential"],
        }

    def offer(self, **changes: Any) -> dict[str, Any]:
        """Return an offer with a pre-authorized code."""
        grant: dict[str, Any] = {"pre-authorized_code": self.pre_authorized}
        if self.tx_code is not None:
            grant["tx_code"] = {"input_mode": "numeric", "length": len(self.tx_code), "description": "短信 SMS"}
        made = {
            "credential_issuer": ISSUER,
            "credential_configuration_ids": [CARD],
            "grants": {PRE_AUTHORIZED: grant},
        }
        return made | changes

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Answer one request (``wallet_api.openid4vci.ports.HttpPort``)."""
        self.asked.append(request)
        path = urlsplit(request.url).path
        name = path.rpartition("/")[2] if "/.well-known/" not in path else path.split("/")[2]
        handlers = {
            "openid-credential-issuer": lambda _: answer(200, self.metadata()),
            "oauth-authorization-server": lambda _: answer(200, self.server_metadata()),
            "offer-1": lambda _: answer(200, self.offer()),
            "nonce": self._nonce,
            "challenge": lambda _: answer(200, {"attestation_challenge": "challenge-1"}),
            "par": self._par,
            "token": self._token,
            "credential": self._credential,
            "deferred_credential": self._deferred,
            "notification": self._notification,
        }
        if not request.url.startswith("https://city.example/") or name not in handlers:
            return answer(404, {})
        lie = self.lies.get(name)
        if lie is broken:
            raise HttpFailed("server did not answer")
        honest = handlers[name](request)
        return honest if lie is None else lie(request, honest)

    def times(self, name: str) -> int:
        """Return how often an endpoint was asked."""
        return sum(urlsplit(request.url).path.endswith(f"/{name}") for request in self.asked)

    def log_in(self, url: str) -> dict[str, str]:
        """Do what a browser does at the authorization endpoint; return what it brings back."""
        given = dict(parse_qsl(urlsplit(url).query))
        pushed = self.pushed.pop(given["request_uri"])
        assert given["client_id"] == pushed["client_id"]
        code = secrets.token_urlsafe(16)
        self.codes[code] = pushed
        return {"code": code, "state": pushed["state"], "iss": ISSUER}

    def _nonce(self, request: HttpRequest) -> HttpResponse:
        assert request.body == b""
        nonce = secrets.token_urlsafe(16)
        self.nonces.add(nonce)
        return answer(200, {"c_nonce": nonce})

    def _par(self, request: HttpRequest) -> HttpResponse:
        form = dict(parse_qsl(request.body.decode()))
        assert form["code_challenge_method"] == "S256"
        assert self._instance(request)
        uri = f"urn:ietf:params:oauth:request_uri:{secrets.token_urlsafe(16)}"
        self.pushed[uri] = form
        return answer(201, {"request_uri": uri, "expires_in": 90})

    def _token(self, request: HttpRequest) -> HttpResponse:
        form = dict(parse_qsl(request.body.decode()))
        instance = self._instance(request)
        if self.dpop_nonce and self._claims(request.headers["DPoP"]).get("nonce") != self.dpop_nonce:
            return answer(400, {"error": "use_dpop_nonce"}, dpop_nonce=self.dpop_nonce)
        jkt = self._dpop(request)
        if not self._may(form, instance, jkt):
            return answer(400, {"error": "invalid_grant"})
        token, refresh = secrets.token_urlsafe(24), "refresh-1"
        self.tokens[token] = jkt
        self.refresh[refresh] = instance
        members: dict[str, Any] = {"access_token": token, "token_type": "DPoP", "expires_in": 300}
        members["refresh_token"] = refresh
        if self.identified:
            members["authorization_details"] = [
                {
                    "type": "openid_credential",
                    "credential_configuration_id": CARD,
                    "credential_identifiers": ["order-1.dc+sd-jwt"],
                }
            ]
        return answer(200, members)

    def _may(self, form: dict[str, str], instance: str, jkt: str) -> bool:
        if form["grant_type"] == PRE_AUTHORIZED:
            good = form["pre-authorized_code"] == self.pre_authorized and form.get("tx_code") == self.tx_code
            if good:
                self.pre_authorized = "used"
            return good
        if form["grant_type"] == "refresh_token":
            return self.refresh.get(form["refresh_token"]) == instance
        pushed = self.codes.pop(form["code"], None)
        if pushed is None or form["redirect_uri"] != pushed["redirect_uri"] or pushed["dpop_jkt"] != jkt:
            return False
        return b64url_text(hashlib.sha256(form["code_verifier"].encode()).digest()) == pushed["code_challenge"]

    def _credential(self, request: HttpRequest) -> HttpResponse:
        refused = self._access(request)
        if refused is not None:
            return refused
        body = self._body(request)
        if self.identified and body.get("credential_identifier") != "order-1.dc+sd-jwt":
            return answer(400, {"error": "unknown_credential_identifier"})
        if not self.identified and body.get("credential_configuration_id") != CARD:
            return answer(400, {"error": "unknown_credential_configuration"})
        (proof,) = body["proofs"]["jwt"]
        token = jws.peek(proof, embedded_jwk=True)
        header = token.header.parameters
        key = PublicKey.from_jwk(header["jwk"]) if "jwk" in header else did.from_did(header["kid"])
        claims = token.verified_by(key)
        assert token.header.typ == "openid4vci-proof+jwt"
        assert claims["aud"] == ISSUER
        if self.wants_attestation:
            attested = jws.peek(header["key_attestation"])
            said = attested.verified_by(self.provider or key)
            assert attested.header.typ == "key-attestation+jwt"
            assert (said["attested_keys"], said["nonce"]) == ([dict(key.jwk)], claims["nonce"])
            assert said["exp"] > self.town.now.timestamp()
        if claims["nonce"] not in self.nonces:
            return answer(400, {"error": "invalid_nonce"})
        self.nonces.discard(claims["nonce"])
        holder = HolderRef(HolderId("unknown to the issuer"), self.bound_to or key)
        if self.deferrals:
            transaction = secrets.token_urlsafe(8)
            self.waiting[transaction] = holder
            return self._sealed(request, answer(202, {"transaction_id": transaction, "interval": 5}))
        return self._sealed(request, self._issued(holder))

    def _deferred(self, request: HttpRequest) -> HttpResponse:
        refused = self._access(request)
        transaction = self._body(request)["transaction_id"]
        if refused is not None or transaction not in self.waiting:
            return refused or answer(400, {"error": "invalid_transaction_id"})
        self.deferrals -= 1
        if self.deferrals > 0:
            return self._sealed(request, answer(202, {"transaction_id": transaction, "interval": 5}))
        return self._sealed(request, self._issued(self.waiting.pop(transaction)))

    def _body(self, request: HttpRequest) -> dict[str, Any]:
        if request.headers["Content-Type"] == "application/json":
            assert not self.wants_encryption
            return strict_json.loads_object(request.body)
        assert self.encryption is not None
        return strict_json.loads_object(jwe.decrypt(request.body.decode(), keys=[self.encryption]).plaintext)

    def _sealed(self, request: HttpRequest, honest: HttpResponse) -> HttpResponse:
        wanted = self._body(request).get("credential_response_encryption")
        if wanted is None:
            return honest
        token = jwe.encrypt(honest.body, to=wanted["jwk"], enc=wanted["enc"])
        return HttpResponse(honest.status, {"content-type": "application/jwt"}, token.encode())

    def _issued(self, holder: HolderRef) -> HttpResponse:
        issuer = self.town.issuer
        self.town.issuer = self.signer or issuer
        claims = example_claims(self.type_id) | {"certificate_identifier": self.serial}
        made = self.town.credential(holder, self.type_id, claims=claims)
        self.town.issuer = issuer
        return answer(200, {"credentials": [{"credential": made.token}], "notification_id": "n-1"})

    def _notification(self, request: HttpRequest) -> HttpResponse:
        body = strict_json.loads_object(request.body)
        self.notified.append((body["notification_id"], body["event"]))
        return self._access(request) or HttpResponse(204)

    def _instance(self, request: HttpRequest) -> str:
        attested = jws.peek(request.headers["OAuth-Client-Attestation"])
        assert attested.header.typ == "oauth-client-attestation+jwt"
        claims = attested.verified_by(self.provider) if self.provider else attested.peek_claims()
        key = PublicKey.from_jwk(claims["cnf"]["jwk"])
        pop = jws.peek(request.headers["OAuth-Client-Attestation-PoP"])
        proved = pop.verified_by(key)
        assert pop.header.typ == "oauth-client-attestation-pop+jwt"
        assert (proved["aud"], proved["iss"], proved["challenge"]) == (ISSUER, claims["sub"], "challenge-1")
        assert claims["exp"] > self.town.now.timestamp()
        return key.kid

    def _access(self, request: HttpRequest) -> HttpResponse | None:
        scheme, _, token = request.headers["Authorization"].partition(" ")
        claims = self._claims(request.headers["DPoP"])
        assert scheme == "DPoP"
        assert claims["ath"] == b64url_text(hashlib.sha256(token.encode()).digest())
        if self.dpop_nonce and claims.get("nonce") != self.dpop_nonce:
            challenge = {"www_authenticate": 'DPoP error="use_dpop_nonce"', "dpop_nonce": self.dpop_nonce}
            return answer(401, {}, **challenge)
        if self.tokens.get(token) != self._dpop(request):
            return answer(401, {}, www_authenticate='DPoP error="invalid_token"')
        return None

    def _dpop(self, request: HttpRequest) -> str:
        proof = jws.peek(request.headers["DPoP"], embedded_jwk=True)
        key = PublicKey.from_jwk(proof.header.parameters["jwk"])
        claims = proof.verified_by(key)
        assert proof.header.typ == "dpop+jwt"
        assert (claims["htm"], claims["htu"]) == ("POST", request.url)
        return key.kid

    def _claims(self, token: str) -> dict[str, Any]:
        return jws.peek(token, embedded_jwk=True).peek_claims()


def broken(request: HttpRequest, honest: HttpResponse) -> HttpResponse:
    """Stand for a server that does not answer: it does nothing either."""
    del request
    return honest
