"""The suite `changes`: triage every case and score which change the report names, if any."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...agents.triage.types import TriageReport
from ...core.clock import Clock, SystemClock
from ..cases import Case
from ..running import run_cases
from ..sampling import sample
from ..scoring.baselines import Baseline
from ..scoring.changes import BASELINES, SUITE, answer_of, score
from ..suite import CaseScore, SuiteResult
from ..summary import summarise
from .triaged import case_score, measure_beside

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
        beside = measure_beside(baselines, case, truth, reading_clock)
        details = {"named": answer.named, "ranking": list(answer.ranking[:_SHOWN_CHANGES])}
        return case_score(case, truth, report, score(truth, answer), beside, details)

    return summarise(SUITE, run_cases(SUITE, sample(cases, limit, seed), score_case, progress), seed=seed)
