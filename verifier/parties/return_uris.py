"""Where a browser may be sent back to after an answer: addresses that the party registered, compared as texts.

RFC 9700, 4.1.3: exact matching. A pattern that ends in ``/*`` takes one more path of letters, digits, ``.``, ``_``,
``-`` and ``/``, for a party that puts its own reference there; host and port are never a pattern.
"""

import re
from urllib.parse import urlsplit

from verifier.errors import InvalidParty, ReturnUriNotAllowed

MAX_URI = 1_000
_URI = re.compile(r"[!-~]+")
_REST = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*/?")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def check_pattern(pattern: str) -> None:
    """Return when ``pattern`` may be registered: https, or http to this machine, for a party that is being built.

    Raises:
        InvalidParty: it may not.
    """
    if not _is_address(pattern.removesuffix("/*")) or (pattern.endswith("/*") and "?" in pattern):
        raise InvalidParty("return URI is no https address without user, fragment and wildcard in its host")


def check_return_uri(uri: str, patterns: tuple[str, ...], *, live: bool) -> None:
    """Return when one of ``patterns`` takes ``uri``, by https where it is ``live``; raises ReturnUriNotAllowed."""
    if (live and not uri.startswith("https:")) or not any(_takes(pattern, uri) for pattern in patterns):
        raise ReturnUriNotAllowed("return URI is none that the relying party registered")


def _takes(pattern: str, uri: str) -> bool:
    if not pattern.endswith("/*"):
        return uri == pattern
    start = pattern.removesuffix("*")
    return len(uri) <= MAX_URI and uri.startswith(start) and _REST.fullmatch(uri[len(start) :]) is not None


def _is_address(text: str) -> bool:
    if len(text) > MAX_URI or not _URI.fullmatch(text) or any(sign in text for sign in "*#\\@"):
        return False
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    if not parts.hostname or port == 0:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
