"""Queries of DuckDB end when their time is up."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..core.clock import Deadline
from ..core.errors import BackendError

if TYPE_CHECKING:
    import duckdb


@contextmanager
def interrupting(connection: duckdb.DuckDBPyConnection, noun: str, deadline: Deadline | None) -> Iterator[None]:
    """Stop whatever the connection is doing when the time is up, and never what it does afterwards.

    Args:
        connection: of the query.
        noun: what is asked, for the message.
        deadline: none if the query may take as long as it takes.

    Raises:
        BackendError: no time is left.
    """
    if deadline is None:
        yield
        return
    if deadline.passed:
        raise BackendError(f"no time was left to ask the {noun}", remedy="give the call a longer deadline")
    lock, running = threading.Lock(), True

    def stop() -> None:
        with lock:
            if running:
                connection.interrupt()

    timer = threading.Timer(deadline.left_s, stop)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        with lock:
            running = False
        timer.cancel()
