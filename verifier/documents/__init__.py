"""Presentations taken apart (step 1) and believed (steps 3, 4 and 8): one module a format, one shape for the rules.

The form of the text tells the format, and ``typ`` the rest:

    {…}         a JSON document: Data Integrity, alone or in a presentation; or an envelope around one of the others
    …~…         SD-JWT: dc+sd-jwt, vc+sd-jwt, vp+sd-jwt
    a.b.c       JWT: vc+jwt, vp+jwt, and VCDM 1.1's JWT with ``vc`` or ``vp``
    base64url   CBOR: SD-CWT, alone or in a Key Binding Token; vc+cose
    ZK1:…       the same CBOR as a QR code carries it
"""

from typing import Any

from keys import jws, strict_json
from keys.encoding import b64url_decode
from keys.errors import TooLarge
from schemas.formats.cose import sign1
from schemas.formats.errors import WrongType
from schemas.formats.sd_jwt import SdJwt
from schemas.formats.vc_jose_cose import enveloped
from schemas.formats.vc_jose_cose.kinds import Kind
from schemas.formats.vc_jose_cose.presentations import TYPE as PRESENTATION
from verifier.documents import (
    data_integrity,
    jwt_vc_json,
    presentations,
    sd_cwt,
    sd_jwt_vc,
    vc_cose,
    vc_jwt,
    vc_sd_jwt,
)
from verifier.documents.common import Credential, Document, Selector

__all__ = ["Credential", "Document", "Selector", "open_document"]

_OLD_TYPES = ("JWT", None)
_VC_SD_JWT, _VP_SD_JWT = Kind.CREDENTIAL.sd_jwt, Kind.PRESENTATION.sd_jwt
_QR_PREFIX = "ZK1:"


def open_document(text: str, *, max_bytes: int) -> Document:
    """Take a presentation apart.

    Raises:
        TooLarge: longer than ``max_bytes``.
        FormatError, MalformedToken, ForbiddenHeader, AlgorithmNotAllowed: by the rule that is broken.
    """
    if len(text) > max_bytes:
        raise TooLarge(f"presentation has {len(text)} characters, limit {max_bytes}")
    if text.startswith("{"):
        return _of_json(strict_json.loads_object(text.encode("utf-8", "replace")))
    if "~" in text:
        return _of_sd_jwt(text)
    if text.startswith(_QR_PREFIX):
        return _of_cbor(_unpacked(text))
    return _of_jwt(text) if "." in text or not text else _of_cbor(b64url_decode(text))


def _of_sd_jwt(text: str) -> Document:
    shown = SdJwt.parse(text)
    typ = shown.issuer_jws.header.typ
    if typ == _VC_SD_JWT:
        return vc_sd_jwt.open_document(text)
    if typ == _VP_SD_JWT:
        return presentations.of_sd_jwt(text, _inside)
    return sd_jwt_vc.open_document(shown)


def _of_jwt(text: str) -> Document:
    peeked = jws.peek(text, max_bytes=len(text))
    typ = peeked.header.typ
    if typ == Kind.PRESENTATION.jwt:
        return presentations.of_jwt(text, _inside)
    if typ not in _OLD_TYPES:
        return vc_jwt.open_document(text, peeked)
    # VCDM 1.1, 6.3.1: the same typ for both; the claim tells which.
    if Kind.PRESENTATION.value in peeked.peek_claims():
        return presentations.of_old_jwt(text, _inside)
    return jwt_vc_json.open_document(text)


def _of_cbor(data: bytes) -> Document:
    typ = sign1.peek(data).header.typ
    if typ == Kind.CREDENTIAL.cose:
        return vc_cose.open_document(data)
    if typ == Kind.PRESENTATION.cose:
        raise WrongType("a presentation in COSE says neither audience nor moment")
    return sd_cwt.open_document(data)


def _of_json(document: dict[str, Any]) -> Document:
    for kind in Kind:
        if enveloped.is_enveloped(document, kind):
            return _of_envelope(enveloped.read(document, kind))
    if _is_presentation(document):
        return presentations.of_data_integrity(document, _inside)
    return data_integrity.open_document(document, bare=True)


def _of_envelope(envelope: enveloped.Envelope) -> Document:
    if envelope.media_type in (Kind.CREDENTIAL.cose, Kind.PRESENTATION.cose):
        return _of_cbor(envelope.octets())
    return _of_sd_jwt(envelope.text) if "~" in envelope.text else _of_jwt(envelope.text)


def _inside(credential: Any) -> Document:
    """Take the credential of a presentation apart: a presentation inside a presentation is not one."""
    if type(credential) is str:
        return jwt_vc_json.open_document(credential)
    if enveloped.is_enveloped(credential):
        found = _of_envelope(enveloped.read(credential))
        if isinstance(found, presentations.PresentedDocument):
            raise WrongType("a presentation holds another presentation")
        return found
    return data_integrity.open_document(credential, bare=False)


def _is_presentation(document: dict[str, Any]) -> bool:
    types = document.get("type")
    return PRESENTATION in (types if type(types) is list else [types])


def _unpacked(text: str) -> bytes:
    from schemas.qr import text as qr_text  # the dictionaries are read only when a code is

    return b64url_decode(qr_text.decode(text).token)
