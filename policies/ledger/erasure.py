"""Erasing what entries say at length: by a person with a role and a reason, or when its time is over; recorded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ...core.canonical import JsonValue
from ...core.clock import Clock, to_iso
from ...core.database import STATEMENT_ERRORS, Connection, Database
from ...core.errors import CallDenied, InputError, LedgerError
from ...core.holds import Held, nothing_held
from ..store import select
from .types import Ledger, LedgerEntry

RETENTION = "system:retention"

_REASON_LIMIT = 500
_OF_RUN = "seq IN (SELECT seq FROM entry WHERE run_id = ?)"
_BEFORE = "seq IN (SELECT seq FROM entry WHERE json_extract(body, '$.ts') < ?)"
_RUNS = (
    "SELECT run_id, MIN(json_extract(body, '$.ts')) AS oldest, MAX(json_extract(body, '$.ts')) AS newest FROM entry"
    " WHERE seq IN (SELECT seq FROM payload WHERE erased_by IS NULL) GROUP BY run_id"
)

_FLUSH = "PRAGMA wal_checkpoint(TRUNCATE)"


@dataclass(frozen=True)
class Selector:
    """What is erased: everything of one run, everything recorded before a moment, or what is both.

    Raises:
        ValueError: it is neither.
    """

    run_id: str | None = None
    before: datetime | None = None

    def __post_init__(self) -> None:
        if self.run_id is None and self.before is None:
            raise ValueError("a run, or a moment")

    @property
    def facts(self) -> dict[str, JsonValue]:
        """As the record has it."""
        whose: dict[str, JsonValue] = {} if self.run_id is None else {"erased_run": self.run_id}
        return whose if self.before is None else {**whose, "before": to_iso(self.before)}

    def condition(self, of_run: str = _OF_RUN, before: str = _BEFORE) -> tuple[str, tuple[str, ...]]:
        """As a database has it, and its values.

        Args:
            of_run: the condition on the run.
            before: the condition on the moment.
        """
        parts = []
        if self.run_id is not None:
            parts.append((of_run, self.run_id))
        if self.before is not None:
            parts.append((before, to_iso(self.before)))
        return " AND ".join(sql for sql, _ in parts), tuple(value for _, value in parts)


@dataclass(frozen=True)
class Erased:
    """What came of it.

    Args:
        count: payloads that are gone now.
        seq: the last entry that says so; absent where there was nothing to erase.
        reports: kept reports that are gone with them.
        is_flushed: whether the old content is gone from the write-ahead file as well; other readers can delay that.
    """

    count: int
    seq: int | None
    reports: int = 0
    is_flushed: bool = True

    def __add__(self, other: Erased) -> Erased:
        return Erased(
            self.count + other.count,
            other.seq if other.seq is not None else self.seq,
            self.reports + other.reports,
            is_flushed=self.is_flushed and other.is_flushed,
        )


class Erasures:
    """Decides, records and erases in one transaction.

    Args:
        ledger: in the same database.
        database: where the payloads lie.
        clock: nothing after now can be named.
        scrub: cleans the reason.
        roles: one of them is needed; with none, nobody erases anything.
        run_id: under which erasures are recorded.
        reports: erases the reports that say the same, in the same transaction; how many there were;
            those of spared runs stay.
        held: what may not be erased now.
    """

    def __init__(
        self,
        ledger: Ledger,
        database: Database,
        clock: Clock,
        scrub: Callable[[str], str],
        *,
        roles: frozenset[str],
        run_id: str,
        reports: Callable[[Connection, Selector, Sequence[str]], int] = lambda _connection, _selector, _spared: 0,
        held: Callable[[], Held] = nothing_held,
    ) -> None:
        self._held = held
        self._ledger = ledger
        self._database = database
        self._clock = clock
        self._scrub = scrub
        self._roles = roles
        self._run_id = run_id
        self._reports = reports

    def erase(self, selector: Selector, *, person: str, roles: frozenset[str], reason: str) -> Erased:
        """Erase on a person's word.

        Args:
            selector: what.
            person: `person:<name>`.
            roles: that the person holds.
            reason: in the person's words; recorded, cleaned.

        Raises:
            InputError: no reason, no such run, a moment still to come, or the run is on hold.
            CallDenied: `erase-role`; that is recorded as well.
            LedgerError: it could not be recorded, and nothing was erased.
            RedactionError: the reason could not be cleaned, and nothing was erased.
        """
        reason = reason.strip()
        if not reason or len(reason) > _REASON_LIMIT:
            raise InputError(
                "erasing needs a reason", remedy=f"say why in one sentence of at most {_REASON_LIMIT} characters"
            )
        if selector.before is not None and selector.before > self._clock.now():
            raise InputError("that moment is still to come", remedy="name one in the past")
        if selector.run_id is not None and next(iter(self._ledger.of_run(selector.run_id)), None) is None:
            raise InputError("there is no record of this run", remedy="`opswarden audit tail` shows the newest runs")
        held = self._held()
        if held.is_everything or (selector.run_id is not None and held.covers(selector.run_id)):
            raise InputError("the data is on hold", remedy="release the hold first: `opswarden data hold --release`")
        facts: dict[str, JsonValue] = {
            **selector.facts,
            "by": person,
            "roles": sorted(roles),
            "reason": self._scrub(reason),
        }
        if not self._roles & roles:
            self._ledger.append([LedgerEntry("payload.erased", self._run_id, {**facts, "outcome": "denied"})])
            needed = ", ".join(sorted(self._roles)) or "nobody may (`ledger.erase_roles` is empty)"
            raise CallDenied(
                "erasing needs another role",
                code="erase-role",
                remedy=f"one of: {needed}; roles are given under `people` in opswarden.toml",
            )
        return self._apply(selector, facts)

    def retain(self, days: int | None, of_run: Callable[[str], int | None] | None = None) -> Erased:
        """Erase what is older than a number of days, as the configuration says; recorded if there was anything.

        Args:
            days: for all alike; `None` keeps it for good.
            of_run: days for a run, by its id, instead; a run goes whole once its newest record is over.

        Raises:
            LedgerError: it could not be recorded, and nothing more was erased.
        """
        if of_run is None:
            return Erased(0, None) if days is None else self._over(days)
        rows = select(self._database, _RUNS)
        found = Erased(0, None)
        for row in rows:
            kept = of_run(row["run_id"])
            cut = "" if kept is None else to_iso(self._clock.now() - timedelta(days=kept))
            if kept is not None and row["oldest"] < cut:
                found += self._over(kept, row["run_id"], is_whole=row["newest"] < cut)
        return found

    def _over(self, days: int, run_id: str | None = None, *, is_whole: bool = False) -> Erased:
        before = None if is_whole else self._clock.now() - timedelta(days=days)
        facts: dict[str, JsonValue] = {"by": RETENTION, "reason": f"older than {days} days"}
        selector = Selector(run_id, before)
        return self._apply(selector, {**selector.facts, **facts})

    @property
    def _is_sqlite(self) -> bool:
        """PostgreSQL keeps old versions of rows until its owner's `VACUUM`, whatever a writer says."""
        return self._database.dialect == "sqlite"

    def _apply(self, selector: Selector, facts: dict[str, JsonValue]) -> Erased:
        held = self._held()
        if held.is_everything:
            return Erased(0, None)
        condition, chosen = selector.condition()
        spared = sorted(held.runs)
        where = f"erased_by IS NULL AND {condition}"
        if spared:
            where += f" AND seq NOT IN (SELECT seq FROM entry WHERE run_id IN ({', '.join('?' * len(spared))}))"  # noqa: S608 - question marks
        values = (*chosen, *spared)
        try:
            if self._is_sqlite:
                # What is let go is overwritten with zeros, and not only marked as free.
                self._database.connection().execute("PRAGMA secure_delete=ON")
            with self._database.transaction() as connection:
                count = connection.execute(f"SELECT COUNT(*) FROM payload WHERE {where}", values).fetchone()[0]  # noqa: S608 - our own words
                reports = self._reports(connection, selector, spared)
                if not count and not reports:
                    return Erased(0, None)
                told: dict[str, JsonValue] = {"reports": reports} if reports else {}
                body: dict[str, JsonValue] = {**facts, "count": count, **told, "outcome": "erased"}
                entry = LedgerEntry("payload.erased", self._run_id, body)
                (seq,) = self._ledger.append([entry], connection=connection)
                connection.execute(
                    f"UPDATE payload SET salt = NULL, content = NULL, erased_by = ? WHERE {where}",  # noqa: S608 - as above
                    (seq, *values),
                )
            is_flushed = self._is_sqlite and not self._database.connection().execute(_FLUSH).fetchone()[0]
        except STATEMENT_ERRORS as error:
            raise LedgerError(
                f"the payloads cannot be erased: {error}", remedy="run `opswarden audit verify`, and check the disk"
            ) from error
        return Erased(count, seq, reports, is_flushed=is_flushed)
