"""Metrics of an Amazon CloudWatch.

API: Amazon CloudWatch API reference, `ListMetrics` (500 metrics a page) and `GetMetricData` (500 metrics and 100,800
values a question, in pages). A value stands at the end of its period: CloudWatch names a period after its beginning,
and what began later than a change must not look older than it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

import numpy as np

from ....core.clock import Clock, Deadline
from ....core.errors import BackendError
from ....core.systems.aws_api import AwsApi
from ....core.systems.client import SystemClient
from ...entity_patterns import entity_by_pattern
from ...windows import to_us
from ..series import Floats, Part, SeriesKey, SeriesSet, Times, joined
from .cloudwatch_settings import CloudwatchSettings

_MOST_QUERIES = 500
_MOST_VALUES = 100_800
_MOST_PAGES = 200
_RECENT = timedelta(hours=3)
"""What CloudWatch calls recently active."""

_LATENCY = ("p50", "p99")
USUAL: Mapping[str, tuple[str, ...]] = {
    "*Latency*": _LATENCY,
    "*Duration*": _LATENCY,
    "*ResponseTime*": _LATENCY,
    "*Count": ("Sum",),
    "*Count_*": ("Sum",),
    "*Errors": ("Sum",),
    "*Requests": ("Sum",),
    "*Messages*": ("Sum",),
    "Invocations*": ("Sum",),
    "Invocation*Errors": ("Sum",),
    "Throttle*": ("Sum",),
    "NumberOf*": ("Sum",),
}
"""What is asked of a metric by its name: Amazon's own names of times and of counts. Everything else: `Average`."""


@dataclass(frozen=True)
class _Listed:
    """A metric and what is asked of it."""

    namespace: str
    metric: str
    dimensions: tuple[tuple[str, str], ...]
    entity: str
    statistic: str


class CloudwatchMetrics:
    """Implements `MetricsBackend` and `Naming`. A `Sum` is told per second; quantiles are labels.

    Args:
        client: asks CloudWatch, signed.
        settings: of the system.
        clock: tells which periods are over.
    """

    def __init__(self, client: SystemClient, settings: CloudwatchSettings, clock: Clock) -> None:
        self._api = AwsApi(client, "GraniteServiceVersion20100801", "1.0")
        self._settings = settings
        self._clock = clock

    @property
    def environment(self) -> str:
        """The environment its credential reaches."""
        return self._settings.environment

    def series(
        self,
        start: datetime,
        end: datetime,
        deadline: Deadline,
        *,
        entities: Sequence[str] = (),
        metric: str | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> SeriesSet:
        """The values that match, at the ends of their periods.

        Raises:
            BackendError: it did not answer, or more matches than may be read.
        """
        named = frozenset(entities)
        listed = [
            one
            for one in self._listed(start, deadline, metric)
            if (not named or one.entity in named) and (labels or {}).items() <= self._labels(one).items()
        ]
        if len(listed) > self._settings.most_series:
            raise BackendError(
                f"{self._api.client.name} has more than {self._settings.most_series} series that match",
                remedy="narrow its `namespaces` or its `scope`, or raise `most_series`",
            )
        period = timedelta(seconds=self._settings.period_s)
        settled = self._clock.now() - timedelta(seconds=self._settings.lag_s)
        until = min(end, settled + period)
        if not listed or until <= start:
            return joined([])
        values = round((until - start) / period) + 2
        at_once = max(1, min(_MOST_QUERIES, _MOST_VALUES // values))
        questions = [listed[place : place + at_once] for place in range(0, len(listed), at_once)]
        with ThreadPoolExecutor(self._settings.concurrency, "cloudwatch") as pool:
            answers = pool.map(lambda question: self._read(question, start, until, deadline), questions)
            return joined(part for parts in answers for part in parts)

    def entities(self, deadline: Deadline) -> tuple[str, ...]:
        """Those that a metric of the last three hours names."""
        found = self._listed(self._clock.now(), deadline, None)
        return tuple(sorted({one.entity for one in found} - {""}))

    def _listed(self, start: datetime, deadline: Deadline, metric: str | None) -> list[_Listed]:
        """What there is to ask for; each statistic of a metric for itself."""
        found: dict[_Listed, None] = {}
        for namespace in self._settings.namespaces:
            asked: dict[str, Any] = {"Namespace": namespace}
            if metric is not None:
                asked["MetricName"] = metric
            if self._settings.scope:
                asked["Dimensions"] = [
                    {"Name": name, "Value": value} for name, value in sorted(self._settings.scope.items())
                ]
            if start >= self._clock.now() - _RECENT:
                asked["RecentlyActive"] = "PT3H"
            for page in self._pages("ListMetrics", asked, deadline):
                for one in page.get("Metrics") or ():
                    found |= dict.fromkeys(self._asked_of(namespace, one))
        return list(found)

    def _asked_of(self, namespace: str, told: Mapping[str, Any]) -> Iterator[_Listed]:
        try:
            metric = str(told["MetricName"])
            dimensions = {str(one["Name"]): str(one["Value"]) for one in told.get("Dimensions") or ()}
        except (KeyError, TypeError) as error:
            raise self._odd() from error
        if any(dimensions.get(name) != value for name, value in self._settings.scope.items()):
            return
        entity = self._entity(dimensions)
        for statistic in self._statistics(metric):
            yield _Listed(namespace, metric, tuple(sorted(dimensions.items())), entity, statistic)

    def _entity(self, dimensions: Mapping[str, str]) -> str:
        said = next((dimensions[name] for name in self._settings.entity_dimensions if dimensions.get(name)), "")
        named = entity_by_pattern(said, self._settings.entities)
        return said if named is None else named

    def _statistics(self, metric: str) -> Sequence[str]:
        for patterns in (self._settings.statistics, USUAL):
            for pattern, statistics in patterns.items():
                if fnmatchcase(metric, pattern):
                    return statistics
        return ("Average",)

    def _labels(self, one: _Listed) -> dict[str, str]:
        """Beside the entity: dimensions that do not name it, and the quantile."""
        named = next((name for name in self._settings.entity_dimensions if dict(one.dimensions).get(name)), None)
        labels = {
            name: value
            for name, value in one.dimensions
            if name not in self._settings.scope and (name != named or value != one.entity)
        }
        if len(self._settings.namespaces) > 1:
            labels["namespace"] = one.namespace
        if one.statistic.startswith("p"):
            labels["quantile"] = f"{int(one.statistic[1:]) / 100:g}"
        return labels

    def _read(self, listed: Sequence[_Listed], start: datetime, until: datetime, deadline: Deadline) -> list[Part]:
        period_us = self._settings.period_s * 1_000_000
        start_us, until_us = to_us(start), to_us(until)
        asked = {
            "MetricDataQueries": [self._query(place, one) for place, one in enumerate(listed)],
            "StartTime": (start_us - period_us) // 1_000_000,
            "EndTime": -(-(until_us - period_us) // 1_000_000),
            "ScanBy": "TimestampAscending",
        }
        times: dict[int, list[Times]] = {}
        values: dict[int, list[Floats]] = {}
        for page in self._pages("GetMetricData", asked, deadline):
            for result in page.get("MetricDataResults") or ():
                place, at, told = self._values(result, len(listed))
                if str(result.get("StatusCode")) not in ("Complete", "PartialData") or (
                    result.get("StatusCode") == "PartialData" and not page.get("NextToken")
                ):
                    raise BackendError(
                        f"{self._api.client.name} answered in part", remedy="ask for less time, or try again"
                    )
                times.setdefault(place, []).append(at + period_us)
                values.setdefault(place, []).append(told)
        parts: list[Part] = []
        for place, one in enumerate(listed):
            if place not in times:
                continue
            at, told = np.concatenate(times[place]), np.concatenate(values[place])
            order = np.argsort(at, kind="stable")
            at, told = at[order], told[order]
            kept = np.isfinite(told) & (at >= start_us) & (at < until_us)
            if kept.any():
                factor = 1.0 / self._settings.period_s if one.statistic == "Sum" else 1.0
                parts.append((self._key(one), at[kept], told[kept] * factor))
        return parts

    def _query(self, place: int, one: _Listed) -> dict[str, Any]:
        metric = {
            "Namespace": one.namespace,
            "MetricName": one.metric,
            "Dimensions": [{"Name": name, "Value": value} for name, value in one.dimensions],
        }
        return {
            "Id": f"m{place}",
            "MetricStat": {"Metric": metric, "Period": self._settings.period_s, "Stat": one.statistic},
        }

    def _key(self, one: _Listed) -> SeriesKey:
        kind = "histogram" if one.statistic.startswith("p") else "gauge"
        return SeriesKey(one.entity, one.metric, kind, None, tuple(sorted(self._labels(one).items())))

    def _values(self, result: Mapping[str, Any], most: int) -> tuple[int, Times, Floats]:
        try:
            place = int(str(result["Id"])[1:])
            at = np.rint(np.array(result["Timestamps"], np.float64) * 1e6).astype(np.int64)
            told = np.array(result["Values"], np.float64)
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise self._odd() from error
        if not 0 <= place < most or len(at) != len(told):
            raise self._odd()
        return place, at, told

    def _pages(self, operation: str, asked: Mapping[str, Any], deadline: Deadline) -> Iterator[Mapping[str, Any]]:
        token: str | None = None
        for _ in range(_MOST_PAGES):
            more = {} if token is None else {"NextToken": token}
            # Windows lie in the past, and names hardly change: the triages of one storm read them once.
            page, _size = self._api.ask(operation, {**asked, **more}, deadline, is_lasting=True)
            yield page
            told = page.get("NextToken")
            if not isinstance(told, str) or not told:
                return
            token = told
        raise BackendError(
            f"{self._api.client.name} does not stop answering", remedy="narrow its `namespaces` or its `scope`"
        )

    def _odd(self) -> BackendError:
        return BackendError(f"{self._api.client.name} answered something else than metrics", remedy="check its `url`")
