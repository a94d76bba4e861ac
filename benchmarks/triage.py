"""A triage without a model of a large snapshot: 1 M log lines, 5,000 series, 100 k spans; and the shifts alone."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from opswarden.evals.worlds.spec import WorldSpec
from opswarden.evals.worlds.world import write_case
from opswarden.tools.metrics.series import SeriesKey, SeriesSet
from opswarden.tools.metrics.tools import shift_table

from .measuring import Figure, run_child

_RUNS = 3


def figures() -> Iterator[Figure]:
    """Wall, CPU and memory of whole `opswarden` processes, and the CPU time of the shifts."""
    yield Figure("shifts of 5 k series x 1 k samples: CPU", tuple(_shifts_s() for _ in range(_RUNS)), "s", 4)
    with tempfile.TemporaryDirectory(prefix="opswarden-bench-") as folder:
        case = Path(folder) / "case"
        write_case(WorldSpec(seed=3, fault="slow_dependency", log_lines=1_000_000, series=5_000, spans=100_000), case)
        environment = {"XDG_STATE_HOME": str(Path(folder) / "state")}
        arguments = ["triage", str(case / "snapshot"), "--no-model", "--format", "json"]
        runs = [run_child(arguments, environment) for _ in range(_RUNS)]
        yield Figure("triage of 1 M lines, 5 k series, 100 k spans: wall", tuple(r.wall_s for r in runs), "s", 15)
        yield Figure("the same: CPU", tuple(r.cpu_s for r in runs), "s")
        yield Figure("the same: peak memory", tuple(r.peak_mb for r in runs), "MB", 1_000)
        runs = [run_child(["demo"], environment) for _ in range(_RUNS)]
        yield Figure("opswarden demo: wall", tuple(r.wall_s for r in runs), "s", 20)
        runs = [run_child(["--help"], environment) for _ in range(2 * _RUNS + 1)]
        yield Figure("opswarden --help: wall", tuple(r.wall_s * 1000 for r in runs), "ms", 200)
        yield Figure("opswarden --help: CPU", tuple(r.cpu_s * 1000 for r in runs), "ms")


def _shifts_s(series: int = 5_000, samples: int = 1_000, step_us: int = 30_000_000) -> float:
    values = np.random.default_rng(0).normal(10, 1, series * samples)
    keys = tuple(SeriesKey(f"entity-{place % 300}", f"metric-{place}", "gauge", None, ()) for place in range(series))
    bounds = np.arange(0, series * samples + 1, samples)
    found = SeriesSet(keys, bounds, np.tile(np.arange(samples) * step_us, series), values)
    start_us = samples * 9 // 10 * step_us
    began = time.process_time()
    shift_table(found, start_us, samples * step_us, start_us)
    return time.process_time() - began
