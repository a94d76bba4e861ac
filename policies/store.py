"""Reading rows the way the gate's stores need it: a database that fails is a ledger that fails."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from ..core.database import Database
from ..core.errors import LedgerError


def select(database: Database, query: str, values: Sequence[object] = ()) -> list[sqlite3.Row]:
    """All rows of a query.

    Raises:
        LedgerError: the database cannot be read.
    """
    try:
        return database.connection().execute(query, values).fetchall()
    except sqlite3.Error as error:
        raise LedgerError(
            f"the gate's records cannot be read: {error}", remedy="check the disk and the rights of the state directory"
        ) from error
