"""The declarations of `logs.search`, `logs.read` and `logs.patterns`."""

from __future__ import annotations

from functools import partial

from ..spec import AnyTool, Tool
from .backends.types import LogsBackend
from .compared import patterns
from .lines import read, search
from .types import PatternsArgs, PatternsResult, ReadArgs, ReadResult, SearchArgs, SearchResult


def logs_tools(backend: LogsBackend) -> tuple[AnyTool, ...]:
    """The log tools over one backend."""
    return (
        Tool(
            name="logs.search",
            effect="read",
            description="Log lines of a time range by entity, plain text and level: how many, the first and the last.",
            args=SearchArgs,
            result=SearchResult,
            run=partial(search, backend),
            environment=backend.environment,
            summary_tokens=1_000,
        ),
        Tool(
            name="logs.read",
            effect="read",
            description="Whole log lines with their attributes and trace, by the ids of logs.search or logs.patterns.",
            args=ReadArgs,
            result=ReadResult,
            run=partial(read, backend),
            environment=backend.environment,
            summary_tokens=1_500,
        ),
        Tool(
            name="logs.patterns",
            effect="read",
            description="Which kinds of log lines are new, surged or vanished in a window, compared with a quiet time.",
            args=PatternsArgs,
            result=PatternsResult,
            run=partial(patterns, backend),
            environment=backend.environment,
            timeout_s=60,
            summary_tokens=1_000,
        ),
    )
