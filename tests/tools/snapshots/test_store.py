"""Whatever a folder holds, opening and asking it ends in an answer or in an error that names what is wrong."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from opswarden.core.clock import Deadline, SystemClock
from opswarden.core.errors import BackendError, InputError
from opswarden.tools.snapshots.schema import TABLES
from opswarden.tools.snapshots.store import SnapshotStore

MakeFolder = Callable[..., Path]
TS = pa.timestamp("us", tz="UTC")


def log(at: datetime, body: str = "bread is ready", **more: Any) -> dict[str, Any]:
    return {"ts": at, "entity": "oven", "level": "INFO", "body": body, **more}


def texts(*values: bytes) -> pa.Array:
    """A string column out of any bytes, unchecked."""
    offsets = np.cumsum([0] + [len(value) for value in values]).astype(np.int32)
    buffers = [None, pa.py_buffer(offsets.tobytes()), pa.py_buffer(b"".join(values))]
    return pa.Array.from_buffers(pa.string(), len(values), buffers)


def replace_column(path: Path, name: str, column: pa.Array | None) -> None:
    table = pq.read_table(path)
    place = table.schema.get_field_index(name)
    table = table.remove_column(place) if column is None else table.set_column(place, name, column)
    pq.write_table(table, path)


def test_it_knows_rows_and_times_of_each_table(make_folder: MakeFolder, start: datetime) -> None:
    folder = make_folder(
        logs=[log(start), log(start + timedelta(minutes=3))], topology=[{"caller": "a", "callee": "b"}]
    )
    store = SnapshotStore(folder)
    span = store.span("logs")
    assert (span.rows, span.first, span.last) == (2, start, start + timedelta(minutes=3))
    assert store.span("topology").first is None
    assert store.has("logs")
    assert not store.has("metrics")
    assert store.span("alerts").rows == 0
    assert store.missing == ()
    store.close()


def test_a_folder_that_is_no_snapshot_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(InputError, match=r"no snapshot.*snapshot\.json") as caught:
        SnapshotStore(tmp_path)
    assert caught.value.remedy
    with pytest.raises(InputError, match="no snapshot"):
        SnapshotStore(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": 2}, "version"),
        ({"window": {"start": "2031-05-06T12:00:00Z", "end": "2031-05-06T12:00:00Z"}}, "window"),
        ({"window": {"start": "2031-05-06T12:00:00", "end": "2031-05-06T12:30:00"}}, r"window\.start"),
        ({"title": None}, "title"),
        ({"colour": "red"}, "colour"),
    ],
    ids=["version", "empty window", "no time zone", "wrong type", "unknown key"],
)
def test_an_unusable_manifest_is_named(
    make_folder: MakeFolder, start: datetime, change: dict[str, Any], message: str
) -> None:
    folder = make_folder(logs=[log(start)])
    manifest = json.loads((folder / "snapshot.json").read_text())
    (folder / "snapshot.json").write_text(json.dumps(manifest | change))
    with pytest.raises(InputError, match=message):
        SnapshotStore(folder)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[1, 2]", b'{"title": "' + b"x" * 1_000_001 + b'"}'])
def test_a_manifest_that_is_no_json_object_is_refused(make_folder: MakeFolder, start: datetime, content: bytes) -> None:
    folder = make_folder(logs=[log(start)])
    (folder / "snapshot.json").write_bytes(content)
    with pytest.raises(InputError, match=r"snapshot\.json"):
        SnapshotStore(folder)


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("body", None, "no column 'body'"),
        ("ts", pa.array([1_000_000], pa.timestamp("us")), "'ts' is timestamp"),
        ("ts", pa.array([1_000_000], pa.timestamp("us", tz="Asia/Tokyo")), "'ts' is timestamp"),
        ("ts", pa.array(["2031-05-06T12:00:00Z"]), "'ts' is string"),
        ("entity", pa.array([7]), "'entity' is int64"),
        ("attributes", pa.array([{"a": "b"}]), "'attributes' is struct"),
        ("attributes", pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64())), "'attributes' is map"),
    ],
    ids=["missing", "no time zone", "another time zone", "text as time", "number as text", "struct", "map of numbers"],
)
def test_a_wrong_column_is_named(
    make_folder: MakeFolder, start: datetime, column: str, values: pa.Array | None, message: str
) -> None:
    folder = make_folder(logs=[log(start)])
    replace_column(folder / "logs.parquet", column, values)
    with pytest.raises(InputError, match=message) as caught:
        SnapshotStore(folder)
    assert "logs.parquet" in caught.value.message


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_any_unit_of_time_is_read_as_microseconds(make_folder: MakeFolder, start: datetime, unit: str) -> None:
    folder = make_folder(logs=[log(start)])
    replace_column(folder / "logs.parquet", "ts", pa.array([start], TS).cast(pa.timestamp(unit, tz="UTC")))
    store = SnapshotStore(folder)
    assert store.span("logs").first == start
    assert store.query("SELECT epoch_us(ts) AS us FROM logs")["us"].to_pylist() == [round(start.timestamp() * 1e6)]
    store.close()


def test_narrower_types_are_widened(make_folder: MakeFolder, start: datetime) -> None:
    folder = make_folder(metrics=[{"ts": start, "entity": "oven", "metric": "heat", "value": 3.0}])
    path = folder / "metrics.parquet"
    replace_column(path, "value", pa.array([3], pa.int16()))
    replace_column(path, "entity", pa.array(["oven"]).dictionary_encode())
    replace_column(path, "unit", pa.nulls(1))
    store = SnapshotStore(folder)
    found = store.query("SELECT entity, value, unit FROM metrics WHERE isfinite(value)")
    assert found.to_pylist() == [{"entity": "oven", "value": 3.0, "unit": None}]
    assert found["value"].type == pa.float64()
    store.close()


@pytest.mark.parametrize("keep", [0, 3, 200], ids=["empty", "four bytes", "half"])
def test_a_cut_off_file_is_refused(make_folder: MakeFolder, start: datetime, keep: int) -> None:
    folder = make_folder(logs=[log(start)])
    path = folder / "logs.parquet"
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(InputError, match=r"logs\.parquet is damaged"):
        SnapshotStore(folder)


def test_a_file_that_is_damaged_inside_fails_the_query_not_the_process(
    make_folder: MakeFolder, start: datetime
) -> None:
    folder = make_folder(logs=[log(start, body=f"{i} " * 50) for i in range(500)])
    path = folder / "logs.parquet"
    table = pq.read_table(path)
    pq.write_table(table, path, compression="zstd", use_dictionary=False)
    body = pq.read_metadata(path).row_group(0).column(3)
    content = bytearray(path.read_bytes())
    at = body.data_page_offset + 40
    content[at : at + 200] = bytes(200)
    path.write_bytes(bytes(content))
    store = SnapshotStore(folder)
    with pytest.raises(BackendError, match="could not answer"):
        store.query("SELECT sum(length(body)) AS n FROM logs")
    store.close()


def test_bytes_that_are_no_utf8_are_replaced(make_folder: MakeFolder, start: datetime) -> None:
    folder = make_folder(logs=[log(start), log(start), log(start)])
    path = folder / "logs.parquet"
    replace_column(path, "body", texts("brød".encode(), b"half \xc3", b"nul \x00 and \xff\xfe"))
    replace_column(path, "entity", texts(b"oven", b"\xf0\x28", b"oven"))
    store = SnapshotStore(folder)
    found = store.query("SELECT entity, body FROM logs ORDER BY file_row_number")
    assert found["body"].to_pylist()[0] == "brød"
    assert found["body"].to_pylist()[1].startswith("half ")
    assert found["body"].to_pylist()[2].startswith("nul \x00 and ")
    assert found["entity"].to_pylist()[::2] == ["oven", "oven"]
    store.close()


def test_a_time_that_no_calendar_has_is_refused(make_folder: MakeFolder, start: datetime) -> None:
    folder = make_folder(logs=[log(start)])
    replace_column(folder / "logs.parquet", "ts", pa.array([9_000_000_000_000_000_000], TS))
    with pytest.raises(InputError, match=r"logs\.parquet"):
        SnapshotStore(folder)


def test_rows_outside_the_window_are_a_warning(make_folder: MakeFolder, start: datetime) -> None:
    store = SnapshotStore(make_folder(logs=[log(start + timedelta(days=3))]))
    assert store.warnings == ("logs: no row lies in the incident window",)
    store.close()


def test_a_snapshot_without_any_telemetry_is_refused(make_folder: MakeFolder) -> None:
    folder = make_folder()
    for name in ("metrics", "logs", "spans"):
        (folder / f"{name}.parquet").unlink()
    with pytest.raises(InputError, match="no metrics, no logs and no spans"):
        SnapshotStore(folder)


def test_a_missing_table_is_reported_and_not_read_as_empty(make_folder: MakeFolder, start: datetime) -> None:
    folder = make_folder(logs=[log(start)])
    (folder / "changes.parquet").unlink()
    store = SnapshotStore(folder)
    assert store.missing == ("changes",)
    assert not store.has("changes")
    store.close()


def test_a_link_out_of_the_folder_is_refused(make_folder: MakeFolder, start: datetime, tmp_path: Path) -> None:
    folder = make_folder(logs=[log(start)])
    (folder / "logs.parquet").rename(tmp_path / "elsewhere.parquet")
    (folder / "logs.parquet").symlink_to(tmp_path / "elsewhere.parquet")
    with pytest.raises(InputError, match=r"logs\.parquet is a link"):
        SnapshotStore(folder)


def test_a_query_reaches_nothing_but_the_folder(make_folder: MakeFolder, start: datetime, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("a\n1\n")
    store = SnapshotStore(make_folder(logs=[log(start)]))
    for sql in (f"SELECT * FROM read_csv('{tmp_path}/secret.csv')", "SET enable_external_access = true"):
        with pytest.raises(BackendError):
            store.query(sql)
    store.close()


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo"])
def test_times_are_utc_wherever_the_machine_is(
    make_folder: MakeFolder, start: datetime, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    monkeypatch.setenv("TZ", zone)
    store = SnapshotStore(make_folder(logs=[log(start)]))
    assert store.span("logs").first == start
    found = store.query("SELECT count(*) AS n FROM logs WHERE ts >= $t", {"t": start.astimezone(UTC)})
    assert found["n"].to_pylist() == [1]
    store.close()


def test_a_relative_path_works(make_folder: MakeFolder, start: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_folder(logs=[log(start)])
    monkeypatch.chdir(folder.parent)
    store = SnapshotStore(Path(folder.name))
    monkeypatch.chdir("/")
    assert store.query("SELECT count(*) AS n FROM logs")["n"].to_pylist() == [1]
    store.close()


def test_a_quote_in_the_path_is_no_sql(make_folder: MakeFolder, start: datetime) -> None:
    folder = make_folder(logs=[log(start)])
    odd = folder.rename(folder.with_name("it's a 'test'"))
    store = SnapshotStore(odd)
    assert store.span("logs").rows == 1
    store.close()


def test_the_baseline_is_what_the_manifest_says_or_all_before(make_folder: MakeFolder, start: datetime) -> None:
    folder = make_folder(logs=[log(start - timedelta(hours=5)), log(start)])
    store = SnapshotStore(folder)
    declared = store.baseline()
    assert declared is not None
    assert declared.start == start - timedelta(hours=2)
    store.close()
    manifest = json.loads((folder / "snapshot.json").read_text())
    del manifest["baseline"]
    (folder / "snapshot.json").write_text(json.dumps(manifest))
    store = SnapshotStore(folder)
    found = store.baseline()
    assert found is not None
    assert (found.start, found.end) == (start - timedelta(hours=5), start)
    store.close()


def test_there_is_no_baseline_without_rows_before_the_window(make_folder: MakeFolder, start: datetime) -> None:
    folder = make_folder(logs=[log(start)])
    manifest = json.loads((folder / "snapshot.json").read_text())
    del manifest["baseline"]
    (folder / "snapshot.json").write_text(json.dumps(manifest))
    store = SnapshotStore(folder)
    assert store.baseline() is None
    store.close()


def test_a_query_ends_at_its_deadline(make_folder: MakeFolder, start: datetime) -> None:
    store = SnapshotStore(make_folder(logs=[log(start)]))
    endless = "SELECT count(*) AS n FROM range(1000000000) a, range(1000) b WHERE a.range + b.range = 3"
    with pytest.raises(BackendError, match="before the deadline"):
        store.query(endless, deadline=Deadline(SystemClock(), 0.2))
    assert store.query("SELECT 1 AS n", deadline=Deadline(SystemClock(), 30))["n"].to_pylist() == [1]
    store.close()


def test_no_time_left_is_no_query(make_folder: MakeFolder, start: datetime, passed: Deadline) -> None:
    store = SnapshotStore(make_folder(logs=[log(start)]))
    with pytest.raises(BackendError, match="no time was left"):
        store.query("SELECT 1", deadline=passed)
    store.close()


def test_several_threads_may_ask_at_once(make_folder: MakeFolder, start: datetime) -> None:
    store = SnapshotStore(make_folder(logs=[log(start + timedelta(seconds=i)) for i in range(100)]))

    def ask(limit: int) -> int:
        sql = "SELECT count(*) AS n FROM logs WHERE ts < $t"
        return int(store.query(sql, {"t": start + timedelta(seconds=limit)})["n"][0].as_py())

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(100))) == list(range(100))
    store.close()


def test_what_is_spilled_goes_to_its_place_and_is_gone_when_closed(
    make_folder: MakeFolder, start: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spill = tmp_path / "spill"
    monkeypatch.setattr("opswarden.tools.in_memory.spill_place", lambda: str(spill))
    monkeypatch.chdir(tmp_path)
    folder = make_folder(logs=[log(start)])
    store = SnapshotStore(folder, memory_limit_mb=40)
    sql = "SELECT count(*) AS n FROM (SELECT range::VARCHAR || repeat('x', 40) AS k FROM range(1500000) GROUP BY k)"
    assert store.query(sql)["n"].to_pylist() == [1_500_000]
    assert spill.is_dir()
    store.close()
    assert set(tmp_path.iterdir()) == {folder}


def test_runbooks_are_plain_files_of_the_folder(make_folder: MakeFolder, start: datetime, tmp_path: Path) -> None:
    folder = make_folder(logs=[log(start)], runbooks={"b.md": "# B", "a.md": "# A"})
    (tmp_path / "outside.md").write_text("# not ours")
    (folder / "runbooks" / "c.md").symlink_to(tmp_path / "outside.md")
    (folder / "runbooks" / "d.md").mkdir()
    (folder / "runbooks" / "e.md").write_bytes(b"#" * 300_000)
    (folder / "runbooks" / "f.md").write_bytes(b"half \xc3")
    os.mkfifo(folder / "runbooks" / "g.md")
    store = SnapshotStore(folder)
    assert store.runbooks() == [("a.md", "# A"), ("b.md", "# B"), ("f.md", "half �")]
    store.close()


def test_a_linked_folder_of_runbooks_is_left_out(make_folder: MakeFolder, start: datetime, tmp_path: Path) -> None:
    (tmp_path / "books").mkdir()
    (tmp_path / "books" / "a.md").write_text("# A")
    folder = make_folder(logs=[log(start)])
    (folder / "runbooks").symlink_to(tmp_path / "books")
    store = SnapshotStore(folder)
    assert store.runbooks() == []
    store.close()


def test_every_table_can_be_read(make_folder: MakeFolder, start: datetime) -> None:
    rows = {name: [{"ts": start, "start": start}] for name in TABLES}
    folder = make_folder(
        **{
            name: [
                {key: value for key, value in row.items() if key in TABLES[name].names}
                or {"entity": "x", "caller": "x"}
            ]
            for name, (row,) in rows.items()
            if name not in ("topology", "slos")
        },
        topology=[{"caller": "a", "callee": "b", "kind": "http"}],
        slos=[{"entity": "a", "name": "fresh bread", "objective": 0.9, "window_s": 60, "query": "q"}],
    )
    store = SnapshotStore(folder)
    for name, schema in TABLES.items():
        found = store.query(f"SELECT * FROM {name}")
        assert set(schema.names) <= set(found.column_names)
        assert found.num_rows == 1
    store.close()
