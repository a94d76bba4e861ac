"""Past alerts out of a real Prometheus that holds what rules wrote while they fired."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from opswarden.core.clock import Deadline
from opswarden.core.errors import BackendError
from opswarden.core.systems.client import SystemClient
from opswarden.tests.doubles import ailing_server as ailing
from opswarden.tests.doubles.ailing_server import AilingServer
from opswarden.tests.prometheus_peer import PrometheusPeer, why_missing
from opswarden.tools.alerts.backends.joined import JoinedAlerts
from opswarden.tools.alerts.backends.prometheus import PrometheusAlerts
from opswarden.tools.alerts.backends.types import EVENT_COLUMNS
from opswarden.tools.alerts.tools import alerts_tools
from opswarden.tools.metrics.backends.settings import PrometheusSettings
from opswarden.tools.windows import from_us, to_us

END = datetime(2031, 5, 6, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LINGERS = 6 * MINUTE
"""Blocks made by promtool have no marks of staleness: a series that ends is seen for five minutes more."""


def series(name: str, start: float, stop: float, entity: str, metric: str = "ALERTS", value: float = 1.0,
           **labels: str) -> list[dict[str, Any]]:  # fmt: skip
    """Samples each minute from so many to so many minutes before the end."""
    state = {"alertstate": "firing"} if metric == "ALERTS" and "alertstate" not in labels else {}
    every = {"alertname": name, "severity": "page", **state, **labels}
    return [
        {"ts": END - ago * MINUTE, "entity": entity, "metric": metric, "labels": list(every.items()), "value": value}
        for ago in range(int(start), int(stop) - 1, -1)
    ]


@pytest.fixture(scope="module")
def peer() -> Iterator[PrometheusPeer]:
    if missing := why_missing():
        pytest.skip(missing)
    long_ago = (END - timedelta(hours=40)).timestamp()
    started = PrometheusPeer(
        [
            *series("Hot", 300, 240, "oven"),
            *series("Hot", 90, 0, "oven"),
            *series("Cold", 60, 0, "till", alertstate="pending"),
            *series("Slow", 1_500, 0, "shop", shelf="3"),
            *series("Slow", 1_500, 0, "shop", metric="ALERTS_FOR_STATE", value=long_ago, shelf="3"),
            *series("Hot", 90, 0, "oven", tenant="theirs"),
        ]
    )
    yield started
    started.close()


def over(url: str, folder: Path, **settings: Any) -> PrometheusAlerts:
    given = PrometheusSettings(url=url, environment="bakery", evaluates_alerts=True, **settings)
    return PrometheusAlerts(SystemClient("the test's", given, folder), given)


def test_what_fired_and_what_is_over(peer: PrometheusPeer, tmp_path: Path, deadline: Deadline, call: Any) -> None:
    backend = over(peer.url, tmp_path)
    found = backend.events(END, deadline)
    assert found.schema == EVENT_COLUMNS
    rows = sorted(
        (row["name"], row["ts_us"], row["state"])
        for row in found.to_pylist()
        if "theirs" not in dict(row["labels"]).values()
    )
    (_, first, began), (_, second, over_again), (_, third, again), (_, fourth, still) = rows
    assert [began, over_again, again, still] == ["firing", "resolved", "firing", "firing"]
    assert abs(from_us(first) - (END - 300 * MINUTE)) <= MINUTE
    assert END - 240 * MINUTE <= from_us(second) <= END - 240 * MINUTE + LINGERS
    assert abs(from_us(third) - (END - 90 * MINUTE)) <= MINUTE
    # What had fired for more than a day began when the rule's own series says.
    assert from_us(fourth) == END - timedelta(hours=40)
    window = {"start": END - 30 * MINUTE, "end": END}
    active = call(alerts_tools(backend), "alerts.active", **window)
    assert {group.name: group.alerts for group in active.summary.groups} == {"Hot": 2, "Slow": 1}
    earlier = call(alerts_tools(backend), "alerts.active", start=END - 280 * MINUTE, end=END - 200 * MINUTE)
    assert {group.name: group.still_firing for group in earlier.summary.groups} == {"Hot": 0, "Slow": 1}
    assert set(backend.events(END, deadline, entities=("shop",))["name"].to_pylist()) == {"Slow"}
    assert over(peer.url, tmp_path, scope={"tenant": "theirs"}).events(END, deadline).num_rows == 1
    assert backend.events(END - timedelta(days=9), deadline).num_rows == 0


class Held:
    """Holds these rows."""

    environment = "bakery"

    def __init__(self, *rows: dict[str, Any]) -> None:
        self._rows = rows

    def events(self, *_: Any, **__: Any) -> pa.Table:
        return pa.Table.from_pylist(list(self._rows), schema=EVENT_COLUMNS)


def test_what_two_systems_tell_of_one_alert_comes_once(deadline: Deadline) -> None:
    def row(state: str, minutes: float, **labels: str) -> dict[str, Any]:
        at = {"ts_us": to_us(END - minutes * MINUTE), "state": state, "severity": "page", "summary": ""}
        return {**at, "name": "Hot", "entity": "oven", "labels": sorted({"alertname": "Hot", **labels}.items())}

    handed_on = Held(row("firing", 30, cluster="a"))
    written = Held(row("firing", 31), row("firing", 300), row("resolved", 200), row("firing", 31, shelf="3"))
    for joined in (JoinedAlerts([handed_on, written]), JoinedAlerts([written, handed_on])):
        found = joined.events(END, deadline)
        assert [(dict(one["labels"]).get("cluster"), one["state"]) for one in found.to_pylist()] == [
            ("a", "firing"),
            (None, "firing"),
            (None, "resolved"),
            (None, "firing"),
        ]
    assert JoinedAlerts([written, written]).events(END, deadline).num_rows == 4


@pytest.mark.parametrize(
    "content",
    [b"[]", b'{"status":"success","data":{"resultType":"vector","result":[]}}', b"<html>",
     b'{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[["x",1]]}]}}'],
)  # fmt: skip
def test_what_is_no_series_is_an_error(content: bytes, tmp_path: Path, deadline: Deadline) -> None:
    server = AilingServer(ailing.answer(content))
    with pytest.raises(BackendError):
        over(server.url, tmp_path).events(END, deadline)
    server.close()
