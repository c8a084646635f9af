"""The trust list: which issuer may issue which types, with which keys or CA anchors, in which time.

A verifier trusts nothing else. ``kid`` and ``x5c`` only select a key; the entry of the issuer decides (invariant 1).
The list is a JWS (``TYP``) by the trust anchor; times are NumericDates of whole seconds:

    {"version": 7, "iat": 1767225600, "next_update": 1767312000,
     "entries": [{"issuer": "https://…/issuers/civil-affairs", "name": {"zh": "…", "en": "…"},
                  "offices": ["…"], "types": ["urn:ecert:marriage_certificate:1"],
                  "not_before": 1767225600, "not_after": 1798761600,
                  "keys": [{"jwk": {…}, "not_before": 1767225600, "not_after": 1798761600}],
                  "anchors": ["base64 of a CA certificate in DER"]}],
     "withdrawn": [{"kid": "…", "at": 1767225600, "reason": "…"}]}

``not_after`` is absent where no end is set. Members that this revision does not know are passed over.
"""

import base64
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, TypeVar

from keys import jws, strict_json
from keys.anchor import Anchor
from keys.chain import check_authority, load_certificate, verify_chain
from keys.errors import (
    InvalidChain,
    IssuerNotEntitled,
    MalformedKey,
    MalformedTrustList,
    UnknownIssuer,
    UnknownIssuerKey,
)
from keys.fields import THUMBPRINT, Fields, seconds
from keys.public import PublicKey
from keys.signer import Signer

TYP = "ecert-trust-list+jwt"
MAX_TRUST_LIST = 8_388_608  # bytes; an entry with two keys and 40 types has about 3,000
MAX_ENTRIES = 4_096
MAX_TYPES = 1_024
MAX_KEYS = 64  # of one issuer: one a year and algorithm for its life
MAX_ANCHORS = 8
MAX_WITHDRAWN = 65_536

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """A key that an issuer signs with, and since when; ``not_after`` is the last moment, None while no end is set."""

    key: PublicKey
    not_before: datetime
    not_after: datetime | None = None

    def covers(self, at: datetime) -> bool:
        """Tell whether ``at`` lies in the key's period, both ends included."""
        return _covers(self.not_before, self.not_after, at)


@dataclass(frozen=True, slots=True)
class TrustEntry:
    """What one issuer (``iss``) is trusted with: the types (``vct``) that it may issue, in which period, by which keys.

    ``offices`` are the ids of the offices that it speaks for; ``anchors`` are CA certificates in DER, under which its
    signing certificates stand.
    """

    issuer: str
    name_zh: str
    name_en: str
    offices: tuple[str, ...]
    types: frozenset[str]
    not_before: datetime
    not_after: datetime | None
    keys: tuple[TrustedKey, ...]
    anchors: tuple[bytes, ...] = ()

    def check_entitled(self, *, vct: str | None, at: datetime) -> None:
        """Return if the issuer may issue ``vct`` (None: a document of no type, such as a status list) at ``at``.

        Raises:
            IssuerNotEntitled: not this type, or not in this period.
        """
        if not _covers(self.not_before, self.not_after, at):
            raise IssuerNotEntitled(f"issuer is listed from {self.not_before} to {self.not_after}, asked for {at}")
        if vct is not None and vct not in self.types:
            raise IssuerNotEntitled(f"issuer may issue {len(self.types)} types, and this is none of them")

    def select(self, *, kid: str | None, chain: tuple[bytes, ...], at: datetime) -> PublicKey:
        """Return the key that ``kid`` or ``chain`` (DER, leaf first) selects at ``at``.

        A listed key's period in the list stands over whatever certificates it has.

        Raises:
            UnknownIssuerKey: nothing is selected, or not at this time.
        """
        listed = [trusted for trusted in self.keys if trusted.key.kid == kid]
        if not listed:
            key = self._certified(kid=kid, chain=chain, at=at)
            listed = [trusted for trusted in self.keys if trusted.key == key]
            if not listed:
                return key
        for trusted in listed:
            if trusted.covers(at):
                return trusted.key
        raise UnknownIssuerKey(f"issuer's key was not in use at {at}")

    def _certified(self, *, kid: str | None, chain: tuple[bytes, ...], at: datetime) -> PublicKey:
        if not chain or not self.anchors:
            raise UnknownIssuerKey("issuer has no such key")
        try:
            key = verify_chain(chain, anchors=self.anchors, issuer=self.issuer, at=at)
        except InvalidChain as exc:
            raise UnknownIssuerKey(f"issuer's chain is refused: {exc}") from exc
        if kid is not None and kid != key.kid:
            raise UnknownIssuerKey("kid is not the thumbprint of the chain's key")
        return key


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A key that is in wrong hands, or may be: all that it signed is refused, whenever it says it was, except what
    stands on a kept list. ``reason`` is text for people without personal data."""

    kid: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class TrustList:
    """The trust list at one version; ``entries`` by issuer, ``withdrawn`` by ``kid``.

    A verifier keeps the highest version that it has seen and takes no lower one, and none after ``next_update``.
    """

    version: int
    issued_at: datetime
    next_update: datetime
    entries: Mapping[str, TrustEntry]
    withdrawn: Mapping[str, Withdrawal]

    def key_for(
        self, issuer: str, *, vct: str | None, kid: str | None, chain: tuple[bytes, ...] = (), at: datetime
    ) -> PublicKey:
        """Return the key that ``issuer`` signed with at ``at`` (the document's ``iat``), if it may issue ``vct``.

        A withdrawn key is still selected: ask ``withdrawal(key.kid)`` with the key that comes back, never with the
        ``kid`` that a token names.

        Raises:
            UnknownIssuer: the list has no such issuer.
            IssuerNotEntitled: not for this type, or not at this time.
            UnknownIssuerKey: neither ``kid`` nor ``chain`` selects a key that the issuer has at this time.
        """
        entry = self.entries.get(issuer)
        if entry is None:
            raise UnknownIssuer("issuer is not on the trust list")
        entry.check_entitled(vct=vct, at=at)
        return entry.select(kid=kid, chain=chain, at=at)

    def withdrawal(self, kid: str) -> Withdrawal | None:
        """Return when and why the key was withdrawn, or None."""
        return self.withdrawn.get(kid)


def _covers(not_before: datetime, not_after: datetime | None, at: datetime) -> bool:
    return not_before <= at and (not_after is None or at <= not_after)


def write_trust_list(trust: TrustList, signer: Signer) -> str:
    """Return ``trust`` as a document signed by the anchor key; entries and withdrawals in the order of their names.

    Fractions of seconds are cut off.

    Raises:
        MalformedTrustList: the list breaks a rule that a reader would refuse it for.
    """
    document = {
        "version": trust.version,
        "iat": seconds(trust.issued_at),
        "next_update": seconds(trust.next_update),
        "entries": [_write_entry(trust.entries[issuer]) for issuer in sorted(trust.entries)],
        "withdrawn": [
            {"kid": withdrawal.kid, "at": seconds(withdrawal.at), "reason": withdrawal.reason}
            for _, withdrawal in sorted(trust.withdrawn.items())
        ],
    }
    _read_document(document)
    return jws.sign(strict_json.dumps(document), signer, typ=TYP)


def read_trust_list(text: str, anchor: Anchor) -> TrustList:
    """Return the trust list that ``anchor`` signed. Whether it is the newest, the caller knows.

    Raises:
        InvalidSignature (UnknownAnchor among them): not signed by ``anchor``.
        MalformedTrustList: a member breaks its rule; the message names it.
        MalformedToken (UnexpectedType, TooLarge, DuplicateMember … among them), AlgorithmNotAllowed: as ``jws.peek``.
    """
    return _read_document(anchor.payload(text, typ=TYP, max_bytes=MAX_TRUST_LIST))


def write_entries(entries: Iterable[TrustEntry]) -> dict[str, Any]:
    """Return entries alone, for another installation that is to trust these issuers (``read_entries``)."""
    return {"entries": [_write_entry(entry) for entry in entries]}


def read_entries(document: dict[str, Any]) -> Mapping[str, TrustEntry]:
    """Return the entries of a document that has nothing else, by issuer; whoever gives it answers for it.

    Raises:
        MalformedTrustList: a member breaks its rule; the message names it.
    """
    fields = Fields(document, "", MalformedTrustList)
    entries = map(_read_entry, fields.objects("entries", limit=MAX_ENTRIES))
    return _by_name(fields, "entries", entries, lambda entry: entry.issuer)


def _write_entry(entry: TrustEntry) -> dict[str, Any]:
    return {
        "issuer": entry.issuer,
        "name": {"zh": entry.name_zh, "en": entry.name_en},
        "offices": list(entry.offices),
        "types": sorted(entry.types),
        **_write_period(entry.not_before, entry.not_after),
        "keys": [{"jwk": item.key.jwk, **_write_period(item.not_before, item.not_after)} for item in entry.keys],
        "anchors": [base64.b64encode(der).decode("ascii") for der in entry.anchors],
    }


def _write_period(not_before: datetime, not_after: datetime | None) -> dict[str, int]:
    start = {"not_before": seconds(not_before)}
    return start if not_after is None else start | {"not_after": seconds(not_after)}


def _read_document(document: dict[str, Any]) -> TrustList:
    fields = Fields(document, "", MalformedTrustList)
    issued_at, next_update = fields.time("iat"), fields.time("next_update")
    if next_update <= issued_at:
        raise fields.fail("next_update", "expected a time after iat")
    entries = map(_read_entry, fields.objects("entries", limit=MAX_ENTRIES))
    withdrawn = map(_read_withdrawal, fields.objects("withdrawn", limit=MAX_WITHDRAWN))
    return TrustList(
        version=fields.number("version", least=1),
        issued_at=issued_at,
        next_update=next_update,
        entries=_by_name(fields, "entries", entries, lambda entry: entry.issuer),
        withdrawn=_by_name(fields, "withdrawn", withdrawn, lambda withdrawal: withdrawal.kid),
    )


def _by_name(fields: Fields, member: str, items: Iterable[_T], name: Callable[[_T], str]) -> Mapping[str, _T]:
    found: dict[str, _T] = {}
    for item in items:
        if found.setdefault(name(item), item) is not item:
            raise fields.fail(member, "expected each issuer and each kid once")
    return MappingProxyType(found)


def _read_entry(fields: Fields) -> TrustEntry:
    names = fields.object("name")
    not_before, not_after = _read_period(fields)
    entry = TrustEntry(
        issuer=fields.uri("issuer"),
        name_zh=names.text("zh"),
        name_en=names.text("en"),
        offices=fields.texts("offices", limit=MAX_ENTRIES),
        types=frozenset(fields.texts("types", limit=MAX_TYPES)),
        not_before=not_before,
        not_after=not_after,
        keys=tuple(map(_read_key, fields.objects("keys", limit=MAX_KEYS))),
        anchors=tuple(_read_anchor(fields, item) for item in fields.array("anchors", limit=MAX_ANCHORS)),
    )
    if not entry.keys and not entry.anchors:
        raise fields.fail("keys", "expected a key or an anchor")
    return entry


def _read_key(fields: Fields) -> TrustedKey:
    not_before, not_after = _read_period(fields)
    try:
        key = PublicKey.from_jwk(fields.object("jwk").value)
    except MalformedKey as exc:
        raise fields.fail("jwk", str(exc)) from exc
    return TrustedKey(key, not_before, not_after)


def _read_period(fields: Fields) -> tuple[datetime, datetime | None]:
    not_before, not_after = fields.time("not_before"), fields.optional_time("not_after")
    if not_after is not None and not_after < not_before:
        raise fields.fail("not_after", "expected no time before not_before")
    return not_before, not_after


def _read_anchor(fields: Fields, value: Any) -> bytes:
    try:
        der = base64.b64decode(value, validate=True)
        check_authority(load_certificate(der))
    except (TypeError, ValueError, InvalidChain) as exc:
        raise fields.fail("anchors", "expected CA certificates, DER in base64") from exc
    return der


def _read_withdrawal(fields: Fields) -> Withdrawal:
    kid = fields.matching("kid", THUMBPRINT, "expected a thumbprint of 43 characters")
    return Withdrawal(kid, fields.time("at"), fields.text("reason"))
