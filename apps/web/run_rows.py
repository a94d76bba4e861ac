"""The runs that somebody may see, newest first, with what became of each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from ...core.clock import from_iso
from ...core.database import Row
from ...policies.budgets import MIGRATIONS as BUDGETS
from ...policies.store import select
from ...policies.uses import SUMS, Use, use_of
from .house import House

RunState = Literal["running", "waiting", "stopped", "ended", "failed"]
STATES: tuple[RunState, ...] = ("running", "waiting", "stopped", "ended", "failed")

PAGE = 25
_CHUNK = 100
_MOST_LOOKED_AT = 1_000
_QUIET = timedelta(minutes=15)
_COLUMNS = (
    "run.run_id AS run_id, run.principal AS principal, run.started_at AS started_at, run.request AS request,"
    " run.environment AS environment, k.title AS title, k.verdict AS verdict, k.suspect AS suspect"
)


@dataclass(frozen=True)
class RunRow:
    """One run.

    Args:
        title: of its incident; empty until it is reported.
        verdict: of its report; empty without one.
        suspect: the first one; empty without one.
        last_at: when something of it was last recorded.
    """

    run_id: str
    role: str
    team: str
    by: str
    started_at: datetime
    environment: str
    title: str
    verdict: str
    suspect: str
    state: RunState
    last_at: datetime
    used: Use


@dataclass(frozen=True)
class Wanted:
    """Which runs.

    Args:
        words: a part of the title, the suspect or the id.
        verdict: of the report.
        state: as in `RunRow`.
        before: the place after which to go on, as `place_of` writes it.
    """

    words: str = ""
    verdict: str = ""
    state: str = ""
    before: str = ""


@dataclass(frozen=True)
class Found:
    """A page of runs; `more` is where the next begins, empty at the end."""

    rows: tuple[RunRow, ...]
    more: str


def runs(house: House, teams: Sequence[str] | None, wanted: Wanted) -> Found:
    """A page of the runs of some teams, or of every team where that is `None`.

    Raises:
        LedgerError: the records cannot be read.
    """
    found: list[RunRow] = []
    place, looked_at = wanted.before, 0
    while True:
        rows = _chunk(house, teams, wanted, place)
        looked_at += len(rows)
        for row, run in zip(rows, _filled(house, rows), strict=True):
            place = _place(row)
            if not wanted.state or run.state == wanted.state:
                found.append(run)
            if len(found) == PAGE:
                return Found(tuple(found), place)
        if len(rows) < _CHUNK:
            return Found(tuple(found), "")
        if looked_at >= _MOST_LOOKED_AT:
            return Found(tuple(found), place)


def run_of(house: House, teams: Sequence[str] | None, run_id: str) -> RunRow | None:
    """One run; `None` where there is none that these teams may see."""
    rows = select(house.installation.database, *_query(teams, "run.run_id = ?", (run_id,), 1))
    return next(_filled(house, rows), None)


def team_of(house: House, run_ids: Iterable[str]) -> Mapping[str, str]:
    """The teams of runs; those that nobody registered are left out."""
    wanted = sorted(set(run_ids))
    if not wanted:
        return {}
    marks = ", ".join("?" * len(wanted))
    rows = select(house.installation.database, f"SELECT run_id, principal FROM run WHERE run_id IN ({marks})", wanted)  # noqa: S608 - marks alone
    return {row["run_id"]: str(json.loads(row["principal"])["team"]) for row in rows}


def _chunk(house: House, teams: Sequence[str] | None, wanted: Wanted, place: str) -> list[Row]:
    where, values = ["1 = 1"], list[object]()
    if wanted.verdict:
        where.append("k.verdict = ?")
        values.append(wanted.verdict)
    if wanted.words:
        pattern = f"%{_plain(wanted.words.lower())}%"
        names = ("k.title", "k.suspect", "run.run_id", "run.request")
        where.append(" OR ".join(f"lower({name}) LIKE ? ESCAPE '!'" for name in names).join("()"))
        values.extend([pattern] * len(names))
    moment, _, run_id = place.partition("~")
    if moment and run_id:
        where.append("(run.started_at < ? OR (run.started_at = ? AND run.run_id < ?))")
        values.extend([moment, moment, run_id])
    return select(house.installation.database, *_query(teams, " AND ".join(where), values, _CHUNK))


def _query(
    teams: Sequence[str] | None, where: str, values: Sequence[object], most: int
) -> tuple[str, tuple[object, ...]]:
    if teams is not None:
        where += f" AND json_extract(principal, '$.team') IN ({', '.join('?' * len(teams))})"
    sql = (
        f"SELECT {_COLUMNS} FROM run LEFT JOIN kept_report k ON k.run_id = run.run_id WHERE {where}"  # noqa: S608 - constants and marks
        " ORDER BY run.started_at DESC, run.run_id DESC LIMIT ?"
    )
    return sql, (*values, *(teams or ()), most)


def _filled(house: House, rows: Sequence[Row]) -> Iterator[RunRow]:
    """One by one, as each takes a look at the ledger."""
    used, waiting = _used(house, [row["run_id"] for row in rows]), _waiting(house)
    yield from (_row(house, row, used.get(row["run_id"], Use()), row["run_id"] in waiting) for row in rows)


def _row(house: House, row: Row, used: Use, is_waiting: bool) -> RunRow:
    principal, started = json.loads(row["principal"]), from_iso(row["started_at"])
    last = next(iter(house.installation.ledger.tail(1, run_id=row["run_id"])), None)
    last_at = last.ts if last is not None else started
    state: RunState = "running"
    if last is not None and last.kind == "run.ended":
        state = "failed" if last.body.get("outcome") == "failed" else "ended"
    elif is_waiting:
        state = "waiting"
    elif house.installation.clock.now() - last_at > _QUIET:
        state = "stopped"
    return RunRow(
        run_id=row["run_id"],
        role=str(principal["role"]),
        team=str(principal["team"]),
        by=str(principal["on_behalf_of"]),
        started_at=started,
        environment=row["environment"] or "",
        title=row["title"] or row["request"] or "",
        verdict=row["verdict"] or "",
        suspect=row["suspect"] or "",
        state=state,
        last_at=last_at,
        used=used,
    )


def _used(house: House, run_ids: Sequence[str]) -> Mapping[str, Use]:
    if not run_ids:
        return {}
    house.installation.database.migrate("budgets", BUDGETS)
    marks = ", ".join("?" * len(run_ids))
    sql = f"SELECT run_id, {SUMS} FROM budget_use WHERE run_id IN ({marks}) GROUP BY run_id"  # noqa: S608 - constants and marks
    return {row["run_id"]: use_of(row) for row in select(house.installation.database, sql, list(run_ids))}


def _waiting(house: House) -> frozenset[str]:
    now = house.installation.clock.now()
    pending = house.installation.approvals.records(state="pending")
    return frozenset(item.run_id for item in pending if not item.has_expired(now))


def _place(row: Row) -> str:
    return f"{row['started_at']}~{row['run_id']}"


def _plain(words: str) -> str:
    """Words in which nothing stands for anything else in a pattern."""
    return words.replace("!", "!!").replace("%", "!%").replace("_", "!_")
