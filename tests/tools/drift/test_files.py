"""Scored rows in files: read as they are, refused with a reason, and asked through the tool."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as pq
import pytest

from opswarden.core.clock import Deadline, SystemClock
from opswarden.core.errors import InputError, ToolRetry
from opswarden.tools.drift.backends.files import FileRows, ScoredFiles
from opswarden.tools.drift.tools import DRIFT_COLUMNS, drift_tools
from opswarden.tools.drift.types import CompareArgs
from opswarden.tools.spec import ToolContext

NOON = datetime(2031, 5, 6, 12, tzinfo=UTC)


def table(seed: int, rows: int, spread: float = 1.0) -> pa.Table:
    draw = np.random.default_rng(seed)
    amount = draw.normal(size=rows) * spread
    score = 1 / (1 + np.exp(-2 * amount))
    return pa.table(
        {
            "id": np.arange(rows) + seed * 1_000_000,
            "ts": pa.array([NOON + timedelta(minutes=number) for number in range(rows)], pa.timestamp("us", "UTC")),
            "amount": amount,
            "country": draw.choice(["BR", "MX"], rows),
            "score": score,
            "fraud": (draw.random(rows) < score).astype(np.int64),
        }
    )


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> ScoredFiles:
    folder = tmp_path_factory.mktemp("rows")
    pq.write_table(table(0, 20_000), folder / "before.parquet")
    since = table(1, 6_000, spread=0.4)
    (folder / "since").mkdir()
    pq.write_table(since.slice(0, 3_000).drop_columns(["fraud"]), folder / "since" / "a.parquet")
    csv.write_csv(since.slice(3_000).drop_columns(["fraud"]), folder / "since" / "b.csv")
    # Truths of the first half have come, in another order.
    pq.write_table(
        since.select(["fraud", "id"]).slice(0, 3_000).take(np.arange(2_999, -1, -1)), folder / "late.parquet"
    )
    return ScoredFiles(
        reference=(folder / "before.parquet",),
        window=(folder / "since",),
        score="score",
        label="fraud",
        labels=(folder / "late.parquet",),
        key="id",
        time="ts",
        segments=("country",),
    )


def deadline() -> Deadline:
    return Deadline(SystemClock(), 60)


def test_rows_of_several_files_and_truths_that_came_later_are_brought_together(files: ScoredFiles) -> None:
    backend = FileRows({"fraud": files}, "production")
    window = backend.window("fraud", None, None, deadline())
    assert window is not None
    assert window.size == 6_000
    assert sorted(window.features) == ["amount", "country"]
    assert window.labels is not None
    assert np.isfinite(window.labels).sum() == 3_000
    part = backend.window("fraud", NOON + timedelta(minutes=10), NOON + timedelta(minutes=20), deadline())
    assert part is not None
    assert part.size == 10
    assert backend.window("fraud", NOON - timedelta(days=2), NOON - timedelta(days=1), deadline()) is None
    with pytest.raises(ToolRetry, match="name"):
        backend.reference("other", deadline())


def damaged(folder: Path) -> Path:
    path = folder / "rows.parquet"
    path.write_bytes(b"PAR1 and nothing else")
    return path


def linked(folder: Path) -> Path:
    pq.write_table(table(0, 10), folder / "real.parquet")
    path = folder / "rows.parquet"
    path.symlink_to(folder / "real.parquet")
    return path


def written(**columns: Any) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        pq.write_table(pa.table({"ts": [NOON], **columns}), folder / "rows.parquet")
        return folder / "rows.parquet"

    return write


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (damaged, "cannot be read"),
        (linked, "no file"),
        (lambda folder: folder / "gone.parquet", "no file"),
        (written(amount=[1.0]), "no column 'score'"),
        (written(score=[1.5]), "no probability"),
        (written(score=["high"]), "no numbers"),
        (written(score=[0.5], country=["BR"], fraud=[7]), "two classes"),
    ],
)
def test_what_cannot_be_used_is_refused_with_what_to_do(
    files: ScoredFiles, tmp_path: Path, make: Callable[[Path], Path], said: str
) -> None:
    wrong = replace(files, window=(make(tmp_path),), segments=())
    with pytest.raises(InputError, match=said) as caught:
        FileRows({"fraud": wrong}, "production").window("fraud", None, None, deadline())
    assert caught.value.remedy


def test_the_tool_names_what_harms_and_says_how_sure_it_is(files: ScoredFiles) -> None:
    (tool,) = drift_tools(FileRows({"fraud": files}, "production"))

    class Nothing:
        def read(self, artifact_id: str) -> pa.Table:
            raise ToolRetry("nothing")

    context = ToolContext("r", "team", SystemClock(), deadline(), Nothing())
    output = tool.run(CompareArgs(model="fraud"), context)
    assert output.status == "ok"
    found = output.summary
    assert found.falls
    assert found.features[0].feature == "amount"
    assert found.features[0].is_alarm
    assert found.labelled == 0.5
    assert found.realised.rows == 3_000
    assert found.realised.low < found.expected.value + 0.02
    assert [each.value for each in found.segments if each.is_alarm]
    assert output.artifact.schema == DRIFT_COLUMNS
    with pytest.raises(ToolRetry, match="rows"):
        tool.run(CompareArgs(model="fraud", start=NOON, end=NOON + timedelta(minutes=5)), context)
    empty = tool.run(CompareArgs(model="fraud", end=NOON - timedelta(days=9)), context)
    assert empty.status == "no_data"
