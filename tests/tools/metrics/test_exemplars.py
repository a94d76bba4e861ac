"""From a metric to traces: exemplars that a real Prometheus has scraped, and what no Prometheus would say."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from opswarden.agents.triage.plan import exemplar_call, exemplar_trace_call
from opswarden.agents.triage.types import Incident
from opswarden.core.clock import Deadline
from opswarden.core.errors import BackendError, ToolRetry
from opswarden.core.systems.client import SystemClient
from opswarden.tests.doubles import ailing_server as ailing
from opswarden.tests.doubles.ailing_server import AilingServer
from opswarden.tests.doubles.metrics_target import MetricsTarget
from opswarden.tests.prometheus_peer import PrometheusPeer, why_missing
from opswarden.tools.metrics.backends.exemplars import PrometheusExemplars
from opswarden.tools.metrics.backends.prometheus_api import PrometheusApi
from opswarden.tools.metrics.backends.settings import PrometheusSettings
from opswarden.tools.metrics.exemplars_tool import exemplars_tool
from opswarden.tools.spec import Output

MINUTE = timedelta(minutes=1)
CONFIG = """
scrape_configs:
  - job_name: bakery
    scrape_interval: 1s
    static_configs: [{targets: ["%s"]}]
"""


def text() -> str:
    now = time.time() - 0.2
    lines = ["# TYPE bake_seconds histogram"]
    for service, cluster in (("oven", "ours"), ("oven", "theirs"), ("till", "ours")):
        where = f'service="{service}",cluster="{cluster}"'
        for bound, count, value in (("1", 8, 0.4), ("10", 9, 7.5), ("+Inf", 9, 0)):
            name = f"{service}-{cluster}-{bound}"
            exemplar = f' # {{trace_id="{name}",span_id="ab"}} {value} {now:.3f}' if value else ""
            lines.append(f'bake_seconds_bucket{{{where},le="{bound}"}} {count}{exemplar}')
        lines += [f"bake_seconds_count{{{where}}} 9", f"bake_seconds_sum{{{where}}} 10"]
    lines += ["# TYPE sold counter", f'sold_total{{service="oven",cluster="ours"}} 4 # {{traceID="t4"}} 1 {now:.3f}']
    return "\n".join([*lines, "# EOF", ""])


def backend_at(url: str, folder: Path, **more: Any) -> PrometheusExemplars:
    made = PrometheusSettings(url=url, environment="test", keeps_exemplars=True, shared_s=0, **more)
    return PrometheusExemplars(PrometheusApi(SystemClient("the test's", made, folder, sleep=lambda _: None)), made)


@pytest.fixture(scope="module")
def prometheus() -> Iterator[PrometheusPeer]:
    missing = why_missing()
    if missing:
        pytest.skip(missing)
    with closing(MetricsTarget(text)) as target:
        peer = PrometheusPeer([], ["--enable-feature=exemplar-storage"], CONFIG % target.url.removeprefix("http://"))
        yield peer
        peer.close()


def test_a_real_prometheus_tells_the_traces_behind_a_metric(
    prometheus: PrometheusPeer, tmp_path: Path, deadline: Deadline, call: Callable[..., Output[Any]]
) -> None:
    backend = backend_at(prometheus.url, tmp_path, scope={"cluster": "ours"})
    begin = datetime.now(UTC) - MINUTE
    until = time.monotonic() + 30
    while not backend.exemplars("oven", "sold", begin, begin + 5 * MINUTE, deadline)[0].num_rows:
        assert time.monotonic() < until, "Prometheus has scraped nothing"
        time.sleep(0.2)
    times = {"start": begin, "end": datetime.now(UTC) + MINUTE}
    tools = (exemplars_tool([backend], "test"),)
    found = call(tools, "metrics.exemplars", entity="oven", metric="bake_seconds", **times)
    assert found.status == "ok"
    assert found.summary is not None
    assert [(one.trace_id, one.value) for one in found.summary.worst] == [("oven-ours-10", 7.5), ("oven-ours-1", 0.4)]
    assert found.summary.traces == 2
    (sold,) = call(tools, "metrics.exemplars", entity="oven", metric="sold", **times).summary.worst[:1]
    assert sold.trace_id == "t4"
    late = {"start": begin - 10 * MINUTE, "end": begin - 9 * MINUTE}
    assert call(tools, "metrics.exemplars", entity="oven", metric="sold", **late).status == "no_data"
    for entity, metric in (('x"} or {__name__=~".+', "sold"), ("oven", 'sold"}'), ("nobody", "sold")):
        assert call(tools, "metrics.exemplars", entity=entity, metric=metric, **times).status == "no_data"
    with pytest.raises(ToolRetry, match="no system here keeps exemplars"):
        call((exemplars_tool((), "test"),), "metrics.exemplars", entity="oven", metric="sold", **times)


def test_what_is_no_exemplar_is_an_error_and_not_repeated(tmp_path: Path, start: datetime, deadline: Deadline) -> None:
    for content in (b'"PLANTED"', b'[{"seriesLabels":"PLANTED"}]', b'[{"seriesLabels":{"__name__":"PLANTED"}}]', b"7"):
        with closing(AilingServer(ailing.answer(b'{"status":"success","data":' + content + b"}"))) as server:
            backend = backend_at(server.url, tmp_path)
            with pytest.raises(BackendError, match="something else than exemplars") as caught:
                backend.exemplars("oven", "sold", start, start + MINUTE, deadline)
            assert "PLANTED" not in str(caught.value) + caught.value.remedy


def test_a_triage_goes_from_the_leading_suspect_to_a_trace(start: datetime) -> None:
    incident = Incident(
        title="t", environment="test", start=start.isoformat(), end=(start + MINUTE).isoformat(), tables=("spans",)
    )
    first = {"entity": "oven", "indicator": "bake_seconds", "metric": "bake_seconds"}
    offered = frozenset({"metrics.exemplars"})
    planned = exemplar_call(incident, [first], offered)
    assert planned is not None
    assert (planned.args["entity"], planned.args["metric"]) == ("oven", "bake_seconds")
    assert exemplar_call(incident, [first], frozenset()) is None
    assert exemplar_call(incident, [], offered) is None
    assert exemplar_call(incident, [{**first, "metric": None}], offered) is None
    trace = exemplar_trace_call(incident, {"worst": [{"trace_id": "t4"}, {"trace_id": "t5"}]})
    assert trace is not None
    assert trace.args == {"trace_id": "t4"}
    assert exemplar_trace_call(incident, None) is None
    assert exemplar_trace_call(incident.model_copy(update={"tables": ()}), {"worst": [{"trace_id": "t4"}]}) is None
