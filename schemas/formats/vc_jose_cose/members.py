"""Top-level members that nothing defines: whoever reads the document as JSON-LD would lose them, so none is signed.

Defined are the members of VCDM 2.0, the claims that the form of securing brings, and the terms of the document's own
contexts. A context's ``@vocab`` makes a name of everything and defines nothing.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from schemas.formats.vc_jose_cose.errors import MemberUndefined
from schemas.formats.vc_jose_cose.kinds import Kind

_COMMON = {"@context", "id", "type", "name", "description", "termsOfUse", "relatedResource", "proof"}
_DATES = {"issuer", "validFrom", "validUntil"}
_MORE = {"credentialSubject", "credentialStatus", "credentialSchema", "refreshService", "evidence"}
DEFINED = {
    Kind.CREDENTIAL: frozenset(_COMMON | _DATES | _MORE),
    Kind.PRESENTATION: frozenset(_COMMON | {"holder", "verifiableCredential"}),
}
"""The members of each kind of document (VCDM 2.0, 4)."""
JWT_CLAIMS = frozenset({"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "cnf", "nonce", "status"})
"""Registered claims that stand beside the members in a JWT (VC-JOSE-COSE, 3.1.3)."""


def check(document: Mapping[str, Any], kind: Kind, *, claims: frozenset[str] = JWT_CLAIMS) -> None:
    """Return if every top-level member is defined; ``claims`` are those that the form allows beside them.

    Raises:
        MemberUndefined: how many are not; a member's name can be personal, so none is told.
    """
    unknown = document.keys() - DEFINED[kind] - claims
    if unknown:
        # A name with a colon is an IRI, which defines itself.
        unknown = {name for name in unknown - _terms(document) if ":" not in name}
    if unknown:
        raise MemberUndefined(f"{len(unknown)} top-level members are defined by no context")


def _terms(document: Mapping[str, Any]) -> set[str]:
    # Imported where it is needed: the certificates' own members are all of the data model.
    from schemas.formats.jsonld import contexts
    from schemas.formats.jsonld.errors import ContextUnknown

    board = contexts.for_document(document)
    found: set[str] = set()
    for entry in _entries(document.get("@context")):
        if type(entry) is str:
            try:
                entry = board.document(entry).get("@context")
            except ContextUnknown:
                continue
        for context in _entries(entry):
            if isinstance(context, Mapping):
                found.update(name for name, meaning in context.items() if meaning is not None)
    return found


def _entries(value: Any) -> Iterator[Any]:
    yield from value if type(value) is list else [value]
