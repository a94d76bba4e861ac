"""Tiny labelled cases about a system nobody has: a bakery of services, one sample a minute."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from opswarden.agents.triage.types import Cost, Incident, ModelUse, RankedCause, TriageReport, Verdict
from opswarden.evals.cases import SNAPSHOT_FOLDER, Case, Cause, Truth, write_truth
from opswarden.tools.snapshots.manifest import AlertRef, Manifest, Window
from opswarden.tools.snapshots.writer import SnapshotWriter

START = datetime(2031, 5, 6, 12, 0, tzinfo=UTC)
"""The incident of every tiny case begins here."""

Values = Sequence[float]


@dataclass(frozen=True)
class Series:
    """Samples before and after `START`, one a minute."""

    entity: str
    metric: str
    before: Values
    after: Values
    kind: str = "gauge"
    unit: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)


@pytest.fixture
def write_case() -> Callable[..., Case]:
    """`write_case(folder, truth, series, …)` writes a labelled case."""

    def write(
        folder: Path,
        truth: Truth,
        series: Sequence[Series] = (),
        *,
        alert_entity: str | None = None,
        changes: Sequence[tuple[int, str, str]] = (),
        topology: Sequence[tuple[str, str]] = (),
        set_name: str = "bakery",
    ) -> Case:
        longest = max((len(one.after) for one in series), default=10)
        before = max((len(one.before) for one in series), default=10)
        alert = AlertRef(name="late bread", entity=alert_entity, ts=START + timedelta(minutes=1))
        manifest = Manifest(
            title="Incident under investigation",
            environment="test",
            window=Window(start=START, end=START + timedelta(minutes=longest)),
            baseline=Window(start=START - timedelta(minutes=before), end=START),
            alert=alert if alert_entity else None,
            source="made for a test",
            licence="none",
        )
        folder.mkdir(parents=True)
        with SnapshotWriter(folder / SNAPSHOT_FOLDER, manifest) as writer:
            for one in series:
                values = [*one.before, *one.after]
                offsets = range(-len(one.before), len(one.after))
                writer.write(
                    "metrics",
                    {
                        "ts": [START + timedelta(minutes=offset) for offset in offsets],
                        "entity": [one.entity] * len(values),
                        "metric": [one.metric] * len(values),
                        "kind": [one.kind] * len(values),
                        "value": [float(value) for value in values],
                        "unit": [one.unit] * len(values),
                        "labels": [list(one.labels.items())] * len(values),
                    },
                )
            if changes:
                writer.write(
                    "changes",
                    {
                        "ts": [START + timedelta(minutes=minute) for minute, _, _ in changes],
                        "entity": [entity for _, entity, _ in changes],
                        "kind": ["deploy"] * len(changes),
                        "id": [change for _, _, change in changes],
                    },
                )
            if topology:
                callers, callees = zip(*topology, strict=True)
                writer.write("topology", {"caller": callers, "callee": callees, "kind": ["calls"] * len(topology)})
        write_truth(folder, truth)
        return Case(id=folder.name, folder=folder, set_name=set_name)

    return write


@pytest.fixture
def series() -> type[Series]:
    return Series


@pytest.fixture
def blame() -> Callable[..., Truth]:
    """`blame("oven")`: the label of a case that the oven caused."""

    def truth(
        entity: str, *, indicator: str | None = None, change: str | None = None, group: str | None = None
    ) -> Truth:
        cause = Cause(entity=entity, indicator=indicator, change=change)
        return Truth(causes=(cause,), verdict="cause_found", group=group)

    return truth


@pytest.fixture
def report() -> Callable[..., TriageReport]:
    """`report(("oven", "heat", None), …)`: a triage report with that ranking of (entity, indicator, change)."""

    def make(*ranking: tuple[str, str | None, str | None], verdict: Verdict = "cause_found") -> TriageReport:
        return TriageReport(
            run_id="run-1",
            incident=Incident(title="late bread", environment="test", start="", end=""),
            verdict=verdict,
            summary="",
            ranking=tuple(
                RankedCause(entity=entity, indicator=indicator, change=change, score=1.0, evidence=())
                for entity, indicator, change in ranking
            ),
            claims=(),
            evidence=(),
            cost=Cost(model_calls=2, usd=0.25, wall_s=1.5),
            model=ModelUse(used=True, model="tiny/model", prompts={"diagnose": "0a1b"}),
        )

    return make
