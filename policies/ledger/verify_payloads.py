"""Do the payloads beside the entries fit them, and does a record account for every one that is gone?"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ...core.database import Connection, Row
from .payloads import COMPONENT, SALT_BYTES, commitment_in

ERASURE = "payload.erased"


class PayloadError(Exception):
    """A finding; no error of the program.

    Args:
        problem: one line of what is wrong.
        seq: the entry whose payload it is, or that says something else than what is there.
    """

    def __init__(self, problem: str, seq: int) -> None:
        super().__init__(problem)
        self.problem = problem
        self.seq = seq


@dataclass
class _Gone:
    """Emptied rows that name one entry as their erasure."""

    first: int
    count: int = 0
    newest: str = ""
    runs: set[str] = field(default_factory=set)


class PayloadCheck:
    """Walks the payloads in step with the entries.

    Args:
        connection: in the snapshot of the walk.

    Raises:
        STATEMENT_ERRORS: the table cannot be read.
    """

    def __init__(self, connection: Connection) -> None:
        self.kept = 0
        self.erased = 0
        self._gone: dict[int, _Gone] = {}
        query = "SELECT 1 FROM schema_version WHERE component = ?"
        # A ledger from before payloads lay apart has none.
        self.has_table = connection.execute(query, (COMPONENT,)).fetchone() is not None
        self._rows: Iterator[Row] = (
            iter(connection.execute("SELECT seq, salt, content, erased_by FROM payload ORDER BY seq"))
            if self.has_table
            else iter(())
        )
        self._next = next(self._rows, None)

    def meet(self, place: int, entry: Mapping[str, object]) -> None:
        """The next entry, its own hash checked.

        Raises:
            PayloadError: its payload is missing, altered or not its own; or it says that it erased what is not gone.
        """
        body = entry["body"]
        commitment = commitment_in(body) if isinstance(body, Mapping) else None
        row = self._next
        if row is not None and row[0] < place:
            raise PayloadError(f"a payload lies at place {row['seq']}, where none belongs", place)
        is_here = row is not None and row[0] == place
        if is_here:
            self._next = next(self._rows, None)
        if commitment is None:
            if is_here:
                raise PayloadError(f"entry {place} has a payload that it does not commit to", place)
        elif row is None or not is_here:
            raise PayloadError(f"the payload of entry {place} is missing, and no record says that it was erased", place)
        else:
            self._check(place, commitment, row, entry)
        if entry["kind"] == ERASURE and isinstance(body, Mapping):
            self._account(place, body)

    def end(self, size: int) -> None:
        """All entries have passed.

        Raises:
            PayloadError: a payload is left over, or one is gone without a record.
        """
        if self._next is not None:
            raise PayloadError(f"a payload lies at place {self._next['seq']}, where there is no entry", size)
        if self._gone:
            first = min(one.first for one in self._gone.values())
            raise PayloadError(f"the payload of entry {first} is gone, and no record says that it was erased", first)

    def _check(self, place: int, commitment: str, row: Row, entry: Mapping[str, object]) -> None:
        salt, content, by = row["salt"], row["content"], row["erased_by"]
        # Not by way of `Payload`: this runs once for every entry.
        if by is None and isinstance(salt, bytes) and isinstance(content, bytes):
            if len(salt) != SALT_BYTES or hashlib.sha256(salt + content).hexdigest() != commitment:
                raise PayloadError(f"the payload of entry {place} was altered", place)
            self.kept += 1
            return
        if not isinstance(by, int) or by <= place:
            raise PayloadError(f"the payload of entry {place} is gone, and no record says that it was erased", place)
        gone = self._gone.setdefault(by, _Gone(place))
        gone.count += 1
        gone.newest = max(gone.newest, str(entry["ts"]))
        if len(gone.runs) < 2:  # an erasure speaks of one run, or of none
            gone.runs.add(str(entry["run_id"]))
        self.erased += 1

    def _account(self, place: int, body: Mapping[str, object]) -> None:
        """An erasure was recorded: as many payloads as it says, and of what it says, are gone by it."""
        if body.get("outcome") != "erased":
            return
        gone = self._gone.pop(place, _Gone(place))
        if gone.count != body.get("count"):
            raise PayloadError(f"entry {place} erased {body.get('count')} payloads, and {gone.count} are gone", place)
        run_id, before = body.get("erased_run"), body.get("before")
        if isinstance(run_id, str) and not gone.runs <= {run_id}:
            raise PayloadError(f"the payload of entry {gone.first} is gone by an erasure of another run", gone.first)
        if isinstance(before, str) and gone.newest and gone.newest >= before:
            raise PayloadError(f"a payload is gone by entry {place}, which erased older ones only", place)
