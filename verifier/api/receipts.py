"""Receipts: a signed statement of what was checked, when, and against what; nothing in it is about a person.

A JWS by the trust anchor, which every verifier has pinned (``typ`` ``ecert-receipt+jwt``, docs/adr/0026), so that years
later the anchor and the file are enough. Its claims:

    {"iss": "https://…", "iat": …, "jti": "<verification>", "environment": "live", "party": "…", "purpose": "…",
     "reference": "…", "verdict": "valid", "verified_at": "2026-03-02T09:41:17Z",
     "checks": [{"check": "status", "state": "passed", "code": "status_valid"}, …],
     "basis": {"trust_list_version": 7, "status_lists": [{"uri": "…", "issued_at": "…"}], "salt": "…",
               "presentations": [{"id": "…", "hash": "…"}]}}

``basis`` is what the result rests on (``verifier.basis``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from keys import jws, strict_json
from keys.anchor import Anchor
from keys.signer import Signer
from verifier.api.errors import NoReceipt, ReceiptRefused
from verifier.api.model import Verification
from verifier.basis import presentation_hash

TYP = "ecert-receipt+jwt"
MAX_RECEIPT = 262_144
_WORDS = ("iss", "jti", "environment", "party", "purpose", "verdict", "verified_at")


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt states, after its signature was checked."""

    claims: Mapping[str, Any]

    @property
    def verdict(self) -> str:
        """The verdict of that day."""
        return str(self.claims["verdict"])

    def names(self, presentation: str) -> bool:
        """Tell whether the receipt is of this presentation."""
        basis = self.claims["basis"]
        digest = presentation_hash(presentation, salt=basis["salt"])
        return any(each["hash"] == digest for each in basis["presentations"])


def sign(verification: Verification, signer: Signer, *, issuer: str, now: datetime) -> str:
    """Return the receipt of a verification; raises NoReceipt when nothing was verified."""
    result, basis = verification.result, verification.basis
    if result is None or basis is None:
        raise NoReceipt("nothing was verified, so there is nothing to state")
    claims = {
        "iss": issuer,
        "iat": int(now.timestamp()),
        "jti": verification.verification_id,
        "environment": verification.owner.environment.value,
        "party": verification.owner.party_id,
        "purpose": verification.purpose_id,
        "reference": verification.reference,
        "verdict": result["verdict"],
        "verified_at": result["verified_at"],
        "checks": [{name: each[name] for name in ("check", "state", "code")} for each in result["checks"]],
        "basis": basis,
    }
    return jws.sign(strict_json.dumps(claims), signer, typ=TYP)


def read(text: str, anchor: Anchor) -> Receipt:
    """Return what a receipt states; offline, with the pinned anchor.

    Raises:
        ReceiptRefused: it is not of the form of a receipt.
        UnexpectedType, UnknownAnchor, InvalidSignature, MalformedToken: as ``Anchor.payload``.
    """
    claims = anchor.payload(text.strip(), typ=TYP, max_bytes=MAX_RECEIPT)
    if not all(isinstance(claims.get(name), str) for name in _WORDS) or not _is_basis(claims.get("basis")):
        raise ReceiptRefused("document lacks what a receipt states")
    if not _are_objects(claims.get("checks"), ("check", "state", "code")):
        raise ReceiptRefused("document lacks the checks of a receipt")
    return Receipt(claims)


def check_presentation(receipt: Receipt, presentation: str) -> None:
    """Return when the receipt is of this presentation; raises ReceiptRefused."""
    if not receipt.names(presentation):
        raise ReceiptRefused("receipt is of another presentation")


def _is_basis(value: object) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("salt"), str)
        and isinstance(value.get("trust_list_version"), int)
        and _are_objects(value.get("status_lists"), ("uri", "issued_at"))
        and _are_objects(value.get("presentations"), ("id", "hash"))
    )


def _are_objects(value: object, names: tuple[str, ...]) -> bool:
    return isinstance(value, list) and all(
        isinstance(each, dict) and all(isinstance(each.get(name), str) for name in names) for each in value
    )
