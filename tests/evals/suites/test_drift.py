"""The suite `drift` on models of its own, and on files laid out as they are published."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from opswarden.core.errors import InputError
from opswarden.evals.suites.drift import run_drift
from opswarden.evals.suites.drift_sets import invented_sets


def test_planted_harm_is_named_and_what_only_moves_is_left_alone() -> None:
    result = run_drift(None, sandbox=2, seed=5)
    assert result.errors == 0
    assert result.metrics["named"].value == 1.0
    planted = [case for case in result.cases if case.details.get("hurt") and case.group not in ("nothing", "")]
    assert sum(bool(case.details["alarms"]) for case in planted) >= len(planted) - 1
    assert result.metrics["worst_first"].value == 1.0
    assert result.metrics["false_alarms"].value <= result.baseline["psi_0.1"]["false_alarms"].value
    assert {case.group for case in result.cases if case.details.get("hurt")} >= {"hard rows more often", "another unit"}
    clean = [case for case in result.cases if case.group == "nothing"]
    assert [case.details["alarms"] for case in clean] == [[]] * len(clean)


def test_published_files_are_read_and_their_truth_stays_out_of_the_comparison(tmp_path: Path) -> None:
    (model,) = invented_sets(1, 0)
    reference, (window, *_) = model.reference, model.windows
    for name, rows in (("shop_reference", reference), ("shop_analysis", window.rows)):
        columns = {**rows.features, "y_pred_proba": pa.chunked_array([pa.array(rows.scores)])}
        if rows.labels is not None:
            columns["fraud"] = pa.chunked_array([pa.array(rows.labels)])
        pq.write_table(pa.table(columns), tmp_path / f"{name}.pq")
    pq.write_table(pa.table({"fraud": window.labels}), tmp_path / "shop_analysis_gt.pq")
    result = run_drift(tmp_path, seed=0)
    assert result.errors == 0
    assert {case.set_name for case in result.cases} == {"shop"}
    assert len([case for case in result.cases if "/window-" in case.id]) == 20
    (tmp_path / "shop_analysis_gt.pq").unlink()
    with pytest.raises(InputError, match="there is no"):
        run_drift(tmp_path)
    with pytest.raises(InputError, match="recognised"):
        run_drift(tmp_path / "..")
