"""When two systems of one domain fail, both are named; one that is slow takes no time from the others."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from opswarden.core.clock import Deadline, FixedClock
from opswarden.core.errors import BackendError
from opswarden.core.systems.client import SystemClient
from opswarden.tools.alerts.backends.alertmanager import AlertmanagerAlerts
from opswarden.tools.alerts.backends.joined import JoinedAlerts
from opswarden.tools.alerts.backends.settings import AlertmanagerSettings
from opswarden.tools.asked_together import asked_each, asked_together
from opswarden.tools.changes.backends.argocd import ArgocdChanges
from opswarden.tools.changes.backends.delivery_settings import ArgocdSettings
from opswarden.tools.changes.backends.joined import JoinedChanges
from opswarden.tools.logs.backends.joined import JoinedLogs
from opswarden.tools.logs.backends.loki import LokiLogs
from opswarden.tools.logs.backends.settings import LokiSettings
from opswarden.tools.metrics.backends.joined import JoinedMetrics
from opswarden.tools.metrics.backends.prometheus import PrometheusMetrics
from opswarden.tools.metrics.backends.settings import PrometheusSettings
from opswarden.tools.topology.backends.joined import JoinedTopology
from opswarden.tools.topology.backends.traced import TracedTopology
from opswarden.tools.traces.backends.sampled import JoinedReader, SampledTraces
from opswarden.tools.traces.backends.settings import TempoSettings
from opswarden.tools.traces.backends.tempo import TempoReader
from opswarden.tools.windows import ComparedWindows

_NOWHERE: dict[str, Any] = {"url": "http://127.0.0.1:9", "environment": "test", "timeout_s": 1}


def test_every_system_that_fails_is_named(
    tmp_path: Path, start: datetime, windows: dict[str, datetime], deadline: Deadline
) -> None:
    def client(name: str, settings: Any) -> SystemClient:
        return SystemClient(name, settings, tmp_path, sleep=lambda _: None)

    clock, end = FixedClock(start), start + timedelta(minutes=1)
    prometheus, loki = PrometheusSettings(**_NOWHERE), LokiSettings(**_NOWHERE)
    tempo, pager = TempoSettings(**_NOWHERE), AlertmanagerSettings(**_NOWHERE)
    argocd = ArgocdSettings(**_NOWHERE)
    metrics = JoinedMetrics([PrometheusMetrics(client(name, prometheus), prometheus) for name in ("east", "west")])
    logs = JoinedLogs([LokiLogs(client(name, loki), loki) for name in ("east", "west")])
    readers = [TempoReader(client(name, tempo), tempo) for name in ("east", "west")]
    alerts = JoinedAlerts([AlertmanagerAlerts(client(name, pager), pager, clock) for name in ("east", "west")])
    changes = JoinedChanges([ArgocdChanges(client(name, argocd), argocd) for name in ("east", "west")])
    graphs = [TracedTopology(SampledTraces(reader), clock) for reader in readers]
    compared = ComparedWindows.model_validate(windows)
    questions = (
        lambda: metrics.series(start, end, deadline),
        lambda: metrics.entities(deadline),
        lambda: logs.grouped(compared, deadline),
        lambda: logs.search(start, end, deadline, head=1, tail=1),
        lambda: SampledTraces(JoinedReader(readers)).spans(compared, deadline),
        lambda: alerts.events(end, deadline),
        lambda: changes.between(start, end, deadline),
        lambda: JoinedTopology("test", graphs).edges(deadline),
    )
    for ask in questions:
        with pytest.raises(BackendError, match=r"east .*; west ") as caught:
            ask()
        told = caught.value.remedy.split("; ")
        assert len(told) == len(set(told)), "what to do is said once"


def test_systems_are_asked_side_by_side() -> None:
    together = Barrier(3, timeout=10)
    assert asked_together("abc", lambda name: (together.wait(), name)[1]) == ["a", "b", "c"]
    assert asked_together("", str) == []

    def answer(name: str) -> str:
        if name != "b":
            raise BackendError(f"{name} is down")
        return name

    found, failed = asked_each("abc", answer)
    assert (found, [error.message for error in failed]) == (["b"], ["a is down", "c is down"])
    with pytest.raises(ZeroDivisionError):
        asked_together("ab", lambda _: 1 // 0)
