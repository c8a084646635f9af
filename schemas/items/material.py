"""What a service item asks of one person, as a DCQL query: the least that the item needs, and no more.

Each alternative of a requirement is a credential query in the default format; a requirement is a credential set, and an
optional one is not required. A person who stands in several roles is asked for each by itself.
"""

from collections.abc import Sequence

from schemas.dcql import ClaimsQuery, CredentialQuery, CredentialSetQuery, Query
from schemas.errors import UnknownItem
from schemas.items.registry import Alternative, Requirement, ServiceItem
from schemas.order import CredentialFormat
from schemas.types import certificate_type


def roles(service: ServiceItem) -> tuple[str, ...]:
    """Return the roles whose certificates an item asks for, in its order."""
    return tuple(dict.fromkeys(each.role for each in service.requires))


def query(service: ServiceItem, role: str) -> Query:
    """Return what is asked of whoever stands in ``role``.

    Raises:
        UnknownItem: the item asks nothing of this role.
    """
    asked = [each for each in service.requires if each.role == role]
    if not asked:
        raise UnknownItem("the service item asks nothing of this role")
    return query_of(asked)


def query_of(asked: Sequence[Requirement]) -> Query:
    """Return what is asked by these requirements, of which there is at least one, of one person."""
    credentials: list[CredentialQuery] = []
    sets: list[CredentialSetQuery] = []
    for number, requirement in enumerate(asked, start=1):
        made = _credentials(requirement, number)
        credentials += made
        sets.append(CredentialSetQuery(tuple((each.id,) for each in made), not requirement.optional))
    simple = all(len(each.options) == 1 and each.required for each in sets)
    return Query(tuple(credentials), () if simple else tuple(sets))


def _credentials(requirement: Requirement, number: int) -> list[CredentialQuery]:
    several = len(requirement.any_of) > 1
    made = []
    for turn, alternative in enumerate(requirement.any_of, start=1):
        name = f"{requirement.role}-{number}" + (f"-{turn}" if several else "")
        made.append(_credential(name, alternative))
    return made


def _credential(name: str, alternative: Alternative) -> CredentialQuery:
    return CredentialQuery(
        id=name,
        format=CredentialFormat.SD_JWT_VC.value,
        types=(frozenset({str(certificate_type(alternative.type_id).vct)}),),
        claims=tuple(ClaimsQuery((claim,)) for claim in alternative.claims),
    )
