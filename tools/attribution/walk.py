"""Follow the blame from where trouble is felt to where no further explanation is found.

Slowness and errors travel from a callee to its callers, bad data from a writer to its readers, and so on. So whoever
starts at the alert and always steps on to what explains the trouble ends where it begins. As a random walk that ends
where it finds no explanation this also works when several paths are out of order, when a node in between is not
measured, and when there is no alert.

Source: the idea of the walk is MonitorRank's (Kim, Sumbaly and Shah, SIGMETRICS 2013) and MicroRCA's (Wu et al., NOMS
2020), which return to the start instead of ending; the step weights are ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_ROUNDS = 60
_ASIDE = 0.05
"""Share of the steps that go to something without a known trouble: it may just not be measured."""


def arrival(
    nodes: Sequence[str],
    pull: Mapping[tuple[str, str], float],
    stay: Mapping[str, float],
    starts: Sequence[Mapping[str, float]],
) -> Floats:
    """Where walks end.

    Args:
        nodes: all n entities.
        pull: per (dependent, source) from 0 to 1, how well the source's trouble explains the dependent's.
        stay: >= 0 per entity: how much of its trouble nobody explains, and what speaks of the entity itself.
        starts: k walks: weights of the places where each begins.

    Returns:
        (k, n) shares; each row adds up to 1.
    """
    place = {node: index for index, node in enumerate(nodes)}
    count = len(nodes)
    if count == 0:
        return np.zeros((len(starts), 0))
    source = np.array([place[first] for first, _ in pull], np.int64)
    target = np.array([place[second] for _, second in pull], np.int64)
    weights = np.array(list(pull.values()), np.float64)
    degree = np.bincount(source, minlength=count)
    weights = weights + _ASIDE / np.maximum(degree[source], 1) if len(source) else weights
    kept = np.array([max(stay.get(node, 0.0), 0.0) for node in nodes])
    totals = kept + np.bincount(source, weights, minlength=count)
    ends = np.divide(kept, totals, out=np.ones(count), where=totals > 0)
    steps = np.divide(weights, totals[source], out=np.zeros_like(weights), where=totals[source] > 0)
    share = np.array([[max(start.get(node, 0.0), 0.0) for node in nodes] for start in starts]).reshape(-1, count)
    sums = share.sum(axis=1, keepdims=True)
    share = np.divide(share, sums, out=np.full_like(share, 1 / count), where=sums > 0)
    ended = np.zeros_like(share)
    for _ in range(_ROUNDS):
        ended += share * ends
        moved = np.zeros_like(share)
        for row, flow in zip(moved, share[:, source] * steps, strict=True):
            row += np.bincount(target, flow, minlength=count)
        share = moved
        if share.sum() < 1e-9:
            break
    result: Floats = ended + share  # what still goes round in circles stays where it is
    return result
