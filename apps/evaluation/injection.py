"""A temporary installation for the attack suite: real policies, redaction, approvals, ledger; the suite's tools."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Self

from ...agents.model.chat import GatedChatModel
from ...agents.triage.parts import TriageParts
from ...agents.triage.types import TriageReport
from ...core.clock import SystemClock
from ...core.ids import TimeOrderedIds
from ...core.state import open_state
from ...core.telemetry import tracer_provider
from ...evals.attacks.base import make_base
from ...evals.attacks.bench import ReportStyle, RunRequest
from ...evals.attacks.world import EFFECT_TOOLS, OTHER_TEAM, OWNERS, RULES, STAGES
from ...evals.suite import CaseScore
from ...evals.suites.injection import run_batch
from ...policies.approvals import ApprovalStore
from ...policies.engine import CedarEngine
from ...policies.gate import LocalGateFactory
from ...policies.ledger.types import StoredEntry
from ...policies.switches import KillSwitch
from ...policies.types import Audience, Gate, Principal, Run
from ...redaction.spans import ScrubbingSpanExporter
from ...tools.spec import AnyTool
from ..installation import Installation
from ..reports.render import render
from ..settings import Settings
from ..wiring import fence_of, gate_factory, known_names, policy_engine, snapshot_tools

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

_CALLS = 80
"""Tool calls of one run at most; enough for a triage, and soon used up by an attack on the budget."""
_THREADS = 4
"""Every case opens gates of its own, and a gate's threads stay until the process ends."""
_BATCHES_EACH = 3
"""Of a process, for the same reason."""
_UNSEARCHED_FILES = frozenset({"keys.json"})


class _Watched(Installation):
    """An installation whose spans can be read where they would leave."""

    def __enter__(self) -> Self:
        return self

    @cached_property
    def spans_sent(self) -> InMemorySpanExporter:
        from opentelemetry.sdk.trace.export.in_memory_span_exporter import (  # noqa: PLC0415 - only a suite needs it
            InMemorySpanExporter,
        )

        return InMemorySpanExporter()

    @cached_property
    def telemetry(self) -> TracerProvider:
        """Spans, cleaned before they leave into memory."""
        exporter = ScrubbingSpanExporter(self.redaction, self.spans_sent)
        return tracer_provider([exporter], service_version=version("opswarden"))


class InjectionBench:
    """Implements `evals.attacks.bench.Bench` over a temporary state directory.

    Args:
        installation: its redaction, policies and packages are those of the operator.
    """

    def __init__(self, installation: _Watched) -> None:
        self._installation = installation
        self._engine: CedarEngine | None = None

    @property
    def approvals(self) -> ApprovalStore:
        """Where people answer."""
        return self._installation.approvals

    @property
    def switch(self) -> KillSwitch:
        """The kill switch."""
        return self._installation.switch

    @property
    def engine(self) -> CedarEngine:
        """The policies in force; read when the first run is opened.

        Raises:
            ValueError: there was none yet.
        """
        if self._engine is None:
            raise ValueError("no run was opened")
        return self._engine

    def new_run(self) -> str:
        """A fresh run id."""
        return self._installation.ids.new("run")

    def open(self, request: RunRequest) -> TriageParts:
        """The parts of the real triage agent over a gate of its own."""
        installation = self._installation
        names = known_names(request.store) if request.store is not None else ()
        run = Run(
            request.run_id,
            self._principal(installation.settings.team),
            "eval",
            names,
            request=request.ask,
            requester_roles=frozenset({"oncall"}),
        )
        gate = self._factory(request).open(run)
        chat = None
        if request.transport is not None:
            chat = GatedChatModel(gate=gate, endpoint_names=(request.transport.endpoint.name,))
        audience = Audience("terminal", "suite", installation.settings.team)
        return TriageParts(gate, installation.clock, audience, fence_of(installation, run.id), chat, names)

    def open_foreign(self, request: RunRequest) -> Gate:
        """A gate of another team."""
        return self._factory(request).open(Run(request.run_id, self._principal(OTHER_TEAM), "eval"))

    def entries(self, start: int) -> Iterator[StoredEntry]:
        """The ledger from a place on."""
        return self._installation.ledger.entries(start)

    def spans(self) -> str:
        """The text of every span that left since the last time."""
        self._installation.telemetry.force_flush()
        sent = self._installation.spans_sent
        text = "\n".join(span.to_json(indent=None) for span in sent.get_finished_spans())
        sent.clear()
        return text

    def render(self, report: TriageReport, style: ReportStyle) -> str:
        """A report as people get it."""
        return render(report, style)

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Name and content of every file of the state directory, the keys aside."""
        for path in sorted(self._installation.state.root.rglob("*")):
            if path.is_file() and path.name not in _UNSEARCHED_FILES:
                yield path.name, path.read_bytes()

    def _principal(self, team: str) -> Principal:
        return Principal("triage", "person:asker", team)

    def _factory(self, request: RunRequest) -> LocalGateFactory:
        if self._engine is None:
            # Once for all cases: their tools have the same arguments, and the schema knows nothing else of them.
            self._engine = policy_engine(self._installation, self._tools(request))
        return gate_factory(
            self._installation,
            self._tools(request),
            transports=(request.transport,) if request.transport is not None else (),
            senders={"terminal": request.sender} if request.sender is not None else {},
            engine=request.engine or self._engine,
        )

    def _tools(self, request: RunRequest) -> tuple[AnyTool, ...]:
        ours = {tool.name for tool in request.tools}
        others = [tool for name, tool in self._installation.registry.tools.items() if name not in ours]
        return (*(snapshot_tools(request.store) if request.store is not None else ()), *request.tools, *others)


@contextmanager
def open_bench(settings: Settings) -> Iterator[InjectionBench]:
    """A bench with the policies, redaction and packages of the settings; its state goes with it.

    Raises:
        ConfigError: a policy or a package is wrong.
    """
    with tempfile.TemporaryDirectory(prefix="opswarden-injection-") as folder:
        rules = Path(folder) / "rules"
        rules.mkdir()
        (rules / "suite.cedar").write_text(RULES, encoding="utf-8")
        clock = SystemClock()
        own = _for_the_suite(settings, Path(folder) / "state", rules)
        with _Watched(own, open_state(own.state_dir), clock, TimeOrderedIds(clock)) as installation:
            yield InjectionBench(installation)


def _for_the_suite(settings: Settings, state_dir: Path, rules: Path) -> Settings:
    """The operator's settings with the suite's tools as far open as stages go, in every environment."""
    gate = settings.gate
    stages = {name: dict(environments) for name, environments in gate.stages.items()}
    stages[settings.team] = {"*": {name: STAGES.get(name, "act") for name in EFFECT_TOOLS}}
    limits = gate.limits.model_copy(update={"calls": min(gate.limits.calls, _CALLS)})
    own = gate.model_copy(
        update={
            "stages": stages,
            "owners": {**gate.owners, **OWNERS},
            "policy_folders": (*gate.policy_folders, rules),
            "limits": limits,
            "freezes": (),
            "threads": _THREADS,
        }
    )
    return settings.model_copy(update={"state_dir": state_dir, "gate": own})


def run_batches(
    settings: Settings, batches: Sequence[tuple[str, ...]], seed: int, *, processes: int
) -> Iterator[tuple[CaseScore, ...]]:
    """Run batches of the suite, each on a bench of its own, side by side in processes; in this one if it is one.

    Yields:
        The scores of a batch, in the order of the batches.
    """
    jobs = [(settings, batch, seed, number) for number, batch in enumerate(batches)]
    if processes <= 1:
        yield from map(_run_batch, jobs)
        return
    # A pool of its own for every few batches: `max_tasks_per_child` can leave a pool waiting for good (gh-115634).
    step = processes * _BATCHES_EACH
    for start in range(0, len(jobs), step):
        # Forked processes would share locks of threads that they do not have.
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            yield from pool.map(_run_batch, jobs[start : start + step])


def _run_batch(job: tuple[Settings, tuple[str, ...], int, int]) -> tuple[CaseScore, ...]:
    settings, batch, seed, number = job
    with tempfile.TemporaryDirectory(prefix="opswarden-injection-") as folder, open_bench(settings) as bench:
        base, planted = make_base(Path(folder) / "base", seed)
        return run_batch(bench, base, planted, batch, seed, number=number)
