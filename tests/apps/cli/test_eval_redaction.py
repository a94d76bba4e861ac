"""`opswarden eval run redaction`: the JSON contract, tables for people, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from opswarden.tests.apps.conftest import Cli

KEYS = {"suite", "n", "metrics", "baseline", "cases", "errors", "seed", "version"}


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    text = "pay with 4111 1111 1111 1111 or write to zoe.quist@example.org"
    spans = [
        {"entity_type": "CREDIT_CARD", "start_position": 9, "end_position": 28},
        {"entity_type": "EMAIL_ADDRESS", "start_position": 41, "end_position": 62},
    ]
    rows = [{"full_text": text, "spans": spans}, {"full_text": "short", "spans": [{**spans[0]}]}]
    path = tmp_path / "labelled.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows))
    return path


def test_a_result_holds_the_contract(cli: Cli, labelled: Path, home: Path) -> None:
    said = cli("eval", "run", "redaction", "--data", labelled, "--format", "json", "--out", "result.json")
    assert said.code == 0, said.err
    found = said.json
    assert set(found) >= KEYS
    assert json.loads((home / "result.json").read_text()) == found
    assert (found["suite"], found["n"], found["errors"]) == ("redaction", 1, 1)
    assert all(set(metric) >= {"value", "low", "high"} for metric in found["metrics"].values())
    assert found["metrics"]["full_cover.CREDIT_CARD"]["value"] == 1.0
    assert {"presidio", "strict"} <= set(found["baseline"])
    assert {"value", "low", "high"} <= set(found["baseline"]["presidio"]["recall.EMAIL_ADDRESS"])
    assert "zoe.quist" not in json.dumps(found), "labelled text may be real"
    same = cli("eval", "compare", "result.json", "result.json")
    assert same.code == 0, same.err


def test_people_see_tables(cli: Cli, labelled: Path) -> None:
    said = cli("eval", "run", "redaction", "--data", labelled)
    assert said.code == 0, said.err
    assert "labelled data" in said.out
    assert "CREDIT_CARD" in said.out
    assert "1 cases scored, 1 errors, seed 0, version 1" in said.out
    assert "error: labelled.jsonl/text-000001" in said.err


def test_it_makes_its_own_values(cli: Cli) -> None:
    said = cli("eval", "run", "redaction", "--limit", "1")
    assert said.code == 0, said.err
    assert "planted values, recall" in said.out
    assert "wrongly masked" in said.out
    cards = next(line for line in said.out.splitlines() if line.split()[:1] == ["cards"])
    assert cards.count("1.000 [") == 3


@pytest.mark.parametrize("option", [("--sandbox", "2"), ("--model", "openai/x")])
def test_what_it_has_no_use_for_is_refused(cli: Cli, option: tuple[str, str]) -> None:
    said = cli("eval", "run", "redaction", *option)
    assert (said.code, said.out) == (2, "")
    assert said.err.splitlines()[-1].startswith("  fix: ")


def test_a_file_that_is_something_else_is_named_and_not_quoted(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "words.json"
    path.write_text("hush-hush")
    said = cli("eval", "run", "redaction", "--data", path)
    assert (said.code, said.out) == (2, "")
    assert "words.json" in said.err
    assert "hush" not in said.err
