"""The suite `pipelines`: every planted trouble through the tools that people and agents ask.

Beside it, what is done by hand: open the log of the task that failed last, and believe its last line at level error.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.clock import Deadline, FixedClock
from ...tools.logs.families import family_of
from ...tools.pipelines.backends.held_jobs import HeldJobs
from ...tools.pipelines.backends.jobs import JobSystem
from ...tools.pipelines.place import PipelinePlace
from ...tools.pipelines.tools import pipeline_tools
from ...tools.pipelines.types import TROUBLE, LateResult, WhyResult
from ...tools.spec import ToolContext
from ..scoring.pipelines import SUITE
from ..suite import CaseScore, SuiteResult
from ..summary import summarise
from .invented import Progress, in_turn, scored
from .memory_tables import MemoryTables
from .pipeline_worlds import FAULTS, TIMINGS, PipelineWorld, pipeline_world

_SEED = 70_000
"""Far from the seeds with which the rules were written."""
_BY_FAMILY = {
    "out_of_memory": "resources",
    "disk_full": "resources",
    "exhausted": "resources",
    "authentication": "credential",
    "permission": "credential",
    "tls": "credential",
    "timeout": "too_slow",
    "not_found": "input_changed",
    "invalid": "input_changed",
    "exception": "own_error",
    "crash": "killed",
}


def run_pipelines(
    count: int, *, seed: int = 0, limit: int | None = None, progress: Progress | None = None
) -> SuiteResult:
    """Look at the same number of worlds of each trouble, and at as many good ones as there are kinds of trouble.

    Args:
        count: of worlds of each kind.
        seed: of the worlds and the intervals.
        limit: at most so many of each kind.
        progress: called with (worlds done, worlds).

    Raises:
        NothingScored: every world broke.
    """

    def score(place: int, kind: str, number: int) -> CaseScore:
        world = pipeline_world(_SEED + 10_000 * seed + place, kind)
        return _score(f"{kind or 'good'}-{number:03d}-{place:04d}", world)

    scores = scored(in_turn((*FAULTS, *TIMINGS), count, limit), score, progress)
    return summarise(SUITE, scores, seed=seed)


def _score(name: str, world: PipelineWorld) -> CaseScore:
    rows = MemoryTables({"jobs": world.jobs})
    try:
        jobs = HeldJobs(rows, "production", "the files", world.now)
        late, why, deadline = _asked(jobs, world)
        by_hand = _by_hand(jobs, world, deadline) if world.fault in FAULTS else ""
    finally:
        rows.close()
    troubled = {each.pipeline: each.state for each in late.shown if each.state in TROUBLE} if late else {}
    details: dict[str, Any] = {"troubled": troubled, "why": _told(why)}
    beside: dict[str, Mapping[str, float]] = {}
    mine = {world.pipeline, world.root}
    figures = {"false_alarm": float(bool(troubled) or why is not None)}
    if world.fault:
        figures = {"beside": float(bool(set(troubled) - mine))}
    if world.fault in TIMINGS:
        figures["timing"] = float(troubled.get(world.pipeline) == world.fault)
    elif world.fault:
        figures["named"] = float(why is not None and why.cause == world.fault)
        if world.root:
            figures["named"] *= float(why is not None and why.chain[-1:] == (world.root,))
        figures["task"] = float(why is not None and why.task == world.task)
        if world.token:
            figures["line"] = float(why is not None and world.token in _line_of(why))
        beside = {"last_line": {"named": float(by_hand == world.fault)}}
    return CaseScore(
        id=name,
        set_name="invented",
        group=world.fault or "good",
        metrics=figures,
        baseline=beside,
        details=details,
    )


def _asked(jobs: JobSystem, world: PipelineWorld) -> tuple[LateResult | None, WhyResult | None, Deadline]:
    clock = FixedClock(world.now)
    deadline = Deadline(clock, 60)
    place = PipelinePlace("production", lambda: jobs, rules=world.rules, now=lambda: world.now)
    tools = {each.name: each for each in pipeline_tools(place)}
    context = ToolContext("run", "team", clock, deadline, artifacts=None)  # type: ignore[arg-type]  # neither reads one
    args = {"pipeline": world.pipeline} if world.fault in FAULTS else {}
    late = tools["pipelines.late"]
    why = tools["pipelines.why"]
    return (
        late.run(late.args.model_validate({"limit": 200}), context).summary,
        why.run(why.args.model_validate(args), context).summary,
        deadline,
    )


def _by_hand(jobs: JobSystem, world: PipelineWorld, deadline: Deadline) -> str:
    run = next((each for each in jobs.runs(world.pipeline, 5, deadline) if each.state == "failed"), None)
    failed = [each for each in jobs.tasks(run, deadline) if each.state == "failed"] if run else []
    log = jobs.log(run, failed[-1], failed[-1].attempt, deadline) if run and failed else None
    loud = [line for line in log.text.split("\n") if " ERROR " in line] if log else []
    family = family_of(loud[-1]) if loud else None
    return _BY_FAMILY.get(family or "", "dependency") if family else "unknown"


def _line_of(why: WhyResult) -> str:
    """What is shown of the failure; of a chain, of the one with which it began."""
    return (why.root.line if why.root is not None else why.line) or ""


def _told(why: WhyResult | None) -> Mapping[str, Any] | None:
    return None if why is None else {"pipeline": why.pipeline, "cause": why.cause, "task": why.task, "line": why.line}
