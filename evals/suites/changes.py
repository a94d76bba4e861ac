"""The suite `changes`: triage every case and score which change the report names, if any."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...agents.triage.types import TriageReport
from ...core.clock import Clock, SystemClock
from ...core.errors import OpswardenError
from ...tools.snapshots.store import SnapshotStore
from ..cases import Case, Truth
from ..running import reason_of, run_cases
from ..sampling import sample
from ..scoring.baselines import Baseline
from ..scoring.changes import BASELINES, SUITE, answer_of, score
from ..scoring.view import CaseView
from ..suite import CaseScore, SuiteResult
from ..summary import summarise

_SHOWN_CHANGES = 5


def run_changes(
    cases: Sequence[Case],
    triage: Callable[[Case], TriageReport],
    *,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
    limit: int | None = None,
    baselines: Sequence[Baseline] = BASELINES,
    clock: Clock | None = None,
) -> SuiteResult:
    """Triage and score labelled cases that hold changes.

    Args:
        cases: with different ids; healthy ones count too, no change is to be named there.
        triage: makes a report from `case.snapshot`. Whatever it raises is the case's error.
        seed: of the intervals and of the sample.
        progress: called with (cases done, cases) after every case.
        limit: at most so many cases of every set.
        baselines: measured on the same cases.
        clock: for read deadlines.

    Raises:
        InputError: no case, two cases with the same id, or a limit below 1.
        NothingScored: every case broke.
    """
    reading_clock = clock or SystemClock()

    def score_case(case: Case) -> CaseScore:
        truth = case.truth()
        report = triage(case)
        answer = answer_of(report)
        values, silent, problems = _measure(baselines, case, truth, reading_clock)
        return CaseScore(
            id=case.id,
            set_name=case.set_name,
            group=truth.group or case.set_name,
            metrics=score(truth, answer),
            baseline=values,
            silent=silent,
            baseline_errors=problems,
            cost=report.cost.model_dump(),
            models=tuple(filter(None, (report.model.model, *report.model.fallbacks))) if report.model.used else (),
            details={
                "truth": truth.model_dump(mode="json", exclude_none=True),
                "verdict": report.verdict,
                "named": answer.named,
                "ranking": list(answer.ranking[:_SHOWN_CHANGES]),
                "run_id": report.run_id,
            },
        )

    return summarise(SUITE, run_cases(SUITE, sample(cases, limit, seed), score_case, progress), seed=seed)


def _measure(
    baselines: Sequence[Baseline], case: Case, truth: Truth, clock: Clock
) -> tuple[dict[str, dict[str, float]], tuple[str, ...], dict[str, str]]:
    """The values of the baselines, those that were silent, and those that broke with the reason."""
    values: dict[str, dict[str, float]] = {}
    silent: list[str] = []
    problems: dict[str, str] = {}
    try:
        store = SnapshotStore(case.snapshot)
    except OpswardenError as error:
        return values, (), {baseline.name: reason_of(error) for baseline in baselines}
    try:
        view = CaseView(truth, (), (), store, clock)
        for baseline in baselines:
            try:
                measured = baseline.measure(view)
            except Exception as error:  # noqa: BLE001 - a broken baseline is written down and is no score of 0
                problems[baseline.name] = reason_of(error)
                continue
            values[baseline.name] = dict(measured.values)
            if measured.is_silent:
                silent.append(baseline.name)
    finally:
        store.close()
    return values, tuple(silent), problems
