"""`Considered` as a table and back: how an analysis hands its full answer to the plan."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa
from pydantic import ValidationError

from ...core.errors import ToolRetry
from .types import Considered, Held, Recommendation

SCHEMA = pa.schema([("what", pa.string()), ("body", pa.string())])
MOST_ROWS = 100_000


def as_table(considered: Considered) -> pa.Table:
    """One row for each recommendation and for each subject that gets none, as JSON."""
    rows = [("recommendation", each.model_dump_json()) for each in considered.recommendations]
    rows += [("held", each.model_dump_json()) for each in considered.held]
    return pa.table({"what": [row[0] for row in rows], "body": [row[1] for row in rows]}, schema=SCHEMA)


def from_table(table: pa.Table) -> Considered:
    """What `as_table` made a table of.

    Raises:
        ToolRetry: the table is another one, too long, or written by another version.
    """
    if table.schema.names != SCHEMA.names or table.num_rows > MOST_ROWS:
        raise ToolRetry("this artifact is no list of recommendations", remedy="name the artifact of an analysis")
    try:
        pairs = list(zip(table["what"].to_pylist(), table["body"].to_pylist(), strict=True))
        recommendations = tuple(Recommendation.model_validate_json(body) for what, body in pairs if what != "held")
        held = tuple(Held.model_validate_json(body) for what, body in pairs if what == "held")
    except ValidationError as error:
        raise ToolRetry("an artifact of recommendations cannot be read", remedy="run the analysis again") from error
    return Considered(recommendations=recommendations, held=held)


def joined(all_of_them: Iterable[Considered]) -> Considered:
    """Several as one, in order."""
    each = list(all_of_them)
    return Considered(
        recommendations=tuple(one for part in each for one in part.recommendations),
        held=tuple(one for part in each for one in part.held),
    )
