"""Targets of ``keys``: JSON, base64url, base58, JWS, keys in every form, chains, and the documents of the anchor."""

from datetime import timedelta
from typing import Any

from keys import base58, did, jws, strict_json
from keys.anchor import Anchor
from keys.chain import load_certificate, verify_chain
from keys.encoding import b64url_decode, b64url_text
from keys.kept import KeptList, read_kept_list, write_kept_list
from keys.pki import SigningRequest, create_root, issue_signing_certificate
from keys.public import PublicKey
from keys.trust import read_trust_list, write_trust_list
from schemas.formats.pack import read_pack
from tests.fuzz.target import Form, Target, as_text, only
from tests.support.desk import ANCHOR, ANOTHER, HOLDER, MARKET, MARKET_KEY, NOW, STRANGER, Desk, forged, p256
from verifier import open_pack

DESK = Desk()
_PINNED = Anchor((ANCHOR.public_key,))
_ROOT = create_root(p256(31), name="示例市电子证照根证书", now=NOW, serial=lambda: 1)
_REQUEST = SigningRequest(MARKET_KEY.public_key, "示例市市场监督管理局", "11440799MB2C000018", MARKET)
_LEAF = issue_signing_certificate(p256(31), _ROOT, _REQUEST, now=NOW, serial=lambda: 2)
_METHOD = "did:web:ecert.example#key"
_DID_DOCUMENT = {
    "@context": ["https://www.w3.org/ns/did/v1"],
    "id": "did:web:ecert.example",
    "verificationMethod": [
        {
            "id": _METHOD,
            "type": "JsonWebKey",
            "controller": "did:web:ecert.example",
            "publicKeyJwk": dict(HOLDER.public_key.jwk),
        }
    ],
    "assertionMethod": ["#key"],
}
_JWS = jws.sign(b'{"iss":"https://ecert.example","n":[1,2.5,null]}', MARKET_KEY, typ="vc+jwt")


def _json(data: bytes) -> Any:
    return strict_json.loads(data)


def _is_same_json(data: bytes, value: Any) -> bool:
    import json

    return bool(json.loads(data) == value)


def _verified_jws(data: bytes) -> dict[str, Any]:
    return jws.peek(as_text(data)).verified_by(MARKET_KEY.public_key)


def _chain(data: bytes) -> PublicKey:
    load_certificate(data)
    return verify_chain((data,), anchors=(_ROOT,), issuer=MARKET, at=NOW + timedelta(days=1))


def _signed_by_anchor(typ: str, read: Any) -> Any:
    """What the anchor signs is taken apart whatever it says."""

    def decode(data: bytes) -> Any:
        text = forged({"alg": "ES256", "typ": typ, "kid": ANCHOR.public_key.kid}, data, ANCHOR)
        return read(text)

    return decode


def _payload(text: str) -> bytes:
    return jws.peek(text, max_bytes=1 << 24).peeked_payload


def _kept() -> str:
    return write_kept_list(
        KeptList.of(STRANGER.public_key.kid, issued_at=NOW, digests=["A" * 43, "B" * 42 + "A"]), ANCHOR
    )


def _did_documents(data: bytes) -> PublicKey:
    return did.from_document(strict_json.loads_object(data), _METHOD, purpose="assertionMethod")


_SIGNERS = (HOLDER, ANOTHER)
TARGETS = (
    Target(
        "strict_json",
        "keys.strict_json.loads",
        _json,
        lambda: [strict_json.dumps(_DID_DOCUMENT), b'{"a":[1,-2,3.5,true,null,"x"],"b":{}}', b" [ 1 , 1e3 ] "],
        Form.JSON,
        _is_same_json,
    ),
    Target(
        "base64url",
        "keys.encoding.b64url_decode",
        lambda data: b64url_decode(as_text(data)),
        lambda: [b"", b"AA", b"AAE", b"_-8A"],
        Form.TEXT,
        lambda data, read: b64url_text(read).encode() == data,
    ),
    Target(
        "base58",
        "keys.base58.decode",
        lambda data: base58.decode(as_text(data)),
        lambda: [b"", b"111z", base58.encode(did.to_multikey(HOLDER.public_key)).encode()],
        Form.TEXT,
        lambda data, read: base58.encode(read).encode() == data,
    ),
    Target(
        "jws",
        "keys.jws.peek",
        _verified_jws,
        lambda: [_JWS.encode()],
        Form.JWT,
        only(lambda: _verified_jws(_JWS.encode())),
    ),
    Target(
        "jwk",
        "keys.public.PublicKey.from_jwk",
        lambda data: PublicKey.from_jwk(strict_json.loads_object(data)),
        lambda: [strict_json.dumps(dict(signer.public_key.jwk)) for signer in _SIGNERS],
        Form.JSON,
    ),
    Target(
        "anchor",
        "keys.anchor.Anchor.from_json",
        Anchor.from_json,
        lambda: [_PINNED.to_json(), Anchor((ANCHOR.public_key, ANOTHER.public_key)).to_json()],
        Form.JSON,
    ),
    Target(
        "did",
        "keys.did.from_did",
        lambda data: did.from_did(as_text(data)),
        lambda: [make(signer.public_key).encode() for signer in _SIGNERS for make in (did.to_did_key, did.to_did_jwk)],
        Form.TEXT,
    ),
    Target(
        "did_document",
        "keys.did.from_document",
        _did_documents,
        lambda: [strict_json.dumps(_DID_DOCUMENT)],
        Form.JSON,
    ),
    Target(
        "chain",
        "keys.chain.verify_chain",
        _chain,
        lambda: [_LEAF, _ROOT],
        sound=lambda _, key: key == MARKET_KEY.public_key,
    ),
    Target(
        "trust_list",
        "keys.trust.read_trust_list",
        _signed_by_anchor("ecert-trust-list+jwt", lambda text: read_trust_list(text, _PINNED)),
        lambda: [_payload(write_trust_list(DESK.trust(), ANCHOR))],
        Form.JSON,
    ),
    Target(
        "kept_list",
        "keys.kept.read_kept_list",
        _signed_by_anchor("ecert-kept+jwt", lambda text: read_kept_list(text, _PINNED)),
        lambda: [_payload(_kept())],
        Form.JSON,
    ),
    Target(
        "pack",
        "schemas.formats.pack.read_pack",
        _signed_by_anchor("ecert-pack+jwt", lambda text: read_pack(text, _PINNED)),
        lambda: [_payload(DESK.pack_text())],
        Form.JSON,
    ),
    Target(
        "pack_opened",
        "verifier.open_pack",
        lambda data: open_pack(as_text(data), anchor=_PINNED, now=NOW),
        lambda: [DESK.pack_text().encode()],
        Form.JWT,
        lambda _, pack: pack.version == DESK.version and pack.trust == DESK.trust(),
    ),
)
