"""The directory of records: modes, atomic writing, names that cannot climb."""

import os
import stat
from pathlib import Path

import pytest

from keys.blobs import Blobs, DirectoryBlobs, check_name
from keys.errors import KeyStoreError


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "var" / "keys"


@pytest.fixture
def blobs(directory: Path) -> Blobs:
    return DirectoryBlobs(directory)


def test_a_record_is_read_as_it_was_added(blobs: Blobs) -> None:
    assert blobs.add("issuing/amr/1", b"one")
    assert blobs.read("issuing/amr/1") == b"one"


def test_what_is_not_there_reads_as_none(blobs: Blobs) -> None:
    assert blobs.read("issuing/amr/1") is None


def test_adding_does_not_overwrite(blobs: Blobs) -> None:
    blobs.add("a", b"one")
    assert not blobs.add("a", b"two")
    assert blobs.read("a") == b"one"


def test_replacing_overwrites(blobs: Blobs) -> None:
    blobs.add("a", b"one")
    blobs.replace("a", b"two")
    assert blobs.read("a") == b"two"


def test_what_is_removed_is_gone_and_removing_it_again_is_no_error(blobs: Blobs) -> None:
    blobs.add("a", b"one")
    blobs.remove("a")
    blobs.remove("a")
    assert blobs.names() == []


def test_names_come_back_with_their_segments(blobs: Blobs) -> None:
    for name in ("issuing/amr/1", ".header", "A_b-c.d"):
        blobs.add(name, b"")
    assert sorted(blobs.names()) == [".header", "A_b-c.d", "issuing/amr/1"]


def test_the_names_under_a_prefix_are_those_and_no_others(blobs: Blobs) -> None:
    for name in ("issuing/amr/1", "issuing/amr/2", "issuing/amr-2/1", "issuing/am", "issuing/psb/1"):
        blobs.add(name, b"")
    assert sorted(blobs.names("issuing/amr/")) == ["issuing/amr/1", "issuing/amr/2"]


def test_a_draft_that_a_crash_left_behind_is_no_record(blobs: Blobs, directory: Path) -> None:
    (directory / "tmpabc.draft").write_bytes(b"half")
    assert blobs.names() == []


def test_no_draft_is_left_after_writing(blobs: Blobs, directory: Path) -> None:
    blobs.add("a", b"one")
    blobs.add("a", b"two")
    blobs.replace("a", b"three")
    assert [file.name for file in directory.iterdir()] == ["a.blob"]


def test_directory_and_files_are_the_owners_alone(blobs: Blobs, directory: Path) -> None:
    blobs.add("a", b"one")
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (directory, directory / "a.blob")]
    assert modes == [0o700, 0o600]


def test_a_directory_that_was_open_to_others_is_closed(directory: Path) -> None:
    directory.mkdir(parents=True, mode=0o755)
    DirectoryBlobs(directory)
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700


def test_a_directory_of_other_files_is_not_taken(directory: Path) -> None:
    directory.mkdir(parents=True, mode=0o755)
    (directory / "letter.txt").write_bytes(b"")
    with pytest.raises(KeyStoreError, match="other files"):
        DirectoryBlobs(directory)
    assert stat.S_IMODE(directory.stat().st_mode) == 0o755


def test_every_write_is_on_the_disk_before_it_is_told(blobs: Blobs, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[bool] = []
    monkeypatch.setattr(os, "fsync", lambda handle: synced.append(stat.S_ISDIR(os.fstat(handle).st_mode)))
    blobs.add("a", b"one")
    blobs.replace("a", b"two")
    blobs.remove("a")
    assert synced == [False, True, False, True, True]


@pytest.mark.parametrize(
    "name", ["", "..", "../a", "/a", "a/", "a//b", "a/../b", "a/.b", "a+b", "a b", "证", "a\n", "a" * 129]
)
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(KeyStoreError, match="name"):
        check_name(name)


def test_a_directory_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "keys").write_bytes(b"")
    with pytest.raises(KeyStoreError, match="cannot be used"):
        DirectoryBlobs(tmp_path / "keys")


def test_a_directory_that_went_away_is_our_error(blobs: Blobs, directory: Path) -> None:
    directory.rmdir()
    with pytest.raises(KeyStoreError, match="cannot be used"):
        blobs.add("a", b"")
