"""`opswarden eval run logs`."""

from __future__ import annotations

import click

from ...core.errors import InputError
from ...evals.suite import Suite, SuiteResult
from ...evals.suites.logs import run_logs
from ...evals.table import error_rows, estimate_text
from .console import counted, note
from .eval_request import Request, SuiteCommand


def _run(request: Request) -> SuiteResult:
    if request.sandbox is not None or request.model is not None:
        raise InputError(
            "the suite 'logs' takes neither --sandbox nor --model", remedy="give --data with a folder of labelled logs"
        )
    if request.data is None:
        raise InputError("say what to measure on", remedy="give --data with a folder of labelled logs")
    with counted(request.suite.name, quiet=request.quiet) as progress:
        return run_logs(request.data, seed=request.seed, limit=request.limit, progress=progress)


def _show(suite: Suite, result: SuiteResult) -> None:
    width = max((len(case.id) for case in result.cases), default=0) + 2
    for case in result.cases:
        if case.error is None:
            beside = "  ".join(f"{name} {row['ga']:.3f} {row['fga']:.3f}" for name, row in case.baseline.items())
            click.echo(f"  {case.id:{width}}ga {case.metrics['ga']:.3f}  fga {case.metrics['fga']:.3f}   {beside}")
    click.echo()
    for metric in suite.metrics:
        found = result.metrics.get(metric.name)
        if found is not None:
            rows = ((name, row[metric.name]) for name, row in result.baseline.items() if metric.name in row)
            beside = "  ".join(f"{name} {value.value:.3f}" for name, value in rows)
            click.echo(f"  {metric.name:{width}}{estimate_text(found)}  n={found.n:<4} beside: {beside or 'nothing'}")
    click.echo(f"\n{result.n} logs scored, {result.errors} errors, seed {result.seed}, version {result.version}")
    for said in result.notes:
        note(said)
    for case_id, reason in error_rows(result):
        note(f"error: {case_id}: {reason}")


COMMAND = SuiteCommand(_run, _show)
