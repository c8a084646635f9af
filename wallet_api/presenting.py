"""Presenting (亮证, 用证): chosen fields of one certificate, bound to a nonce and an audience, for a stated purpose.

    custody key   present(...)                                      one step
    device key    begin(...) → the device signs → complete(...)     the wallet keeps nothing in between

Every presentation is in the history before it leaves. Nothing is disclosed that was not chosen, but for the fields that
the type shows always.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from keys.encoding import b64url_decode, b64url_text
from keys.errors import InvalidSignature, MalformedToken
from schemas.catalogue import TypeId
from schemas.order import CredentialFormat, CredentialId, HolderId
from schemas.types import credential_fields
from wallet_api import tokens
from wallet_api.errors import CustodyKeyNeeded, DeviceKeyNeeded, HandleInvalid, PurposeInvalid, RequestInvalid
from wallet_api.parts import Parts
from wallet_api.records import HolderKey, Holding, KeyPlace, ShownRecord
from wallet_api.sealing import SealBroken
from wallet_api.selection import Candidate, Selection, Wanted, select, select_for_code
from wallet_api.supply import shown_before
from wallet_api.tokens import Proof, Unsigned

MAX_PURPOSE = 200  # characters
_MAX_NONCE = 512  # characters
_MAX_AUDIENCE = 1024  # characters
_BEGUN = "begun-presentation"
API = "api"
_SELECTIVE = frozenset({CredentialFormat.SD_JWT_VC, CredentialFormat.SD_CWT})
DEVICE_SIGNS_WITHIN = timedelta(seconds=120)


def checked_purpose(purpose: str) -> str:
    """Return a purpose in NFC without space around it; raises PurposeInvalid for what is no line of its length."""
    # NFC shortens at most threefold; what is longer is refused unnormalized, for a heap of marks takes minutes.
    if len(purpose) <= 4 * MAX_PURPOSE:
        purpose = unicodedata.normalize("NFC", purpose).strip()
    if not 0 < len(purpose) <= MAX_PURPOSE or not purpose.isprintable():
        raise PurposeInvalid(f"purpose has {len(purpose)} characters, expected one line of 1 to {MAX_PURPOSE}")
    return purpose


@dataclass(frozen=True, slots=True)
class Terms:
    """For whom and why: ``nonce`` and ``audience`` of the other side, ``purpose`` (用证事由) for the history."""

    nonce: str
    audience: str
    purpose: str
    cnonce: bytes | None = None
    """The challenge of a counter, for a code; what a counter shows nobody has nothing to answer."""

    @classmethod
    def checked(cls, nonce: str, audience: str, purpose: str) -> "Terms":
        """Return the terms, the purpose in NFC without space around it.

        Raises:
            RequestInvalid: nonce or audience is empty, too long, or holds control characters.
            PurposeInvalid: the purpose is empty, longer than ``MAX_PURPOSE``, or not one line of text.
        """
        for name, value, limit in (("nonce", nonce, _MAX_NONCE), ("audience", audience, _MAX_AUDIENCE)):
            if not 0 < len(value) <= limit or not value.isprintable():
                raise RequestInvalid(f"{name} is no text of 1 to {limit} printable characters")
        return cls(nonce, audience, checked_purpose(purpose))


@dataclass(frozen=True, slots=True)
class Presented:
    """A presentation that may leave: an SD-JWT with its key binding (RFC 9901, 4), or for a code a Key Binding Token.

    The latter (draft-ietf-spice-sd-cwt) stands here as base64url.
    """

    presentation_id: str
    presentation: str = field(repr=False)
    credential_id: CredentialId
    type_id: TypeId
    fields: tuple[str, ...]
    audience: str
    purpose: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Begun:
    """A presentation that lacks its signature.

    The device signs ``signing_input`` with the key ``kid``, as ``algorithm`` says (RFC 7518, 3.4 for ECDSA: r ‖ s), and
    hands the signature back with ``handle`` before ``expires_at``. What it signs are the ASCII bytes of the text, or by
    ``encoding`` "base64url" the bytes that the text stands for.
    """

    handle: str = field(repr=False)
    signing_input: str = field(repr=False)
    kid: str
    algorithm: str
    fields: tuple[str, ...]
    expires_at: datetime
    encoding: str = "text"


@dataclass(frozen=True, slots=True)
class Draft:
    """What will be presented, all but the signature."""

    holder_id: HolderId
    holding: Holding = field(repr=False)
    disclosed: tuple[str, ...]
    shown: tuple[str, ...]
    terms: Terms
    channel: str
    at: datetime
    key: HolderKey

    def unsigned(self) -> Unsigned:
        """Return the presentation, signed but for the holder; the same draft always gives the same bytes."""
        proof = Proof(self.terms.audience, self.terms.nonce, self.at, self.terms.cnonce)
        return tokens.unsigned(self.holding.credential, self.disclosed, proof, self.key.key)


class Presenting:
    """Presenting to somebody who gave a nonce and an audience; the drafts are what ``wallet_api.showing`` builds on."""

    __slots__ = ("_parts",)

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def present(self, holder_id: HolderId, wanted: Wanted, *, nonce: str, audience: str, purpose: str) -> Presented:
        """Return a presentation signed by the custody key.

        Raises:
            UnknownHolder, UnknownCredential: no such holder, or no such credential of this holder.
            RequestInvalid, PurposeInvalid: what is asked is not complete.
            FieldNotInCertificate, NoCredentialForFields: it cannot be shown (``wallet_api.selection``).
            DeviceKeyNeeded: the key is in the holder's device: begin and complete.
        """
        draft = self.draft(holder_id, wanted, Terms.checked(nonce, audience, purpose), API)
        return self.record(draft, self.sign(draft))

    def begin(self, holder_id: HolderId, wanted: Wanted, *, nonce: str, audience: str, purpose: str) -> Begun:
        """Return what the device has to sign; raises as ``present``, but CustodyKeyNeeded for a custody key."""
        draft = self.draft(holder_id, wanted, Terms.checked(nonce, audience, purpose), API)
        return self.hand_out(draft, good_for=DEVICE_SIGNS_WITHIN)

    def complete(self, holder_id: HolderId, handle: str, signature: bytes) -> Presented:
        """Return the begun presentation with the device's signature.

        Raises:
            HandleInvalid: not begun here by this holder, too old, or the signature is not the key's.
            UnknownCredential: the credential left the wallet in between.
        """
        draft = self.taken_back(holder_id, handle, API)
        return self.record(draft, self.with_signature(draft, signature))

    def draft(self, holder_id: HolderId, wanted: Wanted, terms: Terms, channel: str, *, code: bool = False) -> Draft:
        """Return what ``wanted`` comes to now, for a QR ``code`` or otherwise; nothing is signed or recorded."""
        now = self._parts.clock()
        holding, selection = self.chosen(holder_id, wanted, code=code)
        return Draft(
            holder_id=holder_id,
            holding=holding,
            disclosed=selection.disclosed,
            shown=selection.shown,
            terms=terms if code else _challenged(terms, holding),
            channel=channel,
            # Whole seconds, as a NumericDate has them: a draft taken back from a handle gives the same bytes.
            at=now.replace(microsecond=0),
            key=self.bound_key(holder_id, holding),
        )

    def chosen(self, holder_id: HolderId, wanted: Wanted, *, code: bool = False) -> tuple[Holding, Selection]:
        """Return the credential that shows what is ``wanted``, and which of its fields; raises as ``present``."""
        holdings = self._holdings(holder_id, wanted)
        now = self._parts.clock()
        selection = self._selected_for_code(holder_id, holdings, wanted) if code else _selected(holdings, wanted, now)
        return holdings[selection.candidate.credential_id], selection

    def bound_key(self, holder_id: HolderId, holding: Holding) -> HolderKey:
        """Return the holder's key that a credential is bound to."""
        # Received only when bound to a key of the holder, so the thumbprint is there.
        return self._parts.wallets.key(holder_id, holding.credential.holder_kid or "")

    def sign(self, draft: Draft) -> str:
        """Return the presentation of ``draft`` signed by the custody key; raises DeviceKeyNeeded."""
        if draft.key.place is not KeyPlace.CUSTODY or draft.key.store_name is None:
            raise DeviceKeyNeeded("the credential is bound to a key in the holder's device: begin, sign, complete")
        signer = self._parts.custody.open(draft.key.store_name)
        unsigned = draft.unsigned()
        return unsigned.completed(signer.sign(unsigned.signing_input))

    def hand_out(self, draft: Draft, *, good_for: timedelta) -> Begun:
        """Return what the device signs and the sealed handle; raises CustodyKeyNeeded."""
        if draft.key.place is not KeyPlace.DEVICE:
            raise CustodyKeyNeeded("the credential is bound to a key in custody: present it in one step")
        until = draft.at + good_for
        handle = self._parts.sealer.seal(_BEGUN, sealed(draft), until=until)
        unsigned, key = draft.unsigned(), draft.key.key
        return Begun(
            handle, unsigned.input_text, key.kid, key.algorithm.value, draft.shown, until, encoding=unsigned.encoding
        )

    def taken_back(self, holder_id: HolderId, handle: str, channel: str) -> Draft:
        """Return the draft that ``handle`` stands for; raises HandleInvalid, UnknownCredential."""
        try:
            content = self._parts.sealer.open(_BEGUN, handle, now=self._parts.clock())
        except SealBroken as exc:
            raise HandleInvalid(f"handle is not accepted: {exc}") from exc
        if content["holder"] != holder_id or content["channel"] != channel:
            raise HandleInvalid("handle belongs to another holder or another way of showing")
        return self.unsealed(holder_id, content)

    def unsealed(self, holder_id: HolderId, content: Mapping[str, Any]) -> Draft:
        """Return the draft that ``sealed`` described; raises UnknownCredential when its credential left the wallet."""
        holding = self._parts.wallets.holding(holder_id, content["credential"])
        nonce, audience, purpose, cnonce = content["terms"]
        return Draft(
            holder_id=holder_id,
            holding=holding,
            disclosed=tuple(content["disclosed"]),
            shown=tuple(content["shown"]),
            terms=Terms(nonce, audience, purpose, None if cnonce is None else b64url_decode(cnonce)),
            channel=content["channel"],
            at=datetime.fromtimestamp(content["at"], UTC),
            key=self.bound_key(holder_id, holding),
        )

    def with_signature(self, draft: Draft, signature: bytes) -> str:
        """Return the presentation of ``draft`` with ``signature``; raises HandleInvalid when it is not the key's."""
        try:
            return draft.unsigned().completed(signature)
        except InvalidSignature as exc:
            raise HandleInvalid("signature is not the holder's key's over this presentation") from exc

    def record(self, draft: Draft, presentation: str, *, recorded_as: str | None = None) -> Presented:
        """Write ``draft`` into the history, unless it goes on with what is there already, and return what may leave."""
        credential = draft.holding.credential
        record = ShownRecord(
            presentation_id=recorded_as or b64url_text(self._parts.randomness(16)),
            holder_id=draft.holder_id,
            credential_id=credential.credential_id,
            type_id=credential.type_id,
            fields=draft.shown,
            audience=draft.terms.audience,
            purpose=draft.terms.purpose,
            channel=draft.channel,
            at=draft.at,
        )
        if recorded_as is None:
            self._parts.wallets.add_shown(record)
        return Presented(
            presentation_id=record.presentation_id,
            presentation=presentation,
            credential_id=record.credential_id,
            type_id=credential.type_id,
            fields=record.fields,
            audience=record.audience,
            purpose=record.purpose,
            at=record.at,
        )

    def _holdings(self, holder_id: HolderId, wanted: Wanted) -> dict[CredentialId, Holding]:
        """The holdings that ``wanted`` may mean: of the format asked for, or else those that disclose selectively."""
        formats = _SELECTIVE if wanted.format is None else {wanted.format}
        if wanted.credential_id is not None:
            found = [self._parts.wallets.holding(holder_id, wanted.credential_id)]
        else:
            self._parts.wallets.holder(holder_id)
            found = self._parts.wallets.holdings(holder_id)
        return {
            holding.credential.credential_id: holding
            for holding in found
            if (holding.credential.format in formats or holding.credential.credential_id == wanted.credential_id)
            and wanted.format in (None, holding.credential.format)
            and wanted.type_id in (None, holding.credential.type_id)
            and wanted.identifier in (None, holding.credential.identifier)
        }

    def _selected_for_code(
        self, holder_id: HolderId, holdings: Mapping[CredentialId, Holding], wanted: Wanted
    ) -> Selection:
        used = shown_before(self._parts.wallets, holder_id)
        candidates = [replace(_candidate(one), used=key in used) for key, one in holdings.items()]
        type_id = next((one.type_id for one in candidates), None)
        fields = credential_fields(type_id) if type_id else ()
        open_fields = [field.name for field in fields if not field.selective]
        return select_for_code(candidates, wanted, now=self._parts.clock(), open_fields=open_fields)


def _challenged(terms: Terms, holding: Holding) -> Terms:
    """Return the terms with the nonce as the bytes that a Key Binding Token repeats; raises RequestInvalid."""
    if holding.credential.format is not CredentialFormat.SD_CWT:
        return terms
    try:
        return replace(terms, cnonce=b64url_decode(terms.nonce))
    except MalformedToken as exc:
        raise RequestInvalid("nonce is no base64url, as an SD-CWT needs it") from exc


def sealed(draft: Draft) -> dict[str, Any]:
    """A draft as a handle keeps it; ``Presenting.unsealed`` reads it."""
    terms = draft.terms
    cnonce = None if terms.cnonce is None else b64url_text(terms.cnonce)
    return {
        "holder": draft.holder_id,
        "credential": draft.holding.credential.credential_id,
        "disclosed": draft.disclosed,
        "shown": draft.shown,
        "terms": [terms.nonce, terms.audience, terms.purpose, cnonce],
        "channel": draft.channel,
        "at": int(draft.at.timestamp()),
    }


def _selected(holdings: Mapping[CredentialId, Holding], wanted: Wanted, now: datetime) -> Selection:
    return select([_candidate(holding) for holding in holdings.values()], wanted, now=now)


def _candidate(holding: Holding) -> Candidate:
    credential = holding.credential
    names = tokens.field_names(credential)
    return Candidate(
        credential_id=credential.credential_id,
        identifier=credential.identifier,
        type_id=credential.type_id,
        short_lived=credential.short_lived,
        issued_at=credential.issued_at,
        good_from=tokens.good_from(credential),
        expires_at=credential.expires_at,
        selective=names.selective,
        always=names.always,
        compact=credential.format is CredentialFormat.SD_CWT,
    )
