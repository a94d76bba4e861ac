"""Boosted trees for a probability, small enough to train on a fleet's own past within the run.

Trees are symmetric: every node of a level has its own split, found in histograms. One column can be held to make the
probability fall.

Source: Friedman, "Greedy function approximation: a gradient boosting machine", Annals of Statistics 2001, with Newton
steps and L2 on leaves as in Chen and Guestrin, "XGBoost", KDD 2016.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .use import Floats

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
_L2 = 5.0
_BINS = 24
_COLUMNS = 0.7


@dataclass(frozen=True)
class Shape:
    """How trees are grown: few and shallow, because bad weeks are rare and workloads of a fleet are alike.

    Args:
        trees: how many.
        depth: levels of each.
        rate: how much of a tree's answer is taken.
        leaf: rows that a leaf has at least.
        drawn: share of the rows that a tree sees.
    """

    trees: int = 60
    depth: int = 2
    rate: float = 0.12
    leaf: int = 60
    drawn: float = 0.5


@dataclass(frozen=True)
class _Tree:
    columns: list[Ints]
    cuts: list[Ints]
    values: Floats


@dataclass(frozen=True)
class Boosted:
    """A trained model; the last column is the one that makes the probability fall."""

    edges: list[Floats]
    start: float
    trees: list[_Tree]

    def probability(self, rows: Floats) -> Floats:
        """(n,) of (n, F) rows."""
        binned = _binned(rows, self.edges)
        margin = np.full(len(rows), self.start)
        for tree in self.trees:
            margin += tree.values[_leaf_of(binned, tree)]
        return np.asarray(1 / (1 + np.exp(-margin)), np.float64)


def boosted(rows: Floats, happened: Floats, *, seed: int, shape: Shape = Shape()) -> Boosted:
    """Train on (n, F) rows and whether it happened, (n,), 0 or 1."""
    rng = np.random.default_rng(seed)
    ranks = np.linspace(0, 1, _BINS + 1)[1:-1]
    edges = [np.unique(np.quantile(rows[:, column], ranks)) for column in range(rows.shape[1])]
    binned = _binned(rows, edges)
    mean = float(np.clip(happened.mean(), 1e-4, 1 - 1e-4))
    start = float(np.log(mean / (1 - mean)))
    margin = np.full(len(rows), start)
    trees = []
    for _ in range(shape.trees):
        chance = 1 / (1 + np.exp(-margin))
        push, weight = happened - chance, np.maximum(chance * (1 - chance), 1e-6)
        some = np.flatnonzero(rng.random(len(rows)) < shape.drawn)
        allowed: Bools = np.asarray(rng.random(rows.shape[1]) < _COLUMNS, np.bool_)
        allowed[-1] = True
        tree = _grown(binned[some], push[some], weight[some], allowed, shape)
        margin += tree.values[_leaf_of(binned, tree)]
        trees.append(tree)
    return Boosted(edges, start, trees)


def _grown(binned: Ints, push: Floats, weight: Floats, allowed: Bools, shape: Shape) -> _Tree:
    n, columns = binned.shape
    node = np.zeros(n, np.int64)
    offsets = np.arange(columns) * _BINS
    heavy_push, heavy_weight = np.repeat(push, columns), np.repeat(weight, columns)
    chosen, cuts = [], []
    for level in range(shape.depth):
        nodes = 2**level
        place = (node[:, None] * (columns * _BINS) + offsets + binned).ravel()
        size = nodes * columns * _BINS

        def upto(values: Floats | None, place: Ints = place, size: int = size, nodes: int = nodes) -> Floats:
            counted = np.bincount(place, values, minlength=size)
            return np.asarray(counted.reshape(nodes, columns, _BINS).cumsum(axis=2), np.float64)

        gain = _gain(upto(heavy_push), upto(heavy_weight), upto(None), shape.leaf)
        gain[:, ~allowed] = -1.0
        flat = gain.reshape(nodes, -1)
        best = flat.argmax(axis=1)
        splits = flat[np.arange(nodes), best] > 0
        column = np.where(splits, best // _BINS, 0)
        cut = np.where(splits, best % _BINS, _BINS)
        chosen.append(column)
        cuts.append(cut)
        node = node * 2 + (binned[np.arange(n), column[node]] > cut[node])
    leaves = 2**shape.depth
    pushed, weighed = np.bincount(node, push, leaves), np.bincount(node, weight, leaves)
    return _Tree(chosen, cuts, shape.rate * pushed / (weighed + _L2))


def _gain(push: Floats, weight: Floats, n: Floats, leaf: int) -> Floats:
    """What each cut gains, (nodes, columns, bins); less than 0 where it may not be."""
    all_push, all_weight, all_n = push[:, :, -1:], weight[:, :, -1:], n[:, :, -1:]
    left, right = push / (weight + _L2), (all_push - push) / (all_weight - weight + _L2)
    gain = push * left + (all_push - push) * right - all_push**2 / (all_weight + _L2)
    gain[(n < leaf) | (all_n - n < leaf)] = -1.0
    gain[:, -1][right[:, -1] > left[:, -1]] = -1.0
    return np.asarray(gain, np.float64)


def _binned(rows: Floats, edges: list[Floats]) -> Ints:
    return np.stack([np.searchsorted(edge, rows[:, column]) for column, edge in enumerate(edges)], axis=1)


def _leaf_of(binned: Ints, tree: _Tree) -> Ints:
    node, row = np.zeros(len(binned), np.int64), np.arange(len(binned))
    for column, cut in zip(tree.columns, tree.cuts, strict=True):
        node = node * 2 + (binned[row, column[node]] > cut[node])
    return node
