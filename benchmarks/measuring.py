"""How every benchmark measures: repeated, in CPU seconds of this process or of a child, with the spread."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured number; `bound` is what it must stay under, `floor` what it must reach, if there is either."""

    name: str
    values: tuple[float, ...]
    unit: str
    bound: float | None = None
    floor: float | None = None

    @property
    def median(self) -> float:
        """The middle value."""
        ordered = sorted(self.values)
        return ordered[len(ordered) // 2]

    def line(self) -> str:
        """Name, median, range, n, and the bound with whether it holds."""
        spread = f"[{min(self.values):.4g}, {max(self.values):.4g}]"
        verdict = ""
        if self.bound is not None:
            verdict = f"  bound {self.bound:g}: {'holds' if self.median <= self.bound else 'EXCEEDED'}"
        if self.floor is not None:
            verdict += f"  at least {self.floor:g}: {'holds' if self.median >= self.floor else 'MISSED'}"
        return f"  {self.name:52} {self.median:10.4g} {self.unit:9} {spread:>22} n={len(self.values)}{verdict}"


@dataclass(frozen=True)
class Estimated:
    """A number with its 95 % interval, from `n` things counted or timed; `floor` is what it must reach."""

    name: str
    value: float
    low: float
    high: float
    n: int
    unit: str
    floor: float | None = None

    def line(self) -> str:
        """Name, value, interval, n, and the floor with whether it is reached."""
        spread = f"[{self.low:.4g}, {self.high:.4g}]"
        verdict = ""
        if self.floor is not None:
            verdict = f"  at least {self.floor:g}: {'holds' if self.value >= self.floor else 'MISSED'}"
        return f"  {self.name:52} {self.value:10.4g} {self.unit:9} {spread:>22} n={self.n} (95 %){verdict}"


def cpu_ms(work: Callable[[], object], *, repeat: int, warm_up: int = 3) -> tuple[float, ...]:
    """CPU milliseconds of each call, all threads of this process together."""
    for _ in range(warm_up):
        work()
    found = []
    for _ in range(repeat):
        before = time.process_time()
        work()
        found.append((time.process_time() - before) * 1000)
    return tuple(found)


@dataclass(frozen=True)
class ChildRun:
    """A finished child process: wall and CPU seconds, and its peak memory in MB."""

    wall_s: float
    cpu_s: float
    peak_mb: float


def run_child(arguments: list[str], environment: dict[str, str]) -> ChildRun:
    """Run `opswarden` to its end; the peak memory is its own, read by a helper process that has no other child.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    script = (
        "import resource, subprocess, sys, time\n"
        "start = time.monotonic()\n"
        "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(time.monotonic() - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)\n"
    )
    command = [sys.executable, "-c", script, sys.executable, "-c", _ENTRY, *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, **environment})
    wall_s, cpu_s, peak_mb = map(float, done.stdout.split())
    return ChildRun(wall_s, cpu_s, peak_mb)


_ENTRY = "from opswarden.apps.cli.main import main; main()"


def machine() -> str:
    """Cores and load, to be read beside every figure."""
    one, five, _ = os.getloadavg()
    return f"{os.cpu_count()} cores, load {one:.1f} (1 min) {five:.1f} (5 min), Python {sys.version.split()[0]}"


def peak_mb() -> float:
    """Peak memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
