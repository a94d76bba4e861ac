"""LangChain's own tracing is a way out past the gate: variables in the environment would switch it on. It stays off."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_outside_tracing() -> Iterator[None]:
    """Run graphs and chat models without sending their states and prompts to LangSmith, whatever the environment says.

    Our own spans go through redaction; see `telemetry.otlp_endpoint`.
    """
    from langsmith import tracing_context  # noqa: PLC0415 - comes with LangChain, only a run needs it

    with tracing_context(enabled=False):
        yield
