"""`opswarden eval run pipelines`."""

from __future__ import annotations

import click

from ...core.errors import InputError
from ...evals.suite import Suite, SuiteResult
from ...evals.suites.pipelines import run_pipelines
from ...evals.table import estimate_text
from .console import counted
from .eval_request import Request, SuiteCommand

_WORLDS = 10


def _run(request: Request) -> SuiteResult:
    if request.data is not None or request.model is not None:
        raise InputError("the suite 'pipelines' makes its own pipelines", remedy="leave out --data and --model")
    with counted(request.suite.name, quiet=request.quiet) as progress:
        return run_pipelines(request.sandbox or _WORLDS, seed=request.seed, limit=request.limit, progress=progress)


def show(suite: Suite, result: SuiteResult) -> None:
    """Every case that went wrong, then the figures."""
    wrong = {metric.name: 1.0 if metric.lower_is_better else 0.0 for metric in suite.metrics}
    for case in result.cases:
        if any(case.metrics.get(name) == value for name, value in wrong.items()):
            click.echo(f"  {case.id}: {dict(case.details)}")
    for metric in suite.metrics:
        found = result.metrics.get(metric.name)
        if found is not None:
            rows = ((name, row[metric.name]) for name, row in result.baseline.items() if metric.name in row)
            beside = "  ".join(f"{name} {value.value:.3f}" for name, value in rows)
            click.echo(f"  {metric.name:13}{estimate_text(found)}  n={found.n:<4} beside: {beside or 'nothing'}")
    click.echo(f"\n{result.n} cases scored, {result.errors} errors, seed {result.seed}, version {result.version}")


COMMAND = SuiteCommand(_run, show, by_itself={"sandbox": _WORLDS})
"""What `eval run` and `eval all` do with it."""
