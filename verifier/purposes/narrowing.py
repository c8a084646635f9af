"""Whether what is asked stays within a purpose: fewer claims, fewer credentials, never more (DESIGN.md 7.6).

A credential query is within the purpose when the purpose has one of the same id and format that accepts no fewer types,
asks for every claim that this one asks for, and does not bind less.
"""

from schemas.dcql import CredentialQuery, Query
from verifier.errors import OverAsking


def check_within(asked: Query, allowed: Query) -> None:
    """Return when ``asked`` asks for nothing that ``allowed`` does not.

    Raises:
        OverAsking: it does; the message names the credential query.
    """
    known = allowed.by_id
    for each in asked.credentials:
        if each.id not in known or not _is_within(each, known[each.id]):
            raise OverAsking(f"credential query {each.id} asks for more than its purpose")
    # What must be answered may not grow either: an optional certificate stays the holder's choice.
    needed = {option for wanted in allowed.required for option in wanted.options}
    for wanted in asked.required:
        if asked.sets and not needed.issuperset(wanted.options):
            raise OverAsking("a credential set is required that its purpose leaves to the holder")
    if not asked.sets and allowed.sets and not _all_required(asked, allowed):
        raise OverAsking("a credential is required that its purpose leaves to the holder")


def _is_within(asked: CredentialQuery, allowed: CredentialQuery) -> bool:
    if asked.format != allowed.format or (allowed.holder_binding and not asked.holder_binding):
        return False
    if asked.multiple and not allowed.multiple:
        return False
    if allowed.types and not (asked.types and set(asked.types) <= set(allowed.types)):
        return False
    return _paths(asked) <= _paths(allowed)


def _paths(query: CredentialQuery) -> set[tuple[str | int | None, ...]]:
    return {claim.path for claim in query.claims or ()}


def _all_required(asked: Query, allowed: Query) -> bool:
    always = {name for wanted in allowed.required if len(wanted.options) == 1 for name in wanted.options[0]}
    return {each.id for each in asked.credentials} <= always
