"""The suite `rollouts`: simulated canaries, judged after every look, beside the usual tests on the same numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from ...tools.rollouts.sequential import course
from ..scoring.rollouts import SUITE
from ..suite import CaseScore, Estimate, GroupResult, SuiteResult
from ..summary import estimate
from .rollout_baselines import NEVER, stopped_at
from .rollout_cells import LOOKS, REQUESTS, Cell, cells

PER_CELL = 2_000
_SEED = 700_000
"""Far from the seeds on which the constants of `tools/rollouts/dependence.py` were chosen."""

_Looks = np.ndarray[tuple[int, ...], np.dtype[np.int64]]


def run_rollouts(
    *, seed: int = 0, limit: int | None = None, progress: Callable[[int, int], None] | None = None
) -> SuiteResult:
    """Draw and judge every cell.

    Args:
        seed: of the draws.
        limit: at most so many rollouts in a cell, instead of 2,000.
        progress: called with (cells done, cells).
    """
    every, count = cells(), limit or PER_CELL
    groups, scores = {}, []
    values: dict[str, dict[str, list[float]]] = {}
    for place, cell in enumerate(every):
        group, score, found = _measure(cell, np.random.default_rng((_SEED + seed, place)), count, seed)
        groups[cell.name] = group
        scores.append(score)
        for contender, metrics in found.items():
            for name, hits in metrics.items():
                values.setdefault(contender, {}).setdefault(name, []).extend(hits)
        if progress is not None:
            progress(place + 1, len(every))
    whole = {name: _estimates(metrics, seed) for name, metrics in values.items()}
    return SuiteResult(
        suite=SUITE.name,
        n=count * len(every),
        errors=0,
        metrics=whole.pop(""),
        baseline=whole,
        groups={"simulated": GroupResult(n=count * len(every), errors=0, metrics={}, baseline={}, groups=groups)},
        cases=tuple(scores),
        seed=seed,
        lower_is_better=SUITE.lower_is_better,
        notes=(f"invented numbers: {count} rollouts in each cell, {LOOKS} looks, {REQUESTS} requests a side and look",),
    )


def _measure(
    cell: Cell, rng: np.random.Generator, count: int, seed: int
) -> tuple[GroupResult, CaseScore, Mapping[str, Mapping[str, list[float]]]]:
    drawn = cell.draw(rng, count)
    run = course(drawn.evidence, history=drawn.history)
    failed = np.where(run.fails.any(-1), run.fails.argmax(-1), NEVER)
    passed = np.where(run.passes.any(-1), run.passes.argmax(-1), NEVER)
    looks: dict[str, _Looks] = {"": failed, **stopped_at(drawn, cell.spread)}
    stop, keep = ("power", "false_pass") if cell.harm else ("false_alarm", "passes")
    found = {name: {stop: _hits(stops)} for name, stops in looks.items()}
    found[""][keep] = _hits(passed)
    whole = {name: _estimates(metrics, seed) for name, metrics in found.items()}
    ours = whole.pop("")
    details = {
        "rollouts": count,
        "harm": cell.harm,
        "median_look": {name or "opswarden": _median(stops) for name, stops in looks.items()},
        "median_look_of_pass": _median(passed),
        "inflation": round(float(np.median(run.inflation[:, -1])), 2),
    }
    score = CaseScore(
        id=cell.name,
        set_name="simulated",
        group="harm" if cell.harm else "no harm",
        metrics={name: figure.value for name, figure in ours.items()},
        baseline={name: {key: figure.value for key, figure in figures.items()} for name, figures in whole.items()},
        details=details,
    )
    return GroupResult(n=count, errors=0, metrics=ours, baseline=whole), score, found


def _estimates(metrics: Mapping[str, list[float]], seed: int) -> dict[str, Estimate]:
    return {name: estimate("proportion", hits, seed=seed) for name, hits in metrics.items()}


def _hits(looks: _Looks) -> list[float]:
    found: list[float] = (looks < NEVER).astype(np.float64).tolist()
    return found


def _median(looks: _Looks) -> float | None:
    """Of those that stop, counted from 1."""
    stops = looks[looks < NEVER]
    return float(np.median(stops)) + 1 if stops.size else None
