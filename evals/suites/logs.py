"""The suite `logs`: templates of labelled lines, with drain3 on the same lines beside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from ...core.errors import InputError
from ...tools.logs.mining import masked_lines, mine
from ..running import reason_of
from ..scoring.logs import SUITE, broken_labels, score_groups
from ..suite import CaseScore, NothingScored, SuiteResult
from ..summary import summarise
from .drain3_baseline import Group, drain3_groups, is_there
from .log_sets import LabelledLog, find_logs, read_log

_SHOWN_BROKEN = 10


def run_logs(
    data: Path, *, seed: int = 0, limit: int | None = None, progress: Callable[[int, int], None] | None = None
) -> SuiteResult:
    """Mine every log apart and compare its groups with the labels.

    Args:
        data: a folder with labelled logs, or one.
        seed: of the intervals.
        limit: at most so many logs.
        progress: called with (logs done, logs).

    Raises:
        InputError: nothing to measure on.
        NothingScored: every log broke.
    """
    logs, notes = find_logs(data)
    contenders = _contenders()
    scores = []
    for done, log in enumerate(logs[:limit], start=1):
        scores.append(_attempt(log, contenders))
        if progress is not None:
            progress(done, len(logs[:limit]))
    if not contenders:
        notes = (*notes, "drain3 is not installed, so nothing stands beside: install the development packages")
    cut = (score for score in scores if score.details.get("cut"))
    notes += tuple(f"{score.id}: the first {score.details['lines']} lines" for score in cut)
    try:
        return summarise(SUITE, scores, seed=seed).model_copy(update={"notes": notes})
    except NothingScored as error:
        error.result = error.result.model_copy(update={"notes": notes})
        raise


def _contenders() -> Mapping[str, Group]:
    if not is_there():
        return {}
    return {"drain3": drain3_groups(with_masks=False), "drain3_masks": drain3_groups(with_masks=True)}


def _attempt(log: LabelledLog, contenders: Mapping[str, Group]) -> CaseScore:
    try:
        return _score(log, contenders)
    except (InputError, ValueError) as error:
        return CaseScore(id=log.system, set_name=_set_of(log), group=log.system, error=reason_of(error))


def _score(log: LabelledLog, contenders: Mapping[str, Group]) -> CaseScore:
    lines, labels, cut = read_log(log)
    groups, templates = mine(lines)
    baseline = {name: score_groups(group(lines), labels) for name, group in contenders.items()}
    if contenders:
        baseline["drain3_our_masks"] = score_groups(contenders["drain3"](masked_lines(lines)), labels)
    return CaseScore(
        id=log.system,
        set_name=_set_of(log),
        group=log.system,
        metrics=score_groups(groups, labels),
        baseline=baseline,
        details={
            "lines": len(lines),
            "cut": cut,
            "labels": len(set(labels)),
            "templates": len(templates),
            "broken": broken_labels(groups, labels, templates)[:_SHOWN_BROKEN],
        },
    )


def _set_of(log: LabelledLog) -> str:
    return "corrected labels" if log.is_corrected else "labels as published"
