"""Evidence as tables that a person could read: a tool's summary becomes facts on a line and rows under a head."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...core.tokens import estimate_tokens
from ...tools.shown import flat, shortened

_CELL_TOKENS = 60
_FACTS_TOKENS = 240
_MOST_POINTS = 12
_MOST_ITEMS = 8
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z|\+00:00)")
_FIGURES = 4


@dataclass(frozen=True)
class Table:
    """Rows of one list in a summary; columns in which nothing stands are left out."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def head(self) -> str:
        """The line above the rows."""
        return f"{self.name}: {' | '.join(self.columns)}"

    def line(self, place: int) -> str:
        """One row."""
        return " | ".join(self.rows[place])


def tables_of(summary: Any, day: str = "") -> tuple[str, tuple[Table, ...]]:
    """The facts of a summary on one line, and its lists of objects as tables.

    Args:
        summary: JSON of any tool's result.
        day: `2026-01-31`; moments of this day are shown by their time alone.
    """
    if not isinstance(summary, Mapping):
        return shortened(_cell(summary, day), _FACTS_TOKENS, " ") if summary is not None else "", ()
    facts, tables = [], []
    for name, value in summary.items():
        if _is_rows(value):
            tables.append(_table(_flat_cell(str(name)), value, day))
        elif value not in (None, "", [], {}):
            facts.append(f"{_flat_cell(str(name))}={_cell(value, day)}")
    return shortened("; ".join(facts), _FACTS_TOKENS, " "), tuple(table for table in tables if table.rows)


def figure(value: float) -> str:
    """A number to four figures; whole ones whole."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) or not math.isfinite(value):
        return str(value)
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    decimals = max(0, _FIGURES - 1 - math.floor(math.log10(abs(value))))
    if decimals > 9:
        return f"{value:.{_FIGURES - 1}e}"
    text = f"{value:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if decimals else text


def _is_rows(value: Any) -> bool:
    return (
        isinstance(value, Sequence)
        and not isinstance(value, str)
        and bool(value)
        and all(isinstance(item, Mapping) for item in value)
    )


def _table(name: str, items: Sequence[Mapping[str, Any]], day: str) -> Table:
    columns = list(dict.fromkeys(key for item in items for key in item))
    kept = [key for key in columns if any(item.get(key) not in (None, "", [], {}) for item in items)]
    rows = tuple(tuple(_cell(item.get(key), day) for key in kept) for item in items)
    return Table(name, tuple(_flat_cell(key) for key in kept), rows)


def _cell(value: Any, day: str) -> str:
    if value is None:
        return "–"
    if isinstance(value, (bool, int, float)):
        return figure(value)
    if isinstance(value, str):
        return _flat_cell(_moments(value, day))
    if isinstance(value, Mapping):
        return _flat_cell(" ".join(f"{key}={_cell(item, day)}" for key, item in value.items()))
    if all(isinstance(item, (int, float)) or item is None for item in value):
        return _points(value)
    if any(isinstance(item, Mapping) for item in value):
        return _flat_cell(json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str))
    shown = [_cell(item, day) for item in value[:_MOST_ITEMS]]
    more = f" … {len(value) - len(shown)} more" if len(value) > len(shown) else ""
    return "; ".join(shown) + more


def _points(values: Sequence[float | None]) -> str:
    """Numbers of a series; of many, some at equal distance: means of them would stand in no evidence."""
    step = max(1, math.ceil(len(values) / _MOST_POINTS))
    shown = " ".join("–" if value is None else figure(value) for value in values[::step])
    return f"every {step}th of {len(values)}: {shown}" if step > 1 else shown


def _moments(text: str, day: str) -> str:
    def short(match: re.Match[str]) -> str:
        return match[2] if match[1] == day else f"{match[1]} {match[2]}"

    return _MOMENT.sub(short, text)


def _flat_cell(text: str) -> str:
    """A text in one cell: on one line, without the bar that ends a cell."""
    line = flat(text).replace("|", "¦")
    return shortened(line, _CELL_TOKENS, " ") if estimate_tokens(line) > _CELL_TOKENS + 12 else line
