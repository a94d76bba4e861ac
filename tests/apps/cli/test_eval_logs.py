"""`opswarden eval run logs`."""

from __future__ import annotations

import json
from pathlib import Path

from opswarden.tests.apps.conftest import Cli
from opswarden.tests.evals.suites.test_logs import ROWS, write

KEYS = {"suite", "n", "metrics", "baseline", "cases", "errors", "seed", "version"}


def test_a_result_holds_the_contract(cli: Cli, home: Path) -> None:
    write(home / "sets" / "Oven_2k.log_structured.csv", ROWS)
    said = cli("eval", "run", "logs", "--data", "sets", "--format", "json", "--out", "result.json")
    assert said.code == 0, said.err
    assert set(said.json) >= KEYS
    assert json.loads((home / "result.json").read_text()) == said.json
    assert said.json["metrics"]["ga"]["value"] == 1.0
    assert said.json["baseline"]["drain3_masks"]["ga"]["n"] == 1
    assert cli("eval", "compare", "result.json", "result.json").code == 0


def test_people_see_every_log_and_the_mean(cli: Cli, home: Path) -> None:
    write(home / "sets" / "Oven_2k.log_structured.csv", ROWS)
    said = cli("eval", "run", "logs", "--data", "sets")
    assert said.code == 0, said.err
    assert "Oven" in said.out
    assert "drain3_masks 1.000" in said.out
    assert "1 logs scored, 0 errors" in said.out


def test_it_refuses_what_it_has_no_use_for(cli: Cli) -> None:
    assert cli("eval", "run", "logs").code == 2
    assert cli("eval", "run", "logs", "--data", "nowhere").code == 2
    assert cli("eval", "run", "logs", "--sandbox", "3").code == 2
