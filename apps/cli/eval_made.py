"""What the suites that make their own cases have in common on the command line."""

from __future__ import annotations

from collections.abc import Callable

import click

from ...core.errors import InputError
from ...evals.suite import Suite, SuiteResult
from ...evals.table import estimate_text
from .console import counted
from .eval_request import Request, SuiteCommand


def made(
    run: Callable[..., SuiteResult],
    noun: str,
    count: int,
    show: Callable[[Suite, SuiteResult], None] | None = None,
) -> SuiteCommand:
    """The command of a suite that takes neither data nor a model.

    Args:
        run: the suite, by how many of each kind, `seed`, `limit` and `progress`.
        noun: what it makes, in the plural.
        count: of each kind unless somebody says.
        show: of its result; every case that went wrong and the figures if absent.
    """

    def asked(request: Request) -> SuiteResult:
        if request.data is not None or request.model is not None:
            raise InputError(
                f"the suite {request.suite.name!r} makes its own {noun}", remedy="leave out --data and --model"
            )
        with counted(request.suite.name, quiet=request.quiet) as progress:
            return run(request.sandbox or count, seed=request.seed, limit=request.limit, progress=progress)

    return SuiteCommand(asked, show or show_made, by_itself={"sandbox": count})


def show_made(suite: Suite, result: SuiteResult) -> None:
    """Every case that went wrong, then the figures."""
    wrong = {metric.name: 1.0 if metric.lower_is_better else 0.0 for metric in suite.metrics}
    for case in result.cases:
        if any(case.metrics.get(name) == value for name, value in wrong.items()):
            click.echo(f"  {case.id}: {dict(case.details)}")
    show_figures(suite, result)


def show_figures(suite: Suite, result: SuiteResult, noun: str = "cases") -> None:
    """Each metric with its interval and what stands beside it."""
    for metric in suite.metrics:
        found = result.metrics.get(metric.name)
        if found is not None:
            rows = ((name, row[metric.name]) for name, row in result.baseline.items() if metric.name in row)
            beside = "  ".join(f"{name} {value.value:.3f}" for name, value in rows)
            click.echo(f"  {metric.name:14}{estimate_text(found)}  n={found.n:<4} beside: {beside or 'nothing'}")
    click.echo(f"\n{result.n} {noun} scored, {result.errors} errors, seed {result.seed}, version {result.version}")
