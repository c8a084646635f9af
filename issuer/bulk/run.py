"""Issuing a file of records: in batches, nothing for a bad row, the same again for a row that was issued before.

1. read a batch of rows
2. resolve the holders and prepare each; what is wrong with a row goes to the report
3. issue the good ones together (one transaction for the intents, one for the signatures)
4. where the batch as a whole is refused, issue row by row, so that only the row at fault is left out

Every row has a row key: its own, or the keyed hash of its certificate and holder numbers. So a run that was killed is
simply started again: rows that were issued come back as they are, the others are issued.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from issuer.bulk.cells import lost_digits
from issuer.bulk.reading import Records, Row
from issuer.bulk.report import ErrorReport
from issuer.errors import OrderRefused, Problem, RowKeyConflict
from issuer.issuing import Issued, Issuer
from issuer.ports import HolderDirectory
from issuer.prepare import Prepared
from schemas.validation import normalise

BATCH = 500  # rows of one group commit
Progress = Callable[[int, int], None]
"""Called after each batch with the rows done and the rows in all."""
CONFLICT = Problem(
    "row_key",
    "row_key_conflict",
    "该行键(或证照编号)已用于内容不同的证照;更正请用“变更”,不同证照请另给 row_key",
    "the row key or number was used for a certificate with another content; replace that one, or give another row_key",
)


@dataclass(frozen=True, slots=True)
class Summary:
    """How a run ended, in rows: newly issued, issued by an earlier run (or an earlier row), refused."""

    issued: int = 0
    repeated: int = 0
    refused: int = 0

    @property
    def done(self) -> int:
        """Rows that were gone through."""
        return self.issued + self.repeated + self.refused


@dataclass(frozen=True, slots=True)
class _Ready:
    row: Row
    prepared: Prepared


@dataclass(frozen=True, slots=True)
class BulkRun:
    """With what a file is issued: the issuer, the holders, the batch size."""

    issuer: Issuer
    directory: HolderDirectory
    batch: int = BATCH

    def run(self, records: Records, report: ErrorReport, *, progress: Progress | None = None) -> Summary:
        """Issue every good row; a row at fault is in ``report`` and changes nothing.

        Memory holds one batch. Raises what stops the whole run: StatusListFull, and what the ports raise.
        """
        summary = Summary()
        rows = iter(records)
        while batch := list(islice(rows, self.batch)):
            summary = self._batch(batch, records, report, summary)
            report.flush()
            if progress:
                progress(summary.done, records.total)
        return summary

    def check(self, records: Records, report: ErrorReport, *, progress: Progress | None = None) -> Summary:
        """Look at every row as ``run`` does and issue nothing: a preview. No holder is made.

        ``issued`` counts the rows that could be issued; whether a row key was used before is not asked.
        """
        good = refused = 0
        for row in records:
            problems = row_problems(self.issuer, row, records)
            report.add(row.number, problems)
            good, refused = (good, refused + 1) if problems else (good + 1, refused)
            if progress and (good + refused) % self.batch == 0:
                progress(good + refused, records.total)
        report.flush()
        if progress:
            progress(good + refused, records.total)
        return Summary(issued=good, refused=refused)

    def _batch(self, rows: Sequence[Row], records: Records, report: ErrorReport, before: Summary) -> Summary:
        ready = list(self._ready(rows, records, report))
        refused = len(rows) - len(ready)
        try:
            issued = self.issuer.issue_all([each.prepared for each in ready])
        except RowKeyConflict:
            issued, conflicts = self._one_by_one(ready, report)
            refused += conflicts
        repeated = sum(each.repeated for each in issued)
        return Summary(before.issued + len(issued) - repeated, before.repeated + repeated, before.refused + refused)

    def _ready(self, rows: Sequence[Row], records: Records, report: ErrorReport) -> Iterator[_Ready]:
        kind = records.certificate_type
        for row in rows:
            if row.problems:
                report.add(row.number, row_problems(self.issuer, row, records))
                continue
            try:
                order = self.issuer.order_for(
                    kind.id, row.claims, self.directory, row_key=row_key_of(self.issuer, row, records)
                )
                yield _Ready(row, self.issuer.prepare(order))
            except OrderRefused as refusal:
                report.add(row.number, explained(refusal.problems, row, records))

    def _one_by_one(self, ready: Sequence[_Ready], report: ErrorReport) -> tuple[list[Issued], int]:
        issued = []
        for each in ready:
            try:
                issued += self.issuer.issue_all([each.prepared])
            except RowKeyConflict:
                report.add(each.row.number, [CONFLICT])
        return issued, len(ready) - len(issued)


def row_problems(issuer: Issuer, row: Row, records: Records) -> Sequence[Problem]:
    """Return everything that is wrong with a row: its cells, and what the claims that could be read break."""
    broken = {problem.field for problem in row.problems}
    if "-" in broken:
        return row.problems
    found = explained(issuer.problems(records.certificate_type.id, row.claims), row, records)
    # A cell that could not be read is missing for the validation: it is named once, by what happened to it.
    return [*row.problems, *(problem for problem in found if problem.field not in broken)]


def row_key_of(issuer: Issuer, row: Row, records: Records) -> str:
    """Return a row's key: its own, or the keyed hash of its certificate and holder numbers."""
    if row.row_key is not None:
        return row.row_key
    kind = records.certificate_type
    # A household's number stands on the page of every member: the holders' numbers tell them apart.
    names = (kind.number_field, *(rule.code for rule in kind.holders if rule.each is None))
    # In normal form, as they are signed: a blank more in the next export is no other certificate.
    numbers = normalise(kind, {name: row.claims.get(name) for name in names})
    return issuer.row_key(kind.id, *(str(numbers.get(name, "")) for name in names))


def explained(problems: Sequence[Problem], row: Row, records: Records) -> list[Problem]:
    """Put the word for lost digits in place of a check that failed because a spreadsheet cut the number."""
    return [_lost(problem, row, records) or problem for problem in problems]


def _lost(problem: Problem, row: Row, records: Records) -> Problem | None:
    field = records.certificate_type.by_name.get(problem.field)
    value = row.claims.get(problem.field)
    return lost_digits(field, value) if field is not None and isinstance(value, str) else None
