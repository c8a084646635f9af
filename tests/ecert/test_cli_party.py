"""``ecert party``: from a registration to a key that is ended."""

import re
from pathlib import Path

import orjson
import pytest

from ecert.cli import main
from keys.signer import SoftwareSigner
from tests.ecert.test_cli import Capture
from tests.ecert.test_http_parties import METER

WATER = [
    "--name-zh", "示例供水公司", "--name-en", "Example Water Company", "--code", "91440799MA2X91002X",
    "--sector", "water", "--contact", "客户服务部",
]  # fmt: skip


def run(*arguments: object) -> int:
    return main(["party", *map(str, arguments)])


@pytest.fixture
def water(command_home: Path, capsys: Capture) -> Path:
    assert run("add", "water", *WATER, "--purpose", "water.transfer", "--return-uri", "https://water.example/back") == 0
    assert "已登记 registered: water" in capsys.readouterr().out
    return command_home


@pytest.mark.usefixtures("water")
def test_a_party_is_listed_suspended_and_resumed(capsys: Capture) -> None:
    assert run("list") == 0
    assert re.search(r"water +示例供水公司 +water +有效 active +1\n", capsys.readouterr().out)
    assert run("suspend", "water") == 0
    assert "停用 suspended" in capsys.readouterr().out
    assert run("key", "new", "water", "--environment", "live") == 3
    assert "suspended" in capsys.readouterr().err
    assert run("resume", "water") == 0
    assert "有效 active" in capsys.readouterr().out


@pytest.mark.usefixtures("command_home")
def test_a_party_brings_a_purpose_of_its_own_and_keys(tmp_path: Path, capsys: Capture) -> None:
    own, jwks = tmp_path / "own.json", tmp_path / "jwks.json"
    own.write_bytes(orjson.dumps(METER))
    jwks.write_bytes(orjson.dumps({"keys": [dict(SoftwareSigner.generate().public_key.jwk)]}))
    assert run("add", "water", *WATER, "--own", own, "--test-jwks", jwks) == 0
    capsys.readouterr()
    assert run("purposes", "water") == 0
    assert "water.meter" in capsys.readouterr().out


@pytest.mark.usefixtures("water")
def test_purposes_are_listed_and_given(capsys: Capture) -> None:
    assert run("purposes", "--sector", "water") == 0
    shown = capsys.readouterr().out
    assert "water.account-opening" in shown
    assert "bank." not in shown
    assert run("purposes", "water", "--set", "water.account-opening") == 0
    shown = capsys.readouterr().out
    assert "water.account-opening" in shown
    assert "water.transfer" not in shown
    assert run("purposes", "water", "--set", "bank.adult-check") == 3
    assert "neither shipped" in capsys.readouterr().err


@pytest.mark.usefixtures("water")
def test_a_key_is_shown_once_listed_and_ended(capsys: Capture) -> None:
    assert run("key", "new", "water", "--environment", "test", "--purpose", "water.transfer", "--days", 30) == 0
    shown = capsys.readouterr().out
    (key,) = re.findall(r"test_[A-Za-z0-9_-]{43}", shown)
    key_id = re.findall(r"key id +(\S+)", shown)[0]
    assert run("key", "new", "water", "--environment", "live") == 0
    capsys.readouterr()
    assert run("key", "revoke", "--", key_id) == 0
    assert run("key", "list", "water") == 0
    shown = capsys.readouterr().out
    assert key not in shown
    assert key_id in shown
    assert "全部 all" in shown
    assert run("key", "revoke", "--", key_id) == 3


@pytest.mark.usefixtures("water")
@pytest.mark.parametrize(
    "arguments",
    [
        ["purposes"],
        ["purposes", "--sector", "water", "--set"],
        ["key", "new", "water", "--environment", "test", "--days", "0"],
        ["key", "list", "gas"],
        ["suspend", "gas"],
        ["add", "water", *WATER],
        ["add", "gas", *WATER, "--own", "nothing.json"],
    ],
)
def test_what_cannot_be_done_is_refused(arguments: list[str]) -> None:
    assert run(*arguments) == 3
