"""Metrics of a process that nothing scrapes: its own `/metrics` page, read when somebody asks.

A page tells of one moment. Read twice, some seconds apart, it tells how fast its counters grow and what fell into the
buckets of its histograms; of the past, nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime

import numpy as np

from ....core.clock import Clock, Deadline
from ....core.errors import BackendError
from ....core.http_exchange import Exchanged
from ....core.systems.client import SystemClient, refusal
from ...read_once import ReadOnce
from ...windows import to_us
from ..series import Part, SeriesKey, SeriesSet, joined
from .buckets import Buckets, increase, quantile
from .exposition import Sample, samples
from .settings import OpenmetricsSettings

_ACCEPTED = ("application/openmetrics-text;version=1.0.0", "text/plain;version=0.0.4;q=0.5")
"""Written the other way round for the second reading, which must not be answered with what others got for the first."""
_LATE_US = 120_000_000
"""How long ago a window may have ended: live windows end on whole minutes."""
_NOT_READ = ("_created", "_sum")
_QUANTILES = (0.5, 0.99)


@dataclass(frozen=True)
class _Page:
    """What a page said, and when it was read: by series, its value, and by histogram, its buckets.

    Args:
        levels: histograms whose buckets count what is there, not what ever came.
    """

    at_us: int
    values: dict[SeriesKey, float] = field(default_factory=dict)
    buckets: dict[SeriesKey, dict[float, float]] = field(default_factory=dict)
    levels: set[SeriesKey] = field(default_factory=set)


class ScrapedMetrics:
    """Implements `MetricsBackend` and `Naming`.

    Args:
        client: asks the process.
        settings: of it.
        clock: says when it was asked, and when that was too late.
    """

    def __init__(self, client: SystemClient, settings: OpenmetricsSettings, clock: Clock) -> None:
        self._client = client
        self._settings = settings
        self._clock = clock
        self._read = ReadOnce[str, tuple[_Page, _Page]](1, clock)

    @property
    def environment(self) -> str:
        """Where the process runs."""
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
        """Two samples of each series at the end of the time range, and of each histogram its quantiles between them.

        Raises:
            BackendError: the process did not answer, or says more than is read, or the time range is over.
        """
        first, last = self._read.get("", lambda: self._twice(deadline), deadline)
        if to_us(end) < first.at_us - _LATE_US:
            raise BackendError(
                f"{self._client.name} tells of now alone, and the time that was asked about is over",
                remedy="let a Prometheus scrape it",
            )
        back_us = max(0, last.at_us + 1 - to_us(end))
        wanted, named = set((labels or {}).items()), set(entities)
        return joined(
            part
            for part in _parts(first, last, back_us, to_us(start))
            if wanted <= set(part[0].labels)
            and (not named or part[0].entity in named)
            and metric in (None, part[0].metric)
        )

    def entities(self, deadline: Deadline) -> tuple[str, ...]:
        """Those that its page names."""
        first, _ = self._read.get("", lambda: self._twice(deadline), deadline)
        return tuple(sorted({key.entity for key in (*first.values, *first.buckets)}))

    def _twice(self, deadline: Deadline) -> tuple[_Page, _Page]:
        first = self._page(_ACCEPTED, deadline)
        self._client.rest(self._settings.apart_s, deadline)
        return first, self._page(_ACCEPTED[::-1], deadline)

    def _page(self, accepted: Sequence[str], deadline: Deadline) -> _Page:
        answer = self._client.get("", (), deadline, accept=",".join(accepted))
        if answer.status >= 300:
            raise refusal(self._client.name, answer.status)
        page, count = _Page(self._read_at(answer)), 0
        must_end = answer.headers.get("content-type", "").lower().startswith("application/openmetrics-text")
        try:
            for sample in samples(answer.content.decode("utf-8"), must_end=must_end):
                if sample.metric.startswith(self._settings.leave_out):
                    continue
                count += self._put(page, sample)
                if count > self._settings.most_series:
                    raise BackendError(
                        f"{self._client.name} has more than {self._settings.most_series} series",
                        remedy="lengthen `leave_out`, or raise `most_series`",
                    )
        except ValueError:
            raise BackendError(
                f"{self._client.name} is no exposition of metrics, or not all of one",
                remedy="check its `url`, with the path",
            ) from None
        return page

    def _put(self, page: _Page, sample: Sample) -> bool:
        """Keep a sample, and say whether it is one that is kept; of a series that is there twice the first counts."""
        if not np.isfinite(sample.value):
            return False
        bound = sample.bound
        if bound is not None:
            labels = {name: value for name, value in sample.labels.items() if name != "le"}
            key = self._key(sample.metric.removesuffix("_bucket"), labels, "histogram")
            page.buckets.setdefault(key, {}).setdefault(bound, sample.value)
            if sample.type == "gaugehistogram":
                page.levels.add(key)
        elif sample.metric.endswith(_NOT_READ):
            return False
        else:
            page.values.setdefault(self._key(sample.metric, sample.labels, sample.kind), sample.value)
        return True

    def _read_at(self, answer: Exchanged) -> int:
        """When a page was read, by its own clock where somebody else may have read it: to the second."""
        with suppress(ValueError, TypeError, OverflowError):
            if self._settings.shared_s > 0:
                return to_us(parsedate_to_datetime(answer.headers.get("date", "")))
        return to_us(self._clock.now())

    def _key(self, metric: str, labels: Mapping[str, str], kind: str) -> SeriesKey:
        own = next((label for label in self._settings.entity_labels if labels.get(label)), None)
        rest = tuple(sorted((name, value) for name, value in labels.items() if name != own))
        return SeriesKey(labels[own] if own else self._settings.entity, metric, kind, None, rest)


def _parts(first: _Page, last: _Page, back_us: int, start_us: int) -> Iterator[Part]:
    """The samples of each series; what lies before the time range is left out."""
    # Pages that do not tell when they were read may be the same one: then there is one moment, and no rate.
    pages = (first, last) if first.at_us < last.at_us else (last,)
    for key in last.values:
        told = [(page.at_us - back_us, page.values[key]) for page in pages if key in page.values]
        kept = [(at, seen) for at, seen in told if at >= start_us]
        if kept:
            times = np.array([at for at, _ in kept], np.int64)
            yield key, times, np.array([seen for _, seen in kept], np.float64)
    if last.at_us - back_us < start_us:
        return
    for key, buckets in last.buckets.items():
        earlier = first.buckets.get(key) if len(pages) == 2 else None
        fell = buckets if key in last.levels else increase(earlier, buckets) if earlier is not None else None
        if fell is not None:
            yield from _quantiles(key, fell, last.at_us - back_us)


def _quantiles(key: SeriesKey, fell: Buckets, at_us: int) -> Iterator[Part]:
    """One sample of each quantile, if anything was observed."""
    for share in _QUANTILES:
        value = quantile(share, fell)
        if value is not None and np.isfinite(value):
            labels = tuple(sorted((*key.labels, ("quantile", f"{share:g}"))))
            own = SeriesKey(key.entity, key.metric, key.kind, None, labels)
            yield own, np.array([at_us], np.int64), np.array([value], np.float64)
