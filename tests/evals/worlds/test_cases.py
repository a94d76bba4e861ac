"""What is written: a snapshot that follows the schema, a truth beside it, and nothing that gives the truth away."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from opswarden.core.errors import InputError
from opswarden.evals.cases import Case, find_cases
from opswarden.evals.worlds.faults.catalogue import FAMILY_OF
from opswarden.evals.worlds.spec import FAULT_NAMES, FaultName, WorldSpec
from opswarden.evals.worlds.world import case_specs, write_case, write_cases
from opswarden.tools.snapshots.manifest import Manifest
from opswarden.tools.snapshots.schema import METRIC_KINDS, REQUIRED_TABLES, TABLES, TIME_COLUMN

WorldCase = Callable[[FaultName], Case]
Texts = Callable[[Path], dict[str, str]]

every_fault = pytest.mark.parametrize(
    "fault",
    [pytest.param(name, marks=() if place % 3 == 0 else pytest.mark.soak) for place, name in enumerate(FAULT_NAMES)],
)
"""`make test` takes every third."""


def manifest_of(case: Case) -> Manifest:
    return Manifest.model_validate_json((case.snapshot / "snapshot.json").read_bytes())


@every_fault
def test_every_table_follows_the_schema_and_lies_in_the_time_of_the_world(
    world_case: WorldCase, fault: FaultName
) -> None:
    case = world_case(fault)
    manifest = manifest_of(case)
    assert manifest.baseline is not None
    names = {path.stem for path in case.snapshot.glob("*.parquet")}
    assert names >= {*REQUIRED_TABLES, "alerts", "slos", "outcomes", "features", "predictions", "events"}
    for name in names:
        table = pq.read_table(case.snapshot / f"{name}.parquet")
        assert table.schema.equals(TABLES[name]), name
        if name in TIME_COLUMN and table.num_rows:
            span = pc.min_max(table[TIME_COLUMN[name]]).as_py()
            # Whoever says when a run will be done has to know nights before this day.
            earlier = timedelta(days=14) if name == "jobs" else timedelta()
            assert manifest.baseline.start - earlier <= span["min"], name
            assert span["max"] < manifest.window.end, name
    for name in REQUIRED_TABLES:
        assert pq.read_metadata(case.snapshot / f"{name}.parquet").num_rows > 0
    assert set(pq.read_table(case.snapshot / "metrics.parquet")["kind"].unique().to_pylist()) == set(METRIC_KINDS)


@every_fault
def test_it_says_that_it_is_synthetic_and_when_to_look(world_case: WorldCase, fault: FaultName) -> None:
    manifest = manifest_of(world_case(fault))
    assert "synthetic" in manifest.source
    assert "synthetic" in manifest.title
    assert manifest.licence == "Apache-2.0"
    assert manifest.baseline is not None
    assert manifest.baseline.end == manifest.window.start
    assert manifest.alert is not None
    assert manifest.alert.ts is not None
    assert manifest.window.contains(manifest.alert.ts)


@every_fault
def test_no_text_of_the_snapshot_names_the_fault(world_case: WorldCase, texts: Texts, fault: FaultName) -> None:
    found = texts(world_case(fault).snapshot)
    forbidden = [re.escape(name).replace("_", "[ _-]") for name in FAULT_NAMES if name != "healthy"]
    pattern = re.compile(
        r"\b(truth|faults?|root cause|injected|culprit|decoy|incident cause|" + "|".join(forbidden) + r")\b", re.I
    )
    for table, text in found.items():
        assert not (hit := pattern.search(text)), (table, text[hit.start() - 40 : hit.end() + 40])


@every_fault
def test_the_tables_of_a_healthy_world_look_like_those_of_a_faulty_one(world_case: WorldCase, fault: FaultName) -> None:
    def shape(case: Case) -> tuple[set[str], set[tuple[str, str]]]:
        files = {path.name for path in case.snapshot.iterdir()}
        metrics = pq.read_table(case.snapshot / "metrics.parquet", columns=["entity", "metric"])
        return files, set(zip(metrics["entity"].to_pylist(), metrics["metric"].to_pylist(), strict=True))

    assert shape(world_case(fault)) == shape(world_case("healthy"))


@every_fault
def test_the_truth_fits_the_snapshot(world_case: WorldCase, fault: FaultName) -> None:
    case = world_case(fault)
    truth = case.truth()
    assert truth.fault == fault
    if FAMILY_OF[fault] == "none":
        assert (truth.verdict, truth.causes) == ("healthy", ())
        return
    assert len(truth.causes) == (2 if fault == "two_at_once" else 1)
    topology = pq.read_table(case.snapshot / "topology.parquet")
    metrics = pq.read_table(case.snapshot / "metrics.parquet", columns=["entity", "metric"])
    measured = set(zip(*(metrics[name].to_pylist() for name in ("entity", "metric")), strict=True))
    for cause in truth.causes:
        assert cause.entity in {*topology["caller"].to_pylist(), *topology["callee"].to_pylist()}
        assert (cause.entity, cause.indicator) in measured


@every_fault
def test_the_change_behind_a_fault_is_one_of_many_around_the_onset(world_case: WorldCase, fault: FaultName) -> None:
    case = world_case(fault)
    truth, alert = case.truth(), manifest_of(case).alert
    assert alert is not None
    assert alert.ts is not None
    changes = pq.read_table(case.snapshot / "changes.parquet").to_pylist()
    assert len({row["id"] for row in changes}) == len(changes)
    near = [row for row in changes if abs((row["ts"] - alert.ts).total_seconds()) < 2_400]
    blamed = truth.causes[0] if truth.causes else None
    decoys = [row for row in near if blamed is None or row["id"] != blamed.change]
    assert len({row["entity"] for row in decoys}) >= 2
    if blamed is not None and blamed.change is not None:
        (behind,) = [row for row in changes if row["id"] == blamed.change]
        assert behind["entity"] == blamed.entity
        assert 0 < (alert.ts - behind["ts"]).total_seconds() < 1_200


def test_worlds_get_neutral_ids_and_every_fault_its_share(tmp_path: Path, small: WorldSpec) -> None:
    cases = write_cases(tmp_path / "set", n=3, seed=5, faults=("bad_canary", "healthy", "null_flood"), template=small)
    assert [case.id for case in cases] == ["world-0001", "world-0002", "world-0003"]
    assert {case.truth().fault for case in cases} == {"bad_canary", "healthy", "null_flood"}
    assert find_cases(tmp_path / "set") == cases


def test_specs_are_shuffled_fair_and_of_different_seeds_and_severities() -> None:
    n = 2 * len(FAULT_NAMES)
    specs = case_specs(n=n, seed=9)
    faults = [spec.fault for spec in specs]
    assert all(faults.count(name) == 2 for name in FAULT_NAMES)
    assert faults[: len(FAULT_NAMES)] != list(FAULT_NAMES)
    assert len({spec.seed for spec in specs}) == n
    assert len({spec.severity for spec in specs}) > 10
    assert case_specs(n=n, seed=9) == specs
    assert case_specs(n=n, seed=10) != specs


@pytest.mark.parametrize(("n", "faults"), [(0, None), (2, ())], ids=["no case", "no fault"])
def test_an_empty_set_is_refused(tmp_path: Path, n: int, faults: tuple[FaultName, ...] | None) -> None:
    with pytest.raises(InputError):
        write_cases(tmp_path, n=n, seed=1, faults=faults)


def test_a_case_is_never_overwritten(tmp_path: Path, small: WorldSpec) -> None:
    write_case(small, tmp_path / "case")
    before = (tmp_path / "case" / "truth.json").read_bytes()
    with pytest.raises(InputError):
        write_case(small.model_copy(update={"fault": "bad_canary"}), tmp_path / "case")
    assert (tmp_path / "case" / "truth.json").read_bytes() == before


def test_progress_only_grows_and_ends_at_one(tmp_path: Path, small: WorldSpec) -> None:
    told: list[tuple[str, float]] = []
    write_case(small, tmp_path / "case", progress=lambda step, share: told.append((step, share)))
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert told[-1] == ("done", 1.0)
    assert {"metrics", "spans", "logs", "changes"} <= {step for step, _ in told}
