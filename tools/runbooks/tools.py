"""`runbooks.search` and `runbooks.read`."""

from __future__ import annotations

import pyarrow as pa

from ...core.tokens import estimate_tokens
from ..spec import AnyTool, Output, Scope, Tool, ToolContext
from ..summary import one_line, paragraphs
from .backends.types import RunbooksBackend
from .bm25 import Match, search
from .types import READ_TOKENS, Hit, ReadArgs, ReadResult, SearchArgs, SearchResult

HIT_COLUMNS = pa.schema(
    [
        ("name", pa.string()),
        ("title", pa.string()),
        ("section", pa.string()),
        ("text", pa.string()),
        ("score", pa.float64()),
    ]
)
"""Columns of the artifact of `runbooks.search`: the best fifty runbooks, best first; `text` is the best section."""

DOCUMENT_COLUMNS = pa.schema([("name", pa.string()), ("title", pa.string()), ("text", pa.string())])
"""Columns of the artifact of `runbooks.read`: one row, the whole document."""

_KEPT_MATCHES = 50


def runbooks_tools(backend: RunbooksBackend) -> tuple[AnyTool, ...]:
    """The runbook tools over one backend."""

    def find(args: SearchArgs, context: ToolContext) -> Output[SearchResult]:
        scope = Scope(environment=backend.environment, filters={"query": args.query})
        documents = backend.documents(context.deadline)
        if not documents:
            return Output("no_data", scope, note="there are no runbooks")
        matched, best = search(documents, args.query, _KEPT_MATCHES)
        if not matched:
            return Output("no_data", scope, note=f"none of {len(documents)} runbooks shares a word with the query")
        result = SearchResult(
            runbooks=len(documents), matched=matched, hits=tuple(_hit(match) for match in best[: args.limit])
        )
        return Output("ok", scope, result, artifact=_table(best))

    def read(args: ReadArgs, context: ToolContext) -> Output[ReadResult]:
        scope = Scope(environment=backend.environment, filters={"name": args.name})
        found = {document.name: document for document in backend.documents(context.deadline)}.get(args.name)
        if found is None:
            return Output("no_data", scope, note="no runbook of this name; names match exactly, see runbooks.search")
        result = ReadResult(
            name=one_line(found.name),
            title=one_line(found.title),
            characters=len(found.text),
            text=paragraphs(found.text),
        )
        artifact = pa.Table.from_pylist(
            [{"name": found.name, "title": found.title, "text": found.text}], DOCUMENT_COLUMNS
        )
        is_whole = estimate_tokens(found.text) <= READ_TOKENS
        note = "" if is_whole else "the middle of the document is left out"
        return Output("ok" if is_whole else "truncated", scope, result, artifact=artifact, note=note)

    return (
        Tool(
            name="runbooks.search",
            effect="read",
            description="Runbooks that fit a problem, each with the section that fits best.",
            args=SearchArgs,
            result=SearchResult,
            run=find,
            environment=backend.environment,
            summary_tokens=900,
        ),
        Tool(
            name="runbooks.read",
            effect="read",
            description="The text of one runbook.",
            args=ReadArgs,
            result=ReadResult,
            run=read,
            environment=backend.environment,
            summary_tokens=1_800,
            resource=lambda args: args.name,
        ),
    )


def _hit(match: Match) -> Hit:
    return Hit(
        name=one_line(match.runbook.name),
        title=one_line(match.runbook.title),
        section=one_line(match.section.heading),
        snippet=one_line(match.section.text),
        score=round(match.score, 2),
    )


def _table(matches: list[Match]) -> pa.Table:
    rows = [
        {
            "name": match.runbook.name,
            "title": match.runbook.title,
            "section": match.section.heading,
            "text": match.section.text,
            "score": match.score,
        }
        for match in matches
    ]
    return pa.Table.from_pylist(rows, schema=HIT_COLUMNS)
