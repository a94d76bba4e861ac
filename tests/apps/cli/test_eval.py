"""`opswarden eval run`: the JSON contract, and that a broken case is an error and no wrong answer."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from opswarden.evals.cases import Case
from opswarden.tests.apps.conftest import Cli

KEYS = {"suite", "n", "metrics", "baseline", "cases", "errors", "seed", "version"}


@pytest.fixture
def two_cases(case: Case, tmp_path: Path) -> Path:
    """One that can be triaged and one whose logs are cut off."""
    folder = tmp_path / "two"
    for name in ("one-0001", "one-0002"):
        shutil.copytree(case.folder, folder / name)
    logs = folder / "one-0002" / "snapshot" / "logs.parquet"
    logs.write_bytes(logs.read_bytes()[:-500])
    return folder


def test_a_result_holds_the_contract_and_a_broken_case_is_an_error(cli: Cli, two_cases: Path, home: Path) -> None:
    said = cli("eval", "run", "rca", "--data", two_cases, "--format", "json", "--out", "result.json")
    assert said.code == 0, said.err
    found = said.json
    assert set(found) >= KEYS
    assert json.loads((home / "result.json").read_text()) == found
    assert (found["suite"], found["n"]) == ("rca", 1)
    assert len(found["errors"]) == 1 if isinstance(found["errors"], list) else found["errors"] == 1
    for metric in found["metrics"].values():
        assert set(metric) >= {"value", "low", "high"}
    assert found["baseline"]
    assert {row["id"] for row in found["cases"]} >= {"one-0001"}
    assert not (home / "state" / "opswarden.sqlite").exists(), "an evaluation leaves the installation's ledger alone"

    same = cli("eval", "compare", "result.json", "result.json", "--format", "json")
    assert same.code == 0
    assert same.json


def test_nothing_that_can_be_scored_is_no_score(cli: Cli, two_cases: Path) -> None:
    shutil.rmtree(two_cases / "one-0001")
    said = cli("eval", "run", "rca", "--data", two_cases)
    assert said.code in (1, 2, 3)
    assert "internal error" not in said.err
    assert "top1" not in said.out


def test_a_folder_without_cases_is_named(cli: Cli, tmp_path: Path) -> None:
    said = cli("eval", "run", "rca", "--data", tmp_path)
    assert (said.code, said.out) == (2, "")
    assert said.err.splitlines()[-1].startswith("  fix: ")
