"""`opswarden eval run quality`."""

from __future__ import annotations

import click

from ...core.errors import InputError
from ...evals.suite import Suite, SuiteResult
from ...evals.suites.quality import run_quality
from ...evals.table import estimate_text
from .console import counted
from .eval_request import Request, SuiteCommand

_TABLES = 20


def _run(request: Request) -> SuiteResult:
    if request.data is not None or request.model is not None:
        raise InputError("the suite 'quality' makes its own tables", remedy="leave out --data and --model")
    with counted(request.suite.name, quiet=request.quiet) as progress:
        return run_quality(request.sandbox or _TABLES, seed=request.seed, limit=request.limit, progress=progress)


def _show(suite: Suite, result: SuiteResult) -> None:
    for case in result.cases:
        if case.metrics.get("named") == 0 or case.metrics.get("false_alarm") == 1:
            click.echo(f"  {case.id}: {case.details['found']}")
    for metric in suite.metrics:
        found = result.metrics.get(metric.name)
        if found is not None:
            rows = ((name, row[metric.name]) for name, row in result.baseline.items() if metric.name in row)
            beside = "  ".join(f"{name} {value.value:.3f}" for name, value in rows)
            click.echo(f"  {metric.name:12}{estimate_text(found)}  n={found.n:<4} beside: {beside or 'nothing'}")
    click.echo(f"\n{result.n} days scored, {result.errors} errors, seed {result.seed}, version {result.version}")


COMMAND = SuiteCommand(_run, _show, by_itself={"sandbox": _TABLES})
"""What `eval run` and `eval all` do with it."""
