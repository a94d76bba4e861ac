"""Where the records lie, and how a shared database is made ready: tables by their owner, rights for the writer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ..core.database import Database, Migration, newer, numbers_of
from ..core.errors import LedgerError
from ..core.postgres import PostgresDatabase, Rights
from ..core.sqlite import SqliteDatabase
from ..core.state import StateDirectory
from ..policies import (
    approvals,
    budgets,
    emergencies,
    endorsements,
    escalation,
    holds,
    incident_labels,
    journal,
    runs,
    stage_records,
    switches,
    tickets,
    trail,
    undo,
)
from ..policies.ledger import payloads
from ..policies.ledger import postgres as ledger
from ..policies.shared_artifacts import MIGRATIONS as SHARED_ARTIFACTS
from ..redaction import vault
from ..tools.backfills.book import MIGRATIONS as BACKFILLS
from ..tools.models.moves import MIGRATIONS as MODEL_MOVES
from ..tools.models.sign_offs import MIGRATIONS as SIGN_OFFS
from ..tools.recommendations.book import MIGRATIONS as RECOMMENDATIONS
from ..tools.rollouts.aborts import MIGRATIONS as ROLLOUT_ABORTS
from .keeping.answers import MIGRATIONS as KEPT_ANSWERS
from .keeping.reports import MIGRATIONS as KEPT_REPORTS
from .live.conformance import MIGRATIONS as CONFORMANCE
from .live.shared import MIGRATIONS as LIVE_INCIDENTS
from .past_runs import MIGRATIONS as PAST_RUNS
from .runner.shared_positions import MIGRATIONS as POSITIONS
from .runs import MIGRATIONS as RUN_REQUESTS
from .service.arrivals import MIGRATIONS as ARRIVALS
from .service.incident_records import MIGRATIONS as INCIDENTS
from .service.schedules import MIGRATIONS as SCHEDULES
from .settings import DatabaseSettings
from .slack.book import MIGRATIONS as SLACK_BOOK
from .slack.book import OPENED_MIGRATIONS as SLACK_OPENED
from .slack.post_slots import MIGRATIONS as SLACK_POSTS
from .web.records import MIGRATIONS as WEB

COMPONENTS: tuple[tuple[str, Sequence[Migration]], ...] = (
    ("ledger", ledger.MIGRATIONS),
    (payloads.COMPONENT, payloads.MIGRATIONS),
    ("approvals", approvals.MIGRATIONS),
    ("budgets", budgets.MIGRATIONS),
    ("journal", journal.MIGRATIONS),
    ("runs", runs.MIGRATIONS),
    ("switches", switches.MIGRATIONS),
    ("endorsements", endorsements.MIGRATIONS),
    ("escalation", escalation.MIGRATIONS),
    ("incident_labels", incident_labels.MIGRATIONS),
    ("emergencies", emergencies.MIGRATIONS),
    ("stage_steps", stage_records.MIGRATIONS),
    ("run_tickets", tickets.MIGRATIONS),
    ("trail", trail.MIGRATIONS),
    ("undo", undo.MIGRATIONS),
    ("vault", vault.MIGRATIONS),
    ("run_requests", RUN_REQUESTS),
    ("positions", POSITIONS),
    ("shared_artifacts", SHARED_ARTIFACTS),
    ("live_incidents", LIVE_INCIDENTS),
    ("past_runs", PAST_RUNS),
    ("kept_answers", KEPT_ANSWERS),
    ("system_conformance", CONFORMANCE),
    ("arrivals", ARRIVALS),
    ("incidents", INCIDENTS),
    ("schedules", SCHEDULES),
    ("kept_reports", KEPT_REPORTS),
    ("web", WEB),
    ("slack_book", SLACK_BOOK),
    ("slack_posts", SLACK_POSTS),
    ("slack_opened", SLACK_OPENED),
    ("data_holds", holds.MIGRATIONS),
    ("recommendations", RECOMMENDATIONS),
    ("model_moves", MODEL_MOVES),
    ("model_sign_offs", SIGN_OFFS),
    ("rollout_aborts", ROLLOUT_ABORTS),
    ("backfills", BACKFILLS),
)
"""Everything that keeps tables, in PostgreSQL."""

RIGHTS: dict[str, Rights] = {
    "entry": "SELECT, INSERT",
    "checkpoint": "SELECT, INSERT",
    # A cache of the tree, checked against the newest signed head before anybody builds on it.
    "frontier": "SELECT, INSERT, UPDATE",
    # An erasure empties a row and never removes it.
    "payload": "SELECT, INSERT, UPDATE",
    "schema_version": "SELECT",
    # What a person asked for is emptied when the run is erased.
    "run": "SELECT, INSERT, UPDATE",
    "endorsement": "SELECT, INSERT",
}
"""What a writer may do to a table; where nothing is said, also change and delete rows."""


def database_of(settings: DatabaseSettings, state: StateDirectory) -> Database:
    """The database that the settings name."""
    if settings.url is None:
        return SqliteDatabase(state.database, timeout_s=settings.timeout_s)
    return PostgresDatabase(settings.url, timeout_s=settings.timeout_s)


def known_numbers() -> dict[str, int]:
    """The schema number that this version knows of each component."""
    return {component: migrations[-1][0] for component, migrations in COMPONENTS}


def refuse_newer(database: Database) -> None:
    """Look at every component before any is used, so that an older program does nothing at all with newer tables.

    Raises:
        ConfigError: a newer version has written some; a component that is not known at all is left alone.
    """
    known = known_numbers()
    try:
        numbers = numbers_of(database)
    except LedgerError:
        return  # it is down: whoever needs it is told then, and reads go on without it
    for component, number in sorted(numbers.items()):
        if number > known.get(component, number):
            raise newer(component, number, known[component])


@dataclass(frozen=True)
class Standing:
    """How the tables of one component stand.

    Args:
        here: their number; absent where there are none yet.
        known: the newest that this version knows; 0 for a component that it does not know.
    """

    component: str
    here: int | None
    known: int
    state: Literal["current", "older", "newer", "none", "unknown"]


def standings(database: Database) -> list[Standing]:
    """How every component stands, those included that this version does not know."""
    known, here = known_numbers(), numbers_of(database)
    found = []
    for component in sorted({*known, *here}):
        number, newest = here.get(component), known.get(component)
        if newest is None:
            found.append(Standing(component, number, 0, "unknown"))
        elif number is None:
            found.append(Standing(component, None, newest, "none"))
        else:
            state: Literal["current", "older", "newer"] = "current"
            if number != newest:
                state = "older" if number < newest else "newer"
            found.append(Standing(component, number, newest, state))
    return found


def prepare(owner: PostgresDatabase, writer: str) -> list[str]:
    """Make or update every table as their owner and give the writer its rights.

    Returns:
        The tables that the writer can add to and not change.

    Raises:
        ConfigError: there is no such role, or it could change records all the same.
        LedgerError: the server refused, or it has gone.
    """
    for component, migrations in COMPONENTS:
        owner.migrate(component, migrations)
    owner.grant(writer, RIGHTS, only_adds=("entry", "checkpoint"))
    return ["entry", "checkpoint"]
