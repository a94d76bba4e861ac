"""Rows in memory that are queried like a snapshot: what a live system handed over, bounded by whoever asked it."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import pyarrow as pa

from ...core.clock import Deadline
from ...core.errors import BackendError
from ..in_memory import in_memory
from .schema import TABLES, TableName


class Queried(Protocol):
    """Tables of `schema.TABLES` that our queries run over: a snapshot, or rows in memory."""

    @property
    def environment(self) -> str:
        """Where the rows come from."""
        ...

    def has(self, table: TableName) -> bool:
        """Whether the table is there and holds a row."""
        ...

    def query(
        self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = (), deadline: Deadline | None = None
    ) -> pa.Table:
        """Run a query of ours and return all its rows; values only ever travel as parameters.

        Raises:
            BackendError: it failed, or not before the deadline.
        """
        ...


class HeldTables:
    """Implements `Queried`; may be asked from several threads, one at a time.

    Args:
        environment: where the rows come from.
        tables: by name, with the columns of `schema.TABLES`; rows keep their order.
    """

    def __init__(self, environment: str, tables: Mapping[TableName, pa.Table]) -> None:

        self.environment = environment
        self._lock = threading.Lock()
        self._duckdb = in_memory(1, memory_limit="600MB")
        self._duckdb.execute("SET TimeZone = 'UTC'")
        self._rows: dict[TableName, int] = {}
        for name, rows in tables.items():
            numbers = pa.array(range(rows.num_rows), pa.int64())
            given = rows.select(TABLES[name].names).cast(TABLES[name]).append_column("file_row_number", numbers)
            self._duckdb.register("given", given)
            self._duckdb.execute(f"CREATE TABLE {name} AS SELECT * FROM given")  # noqa: S608 - a name of our schema
            self._duckdb.unregister("given")
            self._rows[name] = rows.num_rows

    def has(self, table: TableName) -> bool:
        """Whether the table is there and holds a row."""
        return self._rows.get(table, 0) > 0

    def query(
        self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = (), deadline: Deadline | None = None
    ) -> pa.Table:
        """Run a query of ours."""
        import duckdb  # noqa: PLC0415 - as above

        with self._lock:
            if deadline is not None and deadline.passed:
                raise BackendError(
                    "no time was left to look at what was read", remedy="give the call a longer deadline"
                )
            try:
                return self._duckdb.sql(sql, params=parameters).to_arrow_table()
            except duckdb.Error as error:
                raise BackendError(
                    f"what was read could not be queried ({type(error).__name__})",
                    remedy="ask for a shorter window or fewer entities",
                ) from error
