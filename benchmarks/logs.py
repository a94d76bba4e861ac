"""Templates of log lines: lines in a CPU second beside drain3 with masks, and memory over a long stream.

`OPSWARDEN_BENCH_LOGS` names a folder with logs (`*.log`), whose digits are drawn anew again and again; without it the
lines are those of the sandbox world. `OPSWARDEN_BENCH_LINES` says how long the stream is, 5 million unless it is there.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from opswarden.evals.suites.drain3_baseline import drain3_groups, is_there
from opswarden.tools.logs.mining import Miner

from .measuring import Figure, peak_mb

_RUNS = 3
_LINES = 1_000_000
_DRAIN3_LINES = 50_000
_BATCH = 100_000
_STREAM = 5_000_000


def figures() -> Iterator[Figure]:
    """Speed in this process, one thread each, then the peak memory of it."""
    lines = _lines()
    batches = list(_drawn(lines, _LINES))
    ours = tuple(_LINES / _cpu_s(batches) for _ in range(_RUNS))
    yield Figure("templates: 1 M lines", tuple(rate / 1000 for rate in ours), "k/s CPU")
    if is_there():
        sample = pa.concat_arrays(batches).take(pa.array(random.Random(0).sample(range(_LINES), _DRAIN3_LINES)))  # noqa: S311 - a sample
        masked = tuple(_DRAIN3_LINES / _drain3_cpu_s(sample.to_pylist()) for _ in range(_RUNS))
        yield Figure("drain3 with masks: 50 k of them", tuple(rate / 1000 for rate in masked), "k/s CPU")
        ratios = tuple(mine / theirs for mine, theirs in zip(sorted(ours), sorted(masked), strict=True))
        yield Figure("times as fast", ratios, "", floor=20)
    yield from _stream(lines, int(os.environ.get("OPSWARDEN_BENCH_LINES", _STREAM)))


def _stream(lines: list[str], length: int) -> Iterator[Figure]:
    with Miner() as miner:
        begin, peaks = time.process_time(), []
        for place, batch in enumerate(_drawn(lines, length)):
            miner.add(batch)
            if place in (length // _BATCH // 10, length // _BATCH - 1):
                peaks.append(peak_mb())
        found = miner.templates()
    yield Figure(f"stream of {length / 1e6:g} M lines: CPU, its making included", (time.process_time() - begin,), "s")
    yield Figure("the same: peak memory after a tenth", (peaks[0],), "MB")
    yield Figure("the same: peak memory at the end", (peaks[-1],), "MB", 1_000)
    yield Figure("the same: templates", (float(len(found)),), "")


def _cpu_s(batches: list[pa.Array]) -> float:
    begin = time.process_time()
    with Miner() as miner:
        for batch in batches:
            miner.add(batch)
        miner.templates()
    return time.process_time() - begin


def _drain3_cpu_s(lines: list[str]) -> float:
    group = drain3_groups(with_masks=True)
    begin = time.process_time()
    group(lines)
    return time.process_time() - begin


def _drawn(lines: list[str], length: int) -> Iterator[pa.Array]:
    """Batches of the lines over and over, every digit drawn anew."""
    repeated = lines * -(-_BATCH // len(lines))
    base = pa.array(repeated[:_BATCH], pa.string())
    _, offsets, text = base.buffers()
    plain = np.frombuffer(text, np.uint8)
    digits = np.flatnonzero((plain >= ord("0")) & (plain <= ord("9")))
    rng = np.random.default_rng(0)
    for _ in range(length // _BATCH):
        drawn = plain.copy()
        drawn[digits] = rng.integers(ord("0"), ord("9") + 1, len(digits), dtype=np.uint8)
        yield pa.StringArray.from_buffers(_BATCH, offsets, pa.py_buffer(drawn))


def _lines() -> list[str]:
    folder = os.environ.get("OPSWARDEN_BENCH_LOGS")
    if folder:
        texts = (path.read_text("utf-8", errors="replace") for path in sorted(Path(folder).rglob("*.log")))
        found = [line for text in texts for line in text.splitlines() if line]
        if found:
            return found
    return _invented()


def _invented() -> list[str]:
    import tempfile

    import pyarrow.parquet as pq

    from opswarden.evals.worlds.spec import WorldSpec
    from opswarden.evals.worlds.world import write_case

    with tempfile.TemporaryDirectory(prefix="opswarden-bench-") as place:
        case = Path(place) / "case"
        write_case(WorldSpec(seed=3, fault="slow_dependency", log_lines=50_000, series=50, spans=500), case)
        return [body for body in pq.read_table(case / "snapshot" / "logs.parquet")["body"].to_pylist() if body]
