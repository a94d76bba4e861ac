"""`captures.*`: one read of each domain over both windows of an incident, for a capture without a triage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from ..kubernetes.objects import KINDS
from ..spec import AnyTool, DataClass, Output, Result, Scope, Tool, ToolContext
from ..windows import ComparedWindows

_OPERATIONAL: frozenset[DataClass] = frozenset({"operational"})
_EXAMPLES = 40
"""Kinds of log lines of which one line is read; of the others the masked text is kept."""


class ReadResult(Result):
    """How much a system answered."""

    rows: int = Field(ge=0)


def capture_tools(live: Mapping[str, Any]) -> tuple[AnyTool, ...]:
    """A tool for each domain that a live system serves; what is read is kept by the backends themselves."""
    return tuple(_tool(domain, backend) for domain, backend in sorted(live.items()) if domain in _READS)


def _tool(domain: str, backend: Any) -> AnyTool:
    def read(args: ComparedWindows, context: ToolContext) -> Output[ReadResult]:
        rows = _READS[domain](backend, args, context)
        scope = Scope(environment=backend.environment, start=args.baseline_start, end=args.end)
        return Output("ok", scope, ReadResult(rows=rows))

    return Tool(
        name=f"captures.{domain}",
        effect="read",
        description=f"Everything of the domain {domain} in both windows, to be kept as a snapshot.",
        args=ComparedWindows,
        result=ReadResult,
        run=read,
        environment=backend.environment,
        timeout_s=300,
        data_classes=_OPERATIONAL if domain in ("metrics", "topology", "kubernetes") else None,
    )


def _metrics(backend: Any, windows: ComparedWindows, context: ToolContext) -> int:
    found = backend.series(windows.baseline_start, windows.end, context.deadline, entities=windows.entities)
    return len(found.times_us)


def _logs(backend: Any, windows: ComparedWindows, context: ToolContext) -> int:
    counted = backend.grouped(windows, context.deadline).rows
    order = counted.select(["after", "example_id"]).sort_by([("after", "descending")])
    backend.read(order["example_id"].slice(0, _EXAMPLES).to_pylist(), context.deadline)
    return int(counted.num_rows)


def _traces(backend: Any, windows: ComparedWindows, context: ToolContext) -> int:
    return int(backend.spans(windows, context.deadline).rows.num_rows)


def _topology(backend: Any, _windows: ComparedWindows, context: ToolContext) -> int:
    return int(backend.edges(context.deadline).num_rows)


def _changes(backend: Any, windows: ComparedWindows, context: ToolContext) -> int:
    return int(backend.between(windows.baseline_start, windows.end, context.deadline).rows.num_rows)


def _notices(backend: Any, windows: ComparedWindows, context: ToolContext) -> int:
    return int(backend.notices(windows.baseline_start, windows.end, context.deadline).num_rows)


def _alerts(backend: Any, windows: ComparedWindows, context: ToolContext) -> int:
    return int(backend.events(windows.end, context.deadline).num_rows)


def _kubernetes(backend: Any, _windows: ComparedWindows, context: ToolContext) -> int:
    return len(backend.objects(KINDS, context.deadline).objects)


_READS = {
    "metrics": _metrics,
    "logs": _logs,
    "traces": _traces,
    "topology": _topology,
    "changes": _changes,
    "notices": _notices,
    "alerts": _alerts,
    "kubernetes": _kubernetes,
}
