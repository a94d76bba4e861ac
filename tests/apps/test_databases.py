"""An installation on a shared database, from the administrator's first command to a triage."""

from __future__ import annotations

import operator
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import pytest
from langgraph.graph import START, StateGraph
from langgraph.types import Command, interrupt
from typing_extensions import TypedDict

from opswarden.apps.databases import COMPONENTS, prepare
from opswarden.apps.installation import Installation, open_installation
from opswarden.apps.live.captures import kept_answers
from opswarden.apps.live.conformance import ConformanceBook
from opswarden.apps.live.shared import folder_here, share_incident
from opswarden.apps.runner.shared_positions import forget_shared, saver_of
from opswarden.apps.slack import book, post_slots
from opswarden.apps.web.house import House
from opswarden.core.errors import InputError
from opswarden.core.postgres import PostgresDatabase
from opswarden.evals.cases import Case
from opswarden.policies.ledger.verify import verify
from opswarden.tests.apps.conftest import Cli
from opswarden.tests.postgres_peer import OWNER, WRITER, PostgresPeer
from opswarden.tools.backfills.book import BackfillBook
from opswarden.tools.captures.pieces import Piece
from opswarden.tools.changes.backends.settings import GitSettings
from opswarden.tools.models.moves import MoveBook
from opswarden.tools.models.sign_offs import SignOffBook
from opswarden.tools.rollouts.aborts import AbortBook
from opswarden.tools.topology.backends.types import EDGE_COLUMNS

Write = Callable[[str], Path]

SLACK = (
    ("slack_book", book.MIGRATIONS),
    ("slack_opened", book.OPENED_MIGRATIONS),
    ("slack_posts", post_slots.MIGRATIONS),
)
"""What the Slack app migrates when it is opened."""


ONLY_SHARED = {"positions", "shared_artifacts", "live_incidents"}
"""What one machine keeps in files."""


@pytest.fixture
def name(postgres: PostgresPeer, monkeypatch: pytest.MonkeyPatch) -> str:
    name = postgres.new_database()
    monkeypatch.setenv("DATABASE_OWNER_URL", postgres.url(name).get_secret_value())
    monkeypatch.setenv("OPSWARDEN_DATABASE__URL", postgres.url(name, WRITER).get_secret_value())
    return name


def test_before_it_is_prepared_every_command_says_what_to_do(cli: Cli, name: str, case: Case) -> None:
    said = cli("audit", "tail")
    assert said.code == 3
    assert "opswarden database prepare" in said.err


def test_a_triage_is_recorded_there_and_nowhere_else(
    cli: Cli, name: str, case: Case, home: Path, postgres: PostgresPeer
) -> None:
    said = cli("database", "prepare", "--writer", WRITER, "--format", "json")
    assert (said.code, said.json) == (0, {"writer": WRITER, "only_adds_to": ["entry", "checkpoint"]})
    said = cli("triage", str(case.snapshot), "--format", "json")
    assert said.code == 0, said.err
    run_id = said.json["run_id"]
    assert not (home / "state" / "opswarden.sqlite").exists()
    assert cli("audit", "verify").out.startswith("UNANCHORED: ")
    assert cli("audit", "anchor", "--to", "heads.txt").code == 0
    assert cli("audit", "verify", "--trusted-head", "heads.txt").out.startswith("OK: ")
    assert run_id in cli("audit", "tail", "--format", "json").out
    assert cli("audit", "prove", "3", "--out", "entry.proof", "--save-key", "ledger.key").code == 0
    assert cli("audit", "check-proof", "entry.proof", "--key", "ledger.key").code == 0
    assert cli("resume", run_id).code == 0
    doctor = {item["name"]: item for item in cli("doctor", "--format", "json").json}
    assert doctor["database"] == {
        "name": "database",
        "state": "ok",
        "text": "PostgreSQL; this role can add records and not change them",
        "remedy": "",
    }
    assert doctor["ledger"]["state"] == "ok"
    again = cli("database", "prepare", "--writer", WRITER)
    assert (again.code, again.out.startswith("ready: ")) == (0, True)
    owner = PostgresDatabase(postgres.url(name))
    assert owner.connection().execute("SELECT count(*) AS n FROM vault_counters").fetchone() is not None
    owner.close()


def test_another_machine_goes_on_with_a_run(
    cli: Cli, name: str, case: Case, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cli("database", "prepare", "--writer", WRITER).code == 0
    run_id = cli("triage", str(case.snapshot), "--format", "json").json["run_id"]
    with open_installation() as first:
        made = [entry for entry in first.ledger.of_run(run_id) if entry.kind == "call.decided"]
        outcomes = [entry.body for entry in first.ledger.of_run(run_id) if entry.kind == "call.outcome"]
        kept = [(body["artifact_id"], body["artifact_sha256"]) for body in outcomes if body.get("artifact_id")]
        assert (len(made) > 3, bool(kept)) == (True, True)
        assert to_the_person(first, "run_other", None) == {"steps": ["begun"]}
        keys = first.state.keys.read_bytes()
    other = home / "other"
    other.mkdir(mode=0o700)
    (other / "keys.json").write_bytes(keys)
    (other / "keys.json").chmod(0o600)
    monkeypatch.setenv("OPSWARDEN_STATE_DIR", str(other))
    assert cli("resume", run_id).code == 0
    with open_installation() as second:
        assert [entry for entry in second.ledger.of_run(run_id) if entry.kind == "call.decided"] == made
        assert not list(second.state.artifacts.iterdir())
        assert {second.artifacts.kept(*each) for each in kept} == {"kept"}
        second.tidy()
        assert {artifact_id for artifact_id, _ in kept} <= set(second.artifacts.ids())
        assert to_the_person(second, "run_other", "yes") == {"steps": ["begun", "yes"]}
        live = home / "incident_x"
        live.mkdir()
        (live / "snapshot.json").write_text("{}")
        share_incident(second.database, live, second.clock.now())
        (live / "snapshot.json").unlink()
        live.rmdir()
        assert (folder_here(second.database, second.state, live) / "snapshot.json").read_text() == "{}"
        with pytest.raises(InputError, match="not on this machine"):
            folder_here(second.database, second.state, home / "incident_y")
    assert cli("data", "erase", "--run", run_id, "--reason", "asked for").code in (0, 4)
    with open_installation() as second:
        assert forget_shared(second.database, [run_id, "run_other"]) == 2
        assert all(second.artifacts.remove(artifact_id) for artifact_id, _ in kept)
        assert {second.artifacts.kept(*each) for each in kept} == {"gone"}


def to_the_person(installation: Installation, run_id: str, answer: str | None) -> dict[str, list[str]]:
    """A small graph that waits for a person after its first node: begun without an answer, ended with one."""

    def begin(_state: _Steps) -> dict[str, list[str]]:
        return {"steps": ["begun"]}

    def wait(_state: _Steps) -> dict[str, list[str]]:
        return {"steps": [interrupt("?")]}

    graph = StateGraph(_Steps).add_node("begin", begin).add_node("wait", wait)
    graph.add_edge(START, "begin").add_edge("begin", "wait")
    with saver_of(installation, run_id) as saver:
        app: Any = graph.compile(checkpointer=saver)
        told: Any = Command(resume=answer) if answer else {"steps": []}
        found = app.invoke(told, {"configurable": {"thread_id": run_id}}, durability="sync")
    return {"steps": found["steps"]}


class _Steps(TypedDict):
    steps: Annotated[list[str], operator.add]


def test_doctor_warns_of_a_role_that_could_change_records(
    cli: Cli, name: str, postgres: PostgresPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPSWARDEN_DATABASE__URL", postgres.url(name).get_secret_value())
    doctor = {item["name"]: item for item in cli("doctor", "--format", "json").json}
    assert doctor["database"]["state"] == "warning"
    assert "could change records" in doctor["database"]["text"]


def test_a_server_that_is_away_is_named(cli: Cli, name: str, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPSWARDEN_DATABASE__URL", "postgresql://me:hunter2@127.0.0.1:1/x")
    said = cli("audit", "tail")
    assert said.code == 3
    assert "cannot be opened" in said.err
    for command in (["config"], ["config", "--format", "json"], ["doctor"]):
        said = cli(*command)
        assert "hunter2" not in said.out + said.err


def test_without_the_owners_address_nothing_is_prepared(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_OWNER_URL", raising=False)
    said = cli("database", "prepare", "--writer", WRITER)
    assert (said.code, "DATABASE_OWNER_URL" in said.err) == (2, True)


@pytest.mark.parametrize("role", [OWNER, "no_such_role"])
def test_a_writer_that_is_none_is_refused(cli: Cli, name: str, role: str) -> None:
    assert cli("database", "prepare", "--writer", role).code == 2


def test_everything_that_keeps_tables_is_prepared(cli: Cli, case: Case, home: Path) -> None:
    """Whatever migrates on the way through a triage in SQLite has to be made by `prepare` in PostgreSQL."""
    import sqlite3
    from contextlib import closing

    done = cli("triage", str(case.snapshot), "--format", "json")
    assert done.code == 0
    assert cli("approvals", "escalate").code == 0
    assert cli("incidents", "list").code == 0
    assert cli("schedules").code == 0
    assert cli("finops", "recommendations", "list").code == 2  # the book is empty, and there
    cli("approvals", "ticket", done.json["run_id"], "CHG1")
    with open_installation() as installation:
        kept_answers(installation, "run_1")
        ConformanceBook(installation.database)
        BackfillBook(installation.database, installation.clock)
        for book in (MoveBook, SignOffBook, AbortBook):
            book(installation.database, installation.clock)
        House(installation)
        for component, migrations in SLACK:
            installation.database.migrate(component, migrations)
    with closing(sqlite3.connect(home / "state" / "opswarden.sqlite")) as connection:
        made = dict(connection.execute("SELECT component, number FROM schema_version").fetchall())
    # The ledger has migrations of its own in PostgreSQL.
    assert set(made) == {component for component, _ in COMPONENTS} - ONLY_SHARED
    assert {name: number for name, number in made.items() if name != "ledger"} == {
        name: migrations[-1][0] for name, migrations in COMPONENTS if name not in {"ledger", *ONLY_SHARED}
    }


def test_an_empty_shared_ledger_verifies_as_empty(postgres: PostgresPeer, name: str, home: Path) -> None:
    owner = PostgresDatabase(postgres.url(name))
    prepare(owner, WRITER)
    assert verify(owner, b"\0" * 32).entries == 0
    owner.close()


def test_what_systems_answer_is_kept_there_too(cli: Cli, name: str, home: Path) -> None:
    assert cli("database", "prepare", "--writer", WRITER).code == 0
    system = GitSettings(environment="production", path=home)
    with open_installation() as installation:
        kept = kept_answers(installation, "run_1")
        kept.keep(Piece("edges", EDGE_COLUMNS.empty_table()))
        kept.failed("logs", "it is down")
        found = kept_answers(installation, "run_1").read()
        assert ([piece.form for piece in found.pieces], found.failures) == (["edges"], {"logs": ("it is down",)})
        book = ConformanceBook(installation.database)
        for is_kept, standing in ((True, "passed"), (False, "failed")):
            book.keep("changes", system, "", is_kept, installation.clock.now())
            assert book.standing("changes", system, "").standing == standing
