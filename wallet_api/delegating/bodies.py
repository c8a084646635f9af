"""What comes in by the routes of delegating: JSON bodies, each with its limits."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from keys.encoding import b64url_decode
from schemas.catalogue import TypeId
from schemas.formats.delegation import MAX_PURPOSES, MAX_TEXT, Relation
from schemas.order import CredentialId
from wallet_api.delegating.errors import TermsInvalid
from wallet_api.delegating.terms import Person, Wish
from wallet_api.delegating.using import Asked
from wallet_api.presenting import Terms
from wallet_api.selection import Wanted
from wallet_api.showing import Challenge

_EARLIEST = 2000


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class PersonBody(_Body):
    """Somebody by number (GB/T 36903, annex A) and name."""

    code_type: str = Field(min_length=1, max_length=8)
    code: str = Field(min_length=1, max_length=64)
    name: str = Field(default="", max_length=MAX_TEXT)

    def person(self) -> Person:
        """Return the person."""
        return Person(self.code_type, self.code, self.name)


class ForBody(_Body):
    """The holder for whom somebody acts."""

    holder: PersonBody


class GrantBody(_Body):
    """What is lent to whom; ``holder`` when one acts for an enterprise or a child, no ``agent`` for oneself."""

    credential_id: str | None = Field(default=None, max_length=64)
    type_id: str | None = Field(default=None, max_length=64)
    fields: list[Annotated[str, Field(max_length=64)]] = Field(default=[], max_length=200)
    agent: PersonBody | None = None
    relation: Literal["agent", "manager", "legal_representative", "guardian"] = "agent"
    purposes: list[Annotated[str, Field(max_length=MAX_TEXT)]] = Field(min_length=1, max_length=MAX_PURPOSES)
    until: str = Field(max_length=40)
    holder: PersonBody | None = None

    def wish(self) -> Wish:
        """Return it in the wallet's terms; raises RequestInvalid, TermsInvalid."""
        return Wish(
            wanted=Wanted(
                tuple(self.fields),
                type_id=None if self.type_id is None else TypeId(self.type_id),
                credential_id=None if self.credential_id is None else CredentialId(self.credential_id),
            ),
            agent=None if self.agent is None else self.agent.person(),
            relation=Relation(self.relation),
            purposes=tuple(self.purposes),
            until=_moment(self.until),
            holder=None if self.holder is None else self.holder.person(),
        )


class _Shown(_Body):
    """For which of the purposes an agent shows a certificate, and which of the fields; without ``fields`` all."""

    purpose: str = Field(max_length=MAX_TEXT)
    fields: list[Annotated[str, Field(max_length=64)]] | None = Field(default=None, max_length=200)

    def asked(self, delegation_id: str) -> Asked:
        """Return it in the wallet's terms."""
        return Asked(delegation_id, None if self.fields is None else tuple(self.fields))


class UseBody(_Shown):
    """For whom an agent shows a certificate."""

    nonce: str = Field(max_length=512)
    audience: str = Field(max_length=1024)

    def terms(self) -> Terms:
        """Return it in the wallet's terms; raises RequestInvalid, PurposeInvalid."""
        return Terms.checked(self.nonce, self.audience, self.purpose)


class UseQrBody(_Shown):
    """An agent's code for a counter, ``audience`` and ``cnonce`` when the counter showed a challenge."""

    image: Literal["svg", "png"] = "svg"
    audience: str | None = Field(default=None, max_length=1024)
    cnonce: str | None = Field(default=None, max_length=86)

    def challenge(self) -> Challenge | None:
        """Return what a counter showed before, None when it showed nothing; raises MalformedToken."""
        if self.audience is None and self.cnonce is None:
            return None
        return Challenge(self.audience or "", b64url_decode(self.cnonce or ""))


def _moment(text: str) -> datetime:
    """RFC 3339 with an offset."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise TermsInvalid("until is no time of RFC 3339") from None
    if moment.tzinfo is None or moment.year < _EARLIEST:
        raise TermsInvalid("until is no time of RFC 3339 with an offset")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise TermsInvalid("until is no time of RFC 3339") from None
