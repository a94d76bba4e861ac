"""How near pages are to a question by their vectors: one matrix of an index and a model, kept ready.

The matrix is written beside the vectors once none is missing, and read as a whole: asking for 20,000 rows one by one
took most of a search. In a process that searches again it stays in memory, under a name that no other matrix has.
"""

from __future__ import annotations

import secrets
import sqlite3
import threading
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .meaning import MOST_VECTORS

NEAR = 0.15
"""Added to the score of the page that is nearest of all; a page of the middle gets nothing. As much as the page's own
`services` add, and half of what the service catalogue does: what people have connected goes before it."""
_MOST_NUMBERS = 60_000_000
"""In all vectors: a quarter of a gigabyte while they are compared."""
_MOST_KEPT = 20_000_000
"""Numbers that stay in memory between searches; a larger matrix is read again each time."""
_BY_MEANING = 10
"""Pages that may come in by their meaning alone."""


@dataclass(frozen=True)
class Matrix:
    """The vectors of an index's pages by one model.

    Args:
        name: no other matrix has it.
        pages: their numbers in the index, each once, rising.
        starts: where in `rows` those of each page begin; each has one at least.
        rows: for every part of a page with a vector, its row in `numbers`.
        numbers: a row per vector, each of length 1.
    """

    name: str
    pages: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int64]
    numbers: npt.NDArray[np.float32]

    @property
    def length(self) -> int:
        """Of its vectors; 0 without any."""
        return self.numbers.shape[1] if len(self.numbers) else 0

    def added(self, asked: npt.NDArray[np.float32]) -> Mapping[int, float]:
        """What its nearness to a question adds to a page.

        Models differ in how near everything lies to everything; so the nearest page and the mean make the scale.
        """
        if not len(self.pages):
            return {}
        one = (asked / np.linalg.norm(asked.astype(np.float64))).astype(np.float32)
        likeness = np.einsum("ij,j->i", self.numbers, one)  # `@` wakes threads that spin for longer than this takes
        best = np.maximum.reduceat(likeness[self.rows], self.starts)
        mean, highest = float(best.mean()), float(best.max())
        if highest - mean < 1e-6:
            return {}
        nearest = np.argsort(-best, kind="stable")[:_BY_MEANING]
        return {
            int(self.pages[place]): NEAR * max(0.0, (float(best[place]) - mean) / (highest - mean)) for place in nearest
        }


class _Memory:
    """The matrix that was read last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: Matrix | None = None

    def get(self, name: str) -> Matrix | None:
        with self._lock:
            return self._kept if self._kept is not None and self._kept.name == name else None

    def put(self, matrix: Matrix) -> None:
        if matrix.numbers.size <= _MOST_KEPT:
            with self._lock:
                self._kept = matrix

    def clear(self) -> None:
        with self._lock:
            self._kept = None


_MEMORY = _Memory()


def forget_the_matrix() -> None:
    """Give back the memory; the next search reads it again."""
    _MEMORY.clear()


def build(connection: sqlite3.Connection, model: str) -> Matrix:
    """The matrix of what vectors there are now."""
    rows = connection.execute(
        "SELECT digest, numbers FROM vector WHERE model = ? ORDER BY digest LIMIT ?", (model, MOST_VECTORS)
    ).fetchall()
    length = len(rows[0][1]) // 4 if rows else 0
    rows = rows[: _MOST_NUMBERS // max(length, 1)]
    where_is = {digest: number for number, (digest, _) in enumerate(rows)}
    parts = connection.execute("SELECT page, digest FROM part ORDER BY page, place").fetchall()
    known = [(page, where_is[digest]) for page, digest in parts if digest in where_is]
    places, numbers = np.asarray(known, dtype=np.int64).reshape(-1, 2).T
    pages, starts = np.unique(places, return_index=True)
    table = np.frombuffer(b"".join(row[1] for row in rows), dtype="<f4").reshape(len(rows), -1 if rows else 0)
    return Matrix(secrets.token_hex(16), pages, starts, np.ascontiguousarray(numbers), table)


def keep(connection: sqlite3.Connection, model: str) -> Matrix:
    """The same, written down for the next search; in a transaction of the caller's."""
    matrix = build(connection, model)
    (changes,) = connection.execute("SELECT changes FROM meaning").fetchone()
    columns = (matrix.pages, matrix.starts, matrix.rows, matrix.numbers)
    connection.execute("DELETE FROM matrix")
    connection.execute(
        "INSERT INTO matrix VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (model, changes, matrix.name, matrix.length, *(column.tobytes() for column in columns)),
    )
    _MEMORY.put(matrix)
    return matrix


def kept(connection: sqlite3.Connection, model: str) -> Matrix | None:
    """The matrix that was written down; `None` if pages or vectors have changed since."""
    found = connection.execute(
        "SELECT name, length FROM matrix JOIN meaning ON meaning.changes = matrix.changes WHERE model = ?", (model,)
    ).fetchone()
    if found is None:
        return None
    name, length = found
    if (matrix := _MEMORY.get(name)) is not None:
        return matrix
    row = connection.execute("SELECT pages, starts, rows, numbers FROM matrix WHERE name = ?", (name,)).fetchone()
    if row is None:
        return None
    pages, starts, rows = (np.frombuffer(column, dtype="<i8") for column in row[:3])
    numbers = np.frombuffer(row[3], dtype="<f4")
    matrix = Matrix(name, pages, starts, rows, numbers.reshape(-1, length) if length else numbers.reshape(0, 0))
    _MEMORY.put(matrix)
    return matrix
