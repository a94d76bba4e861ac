"""Signs from the artifacts of `traces.latency` and `traces.calls`.

Where time is spent, where errors begin, and what operations do differently than they used to.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pyarrow as pa

from .evidence import EntityEvidence, Evidence, Kind, Move, Sign, sureness

_DURATION = "latency of spans"
_MIN_SPANS = 3
_CLEARLY = 3.0
_FIRM_SPANS = 20
"""The 95th percentile of fewer spans is about their largest: it counts by the share n / (n + 20)."""


def read_latency(table: pa.Table, evidence: Evidence) -> None:
    """Add signs for slower operations, for more time in an entity's own code, and for errors that begin there.

    A span covers the time of its children, so a slow callee makes every caller's span slow; own time does not.
    In the same way a failed callee fails its callers, but only a span without a failing child is where an error began.

    Metrics of latency and resources that were read before are weighed by what spans say: see `_weigh_metrics`.
    """
    rows = table.to_pylist()
    _weigh_metrics(rows, evidence)
    for row in rows:
        if not row["entity"]:
            continue
        found = evidence[row["entity"]]
        if row["calls_score"]:
            rate = f"{row['spans_after']} calls of {row['name']} in the window, {row['spans_before']} before"
            found.add(Sign("traffic", row["name"], abs(row["calls_score"]), rate, source="traces"))
        if (row["spans_after"] or 0) >= _MIN_SPANS:
            _add_time(found, row)
            _add_errors(found, row)


_MANY_SPANS = 10
_UNCONFIRMED = 0.4
_TESTED: tuple[Kind, ...] = ("latency", "saturation")
_GREW = ("p50", "p95", "self_p50", "self_p95")


def _weigh_metrics(rows: list[dict[str, Any]], evidence: Evidence) -> None:
    """Lower the weight of metrics of latency and resources of entities whose calls take no longer than before.

    A few samples of a metric can stray far; spans measure every call. Where any operation with enough spans on both
    sides takes twice as long as before, or fails more, the metrics keep their full weight.
    """
    growth: dict[str, float] = {}
    for row in rows:
        entity = row["entity"]
        if entity not in evidence or min(row["spans_before"] or 0, row["spans_after"] or 0) < _MANY_SPANS:
            continue
        ratios = [_ratio(row[f"{name}_after_us"], row[f"{name}_before_us"]) for name in _GREW]
        if (row["error_score"] or 0.0) >= _CLEARLY:
            ratios.append(2.0)
        growth[entity] = max(*ratios, growth.get(entity, 1.0))
    for entity, ratio in growth.items():
        signs = evidence[entity].signs
        confirmed = min(math.log2(ratio), 1.0)
        for kind in _TESTED:
            if kind in signs and signs[kind].source == "metrics":
                weight = signs[kind].weight * (_UNCONFIRMED + (1 - _UNCONFIRMED) * confirmed)
                signs[kind] = replace(signs[kind], weight=weight)


def _ratio(after: float | None, before: float | None) -> float:
    return max(after / before, 1.0) if after and before else 1.0


def _add_time(found: EntityEvidence, row: dict[str, Any]) -> None:
    found.measured.add(_DURATION)
    name, firm = row["name"], row["spans_after"] / (row["spans_after"] + _FIRM_SPANS)
    if row["self_score"] and row["self_score"] > 0:
        times = f"{_ms(row['self_p95_after_us'])} in its own code, {_ms(row['self_p95_before_us'])} before"
        text = f"operation {name}: {times} (p95)"
        found.add(Sign("self_time", name, row["self_score"] * firm, text, row["self_onset_us"], "traces"))
    if row["duration_score"] and row["duration_score"] > 0:
        text = f"operation {name} takes {_ms(row['p95_after_us'])}, {_ms(row['p95_before_us'])} before (p95)"
        found.add(Sign("latency", name, row["duration_score"] * firm, text, row["duration_onset_us"], "traces"))
        longer = (row["p95_after_us"] or 0.0) - (row["p95_before_us"] or 0.0)
        if longer > 0:
            found.add_move((_DURATION, ""), Move(longer, row["duration_score"] * firm))


def _add_errors(found: EntityEvidence, row: dict[str, Any]) -> None:
    if row["error_score"] and row["error_score"] > 0:
        rate = f"{row['error_rate_after']:.1%} of {row['name']} fail, {row['error_rate_before'] or 0:.1%} before"
        found.add(Sign("errors", row["name"], row["error_score"], rate, row["error_onset_us"], "traces"))
    if row["origin_score"] and row["origin_score"] > 0:
        begun = f"{row['origins_after']} errors of {row['name']} begin here, {row['origins_before']} before"
        found.add(Sign("error_origin", row["name"], row["origin_score"], begun, row["error_onset_us"], "traces"))


def _ms(value: float | None) -> str:
    return "an unknown time" if value is None else f"{value / 1000:.3g} ms"


_LESS_WEIGHT, _MORE_WEIGHT = 1.0, 0.5
"""Who skips what it always did has returned early or thrown. Who does more may just have another kind of request."""
_BETTER_WEIGHT = 0.3
"""For trouble that stopped."""
_STILL = 0.02
_PASSED_ON_WEIGHT = 0.4
"""For an entity that does other things because of the answers that it gets."""


def read_calls(table: pa.Table, evidence: Evidence) -> None:
    """Add a `calls` sign per entity: the step in what its operations do that says most.

    An entity that calls another one whose own operations changed at least as much is the witness: it acts on other
    answers than before.

    The ruler is that of series: a share moves by so many of its usual wobbles, and one that never wobbled by fiftieths.
    How sure it is that so few requests show it by no chance is a weight of its own. Of m events some move far by
    chance: two times the logarithm of m is taken off the squared score, Bonferroni's correction of a likelihood ratio.
    """
    chance = 2 * math.log(max(table.num_rows, 1))
    best: dict[str, Sign] = {}
    callees: dict[str, set[str]] = {}
    for row in table.to_pylist():
        if not row["entity"]:
            continue
        if row["kind"] == "call" and row["with_after"]:
            callees.setdefault(row["entity"], set()).add(row["target"])
        for sign in _steps(row, chance):
            if row["entity"] not in best or sign.salience > best[row["entity"]].salience:
                best[row["entity"]] = sign
    for entity, sign in best.items():
        below = max((best[other].salience for other in callees.get(entity, ()) if other in best), default=0.0)
        weight = sign.weight * (_PASSED_ON_WEIGHT if below >= sign.salience else 1.0)
        evidence[entity].add(replace(sign, weight=weight))


def _steps(row: dict[str, Any], chance: float) -> list[Sign]:
    what = {"call": f"calls {row['target']} {row['event']}", "inside": f"runs {row['event']}"}.get(
        row["kind"], f"writes {row['event']}"
    )
    found = []
    if row["share_score"]:
        rises = row["share_score"] > 0
        weight = _LESS_WEIGHT if rises == row["is_trouble"] else _BETTER_WEIGHT if row["is_trouble"] else _MORE_WEIGHT
        text = (
            f"{row['name']} {what} in {row['share_after']:.0%} of {row['requests_after']} requests, "
            f"{row['share_before']:.0%} before"
        )
        weight *= row["size"] * sureness(_beyond(row["share_score"], chance))
        step = abs(row["share_after"] - row["share_before"]) / max(row["share_wobble"], _STILL)
        found.append(Sign("calls", row["event"], step, text, row["onset_us"], "calls", weight))
    if row["times_before"] and row["times_after"] and row["times_score"]:
        before, after = row["times_before"], row["times_after"]
        text = f"{row['name']} {what} {after:.1f} times in a request, {before:.1f} before"
        weight = _MORE_WEIGHT * (1 - min(before, after) / max(before, after))
        score = _beyond(row["times_score"], chance)
        found.append(Sign("calls", row["event"], score, text, row["onset_us"], "calls", weight))
    return found


def _beyond(score: float, chance: float) -> float:
    return math.sqrt(max(score**2 - chance, 0.0))
