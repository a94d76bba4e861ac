"""`runbooks.match`."""

from __future__ import annotations

import pyarrow as pa

from ..spec import AnyTool, Output, Scope, Tool, ToolContext
from ..summary import one_line
from .backends.types import RunbooksBackend
from .match_types import MatchArgs, MatchResult
from .matching import RunbookMatch, match

_LINKS = ("runbook_url", "runbook", "runbook_link", "playbook_url", "playbook")
_LONGEST_LINK = 2_000


def runbook_match_tool(backend: RunbooksBackend) -> AnyTool:
    """The tool over one source of runbooks."""

    def find(args: MatchArgs, context: ToolContext) -> Output[MatchResult]:
        scope = Scope(environment=backend.environment, filters={"alert": args.alert} if args.alert else {})
        links = _links(context.artifacts.read(args.alerts), args.alert) if args.alerts else ()
        runbooks = backend.documents(context.deadline)
        found = match(runbooks, links=links, alert=args.alert or "", words=(*args.entities, *args.indicators))
        if links and (found is None or found.matched_by != "label"):
            return Output("ok", scope, _elsewhere(links[0], len(runbooks)))
        if found is None:
            note = f"no suitable runbook among {len(runbooks)}" if runbooks else "there are no runbooks"
            return Output("no_data", scope, note=note)
        return Output("ok", scope, _result(found, len(runbooks)))

    return Tool(
        name="runbooks.match",
        effect="read",
        description="The runbook for an alert and the step to start with, or that there is no suitable one.",
        args=MatchArgs,
        result=MatchResult,
        run=find,
        environment=backend.environment,
        summary_tokens=400,
    )


def _links(alerts: pa.Table, name: str | None) -> tuple[str, ...]:
    """Runbooks that the labels of the alert name, the entity where it fired being whichever."""
    found: dict[str, None] = {}
    if not {"name", "labels"} <= set(alerts.column_names):
        return ()
    for row in alerts.select(["name", "labels"]).to_pylist():
        if name is None or row["name"] != name:
            continue
        labels = dict(row["labels"] or ())
        for key in _LINKS:
            if (link := labels.get(key)) and len(link) <= _LONGEST_LINK:
                found[link] = None
    return tuple(found)


def _elsewhere(link: str, runbooks: int) -> MatchResult:
    return MatchResult(
        runbooks=runbooks, matched_by="elsewhere", name=one_line(link), title=one_line(link), section="", step=""
    )


def _result(found: RunbookMatch, runbooks: int) -> MatchResult:
    return MatchResult(
        runbooks=runbooks,
        matched_by=found.matched_by,
        name=one_line(found.runbook.name),
        title=one_line(found.runbook.title),
        section=one_line(found.section.heading) if found.section else "",
        step=one_line(found.step),
    )
