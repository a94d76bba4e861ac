"""Templates per entity, with what became of them."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from opswarden.tools.logs import patterns
from opswarden.tools.logs.grouped import BLOCKS, GROUP_COLUMNS, TOTAL_COLUMNS, GroupedLines
from opswarden.tools.logs.patterns import OTHER, PATTERN_COLUMNS, find_patterns
from opswarden.tools.logs.stacktraces import FRAMES

HOURS = 7_200.0
HALF = 1_800.0


def group(masked: str, before: int = 0, after: int = 0, entity: str = "oven", **more: Any) -> dict[str, Any]:
    """A group whose past is spread evenly over the blocks."""
    spread = {f"before_{block}": before // BLOCKS + (block < before % BLOCKS) for block in range(BLOCKS)}
    row = {"entity": entity, "level": "info", "masked": masked, "weight": 1, "after": after, "first_us": 5}
    return row | {"onset_us": 9 if after else None, "example_id": f"id of {masked}"} | spread | more


def grouped(*rows: dict[str, Any], complete: bool = True, totals: list[dict[str, Any]] | None = None) -> GroupedLines:
    sums: dict[str, dict[str, Any]] = {}
    for row in rows:
        entry = sums.setdefault(row["entity"], {"entity": row["entity"], "before": 0, "after": 0})
        entry["before"] += row["weight"] * sum(row[f"before_{block}"] for block in range(BLOCKS))
        entry["after"] += row["weight"] * row["after"]
    return GroupedLines(
        pa.Table.from_pylist(list(rows), schema=GROUP_COLUMNS),
        pa.Table.from_pylist(list(sums.values()) if totals is None else totals, schema=TOTAL_COLUMNS),
        complete,
    )


def found(*rows: dict[str, Any]) -> dict[str, dict[str, Any]]:
    table, complete = find_patterns(grouped(*rows), HOURS, HALF)
    assert complete
    assert table.schema == PATTERN_COLUMNS
    return {f"{row['entity']}: {row['template']}": row for row in table.to_pylist()}


@pytest.mark.parametrize(
    ("before", "after", "kind", "low", "high"),
    [
        (0, 40, "new", 5, 20),
        (0, 1, "new", 1, 3),
        (400, 100, "steady", -0.5, 0.5),
        (400, 120, "steady", 0, 2),
        (400, 600, "surged", 5, 15),
        (4_000, 0, "vanished", -20, -3),
        (4_000, 500, "steady", -3, 0),
        (4, 0, "steady", -3, 0),
    ],
)
def test_kinds_and_scores(before: int, after: int, kind: str, low: float, high: float) -> None:
    row = found(group("bake bread", before, after), group("idle", 800, 200))["oven: bake bread"]
    assert row["kind"] == kind
    assert low <= row["score"] <= high
    assert (row["count_before"], row["count_after"]) == (before, after)
    assert row["rate_before_per_s"] == pytest.approx(before / HOURS)
    assert row["rate_after_per_s"] == pytest.approx(after / HALF)
    assert row["rate_ratio"] == pytest.approx(((after + 0.5) / HALF) / ((before + 0.5) / HOURS))


def test_texts_of_one_template_are_one_pattern_of_each_entity() -> None:
    rows = found(
        group("loaf sold to user ana", 40, 1),
        group("loaf sold to user bo", 40, 2),
        group("loaf sold to user cy", 40, 3, entity="till"),
    )
    assert set(rows) == {"oven: loaf sold to user <*>", "till: loaf sold to user <*>"}
    assert rows["oven: loaf sold to user <*>"]["count_after"] == 3
    assert rows["oven: loaf sold to user <*>"]["example_id"] == "id of loaf sold to user bo"


def test_levels_are_mixed_and_the_usual_one_is_named() -> None:
    rows = found(
        group("bake bread", 8, 5),
        group("bake bread", 0, 7, level="error"),
        group("bake bread", 80, 1, level="debug"),
    )
    row = rows["oven: bake bread"]
    assert dict(row["levels_after"]) == {"info": 5, "error": 7, "debug": 1}
    assert (row["level"], row["errors_before"], row["errors_after"]) == ("error", 0, 7)


def test_without_a_level_words_of_failure_count_as_errors() -> None:
    rows = found(group("mill refused", 0, 4, level="unknown"), group("mill ready", 0, 4, level="unknown"))
    assert rows["oven: mill refused"]["errors_after"] == 4
    assert rows["oven: mill ready"]["errors_after"] == 0


def test_trouble_comes_first() -> None:
    table, _ = find_patterns(
        grouped(group("new guest", 0, 40), group("oven burnt", 0, 40, level="error"), group("idle", 800, 200)),
        HOURS,
        HALF,
    )
    assert table["template"].to_pylist() == ["oven burnt", "new guest", "idle"]


def test_first_and_onset_are_kept_apart() -> None:
    row = found(group("bake bread", 8, 5, first_us=3, onset_us=70), group("bake bread", 8, 5, first_us=4, onset_us=60))
    assert (row["oven: bake bread"]["first_us"], row["oven: bake bread"]["onset_us"]) == (3, 60)
    assert found(group("bake bread", 8, 0))["oven: bake bread"]["onset_us"] is None


def test_sampled_lines_are_weighed_but_not_more_certain() -> None:
    whole = found(group("bake bread", 0, 10))["oven: bake bread"]
    sampled = found(group("bake bread", 0, 10, weight=100))["oven: bake bread"]
    assert (whole["count_after"], sampled["count_after"]) == (10, 1_000)
    assert whole["score"] == sampled["score"]


def test_without_any_past_nothing_is_called_new() -> None:
    assert found(group("bake bread", 0, 10), group("idle", 1, 0, "till"))["oven: bake bread"]["kind"] == "new"
    table, _ = find_patterns(grouped(group("bake bread", 0, 10)), HOURS, HALF)
    assert table["kind"].to_pylist() == [None]
    assert table["score"].to_pylist() == [None]


def test_what_is_left_out_is_counted_as_other() -> None:
    totals = [{"entity": "oven", "before": 100, "after": 50}, {"entity": "till", "before": 7, "after": 0}]
    table, complete = find_patterns(grouped(group("bake bread", 40, 20), complete=False, totals=totals), HOURS, HALF)
    assert not complete
    rest = {row["entity"]: row for row in table.to_pylist() if row["template"] == OTHER}
    assert (rest["oven"]["count_before"], rest["oven"]["count_after"]) == (60, 30)
    assert (rest["till"]["count_before"], rest["till"]["count_after"]) == (7, 0)
    assert rest["oven"]["kind"] is None


def test_the_rarest_texts_go_beyond_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "MAX_TEXTS", 2)
    rows = [group("bake bread", 40, 20), group("sell", 30, 9), group("rare words", 1, 0)]
    table, complete = find_patterns(grouped(*rows), HOURS, HALF)
    assert not complete
    assert set(table["template"].to_pylist()) == {"bake bread", "sell", OTHER}
    assert sum(table["count_before"].to_pylist()) == 71


def test_nothing_is_nothing() -> None:
    table, complete = find_patterns(grouped(), HOURS, HALF)
    assert (table.num_rows, complete) == (0, True)


def test_a_failure_has_its_family_and_frames_are_no_news() -> None:
    rows = found(
        group("mill timed out", 0, 4, level="error"),
        group("door not found", 0, 4),
        group(FRAMES, 0, 90, level="unknown"),
        group("idle", 800, 200, last_us=77),
    )
    assert rows["oven: mill timed out"]["family"] == "timeout"
    assert rows["oven: door not found"]["family"] is None
    assert (rows[f"oven: {FRAMES}"]["kind"], rows[f"oven: {FRAMES}"]["errors_after"]) == (None, 0)
    assert rows["oven: idle"]["last_us"] == 77


def test_one_more_new_kind_where_they_keep_coming_scores_nothing() -> None:
    letters = "abcdefgh"
    late = [group(f"odd {letter * 3} text {letter}{other}", 0, 0, before_6=1) for letter in letters for other in "xy"]
    rows = found(*late, group("yet another odd thing", 0, 1), group("idle", 800, 200))
    assert rows["oven: yet another odd thing"]["kind"] == "new"
    assert rows["oven: yet another odd thing"]["score"] == 0
    assert (
        found(group("yet another odd thing", 0, 1), group("idle", 800, 200))["oven: yet another odd thing"]["score"] > 1
    )
