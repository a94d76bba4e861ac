"""A bill in the FOCUS format, read by DuckDB in one pass: a line per kind of charge and day, amounts exact.

Everything in a bill is input from outside. A row whose amount, currency or billing period cannot be read is set aside
and counted with the reason; anything else that is wrong is counted, and the row stays in the sums.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ....core.clock import Deadline
from ....core.errors import BackendError, InputError
from ...in_memory import in_memory
from ...interrupting import interrupting
from ..lines import HourlyUse, Line, Origin
from .focus_columns import AMOUNTS, REQUIRED, normal, version_of
from .focus_files import BillFile, bill_files
from .focus_sql import (
    CHARGES,
    DAILY_LINES,
    FILE_STEP,
    INVOICED,
    LINES,
    PROBLEMS,
    REASONS,
    SEEN,
    hourly_of,
    part_of,
)
from .types import MOST_LINES, BillReading, Duplicates, Problem, Replaced

if TYPE_CHECKING:
    import duckdb

_SAMPLED_FROM_BYTES = 32_000_000
_SAMPLE_ONE_IN = 64
_MOST_REJECTS = 1_000_000
_AT_A_TIME = 10_000
_TEXTS_END = -2 - len(AMOUNTS)
"""In a row of lines: day and period, texts, amounts, where it comes from, how many rows."""
_REPEATS = 0.5
"""A file that repeats more than this share of an older file's rows is a later delivery of it. Parts and partitions of
one delivery repeat none, a delivery with corrections nearly all, so any value between separates them."""


class FocusBill:
    """A FOCUS file, or a folder of them. Safe to use from several threads.

    Args:
        path: of the file or the folder.
        memory_limit_mb: what DuckDB may hold; it spills to a private folder beyond.
        threads: how many cores a query may use.

    Raises:
        InputError: there is no FOCUS file, or one lacks a column without which nothing can be added up.
    """

    def __init__(self, path: Path, *, memory_limit_mb: int = 800, threads: int = 2) -> None:
        self._files = bill_files(path)
        for file in self._files:
            _must_add_up(file)
        folder = (path.parent if path.is_file() else path).resolve()
        self._lock = threading.Lock()
        self._duckdb = in_memory(threads, memory_limit=f"{memory_limit_mb}MB")
        self._closer = weakref.finalize(self, self._duckdb.close)
        try:
            self._duckdb.execute("SET GLOBAL TimeZone = 'UTC'")
            self._duckdb.execute("SET allowed_directories = [$folder]", {"folder": f"{folder}/"})
            self._duckdb.execute("SET enable_external_access = false")
            self._duckdb.execute(CHARGES)
            self._duckdb.execute(SEEN)
            self.reading = self._read()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the files and of what was spilled."""
        self._closer()

    def lines(
        self, start: date, end: date, currency: str, deadline: Deadline | None = None, *, by_day: bool = False
    ) -> tuple[Line, ...]:
        """Charges of the days `[start, end)`."""
        given: dict[str, Any] = {"start": start, "end": end}
        if by_day:
            return self._lines(DAILY_LINES, given, deadline)
        return self._lines(LINES, {**given, "currency": currency}, deadline)

    def invoiced(self, start: date, end: date, deadline: Deadline | None = None) -> tuple[Line, ...]:
        """Charges of the billing periods that begin in `[start, end)`."""
        return self._lines(INVOICED, {"start": start, "end": end}, deadline)

    def _lines(self, sql: str, given: Mapping[str, Any], deadline: Deadline | None) -> tuple[Line, ...]:
        found: list[Line] = []
        same: dict[str, str] = {}
        with self._asking(deadline) as connection:
            cursor = connection.execute(sql, {**given, "most": MOST_LINES + 1})
            # Texts repeat from line to line, so each is kept once.
            while rows := cursor.fetchmany(_AT_A_TIME):
                found += [self._line(row, same) for row in rows]
        if len(found) > MOST_LINES:
            raise BackendError(
                f"the bill has more than {MOST_LINES} kinds of charges in that time", remedy="ask for fewer days"
            )
        return tuple(found)

    def hourly(self, start: date, end: date, currency: str, deadline: Deadline | None = None) -> tuple[HourlyUse, ...]:
        """Usage of compute that was priced by the hour; the files are read once more for it."""
        found: list[HourlyUse] = []
        given = {"start": start, "end": end, "currency": currency}
        for place, file in enumerate(self._files):
            rows = self._query(hourly_of(file), given | {"file": place}, deadline)
            found += [HourlyUse(*row) for row in rows]
        return tuple(found)

    def _line(self, row: Sequence[Any], same: dict[str, str]) -> Line:
        file, first = divmod(int(row[-2]), FILE_STEP)
        texts = [same.setdefault(text, text) for text in row[2:_TEXTS_END]]
        make: Any = Line  # the query has its columns in the order of the fields
        line: Line = make(*row[:2], *texts, *row[_TEXTS_END:-2], Origin(self._files[file].name, first, int(row[-1])))
        return line

    def _read(self) -> BillReading:
        one_in = 1 if sum(file.size_bytes for file in self._files) < _SAMPLED_FROM_BYTES else _SAMPLE_ONE_IN
        problems: list[Problem] = []
        rows = 0
        for place, file in enumerate(self._files):
            rejected = self._load(place, file, one_in)
            rows += sum(problem.rows for problem in rejected)
            problems += rejected
        replaced = self._replace()
        counted = self._query("SELECT coalesce(sum(rows), 0), min(day), max(day) FROM charges", {})[0]
        rows += int(counted[0]) + sum(one.rows for one in replaced)
        if not rows:
            raise InputError("the bill holds no row", remedy="give the folder of a period that was billed")
        currencies = self._query(
            "SELECT currency FROM charges WHERE reason = 0 GROUP BY 1 ORDER BY sum(rows) DESC, 1 LIMIT 200", {}
        )
        services = self._query(
            "SELECT service FROM charges WHERE service <> '' GROUP BY 1 ORDER BY sum(rows) DESC, 1 LIMIT 1000", {}
        )
        return BillReading(
            files=len(self._files),
            rows=rows,
            versions=tuple(sorted({version_of(file.columns) for file in self._files})),
            first=counted[1],
            last=counted[2],
            currencies=tuple(row[0] for row in currencies),
            services=tuple(row[0] for row in services),
            problems=(*problems, *self._problems()),
            replaced=replaced,
            duplicates=self._duplicates(one_in),
        )

    def _load(self, place: int, file: BillFile, one_in: int) -> list[Problem]:
        import duckdb  # noqa: PLC0415 - as in `in_memory`

        try:
            self._duckdb.execute(part_of(file, _MOST_REJECTS), {"file": place, "one_in": one_in})
            self._duckdb.execute("INSERT INTO charges BY NAME SELECT * EXCLUDE (sketch) FROM part")
            self._duckdb.execute(
                "INSERT INTO seen SELECT file, period, issuer, account, currency, one.id, one.whole, one.billed FROM "
                "(SELECT file, period, issuer, account, currency, unnest(sketch) AS one FROM part WHERE reason = 0)"
            )
            self._duckdb.execute("DROP TABLE part")
            if file.format != "csv":
                return []
            found = self._duckdb.execute(
                "SELECT lower(any_value(error_type)::VARCHAR), count(*), min(line) FROM "
                "(SELECT line, first(error_type) AS error_type FROM reject_errors GROUP BY line) GROUP BY error_type"
            ).fetchall()
            self._duckdb.execute("DROP TABLE reject_errors")
            self._duckdb.execute("DROP TABLE reject_scans")
        except duckdb.Error as error:
            raise InputError(
                f"a file of the bill cannot be read ({type(error).__name__})",
                remedy="export it again; it may be cut off, or no FOCUS file at all",
            ) from error
        return [
            Problem(file.name, f"no row of the file's columns: {kind}", int(rows), max(int(line) - 1, 0), True)
            for kind, rows, line in found
        ]

    def _replace(self) -> tuple[Replaced, ...]:
        """From the newest file to the oldest: what newer ones repeat is an earlier delivery, and goes."""
        found: list[Replaced] = []
        keys = self._query("SELECT period, issuer, account FROM seen GROUP BY ALL HAVING count(DISTINCT file) > 1", {})
        for period, issuer, account in keys:
            key = {"period": period, "issuer": issuer, "account": account}
            rows = self._query(
                "SELECT file, list(id) FROM seen WHERE period = $period AND issuer = $issuer AND account = $account "
                "GROUP BY file ORDER BY file DESC",
                key,
            )
            kept: set[int] = set()
            for file, ids in rows:
                if kept and sum(one in kept for one in ids) > _REPEATS * len(ids):
                    found += self._drop(int(file), key)
                else:
                    kept.update(ids)
        return tuple(found)

    def _drop(self, file: int, key: Mapping[str, Any]) -> list[Replaced]:
        where = "WHERE file = $file AND period = $period AND issuer = $issuer AND account = $account"
        given = {**key, "file": file}
        rows = self._query(f"SELECT currency, sum(rows), sum(billed) FROM charges {where} GROUP BY ALL", given)  # noqa: S608 - ours
        for table in ("charges", "seen"):
            self._query(f"DELETE FROM {table} {where}", given)  # noqa: S608 - ours
        name = self._files[file].name
        return [
            Replaced(name, key["period"], key["issuer"], int(count), billed or Decimal(0), currency)
            for currency, count, billed in rows
        ]

    def _problems(self) -> Iterator[Problem]:
        sums = ", ".join(f"sum({name}), min(first_row) FILTER ({name} > 0)" for name in PROBLEMS)
        for file, *counts in self._query(
            f"SELECT file, {sums} FROM charges WHERE reason = 0 GROUP BY file ORDER BY file",  # noqa: S608 - ours
            {},
        ):
            for place, what in enumerate(PROBLEMS.values()):
                rows, first = counts[2 * place], counts[2 * place + 1]
                if rows:
                    yield Problem(self._files[file].name, what, int(rows), int(first), False)
        for file, reason, rows, first in self._query(
            "SELECT file, reason, sum(rows), min(first_row) FROM charges WHERE reason > 0 GROUP BY ALL ORDER BY 1, 2",
            {},
        ):
            yield Problem(self._files[file].name, REASONS[reason], int(rows), int(first), True)

    def _duplicates(self, one_in: int) -> tuple[Duplicates, ...]:
        rows = self._query(
            "SELECT currency, sum(n - 1), sum(billed) FROM (SELECT currency, whole, count(*) AS n, "
            "sum(billed) * (count(*) - 1) / count(*) AS billed FROM seen GROUP BY ALL HAVING count(*) > 1) GROUP BY 1",
            {},
        )
        self._query("DROP TABLE seen", {})
        return tuple(
            Duplicates(int(count) * one_in, Decimal(str(billed or 0)) * one_in, currency, one_in)
            for currency, count, billed in rows
        )

    def _query(self, sql: str, given: Mapping[str, Any], deadline: Deadline | None = None) -> list[Any]:
        with self._asking(deadline) as connection:
            return cast("list[Any]", connection.execute(sql, given).fetchall())

    @contextmanager
    def _asking(self, deadline: Deadline | None) -> Iterator[duckdb.DuckDBPyConnection]:
        import duckdb  # noqa: PLC0415 - as above

        try:
            with self._lock, interrupting(self._duckdb, "bill", deadline):
                yield self._duckdb
        except duckdb.InterruptException as error:
            raise BackendError("the bill did not answer before the deadline", remedy="ask for fewer days") from error
        except duckdb.Error as error:
            raise BackendError(
                f"the bill could not answer a query ({type(error).__name__})",
                remedy="a file may have changed since it was opened; open the bill again",
            ) from error


def _must_add_up(file: BillFile) -> None:
    names = {normal(name) for name in file.columns}
    missing = [name for name in REQUIRED if normal(name) not in names]
    if missing:
        raise InputError(
            f"a file of the bill has no column {missing[0]!r}",
            remedy="bills are FOCUS 1.0 to 1.3; leave other files out of the folder",
        )
