"""Spans put together into trees, with broken links cut and wrong clocks set right.

Time only flows one way: a span that begins before its parent was measured by another clock. Such a span is moved, with
everything below it, into the middle of its parent if it fits there, else to the parent's begin. Source: the first half
of Jaeger's clock skew adjuster and of Dapper's (Sigelman et al. 2010). A span that ends after its parent is left where
it is: nobody may have waited for it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

MAX_DEPTH = 10_000
"""Deeper spans than this are cut off from their parents: no system nests like that, a broken tracer does."""


@dataclass(frozen=True)
class Forest:
    """n spans as trees; all arrays have the shape (n,).

    Args:
        trace: number of the trace.
        parent: row of the parent, -1 for roots.
        level: 0 for roots, one more for each step down.
        entity: code of the entity, an index into `entities`.
        name: code of the operation, an index into `names`.
        begin_us: begin, moved where the clock was wrong.
        end_us: end, moved likewise.
        failed: whether the span itself says so.
        is_again: whether the span itself says that it repeats an earlier attempt.
        skewed: whether its clock was set right, or its ancestor's.
        levels: the rows of each level, the roots first.
        orphans: spans whose parent is not in the data.
        cut: links that led in a circle or too deep.
    """

    trace: Ints
    parent: Ints
    level: Ints
    entity: Ints
    name: Ints
    begin_us: Ints
    end_us: Ints
    failed: Bools
    is_again: Bools
    skewed: Bools
    levels: tuple[Ints, ...]
    entities: tuple[str, ...]
    names: tuple[str, ...]
    orphans: int
    cut: int

    @property
    def duration_us(self) -> Ints:
        """How long each span took."""
        return self.end_us - self.begin_us

    def __len__(self) -> int:
        return len(self.parent)


def plant(rows: pa.Table) -> Forest:
    """Build the trees.

    Args:
        rows: `SPAN_COLUMNS`; a parent may be any row, a row itself included.
    """
    count = rows.num_rows
    parent = _ints(rows, "parent").copy()
    own = np.arange(count)
    parent[(parent < 0) | (parent >= count) | (parent == own)] = -1
    levels, cut = _levels(parent)
    level = np.zeros(count, np.int64)
    for depth, members in enumerate(levels):
        level[members] = depth
    begin, end = _ints(rows, "begin_us").copy(), _ints(rows, "end_us").copy()
    end = np.maximum(begin, end)
    skewed = _set_clocks(parent, levels, begin, end)
    entity, entities = _coded(rows, "entity")
    name, names = _coded(rows, "name")
    return Forest(
        trace=_ints(rows, "trace"),
        parent=parent,
        level=level,
        entity=entity,
        name=name,
        begin_us=begin,
        end_us=end,
        failed=np.asarray(rows["failed"].to_numpy(zero_copy_only=False), np.bool_),
        is_again=np.asarray(rows["is_again"].to_numpy(zero_copy_only=False), np.bool_),
        skewed=skewed,
        levels=levels,
        entities=entities,
        names=names,
        orphans=int(np.count_nonzero(rows["is_orphan"].to_numpy(zero_copy_only=False))),
        cut=cut,
    )


def children_of(parents: Ints, order: Ints, starts: Ints) -> Ints:
    """All children of some rows.

    Args:
        parents: rows.
        order: all rows that have a parent, sorted by it.
        starts: (n + 1,) where the children of each row begin in `order`.
    """
    lengths = starts[parents + 1] - starts[parents]
    total = int(lengths.sum())
    if not total:
        return np.empty(0, np.int64)
    offsets = np.repeat(starts[parents] - np.concatenate(([0], np.cumsum(lengths)[:-1])), lengths)
    found: Ints = order[offsets + np.arange(total)]
    return found


def by_parent(parent: Ints) -> tuple[Ints, Ints]:
    """What `children_of` looks children up in."""
    kids = np.flatnonzero(parent >= 0)
    order = kids[np.argsort(parent[kids], kind="stable")]
    counts = np.bincount(parent[order], minlength=len(parent))
    return order, np.concatenate(([0], np.cumsum(counts))).astype(np.int64)


def _levels(parent: Ints) -> tuple[tuple[Ints, ...], int]:
    """The rows of each level; links that no root leads to are cut in `parent`."""
    cut = 0
    while True:
        order, starts = by_parent(parent)
        levels: list[Ints] = []
        seen = np.zeros(len(parent), np.bool_)
        frontier = np.flatnonzero(parent < 0)
        while len(frontier) and len(levels) < MAX_DEPTH:
            levels.append(frontier)
            seen[frontier] = True
            frontier = children_of(frontier, order, starts)
        if seen.all():
            return tuple(levels), cut
        # A circle has a link from a lower row to a higher one; rows are ordered by begin, so that one is cut. What is
        # left over is nested too deep.
        lost = np.flatnonzero(~seen)
        backwards = lost[parent[lost] > lost]
        broken = backwards if len(backwards) else frontier if len(frontier) else lost
        parent[broken] = -1
        cut += len(broken)


def _set_clocks(parent: Ints, levels: tuple[Ints, ...], begin: Ints, end: Ints) -> Bools:
    """Move spans that begin before their parents, in place."""
    shift = np.zeros(len(parent), np.int64)
    skewed = np.zeros(len(parent), np.bool_)
    for members in levels[1:]:
        above = parent[members]
        shift[members] = shift[above]
        skewed[members] = skewed[above]
        begin[members] += shift[above]
        end[members] += shift[above]
        early = begin[members] < begin[above]
        wrong, over = members[early], above[early]
        spare = (end[over] - begin[over]) - (end[wrong] - begin[wrong])
        move = begin[over] + np.maximum(spare, 0) // 2 - begin[wrong]
        begin[wrong] += move
        end[wrong] += move
        shift[wrong] += move
        skewed[wrong] = True
    return skewed


def _ints(rows: pa.Table, name: str) -> Ints:
    return np.asarray(rows[name].to_numpy(), np.int64)


def _coded(rows: pa.Table, name: str) -> tuple[Ints, tuple[str, ...]]:
    if not rows.num_rows:
        return np.empty(0, np.int64), ()
    column = rows[name].unify_dictionaries().combine_chunks()
    return np.asarray(column.indices.to_numpy(), np.int64), tuple(column.dictionary.to_pylist())
