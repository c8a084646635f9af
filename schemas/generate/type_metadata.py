"""SD-JWT VC type metadata (draft-ietf-oauth-sd-jwt-vc-12, sections 4 to 7) with labels in Chinese and English.

``sd`` is ``always`` or ``never``: the draft recommends to leave nothing to choice.
"""

import base64
import hashlib
from typing import Any

from schemas.catalogue import CertificateType, Field
from schemas.generate.svg_card import LOCALES, palette_of, svg_card
from schemas.types import credential_fields, department


def type_metadata(ctype: CertificateType, *, base: str) -> dict[str, Any]:
    """Return the type metadata document of a type; ``base`` is the public URL that serves its cards."""
    return {
        "vct": ctype.vct,
        "name": f"{ctype.name_zh} {ctype.name_en}",
        "description": ctype.legal_basis,
        "display": [_display(ctype, locale, base) for locale in LOCALES],
        "claims": [claim for member in credential_fields(ctype.id) for claim in _claims(member)],
    }


def card_uri(ctype: CertificateType, locale: str, *, base: str) -> str:
    """Return the address of a type's SVG card."""
    return f"{base}/types/{ctype.id}/{ctype.revision}/card.{locale}.svg"


def _display(ctype: CertificateType, locale: str, base: str) -> dict[str, Any]:
    palette, issuer = palette_of(ctype), department(ctype.department)
    chinese = locale.startswith("zh")
    card = hashlib.sha256(svg_card(ctype, locale).encode()).digest()
    return {
        "locale": locale,
        "name": ctype.name_zh if chinese else ctype.name_en,
        "description": f"颁发机构: {issuer.name_zh}" if chinese else f"Issued by {issuer.name_en}",
        "rendering": {
            "simple": {"background_color": palette.background, "text_color": palette.ink},
            # The draft's prose says svg_template, its example and the implementations svg_templates.
            "svg_templates": [
                {
                    "uri": card_uri(ctype, locale, base=base),
                    "uri#integrity": f"sha256-{base64.b64encode(card).decode()}",
                    "properties": {"orientation": "landscape", "color_scheme": "light", "contrast": "normal"},
                }
            ],
        },
    }


def _claims(member: Field) -> list[dict[str, Any]]:
    claims = [_claim([member.name], member) | {"svg_id": member.name}]
    for inner in (member.items or {}).get("fields", ()):
        # One disclosure holds the whole array: nothing inside is disclosed apart.
        claims.append(_claim([member.name, None, inner.name], inner) | {"sd": "never"})
    return claims


def _claim(path: list[str | None], member: Field) -> dict[str, Any]:
    return {
        "path": path,
        "display": [
            {"locale": "zh-CN", "label": member.label_zh},
            {"locale": "en", "label": member.label_en},
        ],
        "mandatory": member.required and member.derivation is None,
        "sd": "always" if member.selective else "never",
    }
