"""The part of docs/verification.md that follows from the code: every check and reason in both languages.

``python -m verifier.reference docs/verification.md`` writes it between its two marks; a test compares it.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from schemas.report_texts import CHECK_NAMES, OUTCOMES, REASONS_BY_CHECK, VERDICTS, Text
from schemas.report_texts_delegation import CHECK, DELEGATION, NAME

BEGIN = "<!-- begin: python -m verifier.reference -->"
END = "<!-- end -->"


def generated() -> str:
    """Return the generated part, marks included."""
    return "\n".join([BEGIN, *_lines(), END])


def replaced(document: str) -> str:
    """Return ``document`` with its generated part as it should be; raises ValueError without the two marks."""
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("document lacks the marks of its generated part")
    return before + generated() + after


def _lines() -> Iterator[str]:
    yield from _table("Verdict", VERDICTS.items())
    yield from _table("Outcome", OUTCOMES.items())
    for number, (check, reasons) in enumerate(REASONS_BY_CHECK.items(), start=1):
        name = CHECK_NAMES[check]
        yield from _reasons(f"{number}. `{check}` {name.zh} {name.en}", reasons)
    yield from _reasons(f"`{CHECK}` {NAME.zh} {NAME.en}, when an agent shows the certificate", DELEGATION)


def _reasons(title: str, reasons: Mapping[str, Text]) -> Iterator[str]:
    yield f"### {title}"
    yield ""
    yield from _table("Reason", ((code, text) for code, text in reasons.items() if code != "not_reached"))


def _table(title: str, rows: Iterable[tuple[str, Text]]) -> Iterator[str]:
    yield f"| {title} | zh | en |"
    yield "| --- | --- | --- |"
    for code, text in rows:
        yield f"| `{code}` | {text.zh} | {text.en} |"
    yield ""


def main(arguments: list[str]) -> int:
    """Rewrite the generated part of the one document named; return the exit code."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m verifier.reference docs/verification.md\n")
        return 3
    path = Path(arguments[0])
    path.write_text(replaced(path.read_text("utf-8")), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
