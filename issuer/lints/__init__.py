"""Lints: what a draft must satisfy before anything is signed, a module for each rule book.

A lint gets the draft of one document and gives the problems that it finds. It has a name, ``<rule book>.<lint>``, by
which a profile may skip it; a failing one stops the issue.
"""

from collections.abc import Iterable, Mapping

from issuer.documents import Document
from issuer.errors import Problem
from issuer.lints import national, policy, sd_cwt, sd_jwt_vc, vcdm2
from issuer.lints.model import Lint

LINTS: Mapping[str, Lint] = {
    f"{book}.{name}": lint
    for book, module in (
        ("sd_jwt_vc", sd_jwt_vc),
        ("vcdm2", vcdm2),
        ("sd_cwt", sd_cwt),
        ("national", national),
        ("policy", policy),
    )
    for name, lint in module.LINTS.items()
}
"""Every lint by its name."""


def lint(draft: Document, *, skip: Iterable[str] = ()) -> tuple[Problem, ...]:
    """Return what every lint but those of ``skip`` finds; ``rule`` of a problem is the lint's name."""
    skipped = frozenset(skip)
    return tuple(
        Problem(finding.field, name, finding.message_zh, finding.message_en)
        for name, each in LINTS.items()
        if name not in skipped
        for finding in each(draft)
    )
