"""Follow the symptoms down the call graph.

Slowness and errors travel from a callee to its callers. So somebody who starts at the alert and always steps to the
callee that is most out of order ends where the trouble begins. As a random walk with restarts this also works when
several paths are out of order, when a node in between is not measured, and when there is no alert.

Source: the idea is MonitorRank's (Kim, Sumbaly and Shah, SIGMETRICS 2013) and MicroRCA's (Wu et al., NOMS 2020); the
step weights are ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

_RESTART = 0.15
_BACK = 0.1
_ROUNDS = 100
_QUIET = 0.05
"""Weight of a step to a node without a symptom: it may just not be measured."""


def arrival(
    nodes: Sequence[str],
    pull: Mapping[tuple[str, str], float],
    stay: Mapping[str, float],
    starts: Mapping[str, float],
) -> dict[str, float]:
    """Where the walk spends its time.

    Args:
        nodes: all entities.
        pull: per (caller, callee) from 0 to 1, how well the callee's trouble explains the caller's.
        stay: >= 0 per entity: how much of its trouble no callee explains, and what speaks of the entity itself.
        starts: weights of the places where the walk starts and restarts.

    Returns:
        A share per node, without what a node gets for being a start: that is no evidence against it. They add up to 1.
    """
    place = {node: index for index, node in enumerate(nodes)}
    count = len(nodes)
    if count == 0:
        return {}
    step = np.zeros((count, count))
    for (caller, callee), weight in pull.items():
        step[place[caller], place[callee]] += weight + _QUIET
        step[place[callee], place[caller]] += _BACK * stay.get(caller, 0.0)
    for node, weight in stay.items():
        step[place[node], place[node]] += weight
    totals = step.sum(axis=1, keepdims=True)
    step = np.divide(step, totals, out=np.zeros_like(step), where=totals > 0)
    origin = np.array([max(starts.get(node, 0.0), 0.0) for node in nodes])
    origin = origin / origin.sum() if origin.sum() > 0 else np.full(count, 1 / count)
    share = origin.copy()
    for _ in range(_ROUNDS):
        moved = (1 - _RESTART) * (share @ step)
        moved = moved + (1 - moved.sum()) * origin
        if np.abs(moved - share).sum() < 1e-9:
            break
        share = moved
    walked = np.maximum(share - _RESTART * origin, 0.0)
    walked = walked / walked.sum() if walked.sum() > 0 else np.full(count, 1 / count)
    return {node: float(walked[index]) for node, index in place.items()}
