"""`opswarden eval run drift`."""

from __future__ import annotations

import click

from ...core.errors import InputError
from ...evals.suite import Suite, SuiteResult
from ...evals.suites.drift import run_drift
from ...evals.table import error_rows
from .console import counted, note
from .eval_made import show_figures
from .eval_request import Request, SuiteCommand

_MODELS = 20


def _run(request: Request) -> SuiteResult:
    if request.model is not None:
        raise InputError("the suite 'drift' takes no --model", remedy="leave it out")
    with counted(request.suite.name, quiet=request.quiet) as progress:
        return run_drift(
            request.data,
            sandbox=request.sandbox or _MODELS,
            seed=request.seed,
            limit=request.limit,
            progress=progress,
        )


def _show(suite: Suite, result: SuiteResult) -> None:
    for case in result.cases:
        if case.details.get("hurt"):
            said = f"realised {case.details['realised']:.4f}, expected {case.details['expected']:.4f}"
            click.echo(f"  {case.id} hurt: {said}; alarms: {', '.join(case.details['alarms']) or 'none'}")
    click.echo()
    show_figures(suite, result, "windows")
    for case_id, reason in error_rows(result):
        note(f"error: {case_id}: {reason}")


COMMAND = SuiteCommand(_run, _show, by_itself={"sandbox": _MODELS})
"""What `eval run` and `eval all` do with it."""
