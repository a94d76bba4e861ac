"""`opswarden eval run features`."""

from __future__ import annotations

from ...core.errors import InputError
from ...evals.suite import SuiteResult
from ...evals.suites.features import run_features
from .console import counted
from .eval_pipelines import show
from .eval_request import Request, SuiteCommand

_VIEWS = 5


def _run(request: Request) -> SuiteResult:
    if request.data is not None or request.model is not None:
        raise InputError("the suite 'features' makes its own views", remedy="leave out --data and --model")
    with counted(request.suite.name, quiet=request.quiet) as progress:
        return run_features(request.sandbox or _VIEWS, seed=request.seed, limit=request.limit, progress=progress)


COMMAND = SuiteCommand(_run, show, by_itself={"sandbox": _VIEWS})
"""What `eval run` and `eval all` do with it."""
