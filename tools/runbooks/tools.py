"""`runbooks.search` and `runbooks.read`."""

from __future__ import annotations

import pyarrow as pa

from ...core.tokens import estimate_tokens
from ..spec import AnyTool, Output, Scope, Tool, ToolContext
from ..summary import one_line, paragraphs
from .documents import Runbook, Section
from .index import Indexed
from .library import RunbookLibrary
from .meaning import Meaning
from .page import read_page
from .ranking import shown_terms
from .siblings import alike, purpose
from .types import READ_TOKENS, Hit, ReadArgs, ReadResult, SearchArgs, SearchResult
from .words.languages import page_terms

HIT_COLUMNS = pa.schema(
    [
        ("name", pa.string()),
        ("title", pa.string()),
        ("section", pa.string()),
        ("text", pa.string()),
        ("score", pa.float64()),
    ]
)
"""Columns of the artifact of `runbooks.search`: the best twenty runbooks, best first; `text` is the best section."""

DOCUMENT_COLUMNS = pa.schema([("name", pa.string()), ("title", pa.string()), ("text", pa.string())])
"""Columns of the artifact of `runbooks.read`: one row, the whole document."""

_KEPT_MATCHES = 20
_MOST_ALSO = 3
_SECTION_CHARACTERS = 20_000


def runbooks_tools(library: RunbookLibrary) -> tuple[AnyTool, ...]:
    """The runbook tools over the runbooks of an installation."""
    environment = library.backend.environment

    def find(args: SearchArgs, context: ToolContext) -> Output[SearchResult]:
        scope = Scope(environment=environment, filters={"query": args.query})
        meaning = Meaning(context.embedder)
        pages, matched, best = library.search((args.query,), _KEPT_MATCHES, context.deadline, meaning)
        if not pages:
            return Output("no_data", scope, note="there are no runbooks")
        if not best:
            told = f"none of {pages} runbooks shares a telling word with the query"
            return Output("no_data", scope, note="; ".join(filter(None, (told, meaning.note))))
        shown = best[: args.limit]
        together = alike(shown)
        result = SearchResult(
            runbooks=pages,
            matched=matched,
            suitable=sum(page.fit.is_suitable for page in shown),
            alike=together,
            hits=tuple(_hit(page, args.query, is_alike=place < together > 1) for place, page in enumerate(shown)),
        )
        return Output("ok", scope, result, artifact=_table(best), note=meaning.note)

    def read(args: ReadArgs, context: ToolContext) -> Output[ReadResult]:
        scope = Scope(environment=environment, filters={"name": args.name})
        page = library.index(context.deadline).page(args.name)
        if page is None:
            return Output("no_data", scope, note="no runbook of this name; names match exactly, see runbooks.search")
        found = page.runbook
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
            description="Runbooks about a problem, each with its best section; says when none is suitable.",
            args=SearchArgs,
            result=SearchResult,
            run=find,
            environment=environment,
            summary_tokens=900,
        ),
        Tool(
            name="runbooks.read",
            effect="read",
            description="The text of one runbook.",
            args=ReadArgs,
            result=ReadResult,
            run=read,
            environment=environment,
            summary_tokens=1_800,
            resource=lambda args: args.name,
        ),
    )


def _hit(page: Indexed, query: str, *, is_alike: bool) -> Hit:
    section = best_section(page)
    return Hit(
        name=one_line(page.runbook.name),
        title=one_line(page.runbook.title),
        section=one_line(section.heading),
        snippet=one_line(section.text),
        score=round(page.fit.score, 3),
        is_suitable=page.fit.is_suitable,
        shared=one_line(", ".join(shown_terms(page.fit.shared, f"{query} {page.runbook.text}"))),
        also=tuple(one_line(name) for name in page.also[:_MOST_ALSO]),
        verified=read_page(page.runbook.name, page.runbook.text).front.last_verified,
        changed=page.changed,
        purpose=one_line(purpose(page.runbook)) if is_alike else "",
    )


def best_section(page: Indexed) -> Section:
    """The section that has most of what was asked for; the first of equals."""
    wanted = {term: len(page.fit.shared) - place for place, term in enumerate(page.fit.shared)}
    best, best_score = Section("", ""), -1
    for section in page.runbook.sections:
        if not section.text:
            continue
        terms = set(page_terms(f"{section.heading} {section.text}"[:_SECTION_CHARACTERS], "en"))
        score = sum(weight for term, weight in wanted.items() if term in terms)
        if score > best_score:
            best, best_score = section, score
    return best


def _table(pages: list[Indexed]) -> pa.Table:
    rows = [_row(page.runbook, best_section(page), page.fit.score) for page in pages]
    return pa.Table.from_pylist(rows, schema=HIT_COLUMNS)


def _row(runbook: Runbook, section: Section, score: float) -> dict[str, object]:
    return {
        "name": runbook.name,
        "title": runbook.title,
        "section": section.heading,
        "text": section.text,
        "score": score,
    }
