"""Files of records: encodings, headers, quoting, limits; a file is looked through before the first row is given."""

import codecs
from pathlib import Path
from typing import Any

import orjson
import pytest

from issuer.bulk.reading import FileLimits, Row, open_records
from issuer.errors import FileRefused
from schemas import types

KIND = types.certificate_type("household_register")
EXAMPLE = {field.name: field.example for field in KIND.fields if field.derivation is None and field.required}
NAMES = list(EXAMPLE)


def cell(value: Any) -> str:
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return '"' + text.replace('"', '""') + '"'


def table(*rows: dict[str, Any], names: list[str] = NAMES, header: list[str] | None = None, comma: str = ",") -> str:
    lines = [comma.join(header or names)]
    lines += [comma.join(cell(row.get(name, "")) for name in names) for row in rows]
    return "\r\n".join(lines) + "\r\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "records.csv"


def rows_of(path: Path, content: str | bytes, **limits: int) -> list[Row]:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(open_records(path, KIND, limits=FileLimits(**limits)))


def refusal(path: Path, content: str | bytes, **limits: int) -> str:
    with pytest.raises(FileRefused) as caught:
        rows_of(path, content, **limits)
    return str(caught.value)


def test_a_row_becomes_claims(file: Path) -> None:
    assert rows_of(file, table(EXAMPLE)) == [Row(2, None, EXAMPLE)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_every_encoding_that_departments_use_is_read(file: Path, encoding: str) -> None:
    (row,) = rows_of(file, table(EXAMPLE).encode(encoding))
    assert row.claims == EXAMPLE


def test_a_rare_character_of_gb18030_is_kept(file: Path) -> None:
    named = EXAMPLE | {"member_name": "陈\U00020164·示例"}
    (row,) = rows_of(file, table(named).encode("gb18030"))
    assert row.claims["member_name"] == "陈\U00020164·示例"


@pytest.mark.parametrize("comma", [",", "\t", ";"])
def test_every_separator_that_spreadsheets_write_is_read(file: Path, comma: str) -> None:
    assert rows_of(file, table(EXAMPLE, comma=comma)) == [Row(2, None, EXAMPLE)]


def test_columns_may_be_called_by_their_chinese_labels(file: Path) -> None:
    labels = [KIND.by_name[name].label_zh for name in NAMES]
    assert rows_of(file, table(EXAMPLE, header=labels)) == [Row(2, None, EXAMPLE)]


def test_the_row_key_is_no_claim(file: Path) -> None:
    (row,) = rows_of(file, table(EXAMPLE | {"row_key": "R-7"}, names=[*NAMES, "row_key"]))
    assert (row.row_key, row.claims) == ("R-7", EXAMPLE)


@pytest.mark.parametrize("key", ["R" * 201, "order:7", "proposal:7", "idempotency:7"])
def test_a_row_key_that_is_too_long_or_the_programs_own_is_a_problem(file: Path, key: str) -> None:
    (row,) = rows_of(file, table(EXAMPLE | {"row_key": key}, names=[*NAMES, "row_key"]))
    assert [problem.rule for problem in row.problems] == ["row_key"]


def test_an_empty_cell_is_no_claim(file: Path) -> None:
    (row,) = rows_of(file, table(EXAMPLE | {NAMES[0]: " "}))
    assert NAMES[0] not in row.claims


def test_a_quoted_cell_may_hold_quotes_commas_and_line_ends(file: Path) -> None:
    address = '示例路1号,"甲"座\n二楼'
    (row,) = rows_of(file, table(EXAMPLE | {"household_address": address}))
    assert row.claims["household_address"] == address


def test_empty_lines_are_passed_over_and_counted(file: Path) -> None:
    content = table(EXAMPLE, EXAMPLE).replace("\r\n", "\r\n\r\n" + "," * (len(NAMES) - 1) + "\r\n", 1)
    assert [row.number for row in rows_of(file, content)] == [4, 5]


def test_a_damaged_cell_is_a_problem_of_its_row_alone(file: Path) -> None:
    first, second = rows_of(file, table(EXAMPLE | {"id_number": "4.40799E+17"}, EXAMPLE))
    assert [(problem.field, problem.rule) for problem in first.problems] == [("id_number", "spreadsheet_scientific")]
    assert second.problems == ()


@pytest.mark.parametrize("cells", ["a", "a," * len(NAMES) + "b"])
def test_a_row_that_does_not_fit_the_header_is_a_problem(file: Path, cells: str) -> None:
    (row,) = rows_of(file, table() + cells + "\r\n")
    assert [problem.rule for problem in row.problems] == ["row_form"]


def test_empty_cells_beyond_the_header_do_no_harm(file: Path) -> None:
    (row,) = rows_of(file, table(EXAMPLE).rstrip("\r\n") + ",,\r\n")
    assert row.claims == EXAMPLE


def test_the_number_of_rows_is_known_before_the_first(file: Path) -> None:
    file.write_text(table(EXAMPLE, EXAMPLE, {}), encoding="utf-8")
    assert open_records(file, KIND).total == 2


def test_records_can_be_read_twice(file: Path) -> None:
    file.write_text(table(EXAMPLE), encoding="utf-8")
    records = open_records(file, KIND)
    assert list(records) == list(records)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (codecs.BOM_UTF16_LE + "甲".encode("utf-16-le"), "UTF-16"),
        (b"PK\x03\x04 and so on", "workbook"),
        (b"a,b\n\0,c\n", "NUL bytes"),
        (b"a,b\n\xff\xff\n", "neither utf-8 nor gb18030"),
        (codecs.BOM_UTF8 + b"\xff", "neither utf-8-sig"),
        (b"", "column 1"),
        (table(EXAMPLE, header=["nonsense", *NAMES[1:]]), "in column 1"),
        (table(EXAMPLE, header=[NAMES[1], *NAMES[1:]]), "names a field twice"),
        (table(EXAMPLE, names=NAMES[1:]), f"lacks the columns {NAMES[0]}"),
        (table(EXAMPLE) + '"never ends', "row 3 cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(file: Path, content: str | bytes, word: str) -> None:
    assert word in refusal(file, content)


def test_a_file_without_a_header_is_refused_without_quoting_it(file: Path) -> None:
    """The first line would be somebody's data."""
    lines = table(EXAMPLE).split("\r\n", 1)[1]
    text = refusal(file, lines)
    assert not any(EXAMPLE[name] in text for name in ("id_number", "member_name", "household_address"))


def test_something_that_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="not a file"):
        open_records(tmp_path, KIND)


def test_a_file_that_is_too_large_is_refused(file: Path) -> None:
    assert "limit 10" in refusal(file, table(EXAMPLE), max_bytes=10)


@pytest.mark.parametrize("name", ["records.csv", "records.jsonl"])
def test_a_file_with_too_many_rows_is_refused(tmp_path: Path, name: str) -> None:
    content = table(EXAMPLE, EXAMPLE) if name.endswith("csv") else lines(EXAMPLE, EXAMPLE)
    assert "2 rows, limit 1" in refusal(tmp_path / name, content, max_rows=1)


def test_a_cell_that_is_too_long_is_refused(file: Path) -> None:
    assert "longer than 300" in refusal(file, table(EXAMPLE | {"member_name": "甲" * 400}), max_cell=300)


def test_a_cell_that_is_longer_than_any_table_holds_is_refused(file: Path) -> None:
    assert "cannot be read" in refusal(file, table(EXAMPLE | {"member_name": "甲" * 140_000}))


def test_a_header_that_is_longer_than_any_table_holds_is_refused(file: Path) -> None:
    assert "header cannot be read" in refusal(file, "a" * 140_000)


def test_a_line_that_does_not_end_is_refused(file: Path) -> None:
    assert "longer than 50" in refusal(file, table(EXAMPLE), max_line=50)


def lines(*records: dict[str, Any]) -> str:
    return "".join(orjson.dumps(record).decode() + "\n" for record in records)


@pytest.fixture
def json_file(tmp_path: Path) -> Path:
    return tmp_path / "records.jsonl"


def test_a_json_line_becomes_claims(json_file: Path) -> None:
    content = lines(EXAMPLE, EXAMPLE | {"row_key": "R-7"})
    assert rows_of(json_file, content) == [Row(1, None, EXAMPLE), Row(2, "R-7", EXAMPLE)]


def test_members_of_a_json_line_may_be_called_by_their_labels(json_file: Path) -> None:
    labelled = {KIND.by_name[name].label_zh: value for name, value in EXAMPLE.items()}
    assert rows_of(json_file, lines(labelled)) == [Row(1, None, EXAMPLE)]


def test_an_unknown_member_stays_for_the_validation(json_file: Path) -> None:
    (row,) = rows_of(json_file, lines({"nonsense": 1}))
    assert row.claims == {"nonsense": 1}


@pytest.mark.parametrize("line", ["[]", "nonsense", '{"a": 1, "a": 2}'])
def test_a_line_that_is_no_object_is_a_problem(json_file: Path, line: str) -> None:
    (row,) = rows_of(json_file, line + "\n")
    assert [problem.rule for problem in row.problems] == ["row_form"]


def test_a_member_named_twice_by_name_and_label_is_a_problem(json_file: Path) -> None:
    label = KIND.by_name[NAMES[0]].label_zh
    (row,) = rows_of(json_file, lines({NAMES[0]: "1", label: "2"}))
    assert [problem.rule for problem in row.problems] == ["row_form"]


@pytest.mark.parametrize("row_key", [7, "", "R" * 201, "order:7"])
def test_a_row_key_that_is_no_short_text_is_a_problem(json_file: Path, row_key: Any) -> None:
    (row,) = rows_of(json_file, lines(EXAMPLE | {"row_key": row_key}))
    assert [problem.rule for problem in row.problems] == ["row_key"]


def test_empty_json_lines_are_passed_over(json_file: Path) -> None:
    assert [row.number for row in rows_of(json_file, "\n" + lines(EXAMPLE) + " \n")] == [2]


def test_a_json_line_that_is_too_long_is_refused(json_file: Path) -> None:
    assert "line 1 is longer than 50" in refusal(json_file, lines(EXAMPLE), max_line=50)
