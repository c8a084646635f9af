"""What comes in by the routes of presenting: JSON bodies, each with its limits."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from keys.encoding import b64url_decode
from schemas.order import CredentialId
from wallet_api.openid4vp.choices import Chosen
from wallet_api.openid4vp.incoming import MAX_ORIGIN, DcApiCall
from wallet_api.openid4vp.links import MAX_TEXT
from wallet_api.openid4vp.ports import Complaint

_MAX_QUERIES = 50
_Id = Annotated[str, Field(max_length=256)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class DcApiBody(_Body):
    """What the browser was called with (``navigator.credentials.get``), and by which site."""

    protocol: str = Field(max_length=64)
    data: dict[str, Any]
    origin: str = Field(max_length=MAX_ORIGIN)


class Asked(_Body):
    """A request: the text of a link or a QR code, or a call over the Digital Credentials API."""

    text: str | None = Field(default=None, min_length=1, max_length=MAX_TEXT)
    dc_api: DcApiBody | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "Asked":
        if (self.text is None) == (self.dc_api is None):
            raise ValueError("either text or dc_api")
        return self

    def asked(self) -> str | DcApiCall:
        """Return it in the wallet's terms."""
        call = self.dc_api
        return self.text or "" if call is None else DcApiCall(call.protocol, call.data, call.origin)


class Share(_Body):
    """Which certificates, by credential query; nothing is what the preview proposes. ``accept_unverified``: in so many
    words, when nobody vouches for who asks."""

    certificates: dict[_Id, list[_Id]] | None = Field(default=None, max_length=_MAX_QUERIES)
    accept_unverified: bool = False

    def chosen(self) -> Chosen | None:
        """Return the choice in the wallet's terms."""
        if self.certificates is None:
            return None
        return {name: tuple(CredentialId(one) for one in ids) for name, ids in self.certificates.items()}


class Signatures(_Body):
    """The device's signatures (base64url, r ‖ s for ECDSA), by the ids of what was to be signed."""

    signatures: dict[_Id, Annotated[str, Field(max_length=256)]] = Field(max_length=_MAX_QUERIES)

    def decoded(self) -> dict[str, bytes]:
        """Return the signatures as bytes; raises MalformedToken."""
        return {name: b64url_decode(signature) for name, signature in self.signatures.items()}


class ReportBody(_Body):
    """Why a verifier is reported."""

    complaint: Annotated[Complaint, Field(strict=False)]
