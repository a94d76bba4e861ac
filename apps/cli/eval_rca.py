"""`opswarden eval run rca`."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...core.errors import InputError
from ...evals.sampling import sample
from ...evals.suite import Suite, SuiteResult
from ...evals.suites.rca import run_rca
from ...evals.table import baseline_names, estimate_text, score_rows
from ..evaluation.triages import triage_of_cases
from ..settings import load_settings
from .console import counted, note, steps
from .eval_request import Request, SuiteCommand
from .eval_tail import show_tail

if TYPE_CHECKING:
    from ...evals.cases import Case

_SANDBOX_CASES = 34
"""Every fault of the sandbox twice."""
_SANDBOX_SEED = 20_000
"""Far from the seeds of the demonstration, so that it is never measured on what was looked at."""


def _run(request: Request) -> SuiteResult:
    if (request.data is None) == (request.sandbox is None):
        raise InputError("say what to measure on", remedy="give either --data DIR or --sandbox N")
    settings = load_settings()
    with tempfile.TemporaryDirectory(prefix="opswarden-cases-") as folder:
        cases, description = labelled_cases(request, Path(folder) / "cases")
        note(description)
        incidents = sample(cases, request.limit, request.seed)
        if request.quiet_time:
            cases += _quiet(incidents, Path(folder) / "quiet")
        if request.moved_start:
            cases += _moved(incidents, Path(folder) / "moved")
        with (
            triage_of_cases(settings, (request.model,) if request.model else ()) as triage,
            counted(request.suite.name, quiet=request.quiet) as progress,
        ):
            return run_rca(
                cases,
                triage,
                seed=request.seed,
                limit=request.limit,
                progress=progress,
                repeats=request.answers,
                drawn=request.drawn,
                more_cost=triage.on_the_road,
            )


def labelled_cases(request: Request, folder: Path) -> tuple[tuple[Case, ...], str]:
    """The cases that were asked for, and a text that says what they are; `folder` is where they are made."""
    if request.data is not None:
        from ...evals.suites.data import resolve_cases  # noqa: PLC0415 - the importers are not needed for a sandbox

        with counted("reading cases", quiet=request.quiet) as progress:
            return resolve_cases(request.data, folder, progress=progress)
    from ...evals.worlds.spec import WorldSpec  # noqa: PLC0415 - the world is not needed for imported cases
    from ...evals.worlds.world import write_cases  # noqa: PLC0415 - the same

    count, seed = request.sandbox or 1, _SANDBOX_SEED + request.seed
    template = WorldSpec(seed=0, log_lines=8_000, spans=2_000, series=400)
    with steps("making sandbox incidents", quiet=request.quiet) as on_step:
        cases = write_cases(folder, n=count, seed=seed, template=template, progress=lambda text, _share: on_step(text))
    return cases, f"sandbox: {count} synthetic incidents, seed {seed}"


def _quiet(cases: tuple[Case, ...], folder: Path) -> tuple[Case, ...]:
    from ...evals.cutting import quiet_cases  # noqa: PLC0415 - only where they are asked for

    found, without = quiet_cases(cases, folder)
    short = f"; {without} have no baseline of three times their window" if without else ""
    note(f"quiet time before {len(found)} of {len(cases)} incidents{short}")
    return found


def _moved(cases: tuple[Case, ...], folder: Path) -> tuple[Case, ...]:
    from ...evals.cutting import moved_cases  # noqa: PLC0415 - only where they are asked for

    found = moved_cases(cases, folder)
    note(f"start told two minutes off: {len(found)} cases of {len(cases)} incidents")
    return found


def _show(suite: Suite, result: SuiteResult) -> None:
    names = baseline_names(result)
    part = ""
    for row in score_rows(suite, result, with_sub_sets=False):
        if row.part != part:
            part = row.part
            click.echo(f"\n{part}: {row.n} cases, {row.errors} errors")
        if row.ours is None:
            click.echo(f"  {row.metric.name:15} no figure")
            continue
        others = ((name, row.baselines.get(name)) for name in names)
        beside = "  ".join(f"{name} {found.value:.2f}" for name, found in others if found is not None)
        click.echo(f"  {row.metric.name:15} {estimate_text(row.ours)}  n={row.ours.n:<4} beside: {beside or 'nothing'}")
    show_tail(result)


COMMAND = SuiteCommand(
    _run,
    _show,
    takes=frozenset({"repeats", "cluster", "quiet-time", "moved-start"}),
    by_itself={"sandbox": _SANDBOX_CASES, "quiet_time": True},
)
