"""What comes in by the wallet's routes: JSON bodies, each with its limits."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from keys.encoding import b64url_decode
from schemas.catalogue import TypeId
from schemas.order import CredentialFormat, CredentialId
from wallet_api.errors import RequestInvalid
from wallet_api.selection import Wanted
from wallet_api.showing import Challenge


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Choice(_Body):
    """Which fields of which certificate, in which format when somebody asks for one, and why."""

    credential_id: str | None = Field(default=None, max_length=64)
    type_id: str | None = Field(default=None, max_length=64)
    fields: list[Annotated[str, Field(max_length=64)]] = Field(default=[], max_length=200)
    purpose: str = Field(max_length=200)
    format: str | None = Field(default=None, max_length=32)

    def wanted(self) -> Wanted:
        """Return the choice in the wallet's terms; raises RequestInvalid."""
        if self.format not in (None, *CredentialFormat):
            raise RequestInvalid(f"format is none of {', '.join(CredentialFormat)}")
        return Wanted(
            tuple(self.fields),
            type_id=None if self.type_id is None else TypeId(self.type_id),
            credential_id=None if self.credential_id is None else CredentialId(self.credential_id),
            format=None if self.format is None else CredentialFormat(self.format),
        )


class QrChoice(Choice):
    """A choice to be drawn as a QR code."""

    image: Literal["svg", "png"] = "svg"
    audience: str | None = Field(default=None, max_length=1024)
    cnonce: str | None = Field(default=None, max_length=86)

    def challenge(self) -> Challenge | None:
        """Return what a counter showed before: its own audience and the bytes to repeat; None when it showed nothing.

        Raises:
            MalformedToken: ``cnonce`` is not base64url.
        """
        if self.audience is None and self.cnonce is None:
            return None
        return Challenge(self.audience or "", b64url_decode(self.cnonce or ""))


class Renewal(_Body):
    """A showing that goes on."""

    renewal: str = Field(max_length=32768)
    image: Literal["svg", "png"] = "svg"


class Presentation(Choice):
    """A choice for somebody who gave a nonce and an audience."""

    nonce: str = Field(max_length=512)
    audience: str = Field(max_length=1024)


class Signed(_Body):
    """The device's signature (base64url, r ‖ s for ECDSA) over what was begun."""

    handle: str = Field(max_length=32768)
    signature: str = Field(max_length=256)


class SignedQr(Signed):
    """The same, to be drawn."""

    image: Literal["svg", "png"] = "svg"


class KeyProof(_Body):
    """The proof that a device holds its key."""

    proof: str = Field(max_length=8192)


class ReferenceBody(_Body):
    """A short reference as a QR code holds it."""

    reference: str = Field(max_length=200)
