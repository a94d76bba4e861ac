from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opswarden.apps.reports.cleaning import EMPTY, clean, middle, shown

ANY_TEXT = st.text(st.characters(), max_size=60)  # with surrogates and controls

TABLE = [
    ("plain text stays", "fraud-scorer p95 é 東京", "fraud-scorer p95 é 東京"),
    ("line breaks become one space", "a\r\n\tb\u2028c\x85d", "a b c d"),
    ("an escape sequence loses its escape", "a\x1b[31mred\x9b0m", "a[31mred0m"),
    ("bidi controls go", "user\u202egnp.exe\u2066\u2069\u200f", "usergnp.exe"),
    ("zero width and tag characters go", "pay\u200bments\u2060\ufeff\U000e0041", "payments"),
    ("soft hyphens go", "pay\u00adments", "payments"),
    ("joiners of scripts stay", "می\u200cخواهم 👩\u200d🔬", "می\u200cخواهم 👩\u200d🔬"),
    ("half characters are replaced", "a\ud800b", "a\ufffdb"),
    ("accents do not pile up", "e" + "\u0301" * 40 + "x", "e" + "\u0301" * 3 + "x"),
    ("backspaces cannot rewrite", "denied\b\b\b\b\b\ballowed", "deniedallowed"),
]


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_clean(text: str, expected: str) -> None:
    assert clean(text) == expected


@given(ANY_TEXT)
def test_clean_text_is_one_visible_line_and_stays_as_it_is(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert not any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in cleaned)
    assert not any(unicodedata.bidirectional(character) in _BIDI for character in cleaned)


_BIDI = {"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"}


@given(ANY_TEXT, st.integers(min_value=3, max_value=40))
def test_shown_and_middle_keep_to_their_limit(text: str, limit: int) -> None:
    assert 0 < len(shown(text, limit)) <= limit
    assert len(middle(clean(text), limit)) <= limit


def test_nothing_left_is_a_dash() -> None:
    assert shown("\x00\u200b ") == EMPTY
    assert shown(None) == EMPTY


def test_both_ends_of_a_long_name_survive() -> None:
    assert middle("feature-store-reader-replica-7f9c4d", 20) == "feature-st…ca-7f9c4d"
    assert middle("short", 20) == "short"
