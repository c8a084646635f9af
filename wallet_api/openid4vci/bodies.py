"""What comes in by the routes of receiving: JSON bodies, each with its limits."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from keys.encoding import b64url_decode
from wallet_api.openid4vci.authorization import MAX_PARAMETER, Came
from wallet_api.openid4vci.offers import MAX_CONFIGURATIONS, MAX_TEXT
from wallet_api.openid4vci.progress import Acceptance

_Id = Annotated[str, Field(max_length=256)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class OfferText(_Body):
    """A link to a credential offer, as it was pasted or scanned."""

    text: str = Field(min_length=1, max_length=MAX_TEXT)


class Accepted(_Body):
    """What the holder chose of an offer; everything that can be held when nothing is named."""

    configuration_ids: list[_Id] | None = Field(default=None, max_length=MAX_CONFIGURATIONS)
    tx_code: str | None = Field(default=None, max_length=64)

    def acceptance(self) -> Acceptance:
        """Return it in the wallet's terms."""
        ids = None if self.configuration_ids is None else tuple(self.configuration_ids)
        return Acceptance(ids, self.tx_code)


class Signatures(_Body):
    """The device's signatures (base64url, r ‖ s for ECDSA), by the ids of what was to be signed."""

    signatures: dict[_Id, Annotated[str, Field(max_length=256)]] = Field(max_length=64)

    def decoded(self) -> dict[str, bytes]:
        """Return the signatures as bytes; raises MalformedToken."""
        return {name: b64url_decode(signature) for name, signature in self.signatures.items()}


class LoginAnswer(_Body):
    """What the browser brought back from the authorization server."""

    state: str = Field(max_length=MAX_PARAMETER)
    code: str | None = Field(default=None, max_length=MAX_PARAMETER)
    iss: str | None = Field(default=None, max_length=2_048)
    error: str | None = Field(default=None, max_length=256)

    def came(self) -> Came:
        """Return it in the wallet's terms."""
        return Came(self.state, self.code, self.iss, self.error)
