"""Tables in memory that can be queried like a snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from ...core.clock import Deadline
from ...tools.in_memory import in_memory


class MemoryTables:
    """Some tables by name."""

    def __init__(self, tables: Mapping[str, pa.Table]) -> None:
        self._duckdb = in_memory(1)
        for name, table in tables.items():
            self._duckdb.register(name, table)

    def query(self, sql: str, parameters: Any = (), deadline: Deadline | None = None) -> pa.Table:
        """Run a query of ours; rows in memory need no deadline."""
        del deadline
        return self._duckdb.sql(sql, params=parameters).to_arrow_table()

    def close(self) -> None:
        """Let go of the memory."""
        self._duckdb.close()
