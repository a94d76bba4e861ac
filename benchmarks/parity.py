"""Parity of a view by a sample of keys: cost, and what it says of what was planted; beside a full join.

`OPSWARDEN_BENCH_PARITY_ROWS` sets the offline rows (100,000,000), ten of each key. Two in a thousand online rows are
altered and one in a thousand is missing. The full join is measured on a tenth of the rows.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from opswarden.core.clock import Deadline, SystemClock
from opswarden.core.intervals import wilson
from opswarden.tools.features.backends.files import FileStore
from opswarden.tools.features.backends.settings import ViewSettings
from opswarden.tools.features.parity import compare
from opswarden.tools.features.store_tools import StorePlace, sample
from opswarden.tools.features.store_types import ParityArgs
from opswarden.tools.in_memory import in_memory

from .measuring import Estimated, Figure, peak_mb

_ROWS = 100_000_000
_VERSIONS = 10
_NOW_US = 1_930_000_000_000_000
_DAY_US = 86_400_000_000
_FEATURES = ("spend", "orders", "risk", "age")


def figures() -> Iterator[Figure | Estimated]:
    """The sample in a process that does nothing else, then the join in this one."""
    rows = int(os.environ.get("OPSWARDEN_BENCH_PARITY_ROWS", _ROWS))
    yield Figure("offline rows", (float(rows),), "")
    with tempfile.TemporaryDirectory(prefix="opswarden-bench-") as name:
        _write(Path(name), rows)
        script = "import sys; from opswarden.benchmarks.parity import look; look(sys.argv[1])"
        done = subprocess.run([sys.executable, "-c", script, name], check=True, capture_output=True, text=True)
    said = json.loads(done.stdout)
    yield Figure("parity by a sample", (said["cpu_s"],), "s CPU", bound=60)
    yield Figure("its peak memory", (said["peak_mb"],), "MB", bound=1_000)
    yield Figure("keys looked at", (float(said["keys"]),), "")
    for fault, count in said["found"].items():
        low, high = wilson(count, said["keys"])
        yield Estimated(f"  {fault}", count / said["keys"], low, high, said["keys"], "share")
    yield from _joined(rows // 10)


def look(name: str) -> None:
    """Compare a folder that was written, and print what it took and found."""
    store = FileStore({"card": _settings(Path(name))}, "bench")
    deadline = Deadline(SystemClock(), 3_600)
    drawn = sample(StorePlace("bench", lambda: store), ParityArgs(view="card"), None, _NOW_US, deadline)
    found = compare(drawn.view, drawn.history, drawn.online, _NOW_US)
    said = {each.fault: each.count for each in found.differences}
    print(json.dumps({"cpu_s": time.process_time(), "peak_mb": peak_mb(), "keys": found.keys, "found": said}))


def _joined(rows: int) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="opswarden-bench-") as name:
        folder = Path(name)
        _write(folder, rows)
        values = ", ".join(f"arg_max({each}, event_time) AS {each}" for each in _FEATURES)
        apart = " OR ".join(f"a.{each} IS DISTINCT FROM b.{each}" for each in _FEATURES)
        connection = in_memory(2)
        begin = time.process_time()
        (wrong,) = connection.execute(
            f"SELECT count(*) FROM (SELECT card, {values} FROM '{folder}/offline/*.parquet' GROUP BY card) a "  # noqa: S608 - ours
            f"FULL JOIN '{folder}/online.parquet' b USING (card) WHERE {apart}"
        ).fetchone() or (0,)
        yield Figure(f"full join of {rows} rows", (time.process_time() - begin,), "s CPU")
        yield Figure("  keys that differ", (float(wrong),), "")
        connection.close()


def _settings(folder: Path) -> ViewSettings:
    return ViewSettings(keys=("card",), offline=(folder / "offline",), online=folder / "online.parquet")


def _write(folder: Path, rows: int) -> ViewSettings:
    keys = rows // _VERSIONS
    (folder / "offline").mkdir()
    values = ", ".join(
        f"(hash(card * 31 + {at} + version * 7) % 1000003)::FLOAT AS {each}" for at, each in enumerate(_FEATURES)
    )
    event = f"make_timestamp({_NOW_US - _VERSIONS * _DAY_US} + version * {_DAY_US} + card % 1000000) AS event_time"
    connection = in_memory(2, memory_limit="600MB", preserve_insertion_order=False)
    for version in range(_VERSIONS):
        rows_of_day = f"SELECT range AS card, {version} AS version FROM range({keys})"  # noqa: S608 - ours
        day = f"{folder}/offline/day{version}.parquet"
        connection.execute(f"COPY (SELECT card, {event}, {values} FROM ({rows_of_day})) TO '{day}' (FORMAT parquet)")  # noqa: S608 - ours
    kept = "spend * CASE WHEN card % 500 = 1 THEN 1.5 ELSE 1 END AS spend, " + ", ".join(_FEATURES[1:])
    connection.execute(
        f"COPY (SELECT card, event_time, {kept} FROM read_parquet('{folder}/offline/day{_VERSIONS - 1}.parquet') "  # noqa: S608 - ours
        f"WHERE card % 1000 <> 2) TO '{folder}/online.parquet' (FORMAT parquet)"
    )
    connection.close()
    return _settings(folder)
