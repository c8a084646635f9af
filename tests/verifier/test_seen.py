"""The counter's memory: 70 seconds of presentations, the highest pack version for ever."""

import json
import stat
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from keys.anchor import Anchor
from tests.support.desk import ANCHOR, NOW, STRANGER
from verifier import seen
from verifier.errors import SeenFileBroken
from verifier.seen import opened

ANCHORS = Anchor((ANCHOR.public_key,))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "seen.json"


def test_what_was_seen_is_there_the_next_time(path: Path) -> None:
    with opened(path, NOW) as memory:
        memory.remember("digest", NOW)
        memory.remember_version(ANCHORS, 7)
    with opened(path, NOW) as memory:
        assert set(memory.recent()) == {"digest"}
        assert memory.floor(ANCHORS) == 7


def test_after_70_seconds_a_presentation_is_forgotten(path: Path) -> None:
    with opened(path, NOW) as memory:
        memory.remember("digest", NOW)
    with opened(path, NOW + timedelta(seconds=70)) as memory:
        assert set(memory.recent()) == {"digest"}
    with opened(path, NOW + timedelta(seconds=71)) as memory:
        assert set(memory.recent()) == set()


def test_a_pack_version_never_falls(path: Path) -> None:
    with opened(path, NOW) as memory:
        memory.remember_version(ANCHORS, 7)
        memory.remember_version(ANCHORS, 5)
        assert memory.floor(ANCHORS) == 7


def test_each_anchor_has_its_own_floor(path: Path) -> None:
    other = Anchor((STRANGER.public_key,))
    with opened(path, NOW) as memory:
        memory.remember_version(ANCHORS, 7)
        assert memory.floor(other) == 0
        assert memory.floor(Anchor((*other.keys, *ANCHORS.keys))) == 7


def test_the_memory_is_written_also_after_an_error(path: Path) -> None:
    with pytest.raises(KeyError), opened(path, NOW) as memory:  # noqa: PT012  both are one act
        memory.remember_version(ANCHORS, 7)
        raise KeyError
    with opened(path, NOW) as memory:
        assert memory.floor(ANCHORS) == 7


def test_the_file_is_its_owners_alone(path: Path) -> None:
    with opened(path, NOW):
        pass
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no json",
        b"[]",
        b'{"format":2}',
        b'{"format":1,"seen":[],"versions":{}}',
        b'{"format":1,"seen":{},"versions":{"k":"7"}}',
        b'{"format":1,"seen":{},"seen":{},"versions":{}}',
    ],
)
def test_a_file_that_is_not_ours_is_neither_used_nor_overwritten(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(SeenFileBroken), opened(path, NOW):
        pass
    assert path.read_bytes() == content


def test_a_file_without_end_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen, "_MAX_BYTES", 10)
    path.write_bytes(b" " * 11)
    with pytest.raises(SeenFileBroken, match="more than 10 bytes"), opened(path, NOW):
        pass


def test_a_write_that_fails_leaves_the_old_file_whole(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(path, NOW) as memory:
        memory.remember_version(ANCHORS, 7)
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(seen.os, "replace", full)
    with pytest.raises(OSError, match="No space left"), opened(path, NOW) as memory:
        memory.remember_version(ANCHORS, 8)
    assert path.read_bytes() == before
    assert sorted(p.name for p in path.parent.iterdir()) == ["seen.json", "seen.json.lock"]


def test_two_counters_on_one_file_lose_nothing(path: Path) -> None:
    def remember(name: str) -> None:
        for number in range(10):
            with opened(path, NOW) as memory:
                memory.remember(f"{name}-{number}", NOW)

    threads = [threading.Thread(target=remember, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(json.loads(path.read_bytes())["seen"]) == 20
