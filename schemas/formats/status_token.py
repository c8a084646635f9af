"""The status list token as a JWT (Token Status List, 5.1): ``typ`` is ``statuslist+jwt``, ``sub`` is its own URI.

text = status_token.issue(statuses, signer, uri=uri, times=Times(iat, exp, 3600))
token = status_token.parse(text)                # unverified: the header chooses the key
token.verified_by(key).statuses[index]
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from keys import jws, strict_json
from keys.encoding import b64url_text
from keys.public import PublicKey
from keys.signer import Signer
from schemas.formats.claims import is_number, optional_number, optional_text
from schemas.formats.errors import StatusListMalformed, StatusTokenInvalid, WrongType
from schemas.formats.status_list import MAX_BYTES, StatusList

TYP = "statuslist+jwt"
MAX_TOKEN = 4 << 20
"""The most characters of a token: a list of 2^20 random statuses of 8 bits stays under half of it."""


@dataclass(frozen=True, slots=True)
class Times:
    """When a token is issued, until when it holds, and how many seconds a copy of it may be kept."""

    iat: float
    exp: float | None
    ttl: float | None


@dataclass(frozen=True, slots=True)
class StatusToken:
    """A token that was signed by the key it was verified by; whether it is fresh enough is the caller's policy."""

    uri: str
    times: Times
    statuses: StatusList
    aggregation_uri: str | None


@dataclass(frozen=True, slots=True)
class UnverifiedStatusToken:
    """A token whose signature nobody has checked yet."""

    issuer_jws: jws.UnverifiedJws

    def verified_by(self, key: PublicKey, *, max_bytes: int = MAX_BYTES) -> StatusToken:
        """Return the token's content.

        Raises:
            InvalidSignature, AlgorithmNotAllowed, MalformedToken: of the JWS.
            StatusTokenInvalid: ``sub``, ``iat``, ``exp``, ``ttl`` or ``status_list`` absent or of the wrong kind.
            StatusListError: a subclass for what is wrong with the list.
        """
        return _read(self.issuer_jws.verified_by(key), max_bytes)


def issue(
    statuses: StatusList,
    signer: Signer,
    *,
    uri: str,
    times: Times,
    aggregation_uri: str | None = None,
    compressed: bytes | None = None,
) -> str:
    """Return the signed token of ``statuses``; ``uri`` is where it will be found.

    ``compressed`` is ``statuses.compressed()`` where the caller has it already, for another form of the same list.
    """
    lst = statuses.encoded() if compressed is None else b64url_text(compressed)
    status_list: dict[str, Any] = {"bits": statuses.bits, "lst": lst}
    if aggregation_uri is not None:
        status_list["aggregation_uri"] = aggregation_uri
    claims: dict[str, Any] = {"sub": uri, "iat": times.iat}
    claims |= {name: value for name, value in (("exp", times.exp), ("ttl", times.ttl)) if value is not None}
    return jws.sign(strict_json.dumps(claims | {"status_list": status_list}), signer, typ=TYP)


def parse(text: str, *, max_token: int = MAX_TOKEN) -> UnverifiedStatusToken:
    """Take a token apart without believing it; raises as ``jws.peek``, and WrongType."""
    token = jws.peek(text, max_bytes=max_token)
    if token.header.typ != TYP:
        raise WrongType(f"typ is not {TYP}")
    return UnverifiedStatusToken(token)


def read_status_list(value: Any, *, max_bytes: int = MAX_BYTES) -> StatusList:
    """Return the list of a ``status_list`` object (4.2).

    Raises:
        StatusListMalformed: no object with ``bits`` and ``lst``.
        StatusListError: as ``StatusList.from_encoded``.
    """
    if type(value) is not dict or type(value.get("lst")) is not str:
        raise StatusListMalformed("status_list is no object with bits and lst")
    return StatusList.from_encoded(value["lst"], bits=value.get("bits"), max_bytes=max_bytes)  # type: ignore[arg-type]


def _read(claims: Mapping[str, Any], max_bytes: int) -> StatusToken:
    uri = optional_text(claims, "sub", StatusTokenInvalid)
    if uri is None:
        raise StatusTokenInvalid("sub is absent")
    if not is_number(claims.get("iat")):
        raise StatusTokenInvalid("iat is absent or no number of seconds")
    exp, ttl = (optional_number(claims, name, StatusTokenInvalid) for name in ("exp", "ttl"))
    if ttl == 0:
        raise StatusTokenInvalid("ttl is not positive")
    status_list = claims.get("status_list")
    statuses = read_status_list(status_list, max_bytes=max_bytes)
    aggregation_uri = optional_text(claims["status_list"], "aggregation_uri", StatusTokenInvalid)
    return StatusToken(uri, Times(claims["iat"], exp, ttl), statuses, aggregation_uri)
