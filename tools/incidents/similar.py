"""`incidents.similar`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

import pyarrow as pa

from ..spec import AnyTool, Output, Scope, Tool, ToolContext
from ..summary import first_that_fit, one_line
from .backends.types import PastReader
from .past import Feature, FeatureKind, Likeness, false_alarms, feature, joined, similar
from .similar_types import Before, Similar, SimilarArgs, SimilarResult

ALIKE_COLUMNS = pa.schema(
    [
        ("id", pa.string()),
        ("source", pa.string()),
        ("title", pa.string()),
        ("similarity", pa.float64()),
        ("cause", pa.string()),
        ("resolution", pa.string()),
        ("shared", pa.list_(pa.string())),
    ]
)
"""Columns of the artifact of `incidents.similar`: a row per incident that is alike."""

_TOKENS = 700
_SHOWN_SHARED = 5
_WORDS: dict[FeatureKind, str] = {
    "alert": "alert",
    "entity": "entity",
    "indicator": "indicator",
    "log": "log pattern",
    "change": "change of kind",
}


def similar_tool(reader: PastReader, environment: str) -> AnyTool:
    """The tool over whatever keeps past incidents."""

    def find(args: SimilarArgs, context: ToolContext) -> Output[SimilarResult]:
        scope = Scope(environment=environment, end=args.before)
        past, wanted = joined(reader.past(context.team, context.deadline)), tuple(_wanted(args))
        compared, alike = similar(wanted, past, before=args.before, limit=args.limit)
        quiet = false_alarms(wanted, past, before=args.before)
        if not compared and not quiet:
            return Output("no_data", scope, note="no past incident is known")
        if not alike and not quiet:
            return Output("no_data", scope, note=f"none of {compared} past incidents is like this one")
        rows = [_row(one) for one in alike]
        shown = first_that_fit(rows, _TOKENS)
        table = pa.Table.from_pylist(
            [{name: getattr(row, name) for name in ALIKE_COLUMNS.names} for row in rows], schema=ALIKE_COLUMNS
        )
        rest = len(rows) - len(shown)
        note = f"{rest} less similar ones are left out" if rest else ""
        before = Before.model_validate(asdict(quiet)) if quiet else None
        result = SimilarResult(compared=compared, alike=shown, false_alarms=before)
        return Output("truncated" if rest else "ok", scope, result, artifact=table, note=note)

    return Tool(
        name="incidents.similar",
        effect="read",
        description="Past incidents of the team that are like this one: what they share, the cause, what solved it; "
        "and how often the same alert came to nothing.",
        args=SimilarArgs,
        result=SimilarResult,
        run=find,
        environment=environment,
        summary_tokens=900,
    )


def _wanted(args: SimilarArgs) -> Iterator[Feature]:
    named: tuple[tuple[FeatureKind, tuple[str, ...]], ...] = (
        ("alert", (args.alert,) if args.alert else ()),
        ("entity", args.entities),
        ("indicator", args.indicators),
        ("log", args.patterns),
        ("change", args.changes),
    )
    for kind, names in named:
        yield from (feature(kind, name) for name in names if name.strip())


def _row(one: Likeness) -> Similar:
    past = one.incident
    return Similar(
        id=one_line(past.id),
        source=past.source,
        at=past.at,
        title=one_line(past.title),
        similarity=round(one.score, 3),
        shared=tuple(one_line(f"{_WORDS[kind]} {text}") for kind, text in one.shared[:_SHOWN_SHARED]),
        cause=one_line(past.cause),
        is_confirmed=past.is_confirmed,
        report_was=past.report_was,
        resolution=one_line(past.resolution),
    )
