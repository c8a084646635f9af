"""The three plain pages: a wallet, a counter, the list of types. Templates and scripts without a build step.

They are made to be replaced by ``web/``. No page has personal data in it: a page is the same for everybody, and its
script asks the API with the token that stays in the tab.
"""

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from schemas.catalogue import CertificateType, Disclosure, Field
from schemas.types import all_types, code_list, department

FOLDER = Path(str(files("ecert.pages")))
STATIC = FOLDER / "static"
PAGES = (
    ("/wallet", "我的证照", "My certificates"),
    ("/counter", "窗口核验", "Counter"),
    ("/types", "证照类型", "Types"),
)
_SHOWN = {
    Disclosure.ALWAYS: ("随证出示", "always"),
    Disclosure.SELECTIVE: ("本人选择", "holder's choice"),
    Disclosure.DERIVED_SELECTIVE: ("推导 · 本人选择", "derived, holder's choice"),
}


@cache
def _environment() -> Environment:
    return Environment(loader=FileSystemLoader(FOLDER / "templates"), autoescape=True, undefined=StrictUndefined)


def render(name: str, /, **values: Any) -> bytes:
    """Return the page ``name`` (``wallet``, ``counter``, ``home``, ``docs``) as HTML in UTF-8."""
    return _environment().get_template(f"{name}.html").render(page=name, pages=PAGES, **values).encode()


@cache
def types_page() -> bytes:
    """Return the page of the certificate types; it changes with the program only."""
    return render("types", types=[_type(ctype) for ctype in all_types()])


def _type(ctype: CertificateType) -> dict[str, Any]:
    office = department(ctype.department)
    words = (ctype.id, ctype.name_zh, ctype.name_en, office.name_zh, office.name_en)
    return {
        "id": ctype.id,
        "name_zh": ctype.name_zh,
        "name_en": ctype.name_en,
        "department_zh": office.name_zh,
        "department_en": office.name_en,
        "legal_basis": ctype.legal_basis,
        "words": " ".join(words).lower(),
        "fields": [_field(field) for field in ctype.fields],
    }


def _field(field: Field) -> dict[str, Any]:
    zh, en = _SHOWN[field.disclosure]
    return {
        "label_zh": field.label_zh,
        "label_en": field.label_en,
        "shown_zh": zh,
        "shown_en": en,
        "sensitive": field.sensitive,
        "example": _example(field),
    }


def _example(field: Field) -> str:
    value = field.example
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "；".join(" ".join(map(str, item.values())) if isinstance(item, dict) else str(item) for item in value)
    text = "" if value is None else str(value)
    if field.code_list and text:
        return f"{text} {code_list(field.code_list).values.get(text, '')}".strip()
    return text if len(text) <= 80 else text[:77] + "…"
