"""`opswarden eval run runbooks`."""

from __future__ import annotations

import click

from ...core.errors import InputError
from ...evals.suite import Suite, SuiteResult
from ...evals.suites.runbooks import run_runbooks
from ...evals.table import error_rows, estimate_text
from .console import counted, note
from .eval_request import Request, SuiteCommand


def _run(request: Request) -> SuiteResult:
    if request.sandbox is not None or request.model is not None:
        raise InputError(
            "the suite 'runbooks' takes neither --sandbox nor --model",
            remedy="give --data, or nothing for invented ones",
        )
    with counted(request.suite.name, quiet=request.quiet) as progress:
        return run_runbooks(
            request.data, seed=request.seed, limit=request.limit, drawn=request.drawn, progress=progress
        )


def _show(suite: Suite, result: SuiteResult) -> None:
    for metric in suite.metrics:
        found = result.metrics.get(metric.name)
        if found is not None:
            rows = ((name, row[metric.name]) for name, row in result.baseline.items() if metric.name in row)
            beside = "  ".join(f"{name} {value.value:.3f}" for name, value in rows)
            click.echo(f"  {metric.name:22}{estimate_text(found)}  n={found.n:<4} beside: {beside or 'nothing'}")
    for group in result.groups.values():
        for name, part in group.groups.items():
            if "recall_1" in part.metrics:
                first, three = part.metrics["recall_1"], part.metrics["recall_3"]
                click.echo(
                    f"    {name:20}recall_1 {estimate_text(first)}  recall_3 {estimate_text(three)}  n={first.n}"
                )
    click.echo(f"\n{result.n} questions scored, {result.errors} errors, seed {result.seed}, version {result.version}")
    for said in result.notes:
        note(said)
    for case_id, reason in error_rows(result):
        note(f"error: {case_id}: {reason}")


COMMAND = SuiteCommand(_run, _show, takes=frozenset({"cluster"}))
