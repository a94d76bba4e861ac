"""Reading rows the way the gate's stores need it: a database that fails is a ledger that fails."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.database import STATEMENT_ERRORS, Database, Row
from ..core.errors import LedgerError


def select(database: Database, query: str, values: Sequence[object] = ()) -> list[Row]:
    """All rows of a query.

    Raises:
        LedgerError: the database cannot be read.
    """
    try:
        return database.connection().execute(query, values).fetchall()
    except STATEMENT_ERRORS as error:
        raise LedgerError(
            f"the gate's records cannot be read: {error}", remedy="check the disk and the rights of the state directory"
        ) from error
