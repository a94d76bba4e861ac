"""From one version to the next and back, with a run that was killed on its way and another that waits for people."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from opswarden.apps import databases
from opswarden.apps.databases import COMPONENTS
from opswarden.apps.releases import Release, this_release
from opswarden.core.sqlite import SqliteDatabase
from opswarden.policies.ledger.sqlite import MIGRATIONS as SQLITE_LEDGER
from opswarden.tests.apps.conftest import Cli, OpenHouse
from opswarden.tests.apps.staging import Stage
from opswarden.tests.apps.test_approvals import World, levers, settings_of, three_at_once

__all__ = ["levers"]  # a fixture
pytestmark = pytest.mark.usefixtures("_litellm_is_loaded")

BEFORE = tuple((name, steps[:-1] if len(steps) > 1 else steps) for name, steps in COMPONENTS)


def as_the_version_before_wrote_it(path: Path) -> dict[str, int]:
    """Put everything into tables as they were before the last step of each component; which numbers those have."""
    older = path.with_suffix(".older")
    with closing(sqlite3.connect(path)) as now:
        here = dict(now.execute("SELECT component, number FROM schema_version").fetchall())
    database = SqliteDatabase(older)
    for component, steps in BEFORE:
        if component in here:
            database.migrate(component, SQLITE_LEDGER if component == "ledger" else steps)
    database.close()
    with closing(sqlite3.connect(older, isolation_level=None)) as then:
        then.execute("ATTACH ? AS now", (str(path),))
        tables = [row[0] for row in then.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")]
        for table in tables:
            if table != "schema_version":
                columns = ", ".join(row[1] for row in then.execute(f"PRAGMA main.table_info({table})"))
                then.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM now.{table}")
        numbers = dict(then.execute("SELECT component, number FROM main.schema_version").fetchall())
    for name in ("-wal", "-shm"):
        path.with_name(path.name + name).unlink(missing_ok=True)
    older.replace(path)
    return {name: number for name, number in numbers.items() if number < here[name]}


def run_ids(home: Path) -> list[str]:
    with closing(sqlite3.connect(home / "state" / "opswarden.sqlite")) as connection:
        return [row[0] for row in connection.execute("SELECT run_id FROM run_request ORDER BY rowid")]


def states(cli: Cli) -> dict[str, str]:
    found = cli("database", "status", "--format", "json").json["components"]
    return {one["component"]: one["state"] for one in found}


def test_runs_and_approvals_live_through_the_next_version_and_the_way_back(
    cli: Cli,
    stage: Stage,
    home: Path,
    calm: Path,
    open_house: OpenHouse,
    levers: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world, state = World(cli, home, calm, open_house(three_at_once, settings_of())), home / "state"
    assert world.triage().code == 5
    assert stage.run(home, "triage", calm, "--no-model", "--format", "json", die=("rank", "exit")).code == -9
    waits, killed = run_ids(home)
    older = as_the_version_before_wrote_it(state / "opswarden.sqlite")
    assert {"runs", "journal"} <= set(older)
    shutil.copytree(state, home / "before")

    # Forward: what was under way goes on, and what is agreed to happens once.
    assert {name: states(cli)[name] for name in older} == dict.fromkeys(older, "older")
    resumed = cli("resume", killed)
    assert (resumed.code, resumed.json["run_id"]) == (0, killed), resumed.err
    waiting = world.waiting()
    assert cli("approvals", "approve", waiting["left"]).code == 0
    assert cli("approvals", "deny", waiting["right"]).code == 0
    for _ in range(2):
        assert cli("resume", waits).code == 0
    assert world.effects == ["looked left", "pulled left"]
    assert {name: states(cli)[name] for name in older} == dict.fromkeys(older, "current")
    assert cli("audit", "verify").code == 0

    # Back: the version before says so beforehand, and does nothing with these tables.
    known = this_release()
    release = Release("0.0.9", known.settings, {name: steps[-1][0] for name, steps in BEFORE})
    monkeypatch.setattr("opswarden.apps.releases.PAST", (release,))
    said = cli("config", "check", "--for", "0.0.9")
    assert (said.code, "tables of 'runs' have version" in said.out) == (1, True), said
    with monkeypatch.context() as at_the_version_before:
        at_the_version_before.setattr(databases, "COMPONENTS", BEFORE)
        content = (state / "opswarden.sqlite").read_bytes()
        refused = cli("approvals", "list")
        assert (refused.code, "newer opswarden" in refused.err) == (2, True), refused
        assert (state / "opswarden.sqlite").read_bytes() == content
        # With the state of before the upgrade it works, and the same people are waited for.
        state.rename(home / "after")
        (home / "before").rename(state)
        assert cli("config", "check", "--for", "0.0.9").code == 0
        assert set(world.waiting()) == {"left", "right"}
    assert cli("resume", killed).code == 0
    assert cli("audit", "verify").code == 0
