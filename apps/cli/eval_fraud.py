"""`opswarden eval run fraud`."""

from __future__ import annotations

from collections import Counter

import click

from ...core.errors import InputError
from ...evals.suite import Suite, SuiteResult
from ...evals.suites.fraud import run_fraud
from .console import counted
from .eval_pipelines import show
from .eval_request import Request, SuiteCommand

_WORLDS = 10


def _run(request: Request) -> SuiteResult:
    if request.data is not None or request.model is not None:
        raise InputError("the suite 'fraud' makes its own payments", remedy="leave out --data and --model")
    with counted(request.suite.name, quiet=request.quiet) as progress:
        return run_fraud(request.sandbox or _WORLDS, seed=request.seed, limit=request.limit, progress=progress)


def _show(suite: Suite, result: SuiteResult) -> None:
    """What was said of each kind, then the cases that went wrong and the figures."""
    said: dict[str, Counter[str]] = {}
    for case in result.cases:
        if "situations" not in case.details:
            continue
        found = case.details["situations"]
        said.setdefault(case.group, Counter())[f"{case.details['verdict']}: {found[0][0] if found else '-'}"] += 1
    for group, counts in said.items():
        click.echo(f"  {group:24}{', '.join(f'{name} {count}' for name, count in counts.most_common())}")
    show(suite, result)


COMMAND = SuiteCommand(_run, _show, by_itself={"sandbox": _WORLDS})
"""What `eval run` and `eval all` do with it."""
