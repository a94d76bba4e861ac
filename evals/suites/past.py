"""The suite `past`: an installation's own incidents, seen again as they were at their alerts.

Every incident is triaged once for each cut-off: so many minutes after its alert, with nothing later in the folder. How
early a report points to the true cause is what an on-call engineer has of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from ...agents.triage.types import TriageReport
from ...core.errors import InputError
from ...tools.snapshots.store import SnapshotStore
from ..cases import SNAPSHOT_FOLDER, Case, Truth
from ..cutting import at_alert, cut
from ..past import PastIncident
from ..repeats import total
from ..running import run_cases
from ..scoring.rca import RcaAnswer, answer_of, hit, score, true_names
from ..scoring.reliability import Point
from ..suite import CaseScore, Drawn, Metric, Suite, SuiteResult
from ..summary import summarise
from .rca import nothing_more, shown

MINUTES = (0.0, 5.0, 15.0)
_CARRIED = ("top1", "top3", "change_top1", "verdict_found", "verdict_right")


def suite_of(minutes: Sequence[float]) -> Suite:
    """The suite for some cut-offs, in minutes after the alert."""
    early = [
        Metric(
            name=f"{prefix}_by_{minute:g}",
            kind="proportion",
            description=f"a true cause is {where} at the cut-off {minute:g} minutes after the alert, or before",
        )
        for minute in minutes
        for prefix, where in (("first", "ranked first"), ("among_three", "among the first three"))
    ]
    return Suite(
        name="past",
        description="the installation's own incidents, with the evidence cut off at alert time",
        metrics=(
            Metric(name="top1", kind="proportion", description="a true cause is ranked first at the last cut-off"),
            Metric(name="top3", kind="proportion", description="a true cause is among the first three then"),
            Metric(name="change_top1", kind="proportion", description="the first change that is named is the true one"),
            Metric(name="verdict_found", kind="proportion", description="incidents with a cause: cause_found"),
            Metric(name="verdict_right", kind="proportion", description="those without one: the verdict is right"),
            Metric(
                name="wrong_cause",
                kind="proportion",
                description="at any cut-off: says cause_found and names first what is none; lower is better",
                lower_is_better=True,
            ),
            *early,
        ),
    )


SUITE = suite_of(MINUTES)


@dataclass(frozen=True)
class _Look:
    """What a triage said at one cut-off; `report` is `None` where nothing of the window was there yet."""

    minute: float
    report: TriageReport | None

    @property
    def answer(self) -> RcaAnswer:
        return RcaAnswer(entities=(), verdict="inconclusive") if self.report is None else answer_of(self.report)


def run_past(
    incidents: Sequence[PastIncident],
    triage: Callable[[Case], TriageReport],
    *,
    minutes: Sequence[float] = MINUTES,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
    repeats: int = 1,
    drawn: Drawn = "case",
    more_cost: Callable[[], Mapping[str, float]] = nothing_more,
) -> SuiteResult:
    """Triage past incidents as they were at their alerts.

    Args:
        incidents: with different ids.
        triage: makes a report from `case.snapshot`, which holds nothing after the cut-off.
        minutes: cut-offs after the alert, at least one.
        seed: of the intervals.
        progress: called with (answers done, answers wanted).
        repeats: how often each incident is looked at.
        drawn: what the intervals take as independent.
        more_cost: what the last triage took beside what its report says.

    Raises:
        InputError: no incident, two with the same id, or no cut-off.
        NothingScored: every incident broke.
    """
    if not minutes:
        raise InputError("there is no cut-off", remedy="give at least one number of minutes after the alert")
    suite = suite_of(sorted(minutes))
    by_id = {incident.id: incident for incident in incidents}

    def score_case(case: Case) -> CaseScore:
        incident = by_id[case.id]
        if incident.truth is None:
            raise InputError("the incident has no label")
        with TemporaryDirectory(prefix="opswarden-past-") as folder:
            looks, costs = [], []
            for minute in sorted(minutes):
                seen = _seen(incident, minute, Path(folder) / f"{minute:g}")
                looks.append(_Look(minute, triage(seen) if seen is not None else None))
                report = looks[-1].report
                if report is not None:
                    costs.append({**report.cost.model_dump(), **more_cost()})
        return _score(suite, incident, incident.truth, looks, costs)

    scores = run_cases(suite, [incident.case for incident in incidents], score_case, progress, repeats=repeats)
    return summarise(suite, scores, seed=seed, drawn=drawn)


def points_of(result: SuiteResult) -> tuple[tuple[str, Point], ...]:
    """For the reliability curve, by incident: the leading suspect's score at the last cut-off, and if it was right.

    Where there was no cause, a leading suspect was wrong.
    """
    return tuple(_points(result))


def _points(result: SuiteResult) -> Iterator[tuple[str, Point]]:
    for case in result.cases:
        suspects = case.details.get("suspects")
        if case.error is None and suspects:
            leading = suspects[0]
            yield case.id, Point(float(leading["score"]), leading["entity"] in _true(case))


def _true(case: CaseScore) -> frozenset[str]:
    truth = Truth.model_validate(case.details["truth"])
    return true_names(truth)[0] if truth.verdict == "cause_found" else frozenset()


def _seen(incident: PastIncident, minute: float, folder: Path) -> Case | None:
    """The incident as it could be seen then; `None` if nothing of it was there yet."""
    store = SnapshotStore(incident.snapshot)
    try:
        found = at_alert(store, minute)
        if found is None:
            return None
        folder.mkdir()
        cut(store, folder / SNAPSHOT_FOLDER, *found)
    finally:
        store.close()
    return Case(id=f"{incident.id}@{minute:g}", folder=folder, set_name="past")


def _score(
    suite: Suite, incident: PastIncident, truth: Truth, looks: Sequence[_Look], costs: Sequence[Mapping[str, float]]
) -> CaseScore:
    last = looks[-1]
    scored = score(truth, last.answer)
    values = {name: scored[name] for name in _CARRIED if name in scored}
    true: frozenset[str] = frozenset()
    if truth.verdict == "cause_found":
        true = true_names(truth)[0]
        values |= dict(_early(looks, true))
    values["wrong_cause"] = float(any(_names_wrongly(look.answer, true) for look in looks))
    reports = [look.report for look in looks if look.report is not None]
    return CaseScore(
        id=incident.id,
        set_name="past",
        group=truth.group or "past",
        metrics={metric.name: values[metric.name] for metric in suite.metrics if metric.name in values},
        cost=total(costs),
        models=tuple(
            dict.fromkeys(report.model.model for report in reports if report.model.used and report.model.model)
        ),
        details={
            "truth": truth.model_dump(mode="json", exclude_none=True),
            "verdict": last.answer.verdict,
            "ranking": list(last.answer.entities[:5]),
            **(shown(last.report) if last.report is not None else {}),
            "minutes_to_first": _earliest(looks, true, 1),
            "minutes_to_three": _earliest(looks, true, 3),
            "looks": [
                {"minute": look.minute, "verdict": look.answer.verdict, "ranking": list(look.answer.entities[:3])}
                for look in looks
            ],
        },
    )


def _early(looks: Sequence[_Look], true: frozenset[str]) -> Iterator[tuple[str, float]]:
    """Whether a true cause was named by each cut-off; once pointed to, it stays so: a person has read it."""
    for prefix, k in (("first", 1), ("among_three", 3)):
        earliest = _earliest(looks, true, k)
        for look in looks:
            yield f"{prefix}_by_{look.minute:g}", float(earliest is not None and earliest <= look.minute)


def _earliest(looks: Sequence[_Look], true: frozenset[str], k: int) -> float | None:
    return next((look.minute for look in looks if hit(look.answer.entities, true, k)), None)


def _names_wrongly(answer: RcaAnswer, true: frozenset[str]) -> bool:
    return answer.verdict == "cause_found" and bool(answer.entities) and answer.entities[0] not in true
