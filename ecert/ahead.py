"""Fetching purpose certificates ahead for a holder: the wallet says how many it has, the issuer signs more."""

from ecert.wiring import Container
from issuer.issuing import Issued
from schemas.order import HolderId, HolderRef, Identifier
from wallet_api.supply import check_room


def unused(container: Container, holder_id: HolderId, identifier: Identifier) -> dict[str, int]:
    """Return how many a wallet has in date and unused, by purpose; raises UnknownHolder, UnknownCredential."""
    return dict(container.wallet.holdings.certificate(holder_id, identifier).ahead)


def fetch_ahead(
    container: Container, holder_id: HolderId, identifier: Identifier, purpose: str, *, count: int
) -> Issued:
    """Fetch ``count`` more for ``purpose`` into a holder's wallet, bound to the holder's present key.

    Raises:
        EnoughAhead: the wallet would have more unused ones than it may.
        UnknownHolder, UnknownCredential: as ``unused``.
        Others: as ``PurposeCertificates.prefetch``.
    """
    check_room(unused(container, holder_id, identifier), purpose, count=count)
    holder = HolderRef(holder_id, container.wallet.holders.present_key(holder_id).key)
    return container.purposes.prefetch(identifier, purpose, holder=holder, count=count)
