"""What a run was asked for, so that `opswarden resume RUN` needs nothing but its id."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..core.database import Database, Migration
from ..core.errors import ConfigError, InputError

R = TypeVar("R", bound=BaseModel)

MIGRATIONS: tuple[Migration, ...] = (
    (1, "CREATE TABLE run_request (run_id TEXT PRIMARY KEY, request TEXT NOT NULL) STRICT"),
)


class RunRequest(BaseModel):
    """A triage as it was asked for on the command line."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["triage"] = "triage"
    snapshot: Path
    models: tuple[str, ...] = ()
    style: Literal["terminal", "json", "markdown", "html"] = "terminal"
    out: Path | None = None
    on_behalf_of: str
    # Never stored here: the gate keeps it, redacted.
    ask: str = Field(default="", exclude=True)
    ticket: str = ""
    capture: Path | None = Field(default=None, description="the snapshot folder that gets what the run saw")
    is_apart: bool = Field(default=False, description="whether its graph runs in an agent process")
    is_live: bool = Field(default=False, description="whether the systems of its environment are asked")


class RunRequests:
    """The requests of all runs of an installation."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.migrate("run_requests", MIGRATIONS)

    def remember(self, run_id: str, request: BaseModel) -> None:
        """Keep a request, before anything of the run happens."""
        with self._database.transaction() as connection:
            connection.execute("INSERT INTO run_request VALUES (?, ?)", (run_id, request.model_dump_json()))

    def recall(self, run_id: str) -> RunRequest:
        """The request of a triage.

        Raises:
            InputError: there is no such run.
            ConfigError: another version of opswarden wrote it.
        """
        return self.recall_as(run_id, RunRequest)

    def kind_of(self, run_id: str) -> str:
        """What kind of run it is: `triage`, `finops`; empty where there is none, or it does not say."""
        sql = "SELECT request FROM run_request WHERE run_id = ?"
        row = self._database.connection().execute(sql, (run_id,)).fetchone()
        found = json.loads(row["request"]).get("kind", "") if row is not None else ""
        return str(found)

    def recall_as(self, run_id: str, shape: type[R]) -> R:
        """The request of a run of another kind; raises as `recall`."""
        row = (
            self._database.connection()
            .execute("SELECT request FROM run_request WHERE run_id = ?", (run_id,))
            .fetchone()
        )
        if row is None:
            raise InputError("there is no such run here", remedy="`opswarden audit tail` shows the runs there are")
        try:
            return shape.model_validate_json(row["request"])
        except ValidationError as error:
            raise ConfigError("the run was started by another version", remedy="start it again") from error
