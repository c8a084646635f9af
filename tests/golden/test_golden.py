"""What signed documents freeze: the golden files verify for ever, and today's code still writes the same bytes."""

from pathlib import Path

import pytest

from keys.anchor import Anchor
from schemas.formats import status_token
from schemas.report import Verdict
from tests.support import golden
from verifier import Pack, Policy, open_pack, verify

MADE = {each.name: each.text for each in golden.documents()}
COMPRESSED = {"status-list.jwt.txt", "pack.jwt.txt"}  # other bytes with another zlib, the same content


def read(name: str) -> str:
    return (golden.FOLDER / name).read_text(encoding="utf-8").removesuffix("\n")


@pytest.fixture(scope="module")
def pack() -> Pack:
    return open_pack(read("pack.jwt.txt"), anchor=Anchor.from_json(read("anchor.json").encode()), now=golden.NOW)


def test_every_golden_file_is_made_and_every_made_one_is_there() -> None:
    files = {path.relative_to(golden.FOLDER).as_posix() for path in golden.FOLDER.rglob("*.*") if path.suffix != ".py"}
    # qr/ is test_golden_qr.py's: a code is compared by what it holds.
    assert {name for name in files if "__pycache__" not in name and not name.startswith("qr/")} == set(MADE)


@pytest.mark.parametrize("name", sorted(set(MADE) - COMPRESSED))
def test_todays_code_writes_the_same_bytes(name: str) -> None:
    assert MADE[name] == read(name)


def test_the_golden_status_list_says_what_it_said(pack: Pack) -> None:
    token = status_token.parse(read("status-list.jwt.txt")).verified_by(golden.key("amr").public_key)
    assert [token.statuses[index] for index in (golden.REVOKED, 8, 9, 10)] == [1, 2, 3, 0]
    assert token.uri in pack.status_lists


@pytest.mark.parametrize("name", sorted(name for name in MADE if name.startswith(("types/", "formats/"))))
def test_a_golden_certificate_verifies(name: str, pack: Pack) -> None:
    policy = Policy(accepted_types=None, require_key_binding=False)
    report = verify(read(name), policy=policy, evidence=pack.evidence(), now=golden.NOW)
    assert report.verdict is Verdict.VALID, report.checks
    assert report.type_id == Path(name).name.split(".")[0]


@pytest.mark.parametrize("name", ["presentation.sd-jwt-kb.txt", "kept.sd-jwt-kb.txt"])
def test_a_golden_presentation_verifies(name: str, pack: Pack) -> None:
    report = verify(read(name), policy=Policy(accepted_types=None), evidence=pack.evidence(), now=golden.NOW)
    assert report.verdict is Verdict.VALID, report.checks
    assert report.accepted_claims()["address"].startswith("广东省江门市")
