"""One small world per fault, written once and only read afterwards."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from opswarden.evals.cases import Case
from opswarden.evals.worlds.spec import FaultName, WorldSpec
from opswarden.evals.worlds.world import write_case

SMALL = WorldSpec(seed=11, duration_s=9_000, window_s=2_700, step_s=60, log_lines=1_500, spans=400, series=1)


@pytest.fixture(scope="session")
def small() -> WorldSpec:
    """A spec that is written in a fraction of a second."""
    return SMALL


@pytest.fixture(scope="session")
def world_case(tmp_path_factory: pytest.TempPathFactory) -> Callable[[FaultName], Case]:
    """`world_case(fault)`: the small case of a fault."""
    root: Path = tmp_path_factory.mktemp("worlds")

    @cache
    def written(fault: FaultName) -> Case:
        return write_case(SMALL.model_copy(update={"fault": fault}), root / f"case-{fault}")

    return written


@pytest.fixture(scope="session")
def texts() -> Callable[[Path], dict[str, str]]:
    """`texts(snapshot)`: all text of a snapshot folder by table, runbooks and `snapshot.json` included."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    def flat(column: pa.ChunkedArray) -> list[str]:
        if pa.types.is_string(column.type):
            return [value for value in column.unique().to_pylist() if value is not None]
        if pa.types.is_map(column.type):
            chunks = [chunk for chunk in column.chunks if len(chunk)]
            keys, items = (pa.chunked_array([getattr(chunk, part) for chunk in chunks]) for part in ("keys", "items"))
            pairs = pa.table({"key": keys, "item": items}).group_by(["key", "item"]).aggregate([]).to_pylist()
            return sorted(f"{pair['key']}={pair['item']}" for pair in pairs)
        return []

    @cache
    def read(snapshot: Path) -> dict[str, str]:
        found = {"manifest": (snapshot / "snapshot.json").read_text()}
        for path in sorted(snapshot.glob("*.parquet")):
            table = pq.read_table(path)
            found[path.stem] = "\n".join(line for column in table.columns for line in flat(column))
        found["runbooks"] = "\n".join(path.read_text() for path in sorted((snapshot / "runbooks").iterdir()))
        return found

    return read
