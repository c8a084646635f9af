"""``ecert audit``: verifying against a kept head, listing, and what is recorded by the way."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ecert.cli import main
from ecert.storage.audit import START
from ecert.wiring import open_container
from tests.support.ecert_world import World, settings_of

Capture = pytest.CaptureFixture[str]


def rotate(home: Path) -> tuple[str, str]:
    """Give a department a new key at the command line; return the earlier kid and the new one."""
    with open_container(settings_of(home)) as container:
        before = container.trust.signer("amr").public_key.kid
    assert main(["keys", "rotate", "--department", "amr", "--yes"]) == 0
    with open_container(settings_of(home)) as container:
        return before, container.trust.signer("amr").public_key.kid


def lines(capsys: Capture, *arguments: str) -> list[dict[str, Any]]:
    capsys.readouterr()
    assert main(["audit", "list", *arguments]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def length(capsys: Capture) -> int:
    return len(lines(capsys, "--limit", "10000"))


def cut(home: Path, entry: int) -> None:
    """Cut the trail after an entry, head and all, as the database's owner could."""
    last = "(SELECT max(sequence) FROM audit_entries)"
    by_another_hand(
        home,
        "DROP TRIGGER audit_entries_no_DELETE",
        f"DELETE FROM audit_entries WHERE sequence > {entry:d}",  # noqa: S608 - a number of the test's own
        f"UPDATE audit_head SET sequence = coalesce({last}, 0)",  # noqa: S608
        "UPDATE audit_head SET digest = coalesce((SELECT digest FROM audit_entries AS e "
        "WHERE e.sequence = audit_head.sequence), zeroblob(32))",
    )


def by_another_hand(home: Path, *statements: str) -> None:
    with closing(sqlite3.connect(home / "ecert.db")) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def test_a_trail_that_holds_prints_its_length_and_head(command_home: Path, capsys: Capture) -> None:
    rotate(command_home)
    (last,) = lines(capsys, "--limit", "10000")[-1:]
    assert main(["audit", "verify"]) == 0
    assert f"{last['entry']} 条 entries, {last['digest']}" in capsys.readouterr().out


def test_a_trail_that_went_on_agrees_with_the_head_that_was_kept(
    command_home: Path, tmp_path: Path, capsys: Capture
) -> None:
    kept = tmp_path / "head.json"
    rotate(command_home)
    assert main(["audit", "verify", "--keep", str(kept)]) == 0
    rotate(command_home)
    assert main(["audit", "verify", "--head", str(kept)]) == 0
    assert "goes on from the head that was kept" in capsys.readouterr().out


def test_a_trail_cut_short_with_its_head_is_found_by_the_head_that_was_kept(
    command_home: Path, tmp_path: Path, capsys: Capture
) -> None:
    kept = tmp_path / "head.json"
    rotate(command_home)
    entries = length(capsys)
    main(["audit", "verify", "--keep", str(kept)])
    cut(command_home, entries - 1)
    assert main(["audit", "verify"]) == 0
    assert main(["audit", "verify", "--head", str(kept)]) == 1
    assert f"audit entry {entries}: is missing" in capsys.readouterr().out


def test_a_trail_written_anew_is_found_by_the_head_that_was_kept(
    command_home: Path, tmp_path: Path, capsys: Capture
) -> None:
    kept = tmp_path / "head.json"
    rotate(command_home)
    entries = length(capsys)
    main(["audit", "verify", "--keep", str(kept)])
    cut(command_home, entries - 1)
    rotate(command_home)
    assert main(["audit", "verify"]) == 0
    assert main(["audit", "verify", "--head", str(kept)]) == 1
    assert f"audit entry {entries}: is not the one" in capsys.readouterr().out


def test_a_broken_trail_ends_with_1_and_names_the_first_broken_entry(command_home: Path, capsys: Capture) -> None:
    rotate(command_home)
    entries = length(capsys)
    change = f"UPDATE audit_entries SET previous = digest WHERE sequence = {entries:d}"  # noqa: S608 - as above
    by_another_hand(command_home, "DROP TRIGGER audit_entries_no_UPDATE", change)
    assert main(["audit", "verify"]) == 1
    assert f"第 {entries} 条有误" in capsys.readouterr().out


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"entries": 1, "digest": "zz"}',
        '{"entries": 1, "digest": 7}',
        '{"entries": 1, "digest": "00"}',
        '{"entries": -1, "digest": "' + START.hex() + '"}',
        '{"entries": true, "digest": "' + START.hex() + '"}',
        '{"entries": "1", "digest": "' + START.hex() + '"}',
        '{"entries": 1, "entries": 2, "digest": "' + START.hex() + '"}',
    ],
)
def test_a_file_that_holds_no_head_is_refused(command_home: Path, tmp_path: Path, capsys: Capture, text: str) -> None:
    kept = tmp_path / "head.json"
    kept.write_text(text, "utf-8")
    assert main(["audit", "verify", "--head", str(kept)]) == 3
    assert "holds no head" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_refused(command_home: Path, tmp_path: Path) -> None:
    assert main(["audit", "verify", "--head", str(tmp_path / "none")]) == 3


@pytest.mark.parametrize("bounds", [["--since", "-1"], ["--limit", "0"], ["--limit", "10001"]])
def test_numbers_out_of_bounds_are_refused(command_home: Path, bounds: list[str]) -> None:
    assert main(["audit", "list", *bounds]) == 3


def test_the_list_goes_on_after_an_entry(command_home: Path, capsys: Capture) -> None:
    for _ in range(3):
        rotate(command_home)
    every = lines(capsys, "--limit", "10000")
    assert [line["entry"] for line in every] == list(range(1, len(every) + 1))
    assert lines(capsys, "--since", str(len(every) - 2), "--limit", "1") == every[-2:-1]


def test_a_rotated_and_a_withdrawn_key_stand_in_the_trail(command_home: Path, capsys: Capture) -> None:
    before, after = rotate(command_home)
    assert main(["keys", "withdraw", f"--kid={after}", "--reason", "泄露", "--keep-none", "--yes"]) == 0
    made, revoked, next_one = lines(capsys, "--limit", "10000")[-3:]
    assert (made["subject"], made["subject_id"], made["act"], made["details"]) == (
        "key",
        after,
        "made",
        {"after": before},
    )
    assert (revoked["subject_id"], revoked["act"], revoked["details"]) == (
        after,
        "revoked",
        {"reason": "泄露", "kept": 0},
    )
    assert (next_one["act"], next_one["details"]) == ("made", {"after": after})
    assert {(line["role"], line["department"]) for line in (made, revoked, next_one)} == {("operator", "amr")}
    assert made["actor"].startswith("uid:")


def test_a_token_given_and_ended_over_http_stands_in_the_trail_with_its_giver(world: World) -> None:
    header = world.token("operator")
    made = world.client.post("/v1/tokens", json={"role": "preparer", "department": "amr"}, headers=header).json()
    assert world.client.request("DELETE", f"/v1/tokens/{made['token_id']}", headers=header).status_code == 204
    records = [
        each for each in world.container.storage.audit.records(limit=1_000) if each.subject_id == made["token_id"]
    ]
    assert [(each.act, each.by.role, each.department) for each in records] == [
        ("made", "operator", "amr"),
        ("revoked", "operator", "amr"),
    ]
    operators = {each.token_id for each in world.container.storage.tokens.all() if each.role == "operator"}
    assert {each.by.actor for each in records} <= operators


def test_a_decision_on_a_certificate_is_listed_without_its_note(command_home: Path, capsys: Capture) -> None:
    with open_container(settings_of(command_home)) as container:
        for holder in container.wallet.holders.page(limit=500):
            held = container.wallet.holdings.certificates(holder.holder_id)
            found = [one.identifier for one in held if one.type_id == "business_licence"]
            if found:
                break
    decision = ["--reason", "吊销", "--officer", "O-1", "--case", "示例7号", "--note", "secret-note"]
    assert main(["revoke", found[0], *decision, "--yes"]) == 0
    (line,) = lines(capsys, "--limit", "10000")[-1:]
    assert (line["subject"], line["subject_id"], line["act"]) == ("certificate", found[0], "revoke")
    assert line["details"] == {"legal_reason": "吊销", "case_number": "示例7号"}
    assert "secret-note" not in json.dumps(line)
