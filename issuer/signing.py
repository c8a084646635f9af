"""Signing what was recorded, once (STYLE, practice 6): a ticket is redeemed by its signatures and never again."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from issuer.documents import Document, document
from issuer.errors import AlreadySigned
from issuer.prepare import frames
from issuer.profile import Profile
from issuer.records import CredentialIntent, RecordedIntent
from keys.signer import Signer
from schemas.formats import sd_jwt_vc, vc_jwt
from schemas.order import CredentialFormat, IssuedCredential


class Ticket:
    """The right to sign one recorded intent, once. One that the ledger knows as signed is redeemed already."""

    __slots__ = ("_redeemed", "recorded")

    def __init__(self, recorded: RecordedIntent) -> None:
        self.recorded = recorded
        self._redeemed = bool(recorded.issued)

    def redeem(self) -> RecordedIntent:
        """Return what is to be signed.

        Raises:
            AlreadySigned: the second time, or when the ledger has its signatures.
        """
        if self._redeemed:
            raise AlreadySigned("intent has already been signed")
        self._redeemed = True
        return self.recorded


@dataclass(frozen=True, slots=True)
class Desk:
    """With what a department signs: its key, its ``iss``, the profile, the source of salts."""

    signer: Signer
    issuer: str
    profile: Profile
    salt: Callable[[], bytes]


def sign(ticket: Ticket, desk: Desk, *, now: datetime) -> tuple[IssuedCredential, ...]:
    """Return the signed credentials of a recorded intent, in its order.

    Raises:
        AlreadySigned: the ticket was redeemed.
        OrderRefused: the certificate has ended since it was prepared.
    """
    return tuple(_signed(ticket.redeem(), desk, now))


def _signed(recorded: RecordedIntent, desk: Desk, now: datetime) -> Iterator[IssuedCredential]:
    intent = recorded.intent
    plans = frames(intent, profile=desk.profile, issuer=desk.issuer, now=now)
    for planned, status, frame in zip(intent.credentials, recorded.statuses, plans, strict=True):
        final = document(replace(frame, status=status), intent.claims)
        yield IssuedCredential(
            credential_id=planned.credential_id,
            identifier=intent.identifier,
            type_id=intent.type_id,
            holder_id=planned.holder.holder_id,
            format=planned.format,
            short_lived=planned.short_lived,
            holder_kid=planned.holder.key.kid if planned.holder.key else None,
            token=_token(final, planned, desk),
            issued_at=frame.issued_at,
            expires_at=frame.expires_at,
            status=status,
        )


def _token(final: Document, planned: CredentialIntent, desk: Desk) -> str:
    x5c = desk.profile.x5c
    if planned.format is CredentialFormat.VC_JWT:
        return vc_jwt.issue(final.claims, desk.signer, x5c=x5c)
    return sd_jwt_vc.issue(final.claims, final.selective, desk.signer, salt=desk.salt, x5c=x5c).text()
