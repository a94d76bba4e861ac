"""The call graph out of a real Prometheus that holds what service graphs and meshes count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from opswarden.core.clock import Deadline, FixedClock
from opswarden.core.errors import BackendError
from opswarden.core.systems.client import SystemClient
from opswarden.tests.doubles import ailing_server as ailing
from opswarden.tests.doubles.ailing_server import AilingServer
from opswarden.tests.prometheus_peer import PrometheusPeer, why_missing
from opswarden.tools.metrics.backends.prometheus import PrometheusMetrics
from opswarden.tools.metrics.backends.settings import PrometheusSettings
from opswarden.tools.owners.catalogue import Catalogue, Entry
from opswarden.tools.snapshots.manifest import Window
from opswarden.tools.spec import Output
from opswarden.tools.topology.backends.joined import JoinedTopology
from opswarden.tools.topology.backends.prometheus import PrometheusTopology
from opswarden.tools.topology.backends.traffic_graphs import TrafficGraph
from opswarden.tools.topology.backends.types import EDGE_COLUMNS, missed_by
from opswarden.tools.topology.tools import topology_tools

START = datetime(2031, 5, 6, 12, 0, tzinfo=UTC)
HOUR = Window(start=START, end=START + timedelta(hours=1))


def counted(metric: str, labels: Mapping[str, str], calls: int = 60, entity: str = "mesh") -> list[dict[str, Any]]:
    """A counter that grows steadily over the hour."""
    steps = 6
    return [
        {
            "ts": START + step * timedelta(minutes=10),
            "entity": entity,
            "metric": metric,
            "labels": list(labels.items()),
            "value": calls * step / steps,
        }
        for step in range(steps + 1)
    ]


@pytest.fixture(scope="module")
def peer() -> Iterator[PrometheusPeer]:
    if missing := why_missing():
        pytest.skip(missing)
    spans, istio = "traces_service_graph_request_total", "istio_requests_total"
    started = PrometheusPeer(
        [
            *counted(spans, {"client": "shop", "server": "till", "connection_type": ""}, 120),
            *counted(spans, {"client": "till", "server": "orders", "connection_type": "database"}),
            *counted(spans, {"client": "till", "server": "loaves", "connection_type": "messaging_system"}),
            *counted(spans, {"client": "user", "server": "shop", "connection_type": ""}),
            *counted(spans, {"client": "shop", "server": "idle", "connection_type": ""}, 0),
            *counted(spans, {"client": 'x"} or {a=~".+', "server": "line\nbreak", "tenant": "theirs"}),
            *counted(istio, {"source_app": "till", "destination_service_name": "oven", "reporter": "source"}, 60),
            *counted(istio, {"source_app": "till", "destination_service_name": "oven", "reporter": "destination"}, 6),
            *counted(istio, {"source_app": "unknown", "destination_service_name": "oven"}),
            *counted("request_total", {"deployment": "oven", "dst_deployment": "mill", "direction": "outbound"}),
            *counted("request_total", {"deployment": "mill", "dst_deployment": "oven", "direction": "inbound"}),
            *counted("hops", {"from": "mill", "to": "till.bakery.svc.cluster.local:8080", "tenant": "ours"}),
            *counted("heat", {}, entity="oven"),
        ]
    )
    yield started
    started.close()


def over(url: str, folder: Path, stretch: Window | None = HOUR, **settings: Any) -> PrometheusTopology:
    given = PrometheusSettings(url=url, environment="bakery", **settings)
    client = SystemClient("the test's", given, folder)
    return PrometheusTopology(client, given, PrometheusMetrics(client, given), FixedClock(START), stretch)


def told(backend: PrometheusTopology | JoinedTopology, deadline: Deadline) -> list[tuple[str, str, str]]:
    return [(row["caller"], row["callee"], row["kind"]) for row in backend.edges(deadline).to_pylist()]


HOPS = {"metric": "hops", "callers": ("from",), "callees": ("nothing", "to")}


def test_service_graphs_and_meshes_tell_who_calls_whom(
    peer: PrometheusPeer, tmp_path: Path, deadline: Deadline
) -> None:
    backend = over(peer.url, tmp_path)
    assert told(backend, deadline) == [
        ("oven", "mill", "call"),
        ("shop", "till", "call"),
        ("till", "loaves", "publishes"),
        ("till", "orders", "query"),
        ("till", "oven", "call"),
        ('x"} or {a=~".+', "line\nbreak", "call"),
    ]
    found = backend.edges(deadline)
    assert found.schema == EDGE_COLUMNS
    assert {row["source"] for row in found.to_pylist()} == {"metrics"}
    assert next(row["calls"] for row in found.to_pylist() if row["caller"] == "shop") == pytest.approx(120, abs=3)
    # One question for which counters there are, and one for each of the three that are.
    assert backend._client.asked.questions == 4
    assert set(backend.entities(deadline)) >= {"shop", "mill", "oven", "mesh"}


def test_what_is_asked_is_confined_and_chosen(peer: PrometheusPeer, tmp_path: Path, deadline: Deadline) -> None:
    confined = over(peer.url, tmp_path / "a", scope={"tenant": "ours"}, graphs=(HOPS,))
    assert told(confined, deadline) == [("mill", "till.bakery.svc.cluster.local:8080", "call")]
    assert told(over(peer.url, tmp_path / "b", graphs=()), deadline) == []
    earlier = Window(start=START - timedelta(hours=2), end=START - timedelta(hours=1))
    nothing = over(peer.url, tmp_path / "c", earlier)
    assert told(nothing, deadline) == []
    assert nothing._client.asked.questions == 1


def test_the_catalogue_and_the_counters_are_one_graph(
    peer: PrometheusPeer, tmp_path: Path, deadline: Deadline, call: Any
) -> None:
    catalogue = Catalogue(
        (
            Entry("Front of house", "catalogue", aliases=("shop",), depends_on=("Till", "cellar")),
            Entry("till", "catalogue", depends_on=("till",)),
        )
    )
    backend = JoinedTopology(
        "bakery",
        [over(peer.url, tmp_path, graphs=(HOPS, *PrometheusSettings(url=peer.url, environment="bakery").graphs[:1]))],
        catalogue,
    )
    rows = {(row["caller"], row["callee"]): row for row in backend.edges(deadline).to_pylist()}
    assert (rows["shop", "till"]["kind"], rows["shop", "till"]["source"]) == ("call", "declared")
    assert (rows["shop", "cellar"]["kind"], rows["shop", "cellar"]["calls"]) == ("depends_on", None)
    # An address of a known entity is that entity.
    assert rows["mill", "till"]["source"] == "metrics"
    assert "cellar" in backend.entities(deadline)
    seen: Output[Any] = call(topology_tools(backend), "topology.graph")
    assert (seen.status, seen.summary.source) == ("ok", "declared")
    names: Output[Any] = call(topology_tools(backend), "topology.entities")
    assert names.artifact is not None
    assert names.summary.entities == names.artifact.num_rows >= 8


def test_a_source_that_is_down_costs_its_own_edges(
    peer: PrometheusPeer, tmp_path: Path, deadline: Deadline, call: Any
) -> None:
    server = AilingServer(ailing.answer(status="403 Forbidden"))
    dead = over(server.url, tmp_path / "dead")
    backend = JoinedTopology("bakery", [dead, over(peer.url, tmp_path / "well")])
    edges = backend.edges(deadline)
    assert edges.num_rows == 6
    assert missed_by(edges) == ("the test's forbids us this (403)",)
    seen: Output[Any] = call(topology_tools(backend), "topology.graph")
    assert (seen.status, seen.summary.edges) == ("truncated", 6)
    beside: Output[Any] = call(topology_tools(backend), "topology.neighbours", entity="till")
    assert beside.status == "truncated"
    with pytest.raises(BackendError, match="forbids"):
        call(topology_tools(backend), "topology.neighbours", entity="nobody")
    with pytest.raises(BackendError, match="forbids"):
        JoinedTopology("bakery", [dead]).edges(deadline)
    server.close()


@pytest.mark.parametrize("data", [b"3", b'{"resultType":"matrix"}', b'{"resultType":"vector","result":[{}]}'])
def test_what_is_no_count_is_an_error(data: bytes, tmp_path: Path, deadline: Deadline) -> None:
    names = ailing.answer(b'{"status":"success","data":["hops"]}')
    server = AilingServer(names, ailing.answer(b'{"status":"success","data":' + data + b"}"))
    with pytest.raises(BackendError):
        over(server.url, tmp_path, graphs=(HOPS,)).edges(deadline)
    server.close()


def test_no_label_or_metric_changes_the_question() -> None:
    for wrong in ({"metric": 'a"}'}, {"callers": ("a) or b",)}, {"where": {"a=~": "x"}}, {"kind_label": "a,b"}):
        with pytest.raises(ValidationError):
            TrafficGraph.model_validate({**HOPS, **wrong})


@given(st.text(max_size=30))
def test_a_value_stays_a_value(value: str) -> None:
    asked: list[str] = []

    class Client:
        name = "nobody"

        def get(self, path: str, params: Any, _deadline: Deadline, **_how: Any) -> Any:
            asked.append(dict(params).get("query", ""))
            raise BackendError("enough")

    settings = PrometheusSettings(url="http://127.0.0.1:9", environment="x", graphs=({**HOPS, "where": {"a": value}},))
    backend = PrometheusTopology(Client(), settings, None, FixedClock(START), HOUR)  # type: ignore[arg-type]
    with pytest.raises(BackendError):
        backend._grown(settings.graphs[0], Deadline(FixedClock(START), 1))
    inner = asked[0].partition(',a="')[2].partition('"}[3600000ms]')[0]
    assert asked[0].count('"}[3600000ms]') >= 1
    assert '"' not in inner.replace("\\\\", "").replace('\\"', "")
