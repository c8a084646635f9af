"""A stranger's wallet that presents: OpenID4VP 1.0 with HAIP, on PyJWT and jwcrypto; nothing of ours."""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography import x509
from jwcrypto import jwe, jwk

from tests.support.stranger import b64, sign

MEDIA_TYPE = "application/oauth-authz-req+jwt"


@dataclass
class Presenter:
    """A wallet with one SD-JWT VC and its key; ``root`` is the PKI that it trusts verifiers by."""

    http: Any
    credential: str
    key: jwk.JWK
    root: bytes
    now: Callable[[], float]
    wallet_nonce: str = field(default_factory=lambda: secrets.token_urlsafe(16))

    def fetch(self, link: str, *, post: bool = True) -> dict[str, Any]:
        """Fetch the request object that a link names and authenticate who asks (5, 5.9.3, 5.10)."""
        query = {name: value[0] for name, value in parse_qs(urlsplit(link).query).items()}
        assert query["request_uri_method"] == "post"
        if post:
            form, headers = {"wallet_nonce": self.wallet_nonce}, {"Accept": MEDIA_TYPE}
            answer = self.http.request("POST", query["request_uri"], data=form, headers=headers)
        else:
            answer = self.http.request("GET", query["request_uri"])
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == MEDIA_TYPE
        assert answer.headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in answer.headers
        return self._authenticated(answer.text, query["client_id"], self.wallet_nonce if post else None)

    def _authenticated(self, token: str, client_id: str, nonce: str | None) -> dict[str, Any]:
        header = jwt.get_unverified_header(token)
        assert header["typ"] == "oauth-authz-req+jwt"
        (der,) = map(base64.b64decode, header["x5c"])
        prefix, _, name = client_id.partition(":")
        assert (prefix, name) == ("x509_hash", b64(hashlib.sha256(der).digest()))
        leaf = x509.load_der_x509_certificate(der)
        leaf.verify_directly_issued_by(x509.load_der_x509_certificate(self.root))
        options: Any = {"verify_exp": False, "verify_iat": False}
        audience = "https://self-issued.me/v2"
        claims: dict[str, Any] = jwt.decode(token, leaf.public_key(), ["ES256"], audience=audience, options=options)
        assert claims["iat"] - 60 <= self.now() < claims["exp"]
        assert (claims["client_id"], claims.get("wallet_nonce")) == (client_id, nonce)
        assert claims["response_type"] == "vp_token"
        return claims

    def present(self, request: dict[str, Any], **changes: Any) -> dict[str, list[str]]:
        """Return the VP Token for a query of one credential: what it asks for, and nothing more."""
        (asked,) = request["dcql_query"]["credentials"]
        wanted = {claim["path"][0] for claim in asked["claims"]}
        credential, *disclosures = self.credential.split("~")[:-1]
        chosen = [each for each in disclosures if json.loads(_decoded(each))[1] in wanted]
        shown = "~".join((credential, *chosen, ""))
        claims = {
            "aud": request["client_id"],
            "nonce": request["nonce"],
            "iat": int(self.now()),
            "sd_hash": b64(hashlib.sha256(shown.encode()).digest()),
        }
        return {asked["id"]: [shown + sign(self.key, {"typ": "kb+jwt"}, claims | changes)]}

    def answer(self, request: dict[str, Any], **members: Any) -> Any:
        """Post a response in the mode that the request asks for (8.2, 8.3.1)."""
        said = members | {"state": request["state"]}
        if request["response_mode"] == "direct_post":
            form = {name: each if isinstance(each, str) else json.dumps(each) for name, each in said.items()}
        else:
            assert request["response_mode"] == "direct_post.jwt"
            form = {"response": _encrypted(said, request["client_metadata"])}
        return self.http.request("POST", request["response_uri"], data=form)


def _encrypted(members: dict[str, Any], metadata: dict[str, Any]) -> str:
    key = metadata["jwks"]["keys"][0]
    enc = metadata["encrypted_response_enc_values_supported"][0]
    header = {"alg": key["alg"], "enc": enc, "kid": key["kid"], "apu": b64(b"wallet"), "apv": b64(b"verifier")}
    token = jwe.JWE(json.dumps(members), json.dumps(header), algs=[key["alg"], enc])
    token.add_recipient(jwk.JWK(**key))
    return str(token.serialize(compact=True))


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
