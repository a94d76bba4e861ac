"""`opswarden data`: every store is known, holds are heeded, and what is erased is gone from every file."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from opswarden.apps.databases import COMPONENTS
from opswarden.apps.installation import Installation, open_installation
from opswarden.apps.keeping.answers import KeptAnswers
from opswarden.apps.keeping.retention import CountryPeriods, RetentionSettings, due_now, expire, threads_in
from opswarden.apps.keeping.stores import STORES, inventory
from opswarden.apps.keeping.tidying import tidy
from opswarden.apps.service.arrivals import Arrivals
from opswarden.core.clock import FixedClock, SystemClock, to_iso
from opswarden.core.errors import InputError, ToolRetry
from opswarden.core.sqlite import SqliteDatabase
from opswarden.policies.ledger.sqlite import MIGRATIONS
from opswarden.redaction.vault import Entry
from opswarden.tests.apps.answers import PERSON
from opswarden.tests.apps.conftest import Cli, Triaged

Write = Callable[[str], Path]
VALUE = "zoe.quintero@shop.example"
WHY = ("--reason", "she asked for it")


@pytest.fixture
def eraser(write_settings: Write) -> None:
    write_settings(f'version = 1\n[people.{PERSON}]\nroles = ["erase"]\n')


@pytest.fixture
def house(triaged: Triaged, eraser: None) -> Iterator[Installation]:
    with open_installation() as installation:
        yield installation


def planted(house: Installation, run_id: str) -> tuple[str, str]:
    """The value in every store that can hold one: artifact and arrival ids."""
    house.vault.numbers(run_id, [Entry("EMAIL_ADDRESS", VALUE, VALUE)])
    keeper = KeptAnswers(house.database, house.artifacts, run_id, house.settings.team, 1_000)
    kept = house.artifacts.write(
        pa.table({"text": ["fine", f"mail to {VALUE} bounced"]}), run_id=run_id, team=house.settings.team
    )
    keeper._add("logs", kept.id, "")
    arrivals = Arrivals(house.database, house.keys, house.clock, house.ids)
    arrival, _ = arrivals.accept("slack", "e1", "mention", {"text": f"{VALUE} cannot pay"})
    (house.state.reports / "note.md").write_text(f"told {VALUE}")
    folder = house.state.live / "incident_x"
    folder.mkdir(parents=True)
    (folder / "snapshot.json").write_text(f'{{"title": "{VALUE}"}}')
    with house.database.transaction() as connection:
        connection.execute("UPDATE run SET request = ? WHERE run_id = ?", (f"about {VALUE}", run_id))
        sql = "UPDATE journal_call SET result = json_set(result, '$.message', ?) WHERE run_id = ? AND verb = 'call'"
        connection.execute(sql, (f"saw {VALUE}", run_id))
    return kept.id, arrival


def test_every_table_belongs_to_a_store(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "x.sqlite")
    for component, migrations in COMPONENTS:
        database.migrate(component, MIGRATIONS if component == "ledger" else migrations)
    rows = database.connection().execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    known = {table for store in STORES for table in store.tables}
    assert {row["name"] for row in rows} <= known
    database.close()


def test_the_inventory_leaves_no_file_out(cli: Cli, house: Installation) -> None:
    (house.state.root / "stray.bin").write_bytes(b"12345")
    for place in ("histories/fleet", "live/run", "answers"):
        (house.state.root / place).mkdir(parents=True, exist_ok=True)
        (house.state.root / place / "kept").write_bytes(b"1")
    found = cli("data", "inventory", "--format", "json").json
    stores = {one["store"]: one for one in found["stores"]}
    assert stores["ledger"]["count"] > 40
    assert (stores["checkpoints"]["count"], stores["checkpoints"]["kept"]) == (1, "30 days")
    assert (stores["vault"]["kept"], stores["vault"]["protection"]) == ("3 days", "encrypted")
    assert (stores["other"]["count"], stores["other"]["size_bytes"]) == (1, 5)
    assert stores["ledger"]["oldest"] <= stores["ledger"]["newest"]
    shown = cli("data", "inventory").out
    assert all(name in shown for name in stores)


class TestErase:
    def test_a_value_goes_from_every_store(self, cli: Cli, house: Installation, triaged: Triaged) -> None:
        run_id = triaged.report["run_id"]
        artifact, arrival = planted(house, run_id)
        said = cli("data", "erase", "--value-file", "-", *WHY, "--format", "json", stdin=f"{VALUE}\n".encode())
        assert said.code == 0, said.err
        counts = {step["store"]: step["erased"] for step in said.json["stores"]}
        for name in ("vault", "artifacts", "journal", "live", "reports", "arrivals", "texts"):
            assert counts[name] >= 1, name
        assert house.vault.holding(VALUE) == ()
        with pytest.raises(ToolRetry):
            house.artifacts.read(artifact, run_id=run_id, team=house.settings.team)
        with pytest.raises(InputError):
            Arrivals(house.database, house.keys, house.clock, house.ids).read(arrival)
        house.close()
        for path in house.state.root.rglob("*"):
            assert not path.is_file() or VALUE.encode() not in path.read_bytes(), path
        assert cli("audit", "verify").code == 0
        (last,) = cli("audit", "tail", "-n", 1, "--format", "json").json
        assert (last["kind"], last["body"]["outcome"], last["body"]["runs"]) == ("data.erased", "erased", [run_id])

    def test_a_placeholder_names_the_value(self, cli: Cli, house: Installation, triaged: Triaged) -> None:
        run_id = triaged.report["run_id"]
        planted(house, run_id)
        (_, entity, number) = house.vault.holding(VALUE)[0]
        said = cli("data", "erase", "--run", run_id, "--placeholder", f"{entity}_{number}", *WHY)
        assert said.code == 0, said.err
        assert VALUE not in said.out + said.err
        assert house.vault.holding(VALUE) == ()
        again = cli("data", "erase", "--run", run_id, "--placeholder", f"{entity}_{number}", *WHY)
        assert (again.code, "nothing is kept" in again.err) == (2, True)

    def test_a_run_goes_and_its_calls_are_not_made_again(self, cli: Cli, house: Installation, triaged: Triaged) -> None:
        run_id = triaged.report["run_id"]
        planted(house, run_id)
        said = cli("data", "erase", "--run", run_id, *WHY, "--format", "json")
        assert said.code == 0, said.err
        assert threads_in(house.state.checkpoints) == frozenset()
        assert list(house.artifacts.ids()) == []
        rows = house.database.connection().execute("SELECT result FROM journal_call WHERE state = 'done'").fetchall()
        assert rows
        assert all(row["result"] is not None for row in rows)
        assert all(word not in "".join(row["result"] for row in rows) for word in (VALUE, "mtime", "suspects"))
        assert cli("resume", run_id).code == 2
        assert cli("audit", "verify").code == 0

    @pytest.mark.parametrize("argv", [("--run", "RUN"), ("--value-file", "-")])
    def test_nobody_without_the_role(self, cli: Cli, triaged: Triaged, argv: tuple[str, str]) -> None:
        given = [triaged.report["run_id"] if part == "RUN" else part for part in argv]
        said = cli("data", "erase", *given, *WHY, stdin=b"Maria Souza")
        assert said.code == 4
        (last,) = cli("audit", "tail", "-n", 1, "--format", "json").json
        assert (last["kind"], last["body"]["outcome"]) == ("data.erased", "denied")
        assert "Souza" not in str(last)

    @pytest.mark.parametrize("value", [b"", b"ab", b"\xff\xfe\xff\xfe", b"x" * 5_000])
    def test_a_value_that_is_none(self, cli: Cli, house: Installation, value: bytes) -> None:
        assert cli("data", "erase", "--value-file", "-", *WHY, stdin=value).code == 2


class TestHold:
    def test_nothing_of_a_held_run_expires_or_is_erased(self, cli: Cli, house: Installation, triaged: Triaged) -> None:
        run_id = triaged.report["run_id"]
        artifact, _ = planted(house, run_id)
        house.vault.numbers("run_other", [Entry("EMAIL_ADDRESS", "b@x.example", "b@x.example")])
        loose = house.artifacts.write(pa.table({"a": [1]}), run_id="run_other", team="t")
        assert cli("data", "hold", run_id, "--until", "2190-01-01", "--reason", "an audit").code == 2
        assert cli("data", "hold", run_id, "--until", "2099-01-01", "--reason", "an audit").code == 0
        later = FixedClock(SystemClock().now() + timedelta(days=400))
        with open_installation(clock=later) as future:
            future.tidy()
            assert future.vault.holding(VALUE) != ()
            place = future.vault.holding(VALUE)[0]
            assert future.vault.value(*place) == VALUE
            assert future.vault.holding("b@x.example") == ()
            assert future.artifacts.read(artifact, run_id=run_id, team=future.settings.team).num_rows == 2
            assert loose.id not in set(future.artifacts.ids())
            assert threads_in(future.state.checkpoints) == {run_id}
        for argv in (("data", "erase", "--run", run_id), ("audit", "erase", "--run", run_id)):
            said = cli(*argv, *WHY)
            assert (said.code, "on hold" in said.err) == (2, True)
        assert cli("audit", "erase", "--before", "2026-01-01", *WHY).code == 0
        said = cli("data", "erase", "--value-file", "-", *WHY, stdin=VALUE.encode())
        assert "vault: 0 erased; 1 are on hold" in said.out
        assert cli("data", "hold", run_id, "--release", "--reason", "over").code == 0
        with open_installation(clock=later) as future:
            future.tidy()
            assert (future.vault.holding(VALUE), list(future.artifacts.ids())) == ((), [])
            assert threads_in(future.state.checkpoints) == frozenset()
        assert cli("audit", "verify").code == 0

    def test_all_data(self, cli: Cli, house: Installation, triaged: Triaged) -> None:
        planted(house, triaged.report["run_id"])
        assert cli("data", "hold", "--all", "--until", "2099-01-01", "--reason", "an audit").code == 0
        with open_installation(clock=FixedClock(SystemClock().now() + timedelta(days=400))) as future:
            before = [(one.store.name, one.count) for one in inventory(future)]
            future.tidy()
            assert [(one.store.name, one.count) for one in inventory(future)] == before
        assert cli("data", "erase", "--value-file", "-", *WHY, stdin=VALUE.encode()).code == 2
        assert "everything" in cli("data", "inventory").out

    def test_it_needs_the_role(self, cli: Cli, triaged: Triaged) -> None:
        assert cli("data", "hold", "--all", "--until", "2099-01-01", "--reason", "mine").code == 4


def test_each_store_lets_go_in_its_own_time(house: Installation) -> None:
    old = time.time() - 20 * 86_400
    for name in ("report.md", "young.md"):
        (house.state.reports / name).write_text("x")
    os.utime(house.state.reports / "report.md", (old, old))
    arrivals = Arrivals(house.database, house.keys, FixedClock(house.clock.now() - timedelta(days=20)), house.ids)
    done, _ = arrivals.accept("a", "1", "alert", {})
    arrivals.accept("a", "2", "alert", {})
    arrivals.settle(done, "done")
    settings = RetentionSettings(reports_days=30, arrivals_days=30, classes={"operational": 10})
    expire(house.state, house.database, due_now(house.database, house.clock, settings, house.holds.held()))
    assert [path.name for path in house.state.reports.glob("*.md")] == ["young.md"]
    assert len(arrivals.waiting()) == 1
    left = house.database.connection().execute("SELECT state FROM arrival").fetchall()
    assert [row["state"] for row in left] == ["waiting"]


PERIODS = """
version = 1
[retention]
past_runs_days = 100
classes = { operational = 50 }
[retention.countries.BR]
past_runs_days = 400
payload_days = 9
[retention.countries.MX]
classes = { operational = 20 }
[ledger]
payload_days = 80
"""


@pytest.mark.parametrize(
    ("countries", "days"),
    [((), 50), (("XX",), 50), (("BR",), 400), (("MX",), 20), (("BR", "XX"), 400), (("BR", "MX"), 20)],
)
def test_the_period_of_a_country_wins_and_the_shortest_of_several(countries: tuple[str, ...], days: int) -> None:
    own = {"BR": CountryPeriods(past_runs_days=400), "MX": CountryPeriods(classes={"operational": 20})}
    settings = RetentionSettings(past_runs_days=100, classes={"operational": 50}, countries=own)
    assert settings.days_of("past_runs_days", ("operational",), countries) == days


class TestCountries:
    @pytest.fixture
    def read_in(self, cli: Cli, triaged: Triaged, write_settings: Write) -> Callable[..., None]:
        """Says whose data the triage has read, and lets a number of days go by."""
        write_settings(PERIODS + f'[people.{PERSON}]\nroles = ["erase"]\n')

        def read(country: str) -> None:
            with open_installation() as house, house.database.transaction() as connection:
                labels = "json_set(result, '$.data_labels', json_array(?))"
                sql = f"UPDATE journal_call SET result = {labels} WHERE verb = 'call'"
                connection.execute(sql, (f"{country}/operational",))

        return read

    def left(self, days: int) -> tuple[int, int, int]:
        """Past runs, kept reports and payloads that are there after so many days."""
        with open_installation(clock=FixedClock(SystemClock().now() + timedelta(days=days))) as house:
            # The incident of the snapshot is of long ago; what counts here is when it was triaged.
            with house.database.transaction() as connection:
                connection.execute("UPDATE past_run SET began = ?", (to_iso(SystemClock().now()),))
            tidy(house)
            connection = house.database.connection()
            counts = [
                connection.execute(f"SELECT COUNT(*) FROM {what}").fetchone()[0]
                for what in ("past_run", "kept_report", "payload WHERE erased_by IS NULL")
            ]
        return counts[0], counts[1], counts[2]

    def test_what_was_read_of_a_country_goes_in_its_time(self, cli: Cli, read_in: Callable[..., None]) -> None:
        read_in("BR")
        runs, reports, payloads = self.left(8)
        assert (runs, reports, payloads > 5) == (1, 1, True)
        assert self.left(60) == (1, 0, 0)  # longer than the rest, and what records say shorter
        assert self.left(401)[0] == 0
        assert cli("audit", "verify").code == 0

    def test_other_countries_and_holds(self, cli: Cli, triaged: Triaged, read_in: Callable[..., None]) -> None:
        read_in("AR")
        assert self.left(40)[:2] == (1, 1)
        read_in("MX")
        run_id = triaged.report["run_id"]
        assert cli("data", "hold", run_id, "--until", "2099-01-01", "--reason", "an audit").code == 0
        held = self.left(500)
        assert held[:2] == (1, 1)
        assert held[2] > 5
        assert cli("data", "hold", run_id, "--release", "--reason", "over").code == 0
        assert self.left(21)[:2] == (0, 1)

    def test_the_inventory_shows_both(self, cli: Cli, read_in: Callable[..., None]) -> None:
        found = {one["store"]: one for one in cli("data", "inventory", "--format", "json").json["stores"]}
        assert (found["past-runs"]["kept"], found["past-runs"]["kept_in"]) == (
            "50 days",
            {"BR": "400 days", "MX": "20 days"},
        )
        assert (found["payloads"]["kept"], found["payloads"]["kept_in"]) == ("80 days", {"BR": "9 days"})
        assert "BR 400 days" in cli("data", "inventory").out


def test_tidy_is_a_command(cli: Cli, house: Installation) -> None:
    assert cli("data", "tidy").out == "tidied\n"
