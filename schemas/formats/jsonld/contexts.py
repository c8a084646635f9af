"""The JSON-LD contexts on board. Nothing is ever fetched: a URL that is not known here is refused at once.

    board = contexts.for_document(document)
    board.document("https://www.w3.org/ns/credentials/v2")   # the parsed context document

W3C's contexts are the published bytes (``contexts/``, with source and licence). Our own, one for each certificate
type, are generated from the type data and stand under ``<base>/contexts/<type>/<revision>``. ``<base>`` must be the
public URL of the issuer that the document itself names (docs/adr/0014): the issuer is who the trust list vouches for,
so no other host can lend our terms its name, and an issuer's certificates are read without asking its server.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import orjson

from schemas.catalogue import CertificateType
from schemas.formats.jsonld.errors import ContextUnknown
from schemas.generate.jsonld_terms import jsonld_context
from schemas.types import all_types

CREDENTIALS_V2 = "https://www.w3.org/ns/credentials/v2"
CREDENTIALS_V1 = "https://www.w3.org/2018/credentials/v1"
EXAMPLES_V2 = "https://www.w3.org/ns/credentials/examples/v2"
DATA_INTEGRITY_V2 = "https://w3id.org/security/data-integrity/v2"
DATA_INTEGRITY_V1 = "https://w3id.org/security/data-integrity/v1"
MULTIKEY_V1 = "https://w3id.org/security/multikey/v1"

_FILES = {
    CREDENTIALS_V2: "credentials-v2.jsonld",
    CREDENTIALS_V1: "credentials-v1.jsonld",
    EXAMPLES_V2: "credentials-examples-v2.jsonld",
    DATA_INTEGRITY_V2: "data-integrity-v2.jsonld",
    DATA_INTEGRITY_V1: "data-integrity-v1.jsonld",
    MULTIKEY_V1: "multikey-v1.jsonld",
}
_ISSUERS = "/issuers/"
_CONTEXTS = "/contexts/"
_MAX_ISSUERS = 64
_MAX_KEPT = 1_024  # characters of issuers' ids that are remembered
# The text of 20 July 2024 (statusSize is a positiveInteger there), to which published digests still refer. It is known
# by its digest alone: documents are read by the final text.
_EARLIER = {
    CREDENTIALS_V2: {
        "sha256": "24a18c90e9856d526111f29376e302d970b2bd10182e33959995b0207d7043b9",
        "sha384": "35239c36999d2155312091af194a1edb61634d6ad789a5e5b19f2aebdd762dd9d1dcaada40eda7ef921c6b8c0ae107a0",
        "sha512": "cb1336dfa8670d80d03344b3b0cc25faf4d45201823c35f39bb1afe5a9f911f6"
        "15ff4ec80ec5f2f89e33d14e96bec8be78e38df35b918c9cd5f3b3449bd6c88f",
    }
}


@dataclass(frozen=True, slots=True)
class Contexts:
    """What a document may refer to: W3C's contexts, and ours under the public URLs in ``bases``."""

    bases: frozenset[str] = frozenset()

    def read(self, url: str) -> bytes | None:
        """Return the context document's bytes, or None when it is not on board."""
        name = _FILES.get(url)
        if name is not None:
            return _w3c(name)
        ctype = self.type_of(url)
        return own_bytes(ctype) if ctype is not None else None

    def document(self, url: str) -> Mapping[str, Any]:
        """Return the parsed context document, always the same object; raises ContextUnknown."""
        name = _FILES.get(url)
        if name is not None:
            return _parsed(name)
        ctype = self.type_of(url)
        if ctype is None:
            raise ContextUnknown("a context is not on board, and none is fetched")
        return _own(ctype.id)

    def type_of(self, url: str) -> CertificateType | None:
        """Return the certificate type whose context the URL names, or None."""
        base, found, path = url.partition(_CONTEXTS)
        return _by_path().get(path) if found and base in self.bases else None


def for_document(document: Mapping[str, Any]) -> Contexts:
    """Return the contexts for a credential or presentation: the bases are those of the issuers that it names."""
    issuer = document.get("issuer")
    if type(issuer) is str and len(issuer) <= _MAX_KEPT and "verifiableCredential" not in document:
        return _of_issuer(issuer)
    bases = {base for issuer in _issuers(document) if (base := base_of(issuer)) is not None}
    return _board(frozenset(bases)) if sum(map(len, bases)) <= _MAX_KEPT else Contexts(frozenset(bases))


def base_of(issuer: object) -> str | None:
    """Return the public URL of an issuer id ``<public URL>/issuers/<department>``; None for any other id."""
    if type(issuer) is not str:
        return None
    base, found, name = issuer.partition(_ISSUERS)
    return base if found and name and base.startswith(("https://", "http://")) else None


def known(url: str, *, bases: frozenset[str] = frozenset()) -> bytes | None:
    """Return the bytes of the context that ``url`` names, or None: it is not on board."""
    return _board(bases).read(url)


def digests(url: str, algorithm: str, *, bases: frozenset[str] = frozenset()) -> frozenset[bytes] | None:
    """Return the digests of every published text of a context; None when it is not on board.

    Args:
        algorithm: ``sha256``, ``sha384`` or ``sha512``.
    """
    data = known(url, bases=bases)
    if data is None:
        return None
    earlier = _EARLIER.get(url)
    found = {hashlib.new(algorithm, data).digest()}
    return frozenset(found | ({bytes.fromhex(earlier[algorithm])} if earlier else set()))


def own_bytes(ctype: CertificateType) -> bytes:
    """Return the published bytes of a type's context: what ``GET <base>/contexts/<type>/<revision>`` answers."""
    return orjson.dumps(_own(ctype.id), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def own_path(ctype: CertificateType) -> str:
    """Return where a type's context stands below the public URL."""
    return f"{_CONTEXTS}{ctype.id}/{ctype.revision}"


def _issuers(document: Mapping[str, Any]) -> Iterator[object]:
    for credential in (document, *_inner(document)):
        issuer = credential.get("issuer")
        yield issuer.get("id") if type(issuer) is dict else issuer


def _inner(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    held = document.get("verifiableCredential")
    listed = held if type(held) is list else [held]
    return [each for each in listed[:_MAX_ISSUERS] if type(each) is dict]


@lru_cache(maxsize=256)
def _of_issuer(issuer: str) -> Contexts:
    base = base_of(issuer)
    return _board(frozenset() if base is None else frozenset((base,)))


@lru_cache(maxsize=256)
def _board(bases: frozenset[str]) -> Contexts:
    return Contexts(bases)


@cache
def _w3c(name: str) -> bytes:
    return (files("schemas.formats.jsonld") / "contexts" / name).read_bytes()


@cache
def _parsed(name: str) -> Mapping[str, Any]:
    read: Mapping[str, Any] = orjson.loads(_w3c(name))
    return read


@cache
def _own(type_id: str) -> Mapping[str, Any]:
    return jsonld_context(next(ctype for ctype in all_types() if ctype.id == type_id))


@cache
def _by_path() -> Mapping[str, CertificateType]:
    return MappingProxyType({f"{ctype.id}/{ctype.revision}": ctype for ctype in all_types()})
