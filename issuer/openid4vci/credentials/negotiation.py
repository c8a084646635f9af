"""What the metadata's readers prefer (OpenID4VCI 1.0, 12.2.2): languages of display, and a signature or none."""

import re

from issuer.openid4vci.credentials.messages import JWT
from issuer.openid4vci.credentials.metadata import LOCALES

_MOST = 32  # members of a header that are read
_ZERO = re.compile(r"0(\.0*)?")


def locales_for(accept_language: str | None) -> frozenset[str]:
    """Return those of ``LOCALES`` that a reader understands; all of them for one who says nothing that we have.

    Languages are compared by their primary subtag: ``zh``, ``zh-Hant-HK`` and ``zh-CN`` are all served by Chinese.
    """
    weights = dict(_members(accept_language or ""))
    named = {name.partition("-")[0]: wanted for name, wanted in reversed(list(weights.items()))}
    anything = named.get("*", False)
    found = frozenset(each for each in LOCALES if named.get(each.partition("-")[0].lower(), anything))
    return found or frozenset(LOCALES)


def wants_signed(accept: str | None) -> bool:
    """Tell whether a reader asks for ``application/jwt`` by name, and not for JSON before it."""
    names = [name for name, wanted in _members(accept or "") if wanted]
    return JWT in names and "application/json" not in names[: names.index(JWT)]


def _members(header: str) -> list[tuple[str, bool]]:
    """Return the members of a header as (name in lower case, weight is not zero), in their order."""
    found = []
    for part in header.split(",")[:_MOST]:
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weight = next((each[2:] for each in parameters if each.startswith("q=")), "1")
        found.append((name, not _ZERO.fullmatch(weight)))
    return found
