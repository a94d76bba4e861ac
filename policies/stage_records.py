"""Recorded stages: how far a tool may go by a recorded step of people, beside what the configuration says.

A row is sealed and names the ledger entry of its step, so that one written or taken away behind the gate's back shows.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from ..core.canonical import canonical_json
from ..core.clock import from_iso, to_iso
from ..core.database import Connection, Database, Migration, Row
from ..core.errors import InputError, LedgerError
from ..core.keys import KeyProvider
from ..tools.spec import Effect
from .ledger.types import RecordReader
from .stages import Stages
from .store import select
from .types import Stage

MIGRATIONS: tuple[Migration, ...] = (
    (
        1,
        """
        CREATE TABLE stage_step (
            team TEXT NOT NULL,
            environment TEXT NOT NULL,
            tool TEXT NOT NULL,
            step TEXT NOT NULL,
            seal TEXT NOT NULL,
            PRIMARY KEY (team, environment, tool)
        ) STRICT
        """,
    ),
)

ORDER: tuple[Stage, ...] = get_args(Stage)
_MOST_STEPS_READ = 10_000


@dataclass(frozen=True)
class Place:
    """A tool of a team in an environment."""

    tool: str
    team: str
    environment: str


@dataclass(frozen=True)
class Step:
    """The last recorded step of a place.

    Args:
        stage: where it led.
        configured: what the configuration said when it was taken; a raise holds for that alone.
        by: `person:<name>` who proposed or took it.
        approval_id: whose yes it rests on; empty for a step down, which needs none.
        seq: the ledger entry that records it.
    """

    place: Place
    stage: Stage
    configured: Stage
    by: str
    approval_id: str
    set_at: datetime
    seq: int


@dataclass(frozen=True)
class InForce:
    """The stage of a place and where it comes from.

    Args:
        source: `default`, `configuration`, `record`; or `altered`, where the row of the record is not ours.
    """

    place: Place
    stage: Stage
    source: Literal["default", "configuration", "record", "altered"]
    configured: Stage
    step: Step | None = None


class StageBook:
    """The recorded steps in the gate's database."""

    def __init__(self, database: Database, keys: KeyProvider) -> None:
        database.migrate("stage_steps", MIGRATIONS)
        self._database = database
        self._key = keys.secret("stages")

    def step(self, place: Place) -> Step | None:
        """The last step of a place.

        Raises:
            InputError: its row was altered outside the gate.
            LedgerError: the database cannot be read.
        """
        rows = select(
            self._database,
            "SELECT * FROM stage_step WHERE team = ? AND environment = ? AND tool = ?",
            (place.team, place.environment, place.tool),
        )
        return self._open(rows[0]) if rows else None

    def places(self) -> list[Place]:
        """Every place with a recorded step, in name order."""
        rows = select(self._database, "SELECT team, environment, tool FROM stage_step ORDER BY 1, 2, 3")
        return [Place(row["tool"], row["team"], row["environment"]) for row in rows]

    def write(self, connection: Connection, step: Step) -> None:
        """Store a step inside the transaction that records it."""
        place, text = step.place, _text(step)
        connection.execute(
            "INSERT INTO stage_step VALUES (?, ?, ?, ?, ?) ON CONFLICT (team, environment, tool) DO UPDATE SET"
            " step = excluded.step, seal = excluded.seal",
            (place.team, place.environment, place.tool, text, self._seal(place, text)),
        )

    def _seal(self, place: Place, text: str) -> str:
        message = canonical_json([place.team, place.environment, place.tool, text])
        return hmac.new(self._key, message, "sha256").hexdigest()

    def _open(self, row: Row) -> Step:
        place = Place(row["tool"], row["team"], row["environment"])
        if not hmac.compare_digest(self._seal(place, row["step"]), row["seal"]):
            raise InputError(
                f"the recorded stage of {place.tool!r} was altered outside the gate",
                remedy="the tool counts as `observe`; `opswarden audit verify` checks the ledger",
            )
        return _step(place, row["step"])


class RecordedStages:
    """Stages by configuration and by recorded steps together; implements `StageSource`.

    A recorded step goes before the configuration as long as the configuration says what it said when the step was
    taken. Once it says something else, the more careful of the two holds.
    """

    def __init__(self, stages: Stages, book: StageBook) -> None:
        self._stages = stages
        self._book = book

    def stage_of(self, tool: str, *, team: str, environment: str) -> Stage:
        """The stage in force; `observe` for a tool that nobody knows, or whose recorded row is not ours.

        While the database is down a read goes by the configuration: nothing else runs then.
        """
        try:
            return self.in_force(Place(tool, team, environment)).stage
        except LedgerError:
            is_read = self._stages.effect_of(tool) == "read"
            return self._stages.stage_of(tool, team=team, environment=environment) if is_read else "observe"

    def in_force(self, place: Place) -> InForce:
        """The stage with where it comes from.

        Raises:
            LedgerError: the database cannot be read.
        """
        configured = self._stages.stage_of(place.tool, team=place.team, environment=place.environment)
        is_set = self._stages.is_set(place.tool, team=place.team, environment=place.environment)
        try:
            step = self._book.step(place)
        except InputError:
            return InForce(place, "observe", "altered", configured)
        if step is None:
            return InForce(place, configured, "configuration" if is_set else "default", configured)
        if step.configured == configured:
            return InForce(place, step.stage, "record", configured, step)
        if ORDER.index(step.stage) <= ORDER.index(configured):
            return InForce(place, step.stage, "record", configured, step)
        return InForce(place, configured, "configuration", configured, step)

    def all_in_force(self, teams: Sequence[str], environments: Sequence[str]) -> list[InForce]:
        """Every tool for these teams and environments, and every place that was ever set or recorded."""
        places = {
            Place(tool, team, environment)
            for tool in self._stages.tools
            for team in teams
            for environment in environments
        }
        places.update(Place(*place) for place in self._stages.exact_places())
        places.update(self._book.places())
        return [self.in_force(place) for place in sorted(places, key=lambda one: (one.team, one.environment, one.tool))]

    def effect_of(self, tool: str) -> Effect | None:
        """What a tool does; `None` for one that nobody knows."""
        return self._stages.effect_of(tool)


def unrecorded(book: StageBook, ledger: RecordReader, reader_run: str) -> tuple[Place, ...]:
    """Places whose stored step is not the last one that the ledger records, or is missing.

    Args:
        book: the stored steps.
        ledger: what was recorded.
        reader_run: the run id under which steps are recorded.
    """
    last: dict[Place, int] = {}
    for entry in ledger.tail(_MOST_STEPS_READ, run_id=reader_run):
        if entry.kind == "stage.set":
            body = entry.body
            last[Place(str(body.get("tool")), str(body.get("team")), str(body.get("environment")))] = entry.seq
    found: dict[Place, int] = {}
    for place in book.places():
        try:
            step = book.step(place)
        except InputError:
            step = None
        found[place] = -1 if step is None else step.seq
    wrong = {place for place in (*last, *found) if last.get(place) != found.get(place)}
    return tuple(sorted(wrong, key=lambda one: (one.team, one.environment, one.tool)))


def _text(step: Step) -> str:
    return canonical_json(
        {
            "stage": step.stage,
            "configured": step.configured,
            "by": step.by,
            "approval_id": step.approval_id,
            "set_at": to_iso(step.set_at),
            "seq": step.seq,
        }
    ).decode()


def _step(place: Place, text: str) -> Step:
    found: Any = json.loads(text)
    return Step(
        place=place,
        stage=found["stage"],
        configured=found["configured"],
        by=found["by"],
        approval_id=found["approval_id"],
        set_at=from_iso(found["set_at"]),
        seq=found["seq"],
    )
