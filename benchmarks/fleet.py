"""The four analyses of a fleet: their cost, and what schedules and idleness come to beside simpler rules.

`OPSWARDEN_BENCH_FLEET` names a fleet folder; without it one is invented. Every rule sees the same weeks of the same
workloads: all that have a known timezone, whether they may sleep or not.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from opswarden.evals.fleets.fleet import write_fleet
from opswarden.evals.fleets.spec import FleetSpec
from opswarden.evals.scoring.intervals import wilson
from opswarden.tools.fleets.half_hours import HALVES_OF_WEEK, Bools
from opswarden.tools.fleets.store import FleetStore
from opswarden.tools.fleets.view import FleetView, read_view
from opswarden.tools.rightsizing.gpu import recommend_gpus
from opswarden.tools.rightsizing.replicas import recommend_replicas
from opswarden.tools.schedules.hours import HourMap, hour_map
from opswarden.tools.schedules.recommend import MOST_WAKE_UPS, Slept, offered
from opswarden.tools.schedules.windows import LEAST_WEEKS, idle_hours, off_hours

from .measuring import Estimated, Figure, peak_mb

_ALL = ("requests", "gpu", "gpu_sm", "gpu_memory", "cpu", "memory", "network", "latency_p99")
_TWO = 2
_NIGHTS = np.array([hour // 24 >= 5 or not 8 <= hour % 24 < 20 for hour in range(168)])

OffRule = Callable[[HourMap, int], Bools]


def figures() -> Iterator[Figure | Estimated]:
    """Cost of the analyses, then rules side by side."""
    with tempfile.TemporaryDirectory(prefix="opswarden-bench-") as folder:
        named = os.environ.get("OPSWARDEN_BENCH_FLEET")
        where = Path(named) if named else write_fleet(FleetSpec(seed=0, workloads=120), Path(folder) / "made")
        with closing(FleetStore(where)) as store:
            begin = time.process_time()
            view = read_view(store, _ALL, lambda _subject: True)
            yield Figure("reading the usage onto half hours", (time.process_time() - begin,), "s CPU")
            yield Figure("rows of usage", (float(store.span("usage").rows),), "")
        for name, analyse in (("GPUs", recommend_gpus), ("replicas", recommend_replicas)):
            begin = time.process_time()
            analyse(view)
            yield Figure(f"{name}, with the replay", (time.process_time() - begin,), "s CPU")
        begin = time.process_time()
        maps = [hour_map(one, zone, view.usage, view.occasions) for one in view.subjects if (zone := one.zone)]
        yield Figure("maps of hours", (time.process_time() - begin,), "s CPU")
        yield Figure("peak memory of this process", (peak_mb(),), "MB")
        yield from _slept("ours", _ours, maps, is_holding=True)
        for rule_name, rule in _RULES.items():
            yield from _slept(rule_name, rule, maps, is_holding=False)
        yield from _came_back(view)


def _ours(hours: HourMap, week: int) -> Bools:
    return off_hours(idle_hours(hours, upto=week))


def _two_weeks(hours: HourMap, week: int) -> Bools:
    """The hours that were idle in both of the last two weeks."""
    last = slice(week - _TWO, week)
    return np.asarray(hours.seen[last].all(axis=0) & ~hours.active[last].any(axis=0))


def _nights(hours: HourMap, week: int) -> Bools:
    """Nights and weekends, of what was in use in less than a twentieth of them."""
    used = hours.active[week - LEAST_WEEKS : week][:, _NIGHTS].mean()
    return np.asarray(_NIGHTS & (used < 0.05))


_RULES: dict[str, OffRule] = {
    "ours, none held": _ours,
    "idle in the last two weeks": _two_weeks,
    "nights, weekends": _nights,
}


def _slept(name: str, rule: OffRule, maps: Sequence[HourMap], *, is_holding: bool) -> Iterator[Estimated]:
    on = 0
    weeks: list[Slept] = []
    for hours in maps:
        if not hours.active.any():
            continue
        own = []
        for week in range(LEAST_WEEKS, hours.weeks):
            if hours.seen[week].sum() < 84:
                continue
            off = rule(hours, week) & hours.seen[week]
            used = off & hours.active[week]
            on += int(hours.seen[week].sum())
            if off.any():
                own.append(Slept(int(used.sum()), int((used & ~np.roll(used, 1)).sum()), int(off.sum()), 0))
        weeks += offered(own) if is_holding else own
    hours_off, needed = sum(week.off for week in weeks), sum(week.needed for week in weeks)
    bad = sum(week.wake_ups > MOST_WAKE_UPS for week in weeks)
    yield _share(f"schedules, {name}: hours off", hours_off, on)
    yield _share(f"schedules, {name}: of them needed", needed, hours_off)
    yield _share(f"schedules, {name}: weeks with two wake-ups", bad, len(weeks))


def _came_back(view: FleetView) -> Iterator[Estimated]:
    """Workloads that look idle by CPU after four weeks and more, and work in the week after."""
    for name, is_idle in (("a tenth of a core at most", _by_maximum), ("95 % of the time below 5 %", _by_percentile)):
        weeks = back = 0
        for subject in view.subjects:
            cpu, size = view.usage.of(subject.name, "cpu"), subject.size("cpu")
            if cpu is None or not size:
                continue
            for week in range(LEAST_WEEKS, view.usage.weeks):
                past, coming = cpu[: week * HALVES_OF_WEEK], cpu[week * HALVES_OF_WEEK : (week + 1) * HALVES_OF_WEEK]
                if np.isfinite(past).mean() < 0.8 or not np.isfinite(coming).any() or not is_idle(past, size):
                    continue
                weeks += 1
                back += float(np.nanmax(coming)) > max(0.2 * size, 0.1)
        yield _share(f"idle ({name}): back at work a week later", back, weeks)


def _by_maximum(cpu: np.ndarray[tuple[int, ...], np.dtype[np.float64]], _size: float) -> bool:
    return float(np.nanmax(cpu)) <= 0.1


def _by_percentile(cpu: np.ndarray[tuple[int, ...], np.dtype[np.float64]], size: float) -> bool:
    return float(np.nanquantile(cpu, 0.95)) < 0.05 * size


def _share(name: str, some: int, n: int) -> Estimated:
    low, high = wilson(some, n) if n else (0.0, 1.0)
    return Estimated(name, some / n if n else 0.0, low, high, n, "share")
