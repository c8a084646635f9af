"""Enveloped credentials and presentations (VCDM 2.0, 4.13.1 and 4.13.2): a secured document inside a data: URL.

member = enveloped.wrap("application/vc+jwt", text)     # {"type": "EnvelopedVerifiableCredential", "id": "data:..."}
enveloped.read(member, Kind.CREDENTIAL)                 # Envelope("application/vc+jwt", "eyJ...")
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schemas.formats.vc_jose_cose.errors import EnvelopeInvalid
from schemas.formats.vc_jose_cose.kinds import Kind
from schemas.formats.vc_model import CONTEXT

TYPES = {Kind.CREDENTIAL: "EnvelopedVerifiableCredential", Kind.PRESENTATION: "EnvelopedVerifiablePresentation"}
OLD_JWT = "application/jwt"
"""VCDM 1.1 as JWT, of either kind."""
_BASE64 = ";base64"


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a data: URL holds: a media type without parameters, and the text as it stands there."""

    media_type: str
    text: str

    def octets(self) -> bytes:
        """Return what the text encodes in base64, padded or not; raises EnvelopeInvalid."""
        return base64_decode(self.text)


def media_types(kind: Kind) -> frozenset[str]:
    """Return the media types that an envelope of ``kind`` may hold."""
    return frozenset({f"application/{kind.jwt}", f"application/{kind.sd_jwt}", kind.cose, OLD_JWT})


def wrap(media_type: str, secured: str | bytes, *, kind: Kind = Kind.CREDENTIAL) -> dict[str, Any]:
    """Return the enveloped object of a secured document; bytes (COSE) go into base64.

    Raises:
        EnvelopeInvalid: ``media_type`` is none of ``kind``.
    """
    if media_type not in media_types(kind):
        raise EnvelopeInvalid("media type is not one of an enveloped document")
    encoded = secured if isinstance(secured, str) else base64.b64encode(secured).decode("ascii").rstrip("=")
    parameter = "" if isinstance(secured, str) else _BASE64
    return {"@context": CONTEXT, "type": TYPES[kind], "id": f"data:{media_type}{parameter},{encoded}"}


def is_enveloped(value: Any, kind: Kind = Kind.CREDENTIAL) -> bool:
    """Tell whether ``value`` calls itself an enveloped object of ``kind``."""
    types = value.get("type") if isinstance(value, Mapping) else None
    return TYPES[kind] in (types if type(types) is list else [types])


def read(value: Any, kind: Kind = Kind.CREDENTIAL) -> Envelope:
    """Return what an enveloped object holds; nothing of it is verified.

    Raises:
        EnvelopeInvalid: no object of this type with VCDM 2.0's context, or ``id`` is no data: URL of one.
    """
    if not is_enveloped(value, kind):
        raise EnvelopeInvalid(f"type does not hold {TYPES[kind]}")
    contexts = value.get("@context")
    if CONTEXT not in (contexts if type(contexts) is list else [contexts]):
        raise EnvelopeInvalid(f"@context does not hold {CONTEXT}")
    return read_url(value.get("id"), kind)


def read_url(url: Any, kind: Kind = Kind.CREDENTIAL) -> Envelope:
    """Return what a data: URL (RFC 2397) holds; raises EnvelopeInvalid for anything but a secured document."""
    scheme, found, text = url.partition(",") if type(url) is str else ("", "", "")
    if not found or not scheme.startswith("data:"):
        raise EnvelopeInvalid("id is no data: URL")
    media_type = scheme[5:].removesuffix(_BASE64)
    if media_type not in media_types(kind):
        raise EnvelopeInvalid("id is no data: URL of a secured document")
    if (media_type == kind.cose) != scheme.endswith(_BASE64):
        raise EnvelopeInvalid("id is in base64 where it should not be, or the other way round")
    return Envelope(media_type, text)


def base64_decode(text: str) -> bytes:
    """Return the bytes of base64 in the standard alphabet, padding and white space at the ends left out or not.

    Raises:
        EnvelopeInvalid: it is not that.
    """
    stripped = text.strip().rstrip("=")
    if not re.fullmatch(r"[A-Za-z0-9+/]*", stripped) or len(stripped) % 4 == 1:
        raise EnvelopeInvalid("text is not base64")
    return base64.b64decode(stripped + "=" * (-len(stripped) % 4))
