"""A real Prometheus does what the conformance checks ask, and no value changes a question."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opswarden.core.clock import Deadline
from opswarden.core.errors import BackendError, ToolRetry
from opswarden.core.systems.client import SystemClient
from opswarden.tests.prometheus_peer import PrometheusPeer, why_missing
from opswarden.tools.metrics.backends.joined import JoinedMetrics
from opswarden.tools.metrics.backends.prometheus import PrometheusMetrics
from opswarden.tools.metrics.backends.promql import Matcher, any_of, one_of, quoted, selector
from opswarden.tools.metrics.backends.settings import PrometheusSettings
from opswarden.tools.metrics.promql_tool import promql_tool
from opswarden.tools.spec import Output

from .conformance import CHECKS, MINUTE, Make, sample

Filled = Callable[..., PrometheusMetrics]


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[Filled]:
    """Starts a Prometheus with rows, and gives a backend over it."""
    missing = why_missing()
    if missing:
        pytest.skip(missing)
    peers: list[PrometheusPeer] = []

    def fill(rows: Sequence[dict[str, Any]], **settings: Any) -> PrometheusMetrics:
        peers.append(PrometheusPeer(rows))
        given = PrometheusSettings(url=peers[-1].url, environment="test", **settings)
        return PrometheusMetrics(SystemClient("the test's", given, tmp_path / "locks"), given)

    yield fill
    for peer in peers:
        peer.close()


@pytest.mark.parametrize("check", CHECKS)
def test_a_real_prometheus(
    check: Callable[[Make, datetime, Deadline], None], filled: Filled, start: datetime, deadline: Deadline
) -> None:
    check(filled, start, deadline)


def test_names_that_look_like_selectors_stay_names(filled: Filled, start: datetime, deadline: Deadline) -> None:
    hostile = ['x"} or {__name__=~".+', "a|b", ".*", "back\\slash", "line\nbreak", "ключ", ""]
    backend = filled([sample(start, float(place), entity) for place, entity in enumerate(hostile) if entity])
    for place, entity in enumerate(hostile):
        found = list(backend.series(start, start + MINUTE, deadline, entities=(entity,)))
        assert [values.tolist() for _, _, values in found] == ([[float(place)]] if entity else [])


def test_a_histogram_is_read_as_its_quantiles(filled: Filled, start: datetime, deadline: Deadline) -> None:
    rows = []
    for step in range(60):
        at = start + step * timedelta(seconds=30)
        for bound, share in (("0.1", 5), ("1", 10), ("+Inf", 10)):
            rows.append(sample(at, float(step * share), metric="bake_seconds_bucket", le=bound))
            # Another shape, in one question with the first.
            rows.append(sample(at, float(step * share) / share, metric="cool:seconds_bucket", le=bound))
        rows.append(sample(at, float(step * 10), metric="bake_seconds_count"))
        rows.append(sample(at, float(step), metric="bake_seconds_sum"))
    backend = filled(rows)
    found = {
        (key.metric, key.kind, dict(key.labels).get("quantile")): values
        for key, _, values in backend.series(start, start + 30 * MINUTE, deadline)
    }
    assert set(found) == {
        ("bake_seconds", "histogram", "0.5"),
        ("bake_seconds", "histogram", "0.99"),
        ("bake_seconds_count", "counter", None),
        ("cool:seconds", "histogram", "0.5"),
        ("cool:seconds", "histogram", "0.99"),
    }
    assert backend._client.asked.questions == 4, "types, series, all quantiles, all samples"
    assert found["cool:seconds", "histogram", "0.99"][-1] == pytest.approx(0.099)
    assert found["bake_seconds", "histogram", "0.5"][-1] == pytest.approx(0.1)
    assert found["bake_seconds", "histogram", "0.99"][-1] == pytest.approx(0.982)
    by_name = backend.series(start, start + 30 * MINUTE, deadline, metric="bake_seconds")
    assert {key.kind for key in by_name.keys} == {"histogram"}


def test_many_series_are_read_at_steps_in_few_questions(filled: Filled, start: datetime, deadline: Deadline) -> None:
    rows = [
        sample(start + step * MINUTE, float(step), f"oven-{entity}", f"heat_{metric}")
        for entity in range(40)
        for metric in range(30)
        for step in range(20)
    ]
    backend = filled(rows, most_samples=12_000, resolution_s=60, leave_out=("heat_7",))
    found = list(backend.series(start, start + 20 * MINUTE, deadline))
    assert len(found) == 40 * 29
    assert all(4 <= len(values) <= 12 for _, _, values in found)
    assert backend._client.asked.questions <= 6


def test_one_metric_with_many_series_is_read_by_entity(filled: Filled, start: datetime, deadline: Deadline) -> None:
    rows = [sample(start, 1.0, f"oven-{entity}", pod=str(pod)) for entity in range(30) for pod in range(40)] + [
        {**sample(start, 1.0, ""), "labels": [("pod", "without-owner")]}
    ]
    found = filled(rows).series(start, start + MINUTE, deadline)
    assert len(found) == 30 * 40 + 1


def test_a_scope_confines_what_is_read(filled: Filled, start: datetime, deadline: Deadline) -> None:
    rows = [sample(start, 1.0, tenant="ours"), sample(start, 2.0, tenant="theirs")]
    found = list(filled(rows, scope={"tenant": "ours"}).series(start, start + MINUTE, deadline))
    assert [(key.labels, values.tolist()) for key, _, values in found] == [((), [1.0])]


def test_too_many_series_are_an_error(filled: Filled, start: datetime, deadline: Deadline) -> None:
    backend = filled([sample(start, 1.0, f"oven-{number}") for number in range(5)], most_series=4)
    with pytest.raises(BackendError, match="more than 4 series"):
        backend.series(start, start + MINUTE, deadline)


@given(st.text(), st.lists(st.text(), min_size=1, max_size=4))
def test_a_value_never_ends_its_literal(value: str, values: list[str]) -> None:
    for literal in (quoted(value), quoted(any_of(values))):
        inner = literal[1:-1]
        rest = inner.replace("\\\\", "").replace('\\"', "")
        assert literal[0] == literal[-1] == '"'
        assert '"' not in rest
        assert "\n" not in inner
        assert not rest.endswith("\\")
    assert str(one_of("a", [value])) == f"a={quoted(value)}"


def test_only_names_of_labels_are_names() -> None:
    for name in ("", "1a", "a-b", 'a="1",b', "a}"):
        with pytest.raises(ValueError, match="name of a label"):
            Matcher(name, "=", "x")
    assert selector([Matcher("a", "=", "x"), Matcher("b", "!~", "y")]) == '{a="x",b!~"y"}'


class TestExpressions:
    @pytest.fixture
    def ovens(self, filled: Filled, start: datetime) -> PrometheusMetrics:
        rows = [
            sample(start + step * MINUTE, float(step * pace), f"oven-{oven}", "heat_total", tenant=tenant, baker="ana")
            for step in range(30)
            for oven, pace, tenant in ((1, 60, "ours"), (2, 120, "ours"), (3, 600, "theirs"))
        ]
        return filled(
            rows,
            scope={"tenant": "ours"},
            hidden_labels=("baker",),
            expression_metrics=("heat_*",),
            resolution_s=60,
            most_points=20_000,
        )

    def test_a_real_prometheus_computes_what_was_confined(
        self, ovens: PrometheusMetrics, start: datetime, deadline: Deadline
    ) -> None:
        end = start + 30 * MINUTE
        total = ovens.evaluate("sum(rate(heat_total[5m]))", start + 10 * MINUTE, end, 10, deadline)
        assert [labels for labels, _, _ in total.series] == [{}]
        assert total.series[0][2].tolist() == pytest.approx([3.0] * 10)
        each = ovens.evaluate("rate(heat_total[5m])", start + 10 * MINUTE, end, 10, deadline)
        assert [labels for labels, _, _ in each.series] == [{"service": "oven-1"}, {"service": "oven-2"}]
        assert ovens.evaluate("1 + 1", start, end, 5, deadline).series[0][2].tolist() == [2.0] * 5
        assert ovens.evaluate("heat_nothing", start, end, 5, deadline).series == ()

    def test_what_it_may_not_ask_is_not_sent(
        self, ovens: PrometheusMetrics, start: datetime, deadline: Deadline
    ) -> None:
        end = start + 30 * MINUTE
        for text in ("up", 'heat_total{tenant="theirs"}', "max_over_time(rate(heat_total[25m])[29m:1s])"):
            before = ovens._client.asked.questions
            with pytest.raises(ToolRetry):
                ovens.evaluate(text, start, end, 60, deadline)
            assert ovens._client.asked.questions - before <= 1

    def test_the_tool_draws_it_small_and_keeps_all_points(
        self, ovens: PrometheusMetrics, start: datetime, call: Callable[..., Output[Any]]
    ) -> None:
        joined = JoinedMetrics([ovens])
        tools = (promql_tool(joined.evaluating, joined.environment),)
        times = {"start": start + 10 * MINUTE, "end": start + 30 * MINUTE}
        found = call(tools, "metrics.promql", query="rate(heat_total[5m])", **times)
        assert found.status == "ok"
        assert found.summary is not None
        assert found.summary.series_matched == 2
        assert [series.maximum for series in found.summary.series] == [2.0, 1.0]
        assert found.artifact is not None
        assert found.artifact.num_rows == 2 * 60
        assert found.summary.asked == 'rate(heat_total{tenant="ours"}[5m])'
        assert call(tools, "metrics.promql", query="heat_nothing", **times).status == "no_data"
        with pytest.raises(ToolRetry, match="no such system"):
            call(tools, "metrics.promql", query="heat_total", system="another", **times)


def test_a_run_is_confined_to_its_team() -> None:
    settings = PrometheusSettings(url="http://127.0.0.1:1", environment="test", team_label="team", scope={"a": "b"})
    assert settings.confined_to("risk").scope == {"a": "b", "team": "risk"}
    with pytest.raises(ValueError, match="not both"):
        PrometheusSettings(url="http://127.0.0.1:1", environment="test", team_label="team", scope={"team": "b"})
