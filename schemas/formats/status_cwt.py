"""The status list token as a CWT (Token Status List, 5.2): COSE_Sign1, ``typ`` is ``application/statuslist+cwt``.

data = status_cwt.issue(statuses, signer, uri=uri, times=Times(iat, exp, 3600))
token = status_cwt.parse(data)                  # unverified: the header chooses the key
token.verified_by(key).statuses[index]
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cbor2

from keys.public import PublicKey
from keys.signer import Signer
from schemas.formats.claims import is_number
from schemas.formats.cose import cbor, cwt, sign1
from schemas.formats.errors import StatusListMalformed, StatusTokenInvalid, WrongType
from schemas.formats.status_list import MAX_BYTES, StatusList
from schemas.formats.status_token import MAX_TOKEN, StatusToken, Times

TYP = "application/statuslist+cwt"
TTL = 65_534
STATUS_LIST = 65_533


@dataclass(frozen=True, slots=True)
class UnverifiedStatusCwt:
    """A token whose signature nobody has checked yet."""

    message: sign1.UnverifiedSign1

    def peek_iat(self) -> float:
        """Return ``iat`` as it stands there, to choose the key's period by; raises as ``verified_by``."""
        return _times(_claims(self.message.peeked_payload or b"")).iat

    def verified_by(self, key: PublicKey, *, max_bytes: int = MAX_BYTES) -> StatusToken:
        """Return the token's content.

        Raises:
            InvalidSignature, AlgorithmNotAllowed: of the COSE_Sign1.
            CborError, CwtClaimInvalid: the claims are not a map of well-formed claims.
            StatusTokenInvalid, StatusListError: as for a token in JWT form.
        """
        return _read(_claims(self.message.verified_by(key)), max_bytes)


def issue(
    statuses: StatusList,
    signer: Signer,
    *,
    uri: str,
    times: Times,
    aggregation_uri: str | None = None,
    compressed: bytes | None = None,
) -> bytes:
    """Return the signed token of ``statuses``, tagged 18; ``uri`` and ``compressed`` as for a token in JWT form."""
    claims: dict[int, Any] = {cwt.SUB: uri, cwt.IAT: times.iat, cwt.EXP: times.exp, TTL: times.ttl}
    present = {label: value for label, value in claims.items() if value is not None}
    present[STATUS_LIST] = _written(
        statuses.bits, statuses.compressed() if compressed is None else compressed, aggregation_uri
    )
    return cwt.sign(present, signer, protected={sign1.TYP: TYP})


def parse(data: bytes, *, max_token: int = MAX_TOKEN) -> UnverifiedStatusCwt:
    """Take a token apart without believing it; raises as ``sign1.peek``, and:

    StatusTokenInvalid: not tagged as COSE_Sign1 (5.2: the tag is a must, the CWT tag around it is forbidden).
    WrongType: the protected ``typ`` is another one.
    """
    item = cbor.loads_strict(data, max_bytes=max_token)
    if type(item) is not cbor2.CBORTag or item.tag != sign1.TAG:
        raise StatusTokenInvalid("token is not tagged as COSE_Sign1")
    message = sign1.from_item(item)
    if message.header.typ != TYP:
        raise WrongType(f"typ is not {TYP}")
    return UnverifiedStatusCwt(message)


def write_status_list(statuses: StatusList, *, aggregation_uri: str | None = None) -> dict[str, Any]:
    """Return the ``StatusList`` map (4.3), ready to be encoded."""
    return _written(statuses.bits, statuses.compressed(), aggregation_uri)


def read_status_list(value: Any, *, max_bytes: int = MAX_BYTES) -> StatusList:
    """Return the list of a ``StatusList`` map (4.3).

    Raises:
        StatusListMalformed: no map with ``bits`` and ``lst``.
        StatusListError: as ``StatusList.from_compressed``.
    """
    if type(value) is not dict or type(value.get("lst")) is not bytes:
        raise StatusListMalformed("status list is no map with bits and lst")
    return StatusList.from_compressed(value["lst"], bits=value.get("bits"), max_bytes=max_bytes)  # type: ignore[arg-type]


def _written(bits: int, compressed: bytes, aggregation_uri: str | None) -> dict[str, Any]:
    written: dict[str, Any] = {"bits": bits, "lst": compressed}
    return written if aggregation_uri is None else written | {"aggregation_uri": aggregation_uri}


def _claims(payload: bytes) -> dict[Any, Any]:
    # RFC 8392 asks for no order of claims.
    return cwt.read_claims(payload, any_order=True, max_bytes=MAX_TOKEN)


def _read(claims: Mapping[Any, Any], max_bytes: int) -> StatusToken:
    if cwt.SUB not in claims:
        raise StatusTokenInvalid("sub is absent")
    times = _times(claims)
    statuses = read_status_list(claims.get(STATUS_LIST), max_bytes=max_bytes)
    aggregation_uri = claims[STATUS_LIST].get("aggregation_uri")
    if type(aggregation_uri) not in (str, type(None)):
        raise StatusTokenInvalid("aggregation_uri is no text")
    return StatusToken(claims[cwt.SUB], times, statuses, aggregation_uri)


def _times(claims: Mapping[Any, Any]) -> Times:
    if cwt.IAT not in claims:
        raise StatusTokenInvalid("iat is absent")
    ttl = claims.get(TTL)
    if ttl is not None and not (type(ttl) is int and is_number(ttl) and ttl > 0):
        raise StatusTokenInvalid("ttl is no positive number of whole seconds")
    return Times(claims[cwt.IAT], claims.get(cwt.EXP), ttl)
