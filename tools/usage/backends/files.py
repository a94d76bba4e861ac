"""CSV and Parquet files of any layout, through a mapping of their columns and units.

DuckDB reads them. Names of columns come from the mapping and are quoted; values only ever travel as parameters.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from ....core.clock import Deadline
from ....core.errors import BackendError, InputError
from ...fleets.schema import FLEET_TABLES, fleet_rows
from ...in_memory import in_memory
from .settings import FACTORS, FileSource, Measured
from .types import UsageBackend

_BATCH = 262_144
_MOST_FILES = 5_000


class FilesUsage(UsageBackend):
    """Some files that belong together.

    Args:
        source: the mapping.
        folder: where its paths begin; nothing outside of it is read.
        environment: what the files are about.

    Raises:
        InputError: a file is missing, a link, of another kind, or lacks a column.
    """

    def __init__(self, source: FileSource, folder: Path, environment: str, *, threads: int = 2) -> None:
        self._source = source
        self._environment = environment
        paths = _found(source.files, folder.resolve())
        self._duckdb = in_memory(threads, memory_limit="600MB")
        self._duckdb.execute("SET GLOBAL TimeZone = 'UTC'")
        self._duckdb.execute("SET allowed_directories = [$folder]", {"folder": f"{folder.resolve()}/"})
        self._duckdb.execute("SET enable_external_access = false")
        self._resets = 0
        is_csv = not paths[0].name.endswith(".parquet")
        literals = ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths)
        reader = (
            f"read_csv([{literals}], all_varchar = true, header = true, union_by_name = true)"
            if is_csv
            else f"read_parquet([{literals}], union_by_name = true)"
        )
        try:
            self._duckdb.execute(f"CREATE VIEW files AS SELECT * FROM {reader}")  # noqa: S608 - quoted paths
            known = {row[0] for row in self._duckdb.execute("DESCRIBE files").fetchall()}
        except duckdb.Error as error:
            raise InputError(
                f"{paths[0].name} cannot be read ({type(error).__name__})", remedy="give CSV with a header, or Parquet"
            ) from error
        for column in _columns_of(source):
            if column not in known:
                raise InputError(f"the files have no column {column!r}", remedy="compare the mapping with the header")

    @property
    def environment(self) -> str:
        """What the files are about."""
        return self._environment

    @property
    def days_at_once(self) -> int:
        """All of them: files are read through."""
        return 3_650

    def usage(self, start: datetime, end: datetime, deadline: Deadline) -> Iterator[pa.Table]:
        """Samples in `[start, end)`, by what is measured and then in the order of the files."""
        for measured in self._source.usage:
            sql = _rates(_select(self._source, measured)) if measured.counter else _select(self._source, measured)
            if measured.counter:
                self._resets += self._count_resets(sql, start, end)
            wanted = f"SELECT ts, workload, resource, value FROM ({sql}) WHERE ts >= $start AND ts < $end"  # noqa: S608
            yield from self._read(wanted, start, end, deadline)

    def _count_resets(self, sql: str, start: datetime, end: datetime) -> int:
        counted = f"SELECT count(*) FROM ({sql}) WHERE is_reset AND ts >= $start AND ts < $end"  # noqa: S608 - ours
        return int(self._duckdb.execute(counted, {"start": start, "end": end}).fetchall()[0][0])

    def _read(self, sql: str, start: datetime, end: datetime, deadline: Deadline) -> Iterator[pa.Table]:
        if deadline.passed:
            raise BackendError("no time was left to read the files", remedy="give the call a longer deadline")
        try:
            for batch in self._duckdb.sql(sql, params={"start": start, "end": end}).to_arrow_reader(_BATCH):
                yield pa.Table.from_batches([batch]).cast(FLEET_TABLES["usage"])
                if deadline.passed:
                    raise BackendError("the files were not read before the deadline", remedy="read fewer days")
        except duckdb.Error as error:
            raise BackendError(
                f"the files cannot be read ({type(error).__name__})", remedy="a row may be damaged or of another form"
            ) from error

    def sizes(self, start: datetime, end: datetime, deadline: Deadline) -> pa.Table:
        """What held at the start, and every change."""
        found = [FLEET_TABLES["sizes"].empty_table()]
        for measured in self._source.sizes:
            sql = (
                "SELECT ts, workload, resource, value, CAST(NULL AS DOUBLE) AS most, CAST(NULL AS VARCHAR) AS set_by"  # noqa: S608 - quoted names
                f" FROM (SELECT *, lag(value) OVER series AS before FROM ({_select(self._source, measured)})"
                " WHERE ts >= $start AND ts < $end AND isfinite(value) AND value >= 0 AND workload IS NOT NULL"
                " WINDOW series AS (PARTITION BY workload ORDER BY ts))"
                " WHERE before IS NULL OR before <> value ORDER BY workload, ts"
            )
            try:
                table = self._duckdb.sql(sql, params={"start": start, "end": end}).to_arrow_table()
            except duckdb.Error as error:
                raise BackendError(
                    f"the sizes cannot be read from the files ({type(error).__name__})", remedy="check the mapping"
                ) from error
            found.append(table.cast(FLEET_TABLES["sizes"]))
        return pa.concat_tables(found)

    def happenings(self, start: datetime, end: datetime, deadline: Deadline) -> pa.Table:
        """Nothing: a mapping has no columns for them."""
        return FLEET_TABLES["happenings"].empty_table()

    def workloads(self, start: datetime, end: datetime, deadline: Deadline) -> pa.Table:
        """The names, of which nothing else is known."""
        sql = f"SELECT DISTINCT {_workload(self._source)} AS workload FROM files ORDER BY 1"  # noqa: S608 - quoted names
        names = [name for (name,) in self._duckdb.execute(sql).fetchall() if name]
        return fleet_rows("workloads", [{"workload": name} for name in names])

    def notes(self) -> tuple[str, ...]:
        """How often counters began anew."""
        return (f"counters began anew {self._resets} times; no rate is known there",) if self._resets else ()

    def close(self) -> None:
        """Let go of the files."""
        self._duckdb.close()


def _found(patterns: tuple[str, ...], folder: Path) -> list[Path]:
    found: list[Path] = []
    for pattern in patterns:
        if Path(pattern).is_absolute() or ".." in Path(pattern).parts:
            raise InputError(f"{pattern!r} leads out of the folder", remedy="put the files beside their mapping")
        matching = sorted(folder.glob(pattern))
        if not matching:
            raise InputError(f"there is no file {pattern!r}", remedy="paths begin in the folder of the mapping")
        found += matching
    for path in found:
        if path.is_symlink() or not path.is_file():
            raise InputError(f"{path.name} is no file of its own", remedy="copy it into the folder")
    if len(found) > _MOST_FILES or len({path.name.endswith(".parquet") for path in found}) > 1:
        raise InputError(f"more than {_MOST_FILES} files, or of two kinds", remedy="give CSV or Parquet, not both")
    return found


def _columns_of(source: FileSource) -> list[str]:
    columns = [source.time, *source.workload, source.resource_column, source.value_column]
    for measured in (*source.usage, *source.sizes):
        columns += [measured.column, *measured.plus, measured.of, measured.capacity_mhz, measured.cores]
    return [column for column in columns if column is not None]


def _select(source: FileSource, measured: Measured) -> str:
    """A query of ts, workload, resource and value in our unit; what is no number becomes NaN and is told later."""
    value = _value(source, measured)
    where = ""
    if source.resource_column is not None:
        where = f" WHERE CAST({_name(source.resource_column)} AS VARCHAR) = {_text(measured.name or '')}"
    return (
        f"SELECT {_moment(source)} AS ts, {_workload(source)} AS workload, '{measured.resource}' AS resource,"  # noqa: S608 - quoted names
        f" coalesce({value}, 'nan'::DOUBLE) AS value FROM files{where}"
    )


def _rates(sql: str) -> str:
    """Totals as rates: the growth since the sample before, by second; unknown where a total became smaller."""
    return (
        "SELECT ts, workload, resource, is_reset, CASE WHEN is_reset THEN 'nan'::DOUBLE"  # noqa: S608 - ours
        " ELSE (value - before) / ((epoch_us(ts) - epoch_us(since)) / 1e6) END AS value FROM ("
        "SELECT *, lag(value) OVER series AS before, lag(ts) OVER series AS since,"
        " value < lag(value) OVER series AS is_reset"
        f" FROM ({sql}) WHERE isfinite(value) WINDOW series AS (PARTITION BY workload ORDER BY ts))"
        " WHERE since IS NOT NULL AND ts > since"
    )


def _value(source: FileSource, measured: Measured) -> str:
    if source.value_column is not None:
        value = _number(source.value_column)
    else:
        value = " + ".join(_number(column) for column in (measured.column or "", *measured.plus))
    value = f"({value}) * {FACTORS[measured.unit]!r}"
    if measured.of is not None and measured.of_unit is not None:
        value += f" * {_number(measured.of)} * {FACTORS[measured.of_unit]!r}"
    if measured.mhz_per_core is not None:
        value += f" / {measured.mhz_per_core!r}"
    elif measured.capacity_mhz is not None and measured.cores is not None:
        value += f" / nullif({_number(measured.capacity_mhz)}, 0) * {_number(measured.cores)}"
    return value


def _moment(source: FileSource) -> str:
    column = _name(source.time)
    if source.time_unit != "iso":
        factor = {"s": 1e6, "ms": 1e3, "us": 1.0}[source.time_unit]
        return f"make_timestamptz(CAST(round({_number(source.time)} * {factor!r}) AS BIGINT))"
    # A text with a zone says when by itself; one without is read in the zone of the mapping.
    plain = f"timezone({_text(source.timezone)}, TRY_CAST({column} AS TIMESTAMP))"
    zoned = f"regexp_matches(CAST({column} AS VARCHAR), '(Z|[+-][0-9]{{2}}(:?[0-9]{{2}})?)$')"
    is_date_only = f"regexp_matches(CAST({column} AS VARCHAR), '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}$')"
    moment = f"TRY_CAST(CAST({column} AS VARCHAR) AS TIMESTAMPTZ)"
    return f"CASE WHEN {zoned} AND NOT {is_date_only} THEN {moment} ELSE {plain} END"


def _workload(source: FileSource) -> str:
    return " || '/' || ".join(f"CAST({_name(column)} AS VARCHAR)" for column in source.workload)


def _number(column: str) -> str:
    return f"TRY_CAST({_name(column)} AS DOUBLE)"


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
