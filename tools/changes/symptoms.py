"""The words that log lines say in trouble and did not say before, to lay beside what a change touches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from ..logs.levels import level_of, speaks_of_trouble
from .words import words_of_texts

SYMPTOM_COLUMNS = pa.schema(
    [("word", pa.string()), ("weight", pa.float64()), ("lines_before", pa.int64()), ("lines_after", pa.int64())]
)
"""Columns of the artifact of `changes.symptoms`, the weightiest word first.

`word` is a stem as `words_of_text` makes it; `weight` from 0 to 1 is the share of its lines that the quiet time does
not account for.
"""

_MOST_WORDS = 2_000
_FEWEST_LINES = 2
_ATTRIBUTE_CHARS = 400
_NOT_TELLING = ("trace", "span", "request_id", "session", "host", "pod", "instance", "thread")


@dataclass(frozen=True)
class Lines:
    """Lines of one stretch of time: some of them (`LINE_COLUMNS`), and by how much to multiply to count for all."""

    rows: pa.Table
    times: float


def words_of_trouble(before: Lines, after: Lines, baseline_s: float, window_s: float) -> pa.Table:
    """Count words by line on both sides; only lines of trouble, where there are any.

    Args:
        before: lines of the quiet time.
        after: lines of the window.
        baseline_s: length of the quiet time.
        window_s: length of the window.
    """
    trouble_after = _of_trouble(after.rows)
    only_trouble = trouble_after.num_rows > 0
    count_after = _counted(trouble_after if only_trouble else after.rows)
    count_before = _counted(_of_trouble(before.rows) if only_trouble else before.rows)
    rows = []
    for word, n_after in count_after.items():
        if n_after < _FEWEST_LINES:
            continue
        rate_after = n_after * after.times / window_s
        rate_before = count_before[word] * before.times / baseline_s
        weight = max(0.0, 1.0 - rate_before / rate_after)
        if weight > 0:
            rows.append((word, weight, count_before[word], n_after))
    rows.sort(key=lambda row: (-row[1], -row[3], row[0]))
    columns = list(zip(*rows[:_MOST_WORDS], strict=True)) or [()] * 4
    return pa.table(
        [pa.array(list(column), field.type) for column, field in zip(columns, SYMPTOM_COLUMNS, strict=True)],
        schema=SYMPTOM_COLUMNS,
    )


def _of_trouble(rows: pa.Table) -> pa.Table:
    """The lines that speak of trouble."""
    return rows.filter(pa.array(map(_is_trouble, rows["level"].to_pylist(), rows["body"].to_pylist()), pa.bool_()))


def _is_trouble(level: str | None, body: str | None) -> bool:
    known = level_of(level)
    return known in ("error", "warning") or (known == "unknown" and speaks_of_trouble(body or ""))


def _counted(rows: pa.Table) -> Counter[str]:
    """In how many lines each word stands."""
    known: dict[str, bool] = {}

    def told(attributes: Iterable[tuple[str, Any]]) -> str:
        parts = []
        for name, value in attributes:
            if value and name not in known:
                known[name] = not any(part in name.lower() for part in _NOT_TELLING)
            if value and known[name]:
                parts.append(f"{name} {str(value)[:_ATTRIBUTE_CHARS]}")
        return "\n".join(parts)

    texts = (
        f"{body or ''}\n{told(attributes or ())}"
        for body, attributes in zip(rows["body"].to_pylist(), rows["attributes"].to_pylist(), strict=True)
    )
    return Counter(word for words in words_of_texts(texts) for word in words)
