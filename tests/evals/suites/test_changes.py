"""The suite `changes` over a report made by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from opswarden.core.errors import BackendError
from opswarden.evals.cases import Case, Cause, Truth, write_truth
from opswarden.evals.suite import NothingScored
from opswarden.evals.suites.changes import run_changes
from opswarden.tools.snapshots.manifest import AlertRef, Manifest, Window
from opswarden.tools.snapshots.writer import SnapshotWriter

START = datetime(2030, 1, 2, 12, 0, tzinfo=UTC)


def make_case(folder: Path, change: str | None) -> Case:
    window = Window(start=START, end=START + timedelta(minutes=30))
    alert = AlertRef(name="oven is cold", entity="oven", ts=START + timedelta(minutes=20))
    manifest = Manifest(title="t", environment="production", window=window, alert=alert, source="made", licence="own")
    folder.mkdir()
    with SnapshotWriter(folder / "snapshot", manifest) as writer:
        writer.write("logs", {"ts": [START], "entity": ["oven"], "level": ["INFO"], "body": ["warm"]})
        writer.write(
            "changes",
            {
                "ts": [START, START + timedelta(minutes=1)],
                "entity": ["till", "oven"],
                "kind": ["deploy"] * 2,
                "id": ["c1", "c2"],
                "summary": ["a", "b"],
            },
        )
    write_truth(folder, Truth(causes=(Cause(entity="oven", change=change),), verdict="cause_found"))
    return Case(id=folder.name, folder=folder, set_name="made")


def naming(change: str | None) -> Callable[[Case], Any]:
    cost = SimpleNamespace(model_dump=lambda: {"wall_s": 1.0})
    model = SimpleNamespace(used=False, model=None, fallbacks=())
    ranking = (SimpleNamespace(change=change),)
    return lambda case: SimpleNamespace(
        ranking=ranking, evidence=(), verdict="cause_found", run_id="r", cost=cost, model=model
    )


def test_a_named_change_is_scored_beside_the_baselines(tmp_path: Path) -> None:
    cases = [make_case(tmp_path / "one", "c2"), make_case(tmp_path / "two", None)]
    result = run_changes(cases, naming("c2"))
    assert (result.n, result.errors) == (2, 0)
    assert result.metrics["right"].value == 0.5
    assert result.metrics["decoy_named"].value == 0.5
    assert result.metrics["hr1"].n == 1
    assert result.baseline["latest"]["right"].value == 0.5
    assert result.baseline["always_none"]["right"].value == 0.5
    assert result.cases[0].details["named"] == "c2"


def test_a_case_that_broke_is_no_wrong_answer(tmp_path: Path) -> None:
    def broken(case: Case) -> Any:
        raise BackendError("down")

    with pytest.raises(NothingScored):
        run_changes([make_case(tmp_path / "one", "c2")], broken)


def test_a_snapshot_without_changes_has_silent_baselines(tmp_path: Path) -> None:
    case = make_case(tmp_path / "one", None)
    (case.snapshot / "changes.parquet").unlink()
    (score,) = run_changes([case], naming(None)).cases
    assert score.metrics["right"] == 1
    assert set(score.silent) == {"latest", "alert_latest"}
