"""The suite `rca`: triage every case and score the report against the label, beside baselines on the same snapshots."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...agents.triage.types import TriageReport
from ...core.clock import Clock, SystemClock
from ...core.errors import InputError, OpswardenError
from ..cases import Case, Truth
from ..cutting import moved_from
from ..running import run_cases
from ..sampling import sample
from ..scoring.baselines import BASELINES, Baseline
from ..scoring.rca import SUITE, RcaAnswer, answer_of, is_quiet_time, score
from ..suite import CaseScore, Circumstances, Drawn, Scorer, Suite, SuiteResult
from ..summary import summarise
from .triaged import Beside, Peers, case_score, measure_beside

_SHOWN_ENTITIES = 5
_SHOWN_REASONS = 4
_SHOWN_LETTERS = 400


def nothing_more() -> Mapping[str, float]:
    """An answer that took nothing beside what its report says."""
    return {}


def run_rca(
    cases: Sequence[Case],
    triage: Callable[[Case], TriageReport],
    *,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
    limit: int | None = None,
    baselines: Sequence[Baseline] = BASELINES,
    scorer: Scorer[RcaAnswer] = score,
    clock: Clock | None = None,
    repeats: int = 1,
    drawn: Drawn = "case",
    more_cost: Callable[[], Mapping[str, float]] = nothing_more,
    suite: Suite = SUITE,
    group_of: Callable[[Truth], str | None] = lambda truth: truth.group,
) -> SuiteResult:
    """Triage and score labelled cases.

    Args:
        cases: with different ids.
        triage: makes a report from `case.snapshot`; it must not look at anything else of the case. Whatever it raises
            is the case's error; `Unanswered` is one of the infrastructure.
        seed: of the intervals and of the sample; the same seed and reports give the same result.
        progress: called with (answers done, answers wanted) after every answer.
        limit: at most so many cases of every set.
        baselines: measured on the same cases.
        scorer: turns an answer into figures.
        clock: for read deadlines.
        repeats: how often each case is triaged.
        drawn: what the intervals take as independent.
        more_cost: what the last triage took beside what its report says.
        suite: whose figures `scorer` gives.
        group_of: the sub-set of a case; its data set where there is none.

    Raises:
        InputError: no case, two cases with the same id, or a limit or a number of repeats below 1.
        NothingScored: every case broke.
    """
    chosen = sample(cases, limit, seed)
    run = _Run(chosen, triage, baselines, scorer, clock or SystemClock(), more_cost, group_of)
    scores = run_cases(suite, chosen, run.score_case, progress, repeats=repeats)
    result = summarise(suite, scores, seed=seed, drawn=drawn)
    return result.model_copy(update={"circumstances": Circumstances(prompts=dict(sorted(run.prompts.items())))})


class _Run:
    """One run over some cases, and what it remembers of those that it has answered."""

    def __init__(
        self,
        cases: Sequence[Case],
        triage: Callable[[Case], TriageReport],
        baselines: Sequence[Baseline],
        scorer: Scorer[RcaAnswer],
        clock: Clock,
        more_cost: Callable[[], Mapping[str, float]],
        group_of: Callable[[Truth], str | None],
    ) -> None:
        self.prompts: dict[str, str] = {}
        self._cases = cases
        self._labels = _labels(cases)
        self._triage, self._scorer, self._group_of = triage, scorer, group_of
        self._baselines, self._clock, self._more_cost = baselines, clock, more_cost
        self._beside: dict[str, Beside] = {}
        self._firsts: dict[str, str | None] = {}

    def score_case(self, case: Case) -> CaseScore:
        """Triage and score one case."""
        truth = self._labels.get(case.id) or case.truth()  # a label that could not be read says why, once more
        report = self._triage(case)
        answer = answer_of(report)
        self.prompts.update(report.model.prompts)
        details = {"ranking": list(answer.entities[:_SHOWN_ENTITIES]), **shown(report)}
        return case_score(
            case,
            truth,
            report,
            self._metrics(case, truth, answer),
            self._measured(case, truth),
            details,
            group=self._group_of(truth) or case.set_name,
            more_cost=self._more_cost(),
        )

    def _metrics(self, case: Case, truth: Truth, answer: RcaAnswer) -> Mapping[str, float]:
        first = answer.entities[0] if answer.entities else None
        told = moved_from(case)
        if told is None:
            self._firsts.setdefault(case.id, first)
            return self._scorer(truth, answer)
        if told not in self._firsts:
            raise InputError("the incident with its own start could not be triaged, so nothing can be laid beside it")
        return {"same_first": float(first == self._firsts[told])}

    def _measured(self, case: Case, truth: Truth) -> Beside:
        if is_quiet_time(truth) or moved_from(case) is not None:
            return Beside()  # made by us; the baselines have no word for "nothing", nor for "the same"
        if case.id not in self._beside:  # of a case that is answered several times it is measured once
            peers = _peers(self._cases, self._labels, case, truth)
            self._beside[case.id] = measure_beside(self._baselines, case, truth, self._clock, peers)
        return self._beside[case.id]


def shown(report: TriageReport) -> dict[str, Any]:
    """What whoever looks into a case wants to see of the report, cut to size; all of it has been through redaction."""
    return {
        "summary": report.summary[:_SHOWN_LETTERS],
        "suspects": [
            {
                "entity": cause.entity,
                "indicator": cause.indicator,
                "change": cause.change,
                "score": cause.score,
                "evidence": list(cause.evidence),
                "reasons": [reason[:_SHOWN_LETTERS] for reason in cause.reasons[:_SHOWN_REASONS]],
            }
            for cause in report.ranking[:_SHOWN_ENTITIES]
        ],
        "evidence": [{"id": item.id, "tool": item.tool, "status": item.status} for item in report.evidence],
        "gaps": [gap[:_SHOWN_LETTERS] for gap in report.gaps[:_SHOWN_ENTITIES]],
        "model": report.model.model if report.model.used else None,
        "model_note": report.model.note[:_SHOWN_LETTERS] if report.model.used else "",
    }


def _peers(cases: Sequence[Case], labels: Mapping[str, Truth], case: Case, truth: Truth) -> Peers:
    others = [
        labels[other.id]
        for other in cases
        if other.id != case.id
        and other.id in labels
        and other.set_name == case.set_name
        and not is_quiet_time(labels[other.id])
    ]
    return Peers(tuple(other for other in others if other.group == truth.group), tuple(others))


def _labels(cases: Sequence[Case]) -> dict[str, Truth]:
    labels = {}
    for case in cases:
        try:
            labels[case.id] = case.truth()
        except OpswardenError:
            continue  # becomes the case's error when it runs
    return labels
