"""What every suite of triaged cases does alike: the baselines on the same snapshot, and the score of a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...agents.triage.types import TriageReport
from ...core.clock import Clock
from ...core.errors import OpswardenError
from ...tools.snapshots.store import SnapshotStore
from ..cases import Case, Truth
from ..running import reason_of
from ..scoring.baselines import Baseline
from ..scoring.view import CaseView
from ..suite import CaseScore


@dataclass(frozen=True)
class Beside:
    """The values of the baselines on a case, those that were silent, and those that broke with the reason."""

    values: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    silent: tuple[str, ...] = ()
    problems: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Peers:
    """The labels of the other cases of a case's sub-set and data set."""

    of_group: tuple[Truth, ...] = ()
    of_set: tuple[Truth, ...] = ()


def measure_beside(
    baselines: Sequence[Baseline], case: Case, truth: Truth, clock: Clock, peers: Peers | None = None
) -> Beside:
    """Measure the baselines on the snapshot of a case; one that breaks is written down and is no score of 0."""
    labels = peers or Peers()
    try:
        store = SnapshotStore(case.snapshot)
    except OpswardenError as error:
        # A report could be made of it all the same, so the case stands; the baselines have no value on it.
        return Beside(problems={baseline.name: reason_of(error) for baseline in baselines})
    values: dict[str, Mapping[str, float]] = {}
    silent: list[str] = []
    problems: dict[str, str] = {}
    try:
        view = CaseView(truth, labels.of_group, labels.of_set, store, clock)
        for baseline in baselines:
            try:
                measured = baseline.measure(view)
            except Exception as error:  # noqa: BLE001 - see above
                problems[baseline.name] = reason_of(error)
                continue
            values[baseline.name] = dict(measured.values)
            if measured.is_silent:
                silent.append(baseline.name)
    finally:
        store.close()
    return Beside(values, tuple(silent), problems)


def case_score(
    case: Case,
    truth: Truth,
    report: TriageReport,
    metrics: Mapping[str, float],
    beside: Beside,
    details: Mapping[str, Any],
    *,
    group: str | None = None,
    more_cost: Mapping[str, float] | None = None,
) -> CaseScore:
    """What came of one case whose report was scored.

    Args:
        case: which.
        truth: its label.
        report: on its snapshot.
        metrics: what the report is worth.
        beside: what the baselines are.
        details: what else whoever looks into the case wants to see.
        group: its sub-set, if that is not what the label says.
        more_cost: what the report took beside what it says itself.
    """
    return CaseScore(
        id=case.id,
        set_name=case.set_name,
        group=group or truth.group or case.set_name,
        metrics=metrics,
        baseline=beside.values,
        silent=beside.silent,
        baseline_errors=beside.problems,
        cost={**report.cost.model_dump(), **(more_cost or {})},
        models=tuple(filter(None, (report.model.model, *report.model.fallbacks))) if report.model.used else (),
        details={
            "truth": truth.model_dump(mode="json", exclude_none=True),
            "verdict": report.verdict,
            "run_id": report.run_id,
            **details,
        },
    )
