"""What the gate adds to a read call: ledger, policy and redaction of a 4 kB summary."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path

from opswarden.apps.installation import open_installation
from opswarden.apps.settings import Settings
from opswarden.apps.wiring import gate_factory
from opswarden.policies.budgets import Limits
from opswarden.policies.types import Principal, Run
from opswarden.tools.spec import Args, Output, Result, Scope, Tool, ToolContext

from .measuring import Figure, cpu_ms

_LINE = "2026-03-01T10:00:0{n}Z WARN pool checkout-db in use 97 of 100, client ana.souza{n}@example.com waited 812 ms "


class NoArgs(Args):
    """Nothing to choose."""


class Lines(Result):
    """About 4 kB of log text."""

    lines: tuple[str, ...]


def figures() -> Iterator[Figure]:
    """CPU milliseconds per call, and of its parts."""
    text = tuple(_LINE.format(n=n % 10) for n in range(41))
    scope = Scope(environment="bench")

    def read(_args: NoArgs, _context: ToolContext) -> Output[Lines]:
        return Output("ok", scope, Lines(lines=text))

    with tempfile.TemporaryDirectory(prefix="opswarden-bench-") as folder:
        limits = Limits(calls=100_000)
        settings = Settings(state_dir=Path(folder) / "state").model_copy(
            update={"gate": Settings(state_dir=Path(folder)).gate.model_copy(update={"limits": limits})}
        )
        with open_installation(settings) as installation:
            tool = Tool("bench.read", "read", "4 kB of text.", NoArgs, Lines, read, "bench", summary_tokens=4_000)
            gate = gate_factory(installation, (tool,)).open(
                Run("run_bench", Principal("triage", "system:bench", "x"), "bench")
            )
            count = itertools.count()
            calls = cpu_ms(lambda: gate.call("bench.read", {}, call_id=f"c{next(count)}"), repeat=200)
            size = sum(map(len, text))
            yield Figure(f"gate.call of a read with a {size} B summary: CPU", calls, "ms", 15)
            redactor = installation.redaction.for_run("run_bench", vault=installation.vault)
            joined = "\n".join(text)
            yield Figure("redaction of the same summary: CPU", cpu_ms(lambda: redactor.clean(joined), repeat=100), "ms")
            large = joined * 100
            scans = cpu_ms(lambda: installation.redaction.analyze(large), repeat=5, warm_up=1)
            yield Figure("redaction scan", tuple(len(large) / 1e6 / (value / 1000) for value in scans), "MB/s CPU")
