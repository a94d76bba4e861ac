"""Metrics of a process that nothing scrapes: its own `/metrics` page, read when somebody asks.

A page tells of one moment. Read twice, some seconds apart, it tells how fast its counters grow; of the past, nothing.

Format: OpenMetrics 1.0 and Prometheus' text format 0.0.4, which differ in nothing that is read here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
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
from .settings import OpenmetricsSettings

_ACCEPTED = ("application/openmetrics-text;version=1.0.0", "text/plain;version=0.0.4;q=0.5")
"""Written the other way round for the second reading, which must not be answered with what others got for the first."""
_LATE_US = 120_000_000
"""How long ago a window may have ended: live windows end on whole minutes."""
_TYPE = re.compile(r"# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) ([a-z]+)")
_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*", re.ASCII)
_LABEL = re.compile(r'\s*([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"\s*(,|(?=\}))', re.ASCII)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_TOTALS = ("_total", "_count", "_sum")


@dataclass(frozen=True)
class _Page:
    """What a page said, and when it was read: by series, its value."""

    at_us: int
    values: Mapping[SeriesKey, float]


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
        """Two samples of each series, at the end of the time range.

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
        return tuple(sorted({key.entity for key in first.values}))

    def _twice(self, deadline: Deadline) -> tuple[_Page, _Page]:
        first = self._page(_ACCEPTED, deadline)
        self._client.rest(self._settings.apart_s, deadline)
        return first, self._page(_ACCEPTED[::-1], deadline)

    def _page(self, accepted: Sequence[str], deadline: Deadline) -> _Page:
        answer = self._client.get("", (), deadline, accept=",".join(accepted))
        if answer.status >= 300:
            raise refusal(self._client.name, answer.status)
        at_us = self._read_at(answer)
        values: dict[SeriesKey, float] = {}
        try:
            for key, value in self._samples(answer.content.decode("utf-8")):
                values.setdefault(key, value)
                if len(values) > self._settings.most_series:
                    raise BackendError(
                        f"{self._client.name} has more than {self._settings.most_series} series",
                        remedy="lengthen `leave_out`, or raise `most_series`",
                    )
        except ValueError:
            raise BackendError(
                f"{self._client.name} is no exposition of metrics", remedy="check its `url`, with the path"
            ) from None
        return _Page(at_us, values)

    def _read_at(self, answer: Exchanged) -> int:
        """When a page was read, by its own clock where somebody else may have read it: to the second."""
        with suppress(ValueError, TypeError, OverflowError):
            if self._settings.shared_s > 0:
                return to_us(parsedate_to_datetime(answer.headers.get("date", "")))
        return to_us(self._clock.now())

    def _samples(self, text: str) -> Iterator[tuple[SeriesKey, float]]:
        kinds: dict[str, str] = {}
        for line in text.split("\n"):
            if line.startswith("#") or not line.strip():
                if found := _TYPE.fullmatch(line.strip()):
                    kinds[found[1]] = found[2]
                continue
            metric, labels, value = _sample(line.strip())
            if metric.endswith(("_bucket", "_created", "_sum")) or metric.startswith(self._settings.leave_out):
                continue
            if np.isfinite(value):
                yield self._key(metric, labels, kinds), value

    def _key(self, metric: str, labels: Mapping[str, str], kinds: Mapping[str, str]) -> SeriesKey:
        own = next((label for label in self._settings.entity_labels if labels.get(label)), None)
        told = kinds.get(metric) or kinds.get(metric.removesuffix("_total"), "")
        kind = told if told in ("counter", "gauge") else ("counter" if metric.endswith(_TOTALS) else "gauge")
        rest = tuple(sorted((name, value) for name, value in labels.items() if name != own))
        return SeriesKey(labels[own] if own else self._settings.entity, metric, kind, None, rest)


def _sample(line: str) -> tuple[str, dict[str, str], float]:
    """Name, labels and value of a line; braces may stand in the text of a label.

    Raises:
        ValueError: it is no sample.
    """
    name = _NAME.match(line)
    if name is None:
        raise ValueError("no name")
    at, labels = name.end(), dict[str, str]()
    if line.startswith("{", at):
        at += 1
        while found := _LABEL.match(line, at):
            labels[found[1]] = _ESCAPE.sub(lambda char: "\n" if char[1] == "n" else char[1], found[2])
            at = found.end()
        if not line.startswith("}", at):
            raise ValueError("no end of the labels")
        at += 1
    value, *_ = line[at:].split() or [""]
    return name[0], labels, float(value)


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
