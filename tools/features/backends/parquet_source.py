"""The offline side in Parquet files, read by DuckDB: a sample of keys out of any number of rows."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from ....core.clock import Deadline
from ....core.errors import BackendError, InputError
from ...in_memory import in_memory
from .store import CREATED, EVENT, KEY, MOST_ROWS, MOST_VERSIONS, SEPARATOR, Kind, Share, kind_of

_MOST_FILES = 10_000
_MEMORY = "600MB"
_THREADS = 2


class ParquetSource:
    """Rows of one view in Parquet files.

    Args:
        paths: files, or folders of them.
        keys: the columns that make a key.
        event: the column with the moment of the event.
        created: the column with the moment of writing.
    """

    def __init__(self, paths: Sequence[Path], keys: Sequence[str], event: str, created: str | None) -> None:
        self._files = [str(path) for path in _listed(paths)]
        self._keys, self._event, self._created = tuple(keys), event, created
        self._schema = self._read_schema()

    def kinds(self) -> dict[str, Kind]:
        """The kinds of the columns that are no key and no moment, of the newest file."""
        own = {*self._keys, self._event, self._created}
        return {field.name: kind_of(field.type) for field in self._schema if field.name not in own}

    def _read_schema(self) -> pa.Schema:
        import pyarrow.parquet as pq  # noqa: PLC0415 - only where files are read

        try:
            schema = pq.read_schema(self._files[-1])
        except (pa.ArrowInvalid, OSError) as error:
            raise InputError("files of a view cannot be read", remedy="give Parquet files") from error
        missing = [name for name in (*self._keys, self._event, self._created) if name and name not in schema.names]
        if missing:
            raise InputError(f"files of a view have no column {missing[0]!r}", remedy="correct the view's columns")
        return schema

    def count(self, deadline: Deadline) -> int:
        """About how many keys there are."""
        sql = f"SELECT approx_count_distinct({self._key_sql}) AS n FROM {self._table}"  # noqa: S608 - names are quoted
        found = self._ask(sql, [], deadline)
        return int(found["n"][0].as_py())

    def newest(self, share: Share, features: Sequence[str], upto_us: int, deadline: Deadline) -> pa.Table:
        """The newest `MOST_VERSIONS` rows of each key of a sample up to a moment.

        Raises:
            BackendError: there are more than `MOST_ROWS`, or the deadline has passed.
        """
        columns = "".join(f", {_quoted(name)}" for name in features)
        created = self._created_sql
        sql = f"""
            SELECT {KEY}, {EVENT}, {CREATED}{columns} FROM (
                SELECT {self._key_sql} AS {KEY}, {self._event_sql} AS {EVENT}, {created} AS {CREATED}{columns}
                FROM {self._table}
                WHERE {share.sql(self._key_sql)} AND {self._event_sql} <= ?
            )
            QUALIFY row_number() OVER (PARTITION BY {KEY} ORDER BY {EVENT} DESC, {CREATED} DESC) <= {MOST_VERSIONS}
            LIMIT {MOST_ROWS + 1}
        """  # noqa: S608 - names are quoted, values are parameters
        found = self._ask(sql, [upto_us], deadline)
        if found.num_rows > MOST_ROWS:
            raise BackendError(f"the sample has more than {MOST_ROWS} rows", remedy="ask for a smaller sample")
        return found

    def between(self, features: Sequence[str], start_us: int, end_us: int, deadline: Deadline) -> pa.Table:
        """The newest row of each key within an interval: join keys, `event_us`, features, and `rows` of the key."""
        keys = ", ".join(_quoted(name) for name in self._keys)
        columns = "".join(f", {_quoted(name)}" for name in features)
        sql = f"""
            SELECT {keys}, {EVENT}{columns}, count(*) OVER (PARTITION BY {keys}) AS rows FROM (
                SELECT {keys}, {self._event_sql} AS {EVENT}, {self._created_sql} AS {CREATED}{columns}
                FROM {self._table}
                WHERE {self._event_sql} >= ? AND {self._event_sql} < ?
            )
            QUALIFY row_number() OVER (PARTITION BY {keys} ORDER BY {EVENT} DESC, {CREATED} DESC) = 1
        """  # noqa: S608 - names are quoted, values are parameters
        return self._ask(sql, [start_us, end_us], deadline)

    def steps(self, start_us: int, end_us: int, step_us: int, deadline: Deadline) -> tuple[int, ...]:
        """Rows in each step of an interval."""
        sql = f"""
            SELECT ({self._event_sql} - ?) // ? AS step, count(*) AS n FROM {self._table}
            WHERE {self._event_sql} >= ? AND {self._event_sql} < ? GROUP BY step
        """  # noqa: S608 - as above
        found = self._ask(sql, [start_us, step_us, start_us, end_us], deadline)
        counted = dict(zip(found["step"].to_pylist(), found["n"].to_pylist(), strict=True))
        return tuple(int(counted.get(step, 0)) for step in range(-(-(end_us - start_us) // step_us)))

    @property
    def _event_sql(self) -> str:
        return _us(self._event, self._schema)

    @property
    def _created_sql(self) -> str:
        return _us(self._created, self._schema) if self._created else "NULL::BIGINT"

    @property
    def _table(self) -> str:
        names = ", ".join("'" + name.replace("'", "''") + "'" for name in self._files)
        return f"read_parquet([{names}], union_by_name = true)"

    @property
    def _key_sql(self) -> str:
        parts = f" || '{SEPARATOR}' || ".join(f"CAST({_quoted(name)} AS VARCHAR)" for name in self._keys)
        return f"({parts})"

    def _ask(self, sql: str, values: list[int], deadline: Deadline) -> pa.Table:
        import duckdb  # noqa: PLC0415 - 200 ms that only queries need

        connection = in_memory(_THREADS, memory_limit=_MEMORY, preserve_insertion_order=False)
        timer = threading.Timer(max(deadline.left_s, 0.001), connection.interrupt)
        timer.daemon = True
        timer.start()
        try:
            return connection.sql(sql, params=values).to_arrow_table()
        except duckdb.InterruptException as error:
            raise BackendError("the offline rows were not read in time", remedy="ask for a smaller sample") from error
        except duckdb.Error as error:
            raise BackendError(
                "the offline rows cannot be read", remedy="check that the files fit the view's columns"
            ) from error
        finally:
            timer.cancel()
            connection.close()


def in_share(keys: Sequence[str], share: Share) -> list[str]:
    """Those of some keys that are in a sample."""
    if share.fraction >= 1 or not keys:
        return list(keys)
    connection = in_memory(1)
    try:
        connection.register("keys", pa.table({KEY: pa.array(keys, pa.string())}))
        found = connection.execute(f"SELECT {KEY} FROM keys WHERE {share.sql(KEY)}")  # noqa: S608 - all of it is ours
        return [str(row[0]) for row in found.fetchall()]
    finally:
        connection.close()


def _listed(paths: Sequence[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        inside = sorted(path.rglob("*.parquet")) if path.is_dir() else [path]
        found += [one for one in inside if one.is_file() and not one.is_symlink()]
    if not found:
        raise InputError("there is no offline file", remedy="name Parquet files that exist")
    if len(found) > _MOST_FILES:
        raise InputError(f"there are more than {_MOST_FILES} offline files", remedy="name fewer")
    return found


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _us(column: str, schema: pa.Schema) -> str:
    """A moment as microseconds; what carries no zone is UTC."""
    kind = schema.field(column).type
    if pa.types.is_integer(kind):
        return f"CAST({_quoted(column)} AS BIGINT)"
    # DuckDB 2.0 has no `epoch_us` of nanoseconds with a zone, which is what pandas writes.
    is_fine = pa.types.is_timestamp(kind) and kind.unit == "ns"
    return f"epoch_ns({_quoted(column)}) // 1000" if is_fine else f"epoch_us({_quoted(column)})"
