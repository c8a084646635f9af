"""Bulk runs: every good row once, every bad row in the report, the same again after a crash."""

import csv
import tracemalloc
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from issuer.bulk import BulkRun, ErrorReport, Summary, open_records
from issuer.errors import StatusListFull
from schemas import types

KIND = types.certificate_type("household_register")
PRIMES = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643: the weights 2^(17-i) mod 11


def member(number: int) -> dict[str, Any]:
    """Return the claims of the ``number``-th fictional member of a household."""
    claims = {field.name: field.example for field in KIND.fields if field.example is not None and not field.derivation}
    digits = f"44079919900307{number % 1000:03}"
    check = "10X98765432"[sum(int(digit) * weight for digit, weight in zip(digits, PRIMES, strict=True)) % 11]
    sex = "1" if int(digits[16]) % 2 else "2"
    born = {"birth_date": "1990-03-07"}
    return claims | born | {"id_number": digits + check, "gender": sex, "member_name": f"示例{number}"}


@dataclass
class Bench:
    """A file, its report, and a run over them."""

    desk: Any
    folder: Path
    batch: int = 500

    def write(self, *records: dict[str, Any]) -> Path:
        path = self.folder / "records.jsonl"
        path.write_bytes(b"".join(orjson.dumps(record) + b"\n" for record in records))
        return path

    def run(self, *records: dict[str, Any], preview: bool = False, progress: Any = None) -> Summary:
        opened = open_records(self.write(*records) if records else self.folder / "records.jsonl", KIND)
        bulk = BulkRun(self.desk.issuer, self.desk.directory, self.batch)
        with ErrorReport(self.folder / "errors.csv") as report:
            return (bulk.check if preview else bulk.run)(opened, report, progress=progress)

    def reported(self) -> list[tuple[str, str, str]]:
        with (self.folder / "errors.csv").open(encoding="utf-8-sig", newline="") as file:
            return [(row["row"], row["field"], row["rule"]) for row in csv.DictReader(file)]


@pytest.fixture
def bench(desk: Any, tmp_path: Path) -> Bench:
    return Bench(desk, tmp_path)


def test_every_good_row_is_issued(bench: Bench) -> None:
    assert bench.run(*map(member, range(5))) == Summary(issued=5)
    assert len(bench.desk.delivery.arrived) == 10
    assert bench.reported() == []


def test_nothing_is_issued_for_a_bad_row(bench: Bench) -> None:
    bad = member(2) | {"gender": "7"}
    assert bench.run(member(1), bad, member(3)) == Summary(issued=2, refused=1)
    assert bench.reported() == [("2", "gender", "code_list")]


def test_no_holder_is_made_for_a_bad_row(bench: Bench) -> None:
    bench.run(member(2) | {"gender": "7"})
    assert bench.desk.directory.holders == {}


def test_every_problem_of_a_row_is_reported(bench: Bench) -> None:
    bench.run(member(1) | {"gender": "7", "member_name": "", "nonsense": 1})
    assert {row[2] for row in bench.reported()} == {"code_list", "required", "unknown_field"}


def test_a_report_holds_no_value(bench: Bench) -> None:
    bench.run(member(1) | {"id_number": "440799199003070119", "gender": "secret"})
    text = (bench.folder / "errors.csv").read_text(encoding="utf-8-sig")
    assert "440799" not in text
    assert "secret" not in text


def test_a_report_speaks_both_languages(bench: Bench) -> None:
    bench.run(member(1) | {"member_name": ""})
    line = (bench.folder / "errors.csv").read_text(encoding="utf-8-sig").splitlines()[1]
    label = KIND.by_name["member_name"]
    assert line == f"1,member_name,required,{label.label_zh}: 必填,{label.label_en} is required"


def test_a_report_opens_in_a_spreadsheet(bench: Bench) -> None:
    bench.run(member(1))
    assert (bench.folder / "errors.csv").read_bytes().startswith(b"\xef\xbb\xbfrow,field,rule,")


def test_a_second_run_issues_nothing_new(bench: Bench) -> None:
    records = [member(number) for number in range(3)]
    assert bench.run(*records) == Summary(issued=3)
    assert bench.run(*records) == Summary(repeated=3)
    assert len(bench.desk.delivery.arrived) == 6


def test_a_row_twice_in_a_file_is_issued_once(bench: Bench) -> None:
    assert bench.run(member(1), member(1)) == Summary(issued=1, repeated=1)


def test_members_of_one_household_are_different_certificates(bench: Bench) -> None:
    assert member(1)["household_number"] == member(2)["household_number"]
    assert bench.run(member(1), member(2)) == Summary(issued=2)


def test_a_changed_row_with_a_known_number_is_a_conflict_of_its_own(bench: Bench) -> None:
    bench.run(member(1))
    changed = member(1) | {"member_name": "示例改名"}
    assert bench.run(member(2), changed, member(3)) == Summary(issued=2, refused=1)
    assert bench.reported() == [("2", "row_key", "row_key_conflict")]


def test_a_row_key_of_its_own_makes_another_certificate(bench: Bench) -> None:
    bench.run(member(1))
    assert bench.run(member(1) | {"row_key": "R-2"}) == Summary(issued=1)


class Crash(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("method", ["record_intents", "record_issued", "mark_delivered"])
@pytest.mark.parametrize("after", [False, True])
def test_a_killed_run_is_started_again(bench: Bench, monkeypatch: pytest.MonkeyPatch, method: str, after: bool) -> None:
    bench.batch = 2
    ledger, work, calls = bench.desk.ledger, getattr(bench.desk.ledger, method), [0]

    def end(*args: Any) -> Any:
        calls[0] += 1
        done = work(*args) if after or calls[0] < 2 else None
        if calls[0] == 2:
            raise Crash
        return done

    monkeypatch.setattr(ledger, method, end)
    with pytest.raises(Crash):
        bench.run(*map(member, range(6)))
    monkeypatch.undo()
    summary = bench.run()
    bench.desk.issuer.resume(min_age=timedelta(0))
    assert summary.issued + summary.repeated == 6
    assert len(ledger._certificates) == 6
    assert len(bench.desk.delivery.arrived) == 12


def test_progress_is_told_after_each_batch(bench: Bench) -> None:
    bench.batch = 2
    told: list[tuple[int, int]] = []
    bench.run(*map(member, range(5)), progress=lambda done, total: told.append((done, total)))
    assert told == [(2, 5), (4, 5), (5, 5)]


def test_a_batch_is_one_transaction(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.batch, work, sizes = 2, bench.desk.ledger.record_intents, []
    monkeypatch.setattr(bench.desk.ledger, "record_intents", lambda each: (sizes.append(len(each)), work(each))[1])
    bench.run(*map(member, range(5)))
    assert sizes == [2, 2, 1]


def test_a_preview_issues_nothing(bench: Bench) -> None:
    told: list[tuple[int, int]] = []
    bench.batch = 2
    records = (member(1), member(2) | {"gender": "7"}, member(3))
    summary = bench.run(*records, preview=True, progress=lambda done, total: told.append((done, total)))
    assert summary == Summary(issued=2, refused=1)
    assert bench.reported() == [("2", "gender", "code_list")]
    assert told == [(2, 3), (3, 3)]
    assert (bench.desk.directory.holders, bench.desk.ledger.unfinished(limit=1)) == ({}, [])


def test_a_preview_without_a_listener_reports_as_well(bench: Bench) -> None:
    bench.run(member(1) | {"gender": "7"}, preview=True)
    assert bench.reported() == [("1", "gender", "code_list")]


def test_a_preview_finds_a_certificate_that_has_ended(bench: Bench) -> None:
    claims = bench.desk.claims(term_to="2026-03-01")
    found = bench.desk.issuer.problems("business_licence", claims)
    assert [each.rule for each in found] == ["expired"]


def csv_line(claims: dict[str, Any]) -> str:
    return ",".join(f'"{value}"' for value in claims.values()) + "\n"


def run_csv(bench: Bench, *rows: dict[str, Any], encoding: str = "utf-8") -> Summary:
    path = bench.folder / "records.csv"
    path.write_text(",".join(rows[0]) + "\n" + "".join(map(csv_line, rows)), encoding=encoding)
    with ErrorReport(bench.folder / "errors.csv") as report:
        return BulkRun(bench.desk.issuer, bench.desk.directory).run(open_records(path, KIND), report)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_table_is_issued(bench: Bench, encoding: str) -> None:
    assert run_csv(bench, member(1), member(2), encoding=encoding) == Summary(issued=2)


def test_a_damaged_cell_is_named_once_by_what_happened_to_it(bench: Bench) -> None:
    damaged = member(1) | {"id_number": "4.40799E+17", "gender": "7"}
    assert run_csv(bench, damaged, member(2)) == Summary(issued=1, refused=1)
    assert bench.reported() == [("2", "id_number", "spreadsheet_scientific"), ("2", "gender", "code_list")]


def test_a_number_cut_to_fifteen_digits_is_named_as_such(bench: Bench) -> None:
    run_csv(bench, member(1) | {"id_number": "440799199003070000"})
    assert bench.reported() == [("2", "id_number", "spreadsheet_precision")]


def test_a_broken_row_is_named_once(bench: Bench) -> None:
    path = bench.folder / "records.csv"
    path.write_text(",".join(member(1)) + "\nx,y\n", encoding="utf-8")
    with ErrorReport(bench.folder / "errors.csv") as report:
        BulkRun(bench.desk.issuer, bench.desk.directory).run(open_records(path, KIND), report)
    assert bench.reported() == [("2", "-", "row_form")]


def test_what_stops_the_run_is_raised(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: Any) -> None:
        raise StatusListFull("no index is left")

    monkeypatch.setattr(bench.desk.ledger, "record_intents", full)
    with pytest.raises(StatusListFull):
        bench.run(member(1))


def test_rows_do_not_pile_up_in_memory(bench: Bench) -> None:
    """4 MB of bad rows: reading and reporting them takes no more memory than a batch."""
    path = bench.write(*([{"nonsense": "x" * 4000}] * 1000))
    opened = open_records(path, KIND)
    bulk = BulkRun(bench.desk.issuer, bench.desk.directory, 20)
    with ErrorReport(bench.folder / "first.csv") as report:
        bulk.run(opened, report)  # what is loaded once is not counted
    tracemalloc.start()
    with ErrorReport(bench.folder / "errors.csv") as report:
        bulk.run(opened, report)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000 < path.stat().st_size


def test_a_blank_more_in_the_next_export_is_no_other_certificate(bench: Bench) -> None:
    bench.run(member(11))
    assert bench.run(member(11) | {"id_number": f" {member(11)['id_number']} "}) == Summary(repeated=1)
