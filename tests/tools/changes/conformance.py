"""What every record of changes has to do; `make` fills one with rows and returns it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from opswarden.core.clock import Deadline
from opswarden.tools.changes.backends.types import RECORDED_COLUMNS, ChangesBackend

Make = Callable[[Sequence[dict[str, Any]]], ChangesBackend]
HOUR = timedelta(hours=1)


def change(at: datetime, id: str, entity: str = "oven", kind: str = "deploy", **more: Any) -> dict[str, Any]:
    row = {"ts": at, "id": id, "entity": entity, "kind": kind, "summary": f"summary of {id}", "author": "ana"}
    return row | {"attributes": [("version", "2")]} | more


def check_the_newest_come_first_and_half_open(make: Make, at: datetime, deadline: Deadline) -> None:
    backend = make([change(at + step * HOUR, f"c{step}") for step in (0, 3, -1, 1, 2)])
    found = backend.between(at, at + 3 * HOUR, deadline)
    assert found.rows.schema == RECORDED_COLUMNS
    assert (found.matched, found.rows["id"].to_pylist()) == (3, ["c2", "c1", "c0"])
    assert found.rows.to_pylist()[0]["attributes"] == [("version", "2")]


def check_entities_and_kinds_narrow(make: Make, at: datetime, deadline: Deadline) -> None:
    rows = [
        change(at, "a"),
        change(at, "b", entity="till"),
        change(at, "c", kind="Config"),
        change(at, "d", kind="flag"),
    ]
    backend = make(rows)

    def ids(**narrow: Any) -> list[str]:
        return sorted(backend.between(at, at + HOUR, deadline, **narrow).rows["id"].to_pylist())

    assert ids() == ["a", "b", "c", "d"]
    assert ids(entities=("till", "nobody")) == ["b"]
    assert ids(kinds=("CONFIG", "flag")) == ["c", "d"]
    assert ids(entities=("till",), kinds=("flag",)) == []


def check_nothing_is_nothing(make: Make, at: datetime, deadline: Deadline) -> None:
    found = make([]).between(at, at + HOUR, deadline)
    assert (found.matched, found.rows.num_rows) == (0, 0)


CHECKS = (check_the_newest_come_first_and_half_open, check_entities_and_kinds_narrow, check_nothing_is_nothing)
