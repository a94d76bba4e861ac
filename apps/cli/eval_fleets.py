"""`opswarden eval run fleets`."""

from __future__ import annotations

import click

from ...core.errors import InputError
from ...evals.suite import GroupResult, Suite, SuiteResult
from ...evals.suites.fleets import CLEAN, run_fleets
from ...evals.table import error_rows, estimate_text
from .console import counted, note
from .eval_request import Request, SuiteCommand

_FLEETS = 10
_CELL = 22
_BASELINES = ("naive", "naive_but_sizes")


def _run(request: Request) -> SuiteResult:
    if request.data is not None or request.model is not None or request.limit is not None:
        raise InputError(
            "the suite 'fleets' takes neither --data nor --model nor --limit", remedy="say how many with --sandbox"
        )
    with counted(request.suite.name, quiet=request.quiet) as progress:
        return run_fleets(request.sandbox or _FLEETS, seed=request.seed, progress=progress)


def _show(suite: Suite, result: SuiteResult) -> None:
    groups = result.groups["fleets"].groups if "fleets" in result.groups else {}
    width = max((len(name) for name in groups), default=0) + 2
    click.echo(f"  {'situation':{width}}{'right':{_CELL}}{'naive':{_CELL}}naive without sizes")
    for name, group in groups.items():
        if name != CLEAN:
            beside = "".join(f"{_beside(group, baseline, 'right'):{_CELL}}" for baseline in _BASELINES)
            click.echo(f"  {name:{width}}{_text(group, 'right'):{_CELL}}{beside}")
    click.echo()
    for metric in suite.metrics:
        found = result.metrics.get(metric.name)
        if found is not None:
            whole = GroupResult(n=result.n, errors=0, metrics={}, baseline=result.baseline)
            beside = "".join(f"{_beside(whole, name, metric.name):{_CELL}}" for name in _BASELINES)
            click.echo(f"  {metric.name:{width}}{estimate_text(found):{_CELL}}{beside}n={found.n}")
    for said in result.notes:
        note(said)
    for case_id, reason in error_rows(result):
        note(f"error: {case_id}: {reason}")


def _text(group: GroupResult, metric: str) -> str:
    found = group.metrics.get(metric)
    return estimate_text(found) if found is not None else "-"


def _beside(group: GroupResult, baseline: str, metric: str) -> str:
    found = group.baseline.get(baseline, {}).get(metric)
    return estimate_text(found) if found is not None else "-"


COMMAND = SuiteCommand(_run, _show, by_itself={"sandbox": 3}, takes_limit=False)
