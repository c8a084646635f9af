"""What a lint is: a function from a draft to its findings."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from issuer.documents import Document


@dataclass(frozen=True, slots=True)
class Finding:
    """What a lint found: the claim or member, and a sentence in two languages that holds no value."""

    field: str
    message_zh: str
    message_en: str


Lint = Callable[[Document], Iterable[Finding]]
