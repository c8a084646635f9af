"""The agent's use (用证) of a certificate that a holder lends it: shown to a verifier, or at a counter as a code.

    custody key   present(...), show(...), renew(...)
    device key    begin(...) → the device signs → complete(...), and the same for a code: begin_qr, complete_qr

What is shown says whose certificate it is and who acts. Every use is in the holder's history and in the agent's before
it leaves.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from keys.errors import InvalidSignature
from schemas.order import HolderId
from schemas.qr import animation
from schemas.qr.errors import MalformedPacking, QrTooLarge
from wallet_api.delegating.errors import DelegationEnded, PurposeNotGranted, UnknownDelegation
from wallet_api.delegating.parts import DelegatingParts
from wallet_api.delegating.powers import Powers
from wallet_api.delegating.records import Delegation
from wallet_api.delegating.uses import Use, handed_over, recorded, sealed, unsealed
from wallet_api.errors import CustodyKeyNeeded, DeviceKeyNeeded, FieldNotInCertificate, HandleInvalid
from wallet_api.presenting import API, DEVICE_SIGNS_WITHIN, Begun, Presented, Terms
from wallet_api.records import KeyPlace
from wallet_api.sealing import SealBroken
from wallet_api.showing import GOOD_FOR, QR, REFERENCE, SHOWN_FOR, Challenge, Showing, ShownQr, counter_terms

_BEGUN = "begun-use"
_RENEWAL = "use-renewal"


@dataclass(frozen=True, slots=True)
class Asked:
    """By which delegation, and which of the fields that were handed over; without ``fields`` all of them."""

    delegation_id: str
    fields: tuple[str, ...] | None = None


class Using:
    """Showing by a delegation."""

    __slots__ = ("_parts", "_powers", "_showing", "_wallet")

    def __init__(self, parts: DelegatingParts, showing: Showing) -> None:
        self._parts = parts
        self._wallet = parts.wallet
        self._powers = Powers(parts)
        self._showing = showing

    def present(self, agent_id: HolderId, asked: Asked, terms: Terms) -> Presented:
        """Return what the agent shows to whom ``terms`` names, signed by its custody key.

        Raises:
            UnknownDelegation: the agent has none of this id.
            DelegationEnded, PurposeNotGranted: it does not serve for this now.
            FieldNotInCertificate: a chosen field was not handed over.
            DeviceKeyNeeded: the agent's device signs: begin and complete.
        """
        use = self._use(agent_id, asked, terms, API)
        return self._presented(use, self._signed(use))

    def begin(self, agent_id: HolderId, asked: Asked, terms: Terms) -> Begun:
        """Return what the agent's device has to sign; raises as ``present``, but CustodyKeyNeeded."""
        return self._handed_out(self._use(agent_id, asked, terms, API), DEVICE_SIGNS_WITHIN)

    def complete(self, agent_id: HolderId, handle: str, signature: bytes) -> Presented:
        """Return the begun presentation with the device's signature; raises HandleInvalid, DelegationEnded."""
        use = self._taken_back(agent_id, handle, API)
        return self._presented(use, self._with_signature(use, signature))

    def show(self, agent_id: HolderId, asked: Asked, *, purpose: str, challenge: Challenge | None) -> ShownQr:
        """Return a code, good for 60 seconds; raises as ``present`` and ``Showing.show_qr``."""
        use = self._at_counter(agent_id, asked, purpose, challenge)
        return self._coded(use, self._signed(use), again=False)

    def renew(self, agent_id: HolderId, renewal: str) -> ShownQr:
        """Return the same showing signed anew, with the same records; raises HandleInvalid, DelegationEnded."""
        begun = self._opened(agent_id, _RENEWAL, renewal)
        use = replace(begun, at=self._wallet.clock().replace(microsecond=0))
        return replace(self._coded(use, self._signed(use), again=True), renewal=renewal)

    def begin_qr(self, agent_id: HolderId, asked: Asked, *, purpose: str, challenge: Challenge | None) -> Begun:
        """Return what the agent's device has to sign for a code; raises as ``show``, but CustodyKeyNeeded."""
        return self._handed_out(self._at_counter(agent_id, asked, purpose, challenge), GOOD_FOR)

    def complete_qr(self, agent_id: HolderId, handle: str, signature: bytes) -> ShownQr:
        """Return the code of a begun showing; raises as ``complete``."""
        use = self._taken_back(agent_id, handle, QR)
        return self._coded(use, self._with_signature(use, signature), again=False)

    def _at_counter(self, agent_id: HolderId, asked: Asked, purpose: str, challenge: Challenge | None) -> Use:
        return self._use(agent_id, asked, counter_terms(purpose, challenge, self._wallet.randomness), QR)

    def _use(self, agent_id: HolderId, asked: Asked, terms: Terms, channel: str) -> Use:
        found = self._received(agent_id, asked.delegation_id)
        if terms.purpose not in found.purposes:
            raise PurposeNotGranted("the delegation names other purposes")
        chosen = None if asked.fields is None else tuple(dict.fromkeys(asked.fields))
        if chosen is not None and not handed_over(found) >= set(chosen):
            raise FieldNotInCertificate("a chosen field was not handed over")
        key = self._wallet.wallets.key(agent_id, found.agent_kid)
        ids = self._wallet.randomness(16).hex(), self._wallet.randomness(16).hex()
        return Use(found, key, terms, channel, self._wallet.clock().replace(microsecond=0), ids, chosen)

    def _received(self, agent_id: HolderId, delegation_id: str) -> Delegation:
        found = self._parts.delegations.delegation(delegation_id)
        if found is None or found.agent_id != agent_id:
            raise UnknownDelegation("nothing of this id was given to who asks")
        now = self._wallet.clock()
        if not found.in_force(now):
            raise DelegationEnded("the delegation was recalled, or its time is over")
        if not self._powers.still_rests(found):
            self._parts.delegations.recall(delegation_id, at=now, by=None)
            raise DelegationEnded("the right that the delegation rests on has ended")
        return found

    def _signed(self, use: Use) -> str:
        if use.key.place is not KeyPlace.CUSTODY or use.key.store_name is None:
            raise DeviceKeyNeeded("the delegation is bound to a key in the agent's device: begin, sign, complete")
        unsigned = use.unsigned()
        return unsigned.completed(self._wallet.custody.open(use.key.store_name).sign(unsigned.signing_input))

    def _handed_out(self, use: Use, good_for: timedelta) -> Begun:
        if use.key.place is not KeyPlace.DEVICE:
            raise CustodyKeyNeeded("the delegation is bound to a key in custody: it is shown in one step")
        until = use.at + good_for
        handle = self._wallet.sealer.seal(_BEGUN, sealed(use), until=until)
        key, signed = use.key.key, use.unsigned().signing_input.decode("ascii")
        return Begun(handle, signed, key.kid, key.algorithm.value, use.fields, until)

    def _taken_back(self, agent_id: HolderId, handle: str, channel: str) -> Use:
        use = self._opened(agent_id, _BEGUN, handle)
        if use.channel != channel:
            raise HandleInvalid("handle belongs to another way of showing")
        return use

    def _opened(self, agent_id: HolderId, label: str, text: str) -> Use:
        try:
            content: dict[str, Any] = self._wallet.sealer.open(label, text, now=self._wallet.clock())
        except SealBroken as exc:
            raise HandleInvalid(f"handle is not accepted: {exc}") from exc
        if content["agent"] != agent_id:
            raise HandleInvalid("handle belongs to another holder")
        found = self._received(agent_id, content["delegation"])
        return unsealed(content, found, self._wallet.wallets.key(agent_id, found.agent_kid))

    def _with_signature(self, use: Use, signature: bytes) -> str:
        try:
            return use.unsigned().completed(signature)
        except InvalidSignature as exc:
            raise HandleInvalid("signature is not the agent's key's over this presentation") from exc

    def _presented(self, use: Use, presentation: str, *, again: bool = False) -> Presented:
        mine, theirs = recorded(use)
        if not again:
            self._wallet.wallets.add_shown(theirs)
            self._wallet.wallets.add_shown(mine)
        return Presented(
            presentation_id=mine.presentation_id,
            presentation=presentation,
            credential_id=mine.credential_id,
            type_id=use.delegation.type_id,
            fields=mine.fields,
            audience=mine.audience,
            purpose=mine.purpose,
            at=mine.at,
        )

    def _coded(self, use: Use, presentation: str, *, again: bool) -> ShownQr:
        frames = _codes(presentation)
        shown = use if frames else replace(use, channel=REFERENCE)
        presented, expires_at = self._presented(shown, presentation, again=again), use.at + GOOD_FOR
        renewal = "" if again else self._wallet.sealer.seal(_RENEWAL, sealed(use), until=use.at + SHOWN_FOR)
        if frames:
            return ShownQr(frames[0], presented, False, expires_at, frames, renewal)
        reference = self._showing.referred(presentation, expires_at)
        return ShownQr(reference, presented, True, expires_at, (reference,), renewal)


def _codes(presentation: str) -> tuple[str, ...]:
    try:
        return animation.codes(presentation)
    except (QrTooLarge, MalformedPacking):
        return ()  # pictures of people are too much for any code
