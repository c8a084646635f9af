"""The ``status`` claim of a credential (Token Status List, 6): where its status stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schemas.formats.errors import StatusClaimInvalid

CWT_LABEL = 65_535


@dataclass(frozen=True, slots=True)
class StatusReference:
    """The status list's URI and the index in it."""

    uri: str
    index: int

    def claim(self) -> dict[str, Any]:
        """Return the value of the ``status`` claim, in a JWT and in a CWT."""
        return {"status_list": {"idx": self.index, "uri": self.uri}}


def status_reference(claims: Mapping[str, Any]) -> StatusReference | None:
    """Return the reference of the ``status`` claim; None when there is no ``status`` claim at all.

    Raises:
        StatusClaimInvalid: a ``status`` claim without a well-formed ``status_list``: another mechanism cannot be
            followed, and must not look like a credential without status.
    """
    if "status" not in claims:
        return None
    return _reference(claims["status"])


def cwt_status_reference(claims: Mapping[Any, Any]) -> StatusReference | None:
    """Return the reference of claim 65535 of a CWT (6.3); None when the claim is absent; raises StatusClaimInvalid."""
    return _reference(claims[CWT_LABEL]) if CWT_LABEL in claims else None


def _reference(status: Any) -> StatusReference:
    entry = status.get("status_list") if type(status) is dict else None
    if type(entry) is not dict:
        raise StatusClaimInvalid("status holds no status_list")
    index, uri = entry.get("idx"), entry.get("uri")
    if type(index) is not int or index < 0:
        raise StatusClaimInvalid("status_list's idx is no index")
    if type(uri) is not str or not uri:
        raise StatusClaimInvalid("status_list's uri is no text")
    return StatusReference(uri, index)
