"""The suites in which a model takes part as tasks of Inspect (`inspect eval opswarden/rca -T data=cases --model …`).

Inspect's model stands behind the gate like any other, its log holds every request, and a sample whose model did not
answer is an error of Inspect and no wrong answer. `--model none` measures the statistics alone. Needs the extra
`inspect`.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import anyio
from anyio.from_thread import BlockingPortal
from inspect_ai import Epochs, Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import get_model
from inspect_ai.scorer import SampleScore, Score, Scorer, Target, metric, scorer
from inspect_ai.solver import Generate, Solver, TaskState, solver

from ...agents.triage.types import TriageReport
from ...core.errors import InputError
from ...evals.cases import Case, Truth
from ...evals.past import PastIncident, find_incidents
from ...evals.reading import explained
from ...evals.sampling import sample
from ...evals.scoring.changes import answer_of as named_by
from ...evals.scoring.changes import score as score_changes
from ...evals.scoring.rca import answer_of, score
from ...evals.scoring.world import score_world
from ...evals.suite import CaseScore
from ...evals.suites.past import MINUTES, run_past
from ...evals.suites.rca import shown
from ...policies.types import Endpoint
from ..settings import Settings, load_settings
from .inspect_model import InspectTransport
from .triages import triage_over

_ENDPOINT = "inspect"
_NO_MODEL = frozenset({"none", "none/none"})
_QUESTION = "Find what caused this incident, or say that there is no cause."
_SANDBOX_SEED = 20_000


@task
def rca(data: str = "", sandbox: int = 0, limit: int = 0, seed: int = 0, repeats: int = 1) -> Task:
    """Triage labelled incidents.

    Args:
        data: a folder as for `opswarden eval run rca --data`.
        sandbox: so many sandbox incidents instead.
        limit: at most so many cases of every set; 0 takes all.
        seed: of the sample and the sandbox.
        repeats: how often each case is answered.

    Raises:
        InputError: nothing to measure on.
    """
    cases = _cases(_folder(), data, sandbox, seed)
    return _labelled("rca", sample(cases, limit or None, seed), rca_scorer(), repeats)


@task
def changes(data: str = "", sandbox: int = 0, limit: int = 0, seed: int = 0, repeats: int = 1) -> Task:
    """Triage labelled incidents for the change that did it, if any; arguments as of `rca`.

    Raises:
        InputError: nothing to measure on.
    """
    cases = _cases(_folder(), data, sandbox, seed)
    return _labelled("changes", sample(cases, limit or None, seed), changes_scorer(), repeats)


@task
def world(sandbox: int = 0, seed: int = 0, repeats: int = 1) -> Task:
    """Triage sandbox incidents of seeds that nothing else uses.

    Args:
        sandbox: how many; 0 takes two of each fault.
        seed: which ones.
        repeats: how often each is answered.
    """
    from ...evals.worlds.unseen import write_unseen  # noqa: PLC0415 - the world is not needed for imported cases

    return _labelled("world", write_unseen(_folder(), n=sandbox or None, seed=seed), world_scorer(), repeats)


def _labelled(name: str, cases: Sequence[Case], scored: Scorer, repeats: int) -> Task:
    samples = [
        Sample(
            id=case.id,
            input=_QUESTION,
            target=case.truth().model_dump_json(exclude_none=True),
            metadata={"set": case.set_name, "group": case.truth().group or case.set_name},
        )
        for case in cases
        if not case.problem
    ]
    return Task(
        dataset=MemoryDataset(samples, name=f"opswarden-{name}"),
        solver=triage_case({case.id: case for case in cases}),
        scorer=scored,
        epochs=Epochs(repeats, "mean"),
        name=name,
    )


@task
def past(data: str, minutes: str = "", repeats: int = 1) -> Task:
    """Triage past incidents with the evidence cut off at their alerts.

    Args:
        data: a folder as for `opswarden eval run past --data`.
        minutes: cut-offs like `0,5,15`.
        repeats: how often each incident is looked at.

    Raises:
        InputError: the folder holds no incident.
    """
    cuts = tuple(float(part) for part in str(minutes).split(",")) if minutes else MINUTES
    incidents = {each.id: each for each in find_incidents(Path(data)) if each.truth is not None}
    samples = [
        Sample(id=each.id, input=_QUESTION, target=each.truth.model_dump_json(exclude_none=True))
        for each in incidents.values()
        if each.truth is not None
    ]
    return Task(
        dataset=MemoryDataset(samples, name="opswarden-past"),
        solver=look_back(incidents, cuts),
        scorer=past_scorer(),
        epochs=Epochs(repeats, "mean"),
        name="past",
    )


@solver
def triage_case(cases: Mapping[str, Case]) -> Solver:
    """Triage the sample's case; `cases` are by the id of their sample."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        case = cases[str(state.sample_id)]
        report = await _with_triage(lambda triage: triage(case))
        state.output.completion = report.summary
        state.metadata["report"] = report.model_dump(mode="json")
        return state

    return solve


@solver
def look_back(incidents: Mapping[str, PastIncident], minutes: tuple[float, ...]) -> Solver:
    """Triage the sample's incident at every cut-off.

    Args:
        incidents: by the id of their sample.
        minutes: after the alert.
    """

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        incident = incidents[str(state.sample_id)]
        result = await _with_triage(lambda triage: run_past([incident], triage, minutes=minutes))
        (found,) = result.cases
        state.output.completion = str(found.details.get("summary", ""))
        state.metadata["case"] = found.model_dump(mode="json")
        return state

    return solve


async def _with_triage(work: Any) -> Any:
    """Do something with a triage, off the event loop; Inspect's model takes part unless it is none.

    Raises:
        Unanswered: the model did not answer; Inspect counts the sample as an error.
    """
    model = get_model()
    settings = load_settings()
    async with BlockingPortal() as portal:
        transports = []
        if str(model) not in _NO_MODEL:
            transports.append(InspectTransport(model, portal, _endpoint(settings, str(model))))

        def in_thread() -> Any:
            with triage_over(settings, transports) as triage:
                return work(triage)

        return await anyio.to_thread.run_sync(in_thread)


def _endpoint(settings: Settings, model: str) -> Endpoint:
    """A configured endpoint of that name lends its region, terms and prices; else nothing is known of it."""
    for each in settings.models.endpoints:
        if model in (each.name, each.model):
            return Endpoint(
                name=_ENDPOINT,
                model=model,
                region=each.region,
                context_tokens=each.context_tokens,
                abilities=each.abilities - {"stream"},
                is_self_hosted=each.is_self_hosted,
                provider=each.provider or "unknown",
                terms=each.terms,
            )
    return Endpoint(name=_ENDPOINT, model=model, abilities=frozenset({"tools", "json"}))


@metric
def figures() -> Any:
    """The mean of each of the suite's metrics, over the samples to which it applies."""

    def compute(scores: list[SampleScore]) -> dict[str, float]:
        values: dict[str, list[float]] = {}
        for each in scores:
            for name, value in (each.score.metadata or {}).get("figures", {}).items():
                values.setdefault(name, []).append(float(value))
        return {name: fmean(found) for name, found in values.items()}

    return compute


@scorer(metrics=[figures()])
def rca_scorer() -> Scorer:
    """The metrics of the suite `rca`; the sample's own value is the first that applies."""
    return _grading(lambda truth, report: score(truth, answer_of(report)))


@scorer(metrics=[figures()])
def world_scorer() -> Scorer:
    """The metrics of the suite `world`."""
    return _grading(lambda truth, report: score_world(truth, answer_of(report)))


@scorer(metrics=[figures()])
def changes_scorer() -> Scorer:
    """The metrics of the suite `changes`."""
    return _grading(lambda truth, report: score_changes(truth, named_by(report)))


def _grading(figures_of: Callable[[Truth, TriageReport], Mapping[str, float]]) -> Scorer:
    async def grade(state: TaskState, target: Target) -> Score:
        truth = Truth.model_validate_json(target.text)
        report = TriageReport.model_validate(state.metadata["report"])
        details = {"truth": truth.model_dump(mode="json"), "verdict": report.verdict, **shown(report)}
        details["ranking"] = list(answer_of(report).entities[:5])
        return _graded(CaseScore(id=str(state.sample_id), metrics=dict(figures_of(truth, report)), details=details))

    return grade


@scorer(metrics=[figures()])
def past_scorer() -> Scorer:
    """The metrics of the suite `past`."""

    async def grade(state: TaskState, target: Target) -> Score:
        return _graded(CaseScore.model_validate(state.metadata["case"]))

    return grade


def _graded(case: CaseScore) -> Score:
    if not case.metrics:
        raise InputError("no metric applies to the case", remedy="mend its label")
    return Score(
        value=next(iter(case.metrics.values())),
        answer=", ".join(map(str, case.details.get("ranking", ()))),
        explanation=" ".join(explained(case)),
        metadata={"figures": dict(case.metrics)},
    )


def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="opswarden-inspect-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder / "cases"


def _cases(folder: Path, data: str, sandbox: int, seed: int) -> tuple[Case, ...]:
    if bool(data) == bool(sandbox):
        raise InputError("say what to measure on", remedy="give either -T data=DIR or -T sandbox=N")
    if data:
        from ...evals.suites.data import resolve_cases  # noqa: PLC0415 - the importers are not needed for a sandbox

        return resolve_cases(Path(data), folder)[0]
    from ...evals.worlds.spec import WorldSpec  # noqa: PLC0415 - the world is not needed for imported cases
    from ...evals.worlds.world import write_cases  # noqa: PLC0415 - the same

    template = WorldSpec(seed=0, log_lines=8_000, spans=2_000, series=400)
    return write_cases(folder, n=sandbox, seed=_SANDBOX_SEED + seed, template=template)
