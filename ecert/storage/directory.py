"""The issuer's holder directory (``issuer.ports.HolderDirectory``) over the wallets' tables."""

from ecert.storage.wallets import SqlWallets
from schemas.order import HolderRef
from wallet_api.records import HolderKind

# GB/T 36903 annex A: 001 统一社会信用代码 and 099 其他法人或其他组织有效证件代码; every other code type is a person's.
_LEGAL_ENTITY = frozenset({"001", "099"})


class SqlHolderDirectory:
    """National numbers in, opaque references out."""

    def __init__(self, wallets: SqlWallets) -> None:
        self._wallets = wallets

    def resolve(self, code_type: str, code: str, name: str) -> HolderRef:
        """Return the holder with this number, made when new, with the present key."""
        kind = HolderKind.LEGAL_ENTITY if code_type in _LEGAL_ENTITY else HolderKind.NATURAL_PERSON
        holder = self._wallets.find_or_add_holder(kind, code_type, code, name)
        present = self._wallets.present_key(holder.holder_id)
        return HolderRef(holder.holder_id, None if present is None else present.key)
