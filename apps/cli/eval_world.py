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
from ..evaluation import triage_of_cases
from ..settings import load_settings
from .console import counted, note, steps
from .eval_request import Request, SuiteCommand
from .eval_tail import show_tail

_SEED = 500_000
"""Far from the seeds of the demonstration and of the suite `rca`."""
_ROUNDS = 2


def _run(request: Request) -> SuiteResult:
    from ...evals.worlds.spec import FAULT_NAMES, WorldSpec  # noqa: PLC0415 - keeps `eval list` light
    from ...evals.worlds.world import write_cases  # noqa: PLC0415 - the same

    if request.data is not None:
        raise InputError(
            "the suite 'world' makes its own incidents", remedy="leave out --data; --sandbox says how many"
        )
    count, seed = request.sandbox or _ROUNDS * len(FAULT_NAMES), _SEED + request.seed
    template = WorldSpec(seed=0, log_lines=8_000, spans=2_000, series=400)
    with tempfile.TemporaryDirectory(prefix="opswarden-world-") as folder:
        with steps("making sandbox incidents", quiet=request.quiet) as on_step:
            cases = write_cases(
                Path(folder) / "world",
                n=count,
                seed=seed,
                template=template,
                progress=lambda text, _share: on_step(text),
            )
        note(f"{count} synthetic incidents, each of {len(FAULT_NAMES)} faults as often as the others, seed {seed}")
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
