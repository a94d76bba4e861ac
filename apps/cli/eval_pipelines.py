"""`opswarden eval run pipelines`."""

from __future__ import annotations

from ...evals.suites.pipelines import run_pipelines
from .eval_made import made

COMMAND = made(run_pipelines, "pipelines", 10)
"""What `eval run` and `eval all` do with it."""
