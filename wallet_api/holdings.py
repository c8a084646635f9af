"""A holder's certificates (我的证照): what the wallet holds, and one of them with every claim.

The state says only what dates and versions say. Whether a certificate was suspended or revoked stands in the status
list, and whoever checks a presentation asks there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from typing import Any

from schemas.catalogue import TypeId
from schemas.order import CredentialFormat, CredentialId, HolderId, Identifier
from schemas.types import certificate_type
from wallet_api import tokens
from wallet_api.claims import ShownClaim, shown_claims
from wallet_api.errors import UnknownCredential
from wallet_api.parts import Parts
from wallet_api.records import Holding
from wallet_api.selection import lineage_of, version_of
from wallet_api.supply import ahead, is_for_purpose, shown_before


class HeldState(StrEnum):
    """What a wallet knows by itself of a certificate, by the newest credential's dates and the versions it holds."""

    IN_DATE = "in_date"
    NOT_YET = "not_yet"
    EXPIRED = "expired"
    REPLACED = "replaced"

    @property
    def label_zh(self) -> str:
        """The Chinese word."""
        return _LABELS[self][0]

    @property
    def label_en(self) -> str:
        """The English word."""
        return _LABELS[self][1]


_READ_LAST = {CredentialFormat.SD_JWT_VC: 0, CredentialFormat.SD_CWT: 2}
_LABELS = {
    HeldState.IN_DATE: ("在有效期内", "In date"),
    HeldState.NOT_YET: ("尚未生效", "Not yet in force"),
    HeldState.EXPIRED: ("已过期", "Expired"),
    HeldState.REPLACED: ("已有新版本", "Replaced by a newer version"),
}


@dataclass(frozen=True, slots=True)
class HeldCredential:
    """One credential of a certificate, without its token."""

    credential_id: CredentialId
    format: CredentialFormat
    short_lived: bool
    holder_kid: str | None
    issued_at: datetime
    expires_at: datetime
    received_at: datetime


@dataclass(frozen=True, slots=True)
class HeldCertificate:
    """One certificate in a wallet; ``identifier`` is personal (it links), so it is not shown in ``repr``."""

    identifier: Identifier = field(repr=False)
    type_id: TypeId
    type_zh: str
    type_en: str
    version: int
    state: HeldState
    credentials: tuple[HeldCredential, ...]

    @property
    def newest(self) -> HeldCredential:
        """The credential that the state was read from: the newest standard one, where there is one."""
        return next((one for one in self.credentials if not one.short_lived), self.credentials[0])


@dataclass(frozen=True, slots=True)
class CertificateView:
    """A certificate with every claim that its credentials hold.

    ``ahead``: how many purpose certificates in date and unused it has for each purpose that shows any of its claims.
    """

    certificate: HeldCertificate
    claims: tuple[ShownClaim, ...]
    ahead: Mapping[str, int] = field(default_factory=dict)


class Holdings:
    """Looking into a wallet, for its holder alone."""

    __slots__ = ("_parts",)

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def certificates(self, holder_id: HolderId) -> tuple[HeldCertificate, ...]:
        """Return a holder's certificates, the last issued first; raises UnknownHolder."""
        self._parts.wallets.holder(holder_id)
        now = self._parts.clock()
        groups = _by_identifier(self._parts.wallets.holdings(holder_id))
        highest: dict[str, int] = {}
        for identifier in groups:
            lineage = lineage_of(identifier)
            highest[lineage] = max(highest.get(lineage, 0), version_of(identifier))
        held = [_held(group, highest=highest[lineage_of(name)], now=now) for name, group in groups.items()]
        return tuple(sorted(held, key=lambda one: (one.newest.issued_at, one.identifier), reverse=True))

    def certificate(self, holder_id: HolderId, identifier: Identifier) -> CertificateView:
        """Return one certificate with its claims decoded.

        Raises:
            UnknownHolder: no such holder.
            UnknownCredential: the holder has no certificate of this identifier.
        """
        found = [one for one in self.certificates(holder_id) if one.identifier == identifier]
        if not found:
            raise UnknownCredential("the wallet holds no certificate of this identifier")
        now = self._parts.clock()
        group = _by_identifier(self._parts.wallets.holdings(holder_id))[identifier]
        claims = tokens.claims_of(_best(group).credential)
        extra = _of_today(group, now)
        only = extra.keys() - claims.keys()
        shown = shown_claims(found[0].type_id, {**extra, **claims}, short_lived=only)
        return CertificateView(found[0], shown, self._ahead(holder_id, group, [one.name for one in shown]))

    def _ahead(self, holder_id: HolderId, group: Sequence[Holding], claims: Sequence[str]) -> dict[str, int]:
        now, used = self._parts.clock(), shown_before(self._parts.wallets, holder_id)
        unused = (
            one
            for one in group
            if is_for_purpose(one) and now < one.credential.expires_at and one.credential.credential_id not in used
        )
        return ahead(group[0].credential.type_id, claims, unused)

    def credential(self, holder_id: HolderId, credential_id: CredentialId) -> Holding:
        """Return one credential with its token, for its holder to take elsewhere; raises UnknownCredential."""
        return self._parts.wallets.holding(holder_id, credential_id)


def _by_identifier(holdings: Sequence[Holding]) -> dict[Identifier, list[Holding]]:
    """The holdings of each certificate, the last issued first."""
    newest_first = sorted(holdings, key=lambda one: one.credential.issued_at, reverse=True)
    ordered = sorted(newest_first, key=lambda one: one.credential.identifier)
    return {name: list(group) for name, group in groupby(ordered, key=lambda one: one.credential.identifier)}


def _best(group: Sequence[Holding]) -> Holding:
    """The credential to read claims from: a standard one first, and of a format that holds every claim.

    An SD-CWT comes last: it may be for one purpose, and holds no pictures.
    """
    return min(group, key=lambda one: (one.credential.short_lived, _READ_LAST.get(one.credential.format, 1)))


def _of_today(group: Sequence[Holding], now: datetime) -> dict[str, Any]:
    """The claims of the newest short-lived credential in date; one made for a purpose holds too few."""
    for one in group:
        credential = one.credential
        if credential.short_lived and now < credential.expires_at and not is_for_purpose(one):
            return tokens.claims_of(credential)
    return {}


def _held(group: Sequence[Holding], *, highest: int, now: datetime) -> HeldCertificate:
    first = group[0].credential
    ctype = certificate_type(first.type_id)
    newest = next((one for one in group if not one.credential.short_lived), group[0]).credential
    version = version_of(first.identifier)
    if version < highest:
        state = HeldState.REPLACED
    elif now >= newest.expires_at:
        state = HeldState.EXPIRED
    else:
        state = HeldState.IN_DATE if tokens.good_from(newest) <= now else HeldState.NOT_YET
    return HeldCertificate(
        identifier=first.identifier,
        type_id=first.type_id,
        type_zh=ctype.name_zh,
        type_en=ctype.name_en,
        version=version,
        state=state,
        credentials=tuple(_credential(one) for one in group),
    )


def _credential(holding: Holding) -> HeldCredential:
    credential = holding.credential
    return HeldCredential(
        credential_id=credential.credential_id,
        format=credential.format,
        short_lived=credential.short_lived,
        holder_kid=credential.holder_kid,
        issued_at=credential.issued_at,
        expires_at=credential.expires_at,
        received_at=holding.received_at,
    )
