"""A type's card as an SVG template (draft-ietf-oauth-sd-jwt-vc-12, "SVG rendering"), size of an identity card (ID-1).

Placeholders ``{{svg_id}}`` stand in text content only. No script, no link, no image, no style sheet: nothing that a
viewer would fetch or run.
"""

from dataclasses import dataclass
from xml.sax.saxutils import escape

from schemas.catalogue import CertificateType, Field, Kind
from schemas.types import department

LOCALES = ("zh-CN", "en")
"""The languages of cards and labels, Chinese first."""
WIDTH, HEIGHT = 856, 540
_FONT = "Noto Sans SC, Source Han Sans SC, PingFang SC, Microsoft YaHei, sans-serif"
_MAX_FIELDS = 8
_LONG = (
    "address",
    "scope",
    "location",
    "note",
    "notes",
    "record",
    "remarks",
    "residence",
    "domicile",
    "use_term",
    "other_rights",
    "qualification_number",
)
_SHOWN = frozenset({Kind.STRING, Kind.DATE, Kind.DATE_OR_LONG_TERM})


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours of a card, ``#RRGGBB``; ink on background has a contrast of at least 4.5 (WCAG 2.2, 1.4.3)."""

    background: str
    shade: str
    ink: str
    accent: str


_BLUE = Palette("#EAF2FB", "#CFE1F5", "#12304F", "#1F5FA8")
_RED = Palette("#FCEFEF", "#F6D6D6", "#4A1518", "#A8262E")
_GREEN = Palette("#EDF7F0", "#D0EAD9", "#123B26", "#17673E")
_GOLD = Palette("#FBF6E9", "#F2E4BF", "#40310A", "#74530A")
_TEAL = Palette("#E9F6F7", "#C9E8EA", "#0E3A40", "#125F66")
_PALETTES = {
    "psb": _BLUE,
    "mca": _RED,
    "dpf": _RED,
    "health": _GREEN,
    "ecology": _GREEN,
    "amr": _GOLD,
    "nr": _TEAL,
    "hud": _TEAL,
}


def palette_of(ctype: CertificateType) -> Palette:
    """Return the colours of a type: those of its department's sector."""
    return _PALETTES.get(ctype.department, _BLUE)


def card_fields(ctype: CertificateType) -> tuple[Field, ...]:
    """Return the fields on a type's card in the type's order: short texts and dates, those of the holder preferred."""
    shown = [member for member in ctype.fields if _fits(member)]
    wanted = {rule.name for rule in ctype.holders} | {rule.code for rule in ctype.holders} | {ctype.number_field}
    wanted |= {name for name in ctype.validity.values() if isinstance(name, str)}
    ranked = sorted(shown, key=lambda member: (member.name not in wanted, not member.required, member.selective))
    chosen = {member.name for member in ranked[:_MAX_FIELDS]}
    return tuple(member for member in shown if member.name in chosen)


def _fits(member: Field) -> bool:
    # A code would show as its number, a long text would run over the edge: SVG does not break lines.
    return member.kind in _SHOWN and member.derivation is None and not member.name.endswith(_LONG)


def svg_card(ctype: CertificateType, locale: str) -> str:
    """Return the SVG template of a type in one of ``LOCALES``."""
    chinese, issuer = locale.startswith("zh"), department(ctype.department)
    title, other = (ctype.name_zh, ctype.name_en) if chinese else (ctype.name_en, ctype.name_zh)
    issuer_name = issuer.name_zh if chinese else issuer.name_en
    described = f"{issuer.name_zh} {issuer.name_en}"
    has_portrait = any(member.name == "photo" for member in ctype.fields)
    palette = palette_of(ctype)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
        f' role="img" aria-labelledby="title desc" lang="{locale}" font-family="{_FONT}">',
        f'<title id="title">{escape(title)} {escape(other)}</title>',
        f'<desc id="desc">{escape(described)}</desc>',
        *_ground(palette),
        f'<text x="48" y="74" font-size="{_fitted(title, 36, 640)}" font-weight="700" fill="{palette.accent}">'
        f"{escape(title)}</text>",
        f'<text x="48" y="106" font-size="{_fitted(other, 17, 640)}" fill="{palette.ink}">{escape(other)}</text>',
        *(_portrait(palette) if has_portrait else ()),
        *_rows(ctype, chinese, palette, 300 if has_portrait else 390),
        f'<text x="48" y="508" font-size="{_fitted(issuer_name, 16, 760)}" fill="{palette.ink}">'
        f"{escape(issuer_name)}</text>",
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _ground(palette: Palette) -> list[str]:
    waves = [
        f'<path d="M-20 {y} C 200 {y - 70}, 420 {y + 70}, 640 {y} S 860 {y - 60}, 900 {y - 10}"/>'
        for y in range(150, 541, 26)
    ]
    return [
        "<defs>"
        '<linearGradient id="ground" x1="0" y1="0" x2="1" y2="1">'
        f'<stop offset="0" stop-color="{palette.background}"/><stop offset="1" stop-color="{palette.shade}"/>'
        "</linearGradient>"
        f'<clipPath id="edge"><rect width="{WIDTH}" height="{HEIGHT}" rx="30"/></clipPath>'
        "</defs>",
        '<g clip-path="url(#edge)" aria-hidden="true">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="url(#ground)"/>',
        f'<g fill="none" stroke="{palette.accent}" stroke-opacity="0.10">',
        *waves,
        "</g>",
        f'<rect width="{WIDTH}" height="10" fill="{palette.accent}"/>',
        f'<path d="M48 126 H {WIDTH - 48}" stroke="{palette.accent}" stroke-opacity="0.45"/>',
        f'<path d="M48 480 H {WIDTH - 48}" stroke="{palette.accent}" stroke-opacity="0.25"/>',
        "</g>",
    ]


def _portrait(palette: Palette) -> list[str]:
    """An empty frame: a placeholder may not stand in an attribute, so a viewer lays the portrait over it."""
    return [
        f'<g aria-hidden="true" fill="{palette.accent}" fill-opacity="0.22">',
        f'<rect x="640" y="152" width="168" height="207" rx="10" fill="{palette.background}" fill-opacity="0.8"'
        f' stroke="{palette.accent}" stroke-opacity="0.4"/>',
        '<circle cx="724" cy="228" r="38"/>',
        '<path d="M656 353 C 656 300, 690 276, 724 276 S 792 300, 792 353 Z"/>',
        "</g>",
    ]


def _rows(ctype: CertificateType, chinese: bool, palette: Palette, column_width: int) -> list[str]:
    fields = card_fields(ctype)
    rows = []
    for place, member in enumerate(fields):
        column, line = divmod(place, 4)
        x, y = 48 + column * column_width, 166 + line * 80
        label = _short(member.label_zh if chinese else member.label_en, column_width - 20)
        size, value_size = _fitted(label, 15, column_width - 20), column_width // 18
        rows += [
            f'<text x="{x}" y="{y}" font-size="{size}" fill="{palette.accent}">{escape(label)}</text>',
            f'<text x="{x}" y="{y + 30}" font-size="{value_size}" fill="{palette.ink}">{{{{{member.name}}}}}</text>',
        ]
    return rows


def _short(label: str, room: int) -> str:
    """Return a label, without what stands in brackets where it would become too small to read."""
    return label if _fitted(label, 15, room) >= 12 else label.partition("(")[0].rstrip()


def _fitted(text: str, size: int, room: int) -> int:
    """Return the font size at which a text fits: a Chinese character is as wide as the size, a Latin one about half."""
    width = sum(1.0 if ord(character) > 0x2E7F else 0.56 for character in text)
    return min(size, int(room / width))
