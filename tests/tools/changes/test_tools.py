"""The change tools as the gate calls them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from opswarden.tools.changes import tools as changes_module
from opswarden.tools.changes.backends.snapshot import SnapshotChanges, SnapshotNotices
from opswarden.tools.changes.backends.types import NOTICE_COLUMNS
from opswarden.tools.changes.symptoms import SYMPTOM_COLUMNS
from opswarden.tools.changes.tools import CHANGE_COLUMNS, changes_tools
from opswarden.tools.changes.types import RecentArgs
from opswarden.tools.logs.backends.snapshot import SnapshotLogs
from opswarden.tools.metrics.backends.snapshot import SnapshotMetrics
from opswarden.tools.snapshots.store import SnapshotStore
from opswarden.tools.spec import AnyTool, Output

from .conformance import HOUR, change

Call = Callable[..., Output[Any]]
Tools = Callable[[list[dict[str, Any]]], tuple[AnyTool, ...]]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def tools(make_store: Callable[..., SnapshotStore]) -> Tools:
    def made(rows: list[dict[str, Any]]) -> tuple[AnyTool, ...]:
        store = make_store(changes=rows)
        return changes_tools(
            SnapshotChanges(store), SnapshotNotices(store), SnapshotMetrics(store), SnapshotLogs(store)
        )

    return made


def test_the_newest_come_first_with_their_distance(call: Call, tools: Tools, start: datetime) -> None:
    rows = [
        change(start - 10 * MINUTE, "before"),
        change(start + 5 * MINUTE, "inside", kind="config", summary="bake\nlonger"),
        change(start - 30 * HOUR, "long ago"),
        change(start + HOUR, "afterwards"),
    ]
    output = call(tools(rows), "changes.recent", start=start, end=start + 30 * MINUTE)
    assert output.status == "ok"
    result = output.summary
    assert (result.changes, result.in_window) == (2, 1)
    assert [(row.id, row.before_start_s, row.kind) for row in result.newest] == [
        ("inside", -300, "config"),
        ("before", 600, "deploy"),
    ]
    assert (result.newest[0].summary, result.newest[0].author) == ("bake longer", "ana")
    assert result.newest[0].ts == start + 5 * MINUTE
    assert [(row.kind, row.count) for row in result.kinds] == [("config", 1), ("deploy", 1)]
    assert output.scope.start == start - 24 * HOUR
    assert output.artifact.schema == CHANGE_COLUMNS
    assert output.artifact["before_start_s"].to_pylist() == [-300.0, 600.0]
    assert output.artifact["attributes"].to_pylist() == [[("version", "2")]] * 2


def test_how_far_to_look_back_can_be_said(call: Call, tools: Tools, start: datetime) -> None:
    made = tools([change(start - 30 * HOUR, "long ago"), change(start - MINUTE, "before")])
    given = {"start": start, "end": start + MINUTE}
    assert call(made, "changes.recent", **given, lookback_s=31 * 86_400).summary.changes == 2
    assert call(made, "changes.recent", **given, lookback_s=60).summary.changes == 1
    none = call(made, "changes.recent", **given, lookback_s=0)
    assert (none.status, none.summary) == ("no_data", None)


def test_of_many_changes_all_are_counted_and_kept(call: Call, tools: Tools, start: datetime) -> None:
    text = "the new recipe takes a little more flour and much more time " * 20
    made = tools([change(start - place * MINUTE, f"c{place}", summary=text) for place in range(200)])
    output = call(made, "changes.recent", start=start, end=start + MINUTE, limit=50)
    assert output.status == "truncated"
    assert output.summary.changes == 200
    assert output.summary.newest[0].id == "c0"
    assert output.artifact.num_rows == 200
    assert output.artifact["summary"].to_pylist()[0] == text


def test_entities_and_kinds_are_echoed(call: Call, tools: Tools, start: datetime) -> None:
    made = tools([change(start, "a"), change(start, "b", kind="flag")])
    given = {"start": start, "end": start + MINUTE, "entities": ["oven"], "kinds": ["Flag", "data"]}
    output = call(made, "changes.recent", **given)
    assert [row.id for row in output.summary.newest] == ["b"]
    assert output.scope.filters == {"entities": "oven", "kinds": "Flag,data"}


def test_the_calendar_has_a_beginning() -> None:
    assert changes_module._earlier(datetime(1, 1, 5, tzinfo=UTC), 31 * 86_400) == datetime(1, 1, 1, tzinfo=UTC)


def test_missing_words_do_no_harm(call: Call, tools: Tools, start: datetime) -> None:
    empty = {"ts": start, "entity": None, "kind": None, "id": None, "summary": None, "author": None}
    output = call(tools([empty]), "changes.recent", start=start, end=start + MINUTE)
    assert (output.summary.newest[0].id, output.summary.kinds[0].kind) == ("", "")


@pytest.mark.parametrize(
    "extra", [{"limit": 51}, {"lookback_s": -1}, {"lookback_s": 31 * 86_400 + 1}, {"kinds": "flag"}]
)
def test_arguments_that_make_no_sense_are_refused(start: datetime, extra: dict[str, Any]) -> None:
    given = {"start": start.isoformat(), "end": (start + MINUTE).isoformat()}
    RecentArgs.model_validate(given)
    with pytest.raises(ValidationError):
        RecentArgs.model_validate(given | extra)


def all_tools(store: SnapshotStore) -> tuple[AnyTool, ...]:
    return changes_tools(SnapshotChanges(store), SnapshotNotices(store), SnapshotMetrics(store), SnapshotLogs(store))


def test_notices_of_status_pages_come_before_those_of_a_cluster(
    call: Call, make_store: Callable[..., SnapshotStore], start: datetime
) -> None:
    def notice(minutes: int, kind: str | None, message: str) -> dict[str, Any]:
        at = start + minutes * MINUTE
        return {"ts": at, "entity": "grain", "kind": kind, "reason": "degraded", "message": message, "count": 1}

    store = make_store(
        events=[notice(-90, "status", "long ago"), notice(-5, "Warning", "a pod"), notice(2, "status", "late\ngrain")]
    )
    output = call(all_tools(store), "changes.notices", start=start, end=start + 10 * MINUTE)
    assert (output.summary.notices, output.summary.from_status_pages) == (2, 1)
    assert [row.message for row in output.summary.first] == ["late grain", "a pod"]
    assert output.artifact.schema == NOTICE_COLUMNS
    none = call(all_tools(make_store()), "changes.notices", start=start, end=start + MINUTE)
    assert none.status == "no_data"
    odd = make_store(events=[notice(1, None, "") | {"entity": None, "reason": None, "message": None}])
    assert call(all_tools(odd), "changes.notices", start=start, end=start + 10 * MINUTE).summary.notices == 1


def test_the_words_of_trouble_are_counted(
    call: Call, make_store: Callable[..., SnapshotStore], start: datetime
) -> None:
    def line(minutes: int, body: str) -> dict[str, Any]:
        return {"ts": start + minutes * MINUTE, "entity": "oven", "level": "ERROR", "body": body, "attributes": []}

    store = make_store(logs=[line(-5, "loaf lost")] + [line(1, "sourdough refused")] * 4)
    windows = {"start": start, "end": start + 10 * MINUTE, "baseline_start": start - HOUR, "baseline_end": start}
    output = call(all_tools(store), "changes.symptoms", **windows)
    assert (output.summary.words, output.summary.lines_read) == (2, 5)
    assert output.artifact["word"].to_pylist() == ["refus", "sourd"]
    assert output.artifact.schema == SYMPTOM_COLUMNS
    assert call(all_tools(make_store()), "changes.symptoms", **windows).status == "no_data"


def test_where_a_newer_version_does_worse_is_shown(
    call: Call, make_store: Callable[..., SnapshotStore], start: datetime
) -> None:
    def samples(version: str, first: int, level: float) -> list[dict[str, Any]]:
        return [
            {
                "ts": start + minute * MINUTE, "entity": "oven", "metric": "error_rate", "kind": "gauge",
                "value": level, "unit": None, "labels": [("version", version)],
            }
            for minute in range(first, 10)
        ]  # fmt: skip

    windows = {"start": start, "end": start + 10 * MINUTE, "baseline_start": start - HOUR, "baseline_end": start}
    store = make_store(metrics=samples("7", -60, 0.01) + samples("8", 0, 0.5))
    output = call(all_tools(store), "changes.versions", **windows)
    (pair,) = output.summary.worse
    assert (pair.entity, pair.metric, pair.newer, pair.minutes) == ("oven", "error_rate", "8", 8)
    assert (output.summary.entities_compared, output.summary.entities_with_one_version) == (1, 0)
    alone = call(all_tools(make_store(metrics=samples("7", -60, 0.01))), "changes.versions", **windows)
    assert (alone.summary.entities_compared, alone.summary.worse) == (0, ())
    assert call(all_tools(make_store()), "changes.versions", **windows).status == "no_data"
