"""The supply of purpose certificates: how many a wallet has left for each purpose, and when it may fetch more.

A code holds one only when it was fetched before and never shown, so a wallet fetches them ahead, several at once. What
has room ends at ``MAX_UNUSED``, because every one takes a status index of its department.
"""

from collections.abc import Iterable, Mapping

from schemas.order import CredentialFormat, CredentialId, HolderId
from schemas.purposes import purposes_of
from wallet_api import tokens
from wallet_api.errors import EnoughAhead
from wallet_api.ports import Wallets
from wallet_api.records import Holding

MAX_UNUSED = 10
"""Purpose certificates of one purpose of one certificate that a wallet may have unused."""
_REMEMBERED = 1000  # showings; a purpose certificate ends after a week


def shown_before(wallets: Wallets, holder_id: HolderId) -> frozenset[CredentialId]:
    """Return the credentials that a holder showed, as far back as a purpose certificate lasts."""
    return frozenset(record.credential_id for record in wallets.shown(holder_id, limit=_REMEMBERED))


def ahead(type_id: str, claims: Iterable[str], purpose_certificates: Iterable[Holding]) -> dict[str, int]:
    """Return how many of a certificate's unused ``purpose_certificates`` serve each purpose; pure.

    ``claims`` are the names of those that the certificate has. One serves a purpose when it holds all of the purpose's
    fields that the certificate has, and none beyond the purpose. A purpose with no field here is left out.
    """
    held = frozenset(claims)
    holds = [frozenset(tokens.field_names(one.credential).always) for one in purpose_certificates]
    left: dict[str, int] = {}
    for purpose in purposes_of(type_id):
        needed = held.intersection(purpose.fields)
        if needed:
            left[purpose.id] = sum(needed <= fields <= set(purpose.fields) for fields in holds)
    return left


def is_for_purpose(holding: Holding) -> bool:
    """Tell whether a credential was made for one purpose: an SD-CWT that ends within days."""
    return holding.credential.format is CredentialFormat.SD_CWT and holding.credential.short_lived


def check_room(left: Mapping[str, int], purpose: str, *, count: int) -> None:
    """Return when ``count`` more for ``purpose`` may be fetched beside those that are ``left``; raises EnoughAhead."""
    have = left.get(purpose, 0)
    if have + count > MAX_UNUSED:
        raise EnoughAhead(f"{have} unused and {count} more are over the limit of {MAX_UNUSED} for one purpose")
