"""DuckDB in this process: nothing is loaded from elsewhere, and nothing is written to the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb


def in_memory(threads: int, **settings: str | bool) -> duckdb.DuckDBPyConnection:
    """A database of its own that lives as long as the connection.

    Args:
        threads: cores that it may use.
        settings: further settings of DuckDB.
    """
    import duckdb  # noqa: PLC0415 - 200 ms that only queries need

    given: dict[str, str | bool | int | float | list[str]] = {
        "threads": threads,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        **settings,
    }
    connection = duckdb.connect(":memory:", config=given)
    # Where Python was started without a file, DuckDB takes it for a notebook and draws bars into standard output.
    connection.execute("SET enable_progress_bar_print = false")
    connection.execute("SET enable_progress_bar = false")
    return connection
