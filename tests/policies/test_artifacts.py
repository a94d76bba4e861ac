from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from worlds import START

from opswarden.core.clock import FixedClock
from opswarden.core.errors import ToolFailed, ToolRetry
from opswarden.core.ids import CountedIds
from opswarden.core.keys import FileKeys
from opswarden.policies.artifacts import ArtifactStore

TABLE = pa.table({"text": ["secret-in-a-row", None], "n": [1, 2]})


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(START)


@pytest.fixture
def store(tmp_path: Path, clock: FixedClock) -> ArtifactStore:
    (tmp_path / "artifacts").mkdir()
    return ArtifactStore(tmp_path / "artifacts", FileKeys(tmp_path / "keys.json"), clock, CountedIds(), ttl_s=60)


def files(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "artifacts").iterdir())


def test_a_run_reads_back_what_it_stored(store: ArtifactStore) -> None:
    stored = store.write(TABLE, run_id="run_1", team="payments")
    assert stored.rows == 2
    assert store.reader(run_id="run_1", team="payments").read(stored.id).equals(TABLE)


def test_nothing_on_disk_can_be_read(store: ArtifactStore, tmp_path: Path) -> None:
    store.write(TABLE, run_id="run_1", team="payments")
    (path,) = files(tmp_path)
    content = path.read_bytes()
    assert b"secret-in-a-row" not in content
    assert b"run_1" not in content
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(("run_id", "team"), [("run_2", "payments"), ("run_1", "search")])
def test_another_run_or_team_gets_nothing(store: ArtifactStore, run_id: str, team: str) -> None:
    stored = store.write(TABLE, run_id="run_1", team="payments")
    with pytest.raises(ToolRetry, match="no such artifact in this run"):
        store.read(stored.id, run_id=run_id, team=team)


@pytest.mark.parametrize("name", ["art_x", "../../etc/passwd", "", "art_" + "0" * 26, "ART_" + "0" * 26])
def test_an_id_that_is_none_looks_like_one_that_is_missing(store: ArtifactStore, name: str) -> None:
    with pytest.raises(ToolRetry, match="no such artifact in this run"):
        store.read(name, run_id="run_1", team="payments")


def test_it_expires_and_is_purged(store: ArtifactStore, clock: FixedClock, tmp_path: Path) -> None:
    old = store.write(TABLE, run_id="run_1", team="payments")
    clock.advance(59)
    young = store.write(TABLE, run_id="run_1", team="payments")
    clock.advance(1)
    with pytest.raises(ToolRetry, match="has expired"):
        store.read(old.id, run_id="run_1", team="payments")
    assert store.purge() == 1
    assert [path.name.split(".")[0] for path in files(tmp_path)] == [young.id]


@pytest.mark.parametrize("place", [2, 6, 20, 40, -1])
def test_a_changed_byte_makes_it_unreadable(store: ArtifactStore, tmp_path: Path, place: int) -> None:
    stored = store.write(TABLE, run_id="run_1", team="payments")
    (path,) = files(tmp_path)
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(ToolRetry):
        store.read(stored.id, run_id="run_1", team="payments")


def test_a_longer_life_cannot_be_written_into_the_file(store: ArtifactStore, clock: FixedClock, tmp_path: Path) -> None:
    stored = store.write(TABLE, run_id="run_1", team="payments")
    (path,) = files(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"2026-11-23", b"2036-11-23"))
    clock.advance(61)
    with pytest.raises(ToolRetry, match="no such artifact"):
        store.read(stored.id, run_id="run_1", team="payments")


def test_two_files_that_are_swapped_do_not_open(store: ArtifactStore, tmp_path: Path) -> None:
    first = store.write(TABLE, run_id="run_1", team="payments")
    store.write(pa.table({"n": [9]}), run_id="run_1", team="payments")
    one, two = files(tmp_path)
    one.write_bytes(two.read_bytes())
    with pytest.raises(ToolRetry):
        store.read(first.id, run_id="run_1", team="payments")


def test_a_table_that_is_too_large_is_refused(tmp_path: Path, clock: FixedClock) -> None:
    keys = FileKeys(tmp_path / "keys.json")
    store = ArtifactStore(tmp_path, keys, clock, CountedIds(), size_limit_bytes=4)
    with pytest.raises(ToolFailed, match="larger than 4 bytes"):
        store.write(TABLE, run_id="run_1", team="payments")
