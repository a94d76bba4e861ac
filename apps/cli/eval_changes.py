"""`opswarden eval run changes`."""

from __future__ import annotations

import tempfile
from pathlib import Path

from ...core.errors import InputError
from ...evals.suite import SuiteResult
from ...evals.suites.changes import run_changes
from ..evaluation.triages import triage_of_cases
from ..settings import load_settings
from .console import counted, note
from .eval_rca import COMMAND as RCA
from .eval_rca import labelled_cases
from .eval_request import Request, SuiteCommand


def _run(request: Request) -> SuiteResult:
    if (request.data is None) == (request.sandbox is None):
        raise InputError("say what to measure on", remedy="give either --data DIR or --sandbox N")
    settings = load_settings()
    with tempfile.TemporaryDirectory(prefix="opswarden-cases-") as folder:
        cases, description = labelled_cases(request, Path(folder) / "cases")
        note(description)
        with (
            triage_of_cases(settings, (request.model,) if request.model else ()) as triage,
            counted(request.suite.name, quiet=request.quiet) as progress,
        ):
            return run_changes(cases, triage, seed=request.seed, limit=request.limit, progress=progress)


COMMAND = SuiteCommand(_run, RCA.show)
