"""Erasing a run, or a value wherever it lies, from every store where that is possible; and what stays, and why."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from ...core.canonical import JsonValue
from ...core.errors import InputError, OpswardenError
from ...core.holds import Held
from ...policies.holds import erase_role_missing
from ...policies.ledger.erasure import Selector
from ...policies.ledger.types import LedgerEntry
from ...policies.runs import MIGRATIONS as RUN_MIGRATIONS
from ...policies.switches import INSTALLATION
from ..installation import Installation
from ..past_runs import PastRuns
from ..runner.shared_positions import forget_shared, shared_contents
from ..service.arrivals import Arrivals
from .retention import forget_checkpoints, run_artifacts, run_folders, threads_in
from .stores import existing
from .tidying import erasures_of

ERASED_TEXT = "[erased]"
_REASON_LIMIT = 500
_SHORTEST, _LONGEST = 4, 4_096
_OF_RUN = ("run_request", "run_ticket", "kept_answer", "past_run")
_TEXTS = {
    "run": ("run_id", ("request", "question")),
    "past_run": ("run_id", ("title", "cause", "resolution", "said_cause", "solved_by")),
    "recommendation": ("id", ("reason",)),
    "recommendation_move": ("id", ("reason",)),
    "incident": ("id", ("title",)),
    "incident_alert": ("incident_id", ("name", "entity", "summary")),
    "incident_event": ("incident_id", ("note",)),
}
"""Columns of text that may be emptied; the column beside them finds the row."""

STAYS = (
    "ledger: decisions, hashes, times and cost stay, so that it still verifies",
    "approvals: questions stay as they were asked, sealed; their arguments were redacted",
    "recommendations: names of workloads and owners stay as the fleet has them, redacted",
    "posts: what Slack was told is redacted; it stays there and in the record of where it was told",
    "what has left the installation stays where it is: messages, exports, backups, captures, cosigned heads",
)


@dataclass(frozen=True)
class Step:
    """What came of one store.

    Args:
        erased: rows, values or files that are gone.
        stays: why something is left there; empty where nothing is.
    """

    store: str
    erased: int
    stays: str = ""


@dataclass(frozen=True)
class Wiped:
    """What came of an erasure.

    Args:
        runs: whose data was concerned.
        seq: the entry that says so.
    """

    steps: tuple[Step, ...]
    runs: tuple[str, ...]
    seq: int


class DataErasures:
    """Erases on a person's word; recorded before anything is gone, and again with what is.

    Args:
        person: `person:<name>`.
        roles: that the person holds; one of `ledger.erase_roles` is needed.
    """

    def __init__(self, installation: Installation, *, person: str, roles: frozenset[str]) -> None:
        self._house = installation
        self._person = person
        self._roles = roles
        self._needed = installation.settings.ledger.erase_roles
        # Both make sure that their tables have the columns that are emptied here.
        installation.database.migrate("runs", RUN_MIGRATIONS)
        PastRuns(installation.database)

    def run(self, run_id: str, reason: str) -> Wiped:
        """Erase everything of a run that is not needed for the ledger to verify.

        Raises:
            InputError: no reason, no such run, or it is on hold.
            CallDenied: `erase-role`; recorded as well.
            LedgerError: it could not be recorded, and nothing was erased.
        """
        if next(iter(self._house.ledger.of_run(run_id)), None) is None:
            raise InputError("there is no record of this run", remedy="`opswarden audit tail` shows the newest runs")
        facts = self._begin({"what": "run", "erased_run": run_id}, reason)
        if self._held().covers(run_id):
            raise InputError("the run is on hold", remedy="release it first: `opswarden data hold RUN --release`")
        steps = tuple(self._run_steps(run_id, reason))
        return self._end(facts, steps, (run_id,))

    def value(self, value: str, reason: str) -> Wiped:
        """Erase a value, or what a person is called, wherever it lies as it is written. The value is recorded nowhere.

        Raises:
            InputError: no reason, or the value is too short to be told from other text.
            CallDenied: `erase-role`; recorded as well.
            LedgerError: it could not be recorded, and nothing was erased.
        """
        value = value.strip()
        if not _SHORTEST <= len(value) <= _LONGEST:
            raise InputError(
                "the value is too short or too long",
                remedy=f"from {_SHORTEST} to {_LONGEST} characters; less is found in other words as well",
            )
        facts = self._begin({"what": "value"}, reason)
        held = self._held()
        if held.is_everything:
            raise InputError("all data is on hold", remedy="release it first: `opswarden data hold --all --release`")
        search = _Search(value)
        concerned: set[str] = set()
        steps = tuple(step for part in self._parts() for step in part(search, held, concerned, reason))
        return self._end(facts, steps, tuple(sorted(concerned)))

    def behind(self, run_id: str, entity_type: str, number: int) -> str:
        """The value behind a placeholder of a run, to be erased and not to be shown.

        Raises:
            InputError: it is not kept any more.
        """
        value = self._house.vault.value(run_id, entity_type, number)
        if value is None:
            raise InputError("nothing is kept for that placeholder", remedy="hand in the value: `--value-file -`")
        return value

    def check_role(self, reason: str) -> None:
        """Before a value is looked up.

        Raises:
            CallDenied: `erase-role`; recorded.
        """
        self._allowed({"what": "value"}, reason)

    def _held(self) -> Held:
        return self._house.holds.held()

    def _allowed(self, what: dict[str, JsonValue], reason: str) -> dict[str, JsonValue]:
        reason = reason.strip()
        if not reason or len(reason) > _REASON_LIMIT:
            raise InputError(
                "erasing needs a reason", remedy=f"say why in one sentence of at most {_REASON_LIMIT} characters"
            )
        facts: dict[str, JsonValue] = {
            **what,
            "by": self._person,
            "roles": sorted(self._roles),
            "reason": self._house.redaction.scrub(reason),
        }
        if not self._needed & self._roles:
            self._record({**facts, "outcome": "denied"})
            raise erase_role_missing("erasing", self._needed)
        return facts

    def _begin(self, what: dict[str, JsonValue], reason: str) -> dict[str, JsonValue]:
        facts = self._allowed(what, reason)
        self._record({**facts, "outcome": "begun"})
        if self._house.database.dialect == "sqlite":
            # What is let go is overwritten with zeros, and not only marked as free.
            self._house.database.connection().execute("PRAGMA secure_delete=ON")
        return facts

    def _end(self, facts: dict[str, JsonValue], steps: tuple[Step, ...], runs: tuple[str, ...]) -> Wiped:
        if self._house.database.dialect == "sqlite":
            self._house.database.connection().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        counts: dict[str, JsonValue] = {}
        for step in steps:
            counts[step.store] = step.erased + int(str(counts.get(step.store, 0)))
        seq = self._record({**facts, "outcome": "erased", "stores": counts, "runs": list(runs)})
        return Wiped(steps, runs, seq)

    def _record(self, body: dict[str, JsonValue]) -> int:
        return self._house.ledger.append([LedgerEntry("data.erased", INSTALLATION, body)])[0]

    # A run

    def _run_steps(self, run_id: str, reason: str) -> Iterator[Step]:
        house = self._house
        yield self._payloads(run_id, reason)
        yield Step("vault", house.vault.forget_run(run_id))
        yield Step("artifacts", sum(house.artifacts.remove(one) for one, _ in run_artifacts(house.database, [run_id])))
        yield Step("checkpoints", forget_checkpoints(house.state.checkpoints, [run_id]) + self._forget_shared([run_id]))
        folders = [name for name, runs in run_folders(house.database).items() if runs == [run_id]]
        yield Step("live", sum(self._remove_live(name) for name in folders))
        gone = 0
        for path in house.state.reports.glob("*"):
            if path.is_file() and (run_id in path.name or run_id.encode() in path.read_bytes()):
                path.unlink(missing_ok=True)
                gone += 1
        yield Step("reports", gone)
        with house.database.transaction() as connection:
            gone = 0
            for table in existing(house.database, _OF_RUN):
                gone += connection.execute(f"DELETE FROM {table} WHERE run_id = ?", (run_id,)).rowcount  # noqa: S608 - a name of ours
            if existing(house.database, ("run",)):
                connection.execute("UPDATE run SET request = '', question = NULL WHERE run_id = ?", (run_id,))
        yield Step("runs", gone, "whose the run was stays, so that its id serves nobody else")
        yield Step("journal", self._blank_journal(lambda row: row["run_id"] == run_id), "that calls were made stays")

    def _payloads(self, run_id: str, reason: str) -> Step:
        erasures = erasures_of(self._house)
        found = erasures.erase(Selector(run_id=run_id), person=self._person, roles=self._roles, reason=reason)
        stays = "" if found.is_flushed else "another process reads the database: old content stays until that ends"
        return Step("payloads", found.count, stays)

    def _remove_live(self, name: str) -> bool:
        if existing(self._house.database, ("live_incident",)):
            with self._house.database.transaction() as connection:
                connection.execute("DELETE FROM live_incident WHERE name = ?", (name,))
        folder = self._house.state.live / name
        if not name or folder.parent != self._house.state.live or not folder.is_dir():
            return False
        shutil.rmtree(folder, ignore_errors=True)
        return True

    def _blank_journal(self, is_meant: Callable[[Any], bool]) -> int:
        """Empty what calls came to; that they were made stays, so that none is made again."""
        database, gone = self._house.database, 0
        if not existing(database, ("journal_call",)):
            return 0
        with database.transaction() as connection:
            sql = "SELECT run_id, verb, call_id, result FROM journal_call WHERE result IS NOT NULL"
            for row in connection.execute(sql).fetchall():
                if is_meant(row):
                    connection.execute(
                        "UPDATE journal_call SET result = ? WHERE run_id = ? AND verb = ? AND call_id = ?",
                        (json.dumps(_emptied(json.loads(row["result"]))), row["run_id"], row["verb"], row["call_id"]),
                    )
                    gone += 1
        return gone

    # A value

    def _parts(self) -> tuple[Callable[[_Search, Held, set[str], str], Iterator[Step]], ...]:
        return (self._in_vault, self._in_artifacts, self._in_payloads, self._in_journal, self._in_rest)

    def _in_vault(self, search: _Search, held: Held, runs: set[str], reason: str) -> Iterator[Step]:
        places = self._house.vault.holding(search.value)
        free = [place for place in places if not held.covers(place[0])]
        runs.update(place[0] for place in free)
        yield Step("vault", self._house.vault.forget(free), _on_hold(len(places) - len(free)))

    def _in_artifacts(self, search: _Search, held: Held, runs: set[str], reason: str) -> Iterator[Step]:
        house, gone, spared, known = self._house, 0, 0, set[str]()
        for artifact, run_id in run_artifacts(house.database):
            known.add(artifact)
            try:
                table = house.artifacts.read(artifact, run_id=run_id, team=self._team_of(run_id))
            except OpswardenError:
                continue  # expired or gone: nobody can read it
            if not search.is_in_table(table):
                continue
            if held.covers(run_id):
                spared += 1
                continue
            runs.add(run_id)
            gone += house.artifacts.remove(artifact)
        unknown = sum(one not in known for one in house.artifacts.ids())
        why = f"{unknown} belong to no call on record: they stay until they expire" if unknown else ""
        yield Step("artifacts", gone, "; ".join(filter(None, (_on_hold(spared), why))))

    def _in_payloads(self, search: _Search, held: Held, runs: set[str], reason: str) -> Iterator[Step]:
        found: set[str] = set()
        sql = (
            "SELECT payload.content AS content, json_extract(body, '$.run_id') AS run_id FROM payload"
            " JOIN entry ON entry.seq = payload.seq WHERE payload.content IS NOT NULL"
        )
        with self._house.database.snapshot() as connection:
            for row in connection.execute(sql):
                if row["run_id"] not in found and search.is_in(bytes(row["content"])):
                    found.add(row["run_id"])
        free = sorted(run_id for run_id in found if not held.covers(run_id))
        runs.update(free)
        steps = [self._payloads(run_id, reason) for run_id in free]
        stays = [step.stays for step in steps if step.stays][:1]
        why = "; ".join(filter(None, (_on_hold(len(found) - len(free)), *stays)))
        yield Step("payloads", sum(step.erased for step in steps), why)

    def _in_journal(self, search: _Search, held: Held, runs: set[str], reason: str) -> Iterator[Step]:
        def is_meant(row: Any) -> bool:
            return not held.covers(row["run_id"]) and search.is_in(str(row["result"]).encode())

        yield Step("journal", self._blank_journal(is_meant))

    def _in_rest(self, search: _Search, held: Held, runs: set[str], reason: str) -> Iterator[Step]:
        house = self._house
        threads = [one for one in self._threads(search) if not held.covers(one)]
        runs.update(threads)
        stays = "those runs cannot be resumed any more" if threads else ""
        gone = forget_checkpoints(house.state.checkpoints, threads) + self._forget_shared(threads)
        yield Step("checkpoints", gone, stays)
        by_folder, gone = run_folders(house.database), 0
        for folder in house.state.live.glob("*"):
            files = [path for path in folder.rglob("*") if path.is_file()]
            is_held = any(held.covers(run_id) for run_id in by_folder.get(folder.name, ()))
            if not is_held and any(search.is_in(path.read_bytes()) for path in files):
                gone += self._remove_live(folder.name)
        yield Step("live", gone)
        gone = 0
        for path in house.state.reports.glob("*"):
            content = path.read_bytes() if path.is_file() else b""
            is_held = any(run_id.encode() in content or run_id in path.name for run_id in held.runs)
            if not is_held and search.is_in(content):
                path.unlink(missing_ok=True)
                gone += 1
        yield Step("reports", gone + self._kept_reports(search, held))
        yield Step("arrivals", self._arrivals(search))
        yield Step("texts", sum(self._texts(search, held)))

    def _forget_shared(self, runs: Sequence[str]) -> int:
        database = self._house.database
        return forget_shared(database, runs) if existing(database, ("run_position",)) else 0

    def _threads(self, search: _Search) -> list[str]:
        path, database = self._house.state.checkpoints, self._house.database
        found: set[str] = set()
        if existing(database, ("run_position",)):
            found.update(run for run, parts in shared_contents(database) if any(map(search.is_in, parts)))
        if not threads_in(path):
            return sorted(found)
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            for sql in (
                "SELECT thread_id, checkpoint, metadata FROM checkpoints",
                "SELECT thread_id, value, NULL FROM writes",
            ):
                for thread, *contents in connection.execute(sql):
                    if thread not in found and any(search.is_in(_as_bytes(one)) for one in contents):
                        found.add(thread)
        return sorted(found)

    def _kept_reports(self, search: _Search, held: Held) -> int:
        database, gone = self._house.database, 0
        if not existing(database, ("kept_report",)):
            return 0
        with database.transaction() as connection:
            for row in connection.execute("SELECT run_id, title, report FROM kept_report").fetchall():
                if not held.covers(row["run_id"]) and search.is_in(f"{row['title']}\n{row['report']}".encode()):
                    gone += connection.execute("DELETE FROM kept_report WHERE run_id = ?", (row["run_id"],)).rowcount
        return gone

    def _arrivals(self, search: _Search) -> int:
        """What waits and holds the value is given up; what was worked off holds nothing any more."""
        house, gone = self._house, 0
        if not existing(house.database, ("arrival",)):
            return 0
        arrivals = Arrivals(house.database, house.keys, house.clock, house.ids)
        for arrival_id in arrivals.waiting():
            try:
                body = arrivals.read(arrival_id).body
            except InputError:
                continue
            if search.is_in(json.dumps(body, ensure_ascii=False).encode()):
                arrivals.settle(arrival_id, "failed", "its content was erased")
                gone += 1
        return gone

    def _texts(self, search: _Search, held: Held) -> Iterator[int]:
        database = self._house.database
        for table in existing(database, _TEXTS):
            key, columns = _TEXTS[table]
            with database.transaction() as connection:
                for column in columns:
                    rows = connection.execute(f"SELECT DISTINCT {key}, {column} FROM {table}").fetchall()  # noqa: S608 - names of ours
                    for row in rows:
                        is_held = key == "run_id" and held.covers(row[key])
                        if not is_held and search.is_in(str(row[column]).encode()):
                            sql = f"UPDATE {table} SET {column} = ? WHERE {key} = ? AND {column} = ?"  # noqa: S608 - as above
                            yield connection.execute(sql, (ERASED_TEXT, row[key], row[column])).rowcount

    def _team_of(self, run_id: str) -> str:
        row = (
            self._house.database.connection()
            .execute("SELECT principal FROM run WHERE run_id = ?", (run_id,))
            .fetchone()
        )
        return str(json.loads(row["principal"])["team"]) if row is not None else self._house.settings.team


class _Search:
    """Finds a value as it is written, whatever its case in ASCII, in text, in JSON and in the columns of a table."""

    def __init__(self, value: str) -> None:
        self.value = value
        forms = (value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1])
        self._forms = tuple({form.encode().lower() for form in forms})

    def is_in(self, content: bytes) -> bool:
        lowered = content.lower()
        return any(form in lowered for form in self._forms)

    def is_in_table(self, table: pa.Table) -> bool:
        return any(self.is_in(buffer) for buffer in _buffers(table))


def _buffers(table: pa.Table) -> Iterable[bytes]:
    for column in table.columns:
        for chunk in column.chunks:
            parts = [chunk, chunk.dictionary] if pa.types.is_dictionary(chunk.type) else [chunk]
            for part in parts:
                yield from (buffer.to_pybytes() for buffer in part.buffers() if buffer is not None)


_EMPTIED = frozenset({"summary", "message", "scope", "texts", "text", "body", "tool_requests", "content", "messages"})


def _emptied(stored: dict[str, Any]) -> dict[str, Any]:
    """What a call came to, without what it said."""
    blank: dict[type, Any] = {str: ERASED_TEXT, dict: {}, list: []}
    return {name: blank.get(type(value), value) if name in _EMPTIED else value for name, value in stored.items()}


def _as_bytes(content: object) -> bytes:
    if content is None:
        return b""
    return content if isinstance(content, bytes) else str(content).encode()


def _on_hold(count: int) -> str:
    return f"{count} are on hold" if count else ""
