"""`runbooks.match`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from ..spec import AnyTool, Output, Scope, Tool, ToolContext
from ..summary import one_line
from .causes import Suspicion, match_cause
from .library import Alert, Matched, RunbookLibrary
from .match_types import MatchArgs, MatchResult
from .meaning import Meaning
from .page import read_page
from .ranking import shown_terms
from .rules import LINKS
from .siblings import purpose

_LONGEST_LINK = 2_000
_MOST_ALSO = 3


def runbook_match_tool(library: RunbookLibrary) -> AnyTool:
    """The tool over the runbooks of an installation."""
    environment = library.backend.environment

    def find(args: MatchArgs, context: ToolContext) -> Output[MatchResult]:
        if args.about == "cause":
            return for_cause(args, context)
        scope = Scope(environment=environment, filters={"alert": args.alert} if args.alert else {})
        rows = list(_alerts(context.artifacts.read(args.alerts), args.alert)) if args.alerts else []
        alert = Alert(
            name=args.alert or "",
            summary=args.summary or next((row["summary"] for row in rows if row["summary"] and args.alert), ""),
            description=args.description or "",
            expression=args.expression or "",
            links=tuple(dict.fromkeys((*args.links, *(link for row in rows for link in _links(row["labels"]))))),
            entities=args.entities,
            words=args.indicators,
            changes=args.changes,
        )
        meaning = Meaning(context.embedder)
        runbooks, found = library.match(alert, context.deadline, meaning)
        if alert.links and (found is None or found.matched_by != "label"):
            return Output("ok", scope, _elsewhere(alert.links[0], runbooks))
        if found is None:
            return _none(scope, runbooks)
        return Output("ok", scope, _result(found, runbooks, alert.texts()), note=meaning.note)

    def for_cause(args: MatchArgs, context: ToolContext) -> Output[MatchResult]:
        entity = next(iter(args.entities), "")
        suspicion = Suspicion(entity, args.signs, args.changes, args.alert or "")
        scope = Scope(environment=environment, filters={"suspect": entity} if entity else {})
        runbooks, found = match_cause(library, suspicion, context.deadline)
        if found is None:
            return _none(scope, runbooks)
        result = _result(found, runbooks, suspicion.texts())
        return Output("ok", scope, result.model_copy(update={"about": "cause", "entity": entity}))

    return Tool(
        name="runbooks.match",
        effect="read",
        description="The runbook for an alert or a suspected cause and where to start, or that none is suitable.",
        args=MatchArgs,
        result=MatchResult,
        run=find,
        environment=environment,
        summary_tokens=500,
    )


def _none(scope: Scope, runbooks: int) -> Output[MatchResult]:
    note = f"no suitable runbook among {runbooks}" if runbooks else "there are no runbooks"
    return Output("no_data", scope, note=note)


def _alerts(alerts: pa.Table, name: str | None) -> Iterator[Mapping[str, Any]]:
    """The alerts of this name, the entity where one fired being whichever; of every name without one."""
    if not {"name", "labels"} <= set(alerts.column_names):
        return
    for row in alerts.to_pylist():
        if name is None or row["name"] == name:
            yield {"labels": dict(row["labels"] or ()), "summary": row.get("summary") or ""}


def _links(labels: Mapping[str, str]) -> Iterator[str]:
    for key in LINKS:
        if (link := labels.get(key)) and len(link) <= _LONGEST_LINK:
            yield link


def _elsewhere(link: str, runbooks: int) -> MatchResult:
    return MatchResult(
        runbooks=runbooks, matched_by="elsewhere", name=one_line(link), title=one_line(link), section="", step=""
    )


def _result(found: Matched, runbooks: int, texts: Sequence[str]) -> MatchResult:
    page = found.page
    read = read_page(page.runbook.name, page.runbook.text)
    by_words = found.matched_by == "words"
    return MatchResult(
        runbooks=runbooks,
        matched_by=found.matched_by,
        name=one_line(page.runbook.name),
        title=one_line(page.runbook.title),
        section=one_line(found.section.heading) if found.section else "",
        step=one_line(found.step),
        shared=one_line(", ".join(shown_terms(page.fit.shared, " ".join((*texts, page.runbook.text)))))
        if by_words
        else "",
        also=tuple(one_line(name) for name in page.also[:_MOST_ALSO]),
        or_else=one_line(found.or_else.title) if found.or_else else "",
        or_else_purpose=one_line(purpose(found.or_else)) if found.or_else else "",
        verified=read.front.last_verified,
        changed=page.changed,
        checked=sum(len(step.blocks) for step in read.steps),
    )
