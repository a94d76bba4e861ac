"""An hour of steady load leaves the service as it was: nothing piles up in memory, nothing is lost or told twice."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from statistics import fmean, stdev

import pytest

from opswarden.tests.apps.service.workers import wait_for
from opswarden.tests.loaded_service import LoadedService, loaded_service

_MINUTES = float(os.environ.get("OPSWARDEN_STEADY_MINUTES", "60"))
_WARM_SHARE, _BATCHES, _T_975 = 1 / 4, 12, 2.228
_ALERT_S, _ALERTS_PER_MENTION = 2.0, 5
_MOST_GROWTH = 0.1
"""Of the memory that it held when it was warm, in an hour: the upper end of the interval."""


@pytest.mark.soak
@pytest.mark.timeout(_MINUTES * 60 + 900)
def test_an_hour_of_steady_load_leaves_memory_flat_and_loses_nothing(tmp_path: Path) -> None:
    with loaded_service(tmp_path) as service:
        held, mentions, alerts = _load(service)
        wait_for(lambda: len(service.told_in_threads()) >= mentions and not _unfinished(tmp_path), 300)
        assert service.process.poll() is None
        threads = service.told_in_threads()
    slope, half = _slope(held)
    warm = fmean(held[: len(held) // _BATCHES])
    print(  # noqa: T201 - the figures of `make soak`
        f"{alerts} alerts, {mentions} mentions, {len(threads)} answered, {_reports(tmp_path)} triages; memory "
        f"{warm:.0f} MB when warm, {held[-1]:.0f} MB at the end, slope {slope:+.2f} MB/h ± {half:.2f} (95 %, "
        f"{_BATCHES} batches of {len(held) // _BATCHES})"
    )
    assert sorted(threads.values()) == [1] * mentions
    assert slope + half < warm * _MOST_GROWTH, f"{slope:.1f} ± {half:.1f} MB/h on {warm:.0f} MB"


def _load(service: LoadedService) -> tuple[list[float], int, int]:
    """Memory in MB at each alert once it is warm; how many mentions and alerts were sent."""
    held: list[float] = []
    began, number, mentions = time.monotonic(), 0, 0
    while (elapsed := time.monotonic() - began) < _MINUTES * 60:
        # Each alert is resolved before its name fires anew.
        _, is_new = service.alert(number % 200, "firing" if number % 400 < 200 else "resolved")
        assert is_new == 1
        if number % _ALERTS_PER_MENTION == 0:
            service.mention(number)
            mentions += 1
        if elapsed > _MINUTES * 60 * _WARM_SHARE:
            held.append(service.resident_mb)
        number += 1
        time.sleep(max(0.0, began + number * _ALERT_S - time.monotonic()))
    return held, mentions, number


def _slope(held: list[float]) -> tuple[float, float]:
    """MB in an hour, and half of its 95 % interval: of batch means, since neighbours in time are alike."""
    size = len(held) // _BATCHES
    means = [fmean(held[place * size : (place + 1) * size]) for place in range(_BATCHES)]
    hours = [place * size * _ALERT_S / 3600 for place in range(_BATCHES)]
    middle, spread = fmean(hours), stdev(hours) ** 2 * (_BATCHES - 1)
    slope = sum((hour - middle) * mean for hour, mean in zip(hours, means, strict=True)) / spread
    base = fmean(means) - slope * middle
    rest = sum((mean - base - slope * hour) ** 2 for hour, mean in zip(hours, means, strict=True))
    return slope, _T_975 * (rest / (_BATCHES - 2) / spread) ** 0.5


def _unfinished(home: Path) -> int:
    return _count(home, "SELECT count(*) FROM incident WHERE run_state IN ('settling', 'queued')")


def _reports(home: Path) -> int:
    return _count(home, "SELECT count(*) FROM past_run")


def _count(home: Path, sql: str) -> int:
    with closing(sqlite3.connect(f"file:{home}/state/opswarden.sqlite?mode=ro", uri=True)) as connection:
        return int(connection.execute(sql).fetchone()[0])
