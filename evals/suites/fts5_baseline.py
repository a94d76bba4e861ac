"""BM25 of SQLite's FTS5 as anybody would set it up: Porter's stems, the title three times, words of the query or-ed."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from pathlib import PurePosixPath

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[^\W_]+")


def plain_words(text: str) -> list[str]:
    """Words, of `NodeDiskFull` its parts."""
    return _WORD.findall(_HUMP.sub(" ", text))


class PlainFts5:
    """An index of pages.

    Args:
        pages: text by name.
        has_titles: whether the name of the file counts as the title.
    """

    def __init__(self, pages: Mapping[str, str], *, has_titles: bool) -> None:
        self._connection = sqlite3.connect(":memory:")
        self._connection.execute(
            "CREATE VIRTUAL TABLE page USING fts5 (name UNINDEXED, title, body, tokenize = porter)"
        )
        rows = (
            (name, " ".join(plain_words(PurePosixPath(name).stem)) if has_titles else "", " ".join(plain_words(text)))
            for name, text in pages.items()
        )
        self._connection.executemany("INSERT INTO page VALUES (?, ?, ?)", rows)

    def find(self, text: str, limit: int) -> list[str]:
        """Names of the best pages, best first."""
        words = list(dict.fromkeys(plain_words(text)))
        if not words:
            return []
        match = " OR ".join(f'"{word}"' for word in words)
        sql = "SELECT name FROM page WHERE page MATCH ? ORDER BY bm25(page, 0, 3, 1) LIMIT ?"
        return [row[0] for row in self._connection.execute(sql, (match, limit))]

    def close(self) -> None:
        """Let go of the memory."""
        self._connection.close()
