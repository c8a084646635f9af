"""``verifier_info`` of ours (OpenID4VP 1.0, 5.1 and 5.11): the city attests who asks, why, by which law, for how long.

A JWT that a key of the trust anchor signs, bound by claims: ``sub`` is the client identifier of the request that it
stands in, ``dcql_digest`` the digest of that request's query. So it says for this query of this verifier, and for no
other, that somebody registered it; a wallet shows it on the consent page.

    info = attest(registration, anchor_signer, query=query, now=now)      the verifier: an entry of verifier_info
    find_registration(request, anchor, now=now)                           the wallet: Registration, or None
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from keys import jws, strict_json
from keys.anchor import Anchor
from keys.encoding import b64url_text
from keys.errors import EcertError
from keys.signer import Signer
from schemas.dcql import Query
from schemas.openid4vp.request import AuthorizationRequest

FORMAT = "jwt"
TYP = "ecert-verifier-registration+jwt"
LIFETIME = timedelta(minutes=10)
LEEWAY = timedelta(seconds=60)
_MAX_BYTES = 16_384


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """Who asks (``client_id`` and the body that has it), for which purpose, by which law, and how long it is kept."""

    client_id: str
    party_id: str
    party_zh: str
    party_en: str
    credit_code: str
    purpose_id: str
    purpose_zh: str
    purpose_en: str
    legal_basis_zh: str
    legal_basis_en: str
    retention_days: int
    item_code: str = ""


def attest(registration: Registration, signer: Signer, *, query: Query, now: datetime) -> dict[str, Any]:
    """Return the entry of ``verifier_info`` that says so of ``query``."""
    said = {name: value for name, value in asdict(registration).items() if name != "client_id"}
    claims = said | {
        "sub": registration.client_id,
        "dcql_digest": digest_of(query),
        "iat": int(now.timestamp()),
        "exp": int((now + LIFETIME).timestamp()),
    }
    return {"format": FORMAT, "data": jws.sign(strict_json.dumps(claims), signer, typ=TYP)}


def find_registration(request: AuthorizationRequest, anchor: Anchor, *, now: datetime) -> Registration | None:
    """Return what the city attests of an authenticated request; None when there is nothing that holds.

    Attestations of others, and those that do not hold, are passed over (5.11).
    """
    found = (_read(each, request, anchor, now) for each in request.verifier_info)
    return next((each for each in found if each is not None), None)


def digest_of(query: Query) -> str:
    """Return the digest of a query: SHA-256 over its JSON with sorted members and without spaces, in base64url."""
    return b64url_text(hashlib.sha256(strict_json.dumps(_sorted(query.document()))).digest())


def _read(info: Mapping[str, Any], request: AuthorizationRequest, anchor: Anchor, now: datetime) -> Registration | None:
    data = info["data"]
    if info["format"] != FORMAT or not isinstance(data, str):
        return None
    try:
        claims = anchor.payload(data, typ=TYP, max_bytes=_MAX_BYTES)
    except EcertError:
        return None
    bound = (claims.get("sub"), claims.get("dcql_digest")) == (str(request.client_id), digest_of(request.query))
    if not bound or not _is_of_now(claims, now):
        return None
    known = {each.name: claims.get(each.name) for each in fields(Registration) if each.name != "client_id"}
    # The anchor signed it: its own members are there and of their types, or it is of another version than this one.
    if not all(isinstance(value, int if name == "retention_days" else str) for name, value in known.items()):
        return None
    return Registration(client_id=str(request.client_id), **known)  # type: ignore[arg-type]  # looked at above


def _is_of_now(claims: Mapping[str, Any], now: datetime) -> bool:
    starts, ends = claims.get("iat"), claims.get("exp")
    if type(starts) is not int or type(ends) is not int:
        return False
    leeway = LEEWAY.total_seconds()
    return starts - leeway <= now.timestamp() <= ends + leeway


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    return [_sorted(each) for each in value] if isinstance(value, list) else value
