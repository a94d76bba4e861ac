"""How well lines are grouped by template, against labels line by line; and the suite `logs`.

Source: grouping accuracy of Zhu et al., "Tools and Benchmarks for Automated Log Parsing", ICSE-SEIP 2019; precision,
recall and F1 over groups of Jiang et al., "A Large-Scale Evaluation for Log Parsing Techniques: How Far Are We?",
ISSTA 2024. A group is right if it is exactly the set of lines of one label; what a template is called does not matter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence

from ..suite import Metric, Suite

SUITE = Suite(
    name="logs",
    description="templates of labelled log lines, beside drain3 on the same lines",
    metrics=(
        Metric(name="ga", kind="mean", description="lines in a group that is exactly one label's lines"),
        Metric(name="fga", kind="mean", description="harmonic mean of pga and rga, so that rare lines count too"),
        Metric(name="pga", kind="mean", description="groups found that are exactly one label's lines"),
        Metric(name="rga", kind="mean", description="labels whose lines are exactly one group"),
    ),
)


def score_groups(found: Sequence[Hashable], labels: Sequence[Hashable]) -> dict[str, float]:
    """The metrics of one set of lines.

    Args:
        found: the group of every line.
        labels: the label of every line, as many.

    Raises:
        ValueError: no line, or not a label for each.
    """
    if not labels or len(found) != len(labels):
        raise ValueError("there must be lines, and a label for each")
    groups, kinds = Counter(found), Counter(labels)
    both = Counter(zip(found, labels, strict=True))
    right = [n for (group, kind), n in both.items() if n == groups[group] == kinds[kind]]
    precision, recall = len(right) / len(groups), len(right) / len(kinds)
    return {
        "ga": sum(right) / len(labels),
        "fga": 2 * len(right) / (len(groups) + len(kinds)),
        "pga": precision,
        "rga": recall,
    }


def broken_labels(found: Sequence[int], labels: Sequence[str], templates: Sequence[str]) -> list[dict[str, object]]:
    """The labels that are no group of their own, those of most lines first, with the templates their lines got."""
    groups, kinds = Counter(found), Counter(labels)
    together: dict[str, Counter[int]] = {}
    for group, kind in zip(found, labels, strict=True):
        together.setdefault(kind, Counter())[group] += 1
    rows: list[dict[str, object]] = []
    for kind, lines in kinds.most_common():
        (group, n), *more = together[kind].most_common()
        if more or n != groups[group]:
            rows.append({"label": kind, "lines": lines, "templates": [templates[g] for g in together[kind]][:4]})
    return rows
