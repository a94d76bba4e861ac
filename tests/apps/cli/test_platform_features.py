"""`opswarden platform freshness|parity`: a store of files, asked through the gate."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from opswarden.apps.installation import open_installation
from opswarden.apps.platform.features import check_view
from opswarden.core.clock import FixedClock
from opswarden.evals.suites.feature_files import write_files
from opswarden.evals.suites.feature_worlds import NOW, clean_world, planted
from opswarden.tests.apps.answers import PERSON
from opswarden.tests.apps.conftest import Cli

SETTINGS = """\
version = 1
[feature_stores.shelf]
kind = "files"
environment = "production"
[feature_stores.shelf.views.card]
keys = ["card"]
offline = ["view/offline.parquet"]
online = "view/online.parquet"
created = "written_at"
ttl_s = 172800
materialized = "view/materialized.json"
"""


@pytest.fixture(autouse=True)
def _then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("opswarden.apps.installation.SystemClock", lambda: FixedClock(NOW + timedelta(minutes=5)))


def test_from_the_command_line_both_checks_say_yes_and_no(cli: Cli, home: Path) -> None:
    assert "feature_stores" in cli("platform", "parity").err
    (home / "opswarden.toml").write_text(SETTINGS)
    write_files(clean_world(5, keys=800), home / "view")
    answer = cli("platform", "parity")
    assert (answer.code, answer.out) == (0, "card: both sides agree; all 800 keys looked at\n"), answer.err
    assert cli("platform", "freshness", "card", "--store", "shelf").code == 0
    write_files(planted("values_altered", 5, keys=800), home / "view")
    answer = cli("platform", "parity", "card")
    assert (answer.code, "1.5 times the offline value" in answer.out, "spend_7d" in answer.out) == (1, True, True)
    answer = cli("platform", "parity", "--format", "json")
    found = json.loads(answer.out)["views"]["card"]
    assert (found["agrees"], found["differences"][0]["reach"]) == (False, 150)
    assert not check_view("parity", "card", share=0.01)
    assert check_view("parity", "card", share=0.5)
    with open_installation() as installation:
        decided = {str(each.body["tool"]) for each in installation.ledger.tail(40) if each.kind == "call.decided"}
    assert decided == {"features.parity", "features.freshness", "features.views"}
    (home / "view" / "materialized.json").write_text('[["yesterday", 7]]')
    answer = cli("platform", "freshness", "card")
    assert (answer.code, "holds no intervals" in answer.err, "yesterday" in answer.err) == (3, True, False)


def test_a_backfill_waits_for_a_person_and_is_written_once(cli: Cli, home: Path) -> None:
    people = f'[people.{PERSON}]\nroles = ["oncall"]\n'
    stage = '[gate.stages.platform.production]\n"backfills.run" = "act"\n'
    (home / "opswarden.toml").write_text(SETTINGS + people + stage)
    write_files(planted("interval_skipped", 5, keys=300), home / "view")
    assert "never materialized" in " ".join(cli("platform", "parity").out.split())
    window = ("--from", "2031-03-04", "--to", "2031-03-17", "--chunk-hours", 12)
    answer = cli("platform", "backfill", "plan", "card", *window, "--out", home / "plan.json")
    assert (answer.code, "1 gaps, 2 chunks" in answer.out) == (1, True), answer.out + answer.err
    waiting = cli("platform", "backfill", "run", home / "plan.json", "--format", "json")
    assert waiting.code == 5, waiting.err
    assert cli("platform", "backfill", "status").out == "no backfill was begun here\n"
    assert cli("approvals", "approve", waiting.json["approval_id"]).code == 0
    answer = cli("platform", "backfill", "run", home / "plan.json", "--run", waiting.json["run_id"])
    assert (answer.code, "card: both sides agree" in answer.out) == (0, True), answer.out + answer.err
    assert "done, 2 of 2 chunks" in cli("platform", "backfill", "status").out
    assert cli("platform", "backfill", "plan", "card", *window).code == 0
    (home / "plan.json").write_text("[" * 100_000)
    answer = cli("platform", "backfill", "run", home / "plan.json")
    assert (answer.code, "no plan file" in answer.err) == (2, True)


def test_skew_is_told_from_logged_rows(cli: Cli, home: Path) -> None:
    logs = '[feature_stores.shelf.logs.card]\nserved = ["view/log.parquet"]\n'
    (home / "opswarden.toml").write_text(SETTINGS + logs)
    world = clean_world(9, keys=400)
    write_files(world, home / "view")
    log = pq.read_table(home / "view" / "online.parquet")
    names = ["served_at" if name == "event_time" else name for name in log.column_names]
    pq.write_table(log.rename_columns(names), home / "view" / "log.parquet")
    answer = cli("platform", "skew", "card")
    assert (answer.code, "recomputed as of each request, 400 of 400 rows" in answer.out) == (0, True), answer
    risk = pa.array([value * 100 for value in log["risk"].to_pylist()])
    log = log.rename_columns(names)
    log = log.set_column(names.index("risk"), "risk", risk)
    pq.write_table(log, home / "view" / "log.parquet")
    answer = cli("platform", "skew", "card")
    assert (answer.code, "100 times the training value" in " ".join(answer.out.split())) == (1, True), answer
