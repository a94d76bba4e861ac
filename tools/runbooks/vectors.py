"""Vectors of pages beside the index, and how near a question is to each page by its meaning.

A page is cut into a few pieces, each with the page's title. Vectors are kept by the piece's hash and the model's name:
what has one is never sent again, and another model's are made anew. They are written with the index and go with it.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ...core.errors import BackendError
from ..embedding import Embedder, Vectors
from .documents import Runbook, parse
from .index import RunbookIndex
from .meaning import MOST_VECTORS
from .nearness import Matrix, build, keep, kept

BATCH = 64
"""Texts in one request."""
BESIDE = 16
"""Pieces of new pages that a search sends along with its question; `opswarden runbook index` makes the others."""
MOST_PIECES = 2
"""What a page is about stands at its beginning: of our own wordings, more pieces found fewer; docs/runbooks.md."""
_PIECE_CHARACTERS = 1_000
_QUESTION_CHARACTERS = 1_000
_TABLES = """
DROP TABLE IF EXISTS piece;
CREATE TABLE IF NOT EXISTS vector (digest TEXT NOT NULL, model TEXT NOT NULL, numbers BLOB NOT NULL,
    PRIMARY KEY (digest, model)) STRICT;
CREATE TABLE part (page INTEGER NOT NULL, place INTEGER NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (page, place))
    STRICT, WITHOUT ROWID;
CREATE TABLE matrix (model TEXT PRIMARY KEY, changes INTEGER NOT NULL, name TEXT NOT NULL, length INTEGER NOT NULL,
    pages BLOB NOT NULL, starts BLOB NOT NULL, rows BLOB NOT NULL, numbers BLOB NOT NULL) STRICT;
CREATE TABLE meaning (changes INTEGER NOT NULL, is_of_other_length INTEGER NOT NULL) STRICT;
INSERT INTO meaning VALUES (0, 0);
CREATE TRIGGER page_came AFTER INSERT ON page BEGIN UPDATE meaning SET changes = changes + 1; END;
CREATE TRIGGER page_went AFTER DELETE ON page BEGIN
    DELETE FROM part WHERE page = OLD.id; UPDATE meaning SET changes = changes + 1; END;
"""
"""`meaning` counts changes since the tables were made: of pages, by the triggers in every process, and of vectors."""
_UNCUT = "NOT EXISTS (SELECT 1 FROM part WHERE page = page.id)"


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
            is_new = not _has_tables(connection)
        if is_new:
            with index.writing() as connection:
                # Another process may have made them meanwhile.
                for statement in _statements(_TABLES) if not _has_tables(connection) else ():
                    connection.execute(statement)

    @property
    def _model(self) -> str:
        return self._embedder.model

    def fill(self) -> Made:
        """Make the vectors that are missing, batch by batch; what was made before a failure is kept.

        Where the model has come to give vectors of another length, all are made anew.

        Raises:
            BackendError: the model makes none, or the index cannot be written.
        """
        if self._is_of_other_length():
            self._forget_all()
        self._cut()
        wanted = self._missing()
        while wanted:
            pieces = self._read(wanted[:BATCH])
            vectors = self._embedder.embed([piece.text for piece in pieces]) if pieces else ()
            if vectors and not self._made and len(vectors[0]) != self._length(len(vectors[0])):
                self._forget_all()
                wanted = self._missing()
                continue
            if pieces:
                self._keep(pieces, vectors)
                self._made += len(pieces)
            wanted = wanted[BATCH:]
        if not self._missing():
            self._matrix()
        return self.so_far()

    def so_far(self) -> Made:
        """What `fill` has made, and what is missing."""
        with self._index.reading() as connection:
            (missing,) = connection.execute(
                "SELECT count(DISTINCT digest) FROM part WHERE NOT EXISTS "
                "(SELECT 1 FROM vector WHERE vector.digest = part.digest AND model = ?)",
                (self._model,),
            ).fetchone()
        return Made(self._made, missing)

    def near(self, question: str) -> tuple[Mapping[int, float], int]:
        """What its nearness to a question adds to a page, and how many pieces of pages have no vector yet.

        The question and a few pieces of new pages go out together.

        Raises:
            BackendError: as `fill`.
        """
        with self._index.reading() as connection:
            matrix = kept(connection, self._model)
        missing: list[tuple[int, str]] = []
        if matrix is None:
            self._cut()
            missing = self._missing()
        wanted = self._read(missing[:BESIDE])
        asked, *rest = self._embedder.embed([question[:_QUESTION_CHARACTERS], *(piece.text for piece in wanted)])
        self._same_length(len(asked))
        if wanted:
            self._keep(wanted, rest)
        left = len(missing) - len(wanted)
        if matrix is None and left:
            with self._index.reading() as connection:
                matrix = build(connection, self._model)
        matrix = matrix or self._matrix()
        return matrix.added(np.asarray(asked, dtype=np.float32)), left

    def _matrix(self) -> Matrix:
        """Of all vectors; written down unless it is already, or a page has come that is not cut yet."""
        with self._index.writing() as connection:
            if (matrix := kept(connection, self._model)) is not None:
                return matrix
            uncut = connection.execute(f"SELECT 1 FROM page WHERE {_UNCUT} LIMIT 1").fetchone()  # noqa: S608 - a constant
            return build(connection, self._model) if uncut else keep(connection, self._model)

    def _cut(self) -> None:
        """Cut new and changed pages into pieces, and forget vectors that no page has any more."""
        with self._index.reading() as connection:
            new = connection.execute(
                f"SELECT id, name, stamp, text FROM page WHERE {_UNCUT} LIMIT ?",  # noqa: S608 - a constant
                (MOST_VECTORS,),
            ).fetchall()
            unused = connection.execute(
                "SELECT 1 FROM vector WHERE model <> ? OR digest NOT IN (SELECT digest FROM part) LIMIT 1",
                (self._model,),
            ).fetchone()
        if not (new or unused):
            return
        rows = [
            (page, place, piece.digest, name, stamp)
            for page, name, stamp, text in new
            for place, piece in enumerate(pieces_of(parse(name, text)))
        ]
        with self._index.writing() as connection:
            # Another process may have put another page under the same number meanwhile.
            connection.executemany(
                "INSERT OR IGNORE INTO part SELECT ?1, ?2, ?3 "
                "WHERE EXISTS (SELECT 1 FROM page WHERE id = ?1 AND name = ?4 AND stamp = ?5)",
                rows,
            )
            connection.execute(
                "DELETE FROM vector WHERE model <> ? OR digest NOT IN (SELECT digest FROM part)", (self._model,)
            )
            _changed(connection)

    def _missing(self) -> list[tuple[int, str]]:
        """Pages and their pieces without a vector, each text once; none beyond what is kept at most."""
        with self._index.reading() as connection:
            (have,) = connection.execute("SELECT count(*) FROM vector WHERE model = ?", (self._model,)).fetchone()
            return connection.execute(
                "SELECT min(page), digest FROM part WHERE NOT EXISTS "
                "(SELECT 1 FROM vector WHERE vector.digest = part.digest AND model = ?) "
                "GROUP BY digest ORDER BY min(page), min(place) LIMIT ?",
                (self._model, max(0, MOST_VECTORS - have)),
            ).fetchall()

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
        self._same_length(table.shape[1])
        with self._index.writing() as connection:
            connection.executemany(
                "INSERT OR IGNORE INTO vector VALUES (?, ?, ?)",
                [(piece.digest, self._model, row.tobytes()) for piece, row in zip(pieces, table, strict=True)],
            )
            _changed(connection)

    def _length(self, given: int) -> int:
        """How long the vectors are that are kept; as long as those given where there are none."""
        with self._index.reading() as connection:
            found = connection.execute("SELECT numbers FROM vector WHERE model = ? LIMIT 1", (self._model,)).fetchone()
        return len(found[0]) // 4 if found else given

    def _same_length(self, given: int) -> None:
        length = self._length(given)
        if length == given:
            return
        with self._index.writing() as connection:
            connection.execute("UPDATE meaning SET is_of_other_length = 1")
        raise BackendError(
            f"the model gives vectors of {given} numbers and those of the pages have {length}; "
            "`opswarden runbook index` makes them anew"
        )

    def _is_of_other_length(self) -> bool:
        with self._index.reading() as connection:
            return bool(connection.execute("SELECT is_of_other_length FROM meaning").fetchone()[0])

    def _forget_all(self) -> None:
        with self._index.writing() as connection:
            connection.execute("DELETE FROM vector")
            connection.execute("UPDATE meaning SET is_of_other_length = 0")
            _changed(connection)


def _has_tables(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'meaning'").fetchone())


def _statements(script: str) -> list[str]:
    """The statements of a script: `executescript` would end the transaction."""
    found, statement = [], ""
    for line in script.strip().splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            found.append(statement)
            statement = ""
    return found


def _changed(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE meaning SET changes = changes + 1")
