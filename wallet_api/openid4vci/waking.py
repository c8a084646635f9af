"""A certificate was replaced: the sources of its earlier versions are due at once, instead of in the next weeks."""

from datetime import datetime

from schemas.order import HolderId, Identifier
from wallet_api.openid4vci.ports import Sources
from wallet_api.openid4vci.sources import SourceState
from wallet_api.selection import lineage_of


def wake(sources: Sources, holder_id: HolderId, identifier: Identifier, *, now: datetime) -> int:
    """Make a holder's sources of a certificate (any version of it) due; return how many there were.

    Nothing is fetched here, and no token changes: the next round of refreshing does it (``Refreshing.round``).
    """
    lineage = lineage_of(identifier)
    woken = 0
    for source in sources.of_holder(holder_id):
        if source.state is SourceState.KEPT and source.certificate and lineage_of(source.certificate) == lineage:
            sources.hasten(source.source_id, now=now)
            woken += 1
    return woken
