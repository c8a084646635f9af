"""A verifier with a small PKI of its own, and OpenID4VP requests that are in order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from keys.jwe import ENCS, DecryptionKey
from keys.pki import SigningRequest, create_root, issue_request_certificate
from keys.public import PublicKey
from keys.request_chain import verify_request_chain
from keys.signer import SoftwareSigner
from schemas.dcql import read_query
from schemas.openid4vp.client_id import ClientId, Prefix
from schemas.openid4vp.metadata import FORMATS, ClientMetadata
from schemas.openid4vp.request import AuthorizationRequest, ResponseMode

NOW = datetime(2026, 3, 2, 2, 30, tzinfo=UTC)
HOST = "verifier.example"
RESPONSE_URI = f"https://{HOST}/openid4vp/7Qe/response"
QUERY = {
    "credentials": [
        {
            "id": "licence",
            "format": "dc+sd-jwt",
            "meta": {"vct_values": ["urn:ecert:business_licence:1"]},
            "claims": [{"path": ["business_scope"]}],
        }
    ]
}


@dataclass(frozen=True)
class Pki:
    """A root, a verifier's key, and its certificate."""

    root: bytes
    signer: SoftwareSigner

    @classmethod
    def made(cls) -> "Pki":
        top, signer = SoftwareSigner.generate(), SoftwareSigner.generate()
        root = create_root(top, name="示例根证书", now=NOW)
        asked = SigningRequest(
            signer.public_key, "示例自来水公司", "91440799MA00000000", f"https://{HOST}/parties/water"
        )
        leaf = issue_request_certificate(top, root, asked, host=HOST, now=NOW)
        return cls(root, signer.with_chain((leaf,)))

    def anchors(self, chain: Sequence[bytes], at: datetime) -> PublicKey:
        return verify_request_chain(chain, anchors=[self.root], at=at)


def request_of(client_id: ClientId | None, key: DecryptionKey | None, **changes: Any) -> AuthorizationRequest:
    """A request by this client identifier, encrypted if there is a key."""
    members: dict[str, Any] = {
        "response_mode": ResponseMode.DIRECT_POST if key is None else ResponseMode.DIRECT_POST_JWT,
        "nonce": "n-0S6_WzA2Mj",
        "query": read_query(QUERY),
        "client_id": client_id,
        "response_uri": RESPONSE_URI,
        "state": "eyJhb-6-sVA",
        "metadata": ClientMetadata(() if key is None else (key.jwk,), () if key is None else ENCS, FORMATS),
    }
    return AuthorizationRequest(**members | changes)


SAN_DNS = ClientId(Prefix.X509_SAN_DNS, HOST)
