"""A stranger's wallet: OpenID4VCI 1.0 with HAIP, on PyJWT and jwcrypto, nothing of ours.

It speaks to the application in memory or over the network: ``http`` is any client with ``request(method, url, ...)``.
"""

import base64
import hashlib
import json
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from jwcrypto import jwe, jwk

PRE_AUTHORIZED = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
REDIRECT = "https://wallet.stranger.example/cb?keep=this"


def new_key() -> jwk.JWK:
    return jwk.JWK.generate(kty="EC", crv="P-256")


def public(key: jwk.JWK) -> dict[str, Any]:
    return {name: value for name, value in key.export_public(as_dict=True).items() if name != "kid"}


def sign(key: jwk.JWK, header: dict[str, Any], claims: dict[str, Any]) -> str:
    private = jwt.PyJWK(key.export(as_dict=True) | {"alg": "ES256"}).key
    return jwt.encode(claims, private, algorithm="ES256", headers=header)


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


@dataclass
class Provider:
    """The stranger's wallet provider, which attests its instances."""

    iss: str = "https://provider.stranger.example"
    client_id: str = "https://wallet.stranger.example"
    key: jwk.JWK = field(default_factory=new_key)

    def attesters_file(self) -> dict[str, Any]:
        """What an operator writes into the file of trusted attesters."""
        return {"attesters": [{"iss": self.iss, "jwks": {"keys": [public(self.key)]}}]}


@dataclass
class Stranger:
    """One instance of the wallet."""

    http: Any
    provider: Provider
    now: Callable[[], float] = time.time
    instance: jwk.JWK = field(default_factory=new_key)
    dpop_key: jwk.JWK = field(default_factory=new_key)

    def __post_init__(self) -> None:
        self.cookies: dict[str, str] = {}

    # -- finding out ---------------------------------------------------------------------------------------------------

    def offer(self, link: str) -> dict[str, Any]:
        """Resolve an offer by value or by reference (4.1)."""
        query = parse_qs(urlsplit(link).query)
        if "credential_offer" in query:
            return json.loads(query["credential_offer"][0])
        return self.http.request("GET", query["credential_offer_uri"][0]).json()

    def discover(self, issuer: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Fetch both metadata by path insertion (12.2.2, 12.3)."""
        parts = urlsplit(issuer)
        base = f"{parts.scheme}://{parts.netloc}/.well-known"
        found = self.http.request("GET", f"{base}/openid-credential-issuer{parts.path}").json()
        server = self.http.request("GET", f"{base}/oauth-authorization-server{parts.path}").json()
        assert found["credential_issuer"] == server["issuer"] == issuer
        return found, server

    # -- tokens --------------------------------------------------------------------------------------------------------

    def attestation(self, audience: str) -> dict[str, str]:
        now = int(self.now())
        provider = self.provider
        claims = {"iss": provider.iss, "sub": provider.client_id, "iat": now, "nbf": now, "exp": now + 300}
        attested = sign(
            provider.key,
            {"typ": "oauth-client-attestation+jwt", "kid": provider.key.thumbprint()},
            claims | {"cnf": {"jwk": public(self.instance)}},
        )
        pop = {"iss": provider.client_id, "aud": audience, "jti": secrets.token_urlsafe(16), "iat": now}
        proof = sign(self.instance, {"typ": "oauth-client-attestation-pop+jwt"}, pop)
        return {"OAuth-Client-Attestation": attested, "OAuth-Client-Attestation-PoP": proof}

    def dpop(self, method: str, url: str, token: str | None = None) -> dict[str, str]:
        claims = {"jti": secrets.token_urlsafe(16), "htm": method, "htu": url, "iat": int(self.now())}
        if token is not None:
            claims["ath"] = b64(hashlib.sha256(token.encode()).digest())
        return {"DPoP": sign(self.dpop_key, {"typ": "dpop+jwt", "jwk": public(self.dpop_key)}, claims)}

    def token(self, server: dict[str, Any], form: dict[str, str]) -> Any:
        url = server["token_endpoint"]
        headers = self.attestation(server["issuer"]) | self.dpop("POST", url)
        return self.http.request("POST", url, data=form, headers=headers)

    def redeem(self, server: dict[str, Any], offer: dict[str, Any], tx_code: str | None = None) -> Any:
        """Redeem the pre-authorized code of an offer (6)."""
        form = {
            "grant_type": PRE_AUTHORIZED,
            "pre-authorized_code": offer["grants"][PRE_AUTHORIZED]["pre-authorized_code"],
        }
        return self.token(server, form if tx_code is None else form | {"tx_code": tx_code})

    def push(self, server: dict[str, Any], scope: str, *, verifier: str, **more: str) -> Any:
        """Push an authorization request (RFC 9126) with PKCE."""
        url = server["pushed_authorization_request_endpoint"]
        form = {
            "response_type": "code",
            "client_id": self.provider.client_id,
            "redirect_uri": REDIRECT,
            "scope": scope,
            "state": "the-state",
            "code_challenge": b64(hashlib.sha256(verifier.encode()).digest()),
            "code_challenge_method": "S256",
            "unknown": "ignored",
        } | more
        return self.http.request(
            "POST", url, data=form, headers=self.attestation(server["issuer"]) | self.dpop("POST", url)
        )

    def browse(self, method: str, url: str, **kwargs: Any) -> Any:
        """Do what the holder's browser does: keep cookies, follow redirects to the server itself."""
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Cookie": cookie} if cookie else {}
        answer = self.http.request(method, url, headers=headers, **kwargs)
        for each in answer.headers.get_list("set-cookie"):
            name, _, value = each.partition(";")[0].partition("=")
            self.cookies[name] = value
        place = answer.headers.get("location", "")
        if answer.status_code == 303 and not place.startswith("https://wallet.stranger.example"):
            return self.browse("GET", place)
        return answer

    def authorize(
        self, server: dict[str, Any], request_uri: str, person: dict[str, str], *, press: str = "approve"
    ) -> Any:
        """Log in and press a button; return the last answer, a redirect to the wallet."""
        query = f"?client_id={self.provider.client_id}&request_uri={request_uri}"
        page = self.browse("GET", server["authorization_endpoint"] + query)
        login = server["authorization_endpoint"] + "/login"
        page = self.browse("POST", login, data=person | {"token": form_token(page.text)})
        consent = server["authorization_endpoint"] + "/consent"
        return self.browse("POST", consent, data={press: "1", "token": form_token(page.text)})

    # -- credentials ---------------------------------------------------------------------------------------------------

    def nonce(self, issuer: dict[str, Any]) -> str:
        return self.http.request("POST", issuer["nonce_endpoint"]).json()["c_nonce"]

    def proof(self, issuer: dict[str, Any], key: jwk.JWK, nonce: str) -> str:
        claims = {"aud": issuer["credential_issuer"], "iat": int(self.now()), "nonce": nonce}
        claims["iss"] = self.provider.client_id
        return sign(key, {"typ": "openid4vci-proof+jwt", "jwk": public(key)}, claims)

    def protected(self, url: str, token: str) -> dict[str, str]:
        return {"Authorization": f"DPoP {token}"} | self.dpop("POST", url, token)

    def fetch(self, issuer: dict[str, Any], token: str, wanted: dict[str, str], keys: list[jwk.JWK]) -> Any:
        """Request a credential for each key (8.2)."""
        url, nonce = issuer["credential_endpoint"], self.nonce(issuer)
        members = wanted | {"proofs": {"jwt": [self.proof(issuer, key, nonce) for key in keys]}, "unknown": True}
        return self.http.request("POST", url, json=members, headers=self.protected(url, token))

    def fetch_encrypted(
        self, issuer: dict[str, Any], token: str, wanted: dict[str, str], key: jwk.JWK
    ) -> dict[str, Any]:
        """The same, request and response encrypted (10)."""
        url, answer_key = issuer["credential_endpoint"], new_key()
        to = issuer["credential_request_encryption"]["jwks"]["keys"][0]
        members = wanted | {
            "proofs": {"jwt": [self.proof(issuer, key, self.nonce(issuer))]},
            "credential_response_encryption": {
                "jwk": public(answer_key) | {"alg": "ECDH-ES"},
                "enc": "A256GCM",
                "zip": "DEF",
            },
        }
        header = {"alg": "ECDH-ES", "enc": "A128GCM", "kid": to["kid"], "cty": "json", "zip": "DEF"}
        token_ = jwe.JWE(json.dumps(members), json.dumps(header), algs=["ECDH-ES", "A128GCM", "DEF"])
        token_.add_recipient(jwk.JWK(**{name: to[name] for name in ("kty", "crv", "x", "y")}))
        headers = self.protected(url, token) | {"Content-Type": "application/jwt"}
        answer = self.http.request("POST", url, content=token_.serialize(compact=True), headers=headers)
        assert answer.headers["content-type"] == "application/jwt", answer.text
        read = jwe.JWE(algs=["ECDH-ES", "A256GCM", "DEF"])
        read.deserialize(answer.text, answer_key)
        return json.loads(read.payload)

    def notify(self, issuer: dict[str, Any], token: str, notification_id: str, event: str) -> Any:
        url = issuer["notification_endpoint"]
        members = {"notification_id": notification_id, "event": event}
        return self.http.request("POST", url, json=members, headers=self.protected(url, token))


def form_token(page: str) -> str:
    """Return the hidden token of a form."""
    found = re.search(r'name="token" value="([^"]+)"', page)
    assert found, page
    return found[1]
