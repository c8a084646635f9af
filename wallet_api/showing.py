"""Showing at a counter (亮证), one way: a QR code that is good for 60 seconds.

The counter gives no nonce, so the wallet makes a random one and names the fixed audience of all counters; a replay is
the verifier's to notice (DESIGN.md 6). What does not fit one code waits under a short random reference, for one fetch;
only the reference's digest is kept.
"""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from keys.encoding import b64url_text
from schemas.order import HolderId
from schemas.qr import drawing, text
from wallet_api.errors import ReferenceGone
from wallet_api.parts import Parts
from wallet_api.presenting import Begun, Draft, Presented, Presenting, Terms
from wallet_api.selection import Wanted

COUNTER_AUDIENCE = "urn:ecert:counter"
GOOD_FOR = timedelta(seconds=60)
QR = "qr"
REFERENCE = "reference"


@dataclass(frozen=True, slots=True)
class ShownQr:
    """A code to show now: its ``text``, until when it is good, and the record of what it shows.

    ``by_reference`` tells that the counter must be online to fetch what it stands for.
    """

    text: str = field(repr=False)
    presented: Presented
    by_reference: bool
    expires_at: datetime

    def png(self) -> bytes:
        """Return the code as a PNG picture."""
        return drawing.png(self.text)

    def svg(self) -> str:
        """Return the code as an SVG picture."""
        return drawing.svg(self.text)


class Showing:
    """Making codes, and giving out what a short reference stands for."""

    __slots__ = ("_parts", "_presenting")

    def __init__(self, parts: Parts, presenting: Presenting) -> None:
        self._parts = parts
        self._presenting = presenting

    def show_qr(self, holder_id: HolderId, wanted: Wanted, *, purpose: str) -> ShownQr:
        """Return a code of the chosen fields, signed by the custody key; raises as ``Presenting.present``."""
        draft = self._draft(holder_id, wanted, purpose)
        return self._coded(draft, self._presenting.sign(draft))

    def begin_qr(self, holder_id: HolderId, wanted: Wanted, *, purpose: str) -> Begun:
        """Return what the holder's device has to sign for a code; raises as ``Presenting.begin``."""
        return self._presenting.hand_out(self._draft(holder_id, wanted, purpose), good_for=GOOD_FOR)

    def complete_qr(self, holder_id: HolderId, handle: str, signature: bytes) -> ShownQr:
        """Return the code of a begun showing; its 60 seconds run since it was begun.

        Raises:
            HandleInvalid, UnknownCredential: as ``Presenting.complete``.
        """
        draft = self._presenting.taken_back(holder_id, handle, QR)
        return self._coded(draft, self._presenting.with_signature(draft, signature))

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

    def _draft(self, holder_id: HolderId, wanted: Wanted, purpose: str) -> Draft:
        nonce = b64url_text(self._parts.randomness(16))
        return self._presenting.draft(holder_id, wanted, Terms.checked(nonce, COUNTER_AUDIENCE, purpose), QR)

    def _coded(self, draft: Draft, presentation: str) -> ShownQr:
        expires_at = draft.at + GOOD_FOR
        packed = text.encode(presentation)
        if isinstance(packed, str):
            return ShownQr(packed, self._presenting.record(draft, presentation), False, expires_at)
        # In the history first: a crash in between leaves a record of what never left, not the other way round.
        presented = self._presenting.record(replace(draft, channel=REFERENCE), presentation)
        reference = text.Reference(b64url_text(self._parts.randomness(16)))
        self._parts.wallets.add_reference(_digest(reference.token), presentation, expires_at)
        return ShownQr(reference.text, presented, True, expires_at)


def _digest(token: str) -> str:
    return b64url_text(hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest())
