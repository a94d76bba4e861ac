"""Objectives as Prometheus rules: error ratios recorded once, and alerts on how fast the budget burns.

The alerts are those of `burn`: pairs of a long and a short window, by the share of the budget that the long one uses
up ("The Site Reliability Workbook", Beyer et al., 2018, chapter 5).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .backends.types import Slo
from .burn import SHORT_PART, burn_rules
from .query import Indicator, Measure, Ratio, Share, UnreadableQueryError, parse

_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_COUNTED = re.compile(r".*(_total|_count|_sum|_bucket)")
_LONGEST_S = 90 * 86_400
_STEP = "1m"
"""Of the moments at which a threshold is looked at."""


@dataclass(frozen=True)
class RuleFile:
    """Rules, and the objectives for which there are none.

    Args:
        groups: as Prometheus wants them; empty without a single readable objective.
        problems: entity, name, and why there is no rule.
    """

    groups: tuple[dict[str, Any], ...]
    problems: tuple[tuple[str, str, str], ...]


class _NoRuleError(ValueError):
    """An objective cannot become a rule; the text says why."""


def slo_rules(
    slos: Sequence[Slo], entity_label: str = "service", runbooks: Mapping[str, str] | None = None
) -> RuleFile:
    """The rules of objectives: a group each.

    Args:
        slos: as declared.
        entity_label: the label of the metrics that names the entity.
        runbooks: by entity, the address of the page to follow.

    Raises:
        ValueError: `entity_label` is no name of a label.
    """
    if not _LABEL.fullmatch(entity_label):
        raise ValueError("a label is letters, digits and underscores")
    groups, problems = [], []
    for slo in slos:
        try:
            groups.append(_group(slo, entity_label, (runbooks or {}).get(slo.entity, "")))
        except (UnreadableQueryError, _NoRuleError) as error:
            problems.append((slo.entity, slo.name, str(error)))
    return RuleFile(tuple(groups), tuple(problems))


def _group(slo: Slo, entity_label: str, runbook: str) -> dict[str, Any]:
    if slo.objective is None or not 0 < slo.objective < 1:
        raise _NoRuleError("the objective is no share between 0 and 1")
    if slo.window_s is None or not 0 < slo.window_s <= _LONGEST_S:
        raise _NoRuleError(f"the window is not between 1 second and {_LONGEST_S // 86_400} days")
    indicator, budget = parse(slo.query), 1.0 - slo.objective
    labels = {entity_label: slo.entity, "slo": slo.name}
    wanted = burn_rules(slo.window_s)
    lengths = sorted({length for _, long_s, _ in wanted for length in (long_s // SHORT_PART, long_s)} | {slo.window_s})
    recorded = [
        {
            "record": _record(length),
            "expr": _bad_share(indicator, slo.entity, entity_label, length),
            "labels": dict(labels),
        }
        for length in lengths
    ]
    alerts = [
        _alert(slo, labels, urgency, long_s, max(share * slo.window_s / long_s, 1.0) * budget, runbook)
        for urgency, long_s, share in wanted
    ]
    return {"name": f"slo-{slo.entity}-{slo.name}", "rules": [*recorded, *alerts]}


def _alert(
    slo: Slo, labels: Mapping[str, str], urgency: str, long_s: int, least: float, runbook: str
) -> dict[str, Any]:
    chosen = "{" + ", ".join(f"{name}={_quoted(value)}" for name, value in labels.items()) + "}"
    limit = f"{least:.12g}"
    return {
        "alert": "ErrorBudgetBurns",
        "expr": f"{_record(long_s)}{chosen} >= {limit} and {_record(long_s // SHORT_PART)}{chosen} >= {limit}",
        "labels": {**labels, "severity": "critical" if urgency == "page" else "warning", "window": _span(long_s)},
        "annotations": {
            "summary": f"{slo.entity}: the error budget of {slo.name} burns too fast",
            "description": (
                f"More than {limit} of the last {_span(long_s)} were bad; {slo.objective:.12g} is promised over "
                f"{_span(slo.window_s or 0)}."
            ),
            **({"runbook_url": runbook} if runbook else {}),
        },
    }


def _bad_share(indicator: Indicator, entity: str, entity_label: str, length_s: int) -> str:
    """An expression for the share of bad in the last `length_s` seconds, 0 to 1."""
    span = _span(length_s)
    if isinstance(indicator, Ratio):
        part, total = (_summed(side, entity, entity_label, span) for side in (indicator.part, indicator.total))
        return f"{part} / ({total} > 0)" if indicator.is_bad else f"1 - {part} / ({total} > 0)"
    series = _selected(indicator.measure, entity, entity_label)
    if isinstance(indicator, Share):
        found = f"avg(avg_over_time({series}[{span}]))"
        return found if indicator.is_bad else f"1 - {found}"
    good = f"{series} {indicator.comparison} bool {indicator.limit:.12g}"
    return f"1 - avg(avg_over_time(({good})[{span}:{_STEP}]))"


def _summed(measure: Measure, entity: str, entity_label: str, span: str) -> str:
    series = _selected(measure, entity, entity_label)
    # A gauge of a ratio is a rate: every sample stands for the same time.
    function = "increase" if _COUNTED.fullmatch(measure.metric) else "sum_over_time"
    return f"sum({function}({series}[{span}]))"


def _selected(measure: Measure, entity: str, entity_label: str) -> str:
    if not _METRIC.fullmatch(measure.metric):
        raise _NoRuleError("the name of the metric is none that every Prometheus reads")
    if any(not _LABEL.fullmatch(matcher.label) for matcher in measure.matchers):
        raise _NoRuleError("the name of a label is none that Prometheus reads")
    chosen = [f"{entity_label}={_quoted(entity)}"]
    chosen += [f"{each.label}{each.kind}{_quoted(each.value)}" for each in measure.matchers]
    return f"{measure.metric}{{{', '.join(chosen)}}}"


def _quoted(text: str) -> str:
    """A string of PromQL that stands for this text whatever is in it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{escaped}"'


def _record(length_s: int) -> str:
    return f"slo:bad:ratio_{_span(length_s)}"


def _span(seconds: int) -> str:
    """A duration as Prometheus writes it."""
    for name, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds % size == 0:
            return f"{seconds // size}{name}"
    return f"{seconds}s"
