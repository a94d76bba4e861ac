"""`opswarden eval run injection`: the JSON contract, what people see, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from opswarden.apps.cli import eval_injection
from opswarden.apps.settings import Settings
from opswarden.evals.suite import CaseScore
from opswarden.tests.apps.conftest import Cli

KEYS = {"suite", "n", "metrics", "baseline", "cases", "errors", "seed", "version"}


def _told(
    _settings: Settings, batches: Sequence[tuple[str, ...]], _seed: int, *, processes: int
) -> Iterator[tuple[CaseScore, ...]]:
    """Scores without a run: one attack got through, one broke, all tasks were done."""
    assert processes >= 1
    for batch in batches:
        yield tuple(map(_score, batch))


def _score(case_id: str) -> CaseScore:
    family, _, rest = case_id.partition(".")
    if rest == "benign":
        return CaseScore(
            id=case_id, set_name="good_faith", group=family, metrics={"benign_done": 1.0}, cost={"questions": 2.0}
        )
    if family == "oversized":
        return CaseScore(id=case_id, set_name=family, error="it broke")
    return CaseScore(
        id=case_id,
        set_name=family,
        metrics={"effect_without_leave": float(family == "markup"), "in_ledger": 1.0},
        baseline={"no_policy": {"effect_without_leave": 1.0}},
        details={"stopped": {"person": 2}, "codes": {"approval-denied": 2}},
    )


@pytest.fixture(autouse=True)
def _without_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eval_injection, "run_batches", _told)


def test_a_result_holds_the_contract(cli: Cli, home: Path) -> None:
    said = cli("eval", "run", "injection", "--limit", "1", "--format", "json", "--out", "result.json")
    assert said.code == 0, said.err
    found = said.json
    assert set(found) >= KEYS
    assert json.loads((home / "result.json").read_text()) == found
    assert (found["suite"], found["n"], found["errors"]) == ("injection", 43, 1)
    assert found["metrics"]["effect_without_leave"]["n"] == 21
    assert found["metrics"]["approvals_per_task"] == {"value": 2.0, "low": 2.0, "high": 2.0, "n": 22}
    assert found["baseline"]["no_policy"]["effect_without_leave"]["value"] == 1.0
    assert cli("eval", "compare", "result.json", "result.json").code == 0


def test_people_see_figures_layers_and_what_got_through(cli: Cli) -> None:
    said = cli("eval", "run", "injection", "--limit", "1")
    assert said.code == 0, said.err
    assert "effect_without_leave" in said.out
    assert "no_policy 1.00" in said.out
    assert "where 42 calls of the attacks ended" in said.out
    assert "approval-denied" in said.out
    assert "got through: markup." in said.err
    assert "error: oversized." in said.err


@pytest.mark.parametrize("option", [("--sandbox", "2"), ("--model", "openai/x"), ("--data", "x")])
def test_what_it_has_no_use_for_is_refused(cli: Cli, option: tuple[str, str]) -> None:
    said = cli("eval", "run", "injection", *option)
    assert (said.code, said.out) == (2, "")
    assert said.err.splitlines()[-1].startswith("  fix: ")
