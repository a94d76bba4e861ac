"""`opswarden eval run past`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ...core.errors import InputError
from ...evals.past import find_incidents
from ...evals.scoring.reliability import LEAST_POINTS
from ...evals.suite import Suite, SuiteResult
from ...evals.suites.past import MINUTES, run_past
from ...evals.table import estimate_text
from ..evaluation.past import keep_scores, labelled_incidents
from ..evaluation.triages import triage_of_cases
from ..installation import open_installation
from ..settings import load_settings
from .console import counted
from .eval_request import Request, SuiteCommand
from .eval_tail import show_tail

if TYPE_CHECKING:
    from ...evals.past import PastIncident


def _run(request: Request) -> SuiteResult:
    if request.sandbox is not None or request.limit is not None:
        raise InputError(
            "the suite 'past' takes neither --sandbox nor --limit",
            remedy="give --data DIR, or nothing for the labelled incidents of this installation",
        )
    settings = load_settings()
    own = request.data is None
    incidents = _own() if request.data is None else find_incidents(request.data)
    with (
        triage_of_cases(settings, (request.model,) if request.model else ()) as triage,
        counted(request.suite.name, quiet=request.quiet) as progress,
    ):
        result = run_past(
            incidents,
            triage,
            minutes=request.minutes or MINUTES,
            seed=request.seed,
            progress=progress,
            repeats=request.answers,
            drawn=request.drawn,
            more_cost=triage.on_the_road,
        )
    if own and request.model is None:
        # What a report shows beside a score is the statistical score, so a model has no part in the curve.
        with open_installation(settings) as installation:
            kept = keep_scores(installation, result)
        told = (
            "reports now say how often such scores were right here"
            if kept >= LEAST_POINTS
            else f"from {LEAST_POINTS} on, reports say how often such scores were right here"
        )
        result = result.model_copy(update={"notes": (*result.notes, f"{kept} labelled incidents have a score; {told}")})
    return result


def _own() -> tuple[PastIncident, ...]:
    with open_installation() as installation:
        return labelled_incidents(installation)


def _show(_suite: Suite, result: SuiteResult) -> None:
    width = max(map(len, result.metrics), default=0) + 2
    for name, found in result.metrics.items():
        click.echo(f"  {name:{width}}{estimate_text(found)}  n={found.n}")
    for case in result.cases:
        if case.error is None:
            first = case.details.get("minutes_to_first")
            told = "not pointed to" if first is None else f"pointed to {first:g} minutes after the alert"
            click.echo(f"  {case.id}: {told if case.details['truth'].get('causes') else case.details['verdict']}")
    show_tail(result)


COMMAND = SuiteCommand(_run, _show, takes=frozenset({"repeats", "cluster", "minutes"}), takes_limit=False)
