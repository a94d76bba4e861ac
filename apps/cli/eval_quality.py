"""`opswarden eval run quality`."""

from __future__ import annotations

import click

from ...evals.suite import Suite, SuiteResult
from ...evals.suites.quality import run_quality
from .eval_made import made, show_figures


def _show(suite: Suite, result: SuiteResult) -> None:
    for case in result.cases:
        if case.metrics.get("named") == 0 or case.metrics.get("false_alarm") == 1:
            click.echo(f"  {case.id}: {case.details['found']}")
    show_figures(suite, result, "days")


COMMAND = made(run_quality, "tables", 20, _show)
"""What `eval run` and `eval all` do with it."""
