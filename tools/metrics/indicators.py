"""What a metric is about, and which way it hurts, told from the words of its name.

The words are the field's conventions (OpenTelemetry and Prometheus metric names, the four golden signals, USE), not the
names of any one system.
"""

from __future__ import annotations

import re

from .standard_names import Meaning, standard_names
from .types import Direction, IndicatorClass

_WORDS: tuple[tuple[IndicatorClass, frozenset[str]], ...] = (
    (
        "quality",
        frozenset(
            "freshness staleness stale age null nulls missing drift psi skew parity score prediction predictions auc "
            "accuracy precision recall calibration approval approvals decline declines chargeback chargebacks expiry "
            "completeness validity".split()
        ),
    ),
    (
        "errors",
        frozenset(
            "error errors fail failure failures failed fault faults 5xx 4xx 500 503 exception exceptions timeout "
            "timeouts availability success successful rejected rejects dropped drops retries retry restarts restart "
            "oom evictions unavailable".split()
        ),
    ),
    (
        "latency",
        frozenset(
            "latency latencies lat duration durations delay p50 p75 p90 p95 p99 p999 response elapsed rtt wait "
            "responsetime".split()
        ),
    ),
    (
        "saturation",
        frozenset(
            "cpu memory mem ram heap rss disk filesystem gpu vram utilization utilisation usage util saturation queue "
            "backlog lag pool connections threads load1 load5 iops quota throttled throttling throttles inflight "
            "concurrency pending syscall syscalls swap gc".split()
        ),
    ),
    (
        "traffic",
        frozenset(
            "request requests rps qps tps throughput rate count ops workload traffic calls queries messages bytes "
            "receive received transmit transmitted hits volume lod load invocations packets".split()
        ),
    ),
)

_GOOD_WHEN_HIGH = frozenset(
    "availability success successful hit hits ratio_hit expiry auc accuracy precision recall approval approvals "
    "completeness validity parity".split()
)

_PER_ITEM = frozenset("mean avg average size".split())

_SPLIT = re.compile(r"[^a-z0-9]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def words_of(metric: str) -> tuple[str, ...]:
    """The lower-case words of a metric name: `PodServerLatencyP99(s)` gives pod, server, latency, p99, s."""
    return tuple(word for word in _SPLIT.split(_CAMEL.sub(" ", metric).lower()) if word)


def classify(metric: str) -> IndicatorClass:
    """The first class, in the order quality, errors, latency, saturation, traffic, that owns a word of the name."""
    standard = _standard(metric)
    if standard is not None:
        return standard[0]
    words = set(words_of(metric))
    for name, vocabulary in _WORDS:
        if words & vocabulary:
            # The mean size of a message says what is in it and not how many there are.
            return "other" if name == "traffic" and words & _PER_ITEM else name
    return "other"


def harmful_direction(metric: str) -> Direction | None:
    """The direction in which the metric gets worse; `None` where both can be."""
    standard = _standard(metric)
    if standard is not None:
        return standard[1]
    words = set(words_of(metric))
    kind = classify(metric)
    if words & _GOOD_WHEN_HIGH and not words & {"missing", "drift"}:
        return "down"
    if kind in ("errors", "latency", "saturation"):
        return "up"
    return None


_STANDARD = standard_names(words_of)
_LONGEST = max(map(len, _STANDARD))


def _standard(metric: str) -> Meaning | None:
    """What a standard name means that this one is or begins with; the longest counts."""
    words = words_of(metric)
    for length in range(min(len(words), _LONGEST), 0, -1):
        found = _STANDARD.get(words[:length])
        if found is not None:
            return found
    return None
