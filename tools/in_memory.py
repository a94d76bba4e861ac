"""DuckDB in this process: nothing is loaded from elsewhere, and nothing is written to the terminal."""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from typing import TYPE_CHECKING

from .spilling import spill_place

if TYPE_CHECKING:
    import duckdb


_M_ARENA_MAX = -8
_HEAPS = 2


@cache
def _give_memory_back() -> None:
    """Let what queries return be given back to the system once it is read.

    Arrow's own pool keeps what is freed, and the C library keeps a heap for every thread; side by side, the tools of a
    survey then hold what the others have long released. Where there is no `mallopt`, its part is left out.
    """
    import pyarrow as pa  # noqa: PLC0415 - as duckdb

    pa.set_memory_pool(pa.system_memory_pool())
    limit = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if limit is not None:
        limit(_M_ARENA_MAX, _HEAPS)


def in_memory(threads: int, **settings: str | bool) -> duckdb.DuckDBPyConnection:
    """A database of its own that lives as long as the connection.

    Args:
        threads: cores that it may use.
        settings: further settings of DuckDB. What does not fit into memory is spilled into a private folder.
    """
    import duckdb  # noqa: PLC0415 - 200 ms that only queries need

    _give_memory_back()
    given: dict[str, str | bool | int | float | list[str]] = {
        "threads": threads,
        # By itself it takes a folder of the place where the process was started, for others to read.
        "temp_directory": spill_place(),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        **settings,
    }
    connection = duckdb.connect(":memory:", config=given)
    # Where Python was started without a file, DuckDB takes it for a notebook and draws bars into standard output.
    connection.execute("SET enable_progress_bar_print = false")
    connection.execute("SET enable_progress_bar = false")
    return connection
