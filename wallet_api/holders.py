"""Holders (持证主体) and their keys.

A holder is found by a national number and known by an opaque id ever after. Everyone has a key: the device's own, once
a device has proved it, and until then one in custody. A new key never ends an earlier one: credentials stay presentable
with the key that they are bound to.
"""

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from keys.encoding import b64url_text
from keys.errors import KeyAlreadyExists
from keys.signer import Signer
from schemas.order import HolderId, HolderRef
from wallet_api.errors import HolderInvalid, KeyProofInvalid, UnknownHolderKey
from wallet_api.key_proof import CHALLENGE_GOOD_FOR, proved_key
from wallet_api.parts import Parts
from wallet_api.records import Holder, HolderKey, HolderKind, KeyPlace
from wallet_api.sealing import SealBroken

# GB/T 36903, annex A: 001 统一社会信用代码, 099 其他法人或其他组织有效证件代码; every other code is a natural person's.
_ORGANISATION_CODE_TYPES = frozenset({"001", "099"})
_CHALLENGE = "key-challenge"
MAX_PAGE = 500


@dataclass(frozen=True, slots=True)
class KeyChallenge:
    """What a device signs to register its key: the ``nonce`` and the ``audience`` of the proof, and until when."""

    nonce: str
    audience: str
    expires_at: datetime


def normal_number(code: str) -> str:
    """Return a national number as it is kept: NFKC, in capitals, without space around it."""
    return unicodedata.normalize("NFKC", code).strip().upper()


class Holders:
    """Finding holders and giving them keys. Fulfils the issuer's port ``HolderDirectory``."""

    __slots__ = ("_parts",)

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def resolve(self, code_type: str, code: str, name: str) -> HolderRef:
        """Return the holder with this number and the present key; both are made when there is none.

        ``code_type`` is a code of GB/T 36903, annex A; it decides whether the holder is a person or an organisation.
        ``name`` may be empty: some types name their holder by number alone.

        Raises:
            HolderInvalid: the code type or the number is empty.
        """
        number = normal_number(code)
        for part, value in (("code type", code_type), ("number", number)):
            if not value:
                raise HolderInvalid(f"a holder's {part} is missing")
        kind = HolderKind.LEGAL_ENTITY if code_type in _ORGANISATION_CODE_TYPES else HolderKind.NATURAL_PERSON
        name = unicodedata.normalize("NFC", name).strip()
        holder = self._parts.wallets.find_or_add_holder(kind, code_type, number, name)
        present = self._parts.wallets.present_key(holder.holder_id) or self._add_custody_key(holder.holder_id)
        return HolderRef(holder.holder_id, present.key)

    def get(self, holder_id: HolderId) -> Holder:
        """Return a holder; raises UnknownHolder."""
        return self._parts.wallets.holder(holder_id)

    def page(self, *, limit: int = 50, offset: int = 0) -> list[Holder]:
        """Return holders in the order they were made, at most ``MAX_PAGE`` at once."""
        return self._parts.wallets.holders(limit=min(max(limit, 1), MAX_PAGE), offset=max(offset, 0))

    def present_key(self, holder_id: HolderId) -> HolderKey:
        """Return the key that new credentials are bound to; raises UnknownHolder, UnknownHolderKey."""
        self._parts.wallets.holder(holder_id)
        key = self._parts.wallets.present_key(holder_id)
        if key is None:
            raise UnknownHolderKey("the holder has no key yet")
        return key

    def challenge(self, holder_id: HolderId) -> KeyChallenge:
        """Return what a device signs to register its key with ``register_device_key``; raises UnknownHolder.

        Nothing is kept for it. It names the holder's present key, so that it ends with the first use that changes it.
        """
        self._parts.wallets.holder(holder_id)
        until = self._parts.clock() + CHALLENGE_GOOD_FOR
        content = {
            "holder": holder_id,
            "present": self._present_kid(holder_id),
            "salt": b64url_text(self._parts.randomness(16)),
        }
        return KeyChallenge(self._parts.sealer.seal(_CHALLENGE, content, until=until), self._parts.audience, until)

    def register_device_key(self, holder_id: HolderId, proof: str) -> HolderKey:
        """Make the key that ``proof`` proves (``wallet_api.key_proof``) the holder's present key.

        Raises:
            UnknownHolder: no such holder.
            KeyProofInvalid: the proof does not hold, or its challenge is another holder's, used, or too old.
        """
        self._parts.wallets.holder(holder_id)
        now = self._parts.clock()
        key, nonce = proved_key(proof, audience=self._parts.audience, now=now)
        try:
            challenge = self._parts.sealer.open(_CHALLENGE, nonce, now=now)
        except SealBroken as exc:
            raise KeyProofInvalid("key proof answers no challenge of this wallet, or one that is too old") from exc
        if challenge["holder"] != holder_id:
            raise KeyProofInvalid("key proof answers another holder's challenge")
        if challenge["present"] != self._present_kid(holder_id):
            raise KeyProofInvalid("key proof answers a challenge that was used")
        holder_key = HolderKey(holder_id, key, KeyPlace.DEVICE, None)
        self._parts.wallets.add_key(holder_key)
        return holder_key

    def use_custody_key(self, holder_id: HolderId) -> HolderKey:
        """Make the custody key the present one again (the device is lost); raises UnknownHolder."""
        self._parts.wallets.holder(holder_id)
        return self._add_custody_key(holder_id)

    def _present_kid(self, holder_id: HolderId) -> str:
        present = self._parts.wallets.present_key(holder_id)
        return present.key.kid if present else ""

    def _add_custody_key(self, holder_id: HolderId) -> HolderKey:
        store_name = f"custody/{holder_id}"
        key = HolderKey(holder_id, self._custody_signer(store_name).public_key, KeyPlace.CUSTODY, store_name)
        self._parts.wallets.add_key(key)
        return key

    def _custody_signer(self, store_name: str) -> Signer:
        """The key of this name: made now, or made before by a worker that ended, or runs, between the two steps."""
        try:
            return self._parts.custody.create(store_name)
        except KeyAlreadyExists:
            return self._parts.custody.open(store_name)
