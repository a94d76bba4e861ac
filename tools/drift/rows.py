"""Rows that a model scored, as columns: what every analysis of drift works on."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..arrow import compute as pc

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

QUANTILES = 20
MOST_CATEGORIES = 60
_NULL = "\x00null"
_REST = "\x00rest"
_UNSEEN = "\x00unseen"


@dataclass(frozen=True)
class ScoredRows:
    """Rows of one period.

    Args:
        features: a column of numbers or words each, all of length n.
        scores: (n,) probabilities of the positive class, 0 to 1; absent for a period without answers.
        labels: (n,) 0 or 1, NaN where the truth has not come yet; absent if none has.
        segments: a column of words each; how results are told apart.
        times_us: (n,) ascending or not; absent if nobody knows.
    """

    features: dict[str, pa.ChunkedArray]
    scores: Floats | None = None
    labels: Floats | None = None
    segments: dict[str, pa.ChunkedArray] = field(default_factory=dict)
    times_us: Codes | None = None

    @property
    def size(self) -> int:
        """How many rows."""
        if self.features:
            return len(next(iter(self.features.values())))
        return 0 if self.scores is None else len(self.scores)


@dataclass(frozen=True)
class Bins:
    """How the values of one feature are told apart, as the reference period has them.

    Args:
        names: of the bins; the last two are nulls and what the reference never had.
        edges: of a numeric feature, K - 1 ascending inner edges; absent for words.
    """

    names: tuple[str, ...]
    edges: Floats | None

    @property
    def count(self) -> int:
        """How many bins there are."""
        return len(self.names)

    def codes(self, column: pa.ChunkedArray) -> Codes:
        """(n,) the bin of each value."""
        if self.edges is None:
            return self._of_words(column)
        values = pc.fill_null(pc.cast(column, pa.float64(), safe=False), float("nan")).to_numpy()
        found = np.searchsorted(self.edges, values, side="right").astype(np.int64)
        found[~np.isfinite(values)] = self.count - 2
        return np.asarray(found, np.int64)

    def _of_words(self, column: pa.ChunkedArray) -> Codes:
        known = {name: place for place, name in enumerate(self.names)}
        rest = known.get(_REST, self.count - 1)
        encoded = pc.dictionary_encode(pc.cast(column, pa.string())).combine_chunks()
        if isinstance(encoded, pa.ChunkedArray):
            encoded = encoded.chunk(0) if encoded.num_chunks else pa.array([], pa.string()).dictionary_encode()
        table = np.array([known.get(word, rest) for word in encoded.dictionary.to_pylist()] or [rest], np.int64)
        places = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False)
        found = np.where(places < 0, self.count - 2, table[np.maximum(places, 0)])
        return np.asarray(found, np.int64)

    def shown(self, code: int) -> str:
        """A bin in words."""
        return {_NULL: "null", _REST: "rare values", _UNSEEN: "values never seen before"}.get(
            self.names[code], self.names[code]
        )


def bins_of(column: pa.ChunkedArray) -> Bins:
    """Bins of a feature: quantiles of numbers, or its words.

    Args:
        column: of the reference period.
    """
    if _is_number(column.type):
        values = pc.fill_null(pc.cast(column, pa.float64(), safe=False), float("nan")).to_numpy()
        values = values[np.isfinite(values)]
        if len(values) == 0:
            return Bins(("any value", _NULL, _UNSEEN), np.zeros(0))
        distinct = np.unique(values)
        if len(distinct) <= QUANTILES:
            edges = (distinct[1:] + distinct[:-1]) / 2
        else:
            edges = np.unique(np.quantile(values, np.linspace(0, 1, QUANTILES + 1)[1:-1]))
        # A number outside of all that the reference had is in a bin of its own on either side.
        edges = np.concatenate([[np.nextafter(distinct[0], -np.inf)], edges, [np.nextafter(distinct[-1], np.inf)]])
        names = ["below all"] + [f"{low:.6g} to {high:.6g}" for low, high in itertools.pairwise(edges)]
        return Bins((*names, "above all", _NULL, _UNSEEN), edges)
    counted = pc.value_counts(pc.drop_null(pc.cast(column, pa.string())))
    rows = sorted(counted.to_pylist(), key=lambda row: (-row["counts"], row["values"]))
    words = [str(row["values"]) for row in rows[:MOST_CATEGORIES]]
    return Bins((*words, *([_REST] if len(rows) > len(words) else []), _NULL, _UNSEEN), None)


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))
