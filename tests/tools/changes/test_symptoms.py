from __future__ import annotations

from typing import Any

import pyarrow as pa

from opswarden.tools.changes.symptoms import SYMPTOM_COLUMNS, Lines, words_of_trouble
from opswarden.tools.logs.backends.types import LINE_COLUMNS


def lines(*rows: tuple[str | None, str, dict[str, str]], times: float = 1.0) -> Lines:
    table = pa.Table.from_pylist(
        [
            dict.fromkeys(LINE_COLUMNS.names) | {"level": level, "body": body, "attributes": list(attributes.items())}
            for level, body, attributes in rows
        ],
        LINE_COLUMNS,
    )
    return Lines(table, times)


def found(before: Lines, after: Lines) -> dict[str, dict[str, Any]]:
    table = words_of_trouble(before, after, 600, 600)
    assert table.schema == SYMPTOM_COLUMNS
    return {row["word"]: row for row in table.to_pylist()}


def test_words_of_trouble_are_those_that_were_not_said_before() -> None:
    calm = [("ERROR", "loaf 1 lost", {})] * 4 + [("INFO", "dough ready", {})] * 20
    bad = [("ERROR", "loaf 1 lost", {})] * 4 + [("ERROR", "sourdough refused", {"db.statement": "FROM starters"})] * 6
    words = found(lines(*calm), lines(*bad))
    assert words["sourd"]["weight"] == 1
    assert words["start"]["lines_after"] == 6
    assert "loaf" not in words
    assert "dough" not in words


def test_without_a_line_of_trouble_all_lines_are_read() -> None:
    assert "risin" in found(lines(), lines(("INFO", "rising again", {}), ("INFO", "rising again", {})))


def test_ids_a_single_line_and_nothing_tell_nothing() -> None:
    assert "abcde" not in found(lines(), lines(*[("ERROR", "x", {"trace_id": "abcdef"})] * 3))
    assert found(lines(), lines(("ERROR", "sourdough refused", {}))) == {}
    assert found(lines(), lines()) == {}
    assert found(lines(), lines((None, "", {}), (None, "", {}))) == {}


def test_lines_that_were_left_out_are_counted_for() -> None:
    calm = lines(*[("ERROR", "sourdough refused", {})] * 5, times=10)
    bad = lines(*[("ERROR", "sourdough refused", {})] * 5)
    assert "sourd" not in found(calm, bad)
    assert found(bad, calm)["sourd"]["weight"] == 0.9
