"""`opswarden eval run rollouts`."""

from __future__ import annotations

import click

from ...core.errors import InputError
from ...evals.suite import Suite, SuiteResult
from ...evals.suites.rollouts import run_rollouts
from .console import counted, note
from .eval_request import Request, SuiteCommand


def _run(request: Request) -> SuiteResult:
    if request.data is not None or request.sandbox is not None or request.model is not None:
        raise InputError("the suite 'rollouts' makes its own numbers", remedy="leave out --data, --sandbox and --model")
    with counted(request.suite.name, quiet=request.quiet) as progress:
        return run_rollouts(seed=request.seed, limit=request.limit, progress=progress)


def _show(_suite: Suite, result: SuiteResult) -> None:
    for harm, stop, keep in ((False, "false_alarm", "passes"), (True, "power", "false_pass")):
        names = [name for name, figures in result.baseline.items() if stop in figures]
        click.echo(
            f"{'with harm' if harm else 'without harm':38} {stop + ' (95 %) @look':>28}  {keep:>10}  {'  '.join(names)}"
        )
        for case in result.cases:
            if case.details["harm"] is not harm:
                continue
            group = result.groups["simulated"].groups[case.id]
            figure, looks = group.metrics[stop], case.details["median_look"]
            shown = f"{figure.value:.3f} ({figure.low:.3f}-{figure.high:.3f}) {_at(looks['opswarden']):>4}"
            beside = "  ".join(f"{case.baseline[name][stop]:.3f} {_at(looks[name]):>4}" for name in names)
            click.echo(f"  {case.id:38} {shown:>26}  {case.metrics[keep]:>10.3f}  {beside}")
        click.echo()
    for said in result.notes:
        note(said)


def _at(look: float | None) -> str:
    return "" if look is None else f"@{look:.0f}"


COMMAND = SuiteCommand(_run, _show)
