"""A triage without a model of a large snapshot: 1 M log lines, 5,000 series, 100 k spans."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from opswarden.evals.worlds.spec import WorldSpec
from opswarden.evals.worlds.world import write_case

from .measuring import Figure, run_child

_RUNS = 3


def figures() -> Iterator[Figure]:
    """Wall, CPU and memory of whole `opswarden` processes."""
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
