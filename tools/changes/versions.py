"""Two versions side by side: does the newer one do worse than the older one in the same minutes?

A roll-out is a natural experiment: both versions serve in the same minutes, so what differs between them is not the
hour, the load or something further down. Compared is only what is otherwise alike: the same metric, the same caller,
the same operation, so that a different mix of traffic does not look like a fault; and not the first minutes of a new
instance, when it warms up.

Source: the pairing by minute and the comparison of releases through it follow ChangeRCA's difference in differences
(Yu et al., FSE 2024); the sign test on pairs and the Bonferroni correction are textbook. Weights are not fitted.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from ..metrics.indicators import classify, harmful_direction, words_of
from ..metrics.series import Floats, SeriesKey, SeriesSet, Times, as_rate

VERSION_LABELS = (
    "version", "app_version", "service_version", "service.version", "revision", "release", "model_version", "track",
    "deployment", "image", "build",
)  # fmt: skip
INSTANCE_LABELS = frozenset(("pod", "instance", "replica", "host", "node", "container", "task", "worker"))
"""Instances differ between versions by nature; everything else must be the same to be compared."""
CALLEE_LABELS = ("callee", "peer_service", "destination", "destination_service", "upstream", "target")

VERSION_COLUMNS = pa.schema(
    [
        ("entity", pa.string()),
        ("kind", pa.string()),
        ("metric", pa.string()),
        ("labels", pa.map_(pa.string(), pa.string())),
        ("newer", pa.string()),
        ("newer_first_us", pa.int64()),
        ("minutes", pa.int64()),
        ("newer_level", pa.float64()),
        ("older_level", pa.float64()),
        ("effect", pa.float64()),
        ("p_worse", pa.float64()),
        ("indicator_class", pa.string()),
    ]
)
"""Columns of the artifact of `changes.versions`.

`kind` is `seen` (one row per entity: its newest version, null if there is one only), `compared` (one row per metric and
set of labels that both have: `effect` > 0 where the newer one does worse, in units of what older instances differ by;
`p_worse` is the chance of so many worse minutes among equals) or `unaccounted` (callers see more failures of an entity
than all its instances report).
"""

_SHARED = frozenset(("node", "host", "cluster", "machine"))
_STEP_US = 60_000_000
_WARM_UP_STEPS = 2
_FEWEST_PAIRS = 3
_RELATIVE_FLOOR = 0.05
_CLASSES = frozenset(("latency", "errors", "quality", "saturation"))


@dataclass
class _Side:
    """The samples of one version in the window: per minute the values of its instances."""

    first_us: int
    by_step: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))

    def add(self, times_us: Times, values: Floats) -> None:
        for step, value in zip((times_us // _STEP_US).tolist(), values.tolist(), strict=True):
            if math.isfinite(value):
                self.by_step[step].append(value)


Rest = tuple[tuple[str, str], ...]


def compare_versions(found: SeriesSet, start_us: int, end_us: int) -> pa.Table:
    """Lay the newest version of every entity beside the older ones.

    Args:
        found: series of the quiet time and the window.
        start_us: start of the window; only its minutes are compared.
        end_us: its end.
    """
    groups: dict[tuple[str, str, Rest], dict[str, _Side]] = defaultdict(dict)
    firsts: dict[str, dict[str, int]] = defaultdict(dict)
    first_step, end_step = start_us // _STEP_US, -(-end_us // _STEP_US)
    for key, times, values in _rates(found, lambda key: version_of(key.labels) is not None):
        name, tag = version_of(key.labels) or ("", "")
        known = firsts[key.entity]
        known[tag] = min(known.get(tag, int(times[0])), int(times[0]))
        if harmful_direction(key.metric) is None or classify(key.metric) not in _CLASSES or _is_shared(key):
            continue
        rest = tuple(pair for pair in key.labels if pair[0] != name and pair[0] not in INSTANCE_LABELS)
        side = groups[key.entity, key.metric, rest].setdefault(tag, _Side(int(times[0])))
        side.first_us = min(side.first_us, int(times[0]))
        inside = slice(*np.searchsorted(times, [first_step * _STEP_US, end_step * _STEP_US]))
        side.add(times[inside], values[inside])
    newest = {entity: _newest(tags) for entity, tags in firsts.items()}
    rows: list[dict[str, object]] = [
        {"entity": entity, "kind": "seen", "newer": tag, "newer_first_us": firsts[entity][tag] if tag else None}
        for entity, tag in sorted(newest.items())
    ]
    for (entity, metric, rest), sides in sorted(groups.items()):
        latest = newest[entity]
        if latest in sides and len(sides) > 1:
            compared = _compare(metric, sides, latest, start_us, end_us)
            if compared is not None:
                first = firsts[entity][latest]
                rows.append(
                    {"entity": entity, "kind": "compared", "metric": metric, "labels": list(rest), "newer": latest,
                     "newer_first_us": first, "indicator_class": classify(metric), **compared}
                )  # fmt: skip
    rows += _unaccounted(found, set(firsts), start_us, end_us)
    return pa.Table.from_pylist(
        [{name: row.get(name) for name in VERSION_COLUMNS.names} for row in rows], VERSION_COLUMNS
    )


def version_of(labels: Iterable[tuple[str, str]]) -> tuple[str, str] | None:
    """The label that tells a version, and the version."""
    tags = dict(labels)
    return next(((name, tags[name]) for name in VERSION_LABELS if tags.get(name)), None)


def _rates(found: SeriesSet, wanted: Callable[[SeriesKey], bool]) -> Iterator[tuple[SeriesKey, Times, Floats]]:
    for key, times, values in found:
        if not key.entity or not wanted(key):
            continue
        if key.kind == "counter":
            times, values = as_rate(times, values)
        if len(times):
            yield key, times, values


def _tells_failures(key: SeriesKey) -> bool:
    return classify(key.metric) == "errors" and harmful_direction(key.metric) is not None


def _is_shared(key: SeriesKey) -> bool:
    """Whether it measures the machine under an instance, on which others run too."""
    return bool(_SHARED & {*words_of(key.metric), dict(key.labels).get("scope", "")})


def _newest(firsts: Mapping[str, int]) -> str | None:
    """The version that was seen last for the first time; `None` if there is one, or if all began together."""
    order = sorted(firsts, key=lambda tag: (firsts[tag], tag))
    return order[-1] if len(order) > 1 and firsts[order[-1]] > firsts[order[0]] else None


def _compare(metric: str, sides: Mapping[str, _Side], tag: str, start_us: int, end_us: int) -> dict[str, object] | None:
    newer = sides[tag]
    older = [side for name, side in sides.items() if name != tag]
    first, last = start_us // _STEP_US, (end_us - 1) // _STEP_US
    steps = sorted(
        step for step in newer.by_step if first <= step <= last and any(step in side.by_step for side in older)
    )
    warm = [step for step in steps if step >= newer.first_us // _STEP_US + _WARM_UP_STEPS]
    steps = warm if len(warm) >= _FEWEST_PAIRS else steps
    if len(steps) < _FEWEST_PAIRS:
        return None
    # The median of the instances: of the older ones, one may just be going out of service.
    mine = np.array([np.median(newer.by_step[step]) for step in steps])
    others = [[value for side in older for value in side.by_step.get(step, ())] for step in steps]
    theirs = np.array([np.median(values) for values in others])
    worse = (mine - theirs) * (1.0 if harmful_direction(metric) == "up" else -1.0)
    scale = max(_spread(others, theirs), _RELATIVE_FLOOR * float(np.median(np.abs(theirs))), 1e-12)
    return {
        "minutes": len(steps),
        "newer_level": float(np.mean(mine)),
        "older_level": float(np.mean(theirs)),
        "effect": float(np.clip(np.median(worse) / scale, -1e6, 1e6)),
        "p_worse": sign_test(int(np.sum(worse > 0)), int(np.sum(worse < 0))),
    }


def _spread(others: list[list[float]], means: Floats) -> float:
    """By how much older instances differ among themselves in a minute, or one of them from minute to minute."""
    inside = [float(np.median(np.abs(np.array(values) - np.median(values)))) for values in others if len(values) > 2]
    return 1.4826 * (float(np.median(inside)) if inside else float(np.median(np.abs(means - np.median(means)))))


def sign_test(worse: int, better: int) -> float:
    """The chance that of so many unequal pairs at least `worse` are worse, if either way is equally likely."""
    pairs = worse + better
    return sum(math.comb(pairs, count) for count in range(worse, pairs + 1)) / 2**pairs if pairs else 1.0


def _unaccounted(found: SeriesSet, entities: set[str], start_us: int, end_us: int) -> list[dict[str, object]]:
    """Failures of an entity that callers see in the window and none of its instances reports."""
    reported: dict[tuple[str, str], list[float]] = defaultdict(list)
    seen: dict[tuple[str, str], list[float]] = defaultdict(list)
    for key, times, values in _rates(found, _tells_failures):
        inside = values[(times >= start_us) & (times < end_us) & np.isfinite(values)]
        if not len(inside):
            continue
        tags = dict(key.labels)
        callee = next((tags[name] for name in CALLEE_LABELS if tags.get(name) in entities), None)
        if version_of(key.labels) is None and callee is not None:
            seen[callee, key.metric].append(float(np.mean(inside)))
        elif version_of(key.labels) is not None and callee in (None, key.entity):
            reported[key.entity, key.metric].append(float(np.mean(inside)))
    rows: list[dict[str, object]] = []
    for (entity, metric), levels in sorted(seen.items()):
        own = reported.get((entity, metric))
        if not own:
            continue
        sign = 1.0 if harmful_direction(metric) == "up" else -1.0
        by_callers, by_itself = max(sign * level for level in levels), max(sign * level for level in own)
        if by_callers > by_itself + _RELATIVE_FLOOR * 0.2 * max(abs(by_itself), abs(by_callers)):
            rows.append(
                {"entity": entity, "kind": "unaccounted", "metric": metric, "newer_level": sign * by_callers,
                 "older_level": sign * by_itself, "indicator_class": "errors"}
            )  # fmt: skip
    return rows
