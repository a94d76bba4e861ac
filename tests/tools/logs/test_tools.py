"""`logs.search`, `logs.read` and `logs.patterns` as the gate calls them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from opswarden.tools.logs.backends.snapshot import SnapshotLogs
from opswarden.tools.logs.backends.types import LINE_COLUMNS
from opswarden.tools.logs.patterns import PATTERN_COLUMNS
from opswarden.tools.logs.tools import logs_tools
from opswarden.tools.logs.types import PatternsResult, ReadArgs, ReadResult, SearchArgs, SearchResult
from opswarden.tools.snapshots.store import SnapshotStore
from opswarden.tools.spec import AnyTool, Output, Trust, trust_of

from .conformance import line

Call = Callable[..., Output[Any]]
Tools = Callable[[list[dict[str, Any]]], tuple[AnyTool, ...]]
SECOND = timedelta(seconds=1)


@pytest.fixture
def tools(make_store: Callable[..., SnapshotStore]) -> Tools:
    return lambda rows: logs_tools(SnapshotLogs(make_store(logs=rows)))


def test_search_shows_head_and_tail(call: Call, tools: Tools, start: datetime) -> None:
    made = tools([line(start + place * SECOND, f"loaf {place} is ready") for place in range(100)])
    output = call(made, "logs.search", start=start, end=start + 100 * SECOND, limit=9)
    assert output.status == "truncated"
    assert output.summary.lines_matched == 100
    assert [shown.body for shown in output.summary.lines] == [
        f"loaf {place} is ready" for place in (0, 1, 2, 3, 4, 5, 97, 98, 99)
    ]
    assert "91 more lines" in output.note
    assert output.artifact.num_rows == 100
    assert output.artifact.schema == LINE_COLUMNS
    assert output.summary.lines[0].ts == start


def test_search_is_ok_when_all_is_shown_and_echoes_what_was_asked(call: Call, tools: Tools, start: datetime) -> None:
    made = tools([line(start, "oven hot", level="ERROR"), line(start, "oven cold"), line(start, "x", entity="till")])
    given = {"start": start, "end": start + SECOND, "entities": ["oven"], "contains": "OVEN", "levels": ["error"]}
    output = call(made, "logs.search", **given)
    assert output.status == "ok"
    assert [(shown.body, shown.level) for shown in output.summary.lines] == [("oven hot", "error")]
    assert output.scope.filters == {"entities": "oven", "contains": "OVEN", "levels": "error"}
    assert (output.scope.start, output.scope.end) == (start, start + SECOND)


def test_search_finds_nothing(call: Call, tools: Tools, start: datetime) -> None:
    output = call(tools([line(start, "a")]), "logs.search", start=start, end=start + SECOND, contains="b")
    assert (output.status, output.summary) == ("no_data", None)


def test_fifty_long_lines_stay_small(call: Call, tools: Tools, start: datetime) -> None:
    text = "the oven is hot and the bread is not yet ready so we wait " * 200
    made = tools([line(start + place * SECOND, f"{place} {text}") for place in range(60)])
    output = call(made, "logs.search", start=start, end=start + 60 * SECOND, limit=50)
    assert output.status == "truncated"
    assert 8 < len(output.summary.lines) <= 50
    assert output.summary.lines[-1].body.startswith("59 the oven")


def test_read_gives_the_whole_line(call: Call, tools: Tools, start: datetime) -> None:
    text = "burnt " * 100
    made = tools([line(start, text, attributes=[("shelf", "3"), ("nul", None)], trace_id="t1", span_id="s1")])
    found = call(made, "logs.search", start=start, end=start + SECOND)
    output = call(made, "logs.read", ids=[found.summary.lines[0].id])
    (shown,) = output.summary.lines
    assert shown.body == text.strip()
    assert shown.attributes == {"shelf": "3", "nul": ""}
    assert (shown.trace_id, shown.span_id) == ("t1", "s1")
    assert output.artifact["body"].to_pylist() == [text]
    assert call(made, "logs.read", ids=["777"]).status == "no_data"


def test_patterns_names_what_is_new_and_what_surged(
    call: Call, tools: Tools, start: datetime, windows: dict[str, datetime]
) -> None:
    rows = [line(start + place * 10 * SECOND, f"sold loaf {place} at 10:0{place % 9}") for place in range(-720, 180)]
    rows += [line(start + place * SECOND, f"mill refused: code {place}", level="ERROR") for place in range(300, 340)]
    rows += [line(start + place * 60 * SECOND, f"retry {place}", entity="till") for place in range(-120, 0)]
    rows += [line(start + place * 2 * SECOND, f"retry {place}", entity="till") for place in range(800)]
    output = call(tools(rows), "logs.patterns", **windows)
    assert output.status == "ok"
    result = output.summary
    assert (result.lines_before, result.lines_after) == (840, 1_020)
    assert (result.patterns, result.patterns_new, result.patterns_surged, result.patterns_vanished) == (3, 1, 1, 0)
    new = next(row for row in result.top if row.kind == "new")
    assert (new.entity, new.template, new.level) == ("oven", "mill refused: code <*>", "error")
    assert (new.count_before, new.count_after, new.errors_after) == (0, 40, 40)
    assert new.first_seen == start + 300 * SECOND
    assert new.example == "mill refused: code 300"
    surged = next(row for row in result.top if row.kind == "surged")
    assert (surged.entity, surged.template) == ("till", "retry <*>")
    assert len(result.top) == 2
    assert output.artifact.schema == PATTERN_COLUMNS
    assert output.artifact["example"].null_count == 0


def test_an_example_can_be_read_whole(call: Call, tools: Tools, start: datetime, windows: dict[str, datetime]) -> None:
    made = tools([line(start, "quiet"), line(start - SECOND, "other")])
    output = call(made, "logs.patterns", **windows)
    ids = output.artifact["example_id"].to_pylist()
    assert {shown.body for shown in call(made, "logs.read", ids=ids).summary.lines} == {"quiet", "other"}


def test_patterns_without_a_past_compares_nothing(
    call: Call, tools: Tools, start: datetime, windows: dict[str, datetime]
) -> None:
    output = call(tools([line(start, "burnt", level="ERROR"), line(start, "fine")]), "logs.patterns", **windows)
    assert output.status == "truncated"
    assert "baseline holds no line" in output.note
    assert [(row.template, row.kind, row.score) for row in output.summary.top] == [
        ("burnt", None, None),
        ("fine", None, None),
    ]


def test_patterns_finds_no_line(call: Call, tools: Tools, start: datetime, windows: dict[str, datetime]) -> None:
    made = tools([line(start + timedelta(days=1), "later")])
    assert call(made, "logs.patterns", **windows).status == "no_data"


def test_patterns_narrows_to_entities(call: Call, tools: Tools, start: datetime, windows: dict[str, datetime]) -> None:
    made = tools([line(start, "a b"), line(start, "c d", entity="till"), line(start - SECOND, "e f", entity="till")])
    output = call(made, "logs.patterns", **windows, entities=["till"])
    assert set(output.artifact["entity"].to_pylist()) == {"till"}
    assert output.scope.filters == {"entities": "till"}


def test_text_that_is_no_text_is_survived(
    call: Call, make_folder: Callable[..., Any], start: datetime, windows: dict[str, datetime]
) -> None:
    folder = make_folder(logs=[line(start + place * SECOND, "x") for place in range(-3, 3)])
    path = folder / "logs.parquet"
    table = pq.read_table(path)
    values = [b"bad \xff\xfe 1", b"nul \x00 2", b"\xc3", b"", b"\xed\xa0\x80 half", b"ok 3"]
    offsets = np.cumsum([0] + [len(value) for value in values]).astype(np.int32)
    buffers = [None, pa.py_buffer(offsets.tobytes()), pa.py_buffer(b"".join(values))]
    column = pa.Array.from_buffers(pa.string(), len(values), buffers)
    pq.write_table(table.set_column(3, "body", column).set_column(1, "entity", column), path)
    store = SnapshotStore(folder)
    made = logs_tools(SnapshotLogs(store))
    assert call(made, "logs.patterns", **windows).artifact.num_rows >= 4
    found = call(made, "logs.search", start=windows["baseline_start"], end=windows["end"])
    assert found.summary.lines_matched == 6
    assert all(shown.body.isprintable() for shown in found.summary.lines)
    found.summary.model_dump_json().encode()
    store.close()


def test_a_snapshot_without_logs_has_no_data(
    call: Call, make_store: Callable[..., SnapshotStore], windows: dict[str, datetime]
) -> None:
    made = logs_tools(SnapshotLogs(make_store(metrics=[])))
    assert call(made, "logs.patterns", **windows).status == "no_data"
    assert call(made, "logs.search", start=windows["start"], end=windows["end"]).status == "no_data"
    assert call(made, "logs.read", ids=["0"]).status == "no_data"


@pytest.mark.parametrize(
    "change",
    [{"limit": 51}, {"limit": 0}, {"contains": ""}, {"levels": ["loud"]}, {"entities": "oven"}, {"regex": "."}],
)
def test_arguments_that_make_no_sense_are_refused(start: datetime, change: dict[str, Any]) -> None:
    given = {"start": start.isoformat(), "end": (start + SECOND).isoformat()}
    SearchArgs.model_validate(given)
    with pytest.raises(ValidationError):
        SearchArgs.model_validate(given | change)


def test_ids_are_few() -> None:
    with pytest.raises(ValidationError):
        ReadArgs.model_validate({"ids": []})
    with pytest.raises(ValidationError):
        ReadArgs.model_validate({"ids": [str(place) for place in range(11)]})


@pytest.mark.parametrize("model", [SearchResult, ReadResult, PatternsResult])
def test_no_text_of_the_data_is_trusted(model: type[Any]) -> None:
    text = {"id", "entity", "body", "template", "example", "example_id", "trace_id", "span_id", "attributes{}"}
    trust = trust_of(model)
    found = {name: mark for name, mark in trust.items() if name.rpartition(".")[2] in text}
    assert len(found) >= 3
    assert set(found.values()) == {Trust.OUTSIDE}
    assert Trust.DERIVED not in trust.values()
