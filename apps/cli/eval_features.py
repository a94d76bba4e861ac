"""`opswarden eval run features`."""

from __future__ import annotations

from ...evals.suites.features import run_features
from .eval_made import made

COMMAND = made(run_features, "views", 5)
"""What `eval run` and `eval all` do with it."""
