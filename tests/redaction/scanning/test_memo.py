"""The same text again costs almost nothing, and no text is kept."""

from __future__ import annotations

from collections.abc import Sequence

from opswarden.redaction.engine import Redaction
from opswarden.redaction.memory_vault import MemoryVault
from opswarden.redaction.scanning.memo import Memo
from opswarden.redaction.types import Span


class _Counting:
    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> Sequence[Span]:
        self.calls += 1
        return (Span(0, 1, "SECRET", 1.0),)


def test_the_same_text_is_looked_at_once() -> None:
    memo, find = Memo(), _Counting()
    first = memo.spans("text", None, (), find)
    assert memo.spans("text", None, (), find) == first
    assert find.calls == 1


def test_text_key_and_hidden_ranges_all_count() -> None:
    memo, find = Memo(), _Counting()
    for text, key, hidden in (
        ("text", None, ()),
        ("text", "name", ()),
        ("text", "", ()),
        ("text", None, [(0, 1)]),
        ("text2", None, ()),
    ):
        memo.spans(text, key, hidden, find)
    assert find.calls == 5


def test_the_oldest_is_forgotten() -> None:
    memo, find = Memo(entries=2), _Counting()
    for text in ("a", "b", "c", "a"):
        memo.spans(text, None, (), find)
    assert find.calls == 4
    memo.spans("a", None, (), find)
    assert find.calls == 4


def test_no_text_is_kept() -> None:
    redaction = Redaction()
    redaction.scrub("a canary-4kq7 with mail zoe.quist@example.org")
    found = redaction.__dict__["_memo"].__dict__["_found"]
    assert len(found) > 0
    assert all(isinstance(key, bytes) and len(key) == 16 for key in found)
    assert not any("canary" in repr(spans) or "zoe" in repr(spans) for spans in found.values())


def test_a_name_learned_later_counts_at_once() -> None:
    redaction = Redaction()
    text = "name=Blue Heron"
    assert "Blue Heron" not in redaction.for_run("run_1", vault=MemoryVault()).text(text)
    assert redaction.for_run("run_2", vault=MemoryVault(), known_names=["Blue Heron"]).text(text) == text
