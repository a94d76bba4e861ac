"""`opswarden eval run finops`."""

from __future__ import annotations

import click

from ...core.errors import InputError
from ...evals.suite import Suite, SuiteResult
from ...evals.suites.finops import run_finops
from ...evals.table import error_rows, estimate_text
from .console import counted, note
from .eval_request import Request, SuiteCommand


def _run(request: Request) -> SuiteResult:
    if request.sandbox is not None or request.model is not None:
        raise InputError("the suite 'finops' takes neither --sandbox nor --model", remedy="give --data with a fleet")
    if request.data is None:
        raise InputError("say what to measure on", remedy="give --data with a fleet, or with a file and its --map-file")
    with counted(request.suite.name, quiet=request.quiet) as progress:
        return run_finops(
            request.data, mapping=request.map_file, seed=request.seed, limit=request.limit, progress=progress
        )


def _show(suite: Suite, result: SuiteResult) -> None:
    for metric in suite.metrics:
        found = result.metrics.get(metric.name)
        if found is not None:
            rows = ((name, row[metric.name]) for name, row in result.baseline.items() if metric.name in row)
            beside = "  ".join(f"{name} {value.value:.3f}" for name, value in rows)
            click.echo(f"  {metric.name:24}{estimate_text(found)}  n={found.n:<4} beside: {beside or 'nothing'}")
    click.echo(f"\n{result.n} workloads scored, {result.errors} errors, seed {result.seed}, version {result.version}")
    for said in result.notes:
        note(said)
    for case_id, reason in error_rows(result):
        note(f"error: {case_id}: {reason}")


COMMAND = SuiteCommand(_run, _show, takes=frozenset({"map-file"}))
