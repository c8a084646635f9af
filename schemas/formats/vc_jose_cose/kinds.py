"""Credential or presentation: what the headers of each form say of it (VC-JOSE-COSE, 3), and what neither holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from schemas.formats.errors import VcClaimForbidden, WrongType


class Kind(StrEnum):
    """What a document is; the value is the ``cty`` of its JWT (VC-JOSE-COSE, 6.1)."""

    CREDENTIAL = "vc"
    PRESENTATION = "vp"

    @property
    def jwt(self) -> str:
        """``typ`` as a JWT."""
        return f"{self}+jwt"

    @property
    def sd_jwt(self) -> str:
        """``typ`` as an SD-JWT."""
        return f"{self}+sd-jwt"

    @property
    def cose(self) -> str:
        """``typ`` (header 16) as COSE_Sign1."""
        return f"application/{self}+cose"

    @property
    def content_type(self) -> str:
        """The content type (header 3) of a COSE_Sign1."""
        return f"application/{self}"


@dataclass(frozen=True, slots=True)
class KeyHints:
    """What a header says of its key: a name other than its thumbprint, and whether its certificates stand there."""

    kid: str | None = None
    chain: bool = False


NO_HINTS = KeyHints()


def check_types(typ: Any, cty: Any, expected: tuple[str, str]) -> None:
    """Return if a header says what is ``expected``: the type must stand there, the content type may.

    Raises:
        WrongType: it does not.
    """
    if typ != expected[0]:
        raise WrongType(f"typ is not {expected[0]}")
    if cty is not None and cty != expected[1]:
        raise WrongType(f"content type is not {expected[1]}")


def forbid_old_claims(document: Mapping[str, Any]) -> None:
    """Return if neither ``vc`` nor ``vp`` stands at the top (1.1.2.1, 3.1.3); raises VcClaimForbidden."""
    for name in Kind:
        if name.value in document:
            raise VcClaimForbidden(f"claims set holds {name.value}")
