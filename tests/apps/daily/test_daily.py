"""The daily check: silent on a clean world, planted faults by their names; a check that breaks is no health."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as pq
import pytest

from opswarden.agents.platform.types import DailyReport
from opswarden.apps.cli.main import main
from opswarden.apps.daily.driving import check_platform
from opswarden.apps.daily.scheduled import day_of
from opswarden.apps.installation import Installation, open_installation
from opswarden.apps.platform.drift import check_drift
from opswarden.apps.platform.fraud import check_payments
from opswarden.apps.service.incidents import Incidents
from opswarden.apps.service.settings import RecurringSettings
from opswarden.apps.settings import load_settings
from opswarden.core.clock import FixedClock
from opswarden.core.errors import BackendError, ConfigError
from opswarden.evals.suites.drift_sets import invented_sets
from opswarden.evals.suites.feature_files import write_files
from opswarden.evals.suites.feature_worlds import NOW, clean_world, planted
from opswarden.evals.suites.quality_days import FAULTS, QualityTable
from opswarden.tests.apps.conftest import Cli, sampled
from opswarden.tests.apps.slack.house import CHANNEL, house, shown
from opswarden.tests.tools.outcomes.months import UNTIL, months, table
from opswarden.tools.drift.backends.files import ScoredFiles

RECURRING = RecurringSettings(do="platform", cron="0 6 * * *")
AT = NOW + timedelta(minutes=5)
TUESDAY, MONDAY = datetime(2031, 5, 6, 6, tzinfo=UTC), datetime(2031, 5, 5, 6, tzinfo=UTC)
HOSTILE = "\x1b[2J![x](http://evil.example) <!channel> @everyone"
SETTINGS = """\
version = 1
[platform]
{more}
[platform.tables.card]
book = "{home}/card.yaml"
days = "{home}/days"
[platform.scored.fraud]
reference = ["{home}/reference.parquet"]
window = ["{home}/window.parquet"]
score = "score"
label = "label"
[platform.features]
shelf = []
[feature_stores.shelf]
kind = "files"
environment = "production"
[feature_stores.shelf.views.card]
keys = ["card"]
offline = ["{home}/view/offline.parquet"]
online = "{home}/view/online.parquet"
created = "written_at"
ttl_s = 172800
materialized = "{home}/view/materialized.json"
"""


@dataclass(frozen=True)
class World:
    folder: Path
    bad_days: dict[str, pa.Table]
    bad_window: pa.Table


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A clean world in files, and what can be put into it."""
    folder, source = tmp_path_factory.mktemp("world"), QualityTable(5)
    days = folder / "days"
    days.mkdir()
    past = [source.day() for _ in range(10)]
    for number, day in enumerate(past):
        pq.write_table(day, days / f"{number:02d}.parquet")
    csv.write_csv(pa.table({"id": source.merchants}), folder / "merchants.csv")
    learn = "--key payment --event event_time --arrival written_at --label fraud --reference merchant=merchants.csv"
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        patch.chdir(folder)
        patch.delenv("OPSWARDEN_SOAK", raising=False)
        argv = [*map(str, sorted(days.iterdir())), "--out", "card.yaml", *learn.split()]
        assert main(["platform", "quality", "learn", *argv]) == 0
    newest = source.day()
    pq.write_table(newest, days / "10.parquet")
    draw = np.random.default_rng(3)
    bad = {name: spoil(source.day(), newest, draw) for name, _, spoil in FAULTS}
    (models,) = invented_sets(1, 7)
    windows = {each.planted: each for each in models.windows}
    pq.write_table(_scored(models.reference, models.reference.labels), folder / "reference.parquet")
    calm = windows["nothing"]
    pq.write_table(_scored(calm.rows, calm.labels), folder / "window.parquet")
    broken = windows["another unit"]
    write_files(clean_world(5, keys=800), folder / "view")
    return World(folder, bad, _scored(broken.rows, broken.labels))


def _scored(rows: Any, labels: Any) -> pa.Table:
    return pa.table({**rows.features, "score": rows.scores, "label": labels})


@dataclass
class Home:
    folder: Path
    world: World

    def settle(self, more: str = "", at: datetime = AT) -> None:
        (self.folder / "opswarden.toml").write_text(SETTINGS.format(home=self.folder, more=more))
        for path in (self.folder / "days").iterdir():
            os.utime(path, (at.timestamp() - 3_600, at.timestamp() - 3_600))

    def put(self, day: pa.Table) -> None:
        """A day after the last one, written when it was due."""
        path = self.folder / "days" / "11.parquet"
        pq.write_table(day, path)
        os.utime(path, (AT.timestamp() - 3_600, AT.timestamp() - 3_600))


@pytest.fixture
def set_up(home: Path, world: World, monkeypatch: pytest.MonkeyPatch) -> Home:
    shutil.copytree(world.folder, home, dirs_exist_ok=True)
    monkeypatch.setattr("opswarden.apps.installation.SystemClock", lambda: FixedClock(AT))
    made = Home(home, world)
    made.settle()
    return made


def test_a_clean_world_is_one_line_with_what_is_not_covered(set_up: Home, cli: Cli) -> None:
    answer = cli("platform", "daily")
    assert (answer.code, answer.out) == (
        0, "4 checks, nothing wrong; not covered: any payments, any registries, any pipelines, any objectives\n",
    ), answer.err  # fmt: skip
    assert check_platform()
    with open_installation() as installation:
        decided = [str(each.body["tool"]) for each in installation.ledger.tail(60) if each.kind == "call.decided"]
    assert sorted(decided[:5]) == [
        "drift.compare",
        "features.freshness",
        "features.parity",
        "features.views",
        "quality.check",
    ]
    report = DailyReport.model_validate_json(cli("platform", "daily", "--format", "json").out)
    assert [each.state for each in report.checks] == ["well"] * 4
    assert all(each.seq >= 0 and each.run_id for each in report.checks)


def test_what_is_planted_is_named_with_cause_and_reach(set_up: Home, cli: Cli) -> None:
    set_up.put(set_up.world.bad_days["zeros_for_nulls"])
    pq.write_table(set_up.world.bad_window, set_up.folder / "window.parquet")
    write_files(planted("values_altered", 5, keys=800), set_up.folder / "view")
    answer = cli("platform", "daily")
    lines = answer.out.splitlines()
    assert answer.code == 1
    assert lines[0].startswith("4 checks, ")
    for check, fault, cause, reach in (
        ("quality card", "zeros_for_nulls", "velocity_1h", "rows of 11"),
        ("drift fraud", "performance_fell", "most by velocity", "rows that it scored"),
        ("drift fraud", "unseen_values", "velocity has values", "96.6% of 6000 rows that it scored"),
        ("parity shelf/card", "", "1.5 times the offline value", "about 150 of 800 keys"),
    ):
        found = [line for line in lines if line.startswith(f"wrong: {check}: {fault}")]
        assert any(cause in line and reach in line for line in found), (check, lines)
    assert not check_platform()
    reference = (set_up.folder / "reference.parquet",)
    for window, is_well in ((reference, True), ((set_up.folder / "window.parquet",), False)):
        assert check_drift(ScoredFiles(reference, window, "score", "label")) is is_well


@pytest.mark.parametrize("fault", sampled(sorted({name for name, _, _ in FAULTS}), ("day_repeated", "columns_swapped")))
def test_every_mistake_in_a_day_is_named(set_up: Home, cli: Cli, fault: str) -> None:
    (set_up.folder / "opswarden.toml").write_text(
        'version = 1\n[platform.tables.card]\nbook = "card.yaml"\ndays = "days"\n'
    )
    set_up.put(set_up.world.bad_days[fault])
    answer = cli("platform", "daily")
    assert (answer.code, f"wrong: quality card: {fault}: " in answer.out) == (1, True), answer.out


def test_what_cannot_run_is_said_and_stops_nothing_else(set_up: Home, cli: Cli) -> None:
    (set_up.folder / "reference.parquet").write_bytes(b"no rows")
    answer = cli("platform", "daily")
    assert answer.code == 3
    assert answer.out.splitlines()[0].startswith("4 checks, nothing found, 1 could not be made")
    assert "could not be made: drift fraud: " in answer.out
    with pytest.raises(BackendError, match="drift fraud"):
        check_platform()
    # What is wrong elsewhere is still named, and counts more.
    write_files(planted("values_altered", 5, keys=800), set_up.folder / "view")
    answer = cli("platform", "daily")
    assert (answer.code, "wrong: parity" in answer.out, "could not be made: drift" in answer.out) == (1, True, True)


def test_a_table_that_stopped_and_places_that_do_not_open_are_no_health(set_up: Home, cli: Cli) -> None:
    set_up.settle('slos = ["production"]\n[platform.champions]\nnone = ["fraud"]', AT - timedelta(hours=40))
    answer = cli("platform", "daily")
    assert answer.code == 3
    for said in ("quality card: no day was written in the last 36 h", "slo production: no ", "registry none/fraud: "):
        assert f"could not be made: {said}" in answer.out, answer.out
    (set_up.folder / "opswarden.toml").write_text("version = 1\n")
    answer = cli("platform", "daily")
    assert (answer.code, "nothing is watched" in answer.err) == (2, True)


def test_a_check_without_time_is_no_health(set_up: Home, cli: Cli) -> None:
    set_up.settle("check_s = 0.000001")
    answer = cli("platform", "daily")
    assert (answer.code, "nothing found, 4 could not be made" in answer.out) == (3, True), answer.out


def test_names_of_others_have_no_power(set_up: Home, cli: Cli) -> None:
    day = set_up.world.bad_days["zeros_for_nulls"]
    words = [HOSTILE if place % 20 == 0 else word for place, word in enumerate(day["method"].to_pylist())]
    named = day.set_column(day.column_names.index("method"), "method", pa.array(words))
    set_up.put(named.append_column(HOSTILE, named["amount"]))
    answer = cli("platform", "daily")
    assert (answer.code, "\x1b" in answer.out, "evil.example" in answer.out) == (1, False, True)
    page = cli("platform", "daily", "--format", "markdown").out
    assert page.count("![x](") == page.count("`[2J![x](") == 2, page
    assert "\x1b" not in page
    assert page.count("<!channel>") == page.count("`<!channel>")


@pytest.fixture
def tables(set_up: Home) -> Home:
    """Only a table is watched, so that any moment will do."""
    book = 'book = "card.yaml"\ndays = "days"\ndue_hours = 8784\n'
    text = f"version = 1\n[platform]\nincident_share = 0.04\n[platform.tables.card]\n{book}"
    (set_up.folder / "opswarden.toml").write_text(text)
    return set_up


@pytest.fixture
def at_work(tables: Home) -> Iterator[Installation]:
    with open_installation(clock=FixedClock(TUESDAY)) as installation:
        yield installation


PAYMENTS = """\
version = 1
[platform.payments.cards]
rows = "rows"
programmes = "programmes.yaml"
"""
PROGRAMMES = """\
version: 1
programmes:
  - name: scheme
    source: a test
    counts: [chargeback]
    over: same_month
    tiers: [{name: excessive, since: 2031-01-01, ratio: %s}]
"""


def test_payments_are_silent_until_a_week_is_worse_or_a_month_closes_over(
    home: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("opswarden.apps.installation.SystemClock", lambda: FixedClock(UNTIL))
    (home / "opswarden.toml").write_text(PAYMENTS)
    (home / "programmes.yaml").write_text(PROGRAMMES % "0.02")
    answer = cli("platform", "daily")
    assert (answer.code, "2 checks, nothing found, 2 could not be made" in answer.out) == (3, True), answer
    assert "could not be made: chargebacks cards: rows holds 0 Parquet files" in answer.out
    (home / "rows").mkdir()
    rows = months()
    pq.write_table(table(rows), home / "rows" / "2031.parquet")
    answer = cli("platform", "daily")
    assert (answer.code, "2 checks, nothing wrong" in answer.out) == (0, True), answer
    assert check_payments()
    assert cli("platform", "fraud", "chargebacks").code == cli("platform", "fraud", "programmes").code == 0
    # Thrice as much comes back of the week that was paid five weeks ago, and the line lies lower.
    worse = [
        {**row, "count": 30} if row["outcome"] == "chargeback" and 14 < (UNTIL - row["ts"]).days <= 21 else row
        for row in rows
    ]
    pq.write_table(table(worse), home / "rows" / "2031.parquet")
    (home / "programmes.yaml").write_text(PROGRAMMES % "0.0085")
    answer = cli("platform", "daily")
    assert answer.code == 1
    week = "chargebacks cards: week_worse: of the week from 2031-04-30 came back 210"
    assert week in answer.out
    assert "programme_at_risk: June 2031 closes over excessive with" in answer.out
    assert not check_payments()
    shown = cli("platform", "fraud", "chargebacks")
    assert (shown.code, "1 worse than earlier ones" in shown.out) == (1, True), shown
    shown = cli("platform", "fraud", "programmes")
    assert (shown.code, "2031-06 scheme excessive: likely" in shown.out) == (1, True), shown
    asked = cli("platform", "ask", "do chargebacks of cards rise?", "--no-model")
    assert "week_worse" in asked.out


def test_a_schedule_is_silent_when_all_is_well_but_for_mondays(at_work: Installation) -> None:
    for at, is_told in ((TUESDAY, False), (MONDAY, True)):
        said = day_of(at_work, RECURRING, at)
        page = at_work.state.reports / f"platform-{at:%Y%m%dT%H%M}.md"
        assert (page.exists(), said.startswith("1 check, nothing wrong")) == (is_told, True), said
    assert "not covered" in page.read_text()


def test_a_fault_is_told_once_and_opens_one_incident(tables: Home, at_work: Installation) -> None:
    tables.put(tables.world.bad_days["zeros_for_nulls"])
    said = [day_of(at_work, RECURRING, at) for at in (TUESDAY, TUESDAY, TUESDAY + timedelta(days=1))]
    assert [each.endswith("; 1 opened as incidents") for each in said] == [True, False, False], said
    incidents = Incidents(at_work.database, at_work.clock, at_work.ids).listed()
    assert [(each.title, each.entity, each.asked_by) for each in incidents] == [
        ("zeros_for_nulls: quality card", "card", "system:schedule")
    ]
    told = [each.kind for each in at_work.ledger.of_run("platform-20310506T0600")]
    assert told.count("tell.outcome") == told.count("call.outcome") == 1, told
    with pytest.raises(ConfigError, match="not listed"):
        day_of(at_work, RecurringSettings(do="platform", cron="0 6 * * *", channel="nowhere"), TUESDAY)


def test_a_channel_is_told_once_and_in_plain_text(
    tables: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = tables.world.bad_days["zeros_for_nulls"]
    words = [HOSTILE if place % 20 == 0 else word for place, word in enumerate(day["method"].to_pylist())]
    spoilt = day.set_column(day.column_names.index("method"), "method", pa.array(words))
    tables.put(spoilt)
    with house(tmp_path) as slack:
        monkeypatch.setattr("opswarden.apps.slack.opening.slack_of", lambda _installation: slack.app)
        watched = load_settings(tables.folder).platform.model_copy(update={"incident_share": 0.01})
        installation = slack.installation
        object.__setattr__(installation, "settings", installation.settings.model_copy(update={"platform": watched}))
        settings = RecurringSettings(do="platform", cron="0 6 * * *", channel="incidents")
        for _ in range(2):
            day_of(installation, settings, TUESDAY)
        (told,) = slack.ours(CHANNEL)
        # Incidents are told where the day was told.
        assert {(each.telling, slack.incidents.told_as(each).thread) for each in slack.incidents.listed()} == {
            ("slack", f"slack:{CHANNEL}:{told['ts']}")
        }
    assert "zeros_for_nulls" in shown(told)
    assert "<!channel>" not in json.dumps(told["text"])


def test_a_place_whose_environment_is_unknown_is_shut_for_its_own_checks_alone(set_up: Home, cli: Cli) -> None:
    settings = set_up.folder / "opswarden.toml"
    settings.write_text(settings.read_text() + '[gate.environments.prod]\nkind = "production"\n')
    answer = cli("platform", "daily")
    assert (answer.code, answer.out.count("could not be made: ")) == (3, 2), answer.err or answer.out
    assert "could not be made: parity shelf/*: " in answer.out
