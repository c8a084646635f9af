"""Showing at a counter (亮证), one way: a QR code that is good for 60 seconds and signed anew every 20.

The counter gives no nonce, so the wallet names the fixed audience of all counters; a replay is the verifier's to notice
(ADR 8). For high-value acts a counter shows a challenge first: its own id, and 8 bytes that come back signed.

What is shown, by what the wallet holds: a purpose certificate that was not shown before, or a full SD-CWT, packed as
``ZK1:`` and animated when it is too big for one code; or an SD-JWT VC as it is. What does not fit waits under a short
random reference, for one fetch; only the reference's digest is kept.
"""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from keys.encoding import b64url_text
from schemas.order import CredentialFormat, HolderId
from schemas.qr import animation, drawing, text
from schemas.qr.errors import QrTooLarge
from wallet_api.errors import HandleInvalid, ReferenceGone, RequestInvalid
from wallet_api.parts import Parts, Randomness
from wallet_api.presenting import Begun, Draft, Presented, Presenting, Terms, sealed
from wallet_api.sealing import SealBroken
from wallet_api.selection import Wanted

COUNTER_AUDIENCE = "urn:ecert:counter"
GOOD_FOR = timedelta(seconds=60)
SIGNED_EVERY = timedelta(seconds=20)
"""How often a phone renews what it shows: a code at a counter is never older than half of what is accepted."""
SHOWN_FOR = timedelta(minutes=10)
"""How long one showing may be renewed; after it the holder chooses again."""
QR = "qr"
REFERENCE = "reference"
_RENEWAL = "qr-renewal"
_CNONCE = range(8, 65)


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a counter shows before a high-value act: its own audience, and random bytes that the proof repeats."""

    audience: str
    cnonce: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ShownQr:
    """A code to show now: its ``text``, until when it is good, and the record of what it shows.

    ``frames`` are the texts of all codes, to be shown round robin; one, when nothing is animated. ``by_reference``
    tells that the counter must be online to fetch what it stands for. ``renewal`` is what ``renew_qr`` takes.
    """

    text: str = field(repr=False)
    presented: Presented
    by_reference: bool
    expires_at: datetime
    frames: tuple[str, ...] = field(default=(), repr=False)
    renewal: str = field(default="", repr=False)

    def png(self) -> bytes:
        """Return the code (of an animated one the first frame) as a PNG picture."""
        return drawing.png(self.text)

    def svg(self) -> str:
        """Return the code (of an animated one the first frame) as an SVG picture."""
        return drawing.svg(self.text)

    def pictures(self, *, png: bool) -> tuple[bytes, ...]:
        """Return a PNG or SVG picture of each frame, all of one size."""
        drawn = drawing.frames(self.frames)
        return tuple(one.png() if png else one.svg().encode() for one in drawn)


class Showing:
    """Making codes, and giving out what a short reference stands for."""

    __slots__ = ("_parts", "_presenting")

    def __init__(self, parts: Parts, presenting: Presenting) -> None:
        self._parts = parts
        self._presenting = presenting

    def show_qr(
        self, holder_id: HolderId, wanted: Wanted, *, purpose: str, challenge: Challenge | None = None
    ) -> ShownQr:
        """Return a code of the chosen fields, signed by the custody key.

        Raises:
            RequestInvalid: the challenge has no audience, or not 8 to 64 bytes.
            Others: as ``Presenting.present``.
        """
        draft = self._draft(holder_id, wanted, purpose, challenge)
        return self._coded(draft, self._presenting.sign(draft), None)

    def begin_qr(
        self, holder_id: HolderId, wanted: Wanted, *, purpose: str, challenge: Challenge | None = None
    ) -> Begun:
        """Return what the holder's device has to sign for a code; raises as ``show_qr`` and ``Presenting.begin``."""
        return self._presenting.hand_out(self._draft(holder_id, wanted, purpose, challenge), good_for=GOOD_FOR)

    def complete_qr(self, holder_id: HolderId, handle: str, signature: bytes) -> ShownQr:
        """Return the code of a begun showing; its 60 seconds run since it was begun.

        Raises:
            HandleInvalid, UnknownCredential: as ``Presenting.complete``.
        """
        draft = self._presenting.taken_back(holder_id, handle, QR)
        return self._coded(draft, self._presenting.with_signature(draft, signature), None)

    def renew_qr(self, holder_id: HolderId, renewal: str) -> ShownQr:
        """Return the same showing signed anew by the custody key: same credential, same fields, one history record.

        Raises:
            HandleInvalid: not a showing of this holder, or begun more than ``SHOWN_FOR`` ago.
            UnknownCredential: the credential left the wallet in between.
            DeviceKeyNeeded: the key is in the holder's device, which begins anew.
        """
        try:
            content = self._parts.sealer.open(_RENEWAL, renewal, now=self._parts.clock())
        except SealBroken as exc:
            raise HandleInvalid(f"renewal is not accepted: {exc}") from exc
        if content["draft"]["holder"] != holder_id:
            raise HandleInvalid("renewal belongs to another holder")
        begun = self._presenting.unsealed(holder_id, content["draft"])
        draft = replace(begun, at=self._parts.clock().replace(microsecond=0))
        shown = self._coded(draft, self._presenting.sign(draft), content["presentation"])
        return replace(shown, renewal=renewal)

    def take_reference(self, token: str) -> str:
        """Return the presentation that ``token`` (or ``ecert:r/<token>``) stands for, once.

        Raises:
            ReferenceGone: used, older than 60 seconds, or never given.
        """
        digest = _digest(token.removeprefix(text.REFERENCE_PREFIX))
        presentation = self._parts.wallets.take_reference(digest, self._parts.clock())
        if presentation is None:
            raise ReferenceGone("reference was used, is too old, or never was: ask for a new code")
        return presentation

    def _draft(self, holder_id: HolderId, wanted: Wanted, purpose: str, challenge: Challenge | None) -> Draft:
        terms = counter_terms(purpose, challenge, self._parts.randomness)
        if wanted.credential_id is not None:
            # Whoever names a credential means its certificate: which form of it fits a code is chosen here.
            held = self._parts.wallets.holding(holder_id, wanted.credential_id).credential
            wanted = Wanted(wanted.fields, identifier=held.identifier)
        return self._presenting.draft(holder_id, wanted, terms, QR, code=True)

    def _coded(self, draft: Draft, presentation: str, recorded_as: str | None) -> ShownQr:
        """Return the code of a signed draft; ``recorded_as`` is the history's record of a showing that goes on."""
        expires_at = draft.at + GOOD_FOR
        frames = _codes(draft, presentation)
        shown = draft if frames else replace(draft, channel=REFERENCE)
        # In the history first: a crash in between leaves a record of what never left, not the other way round.
        presented = self._presenting.record(shown, presentation, recorded_as=recorded_as)
        renewal = self._renewal(draft, presented) if recorded_as is None else ""
        if frames:
            return ShownQr(frames[0], presented, False, expires_at, frames, renewal)
        reference = self.referred(presentation, expires_at)
        return ShownQr(reference, presented, True, expires_at, (reference,), renewal)

    def referred(self, presentation: str, expires_at: datetime) -> str:
        """Keep a presentation for one fetch before ``expires_at``; return the text of the code that stands for it."""
        reference = text.Reference(b64url_text(self._parts.randomness(16)))
        self._parts.wallets.add_reference(_digest(reference.token), presentation, expires_at)
        return reference.text

    def _renewal(self, draft: Draft, presented: Presented) -> str:
        content = {"draft": sealed(draft), "presentation": presented.presentation_id}
        return self._parts.sealer.seal(_RENEWAL, content, until=draft.at + SHOWN_FOR)


def counter_terms(purpose: str, challenge: Challenge | None, randomness: Randomness) -> Terms:
    """Return for whom a code is made: every counter, or the one that showed a challenge.

    Raises:
        RequestInvalid: the challenge has no audience, or not 8 to 64 bytes.
        PurposeInvalid: as ``Terms.checked``.
    """
    if challenge is None:
        return Terms.checked(b64url_text(randomness(16)), COUNTER_AUDIENCE, purpose)
    if len(challenge.cnonce) not in _CNONCE:
        raise RequestInvalid(f"challenge has {len(challenge.cnonce)} bytes, expected 8 to 64")
    nonce = b64url_text(challenge.cnonce)
    return replace(Terms.checked(nonce, challenge.audience, purpose), cnonce=challenge.cnonce)


def _codes(draft: Draft, presentation: str) -> tuple[str, ...]:
    """The texts of the codes that hold a presentation; none when it does not fit."""
    if draft.holding.credential.format is not CredentialFormat.SD_CWT:
        packed = text.encode(presentation)
        return (packed,) if isinstance(packed, str) else ()
    try:
        return animation.codes(presentation)
    except QrTooLarge:
        return ()


def _digest(token: str) -> str:
    return b64url_text(hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest())
