"""Signing what was recorded, once (STYLE, practice 6): a ticket is redeemed by its signatures and never again."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from issuer import sd_cwt
from issuer.documents import Document, document
from issuer.errors import AlreadySigned
from issuer.prepare import frames
from issuer.profile import Profile
from issuer.records import CredentialIntent, RecordedIntent
from issuer.vcdm import mandatory_pointers
from keys import strict_json
from keys.encoding import b64url_text
from keys.signer import Signer
from schemas.formats import data_integrity, sd_jwt_vc, vc_jwt
from schemas.formats.data_integrity import ProofOptions, Suite
from schemas.formats.vc_jose_cose import cose, jwt_vc_json, sd_jwt
from schemas.formats.vc_jose_cose.kinds import KeyHints, Kind
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
            holder_kid=frame.holder_key.kid if frame.holder_key else None,
            token=_token(final, planned, desk),
            issued_at=frame.issued_at,
            expires_at=frame.expires_at,
            status=status,
        )


def _token(final: Document, planned: CredentialIntent, desk: Desk) -> str:
    if planned.fetched:
        # OpenID4VC HAIP 1.0, 6.1.1: the issuer's key is in ``x5c``.
        desk = replace(desk, profile=replace(desk.profile, x5c=True))
    return _SIGN[planned.format](final, desk)


def _sd_jwt_vc(final: Document, desk: Desk) -> str:
    x5c = desk.profile.x5c
    return sd_jwt_vc.issue(final.claims, final.selective, desk.signer, salt=desk.salt, x5c=x5c).text()


def _vc_jwt(final: Document, desk: Desk) -> str:
    return vc_jwt.issue(final.claims, desk.signer, x5c=desk.profile.x5c)


def _jwt_vc_json(final: Document, desk: Desk) -> str:
    return jwt_vc_json.issue(final.claims, desk.signer, hints=KeyHints(chain=desk.profile.x5c))


def _vc_sd_jwt(final: Document, desk: Desk) -> str:
    paths = [("credentialSubject", name) for name in sorted(final.selective)]
    hints = KeyHints(chain=desk.profile.x5c)
    return sd_jwt.issue(final.claims, paths, desk.signer, kind=Kind.CREDENTIAL, salt=desk.salt, hints=hints).text()


def _vc_cose(final: Document, desk: Desk) -> str:
    hints = KeyHints(chain=desk.profile.x5c)
    return b64url_text(cose.issue(final.claims, desk.signer, kind=Kind.CREDENTIAL, hints=hints))


def _ldp_vc(final: Document, desk: Desk) -> str:
    frame, key = final.frame, desk.signer.public_key
    suite = Suite(desk.profile.suite_for(key.algorithm))
    pointers = mandatory_pointers(final.claims, final.selective) if suite is Suite.ECDSA_SD_2023 else ()
    signed = data_integrity.issue(
        final.claims,
        desk.signer,
        suite=suite,
        verification_method=f"{desk.issuer}#{key.kid}",
        created=frame.issued_at,
        options=ProofOptions(expires=frame.expires_at, mandatory_pointers=pointers),
    )
    return strict_json.dumps(signed).decode()


def _sd_cwt(final: Document, desk: Desk) -> str:
    return sd_cwt.sign(final, desk.signer, salt=desk.salt)


_SIGN: Mapping[CredentialFormat, Callable[[Document, Desk], str]] = {
    CredentialFormat.SD_JWT_VC: _sd_jwt_vc,
    CredentialFormat.VC_JWT: _vc_jwt,
    CredentialFormat.LDP_VC: _ldp_vc,
    CredentialFormat.JWT_VC_JSON: _jwt_vc_json,
    CredentialFormat.VC_SD_JWT: _vc_sd_jwt,
    CredentialFormat.VC_COSE: _vc_cose,
    CredentialFormat.SD_CWT: _sd_cwt,
}
