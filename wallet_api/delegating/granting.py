"""Making a delegation (授权).

    custody key   grant(...)                                       one step
    device key    begin(...) → the device signs → complete(...)    the wallet keeps nothing in between

It is signed by the key that the holder's credential is bound to. Whoever acts for the holder (``powers``) needs that
key to be in custody: a device signs for its holder alone.
"""

from dataclasses import replace

from keys.errors import InvalidSignature
from schemas.formats.delegation import PreparedDelegation
from schemas.order import HolderId
from wallet_api.delegating.drafts import Draft, Drafting, sealed
from wallet_api.delegating.errors import GrantNotPermitted
from wallet_api.delegating.parts import DelegatingParts
from wallet_api.delegating.ports import Most
from wallet_api.delegating.records import Delegation
from wallet_api.delegating.terms import Wish
from wallet_api.errors import CustodyKeyNeeded, DeviceKeyNeeded, HandleInvalid
from wallet_api.presenting import DEVICE_SIGNS_WITHIN, Begun
from wallet_api.records import KeyPlace
from wallet_api.sealing import SealBroken

MOST = Most(delegations=200, managers=5)
_BEGUN = "begun-delegation"


class Granting:
    """Making delegations."""

    __slots__ = ("_drafting", "_parts", "_wallet")

    def __init__(self, parts: DelegatingParts) -> None:
        self._parts = parts
        self._wallet = parts.wallet
        self._drafting = Drafting(parts)

    def grant(self, actor_id: HolderId, wish: Wish) -> Delegation:
        """Return a new delegation, signed by the custody key and kept.

        Raises:
            UnknownAgent, GrantNotPermitted, TypeNotDelegable, TermsInvalid, PurposeInvalid: it may not be given.
            UnknownCredential, NoCredentialForFields, FieldNotInCertificate: there is no such certificate or field.
            TooManyDelegations, TooManyManagers: the holder has as many as may be.
            DeviceKeyNeeded: the holder's device signs: begin and complete.
        """
        draft = self._drafting.draft(actor_id, wish)
        if draft.key.place is not KeyPlace.CUSTODY or draft.key.store_name is None:
            raise DeviceKeyNeeded("the credential is bound to a key in the holder's device, which has to sign")
        prepared = draft.prepared()
        signature = self._wallet.custody.open(draft.key.store_name).sign(prepared.signing_input)
        return self._kept(draft, prepared, signature, actor_id)

    def begin(self, actor_id: HolderId, wish: Wish) -> Begun:
        """Return what the holder's device has to sign; raises as ``grant``, and CustodyKeyNeeded."""
        if wish.holder is not None:
            raise GrantNotPermitted("a device signs for its holder alone")
        draft = self._drafting.draft(actor_id, wish)
        if draft.key.place is not KeyPlace.DEVICE:
            raise CustodyKeyNeeded("the credential is bound to a key in custody: it is given in one step")
        until = draft.delegation.since + DEVICE_SIGNS_WITHIN
        handle = self._wallet.sealer.seal(_BEGUN, sealed(draft), until=until)
        key, signed = draft.key.key, draft.prepared().signing_input.decode("ascii")
        return Begun(handle, signed, key.kid, key.algorithm.value, draft.delegation.fields, until)

    def complete(self, actor_id: HolderId, handle: str, signature: bytes) -> Delegation:
        """Return the begun delegation with the device's signature, kept.

        Raises:
            HandleInvalid: not begun here by this holder, too old, or the signature is not the key's.
            TooManyDelegations, TooManyManagers, UnknownCredential: meanwhile.
        """
        try:
            content = self._wallet.sealer.open(_BEGUN, handle, now=self._wallet.clock())
        except SealBroken as exc:
            raise HandleInvalid(f"handle is not accepted: {exc}") from exc
        if content["holder"] != actor_id:
            raise HandleInvalid("handle belongs to another holder")
        draft = self._drafting.unsealed(content)
        try:
            return self._kept(draft, draft.prepared(), signature, actor_id)
        except InvalidSignature as exc:
            raise HandleInvalid("signature is not the holder's key's over this delegation") from exc

    def _kept(self, draft: Draft, prepared: PreparedDelegation, signature: bytes, actor_id: HolderId) -> Delegation:
        made = replace(draft.delegation, granted=prepared.completed(signature))
        return self._parts.delegations.add(made, most=MOST, by=actor_id)
