"""Limits of ``keys``: tokens, headers, JSON, chains, anchors, lists."""

from typing import Any

from keys import anchor, base58, chain, did, jws, kept, strict_json, trust
from keys.algorithms import Algorithm
from keys.encoding import b64url
from keys.signer import SoftwareSigner
from tests.limits.case import Case
from tests.support.desk import ANCHOR, NOW, seconds

_HEADER = b64url(b'{"alg":"ES256"}').decode()
_KEYS = [SoftwareSigner.generate(Algorithm.EDDSA).public_key for _ in range(65)]
PINNED = anchor.Anchor((ANCHOR.public_key,))
_TIMES = {"iat": seconds(NOW), "next_update": seconds(NOW) + 86_400, "version": 1}


def token(size: int) -> str:
    rest = size - len(_HEADER) - 2
    signature = next(length for length in (0, 2, 3) if (rest - length) % 4 != 1)
    return f"{_HEADER}.{'A' * (rest - signature)}.{'A' * signature}"


def _header(size: int) -> str:
    start = b'{"alg":"ES256","x":""}'
    filled = start[:-2] + b"y" * (size * 3 // 4 - len(start)) + start[-2:]
    return f"{b64url(filled).decode():A<{size}}.AA.AA"


def _signed(document: dict[str, Any], typ: str) -> str:
    return jws.sign(strict_json.dumps(document), ANCHOR, typ=typ)


def _kept(count: int) -> str:
    document = {"kid": "A" * 43, "iat": seconds(NOW), "digests": [f"{n:043x}" for n in range(count)]}
    return jws.sign(strict_json.dumps(document), ANCHOR, typ=kept.TYP)


def _entry(**changed: Any) -> dict[str, Any]:
    entry = {
        "issuer": "https://ecert.example/issuers/amr",
        "name": {"zh": "示例", "en": "Example"},
        "offices": ["示例局"],
        "types": ["urn:ecert:business_licence:1"],
        "not_before": seconds(NOW),
        "keys": [{"jwk": dict(_KEYS[0].jwk), "not_before": seconds(NOW)}],
        "anchors": [],
    }
    return entry | changed


def _trust(*entries: dict[str, Any], withdrawn: int = 0) -> str:
    gone = [{"kid": f"{n:043d}", "at": seconds(NOW), "reason": "stolen"} for n in range(withdrawn)]
    return _signed(_TIMES | {"entries": list(entries), "withdrawn": gone}, trust.TYP)


def _read_trust(text: str) -> trust.TrustList:
    return trust.read_trust_list(text, PINNED)


CASES = (
    Case("keys.jws.MAX_TOKEN", "too_large", token, jws.peek),
    Case("keys.jws._MAX_HEADER", "too_large", _header, jws.peek),
    Case("keys.strict_json.MAX_DEPTH", "too_large", lambda size: b"[" * size + b"]" * size, strict_json.loads),
    Case("keys.base58._MAX_CHARACTERS", "malformed_token", lambda size: "1" * size, base58.decode, "more than 4096"),
    Case("keys.did._MAX_DID", "malformed_key", lambda size: f"{'did:jwk:':A<{size}}", did.from_did, "neither", False),
    Case("keys.chain.MAX_CERTIFICATE", "invalid_chain", bytes, chain.load_certificate, "bytes, limit", False),
    Case(
        "keys.chain.MAX_CHAIN",
        "invalid_chain",
        lambda size: (b"no certificate",) * size,
        lambda given: chain.find_path(given, (), "https://ecert.example"),
        "certificates, expected",
        False,
    ),
    Case(
        "keys.anchor.MAX_ANCHOR_BYTES",
        "malformed_key",
        lambda size: PINNED.to_json().ljust(size),
        anchor.Anchor.from_json,
        "bytes, limit",
    ),
    Case(
        "keys.anchor.MAX_ANCHOR_KEYS",
        "malformed_key",
        lambda size: strict_json.dumps({"keys": [dict(key.jwk) for key in _KEYS[:size]]}),
        anchor.Anchor.from_json,
        "keys, expected",
    ),
    Case("keys.trust.MAX_TRUST_LIST", "too_large", token, _read_trust, "", False),
    Case(
        "keys.trust.MAX_ENTRIES",
        "malformed_trust_list",
        lambda size: _trust(_entry(offices=[f"局{n}" for n in range(size)])),
        _read_trust,
        "offices",
    ),
    Case(
        "keys.trust.MAX_TYPES",
        "malformed_trust_list",
        lambda size: _trust(_entry(types=[f"urn:x:{n}" for n in range(size)])),
        _read_trust,
        "types",
    ),
    Case(
        "keys.trust.MAX_KEYS",
        "malformed_trust_list",
        lambda size: _trust(_entry(keys=[{"jwk": dict(key.jwk), "not_before": seconds(NOW)} for key in _KEYS[:size]])),
        _read_trust,
        "keys",
    ),
    Case(
        "keys.trust.MAX_ANCHORS",
        "malformed_trust_list",
        lambda size: _trust(_entry(anchors=["AAAA"] * size)),
        _read_trust,
        "at most",
        False,
    ),
    Case(
        "keys.trust.MAX_WITHDRAWN",
        "malformed_trust_list",
        lambda size: _trust(withdrawn=size),
        _read_trust,
        "withdrawn",
    ),
    Case("keys.kept.MAX_KEPT_LIST", "too_large", token, lambda text: kept.read_kept_list(text, PINNED), "", False),
    Case(
        "keys.kept.MAX_DIGESTS",
        "malformed_kept_list",
        _kept,
        lambda text: kept.read_kept_list(text, PINNED),
        "digests",
        stand_in=19,
    ),
)
