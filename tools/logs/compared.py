"""What `logs.patterns` answers: the kinds of lines that changed, each with an example and what it speaks of."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from ..arrow import compute as pc
from ..spec import Output, Scope, ToolContext
from ..summary import first_that_fit, one_line
from ..windows import entity_filter, from_us
from .backends.types import LogsBackend
from .grouped import GroupedLines
from .patterns import OTHER, find_patterns
from .stacktraces import thrown_in
from .types import Pattern, PatternsArgs, PatternsResult

_PATTERN_TOKENS = 900
_WITH_EXAMPLE = 1_000


def patterns(backend: LogsBackend, args: PatternsArgs, context: ToolContext) -> Output[PatternsResult]:
    """Which kinds of lines are new, surged or vanished, with an example of each."""
    found = backend.grouped(args, context.deadline)
    scope = Scope(environment=backend.environment, start=args.start, end=args.end, filters=entity_filter(args.entities))
    lines_before, lines_after = _sum(found.totals, "before"), _sum(found.totals, "after")
    if not lines_before + lines_after:
        return Output("no_data", scope, note="no line lies in the window or its baseline")
    table, complete = find_patterns(found, args.baseline_s, args.length_s)
    table = _with_examples(table, backend, context)
    kinds = dict.fromkeys(("new", "surged", "vanished"), 0)
    kinds.update({row["values"]: row["counts"] for row in pc.value_counts(table["kind"]).to_pylist()})
    changed = table.filter(pc.fill_null(pc.not_equal(table["kind"], "steady"), pc.not_equal(table["template"], OTHER)))
    shown = [_pattern(row) for row in changed.slice(0, args.limit).to_pylist()]
    result = PatternsResult(
        lines_before=lines_before,
        lines_after=lines_after,
        patterns=table.num_rows,
        patterns_new=kinds["new"],
        patterns_surged=kinds["surged"],
        patterns_vanished=kinds["vanished"],
        top=first_that_fit(shown, _PATTERN_TOKENS),
    )
    note = _missing(found, lines_before, complete)
    return Output("truncated" if note else "ok", scope, result, artifact=table, note=note)


def _sum(table: pa.Table, column: str) -> int:
    return int(pc.sum(table[column]).as_py() or 0)


def _with_examples(table: pa.Table, backend: LogsBackend, context: ToolContext) -> pa.Table:
    """Fill in the example of the first thousand patterns, and what their stack traces say."""
    wanted = table["example_id"].slice(0, _WITH_EXAMPLE)
    lines = backend.read([name for name in wanted.to_pylist() if name is not None], context.deadline)
    place = pc.index_in(wanted, lines["id"].combine_chunks())
    examples = pc.take(lines["body"].combine_chunks(), place).to_pylist()
    thrown = [thrown_in(body or "") for body in examples]
    rest = [None] * (table.num_rows - len(examples))
    found = {
        "example": [*examples, *rest],
        "exception": [*(each.exception for each in thrown), *rest],
        "frame": [*(each.frame for each in thrown), *rest],
    }
    for name, values in found.items():
        table = table.set_column(table.schema.get_field_index(name), name, pa.array(values, pa.string()))
    return table


def _pattern(row: dict[str, Any]) -> Pattern:
    return Pattern(
        entity=one_line(row["entity"]),
        template=one_line(row["template"]),
        level=row["level"],
        kind=row["kind"],
        score=None if row["score"] is None else round(row["score"], 1),
        count_before=row["count_before"],
        count_after=row["count_after"],
        errors_after=row["errors_after"],
        family=row["family"],
        thrown=one_line(" in ".join(filter(None, (row["exception"], row["frame"])))) or None,
        first_seen=from_us(row["first_us"]),
        last_seen=from_us(row["last_us"]),
        example_id=row["example_id"],
        example=one_line(row["example"]),
    )


def _missing(found: GroupedLines, lines_before: int, complete: bool) -> str:
    if found.unread:
        return found.unread
    notes = []
    step = pc.max(found.rows["weight"]).as_py() or 1
    if step > 1:
        notes.append(f"counts are estimates from every {step}th line or more")
    if not complete:
        notes.append(f"the rarest texts are counted as {OTHER}")
    if not lines_before:
        notes.append("the baseline holds no line, so nothing is compared")
    return "; ".join(notes)
