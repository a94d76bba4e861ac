"""The critical path of a trace: of all that ran side by side, what the answer had to wait for.

Walk back from the end of the root. The child that ended last is what was waited for; before it began, the child that
had ended last by then; the time in between is the span's own. The same within each of these children. So every
microsecond of the root belongs to exactly one span, and making that span faster makes the answer faster.

Source: Zhang et al., "CRISP: Critical Path Analysis of Large-Scale Microservice Architectures", USENIX ATC 2022. It
clips children to their parents; we clip a child only if most of it lies within its parent. The others go on after the
parent has answered: nobody waited for their end.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from .forest import Forest, Ints, by_parent, children_of


def critical_self_us(forest: Forest) -> Ints:
    """How much of its root's time each span is responsible for, (n,); 0 for spans off the critical path.

    The values of a tree add up to the duration of its root.
    """
    own = np.zeros(len(forest), np.int64)
    if not len(forest):
        return own
    # On the path a span counts from its begin, and up to when it was waited for.
    begin, until = forest.begin_us.copy(), forest.end_us.copy()
    order, starts = by_parent(forest.parent)
    frontier = forest.levels[0]
    while len(frontier):
        own[frontier] = until[frontier] - begin[frontier]
        chosen = _waited_for(forest, frontier, begin, until, order, starts)
        np.subtract.at(own, forest.parent[chosen], until[chosen] - begin[chosen])
        frontier = chosen
    return own


def _waited_for(forest: Forest, parents: Ints, begin: Ints, until: Ints, order: Ints, starts: Ints) -> Ints:
    """The children on the critical path; their times are clipped to their parents' in place."""
    kids = children_of(parents, order, starts)
    if not len(kids):
        return kids
    above = forest.parent[kids]
    clipped_begin = np.maximum(forest.begin_us[kids], begin[above])
    clipped_end = np.minimum(forest.end_us[kids], until[above])
    length = forest.end_us[kids] - forest.begin_us[kids]
    # A child without a duration takes nobody's time.
    inside = (clipped_end > clipped_begin) & (2 * (clipped_end - clipped_begin) >= length)
    kids, above = kids[inside], above[inside]
    clipped_begin, clipped_end = clipped_begin[inside], clipped_end[inside]
    last_first = np.lexsort((clipped_begin, -clipped_end, above))
    kids, above = kids[last_first], above[last_first]
    clipped_begin, clipped_end = clipped_begin[last_first], clipped_end[last_first]
    fresh = np.concatenate(([True], above[1:] != above[:-1])) if len(above) else np.empty(0, np.bool_)
    first = np.flatnonzero(fresh)
    rank = np.arange(len(kids)) - np.repeat(first, np.diff(np.append(first, len(kids))))
    by_rank = np.argsort(rank, kind="stable")
    bounds = np.searchsorted(rank[by_rank], np.arange(int(rank.max(initial=-1)) + 2))
    cursor = until.copy()
    taken = np.zeros(len(kids), np.bool_)
    for low, high in pairwise(bounds):
        # One child of each parent, so nothing is written twice.
        places = by_rank[low:high]
        fits = places[clipped_end[places] <= cursor[above[places]]]
        cursor[above[fits]] = clipped_begin[fits]
        taken[fits] = True
    begin[kids[taken]] = clipped_begin[taken]
    until[kids[taken]] = clipped_end[taken]
    return kids[taken]
