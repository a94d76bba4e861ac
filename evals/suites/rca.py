"""The suite `rca`: triage every case and score the report against the label, beside baselines on the same snapshots."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from ...agents.triage.types import TriageReport
from ...core.clock import Clock, SystemClock
from ...core.errors import OpswardenError
from ...tools.snapshots.store import SnapshotStore
from ..cases import Case, Truth
from ..running import reason_of, run_cases
from ..sampling import sample
from ..scoring.baselines import BASELINES, Baseline
from ..scoring.rca import SUITE, RcaAnswer, answer_of, is_quiet_time, score
from ..scoring.view import CaseView
from ..suite import CaseScore, Circumstances, Drawn, Scorer, Suite, SuiteResult
from ..summary import summarise

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
    labels = _labels(chosen)
    reading_clock = clock or SystemClock()

    prompts: dict[str, str] = {}
    by_id = {case.id: case for case in chosen}

    @cache
    def beside(case_id: str) -> _Beside:
        case = by_id[case_id]
        truth = labels[case_id] if case_id in labels else case.truth()
        if is_quiet_time(truth):
            return {}, (), {}  # made by us; the baselines have no word for "nothing"
        return _measure(baselines, case, truth, _Peers(chosen, labels, case, truth), reading_clock)

    def score_case(case: Case) -> CaseScore:
        truth = labels.get(case.id) or case.truth()  # a label that could not be read says why, once more
        report = triage(case)
        answer = answer_of(report)
        prompts.update(report.model.prompts)
        values, silent, problems = beside(case.id)
        return CaseScore(
            id=case.id,
            set_name=case.set_name,
            group=group_of(truth) or case.set_name,
            metrics=scorer(truth, answer),
            baseline=values,
            silent=silent,
            baseline_errors=problems,
            cost={**report.cost.model_dump(), **more_cost()},
            models=tuple(filter(None, (report.model.model, *report.model.fallbacks))) if report.model.used else (),
            details={
                "truth": truth.model_dump(mode="json", exclude_none=True),
                "verdict": report.verdict,
                "ranking": list(answer.entities[:_SHOWN_ENTITIES]),
                "run_id": report.run_id,
                **shown(report),
            },
        )

    scores = run_cases(suite, chosen, score_case, progress, repeats=repeats)
    result = summarise(suite, scores, seed=seed, drawn=drawn)
    return result.model_copy(update={"circumstances": Circumstances(prompts=dict(sorted(prompts.items())))})


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


_Beside = tuple[Mapping[str, Mapping[str, float]], tuple[str, ...], Mapping[str, str]]
"""The values of the baselines, those that were silent, and those that broke with the reason."""


class _Peers:
    """The labels of the other cases of a case's sub-set and data set."""

    def __init__(self, cases: Sequence[Case], labels: Mapping[str, Truth], case: Case, truth: Truth) -> None:
        others = [
            labels[other.id]
            for other in cases
            if other.id != case.id
            and other.id in labels
            and other.set_name == case.set_name
            and not is_quiet_time(labels[other.id])
        ]
        self.of_set = tuple(others)
        self.of_group = tuple(other for other in others if other.group == truth.group)


def _labels(cases: Sequence[Case]) -> dict[str, Truth]:
    labels = {}
    for case in cases:
        try:
            labels[case.id] = case.truth()
        except OpswardenError:
            continue  # becomes the case's error when it runs
    return labels


def _measure(baselines: Sequence[Baseline], case: Case, truth: Truth, peers: _Peers, clock: Clock) -> _Beside:
    values: dict[str, Mapping[str, float]] = {}
    silent: list[str] = []
    problems: dict[str, str] = {}
    try:
        store = SnapshotStore(case.snapshot)
    except OpswardenError as error:
        # A report could be made of it all the same, so the case stands; the baselines have no value on it.
        return values, (), {baseline.name: reason_of(error) for baseline in baselines}
    try:
        view = CaseView(truth, peers.of_group, peers.of_set, store, clock)
        for baseline in baselines:
            try:
                measured = baseline.measure(view)
            except Exception as error:  # noqa: BLE001 - a broken baseline is written down and is no score of 0
                problems[baseline.name] = reason_of(error)
                continue
            values[baseline.name] = measured.values
            if measured.is_silent:
                silent.append(baseline.name)
    finally:
        store.close()
    return values, tuple(silent), problems
