from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from opswarden.policies.ledger.read import Row, as_json, in_full, inert, rows
from opswarden.policies.ledger.types import StoredEntry

TS = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def stored(kind: str, body: dict[str, object], journal_ts: datetime | None = None) -> StoredEntry:
    return StoredEntry(3, TS, kind, "run_a", body, b"\x01" * 32, journal_ts)  # type: ignore[arg-type]  # any JSON


@pytest.mark.parametrize(
    ("entry", "row"),
    [
        (
            stored("call.decided", {"call_id": "c1", "tool": "logs.search", "decision": "allow", "code": "reads"}),
            Row(3, "2026-03-01T12:00:00.000Z", "call.decided", "run_a", "c1", "logs.search", "allow reads"),
        ),
        (
            stored("prompt.outcome", {"call_id": "p1", "endpoint": "local", "status": "ok"}, TS),
            Row(
                3,
                "2026-03-01T12:00:00.000Z",
                "prompt.outcome",
                "run_a",
                "p1",
                "local",
                "ok",
                "2026-03-01T12:00:00.000Z",
            ),
        ),
        (
            stored("run.ended", {"tool": 7, "decision": ["allow"]}),
            Row(3, "2026-03-01T12:00:00.000Z", "run.ended", "run_a", "", "", ""),
        ),
    ],
)
def test_a_row_says_what_about_what(entry: StoredEntry, row: Row) -> None:
    assert rows([entry]) == [row]


def test_an_entry_in_full_is_its_json() -> None:
    entry = stored("call.outcome", {"text": "größer"}, TS)
    assert json.loads(in_full(entry)) == as_json(entry)
    assert as_json(entry)["leaf"] == "01" * 32
    assert "größer" in in_full(entry)


@pytest.mark.parametrize(
    "hostile", ["\x1b[2J", "\x9b31m", "a\rb", "\u202eevil", "\u2028", "\u200b", "\U000e0041", "\x7f", "\x07"]
)
def test_nothing_in_an_entry_steers_a_terminal(hostile: str) -> None:
    entry = stored(f"kind{hostile}", {"tool": f"tool{hostile}", "text": hostile})
    shown = in_full(entry) + repr(rows([entry]))
    assert hostile not in shown
    assert json.loads(in_full(entry).replace("\\U000e0041", "\\udb40\\udc41"))["body"]["text"] == hostile


def test_ordinary_text_stays_as_it_is() -> None:
    assert inert("p99 größer als 3 µs — 日本 🚀") == "p99 größer als 3 µs — 日本 🚀"
