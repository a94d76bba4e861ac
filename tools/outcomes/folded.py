"""Payments without the dimensions that say who decided about them, and with which version.

These are no properties of a payment that was attempted: everything that a rule decided is declined, and a new version
has no quiet time to be compared with. They are evidence of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from .backends.types import Outcomes
from .tally import ATTEMPTS, Floats, Places
from .types import CodeGroup
from .vocabulary import class_of

DECIDERS = frozenset(("decision_source", "decided_by", "decision_by", "declined_by"))
"""Names of labels that say who decided."""

VERSIONS = frozenset(("model_version", "threshold_version", "threshold", "rule_version", "rules_version", "model"))
"""Names of labels that say which version of what decides."""

_GROUPS: Mapping[str, CodeGroup] = {
    "issuer": "business",
    "rule": "rules",
    "rules": "rules",
    "model": "rules",
    "3ds": "authentication",
    "sca": "authentication",
    "provider": "technical",
    "gateway": "technical",
}


@dataclass(frozen=True)
class Deciders:
    """Declined payments by cell and by who declined them.

    Args:
        names: the D deciders, in lower case.
        payments: (L, D, 2), quiet time and window.
    """

    names: tuple[str, ...]
    payments: Floats

    def grown(self, cells: Places, trials: Floats) -> tuple[str, float]:
        """The decider whose declines grew most in some cells at their mix of the window, and its part of the growth."""
        if not self.names:
            return "", 0.0
        mine, tried = self.payments[cells], trials[cells]
        rates = np.divide(mine[:, :, 0], tried[:, :1], out=np.zeros_like(mine[:, :, 0]), where=tried[:, :1] > 0)
        extra = mine[:, :, 1].sum(axis=0) - (rates * tried[:, 1:]).sum(axis=0)
        whole = float(np.maximum(extra, 0).sum())
        best = int(np.argmax(extra))
        return (self.names[best], float(extra[best] / whole)) if whole > 0 and extra[best] > 0 else ("", 0.0)


def group_by_decider(name: str) -> CodeGroup | None:
    """What kind of decline it is when this one decided; `None` for one that is not known."""
    return _GROUPS.get(name)


@dataclass(frozen=True)
class Versions:
    """Attempts by the version that decided about them.

    Args:
        names: per version, the label and its value.
        attempts: (L, V, 2), quiet time and window.
    """

    names: tuple[tuple[str, str], ...]
    attempts: Floats

    def new(self, cells: Places) -> tuple[tuple[str, str, float], ...]:
        """Versions that decide about some cells now and hardly did before: label, value, share of the attempts."""
        found = []
        labels = [label for label, _ in self.names]
        for place, (label, value) in enumerate(self.names):
            like = [number for number, each in enumerate(labels) if each == label]
            before = self.attempts[:, place, 0].sum() / max(self.attempts[:, like, 0].sum(), 1.0)
            after = self.attempts[cells, place, 1].sum() / max(self.attempts[cells][:, like, 1].sum(), 1.0)
            if before < _NEW_BEFORE and after > _NEW_AFTER:
                found.append((label, value, float(after)))
        return tuple(found)


_NEW_BEFORE, _NEW_AFTER = 0.02, 0.2
"""A version is new whose share of the attempts was below 2 % and is above 20 %: a small canary explains no fall."""


def folded(found: Outcomes, *, with_versions: bool = True) -> tuple[Outcomes, Deciders, Versions]:
    """The same payments, with cells that differ in nothing but who decided put together; and who decided.

    Args:
        found: payments.
        with_versions: whether versions stay dimensions.
    """
    deciding = tuple(name for name in found.dimensions if name.lower() in DECIDERS)
    versions = tuple(name for name in found.dimensions if name.lower() in VERSIONS)
    gone = (*deciding, *(() if with_versions else versions))
    kept = [name for name in found.cells.column_names if name not in gone]
    rows = list(zip(*(found.cells[name].to_pylist() for name in kept), strict=True))
    number = {row: place for place, row in enumerate(dict.fromkeys(rows))}
    new = np.array([number[row] for row in rows], dtype=np.int64)
    merged = replace(
        found,
        dimensions=tuple(name for name in found.dimensions if name not in gone),
        cells=pa.table(
            {name: pa.array([row[place] for row in number], pa.string()) for place, name in enumerate(kept)}
        ),
        codes=_renumbered(found.codes, new),
        buckets=_renumbered(found.buckets, new),
    )
    whose = [(value or "").strip().lower() for value in found.cells[deciding[0]].to_pylist()] if deciding else []
    return merged, _deciders(found, new, whose), _versions(found, new, versions)


def _deciders(found: Outcomes, new: Places, whose: Sequence[str]) -> Deciders:
    names = tuple(sorted({each for each in whose if each}))
    payments = np.zeros((int(new.max(initial=-1)) + 1, len(names), 2))
    for cell, is_after, outcome, count in _counts(found) if names else ():
        if whose[cell] and class_of(outcome) in ("declined", "blocked", "error"):
            payments[new[cell], names.index(whose[cell]), int(is_after)] += count
    return Deciders(names, payments)


def _versions(found: Outcomes, new: Places, labels: Sequence[str]) -> Versions:
    values = {label: [value or "" for value in found.cells[label].to_pylist()] for label in labels}
    names = tuple((label, value) for label in labels for value in sorted(set(values[label])) if value)
    place = {name: number for number, name in enumerate(names)}
    attempts = np.zeros((int(new.max(initial=-1)) + 1, len(names), 2))
    for cell, is_after, outcome, count in _counts(found) if names else ():
        if class_of(outcome) in ATTEMPTS:
            for label in labels:
                if values[label][cell]:
                    attempts[new[cell], place[label, values[label][cell]], int(is_after)] += count
    return Versions(names, attempts)


def _counts(found: Outcomes) -> Iterator[tuple[int, bool, str, int]]:
    columns = ("cell", "is_after", "outcome", "payments")
    return zip(*(found.codes[name].to_pylist() for name in columns), strict=True)


def _renumbered(table: pa.Table, new: Places) -> pa.Table:
    cells = new[np.asarray(table["cell"].to_numpy(), np.int64)]
    return table.set_column(table.column_names.index("cell"), "cell", pa.array(cells, pa.int64()))
