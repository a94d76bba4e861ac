"""Log lines are an exit like any other: what libraries and we write to the log is scrubbed first."""

from __future__ import annotations

import logging

from ..redaction.engine import Redaction
from ..redaction.log_filter import protect


class _Protected(logging.StreamHandler):  # type: ignore[type-arg]  # the stream's type is of no interest
    """Marks the handler that is ours, so that it is made once."""


def protect_logs(redaction: Redaction) -> None:
    """Send warnings of every library to stderr through redaction, in a process that is ours.

    A host program that has set up logging keeps its handlers; it can protect them with `redaction.log_filter.protect`.
    """
    root = logging.getLogger()
    if any(isinstance(handler, _Protected) for handler in root.handlers):
        return
    handler = _Protected()
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    handler.setLevel(logging.WARNING)
    protect([handler], redaction)
    root.addHandler(handler)
