"""A snapshot appears whole under its name or not at all, and only with the columns of the contract."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from opswarden.core.errors import InputError
from opswarden.tools.snapshots.manifest import Manifest, Window
from opswarden.tools.snapshots.schema import REQUIRED_TABLES, TABLES
from opswarden.tools.snapshots.store import SnapshotStore
from opswarden.tools.snapshots.writer import SnapshotWriter

NOON = datetime(2031, 5, 6, 12, tzinfo=UTC)


@pytest.fixture
def manifest() -> Manifest:
    window = Window(start=NOON, end=NOON + timedelta(hours=1))
    return Manifest(title="a bakery", environment="bakery", window=window, source="made up", licence="none")


def test_what_is_written_is_read_again(tmp_path: Path, manifest: Manifest) -> None:
    with SnapshotWriter(tmp_path / "s", manifest) as writer:
        writer.write("logs", {"ts": [NOON], "entity": ["oven"], "body": ["hot"]})
        writer.write("logs", pa.table({"ts": pa.array([NOON], pa.timestamp("ns", tz="UTC")), "body": ["cold"]}))
        assert not (tmp_path / "s").exists()
    store = SnapshotStore(tmp_path / "s")
    assert store.manifest == manifest
    rows = store.query("SELECT entity, body, level FROM logs ORDER BY file_row_number").to_pylist()
    assert rows == [{"entity": "oven", "body": "hot", "level": None}, {"entity": None, "body": "cold", "level": None}]
    for name in REQUIRED_TABLES:
        assert pq.read_schema(tmp_path / "s" / f"{name}.parquet").equals(TABLES[name])
    store.close()


def test_an_error_leaves_nothing_behind(tmp_path: Path, manifest: Manifest) -> None:
    with pytest.raises(RuntimeError), SnapshotWriter(tmp_path / "s", manifest) as writer:
        writer.write("logs", {"ts": [NOON]})
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_an_existing_folder_is_not_touched(tmp_path: Path, manifest: Manifest) -> None:
    (tmp_path / "s").mkdir()
    with pytest.raises(InputError, match="exists already"):
        SnapshotWriter(tmp_path / "s", manifest)


def test_the_rest_of_an_earlier_attempt_is_swept_away(tmp_path: Path, manifest: Manifest) -> None:
    (tmp_path / ".s.draft").mkdir()
    (tmp_path / ".s.draft" / "alerts.parquet").write_text("half")
    with SnapshotWriter(tmp_path / "s", manifest):
        pass
    assert not (tmp_path / "s" / "alerts.parquet").exists()


def test_columns_are_those_of_the_contract(tmp_path: Path, manifest: Manifest) -> None:
    with SnapshotWriter(tmp_path / "s", manifest) as writer:
        with pytest.raises(KeyError, match="flavour"):
            writer.write("logs", {"ts": [NOON], "flavour": ["rye"]})
        with pytest.raises(pa.ArrowException):
            writer.write("logs", {"ts": ["noon"]})


@pytest.mark.parametrize("name", ["../a.md", "A.md", "a.txt", ".md", "a/b.md", ""])
def test_a_runbook_has_a_plain_name(tmp_path: Path, manifest: Manifest, name: str) -> None:
    with SnapshotWriter(tmp_path / "s", manifest) as writer, pytest.raises(InputError, match="plain lower-case"):
        writer.write_runbook(name, "text")


def test_windows_need_a_zone_and_a_length() -> None:
    for end in (NOON, NOON - timedelta(seconds=1), (NOON + timedelta(hours=1)).replace(tzinfo=None)):
        with pytest.raises(ValidationError):
            Window(start=NOON, end=end)
    window = Window(start=NOON, end=NOON + timedelta(hours=1))
    assert window.length == timedelta(hours=1)
    assert [window.contains(NOON + timedelta(hours=hours)) for hours in (-1, 0, 1)] == [False, True, False]
