"""The tables of the index of runbooks: how they are made, and how a page comes in and goes."""

from __future__ import annotations

import json
import sqlite3

from .backends.types import Entry
from .fields import fields_of
from .page import read_page
from .ranking import WEIGHTS
from .rules import slug_of

_VERSION = 5
_FEW = 2
"""A term in more pages is counted when the index is made; the others when they are asked for. A tenth more or fewer
pages change no rarity that matters, so only then it is counted again."""
MOST_PAGES = 50_000
NAMED, DECLARED, ABOUT = 0, 1, 2
"""How a page is called: by its own name, by an alert that its front matter lists, or by a service or a tag."""
SERVICE, TAG = "service ", "tag "
_TABLES = """
CREATE TABLE page (
    id INTEGER PRIMARY KEY, source TEXT NOT NULL, name TEXT NOT NULL, stamp TEXT NOT NULL, slug TEXT NOT NULL,
    title TEXT NOT NULL, changed TEXT NOT NULL, changed_by TEXT NOT NULL, text TEXT NOT NULL, lengths TEXT NOT NULL,
    UNIQUE (source, name)
) STRICT;
CREATE TABLE called (slug TEXT NOT NULL, how INTEGER NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (slug, how, id)) STRICT,
    WITHOUT ROWID;
CREATE INDEX called_by_page ON called (id);
CREATE VIRTUAL TABLE term
    USING fts5 (name, lead, rest, code, tokenize = "unicode61 remove_diacritics 0 tokenchars '='");
CREATE VIRTUAL TABLE rarity USING fts5vocab (term, row);
CREATE TABLE common (term TEXT PRIMARY KEY, pages INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE total (pages INTEGER NOT NULL, counted INTEGER NOT NULL, lengths TEXT NOT NULL) STRICT;
INSERT INTO total VALUES (0, 0, '[0, 0, 0, 0]');
"""


def prepared(connection: sqlite3.Connection) -> sqlite3.Connection:
    """A connection to an index of this version, made where there is none.

    Raises:
        sqlite3.Error: the file is damaged, or of another version; the connection is then closed.
    """
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")  # what a power cut loses is read again
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version == _VERSION:
        connection.execute("SELECT 1 FROM term LIMIT 1").fetchone()
        return connection
    if version or connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
        connection.close()
        raise sqlite3.DatabaseError("another version")
    connection.executescript(f"BEGIN; {_TABLES} PRAGMA user_version = {_VERSION}; COMMIT;")
    return connection


def put(connection: sqlite3.Connection, source: str, entry: Entry, text: str, place: int | None) -> None:
    """Take a page in; `place` is its number if it was there before."""
    page = read_page(entry.name, text)
    fields = fields_of(page.runbook, page.front)
    parts = (fields.name, fields.lead, fields.rest, fields.code)
    lengths = f"[{','.join(str(len(part.split())) for part in parts)}]"
    title = page.front.title or page.runbook.title
    stem = entry.name.rpartition("/")[2].rpartition(".")[0] or entry.name
    changed = entry.changed.isoformat() if entry.changed else ""
    row = (source, entry.name, entry.stamp, slug_of(stem), title, changed, entry.changed_by, text, lengths)
    if place is not None:
        forget(connection, place)
    inserted = connection.execute(
        "INSERT INTO page (source, name, stamp, slug, title, changed, changed_by, text, lengths) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        row,
    )
    key = inserted.lastrowid
    connection.execute("INSERT INTO term (rowid, name, lead, rest, code) VALUES (?, ?, ?, ?, ?)", (key, *parts))
    names = {
        slug_of(entry.name): NAMED,
        slug_of(title): NAMED,
        slug_of(page.runbook.title): NAMED,
        slug_of(stem): NAMED,
    }
    for alert in page.front.alerts:
        names.setdefault(slug_of(alert), DECLARED)
    for tag in page.front.tags:
        names.setdefault(f"{TAG}{tag.casefold()}", ABOUT)
    for service in page.front.services:
        names.setdefault(f"{SERVICE}{service.casefold()}", ABOUT)
    connection.executemany(
        "INSERT OR IGNORE INTO called VALUES (?, ?, ?)", ((slug, how, key) for slug, how in names.items() if slug)
    )


def forget(connection: sqlite3.Connection, place: int) -> None:
    """Take a page out."""
    connection.execute("DELETE FROM term WHERE rowid = ?", (place,))
    connection.execute("DELETE FROM called WHERE id = ?", (place,))
    connection.execute("DELETE FROM page WHERE id = ?", (place,))


def count_terms(connection: sqlite3.Connection) -> None:
    """Write down how many pages there are, how long they are, and which terms are common."""
    sums = ", ".join(f"ifnull(sum(json_extract(lengths, '$[{place}]')), 0)" for place in range(len(WEIGHTS)))
    pages, *lengths = connection.execute(f"SELECT count(*), {sums} FROM page").fetchone()  # noqa: S608 - numbers of ours
    (counted,) = connection.execute("SELECT counted FROM total").fetchone()
    if abs(pages - counted) > counted / 10:
        counted = pages
        connection.execute("DELETE FROM common")
        connection.execute("INSERT INTO common SELECT term, doc FROM rarity WHERE doc > ?", (_FEW,))
    connection.execute("UPDATE total SET pages = ?, counted = ?, lengths = ?", (pages, counted, json.dumps(lengths)))
