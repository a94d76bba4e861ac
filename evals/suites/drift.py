"""The suite `drift`: every window against its reference, with the usual thresholds beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from ...core.errors import InputError
from ...tools.drift.comparing import Comparer, Comparison
from ...tools.drift.performance import Ranked, realised
from ..running import reason_of
from ..scoring.drift import SUITE
from ..suite import CaseScore, SuiteResult
from ..summary import summarise
from .drift_sets import DriftSet, DriftWindow, invented_sets, published_sets

_MARGIN = 0.01
_SURE = 3.0 / 1.645


def run_drift(
    data: Path | None,
    *,
    sandbox: int = 0,
    seed: int = 0,
    limit: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> SuiteResult:
    """Compare every window of every model with its reference; the comparison never sees a window's truth.

    Args:
        data: a folder of published sets; models of our own if absent.
        sandbox: how many of those.
        seed: of the invented models and the intervals.
        limit: at most so many windows of each model.
        progress: called with (models done, models).

    Raises:
        InputError: nothing to measure on.
        NothingScored: every window broke.
    """
    sets: Iterable[DriftSet] = published_sets(data) if data is not None else invented_sets(sandbox, seed)
    count = len(sets) if isinstance(sets, tuple) else sandbox
    scores: list[CaseScore] = []
    for done, each in enumerate(sets, start=1):
        scores.extend(_of_set(each, limit))
        if progress is not None:
            progress(done, count)
    return summarise(SUITE, scores, seed=seed)


def _of_set(each: DriftSet, limit: int | None) -> list[CaseScore]:
    if each.reference.scores is None or each.reference.labels is None:
        raise InputError("a reference has no scores or no truths", remedy="give a set with both")
    comparer = Comparer(each.reference)
    before = Ranked(each.reference.scores).auc(each.reference.labels, 1 - each.reference.labels)
    scores, seen = [], list[tuple[float, tuple[bool, float]]]()
    for window in each.windows[:limit]:
        name = f"{each.name}/{window.name}"
        try:
            found = comparer.compare(window.rows, with_domain=False)
            score, areas = _score(name, each.name, before, window, found)
        except (InputError, ValueError) as error:
            scores.append(CaseScore(id=name, set_name=each.name, error=reason_of(error)))
            continue
        scores.append(score)
        seen.append(areas)
    if len(seen) > 1 and max(before - real for real, _ in seen) >= _MARGIN:
        worst = min(range(len(seen)), key=lambda place: seen[place][0])
        lowest = min(range(len(seen)), key=lambda place: seen[place][1])
        # Of several windows whose expectation does not hold nobody says which is worse: all of them come first.
        tied = [place for place, (_, (holds, _)) in enumerate(seen) if not holds] or [lowest]
        scores.append(
            CaseScore(id=f"{each.name}/order", set_name=each.name, metrics={"worst_first": float(worst in tied)})
        )
    return scores


def _score(
    name: str, set_name: str, before: float, window: DriftWindow, found: Comparison
) -> tuple[CaseScore, tuple[float, tuple[bool, float]]]:
    real = realised(window.rows.scores, window.labels) if window.rows.scores is not None else None
    if real is None or found.expected is None:
        raise ValueError("a window has too few truths to be judged by")
    hurt = before - real.auc >= max(_MARGIN, _SURE * (real.auc - real.low))
    alarms = {
        "opswarden": [each.name for each in found.features if each.is_alarm],
        "psi_0.1": [each.name for each in found.features if each.effect.psi > 0.1],
        "psi_0.2": [each.name for each in found.features if each.effect.psi > 0.2],
        "p_corrected": [each.name for each in found.features if each.corrected_p < 0.05],
    }
    firsts = {
        "opswarden": found.features[0].name,
        "psi_0.1": max(found.features, key=lambda each: each.effect.psi).name,
        "psi_0.2": max(found.features, key=lambda each: each.effect.psi).name,
        "p_corrected": min(found.features, key=lambda each: each.corrected_p).name,
    }
    figures: dict[str, dict[str, float]] = {}
    for who, named in alarms.items():
        figures[who] = {"noticed": float(bool(named))} if hurt else {"false_alarms": len(named) / len(found.features)}
        if window.culprit and hurt:
            figures[who]["named"] = float(firsts[who] == window.culprit)
    return (
        CaseScore(
            id=name,
            set_name=set_name,
            group=window.planted,
            metrics=figures.pop("opswarden"),
            baseline=figures,
            details={
                "hurt": hurt,
                "realised": round(real.auc, 4),
                "expected": round(found.expected.auc, 4),
                "holds": found.holds,
                "alarms": alarms["opswarden"],
            },
        ),
        (real.auc, (found.holds, found.expected.auc)),
    )
