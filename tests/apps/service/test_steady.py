"""An hour of steady load leaves the service as it was: nothing piles up in memory."""

from __future__ import annotations

import os
import statistics
import time
from pathlib import Path

import pytest

from opswarden.tests.loaded_service import loaded_service

_MINUTES = float(os.environ.get("OPSWARDEN_STEADY_MINUTES", "60"))
_WARM_SHARE, _MOST_GROWTH = 1 / 4, 1.1


@pytest.mark.soak
@pytest.mark.timeout(_MINUTES * 60 + 600)
def test_memory_is_flat_over_an_hour_of_steady_load(tmp_path: Path) -> None:
    held: list[float] = []
    with loaded_service(tmp_path) as service:
        began, number = time.monotonic(), 0
        while (elapsed := time.monotonic() - began) < _MINUTES * 60:
            # Each alert is resolved before its name fires anew; somebody asks about something every minute.
            service.alert(number % 200, "firing" if number % 400 < 200 else "resolved")
            if number % 30 == 0:
                service.mention(number)
            if elapsed > _MINUTES * 60 * _WARM_SHARE:
                held.append(service.resident_mb)
            number += 1
            time.sleep(max(0.0, began + number * 2.0 - time.monotonic()))
        assert service.process.poll() is None
    third = len(held) // 3
    before, after = statistics.median(held[:third]), statistics.median(held[-third:])
    assert after < before * _MOST_GROWTH, f"{before:.0f} MB became {after:.0f} MB"
