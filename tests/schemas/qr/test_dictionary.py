"""The dictionary's release: built from the type data, never written over."""

import base64
from pathlib import Path

import orjson
import pytest

from schemas import types
from schemas.generate import qr_dictionary
from schemas.qr import dictionary


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(dictionary, "__file__", str(tmp_path / "__init__.py"))
    return tmp_path


def test_building_it_twice_gives_the_same_bytes_within_the_window() -> None:
    built = qr_dictionary.build()
    assert built == qr_dictionary.build()
    assert len(built) <= dictionary.MAX_BYTES


def test_every_type_and_issuer_stands_in_it() -> None:
    built = qr_dictionary.build()
    for ctype in types.all_types():
        assert ctype.vct.encode() in built
        assert f"/issuers/{ctype.department}".encode() in built


def test_no_persons_example_stands_in_it() -> None:
    built = qr_dictionary.build()
    assert "陈大文".encode() not in built
    assert b"440799199003070112" not in built


def test_a_release_takes_the_next_id_and_leaves_the_others(folder: Path) -> None:
    (folder / "1.json").write_bytes(orjson.dumps({"id": 1, "data": base64.b64encode(b"older").decode()}))
    before = (folder / "1.json").read_bytes()
    qr_dictionary.main()
    released = orjson.loads((folder / "2.json").read_bytes())
    assert base64.b64decode(released["data"]) == qr_dictionary.build()
    assert released["id"] == 2
    assert (folder / "1.json").read_bytes() == before


def test_the_same_dictionary_is_not_released_twice(folder: Path) -> None:
    qr_dictionary.main()
    qr_dictionary.main()
    assert sorted(path.name for path in folder.iterdir()) == ["1.json"]
