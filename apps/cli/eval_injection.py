"""`opswarden eval run injection`."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import click

from ...core.errors import InputError
from ...evals.suite import Suite, SuiteResult
from ...evals.suites.injection import APPROVALS_PER_TASK, run_injection, stopped_at
from ...evals.suites.injection_replay import QUESTIONS, run_replay
from ...evals.table import estimate_text
from ..evaluation.injection import run_batches
from ..settings import Settings, load_settings
from .console import counted, note
from .eval_request import Request, SuiteCommand
from .eval_tail import show_tail

_MOST_PROCESSES = 4


def _run(request: Request) -> SuiteResult:
    if request.sandbox is not None or request.model is not None:
        raise InputError(
            "the suite 'injection' takes neither --sandbox nor --model",
            remedy="it brings its incident, its attacks and a scripted model; give --limit, --seed, or --data",
        )
    settings = load_settings()
    if request.data is not None:
        return _replay(request, request.data, settings)
    processes = min(_MOST_PROCESSES, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1)
    with counted(request.suite.name, quiet=request.quiet) as progress:
        return run_injection(
            partial(run_batches, settings, processes=processes),
            seed=request.seed,
            limit=request.limit,
            progress=progress,
        )


def _replay(request: Request, data: Path, settings: Settings) -> SuiteResult:
    """Recorded attacks and tasks instead of our own."""
    from ...evals.attacks.recorded import find  # noqa: PLC0415 - only with --data
    from ...redaction.settings import redaction_of  # noqa: PLC0415 - the same
    from ..packages import load_packages  # noqa: PLC0415 - the same

    found = find(data)
    redaction = redaction_of(settings.redaction, load_packages(settings.packages).recognizers)
    note(f"replaying {found.name}")
    with counted(request.suite.name, quiet=request.quiet) as progress:
        return run_replay(found, redaction, seed=request.seed, limit=request.limit, progress=progress)


def _show(suite: Suite, result: SuiteResult) -> None:
    names = [*(metric.name for metric in suite.metrics), APPROVALS_PER_TASK, QUESTIONS]
    width = max(map(len, names)) + 2
    for name in names:
        found = result.metrics.get(name)
        if found is None:
            continue
        beside = "  ".join(f"{other} {row[name].value:.2f}" for other, row in result.baseline.items() if name in row)
        click.echo(f"  {name:{width}}{estimate_text(found)}  n={found.n:<4} {beside}".rstrip())
    if QUESTIONS not in result.metrics:
        _show_layers(result)
    for case in result.cases:
        if case.metrics.get("effect_without_leave") or case.metrics.get("secret_out"):
            note(f"got through: {case.id}")
    show_tail(result)


def _show_layers(result: SuiteResult) -> None:
    layers, codes = stopped_at(result)
    width = max(map(len, (*layers, *codes)), default=0) + 2
    click.echo(f"\nwhere {sum(layers.values())} calls of the attacks ended")
    for name, count in layers.items():
        click.echo(f"  {name:{width}}{count}")
    click.echo("\ncodes of the gate")
    for name, count in codes.items():
        click.echo(f"  {name:{width}}{count}")


COMMAND = SuiteCommand(_run, _show)
