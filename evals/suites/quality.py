"""The suite `quality`: rules learned from a past, and days with and without a mistake judged by them.

Beside it, what generators of schemas usually infer: columns and types, the largest share of nulls, the smallest and the
largest number, the words that occurred.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...tools.quality.naming import Finding, findings
from ...tools.quality.profile import PartitionProfile, profile
from ...tools.quality.rules import propose
from ..scoring.quality import SUITE
from ..suite import CaseScore, SuiteResult
from ..summary import summarise
from .quality_days import QualityDay, quality_days

_WHOLE_DAY = frozenset(("day_repeated",))
"""Mistakes that concern so many columns that nobody lists them."""


def run_quality(
    count: int, *, seed: int = 0, limit: int | None = None, progress: Callable[[int, int], None] | None = None
) -> SuiteResult:
    """Judge the days of some tables.

    Args:
        count: of tables.
        seed: of the tables and the intervals.
        limit: at most so many days of each.
        progress: called with (tables done, tables).

    Raises:
        NothingScored: every day broke.
    """
    scores: list[CaseScore] = []
    for number in range(count):
        roles, earlier, days = quality_days(seed * 1_000 + number)
        past = [profile(f"day-{place:02d}", table, roles) for place, table in enumerate(earlier)]
        rules = propose("features", past)
        for place, day in enumerate(days[:limit]):
            judged = profile("today", day.table, roles)
            found = findings(rules, past, judged)
            name = f"table-{number:03d}/{place:02d}-{day.fault or 'good'}"
            scores.append(_score(name, day, found, by_range=_out_of_schema(past, judged)))
        if progress is not None:
            progress(number + 1, count)
    return summarise(SUITE, scores, seed=seed)


def _score(name: str, day: QualityDay, found: Sequence[Finding], *, by_range: bool) -> CaseScore:
    details = {"found": [(each.fault, *each.columns) for each in found[:5]]}
    if not day.fault:
        figures, beside = {"false_alarm": float(bool(found))}, {"false_alarm": float(by_range)}
    else:
        first = found[0] if found else None
        is_named = first is not None and first.fault == day.fault
        if is_named and first is not None and day.fault not in _WHOLE_DAY:
            is_named = set(first.columns) == set(day.columns)
        figures = {"named": float(is_named), "noticed": float(bool(found)), "beside": float(len(found) > 1)}
        beside = {"noticed": float(by_range)}
    return CaseScore(
        id=name,
        set_name="invented",
        group=day.fault or "good",
        metrics=figures,
        baseline={"schema_and_ranges": beside},
        details=details,
    )


def _out_of_schema(past: Sequence[PartitionProfile], day: PartitionProfile) -> bool:
    names = {name for each in past for name in each.columns}
    if names != set(day.columns):
        return True
    for name, column in day.columns.items():
        days = [each.columns[name] for each in past]
        if column.arrow != days[-1].arrow or column.nulls > max(each.nulls for each in days):
            return True
        low, high = min(each.least for each in days), max(each.most for each in days)
        if column.kind == "number" and (column.least < low or column.most > high):
            return True
        words = {word for each in days for word, _ in each.words}
        if column.kind == "word" and column.distinct <= 100 and any(word not in words for word, _ in column.words):
            return True
    return False
