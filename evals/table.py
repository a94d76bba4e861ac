"""A result as rows for a table; where it is printed and in which colours is the surface's business."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .suite import Estimate, GroupResult, Metric, Suite, SuiteResult

OVERALL = "all"


@dataclass(frozen=True)
class ScoreRow:
    """One line: a figure of a part of the cases beside the same figure of every baseline.

    Args:
        part: `all`, the name of a data set, or `SET: SUB-SET`.
        depth: 0 for all cases, 1 for a data set, 2 for a sub-set.
        metric: which figure.
        n: cases that were scored in this part; the figure may apply to fewer (`ours.n`).
        errors: cases of this part that broke.
        ours: `None` if the figure applies to no case of this part.
        baselines: per name in a fixed order; `None` where the baseline does not answer this.
    """

    part: str
    depth: int
    metric: Metric
    n: int
    errors: int
    ours: Estimate | None
    baselines: Mapping[str, Estimate | None]


def score_rows(suite: Suite, result: SuiteResult, *, with_sub_sets: bool = True) -> tuple[ScoreRow, ...]:
    """The data sets, each followed by its sub-sets, and all cases last (first and only if there is one set).

    A part in which every case broke has one row for the first metric, without figures, so that it is not overlooked.
    """
    whole = GroupResult(n=result.n, errors=result.errors, metrics=result.metrics, baseline=result.baseline)
    names = baseline_names(result)
    rows: list[ScoreRow] = []
    for set_name, group in result.groups.items():
        rows += _rows(suite, set_name, 1, group, names)
        if with_sub_sets:
            for name, part in group.groups.items():
                rows += _rows(suite, f"{set_name}: {name.removeprefix(f'{set_name}/')}", 2, part, names)
    if len(result.groups) != 1:
        rows += _rows(suite, OVERALL, 0, whole, names)
    return tuple(rows)


def baseline_names(result: SuiteResult) -> tuple[str, ...]:
    """The baselines that have a figure anywhere, in the order in which they were measured."""
    measured = dict.fromkeys(name for case in result.cases for name in case.baseline)
    shown = set(result.baseline).union(*(group.baseline for group in result.groups.values()))
    return tuple(name for name in measured if name in shown)


def estimate_text(estimate: Estimate | None) -> str:
    """`0.65 [0.52, 0.76]`, or a dash where there is no figure."""
    if estimate is None:
        return "–"
    return f"{estimate.value:.2f} [{estimate.low:.2f}, {estimate.high:.2f}]"


def error_rows(result: SuiteResult) -> tuple[tuple[str, str], ...]:
    """Id and reason of every case that broke."""
    return tuple((case.id, case.error) for case in result.cases if case.error is not None)


def _rows(suite: Suite, part: str, depth: int, group: GroupResult, names: tuple[str, ...]) -> Iterator[ScoreRow]:
    for metric in suite.metrics:
        ours = group.metrics.get(metric.name)
        if ours is None and not (group.n == 0 and metric is suite.metrics[0]):
            continue
        baselines = {name: group.baseline.get(name, {}).get(metric.name) for name in names}
        yield ScoreRow(part, depth, metric, group.n, group.errors, ours, baselines)
