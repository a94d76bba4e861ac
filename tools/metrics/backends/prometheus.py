"""Metrics of anything that speaks Prometheus' HTTP API: Prometheus, Thanos, Mimir, VictoriaMetrics.

API: Prometheus documentation, "HTTP API" (v1). A window is read raw (a range selector asked at its end gives the
samples as they were scraped) while that fits; a longer one is read at equal steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ....core.clock import Deadline
from ....core.errors import BackendError, ToolRetry
from ....core.systems.client import SystemClient
from ....core.systems.exchange import TooLarge
from ...windows import to_us
from ..expressions import Expression, ExpressionRules, compiled
from ..series import Part, SeriesKey, SeriesSet, joined
from .prometheus_api import AskedWindow, PrometheusApi, range_params, samples_of, seconds_of
from .promql import METRIC_NAME, Matcher, duration, one_of, quoted, selector
from .settings import PrometheusSettings
from .types import Evaluated

_QUANTILES = ("0.5", "0.99")
_SAMPLES_A_QUESTION = 400_000
"""About 15 MB of JSON: few questions for many series, each far below what Prometheus lets one question touch."""
_BUCKETS_A_QUESTION = 4_000
"""Series whose buckets one question turns into quantiles: they are looked at, not handed over."""
_METRIC, _QUANTILE = "opswarden_metric", "opswarden_quantile"
"""Labels by which the quantiles of several histograms are told apart in one answer."""
_POINTS_A_SERIES = 10_000
_WIDER = 4
_WIDENINGS = 3
_MOST_NAMES = 20_000


@dataclass(frozen=True)
class _Question:
    """A selector, or histograms.

    Args:
        select: the matchers of the series.
        histograms: names of buckets; asks for the quantiles of each of them instead of for samples.
    """

    select: tuple[Matcher, ...]
    histograms: tuple[str, ...] = ()


class PrometheusMetrics:
    """Implements `MetricsBackend`.

    Args:
        client: asks the system.
        settings: of the system.
    """

    def __init__(self, client: SystemClient, settings: PrometheusSettings) -> None:
        self._client = client
        self._api = PrometheusApi(client)
        self._settings = settings
        self._scope = tuple(Matcher(name, "=", value) for name, value in sorted(settings.scope.items()))

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
        """The samples that match; of a histogram its quantiles instead of its buckets.

        Raises:
            BackendError: it did not answer, or more matches than may be read.
        """
        if metric is not None and not METRIC_NAME.fullmatch(metric):
            return joined([])
        kinds = self._kinds(deadline)
        found = self._listed(start, end, metric, entities, kinds, deadline)
        if len(found) > self._settings.most_series:
            raise BackendError(
                f"{self._client.name} has more than {self._settings.most_series} series that match",
                remedy="narrow its `scope`, lengthen `leave_out`, or raise `most_series`",
            )
        window = self._window(start, end, len(found))
        parts = self._read(list(self._questions(found, self._series_a_question(window))), window, kinds, deadline)
        wanted, named = set((labels or {}).items()), set(entities)
        return joined(
            part
            for part in parts
            if wanted <= set(part[0].labels)
            and (not named or part[0].entity in named)
            and metric in (None, part[0].metric)
        )

    @property
    def name(self) -> str:
        """What people call the system."""
        return self._client.name

    def evaluate(self, text: str, start: datetime, end: datetime, points: int, deadline: Deadline) -> Evaluated:
        """An expression at equal steps, confined to the scope; see `expressions.py`.

        Raises:
            ToolRetry: it asks for what it may not, or would touch more than `most_points` samples.
            BackendError: the system did not answer, or not before the deadline.
        """
        settings = self._settings
        longest = timedelta(seconds=settings.longest_range_s)
        if end - start > longest:
            raise ToolRetry("the window is too long", remedy=f"up to {settings.longest_range_s} seconds")
        step_s = max((end - start).total_seconds() / points, min(settings.resolution_s, 1.0))
        hidden = frozenset(settings.hidden_labels)
        rules = ExpressionRules(self._scope, settings.expression_metrics, hidden, longest)
        expression = compiled(text, rules, timedelta(seconds=step_s))
        touched = self._touched(expression, start, end, step_s, deadline)
        if touched > settings.most_points:
            raise ToolRetry(
                f"the expression would touch about {touched:.2g} samples; {settings.most_points:.2g} may be",
                remedy="name labels, shorten the ranges or the window, or ask for fewer points",
            )
        window = AskedWindow(start, end, step_s)
        data = self._api.matrix("/api/v1/query_range", range_params(expression.text, window), deadline)
        series = []
        for row in data.get("result", ()):
            times, values = samples_of(row.get("values", ()), window)
            labels = {
                name: value
                for name, value in row.get("metric", {}).items()
                if name not in hidden and name not in settings.scope
            }
            if len(times):
                series.append((labels, times, values))
        return Evaluated(expression.text, step_s, tuple(series))

    def _touched(
        self, expression: Expression, start: datetime, end: datetime, step_s: float, deadline: Deadline
    ) -> float:
        """About how many samples an expression makes the system look at, from the number of its series."""
        counts: dict[str, int] = {}
        steps = (end - start).total_seconds() / step_s
        total = 0.0
        for reading in expression.readings:
            if reading.select not in counts:
                params = [
                    ("match[]", reading.select),
                    ("start", seconds_of(start)),
                    ("end", seconds_of(end)),
                    ("limit", str(self._settings.most_series + 1)),
                ]
                try:
                    counts[reading.select] = len(self._api.data("/api/v1/series", params, deadline))
                except TooLarge:
                    counts[reading.select] = self._settings.most_series + 1
                if counts[reading.select] > self._settings.most_series:
                    raise ToolRetry(
                        f"a selector matches more than {self._settings.most_series} series", remedy="name more labels"
                    )
            each = max(1.0, reading.reach / self._settings.resolution_s)
            total += counts[reading.select] * steps * reading.evaluations * each
        return total

    def entities(self, deadline: Deadline) -> tuple[str, ...]:
        """The values of the labels that name entities."""
        found: set[str] = set()
        select = [("match[]", selector(self._scope))] if self._scope else []
        for label in self._settings.entity_labels:
            values = self._api.data(
                f"/api/v1/label/{label}/values", [*select, ("limit", str(_MOST_NAMES))], deadline, get=True
            )
            found.update(value for value in values if isinstance(value, str))
        return tuple(sorted(found))[:_MOST_NAMES]

    def _kinds(self, deadline: Deadline) -> Callable[[str], str]:
        """The documented type of a metric, or what its name says by convention."""
        documented = {
            name: str(entries[0].get("type", ""))
            for name, entries in self._api.data("/api/v1/metadata", (), deadline, get=True).items()
            if isinstance(entries, list) and entries and isinstance(entries[0], dict)
        }

        def kind(metric: str) -> str:
            told = documented.get(metric, "")
            if told in ("counter", "gauge"):
                return told
            if metric.endswith("_bucket"):
                return "histogram"
            return "counter" if metric.endswith(("_total", "_count", "_sum")) else "gauge"

        return kind

    def _listed(
        self,
        start: datetime,
        end: datetime,
        metric: str | None,
        entities: Sequence[str],
        kinds: Callable[[str], str],
        deadline: Deadline,
    ) -> list[Mapping[str, str]]:
        """The label sets of the series that had samples in the window and are worth reading."""
        named = _named(metric, self._settings.leave_out)
        selects = (
            [(*self._scope, *named, one_of(label, entities)) for label in self._settings.entity_labels]
            if entities
            else [(*self._scope, *named)]
        )
        params = [
            *(("match[]", selector(select)) for select in selects),
            ("start", seconds_of(start)),
            ("end", seconds_of(end)),
            ("limit", str(self._settings.most_series * 20 + 1)),
        ]
        found = self._api.data("/api/v1/series", params, deadline)
        listed = [labels for labels in found if isinstance(labels, dict) and _is_read(labels.get("__name__", ""))]
        return [labels for labels in listed if not entities or self._entity(labels) in set(entities)]

    def _series_a_question(self, window: AskedWindow) -> int:
        step_s = window.step_s or self._settings.resolution_s
        return max(1, int(_SAMPLES_A_QUESTION / max(1.0, window.length_s / step_s)))

    def _questions(self, found: Sequence[Mapping[str, str]], most: int) -> Iterator[_Question]:
        """Few questions for many series: by metric, and by entity where one metric alone is too many.

        Args:
            found: the labels of the series.
            most: series of one question, about.
        """
        plain: dict[str, list[Mapping[str, str]]] = {}
        for labels in found:
            plain.setdefault(labels["__name__"], []).append(labels)
        histograms = {metric: len(plain.pop(metric)) for metric in sorted(plain) if metric.endswith("_bucket")}
        for names in _batches(histograms, _BUCKETS_A_QUESTION):
            yield _Question(self._scope, tuple(names))
        for metric, members in sorted(plain.items()):
            if len(members) > most:
                yield from self._by_entity(metric, members, most)
        few = {metric: len(members) for metric, members in sorted(plain.items()) if len(members) <= most}
        for names in _batches(few, most):
            yield _Question((*self._scope, one_of("__name__", names)))

    def _by_entity(self, metric: str, members: Sequence[Mapping[str, str]], most: int) -> Iterator[_Question]:
        name = Matcher("__name__", "=", metric)
        for label in self._settings.entity_labels:
            counts: dict[str, int] = {}
            for labels in members:
                if self._entity_label(labels) == label:
                    counts[labels[label]] = counts.get(labels[label], 0) + 1
            for entities in _batches(dict(sorted(counts.items())), most):
                yield _Question((*self._scope, name, one_of(label, entities)))
        if any(self._entity_label(labels) is None for labels in members):
            yield _Question((*self._scope, name, *(Matcher(label, "=", "") for label in self._settings.entity_labels)))

    def _window(self, start: datetime, end: datetime, series: int) -> AskedWindow:
        length_s = (end - start).total_seconds()
        samples = length_s / self._settings.resolution_s * max(series, 1)
        if samples <= self._settings.most_samples:
            return AskedWindow(start, end, None)
        points = max(2.0, min(self._settings.most_samples / series, _POINTS_A_SERIES))
        return AskedWindow(start, end, max(self._settings.resolution_s, length_s / points))

    def _read(
        self, questions: Sequence[_Question], window: AskedWindow, kinds: Callable[[str], str], deadline: Deadline
    ) -> list[Part]:
        if not questions:
            return []
        with ThreadPoolExecutor(self._settings.concurrency, "prometheus") as pool:
            answers = pool.map(lambda question: self._parts(question, window, kinds, deadline), questions)
            return [part for parts in answers for part in parts]

    def _parts(
        self, question: _Question, window: AskedWindow, kinds: Callable[[str], str], deadline: Deadline
    ) -> list[Part]:
        for _ in range(_WIDENINGS):
            try:
                data = self._asked(question, window, deadline)
                break
            except TooLarge:
                wider = (window.step_s or self._settings.resolution_s) * _WIDER
                window = AskedWindow(window.start, window.end, wider)
        else:
            data = self._asked(question, window, deadline)
        parts = []
        for row in data.get("result", ()):
            times, values = samples_of(row.get("values", ()), window)
            if len(times):
                parts.append((self._key(row.get("metric", {}), question, kinds), times, values))
        return parts

    def _asked(self, question: _Question, window: AskedWindow, deadline: Deadline) -> Mapping[str, Any]:
        select = selector(question.select)
        if not question.histograms and window.step_s is None:
            # Asked one millisecond before the end, because the window is open there; samples before it are dropped.
            params = [
                ("query", f"{select}[{duration(window.length_s)}]"),
                ("time", f"{to_us(window.end) / 1e6 - 0.001:.3f}"),
            ]
            return self._api.matrix("/api/v1/query", params, deadline)
        step_s = window.step_s or max(self._settings.resolution_s, window.length_s / _POINTS_A_SERIES)
        query = " or ".join(self._quantiles(question, step_s)) or select
        params = range_params(query, AskedWindow(window.start, window.end, step_s))
        return self._api.matrix("/api/v1/query_range", params, deadline)

    def _quantiles(self, question: _Question, step_s: float) -> Iterator[str]:
        """Each quantile of each histogram, named by labels: what computes them takes the name of the metric away."""
        over = duration(max(4 * self._settings.resolution_s, step_s))
        for metric in question.histograms:
            rate = f"rate({selector((*question.select, Matcher('__name__', '=', metric)))}[{over}])"
            for quantile in _QUANTILES:
                found = f"histogram_quantile({quantile},{rate})"
                for label, value in ((_METRIC, metric.removesuffix("_bucket")), (_QUANTILE, quantile)):
                    # In what `label_replace` puts there, `$` stands for a group.
                    found = f'label_replace({found},"{label}",{quoted(value.replace("$", "$$"))},"","")'
                yield found

    def _entity_label(self, labels: Mapping[str, str]) -> str | None:
        return next((label for label in self._settings.entity_labels if labels.get(label)), None)

    def _entity(self, labels: Mapping[str, str]) -> str:
        label = self._entity_label(labels)
        return labels[label] if label else ""

    def _key(self, labels: Mapping[str, str], question: _Question, kinds: Callable[[str], str]) -> SeriesKey:
        entity_label = self._entity_label(labels)
        rest = {
            name: value
            for name, value in labels.items()
            if name not in ("__name__", entity_label, *self._settings.hidden_labels, *self._settings.scope)
        }
        metric = labels.get("__name__", "")
        kind = "histogram" if "quantile" in rest else kinds(metric)
        if question.histograms:
            metric, kind = rest.pop(_METRIC, ""), "histogram"
            rest["quantile"] = rest.pop(_QUANTILE, "")
        entity = labels[entity_label] if entity_label else ""
        return SeriesKey(entity, metric, kind, None, tuple(sorted(rest.items())))


def _batches(sizes: Mapping[str, int], most: int) -> Iterator[list[str]]:
    """Names, as many together as their sizes allow."""
    batch: list[str] = []
    for name, size in sizes.items():
        if batch and sum(sizes[each] for each in batch) + size > most:
            yield batch
            batch = []
        batch.append(name)
    if batch:
        yield batch


def _named(metric: str | None, leave_out: Sequence[str]) -> tuple[Matcher, ...]:
    """Matchers of the metric name; the buckets of a histogram are found under its own name."""
    if metric is not None:
        return (one_of("__name__", (metric, f"{metric}_bucket")),)
    # Prometheus refuses a selector that could match nothing but empty labels.
    anything = Matcher("__name__", "!=", "")
    if leave_out:
        return (anything, Matcher("__name__", "!~", "|".join(f"{beginning}.*" for beginning in leave_out)))
    return (anything,)


def _is_read(metric: str) -> bool:
    """Totals of durations say nothing by themselves; a histogram's count is read, its sum and its birthday are not."""
    return bool(metric) and not metric.endswith(("_sum", "_created"))
