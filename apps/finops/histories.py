"""A subject of a fleet before and after a change: cost and usage by day, what broke, and how slow it was."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from ...core.clock import Deadline
from ...tools.fleets.store import FleetStore
from ...tools.recommendations.realised import BASELINE_DAYS, WINDOWS_DAYS, Around
from ...tools.recommendations.types import Recommendation

_HARM = ("oom", "throttled", "evicted", "slo_breach")
"""Happenings that a smaller size can bring about. A restart or a deploy says nothing by itself."""
_DRIVER = """
    SELECT CAST(date_trunc('day', ts) AS DATE) AS day, avg(value) AS value FROM usage
    WHERE workload = $workload AND resource = 'requests' AND ts >= $start AND ts < $end GROUP BY 1
"""
_BROKEN = """
    SELECT kind, count(*) FILTER (WHERE ts < $changed) AS before, count(*) FILTER (WHERE ts >= $since) AS after
    FROM happenings WHERE workload = $workload AND ts >= $start AND ts < $end GROUP BY 1
"""
_LATENCY = """
    SELECT max(value) FILTER (WHERE ts < $changed) AS before, max(value) FILTER (WHERE ts >= $since) AS after
    FROM usage WHERE workload = $workload AND resource = 'latency_p99' AND ts >= $start AND ts < $end
"""
_BUDGET = "SELECT latency_budget_ms FROM workloads WHERE workload = $workload LIMIT 1"


def around(
    store: FleetStore,
    costs: Mapping[date, float],
    recommendation: Recommendation,
    applied_at: datetime,
    deadline: Deadline,
) -> Around | None:
    """The 28 days before the day of a change, and the days after it; `None` if the fleet ends before.

    Args:
        store: the fleet.
        costs: effective cost of the subject by day, in the fleet's currency.
        recommendation: that was applied.
        applied_at: when.
        deadline: of the whole look.
    """
    changed = applied_at.date()
    first, since = changed - timedelta(days=BASELINE_DAYS), changed + timedelta(days=1)
    last = min(store.manifest.end.date(), since + timedelta(days=WINDOWS_DAYS[-1]))
    if last <= since:
        return None
    before = [first + timedelta(days=n) for n in range(BASELINE_DAYS)]
    after = [since + timedelta(days=n) for n in range((last - since).days)]
    subject = recommendation.subject
    values = {
        "workload": subject,
        "start": _midnight(first),
        "changed": _midnight(changed),
        "since": _midnight(since),
        "end": _midnight(last),
    }
    spans = {"workload": subject, "start": values["start"], "end": values["end"]}
    driver = {row["day"]: row["value"] for row in store.query(_DRIVER, spans, deadline).to_pylist()}
    broken = [row for row in store.query(_BROKEN, values, deadline).to_pylist() if row["kind"] in _HARM]
    latency = store.query(_LATENCY, values, deadline).to_pylist()[0]
    budget = store.query(_BUDGET, {"workload": subject}, deadline).to_pylist()
    has_driver = len(driver) > 1
    return Around(
        cost_before=_series(costs, before),
        cost_after=_series(costs, after),
        driver_before=_series(driver, before) if has_driver else np.empty(0),
        driver_after=_series(driver, after) if has_driver else np.empty(0),
        broken_before={row["kind"]: row["before"] for row in broken},
        broken_after={row["kind"]: row["after"] for row in broken},
        watched_after=len(after),
        latency_budget_ms=budget[0]["latency_budget_ms"] if budget else None,
        latency_before_ms=None if latency["before"] is None else latency["before"] * 1000,
        latency_after_ms=None if latency["after"] is None else latency["after"] * 1000,
    )


def _series(known: Mapping[date, float], days: list[date]) -> NDArray[np.float64]:
    return np.array([known.get(day, np.nan) for day in days], np.float64)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
