"""What stays good of a withdrawn key: the digests in the ledger, as kept lists that the trust anchor signs.

A withdrawn key's signatures are refused altogether, because a thief dates them as he likes (invariant 1). The ledger
knows which tokens the issuer made; the anchor's signature over their digests brings those back.
"""

from datetime import datetime

from issuer.ports import Ledger
from keys.kept import MAX_DIGESTS, KeptList, write_kept_list
from keys.signer import Signer


def kept_lists(ledger: Ledger, kid: str, *, now: datetime, max_digests: int = MAX_DIGESTS) -> tuple[KeptList, ...]:
    """Return the lists of everything that key ``kid`` signed by the ledger; one, unless there are more digests than a
    list may hold. A key that signed nothing has one empty list.

    Call it when the key can no longer sign: what is signed later stands on no list.
    """
    digests = sorted(set(ledger.issued_digests(kid)))
    starts = range(0, max(len(digests), 1), max_digests)
    return tuple(KeptList.of(kid, issued_at=now, digests=digests[start : start + max_digests]) for start in starts)


def signed_kept_lists(ledger: Ledger, kid: str, *, anchor: Signer, now: datetime) -> tuple[str, ...]:
    """Return the kept lists of ``kid`` as documents signed by the trust anchor's key."""
    return tuple(write_kept_list(kept, anchor) for kept in kept_lists(ledger, kid, now=now))
