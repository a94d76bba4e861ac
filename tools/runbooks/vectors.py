"""Vectors of pages beside the index, and how near a question is to each page by its meaning.

A page is cut into a few pieces, each with the page's title. Vectors are kept by the piece's hash and the model's name:
what has one is never sent again, and another model's are made anew. They are written with the index and go with it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...core.errors import BackendError
from ..embedding import Embedder, Vectors
from .documents import Runbook, parse
from .index import RunbookIndex

BATCH = 64
"""Texts in one request."""
BESIDE = 16
"""Pieces of new pages that a search sends along with its question; `opswarden runbook index` makes the others."""
MOST_PIECES = 2
"""What a page is about stands at its beginning: of our own wordings, more pieces found fewer; docs/runbooks.md."""
_PIECE_CHARACTERS = 1_000
_QUESTION_CHARACTERS = 1_000
_MOST_VECTORS = 40_000
_MOST_NUMBERS = 60_000_000
"""In all vectors: a quarter of a gigabyte while they are compared."""
NEAR = 0.15
"""Added to the score of the page that is nearest of all; a page of the middle gets nothing. As much as the page's own
`services` add, and half of what the service catalogue does: what people have connected goes before it."""
_BY_MEANING = 10
"""Pages that may come in by their meaning alone."""
_TABLES = (
    "CREATE TABLE IF NOT EXISTS piece (source TEXT NOT NULL, name TEXT NOT NULL, stamp TEXT NOT NULL, "
    "place INTEGER NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (source, name, stamp, place)) STRICT",
    "CREATE TABLE IF NOT EXISTS vector (digest TEXT NOT NULL, model TEXT NOT NULL, numbers BLOB NOT NULL, "
    "PRIMARY KEY (digest, model)) STRICT",
)
_OWNED = "piece.source = page.source AND piece.name = page.name AND piece.stamp = page.stamp"


@dataclass(frozen=True)
class Piece:
    """A part of a page's text, as it is sent."""

    digest: str
    text: str


@dataclass(frozen=True)
class Made:
    """What bringing the vectors up to date came to, in pieces of pages."""

    made: int
    missing: int


def pieces_of(page: Runbook) -> tuple[Piece, ...]:
    """The first sections that have a text, each with the title of its page."""
    texts = [section for section in page.sections if section.text.strip()][:MOST_PIECES]
    found = [f"{page.title}. {each.heading}\n{each.text.strip()}"[:_PIECE_CHARACTERS] for each in texts]
    return tuple(
        Piece(hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(), text)
        for text in dict.fromkeys(found or [page.title[:_PIECE_CHARACTERS] or page.name])
    )


class PageVectors:
    """The vectors of an index's pages, by one model.

    Args:
        index: up to date.
        embedder: the model.
    """

    def __init__(self, index: RunbookIndex, embedder: Embedder) -> None:
        self._index = index
        self._embedder = embedder
        self._made = 0
        with index.reading() as connection:
            is_new = not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'vector'").fetchone()
        if is_new:
            with index.writing() as connection:
                for table in _TABLES:
                    connection.execute(table)

    def fill(self) -> Made:
        """Make the vectors that are missing, batch by batch; what was made before a failure is kept.

        Raises:
            BackendError: the model makes none, or the index cannot be written.
        """
        self._cut()
        wanted = self._missing()
        for start in range(0, len(wanted), BATCH):
            pieces = self._read(wanted[start : start + BATCH])
            if not pieces:
                continue
            self._keep(pieces, self._embedder.embed([piece.text for piece in pieces]))
            self._made += len(pieces)
        return self.so_far()

    def so_far(self) -> Made:
        """What `fill` has made, and what is missing."""
        owned, have = self._owned()
        return Made(self._made, len({digest for _, digest in owned} - have))

    def near(self, question: str) -> tuple[Mapping[int, float], int]:
        """What its nearness to a question adds to a page, and how many pieces of pages have no vector yet.

        The question and a few pieces of new pages go out together.

        Raises:
            BackendError: as `fill`.
        """
        self._cut()
        missing = self._missing()
        wanted = self._read(missing[:BESIDE])
        asked, *rest = self._embedder.embed([question[:_QUESTION_CHARACTERS], *(piece.text for piece in wanted)])
        if wanted:
            self._keep(wanted, rest)
        return self._added(np.asarray(asked, dtype=np.float32)), len(missing) - len(wanted)

    def _cut(self) -> None:
        """Cut new and changed pages into pieces, and forget those of pages that are gone."""
        with self._index.reading() as connection:
            new = connection.execute(
                "SELECT source, name, stamp, text FROM page WHERE NOT EXISTS "  # noqa: S608 - a constant of ours
                f"(SELECT 1 FROM piece WHERE {_OWNED}) LIMIT {_MOST_VECTORS}"
            ).fetchall()
            gone = connection.execute(
                f"SELECT 1 FROM piece WHERE NOT EXISTS (SELECT 1 FROM page WHERE {_OWNED}) LIMIT 1"  # noqa: S608 - as above
            ).fetchone()
            other = connection.execute("SELECT 1 FROM vector WHERE model <> ? LIMIT 1", (self._model,)).fetchone()
        if not (new or gone or other):
            return
        rows = [
            (source, name, stamp, place, piece.digest)
            for source, name, stamp, text in new
            for place, piece in enumerate(pieces_of(parse(name, text)))
        ]
        with self._index.writing() as connection:
            connection.execute(f"DELETE FROM piece WHERE NOT EXISTS (SELECT 1 FROM page WHERE {_OWNED})")  # noqa: S608 - as above
            connection.executemany("INSERT OR IGNORE INTO piece VALUES (?, ?, ?, ?, ?)", rows)
            connection.execute(
                "DELETE FROM vector WHERE model <> ? OR digest NOT IN (SELECT digest FROM piece)", (self._model,)
            )

    @property
    def _model(self) -> str:
        return self._embedder.model

    def _owned(self) -> tuple[list[tuple[int, str]], set[str]]:
        """The pieces of pages, and what has a vector."""
        with self._index.reading() as connection:
            owned = connection.execute(f"SELECT page.id, piece.digest FROM piece JOIN page ON {_OWNED}").fetchall()  # noqa: S608 - as above
            have = connection.execute("SELECT digest FROM vector WHERE model = ?", (self._model,)).fetchall()
        return owned, {row[0] for row in have}

    def _missing(self) -> list[tuple[int, str]]:
        """Pages and their pieces without a vector, each text once; none beyond what is kept at most."""
        owned, have = self._owned()
        missing = {digest: place for place, digest in reversed(owned) if digest not in have}
        return [(place, digest) for digest, place in reversed(missing.items())][: max(0, _MOST_VECTORS - len(have))]

    def _read(self, wanted: Sequence[tuple[int, str]]) -> list[Piece]:
        with self._index.reading() as connection:
            found = [
                (connection.execute("SELECT name, text FROM page WHERE id = ?", (place,)).fetchone(), digest)
                for place, digest in wanted
            ]
        # Another process may have changed the page meanwhile; its own pieces come next time.
        return [
            piece
            for row, digest in found
            if row is not None
            for piece in pieces_of(parse(*row))
            if piece.digest == digest
        ]

    def _keep(self, pieces: Sequence[Piece], vectors: Vectors) -> None:
        table = np.asarray(vectors, dtype="<f4")
        table /= np.linalg.norm(table.astype(np.float64), axis=1, keepdims=True)
        with self._index.writing() as connection:
            kept = connection.execute("SELECT numbers FROM vector LIMIT 1").fetchone()
            _same_length(len(kept[0]) // 4 if kept else table.shape[1], table.shape[1])
            connection.executemany(
                "INSERT OR IGNORE INTO vector VALUES (?, ?, ?)",
                [(piece.digest, self._model, row.tobytes()) for piece, row in zip(pieces, table, strict=True)],
            )

    def _added(self, asked: npt.NDArray[np.float32]) -> Mapping[int, float]:
        most = min(_MOST_VECTORS, _MOST_NUMBERS // asked.shape[0])
        owned, _ = self._owned()
        with self._index.reading() as connection:
            rows = connection.execute(
                "SELECT digest, numbers FROM vector WHERE model = ? LIMIT ?", (self._model, most)
            ).fetchall()
        if not rows:
            return {}
        _same_length(len(rows[0][1]) // 4, asked.shape[0])
        where_is = {digest: number for number, (digest, _) in enumerate(rows)}
        known = [(place, where_is[digest]) for place, digest in owned if digest in where_is]
        places, numbers = np.asarray(known, dtype=np.int64).reshape(-1, 2).T
        table = np.frombuffer(b"".join(row[1] for row in rows), dtype="<f4").reshape(len(rows), -1)
        likeness = table @ (asked / np.linalg.norm(asked.astype(np.float64))).astype(np.float32)
        pages, where = np.unique(places, return_inverse=True)
        best = np.full(len(pages), -1.0, dtype=np.float32)
        np.maximum.at(best, where, likeness[numbers])
        return _share_of_best(pages.tolist(), best)


def _share_of_best(pages: Sequence[int], best: npt.NDArray[np.float32]) -> dict[int, float]:
    """Models differ in how near everything lies to everything; so the nearest page and the mean make the scale."""
    if not len(best):
        return {}
    mean, highest = float(best.mean()), float(best.max())
    if highest - mean < 1e-6:
        return {}
    nearest = np.argsort(-best, kind="stable")[:_BY_MEANING]
    return {pages[place]: NEAR * max(0.0, (float(best[place]) - mean) / (highest - mean)) for place in nearest}


def _same_length(kept: int, given: int) -> None:
    if kept != given:
        raise BackendError(
            f"the model gives vectors of {given} numbers and those of the pages have {kept}",
            remedy="delete runbooks.sqlite if the model has changed; it is made again",
        )
