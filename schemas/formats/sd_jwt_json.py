"""SD-JWT in the JWS JSON Serialization (RFC 9901, 8): flattened and general, writing and reading.

Disclosures and Key Binding JWT stand in the first unprotected header. ``sd_hash`` is taken over the compact form of the
first signature; further signatures of the general form are over the same payload by other keys of the issuer.
"""

from collections.abc import Sequence
from typing import Any

from keys import jws, strict_json
from keys.signer import Signer
from schemas.formats.errors import MalformedSdJwt, TooManyDisclosures
from schemas.formats.sd_jwt import MAX_BYTES, MAX_DISCLOSURES, SdJwt

MAX_SIGNATURES = 8
_PLACES = ("disclosures", "kb_jwt")
# RFC 7515, 4.1: these must be protected to mean anything, so an unprotected one is refused.
_NEVER_UNPROTECTED = frozenset({"alg", "typ", "crit", "b64", "jku", "x5u", "jwk"})


def flattened(sd_jwt: SdJwt) -> bytes:
    """Return the flattened form of an SD-JWT or SD-JWT+KB, as JSON."""
    protected, payload, signature = sd_jwt.issuer_jwt.split(".")
    return strict_json.dumps(
        {"payload": payload, "protected": protected, "signature": signature, "header": _header(sd_jwt)}
    )


def general(sd_jwt: SdJwt, *, others: Sequence[str] = ()) -> bytes:
    """Return the general form; ``others`` are compact JWSs of the same payload, as ``cosign`` makes them.

    Raises:
        MalformedSdJwt: another one signs another payload.
    """
    _, payload, _ = sd_jwt.issuer_jwt.split(".")
    signatures: list[dict[str, Any]] = []
    for number, compact in enumerate((sd_jwt.issuer_jwt, *others)):
        protected, its_payload, signature = compact.split(".")
        if its_payload != payload:
            raise MalformedSdJwt("two signatures are over two payloads")
        entry: dict[str, Any] = {"protected": protected, "signature": signature}
        signatures.append(entry if number else entry | {"header": _header(sd_jwt)})
    return strict_json.dumps({"payload": payload, "signatures": signatures})


def cosign(sd_jwt: SdJwt, signer: Signer) -> str:
    """Return a compact JWS over the payload of ``sd_jwt`` by another key, of the same ``typ``."""
    token = sd_jwt.issuer_jws
    return jws.sign(token.peeked_payload, signer, typ=token.header.typ or "")


def parse(raw: bytes) -> tuple[SdJwt, ...]:
    """Return an SD-JWT for each signature, the first one with the Key Binding JWT; nothing of them is verified.

    Raises:
        MalformedSdJwt: too long, or not of the form.
        TooManyDisclosures: more than the limit.
        DuplicateMember, MalformedToken, TooLarge: as ``strict_json.loads_object``.
    """
    if len(raw) > MAX_BYTES:
        raise MalformedSdJwt(f"document has {len(raw)} bytes, limit {MAX_BYTES}")
    document = strict_json.loads_object(raw)
    entries = _entries(document)
    if any(place in _unprotected(entry) for entry in entries[1:] for place in _PLACES):
        raise MalformedSdJwt("a further unprotected header holds disclosures or kb_jwt")  # 8.3
    header = _unprotected(entries[0])
    disclosures = _disclosures(header)
    key_binding = header.get("kb_jwt")
    if "kb_jwt" in header and type(key_binding) is not str:
        raise MalformedSdJwt("kb_jwt is no text")
    first, *others = (_compact(entry, document) for entry in entries)
    parsed = (SdJwt(first, disclosures, key_binding), *(SdJwt(text, disclosures) for text in others))
    for entry, sd_jwt in zip(entries, parsed, strict=True):
        if not _unprotected(entry).keys().isdisjoint(sd_jwt.issuer_jws.header.parameters):  # RFC 7515, 4
            raise MalformedSdJwt("a header parameter stands in both headers")
    return parsed


def _header(sd_jwt: SdJwt) -> dict[str, Any]:
    header: dict[str, Any] = {"disclosures": list(sd_jwt.disclosures)}
    return header if sd_jwt.key_binding is None else header | {"kb_jwt": sd_jwt.key_binding}


def _entries(document: dict[str, Any]) -> list[Any]:
    if "signatures" not in document:
        return [document]
    entries = document["signatures"]
    if type(entries) is not list or not 0 < len(entries) <= MAX_SIGNATURES:
        raise MalformedSdJwt(f"signatures is no array of 1 to {MAX_SIGNATURES} entries")
    if not all(type(entry) is dict for entry in entries) or "signature" in document:  # RFC 7515, 7.2.1
        raise MalformedSdJwt("document is neither of the flattened nor of the general form")
    return entries


def _unprotected(entry: dict[str, Any]) -> dict[str, Any]:
    header = entry.get("header", {})
    if type(header) is not dict or not _NEVER_UNPROTECTED.isdisjoint(header):
        raise MalformedSdJwt("an unprotected header is no object, or holds what must be protected")
    return header


def _disclosures(header: dict[str, Any]) -> tuple[str, ...]:
    disclosures = header.get("disclosures", [])
    if type(disclosures) is not list or not all(type(item) is str and _is_part(item) for item in disclosures):
        raise MalformedSdJwt("disclosures is no array of base64url texts")
    if len(disclosures) > MAX_DISCLOSURES:
        raise TooManyDisclosures(f"more disclosures than the limit of {MAX_DISCLOSURES}")
    return tuple(disclosures)


def _compact(entry: dict[str, Any], document: dict[str, Any]) -> str:
    parts = (entry.get("protected"), document.get("payload"), entry.get("signature"))
    if not all(type(part) is str and _is_part(part) for part in parts):
        raise MalformedSdJwt("protected, payload or signature is no base64url text")
    return ".".join(parts)  # type: ignore[arg-type]


def _is_part(text: str) -> bool:
    # What is joined by "." and "~" must hold neither; the alphabet itself is checked where the part is decoded.
    return bool(text) and text.isascii() and "." not in text and "~" not in text
