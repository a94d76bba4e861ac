"""Whose time on the critical path made requests slower: contributions before and in the window.

What a span adds to the time of its root is its own time on the critical path (`critical.py`). Averaged over the
requests of a root operation these contributions add up to its average duration, so their differences add up to what it
became slower by: none is counted twice, and time spent beside the path counts nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ..metrics.series import Floats
from ..windows import ComparedWindows, to_us
from .critical import critical_self_us
from .forest import Bools, Forest, Ints

PATH_COLUMNS = pa.schema(
    [
        ("root_entity", pa.string()),
        ("root_name", pa.string()),
        ("requests_before", pa.int64()),
        ("requests_after", pa.int64()),
        ("root_before_us", pa.float64()),  # mean duration
        ("root_after_us", pa.float64()),
        ("spans_before", pa.float64()),  # in a request, on average
        ("spans_after", pa.float64()),
        ("entity", pa.string()),
        ("name", pa.string()),
        ("own_before_us", pa.float64()),  # mean own time on the critical path of a request
        ("own_after_us", pa.float64()),
        ("added_us", pa.float64()),  # how much more
        ("added_share", pa.float64()),  # of what the root became slower by; null if it did not
        ("on_path_before", pa.float64()),  # share of requests with it on the critical path
        ("on_path_after", pa.float64()),
    ]
)
"""Columns of the artifact of `traces.paths`: a row per root operation and contributor.

The root operations that added most time in all come first, and of each the contributors that added most.
"""

_SIDES = 2


def compare_paths(forest: Forest, windows: ComparedWindows) -> pa.Table:
    """Contributions of all root operations that both windows hold.

    Returns:
        `PATH_COLUMNS`.
    """
    side = _sides(forest.begin_us, windows)
    roots = forest.levels[0] if forest.levels else np.empty(0, np.int64)
    roots = roots[side[roots] >= 0]
    place = forest.entity * len(forest.names) + forest.name
    codes, kind = np.unique(place[roots], return_inverse=True)
    sided = kind * _SIDES + side[roots]
    requests = _summed(sided, np.ones(len(roots)), len(codes))
    both: Bools = np.asarray((requests > 0).all(axis=1), np.bool_)
    # A span belongs to the operation and the side of its root; what one side does not know is left out.
    operation = np.full(len(forest), -1, np.int64)
    operation[roots] = np.where(both[kind], sided, -1)
    for members in forest.levels[1:]:
        operation[members] = operation[forest.parent[members]]
    mine = np.flatnonzero(operation >= 0)
    if not len(mine):
        return PATH_COLUMNS.empty_table()
    of_roots = _Roots(
        codes,
        requests,
        duration_us=_summed(sided, forest.duration_us[roots].astype(np.float64), len(codes)),
        spans=_summed(operation[mine], np.ones(len(mine)), len(codes)),
    )
    return _contributions(forest, of_roots, operation, mine, place)


@dataclass(frozen=True)
class _Roots:
    """Root operations by code of entity and name, and sums over their requests before and in the window, (n, 2)."""

    codes: Ints
    requests: Floats
    duration_us: Floats
    spans: Floats


def _contributions(forest: Forest, roots: _Roots, operation: Ints, mine: Ints, place: Ints) -> pa.Table:
    own = critical_self_us(forest)
    mine = mine[own[mine] > 0]
    wide = len(forest.entities) * len(forest.names)
    pairs, pair = np.unique(operation[mine] // _SIDES * wide + place[mine], return_inverse=True)
    which, who = np.divmod(pairs, wide)
    sided = pair * _SIDES + operation[mine] % _SIDES
    once = np.unique(_root_of(forest)[mine] * len(sided) + pair, return_index=True)[1]
    of = roots.requests[which]
    means = _summed(sided, own[mine].astype(np.float64), len(pairs)) / of
    on_path = _summed(sided[once], np.ones(len(once)), len(pairs)) / of
    mean_root, spans = roots.duration_us[which] / of, roots.spans[which] / of
    slower, added = mean_root[:, 1] - mean_root[:, 0], means[:, 1] - means[:, 0]
    share = np.divide(added, slower, out=np.full(len(pairs), np.nan), where=slower > 0)
    columns = {
        "root_entity": _names(forest.entities, roots.codes[which] // len(forest.names)),
        "root_name": _names(forest.names, roots.codes[which] % len(forest.names)),
        "requests_before": of[:, 0].astype(np.int64),
        "requests_after": of[:, 1].astype(np.int64),
        "root_before_us": mean_root[:, 0],
        "root_after_us": mean_root[:, 1],
        "spans_before": spans[:, 0],
        "spans_after": spans[:, 1],
        "entity": _names(forest.entities, who // len(forest.names)),
        "name": _names(forest.names, who % len(forest.names)),
        "own_before_us": means[:, 0],
        "own_after_us": means[:, 1],
        "added_us": added,
        "added_share": pa.array(share, from_pandas=True),
        "on_path_before": on_path[:, 0],
        "on_path_after": on_path[:, 1],
    }
    order = np.lexsort((who, -added, which, -slower * of[:, 1]))
    return pa.table(columns, schema=PATH_COLUMNS).take(pa.array(order))


def _root_of(forest: Forest) -> Ints:
    root = np.arange(len(forest))
    for members in forest.levels[1:]:
        root[members] = root[forest.parent[members]]
    return root


def _sides(begin_us: Ints, windows: ComparedWindows) -> Ints:
    """0 for the quiet time, 1 for the window, -1 for neither."""
    side = np.full(len(begin_us), -1, np.int64)
    side[(begin_us >= to_us(windows.baseline_start)) & (begin_us < to_us(windows.baseline_end))] = 0
    side[(begin_us >= to_us(windows.start)) & (begin_us < to_us(windows.end))] = 1
    return side


def _summed(codes: Ints, values: Floats, size: int) -> Floats:
    """(size, 2): before and in the window."""
    summed: Floats = np.asarray(np.bincount(codes, weights=values, minlength=size * _SIDES), np.float64)
    return summed.reshape(size, _SIDES)


def _names(names: tuple[str, ...], codes: Ints) -> list[str]:
    return [names[code] for code in codes.tolist()]
