"""What every suite says under its figures: how many, how often, what it cost, and what broke."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .console import note

if TYPE_CHECKING:
    from ...evals.suite import SuiteResult

_SHOWN_ERRORS = 40
_COSTS = (
    ("usd", "{:.4f} USD"),
    ("model_calls", "{:,.0f} requests to a model"),
    ("tokens_in", "{:,.0f} tokens in"),
    ("tokens_out", "{:,.0f} tokens out"),
    ("wall_s", "{:,.1f} s"),
    ("failed_requests", "{:,.0f} failed requests"),
    ("sent_again", "{:,.0f} sent again"),
)


def show_tail(result: SuiteResult) -> None:
    """Counts and costs on stdout, notes and errors on stderr."""
    lost = f" ({result.infrastructure_errors} of them infrastructure)" if result.infrastructure_errors else ""
    click.echo(f"\n{result.n} cases scored, {result.errors} errors{lost}, seed {result.seed}, version {result.version}")
    unit = "case" if result.drawn == "case" else "sub-set as a whole"
    if result.drawn != "case" or result.repeats > 1:
        click.echo(f"intervals take each {unit} as independent")
    if result.repeats > 1:
        missing = f"; {result.lost_repeats} answers are missing" if result.lost_repeats else ""
        spread = ", ".join(f"{name} {value:.2f}" for name, value in result.spread.items())
        click.echo(f"each case was answered {result.repeats} times{missing}")
        click.echo(f"spread between answers to one case (standard deviation): {spread or 'none'}")
    costs = [text.format(result.cost[name]) for name, text in _COSTS if result.cost.get(name)]
    if costs:
        click.echo(f"cost: {', '.join(costs)}")
    for said in result.notes:
        note(said)
    broken = [case for case in result.cases if case.error is not None]
    for case in broken[:_SHOWN_ERRORS]:
        note(f"{'infrastructure' if case.is_infrastructure else 'error'}: {case.id}: {case.error}")
    if len(broken) > _SHOWN_ERRORS:
        note(f"{len(broken) - _SHOWN_ERRORS} more errors stand in the result")
