"""The invented fleet: the same for a seed, its bill ties, its labels lie beside it; and what the suite judges."""

from __future__ import annotations

import hashlib
import io
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from opswarden.apps.cli.eval_fleets import COMMAND
from opswarden.apps.cli.main import main
from opswarden.core.errors import InputError
from opswarden.evals.fleets.fleet import InventedFleet, invent_fleet, write_fleet
from opswarden.evals.fleets.labels import Labels, read_labels
from opswarden.evals.fleets.naive import naive
from opswarden.evals.fleets.spec import SITUATIONS, FleetSpec
from opswarden.evals.scoring.fleets import clean_scores, situation_scores
from opswarden.evals.suites import fleets as suite
from opswarden.evals.suites.fleets import ALL_RESOURCES, ANALYSES, Analysis, answer_of
from opswarden.tools.decommission import recommend as decommission
from opswarden.tools.decommission.items import Item, items_of
from opswarden.tools.fleets.half_hours import Bools, HalfHours
from opswarden.tools.fleets.store import FleetStore
from opswarden.tools.fleets.subjects import Subject
from opswarden.tools.fleets.view import FleetView, read_view
from opswarden.tools.rightsizing import replicas
from opswarden.tools.rightsizing.load import Carried
from opswarden.tools.schedules import recommend as schedules

SPEC = FleetSpec(seed=4, weeks=6, workloads=40)
GIB = 2**30


@dataclass(frozen=True)
class Made:
    invented: InventedFleet
    folder: Path
    labels: Labels
    store: FleetStore
    view: FleetView
    items: tuple[Item, ...]
    analyses: Mapping[str, Analysis]
    """Those of the suite; sizes were worked out once, since they read the store alone and no test breaks them."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    dest = tmp_path_factory.mktemp("fleet")
    folder = write_fleet(SPEC, dest)
    store = FleetStore(folder)
    view = read_view(store, ALL_RESOURCES, lambda _subject: True)
    items = items_of(store.rows("inventory"), view.end)
    sizes = ANALYSES["sizes"](store, view, items)
    analyses = {**ANALYSES, "sizes": lambda _store, _view, _items: sizes}
    yield Made(invent_fleet(SPEC), folder, read_labels(dest), store, view, items, analyses)
    store.close()


def test_the_same_spec_gives_the_same_values(made: Made) -> None:
    written = made.store.rows("usage", most=10_000_000)
    assert written.equals(made.invented.tables["usage"])
    assert made.labels == made.invented.labels
    for path in made.store.bills():
        assert hashlib.sha256(path.read_bytes()).digest() == hashlib.sha256(made.invented.bill[path.name]).digest()
    with pytest.raises(InputError, match="already"):
        write_fleet(SPEC, made.folder.parent)


def test_labels_lie_beside_the_fleet_and_nothing_in_it_tells(made: Made) -> None:
    assert {label.situation for label in made.labels.planted} == set(SITUATIONS)
    assert not (made.folder / "labels.json").exists()
    texts = "\n".join(str(made.invented.tables[name].to_pylist()) for name in ("workloads", "inventory", "calendar"))
    assert not [name for name in (*SITUATIONS, "planted", "situation", "watchful") if name in texts]
    assert not {label.subject for label in made.labels.planted} & set(made.labels.clean)


def test_the_bill_is_sizes_times_hours_times_prices(made: Made) -> None:
    """Worked out again from the tables alone, by workload and currency, to a millionth."""
    tables = made.invented.tables
    rows = [row for content in made.invented.bill.values() for row in pq.read_table(io.BytesIO(content)).to_pylist()]
    usage = [row for row in rows if row["ChargeCategory"] == "Usage"]
    prices: dict[Any, list[Any]] = {}
    for row in tables["prices"].to_pylist():
        prices.setdefault((row["region"], row["sku"], row["capacity_type"]), []).append(row)
    days = np.arange(SPEC.weeks * 7)
    for subject in made.view.subjects:
        billed: dict[str, float] = {}
        for row in usage:
            if row["ResourceName"] == subject.name:
                billed[row["BillingCurrency"]] = billed.get(row["BillingCurrency"], 0.0) + float(row["EffectiveCost"])
        expected: dict[str, float] = {}
        times = made.view.usage.start_us + np.arange(SPEC.samples) * 300_000_000
        hours = subject.replicas(times).reshape(days.size, -1).sum(axis=1) / 12
        for resource in ("cpu", "memory", "gpu"):
            size = subject.size(resource)
            if size is None:
                continue
            sku = f"gpu:{subject.gpu_type}" if resource == "gpu" else resource
            for day in days:
                date = (SPEC.start + (SPEC.end - SPEC.start) / (SPEC.weeks * 7) * int(day)).date()
                listed = [one for one in prices[subject.region, sku, subject.capacity_type] if one["since"] <= date]
                price = max(listed, key=lambda one: one["since"])
                units = size / GIB if resource == "memory" else size
                amount = float(hours[day]) * units * price["price"]
                if amount:
                    expected[price["currency"]] = expected.get(price["currency"], 0.0) + amount
        assert billed == pytest.approx(expected, rel=1e-5)
    fees = sum(float(row["BilledCost"]) for row in rows if row["ChargeCategory"] == "Purchase")
    covered = sum(float(row["EffectiveCost"]) for row in usage if row["CommitmentDiscountStatus"] == "Used")
    assert fees == pytest.approx(covered)
    assert fees > 0
    assert {row["BillingCurrency"] for row in rows} == {"USD", "EUR"}


def scores(made: Made) -> tuple[dict[str, dict[str, float]], dict[str, float]]:
    answer = answer_of(made.store, made.view, made.items, made.analyses)
    return situation_scores(made.labels, answer.made), clean_scores(made.labels, answer.made)


def test_every_situation_gets_what_is_right_and_nothing_else_is_named(made: Made) -> None:
    found, clean = scores(made)
    assert [name for name, values in found.items() if not values["right"]] == []
    assert clean == {"false_clean": 0.0, "false_watchful": 0.0}
    simple = naive(made.view, made.items)
    beside = situation_scores(made.labels, simple)
    assert sum(values["right"] for values in beside.values()) < 8
    assert clean_scores(made.labels, simple)["false_watchful"] > 0.3


def all_seen(usage: HalfHours, _workload: str, _resource: str) -> Bools:
    return np.ones(usage.halves, bool)


def percentile(_view: FleetView, _subject: Subject, carries: Carried) -> float:
    return float(np.nanquantile(carries.load, 0.95))


BREAKS: list[tuple[str, str, Any, str, Any]] = [
    ("what nobody saw counts as idle", "telemetry_gap", HalfHours, "seen", all_seen),
    ("replicas cannot be cut", "autoscaler_owned", replicas, "MOST_CUT", 0.0),
    ("commitments count as money", "commitment_paid", schedules, "_PAID", frozenset()),
    ("asking costs a fortune", "orphaned_volume", decommission, "LEAST_SAVED", 1e9),
    ("a schedule must save all hours", "nightly_idle", schedules, "LEAST_SAVED_HOURS", 167),
]


@pytest.mark.parametrize(
    ("situation", "where", "name", "value"), [row[1:] for row in BREAKS], ids=[r[0] for r in BREAKS]
)
def test_a_rule_that_breaks_shows(
    made: Made, monkeypatch: pytest.MonkeyPatch, situation: str, where: Any, name: str, value: Any
) -> None:
    """The suite judges the rules: with one of them gone, the situation that needs it goes wrong."""
    monkeypatch.setattr(where, name, value)
    found, _ = scores(made)
    assert found[situation]["right"] == 0.0


def test_impatience_shows_on_the_clean_part(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Item, "absence_days", lambda _item, _ending: 1.0)
    # What it would let go is worth little, and reports leave that out.
    monkeypatch.setattr("opswarden.evals.suites.fleets.too_small", lambda _one, _thresholds: "")
    _, clean = scores(made)
    assert clean["false_watchful"] > 0.0


def test_peaks_as_percentiles_fail_their_replay_and_are_withheld(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replicas, "_peak", percentile)
    found, _ = replicas.recommend_replicas(made.view)
    assert "settlement-worker" in {one.subject for one in found.recommendations}
    answer = answer_of(made.store, made.view, made.items, made.analyses)
    (replay,) = [one for one in answer.replays if one.kind == "replicas"]
    assert not replay.is_passed
    assert "replicas" not in {one.kind for one in answer.made}


def test_the_suite_judges_beside_the_spreadsheet_and_counts_what_broke(
    made: Made, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def write(spec: FleetSpec, dest: Path) -> Path:
        if spec.seed == 1:
            raise InputError("the oven is cold")
        shutil.copytree(made.folder.parent, dest)
        return dest / "fleet"

    monkeypatch.setattr(suite, "write_fleet", write)
    seen: list[tuple[int, int]] = []
    result = suite.run_fleets(2, progress=lambda done, n: seen.append((done, n)))
    assert (result.n, result.errors, seen) == (13, 1, [(1, 2), (2, 2)])
    assert result.metrics["right"].value == 1.0
    assert result.baseline["naive"]["right"].value < 0.7
    assert result.groups["fleets"].groups["telemetry_gap"].baseline["naive"]["silent"].value == 0.0
    assert "false_clean" in result.lower_is_better
    COMMAND.show(suite.SUITE, result)
    said = capsys.readouterr()
    assert "telemetry_gap          1.00" in said.out
    assert "the oven is cold" in said.err
    with pytest.raises(InputError, match="at least one"):
        suite.run_fleets(0)


def test_a_fleet_is_made_by_a_command(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[FleetSpec] = []

    def write(spec: FleetSpec, dest: Path) -> Path:
        asked.append(spec)
        return Path(shutil.copytree(made.folder.parent, dest)) / "fleet"

    monkeypatch.setattr("opswarden.evals.fleets.fleet.write_fleet", write)
    code = main(["eval", "fleet", str(tmp_path / "bakery"), "--seed", "4", "--weeks", "6", "--workloads", "40"])
    assert (code, asked) == (0, [SPEC])
    assert "12 situations are planted" in "".join(capsys.readouterr())
