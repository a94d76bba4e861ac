"""What a day breaks of the rules of its table, figure by figure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from .profile import ColumnProfile, PartitionProfile
from .rules import Bound, ColumnRule, TableRules

Figure = Literal[
    "missing", "added", "type", "rows", "duplicated", "lag_s", "late", "orphans", "nulls", "zeros", "values", "median",
    "categories",
]  # fmt: skip


@dataclass(frozen=True)
class Breach:
    """One rule that a day breaks.

    Args:
        figure: which rule.
        column: of the rule; empty for the table as a whole.
        value: what the day has; NaN where it is no number.
        bound: what it may be; absent where it is no number.
    """

    figure: Figure
    column: str
    value: float
    bound: Bound | None = None


def breaches(rules: TableRules, day: PartitionProfile) -> tuple[Breach, ...]:
    """Every rule that a day breaks, those of the table first."""
    whole: tuple[tuple[Figure, float, Bound | None], ...] = (
        ("rows", float(day.rows), rules.rows),
        ("duplicated", day.duplicated, rules.duplicated),
        ("lag_s", day.lag_s, rules.lag_s),
        ("late", day.late, rules.late),
    )
    found = [
        Breach(figure, "", value, bound)
        for figure, value, bound in whole
        if bound is not None and not bound.holds(value)
    ]
    # A figure of a quarter of the rows scatters twice as much.
    stretch = max(math.sqrt(rules.rows.usual / max(day.rows, 1)), 1.0) if rules.rows is not None else 1.0
    for name, bound in rules.orphans.items():
        if not bound.holds(day.orphans.get(name, math.nan)):
            found.append(Breach("orphans", name, day.orphans[name], bound))
    found += [Breach("added", name, math.nan) for name in day.columns if name not in rules.columns]
    for name, rule in rules.columns.items():
        column = day.columns.get(name)
        if column is None:
            if rule.required:
                found.append(Breach("missing", name, math.nan))
        else:
            found += _of_column(name, rule, column, stretch)
    return tuple(found)


def _of_column(name: str, rule: ColumnRule, column: ColumnProfile, stretch: float) -> list[Breach]:
    if _family(column.arrow) != _family(rule.type):
        return [Breach("type", name, math.nan)]
    found = []
    if rule.nulls is not None and not rule.nulls.holds(column.nulls, stretch):
        found.append(Breach("nulls", name, column.nulls, rule.nulls))
    if rule.zeros is not None and not rule.zeros.holds(column.zeros, stretch):
        found.append(Breach("zeros", name, column.zeros, rule.zeros))
    if rule.values is not None:
        outside = [value for value in (column.least, column.most) if not rule.values.holds(value)]
        found += [Breach("values", name, value, rule.values) for value in outside[:1]]
    if rule.median is not None and column.quantiles and not rule.median.holds(column.quantiles[3], stretch):
        found.append(Breach("median", name, column.quantiles[3], rule.median))
    if rule.categories is not None and any(word not in rule.categories for word, _ in column.words):
        strangers = sum(share for word, share in column.words if word not in rule.categories)
        found.append(Breach("categories", name, strangers))
    return found


def _family(arrow: str) -> str:
    """Types between which values keep their meaning are one."""
    for family, starts in (("number", ("int", "uint", "double", "float", "decimal")), ("time", ("timestamp", "date"))):
        if arrow.startswith(starts):
            return family
    return "word" if "string" in arrow else arrow
