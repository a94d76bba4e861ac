"""`opswarden eval run world`."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from ...core.errors import InputError
from ...evals.scoring.world import SUITE, score_world
from ...evals.suite import Suite, SuiteResult
from ...evals.suites.rca import run_rca
from ...evals.table import estimate_text, score_rows
from ..evaluation.triages import triage_of_cases
from ..settings import load_settings
from .console import counted, note, steps
from .eval_request import Request, SuiteCommand
from .eval_tail import show_tail


def _run(request: Request) -> SuiteResult:
    from ...evals.worlds.unseen import write_unseen  # noqa: PLC0415 - keeps `eval list` light

    if request.data is not None:
        raise InputError(
            "the suite 'world' makes its own incidents", remedy="leave out --data; --sandbox says how many"
        )
    with tempfile.TemporaryDirectory(prefix="opswarden-world-") as folder:
        with steps("making sandbox incidents", quiet=request.quiet) as on_step:
            cases = write_unseen(
                Path(folder) / "world",
                n=request.sandbox,
                seed=request.seed,
                progress=lambda text, _share: on_step(text),
            )
        note(f"{len(cases)} synthetic incidents, every fault as often as the others, seed {request.seed}")
        with (
            triage_of_cases(load_settings(), (request.model,) if request.model else ()) as triage,
            counted(request.suite.name, quiet=request.quiet) as progress,
        ):
            return run_rca(
                cases,
                triage,
                seed=request.seed,
                limit=request.limit,
                progress=progress,
                suite=SUITE,
                scorer=score_world,
                baselines=(),
                group_of=lambda truth: truth.fault,
                repeats=request.answers,
                drawn=request.drawn,
                more_cost=triage.on_the_road,
            )


def _show(suite: Suite, result: SuiteResult) -> None:
    names = [metric.name for metric in suite.metrics]
    click.echo(f"\n{'fault':30} {'n':>3}  {'  '.join(f'{name:>13}' for name in names)}")
    parts: dict[str, dict[str, str]] = {}
    sizes: dict[str, int] = {}
    for row in score_rows(suite, result):
        part = row.part.rpartition(": ")[2]
        sizes[part] = row.n
        if row.ours is not None:
            shown = f"{row.ours.value:.2f}" if row.depth == 2 else estimate_text(row.ours)
            parts.setdefault(part, {})[row.metric.name] = shown
    whole = next(iter(result.groups), "")
    for part in sorted(sizes, key=lambda name: (name == whole, name)):
        if part == whole:
            continue
        cells = "  ".join(f"{parts.get(part, {}).get(name, ''):>13}" for name in names)
        click.echo(f"{part:30} {sizes[part]:>3}  {cells}")
    click.echo("\nall incidents")
    for name in names:
        click.echo(f"  {name:15} {parts.get(whole, {}).get(name, 'no figure')}")
    show_tail(result)


COMMAND = SuiteCommand(_run, _show, takes=frozenset({"repeats", "cluster"}))
