"""Spellings of levels, and words of failure."""

from __future__ import annotations

import pytest

from opswarden.tools.logs.levels import SPELLINGS, level_of, speaks_of_trouble


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("ERROR", "error"),
        (" err ", "error"),
        ("Fatal", "error"),
        ("SEVERE", "error"),
        ("warn", "warning"),
        ("W", "warning"),
        ("notice", "info"),
        ("TRACE", "debug"),
        ("", "unknown"),
        (None, "unknown"),
        ("loud", "unknown"),
    ],
)
def test_levels(text: str | None, level: str) -> None:
    assert level_of(text) == level


def test_no_spelling_means_two_levels() -> None:
    spellings = [spelling for group in SPELLINGS.values() for spelling in group]
    assert len(spellings) == len(set(spellings))
    assert all(spelling == spelling.strip().upper() for spelling in spellings)


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        ("connection refused by the mill", True),
        ("Read timed out", True),
        ("java.lang.OutOfMemoryError: heap", True),
        ("container killed: OOM", True),
        ("could not open the oven", True),
        ("GET / 5xx", True),
        ("the room is ready", False),
        ("order taken", False),
    ],
)
def test_trouble(text: str, trouble: bool) -> None:
    assert speaks_of_trouble(text) is trouble
