"""What can be read in full, what Slack was told and what the queue keeps goes in the time of its class and country."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from opswarden.apps.installation import Installation, open_installation
from opswarden.apps.keeping.answers import KeptAnswers
from opswarden.apps.keeping.stores import QUEUE_TABLE, inventory
from opswarden.apps.keeping.tidying import tidy
from opswarden.apps.service.incident_records import MIGRATIONS as INCIDENTS
from opswarden.apps.service.queue import SCHEMA, url_of
from opswarden.apps.slack.book import MIGRATIONS as BOOK
from opswarden.apps.slack.book import OPENED_MIGRATIONS
from opswarden.apps.slack.post_slots import MIGRATIONS as POSTS
from opswarden.core.clock import FixedClock, SystemClock, to_iso
from opswarden.redaction.vault import Entry
from opswarden.tests.apps.answers import PERSON
from opswarden.tests.apps.conftest import Cli, Triaged
from opswarden.tests.postgres_peer import WRITER, PostgresPeer

Write = Callable[[str], Path]
VALUE = "zoe.quintero@shop.example"
PERIODS = """
version = 1
[redaction]
vault_ttl_s = 864000
[gate]
artifact_ttl_s = 864000
[retention]
posts_days = 100
queue_days = 30
classes = { financial = 8 }
[retention.countries.BR]
vault_days = 2
artifacts_days = 3
posts_days = 400
queue_days = 60
[retention.countries.MX]
classes = { personal = 1 }
"""


@pytest.fixture
def house(triaged: Triaged, write_settings: Write) -> Iterator[Installation]:
    write_settings(PERIODS + f'[people.{PERSON}]\nroles = ["erase"]\n')
    with open_installation() as installation:
        yield installation


def reads(house: Installation, country: str) -> None:
    """Say whose data the triage has read."""
    with house.database.transaction() as connection:
        labels = "json_set(result, '$.data_labels', json_array(?))"
        sql = f"UPDATE journal_call SET result = {labels} WHERE verb = 'call'"
        connection.execute(sql, (f"{country}/personal",))


def after(days: float) -> Installation:
    return open_installation(clock=FixedClock(SystemClock().now() + timedelta(days=days)))


@pytest.mark.parametrize(
    ("country", "vault_days", "artifact_days"), [("", 8, 8), ("BR", 2, 3), ("MX", 1, 1), ("XX", 8, 8)]
)
def test_values_and_full_results_go_sooner_where_a_class_or_a_country_says_so(
    house: Installation, triaged: Triaged, country: str, vault_days: int, artifact_days: int
) -> None:
    run_id = triaged.report["run_id"]
    if country:
        reads(house, country)
    house.vault.numbers(run_id, [Entry("EMAIL_ADDRESS", VALUE, VALUE)])
    kept = house.artifacts.write(pa.table({"a": [1]}), run_id=run_id, team=house.settings.team)
    KeptAnswers(house.database, house.artifacts, run_id, house.settings.team, 1_000)._add("logs", kept.id, "")
    for days in sorted({vault_days, artifact_days}):
        with after(days - 0.1) as future:
            tidy(future)
            assert bool(future.vault.holding(VALUE)) == (days <= vault_days)
            assert (kept.id in set(future.artifacts.ids())) == (days <= artifact_days)
        with after(days + 0.1) as future:
            tidy(future)
            assert bool(future.vault.holding(VALUE)) == (days < vault_days)
            assert (kept.id in set(future.artifacts.ids())) == (days < artifact_days)


def test_the_general_time_is_the_most_and_the_inventory_says_which(house: Installation) -> None:
    stores = {one.store.name: one for one in inventory(house)}
    assert (stores["vault"].kept, stores["vault"].kept_in) == ("8 days", {"BR": "2 days", "MX": "1 days"})
    assert (stores["artifacts"].kept, stores["artifacts"].kept_in) == ("8 days", {"BR": "3 days", "MX": "1 days"})


def test_on_hold_nothing_goes_sooner(cli: Cli, house: Installation, triaged: Triaged) -> None:
    run_id = triaged.report["run_id"]
    reads(house, "MX")
    house.vault.numbers(run_id, [Entry("EMAIL_ADDRESS", VALUE, VALUE)])
    assert cli("data", "hold", run_id, "--until", "2099-01-01", "--reason", "an audit").code == 0
    with after(9) as future:
        tidy(future)
        assert future.vault.holding(VALUE) != ()
        assert set(future.artifacts.ids()) == set(house.artifacts.ids())


class TestPosts:
    @pytest.fixture
    def told(self, house: Installation, triaged: Triaged) -> Callable[[], list[str]]:
        """Slack was told of three incidents and asked a question; says what is still known of it."""
        for component, migrations in (
            ("incidents", INCIDENTS),
            ("slack_book", BOOK),
            ("slack_posts", POSTS),
            ("slack_opened", OPENED_MIGRATIONS),
        ):
            house.database.migrate(component, migrations)
        now, run_id = to_iso(house.clock.now()), triaged.report["run_id"]
        with house.database.transaction() as connection:
            for incident, run, ended in (
                ("inc_own", run_id, now),
                ("inc_live", "run_live", None),
                ("inc_x", "run_x", now),
            ):
                columns = [row["name"] for row in connection.execute("PRAGMA table_info(incident)")]
                values = {"id": incident, "run_id": run, "ended_at": ended, "opened_at": now, "leg": 1}
                marks = ", ".join("?" * len(columns))
                row = tuple(values.get(name, now if name.endswith("_at") else "") for name in columns)
                connection.execute(f"INSERT INTO incident VALUES ({marks})", row)
                sql = "INSERT INTO slack_incident VALUES (?, 'C1', '', ?, '{}', '', '[]', '{}', ?)"
                connection.execute(sql, (incident, run, now))
                for slot in (incident, f"{incident}/report"):
                    connection.execute(
                        "INSERT INTO slack_post (slot, channel, thread_ts, ts, digest, files, began, wanted, touched)"
                        " VALUES (?, 'C1', '', '1.1', '', '[]', ?, '', ?)",
                        (slot, now, now),
                    )
            connection.execute("INSERT INTO slack_opinion VALUES (?, 'person:a', 'C1', 'useful', ?)", (run_id, now))
            connection.execute("INSERT INTO slack_mute VALUES ('C1', ?, 'person:a', ?)", (now, now))
            connection.execute("INSERT INTO slack_opened VALUES ('arr_gone', 'inc_x')")

        def left() -> list[str]:
            connection = house.database.connection()
            found = [row["slot"] for row in connection.execute("SELECT slot FROM slack_post ORDER BY slot")]
            found += [f"{row['id']}!" for row in connection.execute("SELECT id FROM slack_incident ORDER BY id")]
            for table in ("slack_opinion", "slack_mute"):
                found += [table] * connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]
            return found

        return left

    def test_what_is_over_goes_and_what_is_not_stays(self, house: Installation, told: Callable[[], list[str]]) -> None:
        before = told()
        with after(99) as future:
            tidy(future)
        assert told() == before
        with after(101) as future:
            tidy(future)
        assert told() == ["inc_live", "inc_live/report", "inc_live!"]

    def test_a_country_keeps_it_longer(self, house: Installation, told: Callable[[], list[str]]) -> None:
        reads(house, "BR")
        with after(101) as future:
            tidy(future)
        assert told() == [
            "inc_live",
            "inc_live/report",
            "inc_own",
            "inc_own/report",
            "inc_live!",
            "inc_own!",
            "slack_opinion",
        ]
        with after(401) as future:
            tidy(future)
        assert told() == ["inc_live", "inc_live/report", "inc_live!"]


def enqueued(house: Installation, *workflow_ids: str) -> None:
    """Work in the queue, as DBOS keeps it."""
    from dbos import DBOSClient

    client = DBOSClient(system_database_url=url_of(house), dbos_system_schema=SCHEMA)
    for workflow_id in workflow_ids:
        client.enqueue({"queue_name": "q", "workflow_name": "w", "workflow_id": workflow_id}, "x")
    client.destroy()


def test_the_queue_forgets_work_that_was_done_by_the_country_of_its_run(house: Installation, triaged: Triaged) -> None:
    from dbos import DBOS

    DBOS.migrate(url_of(house), schema=SCHEMA)
    enqueued(house, "inc_own.1", "inc_x.1", "inc_x.2", "schedule.a.b")
    house.database.migrate("incidents", INCIDENTS)
    with house.database.transaction() as connection:
        columns = [row["name"] for row in connection.execute("PRAGMA table_info(incident)")]
        moment = to_iso(house.clock.now())
        values = {"id": "inc_own", "run_id": triaged.report["run_id"], "leg": 1, "opened_at": moment, "ended_at": None}
        row = tuple(values.get(name, "") for name in columns)
        connection.execute(f"INSERT INTO incident VALUES ({', '.join('?' * len(columns))})", row)
    now = int(SystemClock().now().timestamp() * 1000)

    def left() -> list[str]:
        with closing(sqlite3.connect(house.state.queue)) as connection:
            found = connection.execute("SELECT workflow_uuid FROM workflow_status ORDER BY 1").fetchall()
            return [each[0] for each in found]

    with closing(sqlite3.connect(house.state.queue)) as connection:
        sql = "UPDATE workflow_status SET status = 'SUCCESS', updated_at = ?, completed_at = ? WHERE workflow_uuid <> ?"
        connection.execute(sql, (now, now, "inc_x.2"))
        connection.commit()
    reads(house, "BR")
    for days, there in (
        (29, ["inc_own.1", "inc_x.1", "inc_x.2", "schedule.a.b"]),
        (31, ["inc_own.1", "inc_x.2"]),
        (61, ["inc_x.2"]),
    ):
        with after(days) as future:
            tidy(future)
        assert left() == there


def test_a_shared_queue_forgets_too_and_is_in_the_inventory(
    cli: Cli, home: Path, postgres: PostgresPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = postgres.new_database()
    monkeypatch.setenv("DATABASE_OWNER_URL", postgres.url(name).get_secret_value())
    monkeypatch.setenv("OPSWARDEN_DATABASE__URL", postgres.url(name, WRITER).get_secret_value())
    assert cli("database", "prepare", "--writer", WRITER).code == 0
    with open_installation() as house:
        enqueued(house, "inc_a.1", "inc_a.2")
        stores = {one.store.name: one for one in inventory(house)}
        assert (stores["shared-queue"].count, stores["shared-queue"].kept) == (2, "30 days")
        with house.database.transaction() as connection:
            sql = f"UPDATE {QUEUE_TABLE} SET status = 'SUCCESS', completed_at = updated_at WHERE workflow_uuid = ?"
            connection.execute(sql, ("inc_a.1",))
    with after(31) as future:
        tidy(future)
        rows = future.database.connection().execute(f"SELECT workflow_uuid AS id FROM {QUEUE_TABLE}").fetchall()
        assert [row["id"] for row in rows] == ["inc_a.2"]
