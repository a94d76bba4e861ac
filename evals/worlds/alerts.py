"""`alerts.parquet` and `slos.parquet`: who was called for what, and what was promised."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from ...tools.snapshots.manifest import AlertRef
from ...tools.snapshots.writer import SnapshotWriter
from .columns import TIME, pairs_pool
from .metrics import entity_series
from .model import World
from .planted import people_of
from .scene import Page, RuleName
from .series import Series
from .timeline import SECOND_US, moment

_DAY_S = 86_400


@dataclass(frozen=True)
class Rule:
    """What an alert looks at: a metric (one quantile of it, if it has any) that went up, down or either way."""

    metric: str
    direction: int
    severity: str
    quantile: str | None = None


RULES: dict[RuleName, Rule] = {
    "LatencyHigh": Rule("latency_ms", +1, "page", "0.95"),
    "ErrorRateHigh": Rule("error_rate", +1, "page"),
    "ApprovalRateLow": Rule("approval_rate", -1, "page"),
    "DeclineRateHigh": Rule("decline_rate", +1, "page"),
    "ScoreMoved": Rule("score_mean", 0, "ticket"),
    "NullRateHigh": Rule("null_rate", +1, "ticket"),
    "TrafficHigh": Rule("request_rate", +1, "ticket"),
    "RecordsRejected": Rule("records_rejected_ratio", +1, "page"),
    "CpuHigh": Rule("cpu_usage", +1, "ticket"),
    "FeaturesLate": Rule("feature_freshness_s", +1, "ticket"),
    "QueueDeep": Rule("queue_depth", +1, "ticket"),
}

# The same few blips of the quiet time as every platform has: rule, entity.
_NOISE: tuple[tuple[RuleName, str], ...] = (
    ("LatencyHigh", "merchant-webhooks"),
    ("CpuHigh", "report-builder"),
    ("CpuHigh", "model-trainer"),
    ("LatencyHigh", "three-ds"),
    ("ErrorRateHigh", "notification-worker"),
)


@dataclass(frozen=True)
class Alert:
    """A row of the alert log; `ts_us` is UTC microseconds."""

    ts_us: int
    name: str
    entity: str
    severity: str
    state: str
    summary: str
    labels: dict[str, str]


def watched(world: World, rule: Rule, entity: str, country: str | None) -> Series:
    """The clean series a rule looks at; of several (feature groups, countries) the one that moved most."""
    found = [
        series
        for series in entity_series(world, world.platform.by_name[entity])
        if series.metric == rule.metric
        and series.labels.get("quantile") == rule.quantile
        and "version" not in series.labels
        and country in (None, series.labels.get("country"))
    ]
    return max(found, key=lambda series: abs(_moved(world, series)))


def _moved(world: World, series: Series) -> float:
    quiet = float(np.median(series.clean[: world.timeline.window_step]))
    late = float(np.median(series.clean[world.timeline.elapsed_s > 0.4 * world.timeline.window_length_s]))
    return (late - quiet) / max(abs(quiet), 1e-9)


def opening_alert(world: World) -> Alert:
    """The alert that opened the incident; fires two to six minutes after the onset, or as far as the window allows."""
    page = world.strike.page
    rule = RULES[page.rule]
    rng = world.streams.of("page")
    wait_s = min(float(rng.uniform(120, 360)), 0.25 * world.timeline.window_length_s)
    ts_us = world.timeline.onset_us + int(wait_s * SECOND_US)
    series = watched(world, rule, page.entity, _country(world, page))
    quiet = float(np.median(series.clean[: world.timeline.window_step]))
    recent = series.clean[
        (world.timeline.elapsed_s >= 0) & (world.timeline.elapsed_s <= wait_s + world.timeline.step_s)
    ]
    now = float(np.min(recent) if rule.direction < 0 else np.max(recent))
    where = "".join(f" {name}={value}" for name, value in sorted(series.labels.items()))
    summary = f"{rule.metric}{where} at {page.entity} is {now:.4g} {series.unit}, usually {quiet:.4g}"
    labels = {"metric": rule.metric, **series.labels}
    return Alert(ts_us, page.rule, page.entity, rule.severity, "firing", summary, labels)


def _country(world: World, page: Page) -> str | None:
    """The country of the page; a fault that hits all countries is paged for the worst one."""
    return page.country if world.strike.entity is not None else None


def alert_ref(alert: Alert) -> AlertRef:
    """The alert as `snapshot.json` names it."""
    return AlertRef(
        name=alert.name,
        entity=alert.entity,
        metric=alert.labels["metric"],
        severity=alert.severity,
        summary=alert.summary,
        ts=moment(alert.ts_us),
    )


def write_alerts(world: World, writer: SnapshotWriter, opening: Alert) -> None:
    """The opening alert, and what flapped and went away in the quiet time."""
    rng = world.streams.of("alerts")
    someone = people_of(world.spec, "alerts")[0]
    alerts = [opening, *(_flaps(world, opening) if world.strike.flaps else ())]
    for row in rng.permutation(len(_NOISE))[: int(rng.integers(2, 5))]:
        name, entity = _NOISE[int(row)]
        rule = RULES[name]
        ts_us = int(rng.integers(world.timeline.start_us, world.timeline.onset_us))
        summary = f"{rule.metric} at {entity} crossed its limit for a moment"
        alerts.append(Alert(ts_us, name, entity, rule.severity, "resolved", summary, {"metric": rule.metric}))
    last = alerts[-1]
    alerts[-1] = Alert(
        last.ts_us, last.name, last.entity, last.severity, last.state, f"{last.summary}, told {someone.email}",
        {**last.labels, "notify": someone.phone},
    )  # fmt: skip
    alerts.sort(key=lambda alert: alert.ts_us)
    writer.write(
        "alerts",
        {
            "ts": pa.array([one.ts_us for one in alerts], type=TIME),
            "name": [one.name for one in alerts],
            "entity": [one.entity for one in alerts],
            "severity": [one.severity for one in alerts],
            "state": [one.state for one in alerts],
            "summary": [one.summary for one in alerts],
            "labels": pairs_pool([one.labels for one in alerts]),
        },
    )


def _flaps(world: World, opening: Alert) -> list[Alert]:
    """The same alert again and again before, each time gone after a moment."""
    rng = world.streams.of("flaps")
    found = []
    for _ in range(int(rng.integers(4, 8))):
        ts_us = int(rng.integers(world.timeline.start_us, opening.ts_us - 120 * SECOND_US))
        found.append(replace(opening, ts_us=ts_us))
        found.append(replace(opening, ts_us=ts_us + int(rng.integers(40, 110)) * SECOND_US, state="resolved"))
    return found


_SLOS: tuple[tuple[str, str, float, str], ...] = (
    ("edge-gateway", "availability", 0.995, "1 - error_rate"),
    ("payment-orchestrator", "availability", 0.99, "1 - error_rate"),
    ("fraud-scorer", "answers within 250 ms", 0.99, "latency_ms{quantile=0.99} < 250"),
    ("payout-scorer", "answers within 300 ms", 0.99, "latency_ms{quantile=0.99} < 300"),
    ("feature-server", "availability", 0.995, "1 - error_rate"),
    ("feature-stream", "fresh within 60 s", 0.99, "feature_freshness_s < 60"),
    ("feature-batch", "fresh within 30 min", 0.99, "feature_freshness_s < 1800"),
    ("ledger-service", "availability", 0.999, "1 - error_rate"),
)


def write_slos(writer: SnapshotWriter) -> None:
    """The promises of the platform; the same in every world."""
    writer.write(
        "slos",
        {
            "entity": [entity for entity, _, _, _ in _SLOS],
            "name": [name for _, name, _, _ in _SLOS],
            "objective": [objective for _, _, objective, _ in _SLOS],
            "window_s": [28 * _DAY_S] * len(_SLOS),
            "query": [query for _, _, _, query in _SLOS],
        },
    )
