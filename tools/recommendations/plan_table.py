"""A plan as a table and back: the artifact that the book is written from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, get_args

import pyarrow as pa
from pydantic import BaseModel, ValidationError

from ...core.errors import ToolRetry
from .lifecycle import OwnMove, Standing
from .plan import Kept, Plan
from .types import Held, Recommendation

SCHEMA = pa.schema([("part", pa.string()), ("key", pa.string()), ("body", pa.string())])
MOST_ROWS = 300_000
_OWN_MOVES: Mapping[str, OwnMove] = {name: name for name in get_args(OwnMove)}


def plan_as_table(plan: Plan, sums: Mapping[str, Any]) -> pa.Table:
    """Every part of a plan, and the sums that next week's is compared with."""
    rows: list[tuple[str, str, str]] = [("sums", "", json.dumps(dict(sums)))]
    rows += [("offered", each.id, _text(each)) for each in plan.offered]
    rows += [("under_way", each.standing.id, _text(each.recommendation)) for each in plan.under_way]
    rows += [("held", "", _text(each)) for each in plan.held]
    rows += [("move", name, move) for name, move in plan.moves.items()]
    rows += [("standing", name, _text(each)) for name, each in plan.standings.items()]
    columns = list(zip(*rows, strict=True))
    return pa.table(dict(zip(SCHEMA.names, columns, strict=True)), schema=SCHEMA)


def plan_from_table(table: pa.Table) -> tuple[Plan, dict[str, Any]]:
    """What `plan_as_table` made a table of.

    Raises:
        ToolRetry: it is another table, too long, or of another version.
    """
    if table.schema.names != SCHEMA.names or table.num_rows > MOST_ROWS:
        raise ToolRetry("this artifact is no plan", remedy="name the artifact of `recommendations.plan`")
    parts: dict[str, list[tuple[str, str]]] = {}
    for part, key, body in zip(*(table[name].to_pylist() for name in SCHEMA.names), strict=True):
        parts.setdefault(part, []).append((key, body))
    try:
        standings = {key: Standing.model_validate_json(body) for key, body in parts.get("standing", ())}
        under_way = tuple(
            Kept(standings[key], Recommendation.model_validate_json(body)) for key, body in parts.get("under_way", ())
        )
        plan = Plan(
            offered=tuple(Recommendation.model_validate_json(body) for _, body in parts.get("offered", ())),
            under_way=under_way,
            held=tuple(Held.model_validate_json(body) for _, body in parts.get("held", ())),
            moves={key: _OWN_MOVES[body] for key, body in parts.get("move", ())},
            standings=standings,
        )
        return plan, dict(json.loads(parts["sums"][0][1]))
    except (ValidationError, KeyError, ValueError) as error:
        raise ToolRetry("an artifact of a plan cannot be read", remedy="make the plan again") from error


def _text(model: BaseModel) -> str:
    return model.model_dump_json()
