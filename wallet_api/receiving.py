"""Receiving credentials: each is checked before it is kept; what is refused is reported, and nothing is lost.

A credential is kept when it is bound to a key of the holder it is addressed to, and no row of its report failed. The
row ``status`` may be unknown: a status list that names a credential of this minute need not be published yet, and
whoever the credential is shown to asks again. And a certificate may arrive before the day on which it takes effect.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from keys.errors import KeysError
from keys.public import PublicKey
from schemas.errors import SchemasError
from schemas.formats.errors import HolderKeyMissing
from schemas.order import CredentialId, HolderId, IssuedCredential
from schemas.report import Outcome, Report
from wallet_api import tokens
from wallet_api.errors import CredentialRefused, UnknownHolder, UnknownHolderKey
from wallet_api.parts import Parts
from wallet_api.records import Holding, Refusal

_MAY_BE_UNKNOWN = frozenset({"status"})
_NOT_YET = ("validity", "not_yet_valid")
_BY_WALLET = "wallet"
_Keys = dict[tuple[HolderId, str], PublicKey | None]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a batch: the ids that are kept (now, or since an earlier delivery), and the refusals."""

    kept: tuple[CredentialId, ...]
    refused: tuple[Refusal, ...]


class Receiving:
    """The way into the wallets. Fulfils the issuer's port ``Delivery``."""

    __slots__ = ("_parts",)

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def receive(self, credentials: Sequence[IssuedCredential]) -> Receipt:
        """Keep what may be kept, in one transaction, and say what was not; repeating a call changes nothing."""
        now = self._parts.clock()
        keys: _Keys = {}
        judged = [(item, self._refusal(item, keys)) for item in credentials]
        kept = [item for item, refusal in judged if refusal is None]
        self._parts.wallets.add_holdings([Holding(item, now) for item in kept])
        refused = tuple(refusal for _, refusal in judged if refusal is not None)
        return Receipt(tuple(item.credential_id for item in kept), refused)

    def deliver(self, credentials: Sequence[IssuedCredential]) -> None:
        """As ``receive``, for a caller that only asks whether all is done.

        Raises:
            CredentialRefused: some were refused (``refusals``); all others are kept.
        """
        receipt = self.receive(credentials)
        if receipt.refused:
            raise CredentialRefused(receipt.refused)

    def _refusal(self, credential: IssuedCredential, keys: _Keys) -> Refusal | None:
        key = self._holder_key(credential, keys)
        reason = _binding_fault(credential, key)
        if reason is not None:
            return Refusal(credential.credential_id, _BY_WALLET, reason)
        report = self._parts.check.check(credential.token, holder_key=key)
        return _report_fault(credential, report)

    def _holder_key(self, credential: IssuedCredential, keys: _Keys) -> PublicKey | None:
        """The holder's key that the credential names, or None; a batch for one holder asks once."""
        if credential.holder_kid is None:
            return None
        asked = (credential.holder_id, credential.holder_kid)
        if asked not in keys:
            try:
                keys[asked] = self._parts.wallets.key(*asked).key
            except (UnknownHolder, UnknownHolderKey):
                keys[asked] = None
        return keys[asked]


def _binding_fault(credential: IssuedCredential, key: PublicKey | None) -> str | None:
    """Say why the credential could never be presented by this holder; its signature is the report's matter."""
    if key is None:
        return "holder_key_unknown"
    try:
        bound = tokens.holder_key(credential)
    except HolderKeyMissing:
        return "holder_key_mismatch"
    except (KeysError, SchemasError, KeyError, TypeError, AttributeError):
        return "malformed"
    return None if bound == key else "holder_key_mismatch"


def _report_fault(credential: IssuedCredential, report: Report) -> Refusal | None:
    for check in report.checks:
        unknown = check.outcome is Outcome.UNKNOWN and check.code not in _MAY_BE_UNKNOWN
        failed = check.outcome is Outcome.FAILED and (check.code, check.reason) != _NOT_YET
        if failed or unknown:
            return Refusal(credential.credential_id, check.code, check.reason)
    if not report.checks:
        return Refusal(credential.credential_id, _BY_WALLET, "not_checked")
    if report.type_id is not None and report.type_id != credential.type_id:
        return Refusal(credential.credential_id, _BY_WALLET, "type_mismatch")
    if report.format is not None and report.format != credential.format.value:
        # It would be read by the rules of another format whenever the wallet is opened.
        return Refusal(credential.credential_id, _BY_WALLET, "format_mismatch")
    return None
