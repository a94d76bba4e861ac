"""The pages of one or several sources in one SQLite file, found by their words.

FTS5 holds the terms of every page, cut as `words` cuts them; it picks the pages that are then ranked. One process
writes at a time, in one transaction; readers see the state before or after it. Whatever happens to the file, it can be
made again from the sources: a damaged one, or one of another version, is thrown away.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from ...core.errors import BackendError
from .backends.types import Entry
from .documents import Runbook, parse
from .fields import Fields
from .index_tables import MOST_PAGES, NAMED, SERVICE, TAG, count_terms, forget, prepared, put
from .order import UNFIT, in_order
from .ranking import MEASURED, WEIGHTS, Fit, Question, Rarity, fits
from .rules import slug_of

_CANDIDATES = 40
_MOST_TERMS = 28
_LEAST_TERMS = 6
_MOST_READ = 2_500
"""Of a question's terms those pick pages that tell most, as long as they stand in so many pages together: a word that
half of the pages have takes longest to look up and says least."""
_MOST_REMEMBERED = 50_000


@dataclass(frozen=True)
class Indexed:
    """A page of the index, and how well it fits.

    Args:
        also: further pages of the same name in other places, best first.
    """

    runbook: Runbook
    source: str
    fit: Fit
    changed: datetime | None
    changed_by: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Synced:
    """What bringing the index up to date came to, in pages."""

    pages: int
    read: int
    removed: int


class RunbookIndex:
    """The index.

    Args:
        path: its file, made with mode 0600; in memory without one.

    Raises:
        BackendError: the file cannot be opened, and not be made anew either.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._remembered: dict[str, int] = {}
        self._seen_version = -1
        try:
            self._connection = self._open()
        except (sqlite3.Error, OSError) as error:
            raise BackendError(
                "the index of runbooks cannot be opened", remedy="check the rights and the space of the state directory"
            ) from error

    def _open(self) -> sqlite3.Connection:
        if self._path is None:
            return prepared(sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None))
        if not self._path.exists():
            self._path.touch(mode=0o600)
        try:
            return prepared(sqlite3.connect(self._path, timeout=10, check_same_thread=False, isolation_level=None))
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
                raise
            for path in self._path.parent.glob(f"{self._path.name}*"):
                path.unlink(missing_ok=True)
            self._path.touch(mode=0o600)
            return prepared(sqlite3.connect(self._path, timeout=10, check_same_thread=False, isolation_level=None))

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()

    def sync(self, source: str, entries: Iterable[Entry], read: Callable[[str], str | None]) -> Synced:
        """Bring the pages of a source up to date, in one transaction; only new and changed ones are read.

        Args:
            source: its name; pages of other sources stay as they are.
            entries: every page there is.
            read: the text of a page by its name; `None` if it is gone or cannot be used.

        Raises:
            BackendError: the index cannot be written.
        """
        with self.writing() as connection:
            known = {
                row[0]: (row[1], row[2])
                for row in connection.execute("SELECT name, stamp, id FROM page WHERE source = ?", (source,))
            }
            seen: set[str] = set()
            done = 0
            for entry in entries:
                if len(seen) >= MOST_PAGES:
                    break
                if entry.name in known and known[entry.name][0] == entry.stamp:
                    seen.add(entry.name)
                    continue
                text = read(entry.name)
                if text is None:
                    continue
                seen.add(entry.name)
                done += 1
                put(connection, source, entry, text, known[entry.name][1] if entry.name in known else None)
            gone = [place for name, (_, place) in known.items() if name not in seen]
            for place in gone:
                forget(connection, place)
            if done or gone:
                count_terms(connection)
                self._remembered = {}
        return Synced(len(seen), done, len(gone))

    def count(self, sources: Sequence[str] = ()) -> int:
        """How many pages there are, of some sources or of all."""
        where, given = _of(sources)
        with self._lock:
            return int(self._connection.execute(f"SELECT count(*) FROM page WHERE {where}", given).fetchone()[0])  # noqa: S608 - `_of` gives placeholders

    def is_known(self, term: str) -> bool:
        """Whether any page has a term."""
        with self._lock:
            return bool(self._having((term,)))

    def named(self, name: str, sources: Sequence[str] = ()) -> tuple[Indexed, bool] | None:
        """The page of this name, and whether the name is its own: else its front matter lists it as an alert."""
        where, given = _of(sources)
        sql = (
            f"SELECT {_QUALIFIED}, called.how FROM called JOIN page ON page.id = called.id "  # noqa: S608 - as above
            f"WHERE called.slug = ? AND {where} ORDER BY called.how, page.source, page.name LIMIT 1"
        )
        with self._lock:
            row = self._connection.execute(sql, (slug_of(name), *given)).fetchone()
        return (_indexed(row[:-1], Fit(1.0)), row[-1] == NAMED) if row else None

    def about(self, services: Iterable[str]) -> tuple[str, ...]:
        """Names of the pages whose front matter names one of the services, in any case."""
        return self._called([f"{SERVICE}{service.casefold()}" for service in services])

    def tagged(self, tags: Iterable[str]) -> tuple[str, ...]:
        """Names of the pages whose front matter has one of the tags, in any case."""
        return self._called([f"{TAG}{tag.casefold()}" for tag in tags])

    def _called(self, slugs: Sequence[str]) -> tuple[str, ...]:
        wanted = [*slugs][:500]
        sql = (
            "SELECT DISTINCT page.name FROM called JOIN page ON page.id = called.id "  # noqa: S608 - placeholders
            f"WHERE called.slug IN ({','.join('?' * len(wanted))})"
        )
        with self._lock:
            return tuple(row[0] for row in self._connection.execute(sql, wanted).fetchall())

    def page(self, name: str, sources: Sequence[str] = ()) -> Indexed | None:
        """The page of exactly this name."""
        where, given = _of(sources)
        sql = f"SELECT {_COLUMNS} FROM page WHERE name = ? AND {where} ORDER BY source LIMIT 1"  # noqa: S608 - as above
        with self._lock:
            row = self._connection.execute(sql, (name, *given)).fetchone()
        return _indexed(row, Fit(1.0)) if row else None

    def pages(self, sources: Sequence[str] = ()) -> Iterator[Indexed]:
        """Every page, by source and name."""
        where, given = _of(sources)
        sql = f"SELECT {_COLUMNS} FROM page WHERE {where} ORDER BY source, name"  # noqa: S608 - as above
        with self._lock:
            rows = self._connection.execute(sql, given).fetchall()
        return (_indexed(row, Fit(0.0)) for row in rows)

    def find(
        self,
        question: Question,
        limit: int,
        *,
        sources: Sequence[str] = (),
        favoured: Mapping[str, float] | None = None,
        near: Mapping[int, float] | None = None,
    ) -> tuple[int, list[Indexed]]:
        """The pages that fit best, best first; pages of one name count once.

        Args:
            question: what is asked for.
            limit: how many.
            sources: whose pages; all unless given.
            favoured: names of pages and what is added to their scores.
            near: pages by their number in the index, and what their nearness in meaning adds to their place among the
                others; it makes none suitable.

        Returns:
            How many pages share a telling word with the question (at most as many as are ranked), and the best.
        """
        where, given = _of(sources)
        with self._lock:
            pages, _, lengths = self._connection.execute("SELECT * FROM total").fetchone()
            having = self._having(question.terms)
            match = _match(question, having, pages)
            if not match and not near:
                return 0, []
            sql = (
                "SELECT rowid, name, lead, rest, code FROM term WHERE term MATCH ? AND rank MATCH ? "  # noqa: S608 - as above
                + (f"AND rowid IN (SELECT id FROM page WHERE {where}) " if sources else "")  # noqa: S608 - as above
                + "ORDER BY rank LIMIT ?"
            )
            weights = ", ".join(str(weight) for weight in WEIGHTS.values())
            words = (match, f"bm25({weights})", *given, _CANDIDATES)
            rows = self._connection.execute(sql, words).fetchall() if match else []
            shared = len(rows)
            rows += self._terms(set(near or ()) - {row[0] for row in rows})
            fields = [Fields(*row[1:]) for row in rows]
            names = {term for each in fields for term in each.name.split() if term not in having}
            means = {name: total / max(pages, 1) for name, total in zip(WEIGHTS, json.loads(lengths), strict=True)}
            # A word of a name that is not common stands in one page or two, and which of them matters little.
            named = {**dict.fromkeys(names, 1), **self._common(names), **having}
            rarity = Rarity(pages, named, means)
            by_words = fits(question, fields[:shared], rarity)
            # What meaning alone has found changes nothing about how pages stand out by their words.
            rest = fits(question, fields[shared:], rarity) if len(fields) > shared else []
            by_meaning = [replace(fit, evidence=UNFIT) for fit in rest]
            found = list(zip((row[0] for row in rows), (*by_words, *by_meaning), strict=True))
            return shared, self._best(found, limit, favoured or {}, near or {})

    def _terms(self, places: Collection[int]) -> list[tuple[Any, ...]]:
        """The terms of pages that were found by something else."""
        keys = ",".join(map(str, sorted(places)))
        sql = f"SELECT rowid, name, lead, rest, code FROM term WHERE rowid IN ({keys})"  # noqa: S608 - numbers of ours
        return self._connection.execute(sql).fetchall() if places else []

    def _best(
        self, found: list[tuple[int, Fit]], limit: int, favoured: Mapping[str, float], near: Mapping[int, float]
    ) -> list[Indexed]:
        keys = ",".join(str(place) for place, _ in found)
        sql = f"SELECT id, source, name, slug FROM page WHERE id IN ({keys}) ORDER BY name, source"  # noqa: S608 - numbers of ours
        names = {row[0]: row[1:] for row in self._connection.execute(sql)}
        places = {place: rank for rank, place in enumerate(names)}
        scored = in_order(
            sorted(found, key=lambda each: places[each[0]]),
            {place: (name, slug) for place, (_, name, slug) in names.items()},
            favoured,
            near,
        )
        best: dict[str, tuple[int, Fit, list[str]]] = {}
        for place, fit in scored:
            _, name, slug = names[place]
            if slug in best:
                best[slug][2].append(name)
            elif len(best) < limit:
                best[slug] = (place, fit, [])
        return [self._whole(place, fit, tuple(also)) for place, fit, also in best.values()]

    def _whole(self, place: int, fit: Fit, also: tuple[str, ...]) -> Indexed:
        sql = f"SELECT {_COLUMNS} FROM page WHERE id = ?"  # noqa: S608 - names of ours
        return _indexed(self._connection.execute(sql, (place,)).fetchone(), fit, also)

    def _having(self, terms: Iterable[str]) -> dict[str, int]:
        """How many pages have each term; absent ones are left out."""
        version = self._connection.execute("PRAGMA data_version").fetchone()[0]
        if version != self._seen_version or len(self._remembered) > _MOST_REMEMBERED:
            self._remembered, self._seen_version = {}, version
        missing = {term for term in terms if term not in self._remembered}
        counted = self._common(missing)
        missing -= counted.keys()
        self._remembered |= {**dict.fromkeys(missing, 0), **counted, **self._counts("rarity", "doc", missing)}
        return {term: pages for term in terms if (pages := self._remembered[term])}

    def _common(self, terms: Iterable[str]) -> dict[str, int]:
        return self._counts("common", "pages", terms)

    def _counts(self, table: str, column: str, terms: Iterable[str]) -> dict[str, int]:
        wanted = list(terms)
        found: dict[str, int] = {}
        for start in range(0, len(wanted), 500):
            part = wanted[start : start + 500]
            sql = f"SELECT term, {column} FROM {table} WHERE term IN ({','.join('?' * len(part))})"  # noqa: S608 - names of ours
            found.update(self._connection.execute(sql, part).fetchall())
        return found

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection, for this thread alone."""
        with self._lock:
            yield self._connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """The same in a transaction, which ends with the block.

        Raises:
            BackendError: the index cannot be written.
        """
        with self._lock:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                try:
                    yield self._connection
                except BaseException:
                    if self._connection.in_transaction:
                        self._connection.execute("ROLLBACK")
                    raise
                self._connection.execute("COMMIT")
            except sqlite3.Error as error:
                raise BackendError(
                    "the index of runbooks cannot be written",
                    remedy="check the space and the rights of the state directory",
                ) from error


_COLUMNS = "id, source, name, title, slug, changed, changed_by, text"
_QUALIFIED = ", ".join(f"page.{column}" for column in _COLUMNS.split(", "))


def _of(sources: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    return (f"source IN ({','.join('?' * len(sources))})", tuple(sources)) if sources else ("1", ())


def _indexed(row: Sequence[object], fit: Fit, also: tuple[str, ...] = ()) -> Indexed:
    _, source, name, _, _, changed, changed_by, text = (str(value) for value in row)
    moment = datetime.fromisoformat(changed) if changed else None
    return Indexed(parse(name, text), source, fit, moment, changed_by, also)


def _match(question: Question, having: Mapping[str, int], pages: int) -> str:
    """The terms that pick pages, as FTS5 takes them; a term holds only letters, digits and `=`."""
    scale = Rarity(pages, having, {})
    worth = {
        term: share * each.weight * scale(term)
        for each in question.wanted
        for term, share in each.terms
        if term in having
    }
    for term in question.measured & having.keys():
        worth[term] = max(worth.get(term, 0.0), MEASURED * scale(term))
    chosen: list[str] = []
    read = 0
    for term in sorted(worth, key=lambda term: (-worth[term], term))[:_MOST_TERMS]:
        read += having[term]
        if len(chosen) >= _LEAST_TERMS and read > _MOST_READ:
            break
        chosen.append(term)
    return " OR ".join(f'"{term}"' for term in chosen)
