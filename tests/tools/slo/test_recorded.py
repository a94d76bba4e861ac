"""Objectives that rules record in a real Prometheus, and how fast their budgets burn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from opswarden.core.clock import Deadline, FixedClock
from opswarden.core.errors import BackendError
from opswarden.core.systems.client import SystemClient
from opswarden.tests.doubles import ailing_server as ailing
from opswarden.tests.doubles.ailing_server import AilingServer
from opswarden.tests.prometheus_peer import PrometheusPeer, why_missing
from opswarden.tools.metrics.backends.prometheus import PrometheusMetrics
from opswarden.tools.metrics.backends.prometheus_api import PrometheusApi
from opswarden.tools.metrics.backends.settings import PrometheusSettings
from opswarden.tools.slo.backends.declared import DeclaredSlos
from opswarden.tools.slo.backends.prometheus import JoinedSlos, PrometheusSlos
from opswarden.tools.slo.backends.types import Slo
from opswarden.tools.slo.query import Measure, Share, parse
from opswarden.tools.slo.tools import slo_tools
from opswarden.tools.spec import Output

NOW = datetime(2031, 5, 6, 12, 0, tzinfo=UTC)
ODD = 'oven"-"hot\\'


def series(metric: str, value: float, id: str, **labels: str) -> list[dict[str, Any]]:
    named = sorted({"sloth_id": id, "sloth_slo": "bread", **labels}.items())
    return [
        {"ts": NOW - timedelta(minutes=5 * step), "entity": "oven", "metric": metric, "value": value, "labels": named}
        for step in range(24)
    ]


@pytest.fixture(scope="module")
def peer() -> Iterator[PrometheusPeer]:
    missing = why_missing()
    if missing:
        pytest.skip(missing)
    rows = [row for id in ("oven-bread", ODD) for row in series("slo:objective:ratio", 0.99, id, sloth_slo=id)]
    rows += series("slo:time_period:days", 30.0, "oven-bread")
    rows += series("slo:sli_error:ratio_rate5m", 0.2, "oven-bread") + series("slo:sli_error:ratio_rate5m", 0.0, ODD)
    peer = PrometheusPeer(rows)
    yield peer
    peer.close()


def backends_at(url: str, folder: Path) -> tuple[PrometheusSlos, PrometheusMetrics]:
    made = PrometheusSettings(url=url, environment="test", shared_s=0)
    client = SystemClient("the test's", made, folder / "locks", sleep=lambda _: None)
    return PrometheusSlos(PrometheusApi(client), made, FixedClock(NOW)), PrometheusMetrics(client, made)


def test_what_rules_record_burns(
    peer: PrometheusPeer, tmp_path: Path, call: Callable[..., Output[Any]], deadline: Deadline
) -> None:
    slos, metrics = backends_at(peer.url, tmp_path)
    bread, odd = sorted(slos.slos(deadline), key=lambda slo: slo.name == ODD)
    assert (bread.entity, bread.name, bread.objective, bread.window_s) == ("oven", "oven-bread", 0.99, 30 * 86_400)
    assert odd.window_s is None
    indicator = parse(odd.query)
    assert isinstance(indicator, Share)
    assert indicator.is_bad
    assert isinstance(indicator.measure, Measure)
    assert [matcher.value for matcher in indicator.measure.matchers] == [ODD]
    assert slos.slos(deadline, entities=("till",)) == ()
    declared = Slo("oven", "oven-bread", 0.9, 86_400, "anything")
    assert declared in JoinedSlos(DeclaredSlos("test", (declared,)), [slos]).slos(deadline)
    (tool,) = slo_tools(slos, metrics)
    args = {"start": (NOW - timedelta(minutes=30)).isoformat(), "end": NOW.isoformat()}
    result = call((tool,), "slo.burn", **args).summary
    found = {one.name: one for one in result.objectives}
    assert found["oven-bread"].state == "page"
    assert found["oven-bread"].rates[0].rate == pytest.approx(20.0)
    assert found[ODD].state == "error"


def test_half_an_answer_is_none(tmp_path: Path, deadline: Deadline) -> None:
    for content in (
        b'{"status":"success","data":[]}',
        b'{"status":"success","data":{"resultType":"vector","result":[1]}}',
    ):
        server = AilingServer(ailing.answer(content))
        with pytest.raises(BackendError):
            backends_at(server.url, tmp_path)[0].slos(deadline)
        server.close()
