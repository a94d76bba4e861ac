"""Scored rows with their truths: published sets, and models of our own with planted drift.

A published set is what NannyML's data sets look like: `NAME_reference`, `NAME_analysis` and `NAME_analysis_target` (or
`_gt`), as Parquet (`.pq`, `.parquet`) or CSV. The truth is the column of the target that the analysis does not have.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from ...core.errors import InputError
from ...tools.arrow import compute as pc
from ...tools.drift.rows import Floats, ScoredRows

CHUNKS = 20
_ENDINGS = (".pq", ".parquet", ".csv")
_REFERENCE_ROWS = 24_000
_WINDOW_ROWS = 6_000

PLANTED = (
    "nothing",
    "nothing",
    "moved where the model does not care",
    "easy rows more often",
    "hard rows more often",
    "nulls for numbers",
    "another unit",
    "a new category",
)
"""What happens to the windows of an invented model, in turn."""


@dataclass(frozen=True)
class DriftWindow:
    """One window and what is known of it.

    Args:
        labels: (n,) the truth; the comparison does not get it.
        culprit: the feature that was tampered with so that it harms; empty if none was.
        planted: what was done; empty in published data.
    """

    name: str
    rows: ScoredRows
    labels: Floats
    culprit: str = ""
    planted: str = ""


@dataclass(frozen=True)
class DriftSet:
    """A model: its reference period and its windows in order."""

    name: str
    reference: ScoredRows
    windows: tuple[DriftWindow, ...]


def published_sets(root: Path) -> tuple[DriftSet, ...]:
    """The published sets in a folder.

    Raises:
        InputError: there is none, or one cannot be read.
    """
    if not root.is_dir():
        raise InputError("the data folder does not exist", remedy="give a folder with NAME_reference and NAME_analysis")
    found = [
        _published(path.name.removesuffix(path.suffix).removesuffix("_reference"), path)
        for path in sorted(root.iterdir())
        if path.suffix in _ENDINGS and path.name.removesuffix(path.suffix).endswith("_reference")
    ]
    if not found:
        raise InputError("no data set was recognised", remedy="give a folder with NAME_reference and NAME_analysis")
    return tuple(found)


def _published(name: str, reference: Path) -> DriftSet:
    before, after = _table(reference), _table(_beside(reference, name, "_analysis"))
    target = _table(_beside(reference, name, "_analysis_target", "_analysis_gt"))
    added = [column for column in target.column_names if column not in after.column_names]
    score = [column for column in after.column_names if "prob" in column]
    if len(added) != 1 or len(score) != 1 or added[0] not in before.column_names:
        raise InputError(
            f"{name}: score or truth cannot be told", remedy="one column with `prob`, one in the target alone"
        )
    # A prediction is no input, and neither is what counts upwards; what the reference alone has is the truth.
    ignored = {
        added[0],
        score[0],
        "id",
        "identifier",
        "y_pred",
        "prediction",
        "timestamp",
        "year",
        "period",
        "partition",
    }
    features = [column for column in before.column_names if column in after.column_names and column not in ignored]
    labels = np.asarray(pc.cast(target[added[0]], pa.float64()).to_numpy(), np.float64)
    bounds = np.linspace(0, after.num_rows, CHUNKS + 1).astype(int)
    windows = []
    for place, (first, last) in enumerate(itertools.pairwise(bounds)):
        part = after.slice(first, last - first)
        windows.append(DriftWindow(f"window-{place:02d}", _rows(part, features, score[0]), labels[first:last]))
    truth = np.asarray(pc.cast(before[added[0]], pa.float64()).to_numpy(), np.float64)
    return DriftSet(name, replace(_rows(before, features, score[0]), labels=truth), tuple(windows))


def _beside(reference: Path, name: str, *ends: str) -> Path:
    for end in ends:
        for ending in _ENDINGS:
            path = reference.with_name(f"{name}{end}{ending}")
            if path.is_file():
                return path
    raise InputError(f"{name}: there is no {name}{ends[0]}", remedy="keep the files of a set together")


def _table(path: Path) -> pa.Table:
    import pyarrow.csv as csv  # noqa: PLC0415 - only where a set is read
    import pyarrow.parquet as pq  # noqa: PLC0415 - the same

    try:
        return csv.read_csv(path) if path.suffix == ".csv" else pq.read_table(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise InputError(f"{path.name} cannot be read", remedy="give Parquet or CSV as it was published") from error


def _rows(table: pa.Table, features: list[str], score: str) -> ScoredRows:
    scores = np.asarray(pc.cast(table[score], pa.float64()).to_numpy(), np.float64)
    return ScoredRows({name: table[name] for name in features}, scores)


def invented_sets(count: int, seed: int) -> Iterator[DriftSet]:
    """Models of our own: eight features, three of which matter, and a window for each of `PLANTED`."""
    for number in range(count):
        draw = np.random.default_rng((seed, number))
        model = _Model(draw)
        reference, truth = model.scored(model.population(_REFERENCE_ROWS))
        windows = tuple(_planted(model, f"window-{place:02d}", what, draw) for place, what in enumerate(PLANTED))
        yield DriftSet(f"model-{number:03d}", replace(reference, labels=truth), windows)


class _Model:
    """A model that scores with a logistic function of `amount`, `velocity` and `channel`, and is calibrated."""

    def __init__(self, draw: np.random.Generator) -> None:
        self._draw = draw
        self._weights = draw.uniform(0.8, 1.6, 2)
        self._channels = dict(zip("abcdef", draw.normal(0, 0.8, 6), strict=True))
        self._rate = draw.uniform(-2.0, -0.5)

    def population(self, rows: int) -> dict[str, Any]:
        """Values of the features: standard normal or words."""
        draw = self._draw
        found = {name: draw.normal(size=rows) for name in ("amount", "velocity", "age", "distance", "hour")}
        found["channel"] = draw.choice(list("abcdef"), rows, p=(0.4, 0.25, 0.15, 0.1, 0.07, 0.03))
        found["country"] = draw.choice(["BR", "MX", "IN", "NG"], rows)
        found["device"] = draw.choice(["ios", "android", "web"], rows, p=(0.2, 0.5, 0.3))
        return found

    def scored(
        self,
        values: dict[str, Any],
        served: dict[str, Any] | None = None,
    ) -> tuple[ScoredRows, Floats]:
        """The rows as the model saw them (`served`), and the truth, which follows from the real values."""
        truth = (self._draw.random(len(values["amount"])) < self._chances(values)).astype(np.float64)
        seen = served or values
        features = {name: pa.chunked_array([pa.array(column, from_pandas=True)]) for name, column in seen.items()}
        return ScoredRows(features, self._chances(seen)), truth

    def _chances(self, values: dict[str, Any]) -> Floats:
        amount, velocity = (np.nan_to_num(values[name].astype(np.float64)) for name in ("amount", "velocity"))
        channel = np.array([self._channels.get(str(each), 0.0) for each in values["channel"]])
        total = self._rate + self._weights[0] * amount + self._weights[1] * velocity + channel
        return np.asarray(1.0 / (1.0 + np.exp(-np.clip(total, -30, 30))), np.float64)


def _planted(model: _Model, name: str, what: str, draw: np.random.Generator) -> DriftWindow:
    values = model.population(_WINDOW_ROWS)
    served = dict(values)
    culprit = ""
    if what == "moved where the model does not care":
        values["age"] = served["age"] = values["age"] + 1.5
    elif what == "easy rows more often":
        values["amount"] = served["amount"] = values["amount"] * 1.6
    elif what == "hard rows more often":
        values["amount"] = served["amount"] = values["amount"] * 0.3
        culprit = "amount"
    elif what == "nulls for numbers":
        lost = draw.random(_WINDOW_ROWS) < 0.35
        served["velocity"] = np.where(lost, np.nan, values["velocity"])
        culprit = "velocity"
    elif what == "another unit":
        served["velocity"] = values["velocity"] * 100
        culprit = "velocity"
    elif what == "a new category":
        served["channel"] = np.where(draw.random(_WINDOW_ROWS) < 0.3, "z", values["channel"])
        culprit = "channel"
    rows, labels = model.scored(values, served)
    return DriftWindow(name, rows, labels, culprit, what)
