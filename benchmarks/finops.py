"""The compact history of 50 M samples of 5,000 workloads, beside bare DuckDB quantiles over the same files.

`OPSWARDEN_BENCH_SAMPLES` says how many millions, 50 unless it is there. Each size runs in a process of its own, so that
its peak memory is its own; CPU is of all threads of that process. The bare query is given what memory it wants: within
the limit of a fleet it does not end.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from opswarden.tools.fleets.manifest import FleetManifest
from opswarden.tools.fleets.schema import FLEET_TABLES
from opswarden.tools.fleets.store import FleetStore
from opswarden.tools.fleets.writer import FleetWriter
from opswarden.tools.in_memory import in_memory
from opswarden.tools.usage.building import build_history

from .measuring import Figure

_START = datetime(2031, 5, 6, tzinfo=UTC)
_WORKLOADS, _SAMPLES_A_DAY = 5_000, 288
_A_DAY = _WORKLOADS * 2 * _SAMPLES_A_DAY
_BOUND_S, _BOUND_MB, _BOUND_RATIO = 60, 1_000, 2
_TIMES = 3
_BARE = """
    SELECT workload, resource, quantile_cont(value, [0.5, 0.9, 0.95, 0.99, 0.995, 1.0]) AS q
    FROM read_parquet($files) GROUP BY ALL
"""


def figures() -> Iterator[Figure]:
    """Of each size in turn, three times: the history, then the bare quantiles."""
    millions = float(os.environ.get("OPSWARDEN_BENCH_SAMPLES", "50"))
    for share in (0.25, 0.5, 1.0):
        days = max(1, round(millions * share * 1e6 / _A_DAY))
        with tempfile.TemporaryDirectory(prefix="opswarden-bench-") as folder:
            _write(Path(folder) / "fleet", days)
            pairs = [(_measured("history", folder), _measured("bare", folder)) for _ in range(_TIMES)]
        ours = {name: tuple(one[name] for one, _ in pairs) for name in pairs[0][0]}
        bare = {name: tuple(one[name] for _, one in pairs) for name in pairs[0][1]}
        ratio = tuple(one["cpu_s"] / other["cpu_s"] for one, other in pairs)
        size = f"{days * _A_DAY / 1e6:.1f} M samples"
        yield Figure(f"{size}: history", ours["cpu_s"], "s CPU", _BOUND_S)
        yield Figure(f"{size}: six quantiles of all of it out of the history", ours["quantiles_s"], "s CPU")
        yield Figure(f"{size}: peak memory of both", ours["peak_mb"], "MB", _BOUND_MB)
        yield Figure(f"{size}: bare quantiles", bare["cpu_s"], "s CPU")
        yield Figure(f"{size}: their peak memory", bare["peak_mb"], "MB")
        yield Figure(f"{size}: history to bare quantiles", ratio, "times", _BOUND_RATIO)
        yield Figure(
            f"{size}: history by million samples",
            tuple(each / (days * _A_DAY / 1e6) for each in ours["cpu_s"]),
            "s CPU",
        )


def _measured(what: str, folder: str) -> dict[str, float]:
    command = [sys.executable, "-m", __name__, what, folder]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _history(fleet: Path) -> dict[str, float]:
    store = FleetStore(fleet)
    first, last = store.manifest.start.date(), (store.manifest.end - timedelta(days=1)).date()
    in_memory(2).sql("SELECT 1").to_arrow_table()  # what is loaded once counts for neither
    begin = time.process_time()
    with store.asking() as cursor:
        history = build_history(cursor, "usage", first, last).history
    built = time.process_time()
    for resource in ("cpu", "memory"):
        history.quantiles(resource, (0.5, 0.9, 0.95, 0.99, 0.995, 1.0))
    return {"cpu_s": built - begin, "quantiles_s": time.process_time() - built, "peak_mb": _peak_mb()}


def _bare(fleet: Path) -> dict[str, float]:
    database = in_memory(2)
    files = [str(path) for path in sorted((fleet / "usage").glob("*.parquet"))]
    database.sql("SELECT 1").to_arrow_table()
    begin = time.process_time()
    database.sql(_BARE, params={"files": files}).to_arrow_table()
    return {"cpu_s": time.process_time() - begin, "peak_mb": _peak_mb()}


def _peak_mb() -> float:
    """Of this process alone: what the one that started it held counts for `ru_maxrss`, and not here."""
    status = Path("/proc/self/status").read_text()
    return float(status.split("VmHWM:")[1].split()[0]) / 1024


def _write(folder: Path, days: int) -> None:
    """Workloads of very different sizes with a rhythm of the day, as a pull writes them: by day, workload and time."""
    random = np.random.default_rng(1)
    level = np.exp(random.normal(0, 1.2, _WORKLOADS))
    names = pa.array([f"team-{place % 40}/deployment-{place:05d}/app" for place in range(_WORKLOADS)])
    resources = pa.array(["cpu", "memory"])
    workload = np.repeat(np.arange(_WORKLOADS, dtype=np.int32), 2 * _SAMPLES_A_DAY)
    resource = np.tile(np.repeat(np.arange(2, dtype=np.int32), _SAMPLES_A_DAY), _WORKLOADS)
    season = 1 + 0.6 * np.sin(np.arange(_SAMPLES_A_DAY) / _SAMPLES_A_DAY * 2 * np.pi)
    manifest = FleetManifest(
        title="made", environment="made", start=_START, end=_START + timedelta(days=days), currency="EUR"
    )
    with FleetWriter(folder, manifest) as writer:
        for day in range(days):
            zero = round((_START + timedelta(days=day)).timestamp() * 1e6)
            at = np.tile(np.arange(_SAMPLES_A_DAY) * 300_000_000 + zero, _WORKLOADS * 2)
            noise = random.normal(0, 1, (2, _WORKLOADS, _SAMPLES_A_DAY))
            cpu = level[:, None] * season * np.exp(0.4 * noise[0])
            memory = level[:, None] * 2e9 * np.exp(0.05 * noise[1])
            rows = pa.table(
                {
                    "ts": pa.array(at, pa.timestamp("us", tz="UTC")),
                    "workload": names.take(pa.array(workload)),
                    "resource": resources.take(pa.array(resource)),
                    "value": np.stack([cpu, memory], 1).reshape(-1),
                },
                schema=FLEET_TABLES["usage"],
            )
            writer.write("usage", rows, part=f"{(_START + timedelta(days=day)).date().isoformat()}")


if __name__ == "__main__":
    _what, _folder = sys.argv[1:]
    print(json.dumps((_history if _what == "history" else _bare)(Path(_folder) / "fleet")))
