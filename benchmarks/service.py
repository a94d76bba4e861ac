"""How soon people and alerts are acknowledged while triages run: 200 alerts and 50 mentions in ten seconds.

They go into one `opswarden serve`; Slack is the double of the tests, with its limits.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

from opswarden.tests.doubles.slack_events import PATIENCE_S
from opswarden.tests.loaded_service import loaded_service

from .measuring import Figure

_ALERTS, _MENTIONS, _SECONDS, _SENDERS = 200, 50, 10.0, 8
_ENDS_S = 300.0

_Sent = TypeVar("_Sent")


def figures() -> Iterator[Figure]:
    """Milliseconds from sending to the answer, of each alert and mention; and seconds until everything is answered."""
    with tempfile.TemporaryDirectory(prefix="opswarden-bench-") as folder:
        with loaded_service(Path(folder)) as service:
            began = time.monotonic()
            with ThreadPoolExecutor(_SENDERS) as people, ThreadPoolExecutor(_SENDERS) as systems:
                asked = people.map(partial(_at, began, _SECONDS / _MENTIONS, service.mention), range(_MENTIONS))
                sent = list(systems.map(partial(_at, began, _SECONDS / _ALERTS, service.alert), range(_ALERTS)))
                mentions = sorted(asked)
            waits, new = sorted(wait for wait, _ in sent), sum(is_new for _, is_new in sent)
            reports_s = _until(began, lambda: service.reports >= 2)
            answered_s = _until(began, lambda: len(service.told_in_threads()) >= _MENTIONS)
            threads, held_mb = service.told_in_threads(), service.resident_mb
            stopping = time.monotonic()
        yield from _acknowledged(waits, mentions)
        yield Figure("kept as new", (float(new),), "alerts", floor=_ALERTS)
        yield Figure("mentions answered in their threads", (float(len(threads)),), "mentions", floor=_MENTIONS)
        yield Figure("mentions told of twice", (float(sum(count > 1 for count in threads.values())),), "mentions", 0)
        yield Figure("until the last mention was answered", (answered_s,), "s")
        yield Figure("until both incidents of the storm were reported", (reports_s,), "s")
        yield Figure("memory of the service after it", (held_mb,), "MB")
        yield Figure("orderly end", (time.monotonic() - stopping,), "s")


def _acknowledged(waits: list[float], mentions: list[float]) -> Iterator[Figure]:
    yield Figure(f"alerts acknowledged, of {_ALERTS} in {_SECONDS:g} s", tuple(waits), "ms")
    yield Figure("the same, 99th percentile", (statistics.quantiles(waits, n=100)[98],), "ms", 1_000)
    yield Figure(f"mentions acknowledged, of {_MENTIONS} beside them", tuple(mentions), "ms")
    yield Figure("the same, 99th percentile", (statistics.quantiles(mentions, n=100)[98],), "ms", 1_000)
    yield Figure("the slowest of all", (max(*waits, *mentions),), "ms", PATIENCE_S * 1000)


def _at(began: float, every_s: float, send: Callable[[int], _Sent], number: int) -> _Sent:
    time.sleep(max(0.0, began + number * every_s - time.monotonic()))
    return send(number)


def _until(began: float, is_so: Callable[[], bool]) -> float:
    """Seconds until something is so, looked at twice a second; not longer than five minutes."""
    while not is_so() and time.monotonic() < began + _ENDS_S:
        time.sleep(0.5)
    return time.monotonic() - began
