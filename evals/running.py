"""Go through the cases one by one, keeping what broke apart from what was wrong."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from ..core.errors import InputError, ModelError, OpswardenError
from .cases import Case
from .repeats import merge
from .suite import CaseScore, Suite, Unanswered


def run_cases(
    suite: Suite,
    cases: Sequence[Case],
    score_case: Callable[[Case], CaseScore],
    progress: Callable[[int, int], None] | None = None,
    *,
    repeats: int = 1,
) -> tuple[CaseScore, ...]:
    """Score every case in the order of ids; one that breaks becomes an error and the others go on.

    Nothing that broke is tried again: an answer that an endpoint did not give is missing, and is counted as such.

    Args:
        suite: its metrics are the only ones a case may have values of.
        cases: with different ids.
        score_case: runs and scores one case; may raise anything.
        progress: called with (answers done, answers wanted) after every answer.
        repeats: how often each case is answered.

    Raises:
        InputError: no case, two with the same id, or fewer than one answer to each.
    """
    if repeats < 1:
        raise InputError("the number of repeats is below 1", remedy="leave it away to answer each case once")
    if not cases:
        raise InputError("there is no case to run", remedy="give a folder with labelled cases or a raw data set")
    if len({case.id for case in cases}) != len(cases):
        raise InputError("two cases have the same id", remedy="run the sets apart, or import them again")
    scores = []
    done = 0
    for case in sorted(cases, key=lambda case: case.id):
        answers = []
        for _ in range(repeats):
            answers.append(_attempt(suite, case, score_case))
            done += 1
            if progress is not None:
                progress(done, len(cases) * repeats)
        scores.append(merge(answers))
    return tuple(scores)


def reason_of(error: Exception) -> str:
    """Why something broke: our own errors speak for themselves, of others only the class is told.

    A message from elsewhere may quote what it read.
    """
    if isinstance(error, OpswardenError):
        return f"{type(error).__name__}: {error.message}"
    return f"unexpected {type(error).__name__}"


def _attempt(suite: Suite, case: Case, score_case: Callable[[Case], CaseScore]) -> CaseScore:
    try:
        if case.problem:
            raise InputError(case.problem)
        score = score_case(case)
        _check(suite, score.metrics)
    except Exception as error:  # noqa: BLE001 - whatever breaks a case is written down as its error
        return CaseScore(
            id=case.id,
            set_name=case.set_name,
            group=_group_of(case),
            error=reason_of(error),
            is_infrastructure=isinstance(error, (Unanswered, ModelError)),
            cost=error.cost if isinstance(error, Unanswered) else {},
        )
    return score


def _check(suite: Suite, values: Mapping[str, float]) -> None:
    """A value outside [0, 1], or of no metric of the suite, is a broken scorer and not a score."""
    known = {metric.name for metric in suite.metrics}
    for name, value in values.items():
        if name not in known or not math.isfinite(value) or not 0 <= value <= 1:
            raise InputError(f"the scorer of suite {suite.name!r} gave an impossible value", remedy="mend the scorer")
    if not values:
        raise InputError(f"no metric of suite {suite.name!r} applies to the case", remedy="mend truth.json")


def _group_of(case: Case) -> str:
    try:
        return case.truth().group or case.set_name
    except OpswardenError:
        return case.set_name
