"""Texts of claims: NFC, without blanks at their ends; names compared on the normalized form (ADR 6).

NFC keeps the dot ``·`` of names such as 阿依古丽·示例 and every character of GB 18030 that is not a compatibility
ideograph; those become the unified ideograph that Unicode gives them.
"""

import unicodedata
from collections.abc import Mapping
from typing import Any

MAX_DEPTH = 8
"""Levels of claims that are normalized; a type's own nest 3 deep."""
_SHORT = 1_000  # characters; up to here any heap is put in order in a millisecond
_MAX_MARKS = 30  # Unicode Standard Annex 15, 13: no text of any language heaps more
# Look-alikes of U+00B7 that keyboards and old systems write between the parts of a name.
_DOTS = str.maketrans(dict.fromkeys("•‧∙⋅・･．", "·"))


def normalise_text(text: str) -> str:
    """Return the text in NFC without blanks at its ends; a long one with heaps of combining marks stays as it is."""
    return _nfc(text).strip()


def normalise_value(value: Any, *, depth: int = MAX_DEPTH) -> Any:
    """Return JSON data with every text normalized; members that are None or empty texts are left out.

    What nests deeper than ``depth`` stays as it is: no type has such a claim, so it is refused.
    """
    if isinstance(value, str):
        return normalise_text(value)
    if depth and isinstance(value, Mapping):
        pairs = ((name, normalise_value(member, depth=depth - 1)) for name, member in value.items())
        return {name: member for name, member in pairs if member is not None and member != ""}
    if depth and isinstance(value, list | tuple):
        return [normalise_value(member, depth=depth - 1) for member in value]
    return value


def same_name(first: str, second: str) -> bool:
    """Whether two names are the same person's or body's: NFC, one kind of dot, blanks and letter case passed over."""
    return _comparable(first) == _comparable(second)


def _nfc(text: str) -> str:
    return text if len(text) > _SHORT and _heaped(text) else unicodedata.normalize("NFC", text)


def _heaped(text: str) -> bool:
    """Tell whether combining marks stand in a row of more than ``_MAX_MARKS``: putting them in order is quadratic."""
    row = 0
    for character in text:
        row = row + 1 if unicodedata.combining(character) else 0
        if row > _MAX_MARKS:
            return True
    return False


def _comparable(name: str) -> str:
    text = _nfc(name).translate(_DOTS)
    return "".join(text.split()).casefold()
