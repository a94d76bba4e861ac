"""What data are worth is told workload by workload, and a resize splits what came before from what came after."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from opswarden.tools.fleets.schema import fleet_rows
from opswarden.tools.in_memory import in_memory
from opswarden.tools.usage.building import build_history
from opswarden.tools.usage.history import History
from opswarden.tools.usage.reading import Gap, readings
from opswarden.tools.usage.sizes import Resize, Sizes

ZERO = datetime(2031, 5, 6, tzinfo=UTC)


def size(day: float, value: float | None, resource: str = "cpu", **more: Any) -> dict[str, Any]:
    return {"ts": ZERO + timedelta(days=day), "workload": "oven", "resource": resource, "value": value, **more}


SIZES = [
    size(1.5, 4.0, set_by="ana"),
    size(-30, 2.0, most=8.0),
    size(0.5, 2.0),
    size(0.6, float("nan")),
    size(0.7, -1.0),
    size(0, 3.0, "replicas"),
]


def test_sizes_are_steps_in_time() -> None:
    sizes = Sizes(fleet_rows("sizes", [*SIZES, {"ts": None, "workload": "oven", "resource": "cpu", "value": 1.0}]))
    assert sizes.left_out == 3
    assert sizes.resizes("oven", "cpu") == (Resize(ZERO + timedelta(days=1.5), 2.0, 4.0, "ana"),)
    assert sizes.resizes("nobody", "cpu") == ()
    assert sizes.at("oven", "cpu", ZERO - timedelta(days=1)) == (2.0, 8.0)
    assert sizes.at("oven", "cpu", ZERO + timedelta(days=2))[0] == 4.0
    assert np.isnan(sizes.at("oven", "cpu", ZERO - timedelta(days=31))[0])
    days = np.arange("2031-05-05", "2031-05-10", dtype="datetime64[D]")
    assert np.array_equal(
        sizes.daily(["nobody", "oven"], "cpu", days), [[np.nan] * 5, [2.0, 2.0, 4.0, 4.0, 4.0]], equal_nan=True
    )
    assert sizes.since_resize(["oven"], "cpu", days).tolist() == [[False, False, False, True, True]]
    assert sizes.since_resize(["oven"], "replicas", days).all()


@pytest.fixture(scope="module")
def history() -> History:
    """Five days of the oven with a hole of 26 hours and one of two, at five minutes and then at ten."""
    rows: list[tuple[datetime, str, str, float]] = []
    for place in range(5 * 288):
        at = ZERO + timedelta(minutes=5 * place)
        hours = place / 12
        if 30 <= hours < 56 or 70 <= hours < 72 or (hours >= 96 and place % 2):
            continue
        rows.append((at, "oven", "cpu", 1.0 if hours < 36 else 3.0))
    rows += [(ZERO, "mixer", "memory", 1e9), (ZERO, "mixer", "memory", 2e9), (ZERO, "mixer", "memory", float("nan"))]
    connection = in_memory(1)
    connection.execute("SET TimeZone = 'UTC'")
    names = ("ts", "workload", "resource", "value")
    connection.register("given", fleet_rows("usage", [dict(zip(names, row, strict=True)) for row in rows]))
    return build_history(connection, "given", ZERO.date(), ZERO.date() + timedelta(days=4)).history


def test_a_reading_tells_all_that_is_wrong(history: History) -> None:
    happened = [{"workload": "oven", "kind": kind} for kind in ("oom", "oom", "restart", "deploy")]
    mixer, oven = readings(history, Sizes(fleet_rows("sizes", SIZES)), fleet_rows("happenings", happened))
    assert (mixer.workload, mixer.restarts, oven.workload, oven.restarts) == ("mixer", 0, "oven", 3)
    watched = oven.resources[0]
    hour = timedelta(hours=1)
    assert watched.gaps == (
        Gap(ZERO + 30 * hour - timedelta(minutes=5), ZERO + 56 * hour),
        Gap(ZERO + 70 * hour - timedelta(minutes=5), ZERO + 72 * hour),
    )
    assert (watched.gaps_left_out, watched.intervals_s) == (0, (300, 600))
    assert watched.coverage == pytest.approx((5 * 24 - 28) / (5 * 24), abs=1e-3)
    assert (watched.first, watched.last, watched.days) == (date(2031, 5, 6), date(2031, 5, 10), 5)
    assert watched.is_short
    assert [resize.after for resize in watched.resizes] == [4.0]
    memory = mixer.resources[0]
    assert (memory.samples, memory.repeated, memory.unusable, memory.gaps) == (1, 1, 1, ())


def test_a_resize_splits_what_is_looked_at(history: History) -> None:
    sizes = Sizes(fleet_rows("sizes", SIZES))
    weights = sizes.since_resize(history.names("cpu"), "cpu", history.days)
    assert history.quantiles("cpu", [0.05])[0, 0] == pytest.approx(1.0, rel=0.05)
    assert history.quantiles("cpu", [0.05], weights.astype(float))[0, 0] == pytest.approx(3.0, rel=0.05)
