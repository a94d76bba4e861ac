"""The same spec gives the same bytes of values; another seed another world; sizes do not move the incident."""

from __future__ import annotations

import hashlib
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from opswarden.evals.worlds.model import build_world
from opswarden.evals.worlds.spec import WorldSpec
from opswarden.evals.worlds.world import write_case


def fingerprints(snapshot: Path) -> dict[str, str]:
    """A hash of every table's values and of every other file's bytes."""
    found = {}
    for path in sorted(path for path in snapshot.rglob("*") if path.is_file()):
        if path.suffix == ".parquet":
            sink = pa.BufferOutputStream()
            table = pq.read_table(path).combine_chunks()
            with pa.ipc.new_stream(sink, table.schema) as stream:
                stream.write_table(table)
            content = sink.getvalue().to_pybytes()
        else:
            content = path.read_bytes()
        found[path.name] = hashlib.sha256(content).hexdigest()
    return found


def test_a_spec_settles_every_value(tmp_path: Path, small: WorldSpec) -> None:
    spec = small.model_copy(update={"fault": "slow_dependency"})
    one = write_case(spec, tmp_path / "one")
    two = write_case(spec, tmp_path / "two")
    assert fingerprints(one.snapshot) == fingerprints(two.snapshot)
    assert one.truth() == two.truth()


def test_another_seed_is_another_world(tmp_path: Path, small: WorldSpec) -> None:
    one = fingerprints(write_case(small, tmp_path / "one").snapshot)
    two = fingerprints(write_case(small.model_copy(update={"seed": 12}), tmp_path / "two").snapshot)
    same = {name for name, digest in one.items() if two[name] == digest}
    assert {"metrics.parquet", "logs.parquet", "spans.parquet", "changes.parquet"} & same == set()


def test_more_lines_and_series_do_not_change_what_happened(tmp_path: Path, small: WorldSpec) -> None:
    few = write_case(small, tmp_path / "few").snapshot
    larger = small.model_copy(update={"log_lines": 3_000, "spans": 800, "series": 480})
    many = write_case(larger, tmp_path / "many").snapshot
    assert fingerprints(few)["changes.parquet"] == fingerprints(many)["changes.parquet"]
    assert (few / "snapshot.json").read_bytes() == (many / "snapshot.json").read_bytes()

    def entity_level(snapshot: Path) -> list[tuple[object, ...]]:
        with duckdb.connect() as connection:
            return connection.execute(
                "select epoch_us(ts), entity, metric, value, labels::varchar from read_parquet(?)"
                " where labels['pod'] is null order by all",
                [str(snapshot / "metrics.parquet")],
            ).fetchall()

    assert entity_level(few) == entity_level(many)


def test_the_fault_leaves_the_quiet_time_alone(small: WorldSpec) -> None:
    healthy = build_world(small.model_copy(update={"decoy": False}))
    faulty = build_world(small.model_copy(update={"decoy": False, "fault": "slow_dependency"}))
    quiet = slice(0, healthy.timeline.window_step)
    assert healthy.timeline == faulty.timeline
    assert (healthy.state.p50_ms[:, quiet] == faulty.state.p50_ms[:, quiet]).all()
    assert (healthy.state.p50_ms != faulty.state.p50_ms).any()
