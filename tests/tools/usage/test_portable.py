"""One expression, two engines: the history that Ibis makes on DuckDB and on Spark is the one that we make ourselves."""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from opswarden.tools.in_memory import in_memory
from opswarden.tools.usage.building import build_history
from opswarden.tools.usage.history import History
from opswarden.tools.usage.portable import portable_history

ibis = pytest.importorskip("ibis")

FIRST = date(2031, 5, 6)
LAST = FIRST + timedelta(days=2)
ZERO_S = (FIRST - date(1970, 1, 1)).days * 86_400


@pytest.fixture(scope="module")
def usage() -> pa.Table:
    """Three series with repetitions and nonsense, of which every moment is told in whole seconds."""
    random = np.random.default_rng(11)
    parts: list[tuple[int, str | None, str, float]] = []
    series = (("oven", "cpu", 300, 1.0), ("mixer", "cpu", 60, 0.01), ("oven", "memory", 900, 2e9))
    for name, resource, every, scale in series:
        values = random.lognormal(0, 1, 3 * 86_400 // every) * scale
        parts += [(ZERO_S + place * every, name, resource, float(value)) for place, value in enumerate(values)]
    parts += [(at, name, kind, value * 3) for at, name, kind, value in parts[50:90]]
    parts += [(ZERO_S + 7, "oven", "cpu", bad) for bad in (math.nan, -1.0, math.inf)]
    parts += [
        (ZERO_S + 11, "oven", "cpu", 0.001),
        (ZERO_S + 12, None, "cpu", 1.0),
        (ZERO_S + 13, "oven", "colour", 1.0),
    ]
    columns = list(zip(*parts, strict=True))
    return pa.table(dict(zip(("at_s", "workload", "resource", "value"), columns, strict=True)))


@pytest.fixture(scope="module")
def ours(usage: pa.Table) -> History:
    connection = in_memory(1)
    connection.register("given", usage)
    connection.execute(
        "CREATE VIEW usage AS SELECT make_timestamptz(at_s * 1000000) AS ts, workload, resource, value FROM given"
    )
    return build_history(connection, "usage", FIRST, LAST).history


@pytest.fixture(params=["duckdb", "spark"])
def table(request: pytest.FixtureRequest, usage: pa.Table, tmp_path: Path) -> Iterator[Any]:
    path = tmp_path / "usage.parquet"
    pq.write_table(usage, path)
    if request.param == "duckdb":
        yield ibis.duckdb.connect().read_parquet(path)
        return
    if shutil.which("java") is None:
        pytest.skip("there is no Java: the history is not made by Spark")
    pyspark = pytest.importorskip("pyspark.sql")
    session = (
        pyspark.SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .getOrCreate()
    )
    yield ibis.pyspark.connect(session).read_parquet(path)
    session.stop()


@pytest.mark.filterwarnings("ignore")
def test_the_same_history_wherever_it_is_made(table: Any, ours: History) -> None:
    found = portable_history(table, FIRST, LAST)
    assert found.workloads == ours.workloads == ("mixer", "oven")
    exact = "workload resource day samples unusable repeated first_s last_s most most_s bucket count hour_n".split()
    for name in (*exact, "interval_s", "hour_most", "second"):
        assert np.array_equal(getattr(found.rows, name), getattr(ours.rows, name)), name
    assert np.allclose(found.rows.hour_sum, ours.rows.hour_sum, rtol=1e-6)
    asked = (0.5, 0.95, 0.99, 0.995, 1.0)
    for resource in ("cpu", "memory"):
        # What recommendations rest on: equal to the last digits, because the buckets are.
        assert np.allclose(found.quantiles(resource, asked), ours.quantiles(resource, asked), rtol=1e-9)
        assert np.array_equal(found.daily_most(resource), ours.daily_most(resource))
